"""A class on one server: what its files say agrees, and a small class really runs on a hub.

The class needs root on Linux, JupyterHub, nbgitpuller and configurable-http-proxy:
SHEET_CLASS_PYTHON names a Python that has them and the course (see classroom/README.md).
"""

import os
import re
import subprocess
import sys
import threading
import time
import urllib.parse

import pytest
import yaml
from traitlets.config.loader import PyFileConfigLoader

from helpers.course import LESSONS
from tests.notebook_tools import ROOT

CLASSROOM, RESULTS = ROOT / "classroom", ROOT / "benchmarks" / "results"
sys.path.insert(0, str(ROOT / "benchmarks"))

import class_hub  # noqa: E402
import class_student  # noqa: E402
import try_class as benchmark  # noqa: E402

VALUES = yaml.safe_load((CLASSROOM / "z2jh" / "values.yaml").read_text(encoding="utf-8"))
FIRST = LESSONS[1]


def read_config(name):
    return PyFileConfigLoader(name, path=str(CLASSROOM)).load_config()


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "students.txt").write_text("anna\nbo\n")
    tmp_path.chmod(0o700)
    return read_config("jupyterhub_config.py")


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


# --- the link ---------------------------------------------------------------------


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


@pytest.mark.parametrize("hub", ["hub.example.org", "https://x.org/?a=b"])
def test_what_is_no_address_of_a_hub_is_refused(hub):
    done = run_links(hub)
    assert done.returncode == 2 and "https://hub.example.org" in done.stderr


# --- limits without systemd --------------------------------------------------------------------


def test_an_account_of_somebody_else_is_never_taken(tmp_path):
    from classroom import limits

    with pytest.raises(RuntimeError, match="is there already, with the home"):
        limits.ensure_account("daemon", tmp_path / "daemon")
    assert not (tmp_path / "daemon").exists()


# --- a small class, for real -------------------------------------------------------------------


PYTHON = os.environ.get("SHEET_CLASS_PYTHON", sys.executable)
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
