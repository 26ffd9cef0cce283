"""The first cell on Colab, with a stand-in for it: an empty folder, a local git address."""

import shutil
import subprocess
import sys
import textwrap

import pytest

from helpers import address
from tests.notebook_tools import ROOT

# Runs the cell once for each line of standard input, which is the address to use that time.
RUN = """
import os, sys, types
{colab}
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for line in sys.stdin.read().splitlines():
    print("ran", shell.run_cell({cell!r}.replace({address!r}, line)).success)
    os.chdir("..")
    os.chdir({folder!r})
print("places", sum({name!r} in place for place in sys.path))
if "google.colab" in sys.modules:
    import helpers.address
    print("helpers", helpers.address.__file__)
"""
NAME = f"{address.repository().rsplit('/', 1)[1]}-{address.tag()}"


def run(folder, colab, *addresses):
    source = RUN.format(
        cell=address.first_cell(), address=address.repository(), folder=str(folder), name=NAME,
        colab="sys.modules['google.colab'] = types.ModuleType('c')" if colab else "",
    )  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)], input="\n".join(addresses),
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.fixture
def content(tmp_path):
    """An empty folder, as Colab's ``content`` is, and this course as a repository with its tag."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout, or git is not installed")
    origin, folder = tmp_path / "origin", tmp_path / "content"
    folder.mkdir()
    for command in (
        ["git", "clone", "-q", "--depth=1", ROOT.as_uri(), str(origin)],
        ["git", "-C", str(origin), "tag", "-f", address.tag()],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder, origin.as_uri()


def test_on_colab_the_cell_fetches_the_course_once(content):
    folder, origin = content
    done = run(folder, True, origin, origin)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line.strip()] == [
        "ran True",
        "ran True",
        "places 2",
        f"helpers {folder / NAME / 'helpers' / 'address.py'}",
    ]


def test_a_fetch_that_failed_says_so_and_running_the_cell_again_mends_it(content):
    folder, origin = content
    done = run(folder, True, origin + "-nowhere", origin)
    assert "ran False" in done.stdout and "ran True" in done.stdout, done.stderr
    assert "The course did not come: is the network there? Run this cell again." in done.stdout
    assert "places 2" in done.stdout


def test_what_is_the_users_own_is_left_alone_and_named(content):
    folder, origin = content
    (folder / NAME).mkdir()
    (folder / NAME / "mine.txt").write_text("keep me")
    done = run(folder, True, origin)
    assert "ran False" in done.stdout and "places 0" in done.stdout
    assert f"{folder / NAME} is not the course: rename it" in done.stdout
    assert (folder / NAME / "mine.txt").read_text() == "keep me"


def test_elsewhere_the_cell_does_nothing(tmp_path):
    done = run(tmp_path, False, address.repository())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["ran", "True", "places", "0"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.deep
def test_lessons_4_and_7_run_with_colabs_versions():
    done = subprocess.run([sys.executable, ROOT / "tools" / "try_elsewhere.py", "colab", "4", "7"],
                          cwd=ROOT, timeout=900, stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout
