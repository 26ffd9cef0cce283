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
import tomllib
import urllib.parse
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from traitlets.config.loader import PyFileConfigLoader

from helpers import address
from helpers.course import LESSONS
from tests.notebook_tools import ROOT

CLASSROOM, RESULTS = ROOT / "classroom", ROOT / "benchmarks" / "results"
sys.path.insert(0, str(ROOT / "benchmarks"))

import class_hub  # noqa: E402
import class_pulls  # noqa: E402
import class_size  # noqa: E402
import class_student  # noqa: E402
import report  # noqa: E402
import try_class as benchmark  # noqa: E402

README = (CLASSROOM / "README.md").read_text(encoding="utf-8")
VALUES = yaml.safe_load((CLASSROOM / "z2jh" / "values.yaml").read_text(encoding="utf-8"))
EXTRA = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]["classroom"]
FIRST = LESSONS[1]


def read_config(name):
    return PyFileConfigLoader(name, path=str(CLASSROOM)).load_config()


def options(config):
    """The options of a student's server, as name -> value."""
    return dict(arg.removeprefix("--").split("=") for arg in config.Spawner.args)


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


def test_nothing_listens_beyond_the_machine(config):
    places = (config.JupyterHub.bind_url, config.JupyterHub.hub_bind_url,
              config.ConfigurableHTTPProxy.api_url)  # fmt: skip
    hosts = [urllib.parse.urlsplit(place).hostname for place in places]
    assert [*hosts, config.Spawner.ip] == ["127.0.0.1"] * 4
    assert VALUES["proxy"]["service"]["type"] == "ClusterIP"
    assert VALUES["singleuser"]["networkPolicy"]["enabled"]


def test_only_those_on_the_list_are_let_in(config):
    assert config.Authenticator.allowed_users == {"anna", "bo"}
    assert config.JupyterHub.authenticator_class == "firstuse"
    assert "allow_all" not in config.Authenticator
    pattern = config.Authenticator.username_pattern
    assert re.match(pattern, "anna") and not re.match(pattern, "../anna")
    assert not re.match(pattern, "a" * 21)  # Linux takes 32 letters, the prefix is among them


def test_without_a_list_of_students_a_sentence_says_what_to_write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o700)
    with pytest.raises(FileNotFoundError, match="write one name a line"):
        read_config("jupyterhub_config.py")


def test_a_folder_that_others_can_look_into_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "students.txt").write_text("anna\n")
    tmp_path.chmod(0o755)
    with pytest.raises(PermissionError, match="chmod 700"):
        read_config("jupyterhub_config.py")


def test_each_student_has_limits_and_idle_kernels_and_servers_end(config):
    spawner = config.Spawner
    assert 0 < megabytes(spawner.mem_guarantee) < megabytes(spawner.mem_limit)
    assert spawner.cpu_limit > 0
    assert int(config.SystemdSpawner.unit_extra_properties["TasksMax"]) == (
        config.LimitedSpawner.process_limit
    )
    assert config.SystemdSpawner.isolate_tmp
    given = options(config)
    assert 0 < int(given["MappingKernelManager.cull_idle_timeout"]) <= 3600
    assert given["MappingKernelManager.cull_connected"] == "True"
    assert given["KernelManager.transport"] == "ipc"
    [culler] = config.JupyterHub.services
    assert culler["command"][-2:] == ["jupyterhub_idle_culler", "--timeout=3600"]


def test_kubernetes_gets_what_one_machine_gets(config):
    single = VALUES["singleuser"]
    assert single["memory"] == {
        "guarantee": config.Spawner.mem_guarantee,
        "limit": config.Spawner.mem_limit,
    }
    assert single["cpu"]["limit"] == config.Spawner.cpu_limit
    threads = {k: v for k, v in config.Spawner.environment.items() if k.endswith("_THREADS")}
    assert single["extraEnv"] == threads
    assert single["defaultUrl"] == config.Spawner.default_url
    kernels = single["extraFiles"]["kernels"]["data"]["MappingKernelManager"]
    given = options(config)
    assert {f"MappingKernelManager.{key}": str(value) for key, value in kernels.items()} == {
        key: value for key, value in given.items() if key.startswith("MappingKernelManager")
    }
    [culler] = config.JupyterHub.services
    assert culler["command"][-1] == f"--timeout={VALUES['cull']['timeout']}"
    assert VALUES["hub"]["config"]["JupyterHub"]["authenticator_class"] == "firstuse"
    assert VALUES["hub"]["concurrentSpawnLimit"] == config.JupyterHub.concurrent_spawn_limit
    assert single["startTimeout"] == config.Spawner.start_timeout


def test_kubernetes_pulls_this_repository_into_the_folder_of_the_links():
    command = VALUES["singleuser"]["lifecycleHooks"]["postStart"]["exec"]["command"][-1]
    link = urllib.parse.parse_qs(urllib.parse.urlsplit(address.pull("https://x", FIRST.name)).query)
    asked = [link[key][0] for key in ("repo", "branch", "targetpath")]
    assert command.split() == ["gitpuller", *asked, "||", "true"]
    assert VALUES["singleuser"]["image"]["tag"] == address.tag()
    dockerfile = (CLASSROOM / "Dockerfile").read_text(encoding="utf-8")
    image = f"{VALUES['singleuser']['image']['name']}:{address.tag()}"
    assert f"--tag {image} classroom" in dockerfile


def test_limits_have_room_for_what_was_measured(config, measured):
    training = json.loads((RESULTS / "class_training.json").read_text())["result"]
    assert [row["lesson"] for row in training["lessons"]] == [6, 7, 8, 9]
    for row in [*measured["lessons"], *training["lessons"]]:
        assert row["finished"] == row["students"]
        assert row["private_mb"] < megabytes(config.Spawner.mem_guarantee)
        assert 1.25 * row["private_most_mb"] < megabytes(config.Spawner.mem_limit)
        assert 2 * row["threads_most"] < config.LimitedSpawner.process_limit


def test_the_measured_class_did_what_is_said_of_it(measured):
    assert [row["lesson"] for row in measured["lessons"]] == [1, 4]
    assert measured["users"] >= 12
    assert measured["beyond_loopback"] == measured["seen_of_another"] == []
    assert all(measured["pull_again"].values()) and measured["pull_again"]
    assert not measured["arrival"]["failed"]
    for row in measured["lessons"]:
        assert row["finished"] == row["students"] == measured["users"] - 1
        assert row["wild"]["memory_most_mb"] <= megabytes(measured["limits"]["memory"])
        assert row["wild"]["memory"].startswith("kernel ended")
        assert row["wild"]["processes"].endswith("refused")
        assert row["wild"]["loop"] == "interrupted, works on"
    assert [machine["students"] for machine in measured["machines"]] == [30, 300]


# --- the link and the page ---------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_link_opens_a_lesson_that_is_there_in_the_copy_it_made(lesson):
    parts = urllib.parse.urlsplit(address.pull("https://hub.example.org/", lesson.name))
    assert parts.netloc == "hub.example.org" and parts.path == "/hub/user-redirect/git-pull"
    asked = {key: value for key, [value] in urllib.parse.parse_qs(parts.query).items()}
    assert asked["repo"] == address.repository()
    folder, path = asked["urlpath"].removeprefix("lab/tree/").split("/", 1)
    assert folder == asked["targetpath"]
    assert (ROOT / path).is_file()


def run_links(*arguments):
    return subprocess.run([sys.executable, CLASSROOM / "links.py", *arguments],
                          capture_output=True, text=True, check=False)  # fmt: skip


def test_the_command_prints_the_links():
    done = run_links("https://hub.example.org", "4", "1", "--repository", "https://x.org/my/copy")
    links = re.findall(r"^https://.*$", done.stdout, re.MULTILINE)
    assert links == [
        address.pull("https://hub.example.org", LESSONS[n].name, "https://x.org/my/copy")
        for n in (1, 4)
    ]


@pytest.mark.parametrize("hub", ["hub.example.org", "", "https://", "https://x.org/?a=b"])
def test_what_is_no_address_of_a_hub_is_refused(hub):
    done = run_links(hub)
    assert done.returncode == 2 and "https://hub.example.org" in done.stderr


def test_the_teachers_page_names_files_commands_and_numbers_that_hold(config, measured):
    assert report.with_machines(README) == README, "run: uv run python benchmarks/report.py"
    for path in re.findall(r"(?<![\w/])(?:classroom|binder|benchmarks)/[\w./]*\w", README):
        assert (ROOT / path).exists(), path
    for link in re.findall(r"\]\((?!#|https?:)([^)#]+)", README):
        assert (CLASSROOM / link).exists(), link
    limits = config.Spawner
    assert f"limits.memory {limits.mem_limit}\n" in README
    assert f"limits.cpu {limits.cpu_limit}\n" in README
    [culler] = config.JupyterHub.services
    assert f"services.cull.timeout {culler['command'][-1].split('=')[1]}\n" in README
    assert f"**{limits.mem_limit[:-1]} GB of memory.**" in README
    assert f"**{limits.cpu_limit} cores.**" in README
    assert f"**{config.LimitedSpawner.process_limit} processes and threads.**" in README
    assert address.repository() in README
    options_ = re.findall(r"`(--[a-z]+)`", README)
    told = subprocess.run([sys.executable, ROOT / "benchmarks" / "try_class.py", "--help"],
                          capture_output=True, text=True, check=True).stdout  # fmt: skip
    told += run_links("--help").stdout
    assert options_ and all(option in told for option in options_)


def test_versions_of_the_hub_lie_within_their_bounds():
    lines = (CLASSROOM / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {canonicalize_name(pin.name): pin
            for pin in map(Requirement, (x for x in lines if not x.startswith("#")))}  # fmt: skip
    for pin in pins.values():
        assert pin.url is None and re.fullmatch(r"==[^,*]+", str(pin.specifier))
    for wanted in map(Requirement, EXTRA):
        version = str(pins[canonicalize_name(wanted.name)].specifier).removeprefix("==")
        assert wanted.specifier.contains(version)
        assert {part.operator for part in wanted.specifier} == {">=", "<"}
    ours = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    shared = {canonicalize_name(name) for name in re.findall(r"^([\w.-]+)==", ours, re.MULTILINE)}
    assert not shared & set(pins), "one version of each, in one of the two files"


# --- limits without systemd --------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Linux's control groups")
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


@pytest.mark.skipif(os.name == "nt", reason="accounts of Linux")
def test_an_account_of_somebody_else_is_never_taken(tmp_path):
    from classroom import limits

    with pytest.raises(RuntimeError, match="is there already, with the home"):
        limits.ensure_account("daemon", tmp_path / "daemon")
    assert not (tmp_path / "daemon").exists()


def test_what_a_class_lacks_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert "needs root on Linux" in class_hub.why_not(sys.executable)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/sbin/{name}")
    python = tmp_path / "python"
    assert "no configurable-http-proxy" in class_hub.why_not(python)
    (tmp_path / "configurable-http-proxy").touch()
    python.write_text('#!/bin/sh\necho "nbgitpuller is not here" >&2\nexit 1\n')
    python.chmod(0o755)
    assert "lacks JupyterHub (nbgitpuller is not here)" in class_hub.why_not(python)
    course, closed = tmp_path / "course" / "helpers" / "__init__.py", tmp_path / "closed"
    cases = f'*__file__*) echo "{course}";; *prefix*) echo "{closed}";;'
    python.write_text(f'#!/bin/sh\ncase "$2" in {cases} esac\n')
    assert "(-e)" in class_hub.why_not(python)
    (course.parents[1] / "notebooks").mkdir(parents=True)
    closed.mkdir(mode=0o700)
    assert "is closed to them" in class_hub.why_not(python)


def test_a_machine_has_room_for_the_heaviest_lesson_and_a_reserve():
    light = {"lesson": 1, "once_mb": 512, "private_mb": 256, "cpu_s": 12}
    heavy = {"lesson": 6, "once_mb": 1024, "private_mb": 1024, "cpu_s": 60}
    sized = {"students": 30, "memory_gb": 41, "cores": 3}  # 31 GB and a quarter, and 2 GB
    assert class_size.machine(30, [light, heavy], [light]) == sized
    assert class_size.machine(30, [heavy]) == sized | {"cores": 15}
    assert class_size.students_a_gb([light]) == 4.0


def test_a_class_that_the_machine_cannot_hold_is_refused(measured):
    most = max(row["private_mb"] for row in measured["lessons"])
    assert benchmark.too_large(12, free_mb=13 * most) is None
    assert "Take fewer" in benchmark.too_large(12, free_mb=11 * most)


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
CULLED = 8  # seconds, here


@pytest.fixture(scope="module")
def small_class():
    """A hub with two students who are logged in and have pulled."""
    if reason := class_hub.why_not(PYTHON):
        if "SHEET_CLASS_PYTHON" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    soon = [f"--MappingKernelManager.cull_idle_timeout={CULLED}",
            "--MappingKernelManager.cull_interval=1"]  # fmt: skip
    with class_hub.Hub(PYTHON, ["anna", "bo"], memory="1G", cpus=1, processes=150,
                       args=soon) as hub:  # fmt: skip
        students = [class_student.Student(hub.address, n, hub.passwords[n]) for n in hub.names]
        arrived = benchmark.at_once(students, lambda s: benchmark.arrive(hub, s, FIRST))
        assert not benchmark.failures(arrived)
        yield hub, students


def test_systemd_is_asked_for_the_same_limits(config):
    has_hub = subprocess.run([PYTHON, "-c", "import jupyterhub, systemdspawner"],
                             capture_output=True, check=False)  # fmt: skip
    if has_hub.returncode:
        pytest.skip(f"{PYTHON} has no JupyterHub: see classroom/README.md")
    done = subprocess.run([PYTHON, "-c", SYSTEMD], cwd=ROOT, check=True, capture_output=True,
                          text=True)  # fmt: skip
    account, folder, uid, properties = json.loads(done.stdout.splitlines()[-1])
    assert (account, folder, uid) == ("class-anna", "/class-anna", 4321)
    assert properties["MemoryMax"] == megabytes(config.Spawner.mem_limit) * 2**20
    assert properties["CPUQuota"] == f"{100 * config.Spawner.cpu_limit}%"
    assert properties["TasksMax"] == str(config.LimitedSpawner.process_limit)
    assert properties["UMask"] == "0077"
    assert properties["PrivateTmp"] == properties["NoNewPrivileges"] == "yes"


def test_a_student_runs_the_first_lesson_with_packages_that_all_share(small_class):
    hub, (anna, _) = small_class
    path = f"{benchmark.FOLDER}/notebooks/{FIRST.name}.ipynb"
    kernel = anna.open(path)
    assert kernel.run_lesson(anna.read(path)) > 20
    where, _ = kernel.run("import helpers; print(helpers.__file__)")
    assert not where.startswith(hub.account("anna").pw_dir)
    kernel.close()


def test_an_idle_kernel_ends_and_a_busy_one_does_not(small_class):
    _, (anna, _) = small_class
    idle, busy = (anna.open(f"{benchmark.FOLDER}/notebooks/{LESSONS[n].name}.ipynb")
                  for n in (2, 3))  # fmt: skip
    assert idle.run("6 * 7") == ("42", None)
    busy.send("import time; time.sleep(600)")
    until = time.monotonic() + CULLED + 40
    while idle.number in (alive := {kernel["id"] for kernel in anna.ask("GET", "kernels")}):
        assert time.monotonic() < until, "the idle kernel was not ended"
        time.sleep(0.5)
    assert busy.number in alive
    busy.close()


def test_a_wrong_password_is_not_let_in(small_class):
    hub, (_anna, _) = small_class
    stranger = class_student.Student(hub.address, "anna", "not the password")
    with pytest.raises(PermissionError):
        stranger.log_in()
    with pytest.raises(PermissionError):
        class_student.Student(hub.address, "root", "any password").log_in()


def test_nobody_sees_another(small_class):
    hub, (anna, bo) = small_class
    assert benchmark.spy(hub, bo, anna, FIRST) == []


def test_a_real_class_listens_on_loopback_alone(small_class):
    found = small_class[0].listening()
    assert {who for who, _, _ in found} >= {"node", "python"}
    assert all(where.startswith("127.0.0.1:") for _, _, where in found), found


def test_who_pulls_again_keeps_all_work(small_class):
    hub, (anna, _) = small_class
    told = benchmark.pull_again(hub, anna, FIRST)
    assert all(told.values()), told


def test_pulls_after_random_changes_keep_all_work(small_class):
    hub, _ = small_class
    found = class_pulls.random_pulls(Path(hub.python).parent / "gitpuller", 5, seed=None)
    assert found["tries"] == found["whole"] == found["work_kept"] == 5, found
    assert 0 < found["news_came"] <= found["news"]


@pytest.mark.parametrize("kind", ["memory", "processes", "loop"])
def test_who_runs_wild_meets_the_limit(small_class, kind):
    hub, (_, bo) = small_class
    path = f"{benchmark.FOLDER}/notebooks/{FIRST.name}.ipynb"
    done = threading.Event()
    done.set()
    told = benchmark.run_wild(hub, bo, path, [kind], done)
    if kind == "memory":
        assert told["memory"] == "kernel ended, started anew" or "MemoryError" in told["memory"]
        assert told["memory_most_mb"] is None or told["memory_most_mb"] <= 1024
    elif kind == "processes":
        count = int(told["processes"].split()[0])
        assert told["processes"].endswith("the next refused") and count < 150
    else:
        assert told["loop"] == "interrupted, works on"
