"""The walls around a student's process: bubblewrap's namespaces, and a control group for memory.

In the box there is no network, no other process and no file but Python's, the system's programs and
the course's helpers, all of them read-only. What is written lies in memory, and ends with the box.

    uv run python classroom/grading/box.py

says whether this system has the walls. Where it has not, nothing of a student's is run.
"""

import atexit
import contextlib
import functools
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from classroom import limits  # noqa: E402 - found from here, wherever this is run

# No more of /etc than what programs look up to start: none of it says anything about the system.
SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"),
    *("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime"),
)
WALLS = (
    *("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"),
    *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/home/student"),
)
NAME = f"sheet-grading-{os.getpid()}"  # of this process's control groups
ENVIRONMENT = {
    "HOME": "/home/student", "USER": "student", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin",
    "MPLCONFIGDIR": "/tmp/matplotlib", "MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1", "SHEET_OFFLINE": "1", "SHEET_PROGRESS": "off", "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2",
}  # fmt: skip


class NoWallsError(RuntimeError):
    """Nothing holds a student's process on this system; the message says what is missing."""


def command(program: list[str], memory: int, processes: int) -> list[str]:
    """Return the command that runs a program in a box.

    Parameters
    ----------
    program : list of str
        The program and its arguments.
    memory : int
        Bytes of all its processes and files together.
    processes : int
        How many processes and threads it may have.
    """
    python = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parents[1])}
    inside = {place: place for place in python if not place.startswith("/usr")} | {
        ROOT / "helpers": "/course/helpers",
        ROOT / "rnnscope" / "src" / "rnnscope": "/course/rnnscope",
        ROOT / "pyproject.toml": "/course/pyproject.toml",
        HERE / "student.py": "/course/student.py",
        HERE / "values.py": "/course/values.py",
    }
    for fonts in Path.home().glob(".cache/matplotlib/fontlist-*.json"):  # saves it seconds
        inside[fonts] = f"/tmp/matplotlib/{fonts.name}"
    binds = [part for place in SYSTEM for part in ("--ro-bind-try", place, place)]
    binds += [part for pair in inside.items() for part in ("--ro-bind", *map(str, pair))]
    # The answers that the checks know stay outside.
    stub = [str(HERE / "checks_stub.py"), "/course/helpers/checks/__init__.py"]
    binds += ["--tmpfs", "/course/helpers/checks", "--ro-bind", *stub]
    box = ["bwrap", *WALLS, *binds, "--chdir", "/home/student", *program]
    return [*_held(memory, processes), *box]


@functools.cache
def check() -> None:
    """Raise NoWallsError where a program cannot be run in a box."""
    if not shutil.which("bwrap"):
        raise NoWallsError(
            "students' notebooks run behind the walls of bubblewrap, which is for Linux: install "
            "it (sudo apt install bubblewrap), or grade in a Linux container or virtual machine."
        )
    program = command(["true"], 2**30, 100)
    tried = subprocess.run(program, capture_output=True, text=True, env=ENVIRONMENT)
    if tried.returncode:
        said = tried.stderr.strip() or f"it ended with {tried.returncode}"
        raise NoWallsError(f"bubblewrap cannot put up its walls on this system: {said}")


def _held(memory, processes):
    """Return what goes before a command, so that a control group holds it."""
    # What earlier boxes left charged to their group may be above another limit.
    name = f"{NAME}-{memory}"
    groups = [limits.control_group(controller, name) for controller in ("memory", "pids")]
    if all(groups):
        limits.limit_memory(groups[0], memory)
        (groups[1] / "pids.max").write_text(str(processes))
        joins = " && ".join(f'echo $$ > "{group}/cgroup.procs"' for group in dict.fromkeys(groups))
        return ["sh", "-c", f'{joins} && exec "$@"', "sh"]
    if not shutil.which("systemd-run"):
        raise NoWallsError(
            "nothing here can limit memory: that takes systemd, or control groups that can be "
            "written to."
        )
    wanted = (f"MemoryMax={memory}", "MemorySwapMax=0", f"TasksMax={processes}")
    user = [] if os.getuid() == 0 else ["--user"]
    return ["systemd-run", "-q", "--scope", *user, *(f"--property={one}" for one in wanted)]


@atexit.register
def _clear():
    """Remove this process's control groups, which are busy until the last box has ended."""
    for group in [*limits.CGROUPS.glob(f"**/{NAME}-*")]:
        for _ in range(40):
            with contextlib.suppress(OSError):
                group.rmdir()
                break
            time.sleep(0.05)


if __name__ == "__main__":
    try:
        check()
    except NoWallsError as missing:
        sys.exit(f"No: {missing}")
    print("Yes: bubblewrap and a control group hold a student's notebook here.")
