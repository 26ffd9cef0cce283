"""Build the course as pages into _site/: every lesson run, its replays playing without a kernel.

    uv run python tools/build_site.py
    uv run python tools/build_site.py --only 01      one lesson, to look at it

The lessons run without the network on the bundled digits. The pages ask for nothing from elsewhere
and also work from the disk. The reader page (web/) is built beside them and needs no Python.
"""

import argparse
import base64
import html
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import reader  # noqa: E402
from helpers.course import LESSONS, Lesson  # noqa: E402
from helpers.digits import small_digits  # noqa: E402
from tests.notebook_tools import NOTEBOOKS, execute  # noqa: E402

SITE = ROOT / "_site"
WEB = ROOT / "web"
KERNEL_ONLY = "application/vnd.jupyter.widget-view+json"


def main() -> int:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", metavar="NN", help="lessons to build, by number")
    parser.add_argument("--out", type=Path, default=SITE, help="folder to build into (_site)")
    parser.add_argument("--no-solutions", action="store_true")
    arguments = parser.parse_args()
    chosen = [
        lesson
        for lesson in LESSONS
        if not arguments.only or lesson.name[:2] in {n.zfill(2) for n in arguments.only}
    ]
    with tempfile.TemporaryDirectory(prefix="sheet-site-") as name:
        source = Path(name) / "source"
        shutil.copytree(ROOT / "site", source)
        for lesson in chosen:
            run_lesson(lesson, source, Path(name))
        solutions = [] if arguments.no_solutions else run_solutions(chosen, source, Path(name))
        write_index(chosen, solutions, source)
        shutil.copy(ROOT / "pyproject.toml", name)
        arguments.out.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html"]
        if not arguments.only:  # links to lessons that were left out are no fault
            command += ["-W", "--keep-going"]
        command += ["-d", str(Path(name) / "doctrees"), str(source), str(arguments.out)]
        if subprocess.call(command):
            return 1
    build_reader_page(arguments.out / "reader")
    (arguments.out / ".nojekyll").touch()  # GitHub Pages leaves folders such as _static out
    print(f"built: open {arguments.out / 'index.html'} in a browser")
    return 0


# --- the lessons ---------------------------------------------------------------------------------


def run_lesson(lesson: Lesson, source: Path, scratch: Path) -> None:
    """Run a lesson and put it, with what a page can show, into the source folder."""
    print(f"running {lesson.name}", flush=True)
    save_run(NOTEBOOKS / f"{lesson.name}.ipynb", source / f"{lesson.name}.ipynb", scratch)


def run_solutions(chosen: list[Lesson], source: Path, scratch: Path) -> list[str]:
    """Run the solutions of the chosen lessons; return their names."""
    names = []
    (source / "solutions").mkdir()
    for lesson in chosen:
        path = NOTEBOOKS / "solutions" / f"{lesson.name}.ipynb"
        if path.exists():
            print(f"running solutions of {lesson.name}", flush=True)
            save_run(path, source / "solutions" / path.name, scratch)
            names.append(lesson.name)
    return names


def save_run(notebook: Path, target: Path, scratch: Path) -> None:
    """Run `notebook` and write it to `target` with outputs that a page can show."""
    book = nbformat.read(notebook, as_version=4)
    book = execute(book, notebook.parent, scratch)
    for cell in book.cells:
        outputs = [as_page_output(output) for output in cell.get("outputs", [])]
        if outputs or cell.cell_type == "code":
            cell.outputs = [output for output in outputs if output is not None]
    # The first cell is for Colab alone; a page has no use for it.
    first = next(n for n, cell in enumerate(book.cells) if cell.cell_type == "code")
    if book.cells[first].source.startswith("# On Colab"):
        del book.cells[first]
    nbformat.write(book, target)


def as_page_output(output):
    """Return an output as a page shows it; None for a widget that only a kernel can show."""
    data = output.get("data")
    if data is None:
        return output
    if "text/html" in data:
        output.data = {"text/html": data["text/html"], "text/plain": data.get("text/plain", "")}
    elif KERNEL_ONLY in data:
        return None
    return output


# --- the index -----------------------------------------------------------------------------------


def write_index(chosen: list[Lesson], solutions: list[str], source: Path) -> None:
    """Write the first page: what the course is, a picture for each lesson, and the reader."""
    cards = "\n".join(card(lesson, source) for lesson in chosen)
    toctree = "\n".join(lesson.name for lesson in chosen)
    lines = [
        "# The Hammered Iron Sheet",
        "",
        "How does an LSTM *really* work? A course in nine lessons, from a sheet of iron that keeps "
        "its dents to an LSTM stepped by hand, trained on real handwritten digits, replayed row by "
        "row, and opened up. Every replay on these pages plays without Python and without the "
        "network.",
        "",
        '<p><a href="reader/index.html"><strong>Draw a digit and watch three networks read it'
        "</strong></a>: a page of its own, with an LSTM, a GRU and a plain RNN that run in your "
        "browser.</p>",
        "",
        f'<ul class="course-cards">\n{cards}\n</ul>',
        "",
        "```{toctree}\n:hidden:\n:caption: Lessons\n\n" + toctree + "\n```",
        "",
    ]
    if solutions:
        names = "\n".join(f"solutions/{name}" for name in solutions)
        lines += ["```{toctree}\n:hidden:\n:caption: Solutions\n\n" + names + "\n```", ""]
    (source / "index.md").write_text("\n".join(lines), encoding="utf-8")


def card(lesson: Lesson, source: Path) -> str:
    """Return a list item with the lesson's first picture, title and contents."""
    png = first_picture(source / f"{lesson.name}.ipynb")
    image = f'<img src="data:image/png;base64,{png}" alt="">' if png else ""
    return (
        f'<li>{image}<a href="{lesson.name}.html">{lesson.number}. {html.escape(lesson.title)}</a>'
        f"<br>{html.escape(lesson.happens)}. About {lesson.minutes} minutes.</li>"
    )


def first_picture(path: Path) -> str | None:
    """Return the first picture in a notebook that has been run, as base64."""
    marker = 'src="data:image/png;base64,'
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            page = output.get("data", {}).get("text/html", "")
            if marker in page:
                return page.split(marker, 1)[1].split('"', 1)[0]
    return None


# --- the reader page -----------------------------------------------------------------------------


def build_reader_page(folder: Path) -> None:
    """Write the page that reads a drawn digit in the visitor's browser."""
    folder.mkdir(parents=True, exist_ok=True)
    page = (WEB / "index.html").read_text(encoding="utf-8")
    for name in ("cells.js", "digit.js", "page.js"):
        script = (WEB / name).read_text(encoding="utf-8")
        page = page.replace(f"/* {name} */", script)
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "readers.js").write_text(readers_script(), encoding="utf-8")


def readers_script() -> str:
    """Return the weights and the sample digits as a script, which also loads from the disk."""
    packed = [pack(reader.shipped(cell)) for cell in ("lstm", "gru", "rnn")]
    digits = small_digits()
    samples = [
        {"label": label, "pixels": digits.x_test[digits.y_test == label][0].ravel().tolist()}
        for label in range(10)
    ]
    return f"const READERS = {json.dumps(packed)};\nconst SAMPLES = {json.dumps(samples)};\n"


def pack(weights) -> dict:
    """Pack a reader's arrays one after the other as base64 of little-endian float32."""
    arrays = (
        weights.kernel,
        weights.recurrent_kernel,
        weights.bias,
        weights.head_kernel,
        weights.head_bias,
    )
    data = b"".join(np.ascontiguousarray(array, "<f4").tobytes() for array in arrays)
    return {
        "cell": weights.cell,
        "units": weights.units,
        "features": weights.features,
        "data": base64.b64encode(data).decode("ascii"),
    }


if __name__ == "__main__":
    sys.exit(main())
