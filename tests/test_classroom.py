"""A class on one server: what its files say agrees, and a small class really runs on a hub.

The class needs root on Linux, JupyterHub, nbgitpuller and configurable-http-proxy:
SHEET_CLASS_PYTHON names a Python that has them and the course (see classroom/README.md).
"""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.parse

import pytest
import yaml
from traitlets.config.loader import PyFileConfigLoader

from helpers import address
from helpers.course import LESSONS
from tests.notebook_tools import ROOT

CLASSROOM, RESULTS = ROOT / "classroom", ROOT / "benchmarks" / "results"
sys.path.insert(0, str(ROOT / "benchmarks"))

import class_hub  # noqa: E402
import class_student  # noqa: E402
import results_page  # noqa: E402
import try_class as benchmark  # noqa: E402

README = (CLASSROOM / "README.md").read_text(encoding="utf-8")
VALUES = yaml.safe_load((CLASSROOM / "z2jh" / "values.yaml").read_text(encoding="utf-8"))
FIRST = LESSONS[1]


def read_config(name):
    return PyFileConfigLoader(name, path=str(CLASSROOM)).load_config()


def megabytes(size):
    return float(size[:-1]) * {"M": 1, "G": 1024}[size[-1]]


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "students.txt").write_text("anna\nbo\n")
    tmp_path.chmod(0o700)
    return read_config("jupyterhub_config.py")


@pytest.fixture(scope="module")
def measured():
    return json.loads((RESULTS / "classroom.json").read_text())["result"]


# --- the hub's files ---------------------------------------------------------------------------


def test_nothing_listens_beyond_the_machine_and_only_the_list_is_let_in(config):
    places = (config.JupyterHub.bind_url, config.JupyterHub.hub_bind_url,
              config.ConfigurableHTTPProxy.api_url)  # fmt: skip
    hosts = [urllib.parse.urlsplit(place).hostname for place in places]
    assert [*hosts, config.Spawner.ip] == ["127.0.0.1"] * 4
    assert VALUES["proxy"]["service"]["type"] == "ClusterIP"
    assert VALUES["singleuser"]["networkPolicy"]["enabled"]
    assert config.Authenticator.allowed_users == {"anna", "bo"}
    assert config.JupyterHub.authenticator_class == "firstuse"
    assert "allow_all" not in config.Authenticator
    pattern = config.Authenticator.username_pattern
    assert re.match(pattern, "anna") and not re.match(pattern, "../anna")
    assert not re.match(pattern, "a" * 21)  # Linux takes 32 letters, the prefix is among them


def test_a_folder_without_a_list_or_open_to_others_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o700)
    with pytest.raises(FileNotFoundError, match="write one name a line"):
        read_config("jupyterhub_config.py")
    tmp_path.chmod(0o755)
    with pytest.raises(PermissionError, match="chmod 700"):
        read_config("jupyterhub_config.py")


def test_kubernetes_and_systemd_get_what_one_machine_gets(config):
    single, spawner = VALUES["singleuser"], config.Spawner
    assert single["memory"] == {"guarantee": spawner.mem_guarantee, "limit": spawner.mem_limit}
    assert single["cpu"]["limit"] == spawner.cpu_limit
    threads = {k: v for k, v in spawner.environment.items() if k.endswith("_THREADS")}
    assert single["extraEnv"] == threads
    assert single["defaultUrl"] == spawner.default_url
    given = dict(arg.removeprefix("--").split("=") for arg in spawner.args)
    assert given.pop("KernelManager.transport") == "ipc"
    files = single["extraFiles"]["kernels"]["data"]
    assert given == {f"{a}.{b}": str(value) for a in files for b, value in files[a].items()}
    assert 0 < int(given["MappingKernelManager.cull_idle_timeout"]) <= 3600
    [culler] = config.JupyterHub.services
    assert culler["command"][-1] == f"--timeout={VALUES['cull']['timeout']}"
    assert VALUES["hub"]["concurrentSpawnLimit"] == config.JupyterHub.concurrent_spawn_limit
    assert single["startTimeout"] == spawner.start_timeout
    tasks = int(config.SystemdSpawner.unit_extra_properties["TasksMax"])
    assert tasks == config.LimitedSpawner.process_limit and config.SystemdSpawner.isolate_tmp
    command = single["lifecycleHooks"]["postStart"]["exec"]["command"][-1]
    link = urllib.parse.parse_qs(urllib.parse.urlsplit(address.pull("https://x", FIRST.name)).query)
    asked = [link[key][0] for key in ("repo", "branch", "targetpath")]
    assert command.split() == ["gitpuller", *asked, "||", "true"]
    image = f"{single['image']['name']}:{address.tag()}"
    assert single["image"]["tag"] == address.tag()
    assert f"--tag {image} classroom" in (CLASSROOM / "Dockerfile").read_text(encoding="utf-8")


def test_limits_have_room_for_what_was_measured(config, measured):
    training = json.loads((RESULTS / "class_training.json").read_text())["result"]
    assert [row["lesson"] for row in training["lessons"]] == [6, 7, 8, 9]
    for row in [*measured["lessons"], *training["lessons"]]:
        assert row["finished"] == row["students"]
        assert row["private_mb"] < megabytes(config.Spawner.mem_guarantee)
        assert 1.25 * row["private_most_mb"] < megabytes(config.Spawner.mem_limit)
        assert 2 * row["threads_most"] < config.LimitedSpawner.process_limit
    assert measured["beyond_loopback"] == measured["seen_of_another"] == []
    assert all(measured["pull_again"].values()) and not measured["arrival"]["failed"]


# --- the link and the page ---------------------------------------------------------------------


def run_links(*arguments):
    return subprocess.run([sys.executable, CLASSROOM / "links.py", *arguments],
                          capture_output=True, text=True, check=False)  # fmt: skip


def test_the_command_prints_links_that_open_a_lesson_in_the_copy_they_make():
    done = run_links("https://hub.example.org/", "4", "1", "--repository", "https://x.org/my/copy")
    links = re.findall(r"^https://.*$", done.stdout, re.MULTILINE)
    for link, number in zip(links, (1, 4), strict=True):
        parts = urllib.parse.urlsplit(link)
        assert parts.netloc == "hub.example.org" and parts.path == "/hub/user-redirect/git-pull"
        asked = {key: value for key, [value] in urllib.parse.parse_qs(parts.query).items()}
        assert asked["repo"] == "https://x.org/my/copy"
        folder, path = asked["urlpath"].removeprefix("lab/tree/").split("/", 1)
        assert folder == asked["targetpath"] and (ROOT / path).stem == LESSONS[number].name
        assert (ROOT / path).is_file()
    done = run_links("http://127.0.0.1:8000", "1", "--repository", str(ROOT))
    assert urllib.parse.quote(f"file://{ROOT}", safe="") in done.stdout


@pytest.mark.parametrize("hub", ["hub.example.org", "", "https://", "https://x.org/?a=b"])
def test_what_is_no_address_of_a_hub_is_refused(hub):
    done = run_links(hub)
    assert done.returncode == 2 and "https://hub.example.org" in done.stderr


def test_the_teachers_page_names_files_commands_and_numbers_that_hold(config):
    assert results_page.with_machines(README) == README, (
        "run: uv run python benchmarks/results_page.py"
    )
    for path in re.findall(r"(?<![\w/])(?:classroom|binder|benchmarks)/[\w./]*\w", README):
        assert (ROOT / path).exists(), path
    for link in re.findall(r"\]\((?!#|https?:)([^)#]+)", README):
        assert (CLASSROOM / link).exists(), link
    limits = config.Spawner
    for text in (
        f"limits.memory {limits.mem_limit}\n", f"limits.cpu {limits.cpu_limit}\n",
        f"services.cull.timeout {VALUES['cull']['timeout']}\n",
        f"**{limits.mem_limit[:-1]} GB of memory.**", f"**{limits.cpu_limit} cores.**",
        f"**{config.LimitedSpawner.process_limit} processes and threads.**", address.repository(),
    ):  # fmt: skip
        assert text in README, text


# --- limits without systemd --------------------------------------------------------------------


def test_control_groups_of_both_kinds_are_found_below_our_own(tmp_path):
    from classroom import limits

    ours, mounted = tmp_path / "cgroup", tmp_path / "mounted"
    ours.write_text("4:memory:/us\n2:cpu,cpuacct:/\n0::/\n")
    for folder in ("memory/us", "cpu,cpuacct"):
        (mounted / folder).mkdir(parents=True)
    group = limits.control_group("memory", "class-anna", ours, mounted)
    assert group == mounted / "memory/us/class-anna" and group.is_dir()
    assert limits.control_group("cpu", "class-anna", ours, mounted).parent.name == "cpu,cpuacct"
    (group / "memory.limit_in_bytes").touch()
    limits.limit_memory(group, 2**30)
    assert (group / "memory.limit_in_bytes").read_text() == str(2**30)

    ours.write_text("0::/ours\n")
    (mounted / "ours").mkdir()
    (mounted / "ours" / "cgroup.subtree_control").write_text("cpu memory pids\n")
    group = limits.control_group("memory", "class-anna", ours, mounted)
    assert group == mounted / "ours/class-anna"
    (group / "cpu.max").touch()
    limits.limit_cpu(group, 1.5)
    assert (group / "cpu.max").read_text() == "150000 100000"
    (mounted / "ours" / "cgroup.subtree_control").write_text("pids\n")
    assert limits.control_group("memory", "class-bo", ours, mounted) is None


def test_an_account_of_somebody_else_is_never_taken(tmp_path):
    from classroom import limits

    with pytest.raises(RuntimeError, match="is there already, with the home"):
        limits.ensure_account("daemon", tmp_path / "daemon")
    assert not (tmp_path / "daemon").exists()


def test_what_a_class_lacks_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "needs root on Linux" in class_hub.why_not(sys.executable)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/sbin/{name}")
    python = tmp_path / "python"
    assert "no configurable-http-proxy" in class_hub.why_not(python)
    (tmp_path / "configurable-http-proxy").touch()
    python.write_text('#!/bin/sh\necho "nbgitpuller" >&2\nexit 1\n')
    python.chmod(0o755)
    assert "lacks nbgitpuller" in class_hub.why_not(python)
    python.write_text("#!/bin/sh\n")
    tmp_path.chmod(0o700)
    assert "is closed to them" in class_hub.why_not(python)


def test_a_machine_has_room_for_the_heaviest_lesson_and_a_reserve():
    light = {"lesson": 1, "once_mb": 512, "private_mb": 256, "cpu_s": 12}
    heavy = {"lesson": 6, "once_mb": 1024, "private_mb": 1024, "cpu_s": 60}
    sized = {"students": 30, "memory_gb": 41, "cores": 3}  # 31 GB and a quarter, and 2 GB
    assert results_page.machine(30, [light, heavy], [light]) == sized
    assert results_page.machine(30, [heavy], [heavy]) == sized | {"cores": 15}


# --- a small class, for real -------------------------------------------------------------------


PYTHON = os.environ.get("SHEET_CLASS_PYTHON", sys.executable)
# What systemd would be asked for: it does not run everywhere, so its answers are made here.
SYSTEMD = """
import asyncio, json, sys
from unittest import mock

from systemdspawner import systemd
from traitlets.config.loader import PyFileConfigLoader

from classroom import spawners

config = PyFileConfigLoader("each_student.py", path="classroom").load_config()
asked, user = {}, mock.Mock(id=1, url="/user/anna/")
user.name = "anna"


async def start(name, **options):
    asked.update(options)


async def running(name):
    return bool(asked)


async def failed(name):
    return False


with (
    mock.patch.multiple(systemd, start_transient_service=start, service_running=running,
                        service_failed=failed),
    mock.patch.object(spawners, "ensure_account") as ensured,
    mock.patch("pwd.getpwnam", lambda name: mock.Mock(pw_uid=4321, pw_gid=1, pw_dir="/" + name)),
    mock.patch.object(spawners.OwnAccountSpawner, "get_env", lambda self: {}),
):
    asyncio.run(spawners.OwnAccountSpawner(config=config, user=user, hub=mock.Mock()).start())
print(json.dumps([str(ensured.call_args.args[0]), asked["working_dir"], asked["uid"],
                  asked["properties"]]))
"""
CULLED = 20  # seconds, here: longer than a busy computer takes to start a kernel


@pytest.fixture(scope="module")
def small_class():
    """A hub with two students who are logged in and have pulled."""
    if reason := class_hub.why_not(PYTHON):
        pytest.skip(reason)
    soon = [f"--MappingKernelManager.cull_idle_timeout={CULLED}",
            "--MappingKernelManager.cull_interval=1"]  # fmt: skip
    with class_hub.Hub(PYTHON, ["anna", "bo"], memory="1G", cpus=1, processes=150,
                       args=soon) as hub:  # fmt: skip
        students = [class_student.Student(hub.address, n, hub.passwords[n]) for n in hub.names]
        arrived = benchmark.at_once(students, lambda s: benchmark.arrive(hub, s, FIRST))
        assert not benchmark.failures(arrived)
        yield hub, students


@pytest.mark.deep
def test_systemd_is_asked_for_the_same_limits(config):
    done = subprocess.run([PYTHON, "-c", SYSTEMD], cwd=ROOT, capture_output=True, text=True)
    if "No module named" in done.stderr:
        pytest.skip(f"{PYTHON} has no JupyterHub: see classroom/README.md")
    account, folder, uid, properties = json.loads(done.stdout.splitlines()[-1])
    assert (account, folder, uid) == ("class-anna", "/class-anna", 4321)
    assert properties["MemoryMax"] == megabytes(config.Spawner.mem_limit) * 2**20
    assert properties["CPUQuota"] == f"{100 * config.Spawner.cpu_limit}%"
    assert properties["TasksMax"] == str(config.LimitedSpawner.process_limit)
    assert properties["UMask"] == "0077"
    assert properties["PrivateTmp"] == properties["NoNewPrivileges"] == "yes"


@pytest.mark.deep
class TestSmallClass:
    def test_a_student_runs_the_first_lesson_with_packages_that_all_share(self, small_class):
        hub, (anna, _) = small_class
        assert anna.run_lesson(benchmark.path_of(FIRST)) > 20
        kernel = anna.open(benchmark.path_of(FIRST))
        where, _ = kernel.run("import helpers; print(helpers.__file__)")
        assert not where.startswith(hub.account("anna").pw_dir)
        page = anna.follow(f"{anna.server}lab").text
        assert '"news": {"disabled": true}' in page  # nobody is asked to fetch Jupyter's
        kernel.close()

    def test_an_idle_kernel_ends_and_a_busy_one_does_not(self, small_class):
        _, (anna, _) = small_class
        busy = anna.open(benchmark.path_of(LESSONS[3]))
        busy.send("import time; time.sleep(600)")
        idle = anna.open(benchmark.path_of(LESSONS[2]))
        assert idle.run("6 * 7", seconds=60) == ("42", None)
        until = time.monotonic() + CULLED + 40
        while idle.number in (alive := {kernel["id"] for kernel in anna.ask("GET", "kernels")}):
            assert time.monotonic() < until, "the idle kernel was not ended"
            time.sleep(0.5)
        assert busy.number in alive
        busy.close()

    def test_a_wrong_password_is_not_let_in(self, small_class):
        for name in ("anna", "root"):
            with pytest.raises(PermissionError):
                class_student.Student(small_class[0].address, name, "not the password").log_in()

    def test_nobody_sees_another_and_nothing_listens_beyond_loopback(self, small_class):
        hub, (anna, bo) = small_class
        assert benchmark.spy(hub, bo, anna, FIRST) == []
        found = hub.listening()
        assert {each.split()[0] for each in found} >= {"node", "python"}
        assert all(" 127.0.0.1:" in each for each in found), found

    def test_who_pulls_again_keeps_all_work(self, small_class):
        hub, (anna, _) = small_class
        told = benchmark.pull_again(hub, anna, FIRST)
        assert all(told.values()), told

    @pytest.mark.parametrize("kind", ["memory", "processes", "loop"])
    def test_who_runs_wild_meets_the_limit(self, small_class, kind):
        hub, (_, bo) = small_class
        done = threading.Event()
        done.set()
        told = benchmark.run_wild(hub, bo, benchmark.path_of(FIRST), [kind], done)
        if kind == "memory":
            assert told["memory"] == "kernel ended, started anew" or "MemoryError" in told["memory"]
            assert told["memory_most_mb"] is None or told["memory_most_mb"] <= 1024
        elif kind == "processes":
            count = int(told["processes"].split()[0])
            assert told["processes"].endswith("the next refused") and count < 150
        else:
            assert told["loop"] == "interrupted, works on"
