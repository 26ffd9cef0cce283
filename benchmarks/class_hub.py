"""A JupyterHub of its own for a measurement: started on the loopback address, and cleared away."""

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import psutil
import requests

ROOT = Path(__file__).resolve().parent.parent
CONFIG = """
c = get_config()
load_subconfig({config!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.JupyterHub.spawner_class = "classroom.spawners.LimitedSpawner"
c.LimitedSpawner.account_prefix = {prefix!r}
c.LimitedSpawner.homes = {homes!r}
c.LimitedSpawner.process_limit = {processes}
c.Spawner.mem_limit = {memory!r}
c.Spawner.cpu_limit = {cpus}
c.Spawner.environment |= {{"GIT_CONFIG_SYSTEM": {gitconfig!r}}}
args = {args!r}
named = tuple(arg.split("=")[0] + "=" for arg in args)
c.Spawner.args = [arg for arg in c.Spawner.args if not arg.startswith(named)] + args
c.Authenticator.admin_users = set()
"""


def why_not(python):
    """Return why no class can be run with this Python, or None."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("useradd"):
        return "a class needs root on Linux: each student is a system account"
    folder = Path(python).parent
    if not (folder / "configurable-http-proxy").exists():
        return f"there is no configurable-http-proxy in {folder}: see classroom/README.md"
    # From nowhere, as students do not see this folder either.
    needs = "import jupyterhub, nbgitpuller, firstuseauthenticator, systemdspawner, helpers"
    done = subprocess.run([python, "-c", needs], cwd="/", capture_output=True, text=True)
    if done.returncode:
        return f"{python}: {done.stderr.strip().splitlines()[-1]}: see classroom/README.md"
    home = Path(python).resolve().parent
    for part in (folder, *folder.parents, home, *home.parents):
        if not part.stat().st_mode & 0o001:
            return f"students cannot read {python}, because {part} is closed to them"
    return None


def free_ports(count):
    """Return ports that nobody has now."""
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]


class Hub:
    """A running hub with its proxy and the course's repository; students' names and passwords.

    Use it in a `with`: at its end all of its processes, accounts and files are gone.
    """

    def __init__(self, python, names, *, memory, cpus, processes, args=()):
        self.python, self.names = python, list(names)
        self.limits = {"memory": memory, "cpus": cpus, "processes": processes}
        self.args = list(args)
        self.prefix = f"try{secrets.token_hex(2)}-"
        self.passwords = {name: secrets.token_urlsafe(12) for name in self.names}

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="class-"))
        self.folder.chmod(0o755)
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        self.homes, self.state = self.folder / "homes", self.folder / "state"
        self.homes.mkdir(mode=0o755)
        self.state.mkdir(mode=0o700)
        self.source = self.folder / "course.git"
        self._make_repository()
        public, hub, proxy = free_ports(3)
        (self.folder / "gitconfig").write_text("[safe]\n\tdirectory = *\n")
        (self.state / "students.txt").write_text("\n".join(self.names))
        config = self.state / "config.py"
        config.write_text(CONFIG.format(
            config=str(ROOT / "classroom" / "jupyterhub_config.py"), public=public, hub=hub,
            proxy=proxy, prefix=self.prefix, homes=str(self.homes), args=self.args,
            gitconfig=str(self.folder / "gitconfig"), **self.limits,
        ))  # fmt: skip
        self.address = f"http://127.0.0.1:{public}"
        left_out = ("PYTHONPATH", "VIRTUAL_ENV", "MNIST_NPZ")
        env = {key: value for key, value in os.environ.items() if key not in left_out}
        env["PATH"] = f"{Path(self.python).parent}:{env['PATH']}"
        self.log = self.state / "hub.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [self.python, "-m", "jupyterhub", "-f", str(config)], cwd=self.state, env=env,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + 120
        while True:
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"{self.address}/hub/health", timeout=5).ok:
                    return
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"The hub did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.2)

    def _make_repository(self):
        for command in (
            ["git", "init", "-q", "--bare", "-b", "main", str(self.source)],
            ["git", "-C", str(self.source), "config", "receive.shallowUpdate", "true"],
            ["git", "-C", str(ROOT), "push", "-q", str(self.source), "HEAD:refs/heads/main"],
        ):
            subprocess.run(command, check=True)

    def account(self, name):
        """Return a student's system account (pwd's entry)."""
        return pwd.getpwnam(self.prefix + name)

    def own_processes(self):
        """Return the hub's processes that are not students': hub, proxy, culler."""
        hub = psutil.Process(self.process.pid)
        return [hub, *(one for one in hub.children(recursive=True) if _uid(one) == 0)]

    def students_processes(self, name):
        """Return a student's processes."""
        uid = self.account(name).pw_uid
        return [one for one in psutil.process_iter() if _uid(one) == uid]

    def greatest_memory(self, name):
        """Return the most megabytes that a student's control group ever held, or None."""
        for path in Path("/sys/fs/cgroup").rglob(self.prefix + name):
            for kept in ("memory.max_usage_in_bytes", "memory.peak"):
                if (path / kept).exists():
                    return int((path / kept).read_text()) // 2**20
        return None

    def listening(self):
        """Return where the class's processes listen, as "node 127.0.0.1:8000"."""
        ours = self.own_processes()
        for name in self.names:
            with contextlib.suppress(KeyError):  # no account yet
                ours += self.students_processes(name)
        found = set()
        for one in ours:
            with contextlib.suppress(psutil.Error):
                places = [each.laddr for each in one.net_connections() if each.status == "LISTEN"]
                found |= {f"{one.name()} {place.ip}:{place.port}" for place in places}
        return sorted(found)

    def __exit__(self, *_):
        process = getattr(self, "process", None)
        if process and process.poll() is None:
            left = self.own_processes()
            process.terminate()
            for one in psutil.wait_procs(left, 60)[1]:
                one.kill()
            process.wait()
        for entry in pwd.getpwall():
            if entry.pw_name.startswith(self.prefix):
                for one in (one for one in psutil.process_iter() if _uid(one) == entry.pw_uid):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        one.kill()
                subprocess.run(["userdel", "--force", entry.pw_name], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def _uid(process):
    try:
        return process.uids().real
    except psutil.Error:
        return None


class Watch(threading.Thread):
    """Looks at memory, processor time and threads of students' processes all the time; use `with`.

    Memory is counted in proportional shares (PSS): a page of TensorFlow that twelve kernels share
    counts a twelfth for each. `private` is what would be free if this student left.
    """

    def __init__(self, hub, names):
        super().__init__(daemon=True)
        self.hub, self.names, self.ended = hub, names, threading.Event()
        self.peak, self.most, self.cpu, self.cpu_before = {"total": 0.0}, {}, {}, {}

    def __enter__(self):
        self.look()
        self.cpu_before = {name: sum(spent.values()) for name, spent in self.cpu.items()}
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()
        self.look()

    def run(self):
        """Look every second or so, until the end."""
        while not self.ended.wait(1.5):
            self.look()

    def look(self):
        """Look once."""
        students = {name: self._sum(name) for name in self.names}
        base = sum(_of(one)["pss"] for one in self.hub.own_processes())
        total = base + sum(one["pss"] for one in students.values())
        if total > self.peak["total"]:
            private = sum(one["private"] for one in students.values())
            self.peak = {"total": total, "once": total - private}
        for name, one in students.items():
            most = self.most.get(name, one)
            self.most[name] = {key: max(value, most[key]) for key, value in one.items()}

    def cpu_seconds(self, name):
        """Return a student's processor seconds so far; those of processes that ended count, too."""
        return sum(self.cpu[name].values()) - self.cpu_before[name]

    def _sum(self, name):
        found = {}
        with contextlib.suppress(KeyError):  # one who did not arrive has no account
            found = {one.pid: _of(one) for one in self.hub.students_processes(name)}
        self.cpu.setdefault(name, {}).update({pid: one["cpu"] for pid, one in found.items()})
        keys = ("pss", "private", "threads")
        return {key: sum(one[key] for one in found.values()) for key in keys}


def _of(process):
    """Return a process's proportional and private megabytes, its threads and its seconds."""
    try:
        memory, times = process.memory_full_info(), process.cpu_times()
        return {"pss": memory.pss / 2**20, "private": memory.uss / 2**20,
                "threads": process.num_threads(), "cpu": times.user + times.system}  # fmt: skip
    except psutil.Error:  # it has ended
        return dict.fromkeys(("pss", "private", "threads", "cpu"), 0)
