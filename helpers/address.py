"""Where the course lives: its address and version, from the one line in pyproject.toml.

Badges, the cell that fetches the course on Colab, and the pages take it from here;
``tools/stamp.py`` writes it into README and the notebooks.
"""

import tomllib
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def repository() -> str:
    """Return the repository's address, ``[project.urls]`` Repository, without a closing slash."""
    return _project()["urls"]["Repository"].rstrip("/")


def tag() -> str:
    """Return the tag of this version, such as ``v0.1.0``: what Binder and Colab fetch."""
    return f"v{_project()['version']}"


def binder(name: str) -> str:
    """Return the address that opens a lesson in JupyterLab on Binder."""
    owner = repository().split("//", 1)[1].split("/", 1)[1]
    host = f"https://mybinder.org/v2/gh/{owner}/{tag()}"
    return f"{host}?urlpath=lab/tree/notebooks/{name}.ipynb"


def colab(name: str) -> str:
    """Return the address that opens a lesson on Colab."""
    owner = repository().split("//", 1)[1].split("/", 1)[1]
    host = f"https://colab.research.google.com/github/{owner}"
    return f"{host}/blob/{tag()}/notebooks/{name}.ipynb"


def first_cell() -> str:
    """Return the first cell of every lesson: it fetches the course on Colab, once."""
    return f"""# On Colab, this cell fetches the course. Anywhere else it does nothing.
import sys

if "google.colab" in sys.modules and "course" not in sys.path:
    url = "{repository()}"
    quiet = "-q -c advice.detachedHead=false --depth 1"
    !test -d course || git clone {{quiet}} --branch {tag()} {{url}} course
    sys.path.insert(0, "course")"""


def _project() -> dict:
    return tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]
