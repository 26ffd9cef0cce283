"""Accounts and limits for students' servers, as the operating system knows them."""

import contextlib
import os
import pwd
import subprocess
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def ensure_account(account, home):
    """Make a system account whose home nobody else can look into, unless it is there.

    Raises RuntimeError if the account is there with another home: it belongs to somebody.
    """
    home = Path(home)
    try:
        known = pwd.getpwnam(account)
    except KeyError:
        home.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["useradd", "--create-home", "--home-dir", str(home), "--shell",
                        "/bin/bash", "--user-group", account], check=True)  # fmt: skip
        known = pwd.getpwnam(account)
    if Path(known.pw_dir) != home or known.pw_uid == 0:
        raise RuntimeError(
            f"The account {account} is there already, with the home {known.pw_dir} instead of "
            f"{home}: choose another account_prefix, or remove the account."
        )
    home.chmod(0o700)
    return known


def control_group(controller, name, proc=Path("/proc/self/cgroup"), mounted=CGROUPS):
    """Return the path of a control group below our own for `controller`, or None if there is none.

    Version 1 has a tree for each controller, version 2 one tree, in which the controller must be
    handed down by the group above. The group is made when it can be.
    """
    for line in proc.read_text().splitlines() if proc.exists() else ():
        _, controllers, path = line.split(":", 2)
        above = mounted / path.strip("/") if not controllers else None
        if controller in controllers.split(","):
            above = mounted / controllers / path.strip("/")
        if above is None or (not controllers and not _handed_down(controller, above)):
            continue
        group = above / name
        with contextlib.suppress(OSError):
            group.mkdir(exist_ok=True)
            return group
    return None


def _handed_down(controller, above):
    handed = above / "cgroup.subtree_control"
    return handed.is_file() and controller in handed.read_text().split()


def limit_memory(group, limit):
    """Limit a control group's memory to `limit` bytes."""
    for name in ("memory.limit_in_bytes", "memory.max"):
        if (group / name).exists():
            (group / name).write_text(str(limit))


def limit_cpu(group, cores):
    """Limit a control group to the time of so many cores."""
    period = 100_000
    quota = int(cores * period)
    if (group / "cpu.max").exists():
        (group / "cpu.max").write_text(f"{quota} {period}")
    else:
        (group / "cpu.cfs_period_us").write_text(str(period))
        (group / "cpu.cfs_quota_us").write_text(str(quota))


def processes_of(uid):
    """Return the numbers of all processes of an account."""
    found = []
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and entry.stat().st_uid == uid:
                found.append(int(entry.name))
    return found
