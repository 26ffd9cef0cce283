"""The first cell on Colab, with a stand-in for it: an empty folder, a local git address."""

import shutil
import subprocess
import sys
import textwrap

import nbformat
import pytest

from helpers import address
from tests.notebook_tools import ROOT, notebooks
from tools import stamp

RUN = """
import sys, types
{colab}
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for _ in range(2):
    assert shell.run_cell({cell!r}).success
print(sys.path.count("course"))
if "google.colab" in sys.modules:
    import helpers.address
    print(helpers.address.__file__)
"""


def run(cell, folder, colab):
    source = RUN.format(
        cell=cell, colab="sys.modules['google.colab'] = types.ModuleType('c')" if colab else ""
    )
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)],
        cwd=folder, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_notebook_begins_with_the_stamped_cell(path):
    text = path.read_text(encoding="utf-8")
    first = next(c for c in nbformat.reads(text, 4).cells if c.cell_type == "code")
    assert first.source == address.first_cell(), "run: uv run python tools/stamp.py"


def test_badges_name_the_address_of_the_project_file():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert stamp.stamped(readme) == readme, "run: uv run python tools/stamp.py"
    owner = address.repository().removeprefix("https://github.com/")
    assert f"/gh/{owner}/{address.tag()}?urlpath=lab/tree/notebooks/04_" in readme
    assert f"/github/{owner}/blob/{address.tag()}/notebooks/04_" in readme


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is not a git checkout")
def test_on_colab_the_cell_fetches_the_course_once(tmp_path):
    origin, folder = tmp_path / "origin", tmp_path / "content"
    folder.mkdir()
    for command in (
        ["git", "clone", "-q", "--no-local", str(ROOT), str(origin)],
        ["git", "-C", str(origin), "tag", "-f", address.tag()],
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    cell = address.first_cell().replace(address.repository(), origin.as_uri())
    done = run(cell, folder, colab=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    *said, once, where = done.stdout.splitlines()
    assert not "".join(said).strip(), said
    assert once == "1"
    assert (folder / "course" / "helpers").is_dir()
    assert where == str(folder / "course" / "helpers" / "address.py") or where.startswith("course")


def test_elsewhere_the_cell_does_nothing(tmp_path):
    done = run(address.first_cell(), tmp_path, colab=False)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["0"], "")
    assert list(tmp_path.iterdir()) == []
