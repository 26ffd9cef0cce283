"""Run the lessons as they run where we cannot go: on Binder, and on Colab.

    uv run python tools/try_elsewhere.py binder          an environment made from binder/, 2 GB
    uv run python tools/try_elsewhere.py colab           Colab's versions, a stand-in for its module
    uv run python tools/try_elsewhere.py colab 4 7       only lessons 4 and 7

The Python is the one that uv finds; UV_PYTHON=3.13 asks for another one that is installed.
Each lesson runs alone in a folder that holds nothing but the notebook (Colab), or as its own copy
of the checkout (Binder). What is committed is what runs. Prints a table, and JSON as its last line.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers import address
from helpers.course import LESSONS, Lesson
from tools import arguments

ROOT = Path(__file__).resolve().parent.parent

# What a Colab machine has, so far as the lessons see it (facts read in November 2026). It runs
# Python 3.13 with an old IPython; here the oldest IPython that installs beside ipywidgets 7.7.1.
COLAB = [
    "tensorflow==2.20.*", "tf-keras==2.20.*", "keras==3.13.*", "ipywidgets==7.7.1",
    "ipython==7.34.0", "ipykernel==6.17.1", "mlxtend==0.23.*", "matplotlib==3.10.*",
    "numpy==2.0.2", "pillow==11.3.0", "pandas<3", "scikit-image==0.25.*",
]  # fmt: skip
STAND_IN = """import sys, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
"""
# What Binder's image has before postBuild runs (repo2docker of October 2026, for Python 3.12).
BINDER_HAS = [
    "pip", "jupyterlab==4.4.9", "notebook==7.4.7", "jupyter_server==2.17.0", "jupyterhub==5.4.0",
    "jupyter-resource-usage==1.2.0", "jupyter-offlinenotebook==0.3.2", "nbclient==0.10.2",
    "ipykernel==7.0.1", "ipython==9.6.0", "ipywidgets==8.1.7", "traitlets==5.14.3",
]  # fmt: skip
LESSON_MEMORY = 1200  # MB that one lesson may use at most
BINDER_MEMORY = 2 << 30  # bytes; mybinder.org gives a learner this much
CELL_TIMEOUT = 300

# Runs inside the other environment: one lesson, with the kernel's greatest memory.
RUN = """
import json, resource, sys, time
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], 4)
start, said = time.perf_counter(), ""
try:
    wait = int(sys.argv[2])  # for outputs too: without it, after 4 seconds, they are lost
    NotebookClient(notebook, timeout=wait, iopub_timeout=wait, kernel_name="python3").execute()
except Exception as error:
    said = f"{type(error).__name__}: {error}"[-1500:]
seconds = time.perf_counter() - start
outputs = [one for cell in notebook.cells for one in cell.get("outputs", [])]
red = [one.text for one in outputs if one.get("name") == "stderr"]
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
nbformat.write(notebook, sys.argv[1])
print(json.dumps({"seconds": round(seconds, 1), "peak_mb": peak, "error": said, "stderr": red}))
"""


def main() -> int:
    """Read the command line; 1 if a lesson failed."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument("place", choices=["binder", "colab"])
    parser.add_argument("lessons", nargs="*", type=arguments.lesson, help="by number (all)")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        scratch = Path(scratch)
        origin = scratch / "origin"
        git("clone", "-q", "--no-local", str(ROOT), str(origin))
        git("-C", str(origin), "tag", "-f", address.tag())
        python = environment(scratch.resolve() / "environment", wanted.place, origin)
        rows = [
            one_lesson(wanted.place, python, origin, scratch / f"lesson{lesson.number}", lesson)
            for lesson in arguments.in_order(wanted.lessons or LESSONS)
        ]
    failed = []
    print("lesson | seconds | peak MB | error")
    for row in rows:
        print(row["lesson"], row["seconds"], row["peak_mb"], row["error"] or "-", sep=" | ")
        for text in row["stderr"]:
            print("   on stderr:", text.strip())
        if row["peak_mb"] > LESSON_MEMORY:
            print(f"   over {LESSON_MEMORY} MB")
        if row["error"] or row["stderr"] or row["peak_mb"] > LESSON_MEMORY:
            failed.append(row["lesson"])
    print(json.dumps({"place": wanted.place, "failed": failed, "rows": rows}))
    return int(bool(failed))


def environment(home: Path, place: str, origin: Path) -> Path:
    """Make a place's environment, and return its Python.

    Binder's conda brings Python and pip; here uv does. The rest is postBuild's, as on Binder.
    """
    python = home / "bin" / "python"
    packages = BINDER_HAS if place == "binder" else [*COLAB, "nbclient", "nbformat"]
    subprocess.run(["uv", "venv", "-q", "--seed", str(home)], check=True)
    install = ["uv", "pip", "install", "-q", "--python", str(python)]
    subprocess.run([*install, *packages], check=True)
    if place == "binder":
        path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(
            ["bash", "binder/postBuild"], check=True, cwd=origin, env=os.environ | {"PATH": path}
        )
        # Its server must still find all that it asks for. (tensorflow is there by another name.)
        said = subprocess.run([str(python), "-m", "pip", "check"], capture_output=True, text=True)
        broken = [line for line in said.stdout.splitlines() if " requires tensorflow," not in line]
        if said.returncode and broken:
            raise SystemExit("pip check: " + "; ".join(broken))
    return python


def one_lesson(place: str, python: Path, origin: Path, folder: Path, lesson: Lesson) -> dict:
    """Run a lesson there, and return its row of the table."""
    name = f"{lesson.name}.ipynb"
    startup = folder / "ipython" / "profile_default" / "startup"
    if place == "colab":
        startup.mkdir(parents=True)
        (startup / "00-colab.py").write_text(STAND_IN)
        notebook = Path(shutil.copy(origin / "notebooks" / name, folder))
    else:
        git("clone", "-q", str(origin), str(folder))
        notebook = folder / "notebooks" / name
    kept = {key: os.environ[key] for key in os.environ.keys() - {"MNIST_NPZ", "PYTHONPATH"}}
    done = subprocess.run(
        [str(python), "-c", RUN, notebook.name, str(CELL_TIMEOUT)],
        cwd=notebook.parent, stdout=subprocess.PIPE, text=True,
        preexec_fn=limit_memory if place == "binder" else None,
        env=kept | {
            "SHEET_OFFLINE": "1",
            "KERAS_HOME": str(folder / "keras"),
            "IPYTHONDIR": str(folder / "ipython"),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
            # The address in the first cell leads to the copy of the checkout.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{origin.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": address.repository(),
        },
    )  # fmt: skip
    row = {"lesson": lesson.number, "seconds": None, "peak_mb": 0, "stderr": [], "error": ""}
    if done.returncode:
        return row | {"error": f"the run ended with {done.returncode}"}
    return row | json.loads(done.stdout.splitlines()[-1])


def limit_memory() -> None:
    """Give this process and the kernel that it starts no more than Binder's memory."""
    import resource  # not on Windows

    # RLIMIT_DATA counts what a process may write to, used or only reserved: stricter than Binder.
    resource.setrlimit(resource.RLIMIT_DATA, (BINDER_MEMORY, BINDER_MEMORY))


def git(*words: str) -> None:
    """Run git quietly."""
    subprocess.run(["git", *words], check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
