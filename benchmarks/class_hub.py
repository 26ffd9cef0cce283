"""A JupyterHub of its own for a measurement: started on the loopback address, and cleared away."""

import contextlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

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
NEEDS = (
    ("JupyterHub", "jupyterhub, nbgitpuller, jupyterhub_idle_culler, firstuseauthenticator"),
    ("JupyterHub's spawner", "systemdspawner"),
    ("the course", "helpers.cells, ipywidgets, keras, tensorflow"),
)
FIND = """
import importlib.util, sys
sys.exit(", ".join(n for n in sys.argv[1].split(", ") if not importlib.util.find_spec(n)))
"""


def why_not(python):
    """Return why no class can be run with this Python, or None."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("useradd"):
        return "a class needs root on Linux: each student is a system account"
    bin_folder = Path(python).parent
    if not (bin_folder / "configurable-http-proxy").exists():
        return f"there is no configurable-http-proxy in {bin_folder}: see classroom/README.md"
    for what, names in NEEDS:
        # From nowhere: students do not see this folder either.
        done = subprocess.run([python, "-c", FIND, names], cwd="/", capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"]})  # fmt: skip
        if done.stderr.strip():
            told = done.stderr.strip().splitlines()[-1]
            return f"{python} lacks {what} ({told}): see classroom/README.md"
    done = subprocess.run([python, "-c", "import helpers; print(helpers.__file__)"], cwd="/",
                          capture_output=True, text=True, check=True)  # fmt: skip
    if not Path(done.stdout.strip()).parents[1].joinpath("notebooks").is_dir():
        return "the course was installed without its lessons' files: see classroom/README.md (-e)"
    base = subprocess.run([python, "-c", "import sys; print(sys.base_prefix)"], check=True,
                          capture_output=True, text=True).stdout.strip()  # fmt: skip
    for folder in (Path(base), bin_folder.parent):
        for part in (folder, *folder.parents):
            if not part.stat().st_mode & 0o001:
                return f"students cannot read {folder}, because {part} is closed to them"
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
        """Return the numbers of the hub's processes that are not students': hub, proxy, culler."""
        found = {self.process.pid}
        children = {}
        for number in _processes():
            with contextlib.suppress(OSError):
                if Path(f"/proc/{number}").stat().st_uid == 0:
                    children.setdefault(_parent(number), []).append(number)
        new = [self.process.pid]
        while new:
            new = [child for one in new for child in children.get(one, ())]
            found.update(new)
        return found

    def students_processes(self, name):
        """Return the numbers of a student's processes."""
        uid, found = self.account(name).pw_uid, []
        for number in _processes():
            with contextlib.suppress(OSError):
                if Path(f"/proc/{number}").stat().st_uid == uid:
                    found.append(number)
        return found

    def greatest_memory(self, name):
        """Return the most megabytes that a student's control group ever held, or None."""
        for number in self.students_processes(name):
            for line in Path(f"/proc/{number}/cgroup").read_text().splitlines():
                _, controllers, path = line.split(":", 2)
                folder = Path("/sys/fs/cgroup", controllers, path.strip("/"))
                for kept in ("memory.max_usage_in_bytes", "memory.peak"):
                    if folder.name.startswith(self.prefix) and (folder / kept).exists():
                        return int((folder / kept).read_text()) // 2**20
        return None

    def listening(self):
        """Return where the class's processes listen: (process, protocol, address), by `ss`."""
        ours = set(self.own_processes())
        for name in self.names:
            with contextlib.suppress(KeyError):
                ours.update(self.students_processes(name))
        told = subprocess.run(["ss", "-ltunpH"], check=True, capture_output=True, text=True).stdout
        found = []
        for line in told.splitlines():
            numbers = {int(part.split(",")[0]) for part in line.split("pid=")[1:]}
            if numbers & ours:
                fields = line.split()
                who = line.split('(("')[1].split('"')[0]
                found.append((who, fields[0], fields[4]))
        return found

    def __exit__(self, *_):
        process = getattr(self, "process", None)
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                for number in self.own_processes():
                    os.kill(number, signal.SIGKILL)
                process.wait()
        for entry in pwd.getpwall():
            if entry.pw_name.startswith(self.prefix):
                subprocess.run(["userdel", entry.pw_name], check=False)
                _end_all(entry.pw_uid)
        shutil.rmtree(self.folder, ignore_errors=True)


def _end_all(uid):
    for _ in range(20):
        left = [n for n in _processes() if _uid(n) == uid]
        if not left:
            return
        for number in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        time.sleep(0.1)


def _uid(number):
    try:
        return Path(f"/proc/{number}").stat().st_uid
    except OSError:
        return None


def _processes():
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _parent(number):
    return int(Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[1])


class Watch(threading.Thread):
    """Looks at memory, processor time and threads of all students every second or so.

    Memory is counted in proportional shares (PSS): a page of TensorFlow that twelve kernels share
    counts a twelfth for each. `private` is what would be free if this student left.
    """

    def __init__(self, hub, every=1.5):
        super().__init__(daemon=True)
        self.hub, self.every, self.ended = hub, every, threading.Event()
        self.lock = threading.Lock()
        self.cpu = {}
        self.fresh()

    def fresh(self, names=None):
        """Begin a new stretch: the greatest values are forgotten; `names` are summed (all)."""
        with self.lock:
            self.names = list(names or self.hub.names)
            self.peak = {"total": 0.0}
            self.most = {}
            self.cpu_before = {name: sum(spent.values()) for name, spent in self.cpu.items()}

    def run(self):
        """Look until `stop`."""
        while not self.ended.wait(self.every):
            self.look()

    def look(self):
        """Look once."""
        students = {name: self._sum(name) for name in self.hub.names}
        base = sum(_memory(number)[0] for number in self.hub.own_processes())
        total = base + sum(students[name]["pss"] for name in self.names)
        with self.lock:
            if total > self.peak["total"]:
                self.peak = {"total": total, "base": base, "students": students}
            for name, one in students.items():
                most = self.most.setdefault(name, dict.fromkeys(one, 0))
                for key, value in one.items():
                    most[key] = max(most[key], value)

    def cpu_seconds(self, name):
        """Return a student's processor seconds since `fresh`."""
        return sum(self.cpu.get(name, {}).values()) - self.cpu_before.get(name, 0)

    def stop(self):
        """End the thread."""
        self.ended.set()
        self.join()

    def _sum(self, name):
        try:
            numbers = self.hub.students_processes(name)
        except KeyError:  # no account yet
            numbers = []
        sums = {"pss": 0.0, "private": 0.0, "threads": 0}
        for number in numbers:
            pss, private = _memory(number)
            sums["pss"] += pss
            sums["private"] += private
            with contextlib.suppress(OSError, ValueError):
                fields = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()
                sums["threads"] += int(fields[17])
                ticks = int(fields[11]) + int(fields[12])
                self.cpu.setdefault(name, {})[number] = ticks / os.sysconf("SC_CLK_TCK")
        return sums


def _memory(number):
    """Return a process's proportional and private megabytes."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return 0.0, 0.0
    kb = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return kb["Pss"] / 1024, (kb["Private_Clean"] + kb["Private_Dirty"]) / 1024


def versions(python):
    """Return the versions of what makes the class."""
    code = """
import importlib.metadata as m, json
names = ("jupyterhub", "jupyterlab", "nbgitpuller", "jupyterhub-idle-culler", "tensorflow")
print(json.dumps({n: m.version(n) for n in names}))
"""
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    proxy = subprocess.run([str(Path(python).parent / "configurable-http-proxy"), "--version"],
                           check=True, capture_output=True, text=True).stdout.strip()  # fmt: skip
    return found | {"configurable-http-proxy": proxy}
