"""The walls around a student's process: `enter` is the first thing that it runs.

Each wall is put up where the system has it, and left out where it has not:

- limits of the system on memory, the size of a file, and processes (Linux, macOS);
- namespaces of its own (Linux): no network, no other process to be seen or ended, every file
  read-only but those of its own folder, and all its processes end with the first;
- Landlock (Linux 5.13 and later): no file can be read but Python's, the system's and its own, so
  neither solutions, other students' notebooks nor the gradebook; without the namespaces, too.

`python classroom/grading/sandbox.py` says which of them this computer has.
"""

import contextlib
import ctypes
import os
import signal
import struct
import sys
from pathlib import Path

MEMORY = 6 * 2**30  # bytes that a process may ask for; TensorFlow asks for 2 GB
FILE = 200 * 2**20  # bytes of one file

_NEW_USER, _NEW_PID, _NEW_NET, _NEW_MOUNT, _NEW_IPC = (
    0x10000000, 0x20000000, 0x40000000, 0x00020000, 0x08000000,
)  # fmt: skip
_PRIVATE, _BIND, _RECURSIVE, _READ_ONLY, _AT_RECURSIVE = 1 << 18, 4096, 16384, 1, 0x8000
_SETATTR = 442
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_NO_NEW_PRIVILEGES, _END_WITH_PARENT, _DROP_BOUND = 38, 1, 24


def enter(own: Path, readable: list[Path]) -> list[str]:
    """Put up the walls around this process, and go on in a child of it.

    Parameters
    ----------
    own : Path
        The one folder that may be written to.
    readable : list of Path
        What may be read, beside Python and the system.

    Returns
    -------
    list of str
        The walls that stand: "limits", "namespaces", "landlock".
    """
    if os.name == "nt":
        return []
    stand = []
    limit()
    stand.append("limits")
    apart = sys.platform == "linux" and _namespaces(own)
    if apart:
        stand.append("namespaces")
        # A namespace ends with its first process, and nothing in it can end that one.
        _leave_to_child()
    # In between stands a process of ours: what ends its parent ends that one, not the judge.
    _leave_to_child()
    os.chdir(own)
    if sys.platform == "linux":
        _without_privileges(apart)
        if _landlock(own, readable):
            stand.append("landlock")
    return stand


def limit() -> None:
    """Limit memory, files, processes and the core dump."""
    import resource

    for name, value in (
        ("RLIMIT_DATA", MEMORY), ("RLIMIT_FSIZE", FILE),
        ("RLIMIT_CORE", 0), ("RLIMIT_NOFILE", 1024),
    ):  # fmt: skip
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        with contextlib.suppress(OSError, ValueError):
            _, hard = resource.getrlimit(kind)
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))


def _leave_to_child():
    """Fork: the child goes on; this process waits for it, ends as it did, and with its parent."""
    _end_with_parent()
    if child := os.fork():
        for ours in (0, 1, 2):
            with contextlib.suppress(OSError):
                os.close(ours)
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(which, signal.SIG_IGN)
        while True:
            try:
                pid, status = os.wait()
            except OSError:
                os._exit(1)
            if pid == child:
                os._exit(os.waitstatus_to_exitcode(status) & 0x7F)
    _end_with_parent()


def _end_with_parent():
    if sys.platform == "linux":
        _libc().prctl(_END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


# --- Linux's namespaces ---------------------------------------------------------------------------


def _libc():
    return ctypes.CDLL(None, use_errno=True)


def _namespaces(own):
    """Go into namespaces of our own; False where the system does not allow it."""
    libc = _libc()
    uid, gid = os.getuid(), os.getgid()
    wanted = _NEW_USER | _NEW_PID | _NEW_NET | _NEW_MOUNT | _NEW_IPC
    if libc.unshare(wanted) != 0:
        return False
    try:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    except OSError:
        return False
    here = os.fsencode(own)
    libc.mount(None, b"/", None, _RECURSIVE | _PRIVATE, None)
    if libc.mount(here, here, None, _BIND, None) == 0:
        _set_attributes(libc, b"/", _AT_RECURSIVE, struct.pack("QQQQ", _READ_ONLY, 0, 0, 0))
        _set_attributes(libc, here, 0, struct.pack("QQQQ", 0, _READ_ONLY, 0, 0))
    return True


def _set_attributes(libc, path, flags, attributes):
    libc.syscall(_SETATTR, -100, path, flags, attributes, len(attributes))


def _without_privileges(apart):
    """Give up what a new namespace grants within it: nothing can be mounted anew."""
    libc = _libc()
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if apart:
        for capability in range(64):
            libc.prctl(_DROP_BOUND, capability, 0, 0, 0)
        libc.capset(struct.pack("Ii", 0x20080522, 0), struct.pack("6I", *[0] * 6))


# --- Landlock -------------------------------------------------------------------------------------

_FILE_RIGHTS = 0b1000000000000111 | 1 << 14  # execute, write, read, ioctl, truncate
_READ = 0b1101  # execute, read a file, read a folder


def _landlock(own, readable):
    """Let this process, and all that it starts, reach these folders alone; False where not."""
    libc = _libc()
    version = libc.syscall(_CREATE, None, 0, 1)
    if version < 1:
        return False
    rights = (1 << (13 + sum(version >= n for n in (2, 3, 5)))) - 1
    network = 0b11 if version >= 4 else 0
    scope = 0b11 if version >= 6 else 0
    attributes = struct.pack("QQQ", rights, network, scope)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = libc.syscall(_CREATE, attributes, size, 0)
    if rules < 0:
        return False
    devices = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
    try:
        _allow(libc, rules, own, rights)
        for path in devices:
            _allow(libc, rules, Path(path), rights & 0b110)
        for path in [*_of_python(), *_of_the_system(), *readable]:
            _allow(libc, rules, path, rights & _READ)
        return libc.syscall(_RESTRICT, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(libc, rules, path, rights):
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not path.is_dir():
        rights &= _FILE_RIGHTS
    libc.syscall(_ADD, rules, 1, struct.pack("=Qi", rights, place), 0)
    os.close(place)


def _of_python():
    """Return the folders of this Python and of its packages, the course's own folder left out."""
    course = Path(__file__).resolve().parent
    places = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent}
    places |= {
        Path(one) for one in sys.path if Path(one).name in ("site-packages", "dist-packages")
    }
    places.add(course)
    return sorted(places)


def _of_the_system():
    names = ("usr", "lib", "lib32", "lib64", "bin", "sbin", "etc", "proc", "sys", "nix")
    return [Path("/", name) for name in names] + [Path("/run/systemd/resolve")]


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        reading, writing = os.pipe()
        if not os.fork():
            walls = enter(Path(folder), [])
            os.write(writing, ", ".join(walls).encode())
            os._exit(0)
        os.close(writing)
        found = os.read(reading, 1000).decode().split(", ")
        os.wait()
    for name in ("limits", "namespaces", "landlock"):
        print(f"{name}: {'yes' if name in found else 'no'}")
