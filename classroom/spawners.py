"""Servers that run as a system account of their own, made when a student first logs in.

`OwnAccountSpawner` leaves the limits to systemd. `LimitedSpawner` sets them where systemd does not
run: with control groups where those can be written to, else by the limits of a process.
"""

import asyncio
import contextlib
import os
import pwd
import resource
import signal
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner, set_user_setuid
from systemdspawner import SystemdSpawner
from traitlets import Integer, Unicode

from classroom.limits import control_group, ensure_account, limit_cpu, limit_memory, processes_of


class OwnAccountSpawner(SystemdSpawner):
    """systemd's limits, and an account for each student, as in The Littlest JupyterHub."""

    account_prefix = Unicode("class-", help="Goes before a student's name.").tag(config=True)
    homes = Unicode("/home", help="The folder of all homes.").tag(config=True)

    async def start(self):
        """Make the account, then start."""
        account = self.account_prefix + self.user.name
        ensure_account(account, Path(self.homes) / account)
        self.username_template = account
        return await super().start()


class LimitedSpawner(LocalProcessSpawner):
    """Limits without systemd, and an account for each student.

    Memory (`mem_limit`) and processor time (`cpu_limit`) are limited for all processes of a student
    together where control groups can be written to. Elsewhere the memory limit holds for each
    process, and `cpu_limit` is not held. `process_limit` always holds, for processes and threads.
    """

    account_prefix = Unicode("class-", help="Goes before a student's name.").tag(config=True)
    homes = Unicode("/home", help="The folder of all homes.").tag(config=True)
    process_limit = Integer(400, help="Processes and threads of a student.").tag(config=True)

    @property
    def account(self):
        """The system account's name."""
        return self.account_prefix + self.user.name

    @property
    def home(self):
        """The account's home."""
        return Path(self.homes) / self.account

    def user_env(self, env):
        """Say whose home it is, and keep sockets there: nothing isolates /tmp here."""
        run = self.home / ".run"
        return env | {"USER": self.account, "HOME": str(self.home), "SHELL": "/bin/bash",
                      "JUPYTER_RUNTIME_DIR": str(run)}  # fmt: skip

    def make_preexec_fn(self, name):
        """Return what the new process does before it becomes the student's server."""
        become = set_user_setuid(self.account)
        joined = [group / "cgroup.procs" for group in self._groups()]
        processes, memory = self.process_limit, self.mem_limit
        by_process = memory and not self._group("memory")

        def before():
            for procs in joined:
                procs.write_text(str(os.getpid()))
            resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
            if by_process:
                resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
            os.umask(0o077)
            become()

        return before

    async def start(self):
        """Make the account and its limits, then start."""
        ensure_account(self.account, self.home)
        if self.mem_limit and (group := self._group("memory")):
            limit_memory(group, self.mem_limit)
        if self.cpu_limit and (group := self._group("cpu")):
            limit_cpu(group, self.cpu_limit)
        return await super().start()

    async def stop(self, now=False):
        """Stop the server, and whatever else the student has left running."""
        await super().stop(now=now)
        uid = pwd.getpwnam(self.account).pw_uid
        for _ in range(20):  # a process that forks may be ahead of us for a while
            left = processes_of(uid)
            if not left:
                break
            for process in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            await asyncio.sleep(0.1)
        for group in self._groups():
            with contextlib.suppress(OSError):
                group.rmdir()

    def _groups(self):
        return [group for name in ("memory", "cpu") if (group := self._group(name))]

    def _group(self, controller):
        return control_group(controller, self.account)
