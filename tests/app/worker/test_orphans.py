import subprocess
import sys

SCRIPT = """
import ctypes, multiprocessing, os, subprocess, time
from app.worker import Orphans

ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: as a container's first process
subprocess.run(["/bin/sh", "-c", "for each in 1 2 3; do (exec true) & done"], check=True)
process = multiprocessing.get_context("fork").Process(target=int)
process.start()
orphans = Orphans()
for _ in range(1000):
    if orphans.tick() > 1 and not multiprocessing.active_children():
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            break
    time.sleep(0.01)
print("buried", process.exitcode)
"""


def test_orphans_are_buried_and_the_models_processes_are_not_stolen() -> None:
    ended = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "buried 0\n"
