"""Where the course lives: its address and version, from the one line in pyproject.toml.

Badges, the cell that fetches the course on Colab, and the pages take it from here;
``tools/stamp.py`` writes it into README and the notebooks.
"""

import tomllib
from pathlib import Path
from urllib.parse import urlencode

_PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
FIRST = "# @title On Colab"  # so begins the cell that fetches the course; Colab shows this alone


def repository() -> str:
    """Return the repository's address, ``[project.urls]`` Repository, without a closing slash."""
    return _project()["urls"]["Repository"].rstrip("/")


def tag() -> str:
    """Return the tag of this version, such as ``v0.1.0``: what Binder and Colab fetch."""
    return f"v{_project()['version']}"


def binder(name: str) -> str:
    """Return the address that opens a notebook (named without ``.ipynb``) on Binder."""
    host = f"https://mybinder.org/v2/gh/{_owner()}/{tag()}"
    return f"{host}?urlpath=lab/tree/notebooks/{name}.ipynb"


def colab(name: str) -> str:
    """Return the address that opens a notebook (named without ``.ipynb``) on Colab."""
    host = f"https://colab.research.google.com/github/{_owner()}"
    return f"{host}/blob/{tag()}/notebooks/{name}.ipynb"


def page(name: str = "index") -> str:
    """Return the address of a notebook's page on GitHub Pages, where its replays play."""
    owner, repo = _owner().split("/")
    return f"https://{owner}.github.io/{repo}/{name}.html"


def pull(hub: str, name: str, source: str | None = None, branch: str = "main") -> str:
    """Return the link by which a student of a JupyterHub pulls the course and opens a notebook.

    `hub` is the hub's address, `name` the notebook without ``.ipynb``; `source` is another
    repository than this one, such as a teacher's own copy. The student's copy is always in the same
    folder, so that a link of next week finds the work of this week.
    """
    folder = repository().rsplit("/", 1)[1]
    asked = {
        "repo": source or repository(),
        "branch": branch,
        "urlpath": f"lab/tree/{folder}/notebooks/{name}.ipynb",
        "targetpath": folder,
    }
    return f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(asked)}"


def launch_line(name: str) -> str:
    """Return the line of links under a notebook's title; `name` is as in :func:`binder`.

    It ends with a comment by which it is found: a line that began with one would be HTML, in which
    links are no links.
    """
    return (
        f"Run it: [Binder]({binder(name)}) | [Colab]({colab(name)}). "
        f"Only look: [a page on which the replays play]({page(name)}). "
        "Opened again later, its replays say *model not found*: *Run All Cells*, in the menu "
        "*Run*, brings them back. <!-- launch -->"
    )


def first_cell() -> str:
    """Return the first cell of every lesson: it fetches the course on Colab, once.

    It believes in the course only when a file of it is there, so a fetch that failed, or a folder
    of somebody else's, is told in words, and running the cell again can mend it.
    """
    folder = f"{repository().rsplit('/', 1)[1]}-{tag()}"
    return f"""{FIRST}, this cell fetches the course. Anywhere else it does nothing.
import sys
from pathlib import Path

here = Path("{folder}").resolve()
if "google.colab" in sys.modules and not any(here.name in place for place in sys.path):
    url = "{repository()}"
    if not here.exists():
        !git clone -q -c advice.detachedHead=false --depth 1 --branch {tag()} {{url}} "{{here}}"
    if not here.exists():
        raise RuntimeError("The course did not come: is the network there? Run this cell again.")
    if not (here / "rnnscope" / "src").exists():
        raise RuntimeError(f"{{here}} is not the course: rename it, and run this cell again.")
    sys.path[:0] = [str(here), str(here / "rnnscope" / "src")]"""


def _owner() -> str:
    return repository().split("//", 1)[1].split("/", 1)[1]


def _project() -> dict:
    return tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
