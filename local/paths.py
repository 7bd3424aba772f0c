"""Where everything local lives: one ignored folder of the project, never the user's home.

Standard library only, since it is read before any environment exists, and by both environments.
"""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class LocalPaths:
    """The folders of one local account.

    Args:
        project: The checkout; tools (environments, binaries, plugins) are shared by all that run from it.
        run: The folder of one local account: its emulator, its stack's state, its demo. Tests take one each.
    """

    project: Path = PROJECT
    run: Path = PROJECT / ".local"

    @property
    def tools(self) -> Path:
        """The ignored folder that holds all that set-up installs."""
        return self.project / ".local"

    @property
    def environment(self) -> Path:
        """The project's virtual environment: program, pack, application, tests."""
        return self.tools / "env"

    @property
    def emulator_environment(self) -> Path:
        """The emulator's own virtual environment, since MiniStack pins botocore."""
        return self.tools / "emulator-env"

    @property
    def binaries(self) -> Path:
        """`pulumi`, its language host and `aws`, to be put first on PATH."""
        return self.tools / "bin"

    @property
    def pulumi_home(self) -> Path:
        """The local stack's own PULUMI_HOME, so that a real deployment never finds the local provider plugin."""
        return self.tools / "pulumi-home"

    @property
    def engine(self) -> Path:
        """Where the engine is downloaded or built."""
        return self.tools / "engine"

    @property
    def logs(self) -> Path:
        """What pip and the engine's download or build have said."""
        return self.tools / "logs"

    @property
    def state(self) -> Path:
        """The file backend that holds the local stack's state."""
        return self.run / "state"

    @property
    def emulator(self) -> Path:
        """The emulator's process record and logs."""
        return self.run / "emulator"

    @property
    def decisions(self) -> Path:
        """What the running emulator has decided about access, one event a line; once full, the older half is beside."""
        return self.emulator / "decisions.jsonl"

    @property
    def journal(self) -> Path:
        """What a durable emulator keeps of its account; to be deleted, while none runs, for an empty one."""
        return self.emulator / "account.journal"

    @property
    def demo(self) -> Path:
        """The demo's prediction store and logs."""
        return self.run / "demo"

    @property
    def database_url(self) -> str:
        """The application's database on the local stack."""
        return f"sqlite:///{self.demo / 'predictions.sqlite3'}"

    @property
    def setup_lock(self) -> Path:
        """Held while tools are being installed."""
        return self.tools / "setup.lock"

    @property
    def run_lock(self) -> Path:
        """Held by whatever changes this local account."""
        return self.run / "run.lock"
