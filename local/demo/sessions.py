"""The sessions of everybody in the demo, each opened once."""

from dataclasses import dataclass, field

from local.emulator.clients import Clients
from local.emulator.sessions import Role
from local.stack import LocalStack, Outputs


@dataclass(frozen=True)
class Sessions:
    """Sessions on a deployed stack.

    Args:
        stack: The stack.
        outputs: Its outputs.
    """

    stack: LocalStack
    outputs: Outputs
    _opened: dict[Role, dict[str, str]] = field(default_factory=dict)

    @property
    def queue_url(self) -> str:
        """The queue."""
        return str(self.outputs["predictions_queue_url"])

    @property
    def dlq_url(self) -> str:
        """The dead-letter queue."""
        return str(self.outputs["predictions_dlq_url"])

    def environment(self, role: Role) -> dict[str, str]:
        """The variables of a role's session."""
        if role not in self._opened:
            self._opened[role] = self.stack.environment(role, self.outputs)
        return self._opened[role]

    def clients(self, role: Role, *, inside_vpc: bool | None = None) -> Clients:
        """Clients with a role's session.

        Args:
            role: Whose.
            inside_vpc: Whether they come through the VPC endpoint; by default, as the role usually does.
        """
        environment = self.environment(role)
        if inside_vpc is not None:
            emulator = self.stack.emulator
            environment = environment | {"AWS_ENDPOINT_URL": emulator.vpc_url if inside_vpc else emulator.public_url}
        return Clients(environment)
