"""Build the course as pages into _site/: every lesson run, its replays playing without a kernel.

    uv run python tools/build_site.py
    uv run python tools/build_site.py --only 01      one lesson; the other pages stay as they are

The lessons run without the network on the bundled digits. The pages ask for nothing from elsewhere
and also work from the disk. The reader page (web/) is built beside them and needs no Python.
"""

import base64
import contextlib
import html
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import nbformat
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import address, reader  # noqa: E402
from helpers.course import LESSONS, Lesson  # noqa: E402
from helpers.digits import small_digits  # noqa: E402
from helpers.figures import COLOURS  # noqa: E402
from helpers.trace import trace  # noqa: E402
from tests.notebook_tools import NOTEBOOKS, execute  # noqa: E402
from tools import arguments, built_line, docs_pages, questions  # noqa: E402
from tools.stamp import first_picture  # noqa: E402

SITE = ROOT / "_site"
WEB = ROOT / "web"
CONTROL = re.compile(r'^<p class="sheet-control">This (.+) works? in')  # see helpers.controls
DONE = "**What you have done.**"  # the words above what helpers.progress shows
LISTED = ".built"  # what builds have put into a folder
UNLISTED = (".buildinfo", ".nojekyll", "reader/index.html", "reader/readers.js")  # once not listed
LAUNCH = "<!-- launch -->"  # marks a notebook's own line of launch links
READER = "reader/index.html"


def main(line: list[str] | None = None) -> int:
    """Read the command line and build."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument(
        "--only", nargs="+", type=arguments.lesson, metavar="NN", help="lessons, by number"
    )
    parser.add_argument(
        "--out", type=arguments.folder, default=SITE, help="folder to build into (_site)"
    )
    parser.add_argument("--no-solutions", action="store_true", help="build the lessons alone")
    parser.add_argument(
        "--tested",
        action="store_true",
        help="say that all tests have passed: they just did, with these versions",
    )
    parser.add_argument(
        "--slides", action="store_true", help="build the slides, too, and a link that leads to them"
    )
    wanted = parser.parse_args(line)
    if wanted.tested and (wanted.only or wanted.no_solutions):
        parser.error("--tested speaks of all pages: leave out --only and --no-solutions")
    try:
        line_of_build = built_line.paragraph(wanted.tested)
    except ValueError as error:
        parser.error(str(error))
    if strangers(wanted.out):
        parser.error(
            f"{wanted.out} holds files that no build has put there: name a new or an empty folder"
        )
    try:
        chosen = arguments.in_order(wanted.only or LESSONS)
        build(chosen, wanted.out, not wanted.no_solutions, line_of_build, wanted.slides)
        if wanted.slides:
            from tools import build_slides  # which builds on this module

            build_slides.build(chosen, wanted.out / "slides")
    except (OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"built: open {wanted.out / 'index.html'} in a browser")
    return 0


def build(
    chosen: list[Lesson],
    out: Path,
    with_solutions: bool = True,
    said: str = "",
    with_slides: bool = False,
) -> None:
    """Run the chosen lessons and write their pages; those of an earlier build stay as they are.

    `with_slides` puts a link to the slides on the first page; tools/build_slides.py makes them.

    Raises RuntimeError if Sphinx finds a fault.
    """
    whole = len(chosen) == len(LESSONS)
    there = set() if whole else set(built_before(out))
    kept = [each for each in LESSONS if each not in chosen and f"{each.name}.html" in there]
    with tempfile.TemporaryDirectory(prefix="sheet-site-") as name:
        source = Path(name) / "source"
        shutil.copytree(ROOT / "site", source)
        (source / "solutions").mkdir()
        with without_line("Kernel is running over TCP without encryption"):
            for each in chosen:
                run_lesson(each, source, Path(name))
            solutions = run_solutions(chosen, source, Path(name)) if with_solutions else []
        stubs = write_stubs(kept, there, source)
        solutions = [
            each.name
            for each in LESSONS
            if each.name in solutions or f"solutions/{each.name}.html" in stubs
        ]
        lessons = arguments.in_order([*chosen, *kept])
        write_index(lessons, solutions, source, said, with_slides)
        docs_pages.write(source)
        write_questions(source)
        shutil.copy(ROOT / "pyproject.toml", name)
        built = Path(name) / "pages"
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html"]
        if whole:  # links to lessons that were left out are no fault
            command += ["-W", "--keep-going"]
        command += ["-d", str(Path(name) / "doctrees"), str(source), str(built)]
        # site/conf.py takes up a part from tools/
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        if subprocess.call(command, env=os.environ | {"PYTHONPATH": path}):
            raise RuntimeError("Sphinx found a fault, named above: nothing was built.")
        build_reader_page(built / "reader")
        (built / ".nojekyll").touch()  # GitHub Pages leaves folders such as _static out
        for stub in stubs:
            (built / stub).unlink()
        if there.issuperset(f"{each.name}.html" for each in chosen):
            (built / "searchindex.js").unlink()  # the earlier one knows all pages by their words
        put(built, out, whole)


def write_stubs(kept: list[Lesson], there: set[str], source: Path) -> list[str]:
    """Write a page with a title alone for each page that stays: so it is in the others' menus.

    Returns the names of these pages.
    """
    pages = {each.name: f"{each.number}. {each.title}" for each in kept}
    pages |= {f"solutions/{name}": f"Solutions: {title}" for name, title in pages.items()}
    pages = {name: title for name, title in pages.items() if f"{name}.html" in there}
    for name, title in pages.items():
        (source / f"{name}.md").write_text(f"# {title}\n", encoding="utf-8")
    return [f"{name}.html" for name in pages]


def strangers(out: Path) -> bool:
    """Whether a folder has files in it and was not made by a build."""
    return out.is_dir() and any(out.iterdir()) and not (out / LISTED).exists()


def built_before(out: Path) -> list[str]:
    """Return the files that builds have put into `out`; only such as lie within it."""
    listed = out / LISTED
    names = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    inside = out.resolve()
    return [name for name in names if name and (inside / name).resolve().is_relative_to(inside)]


def put(built: Path, out: Path, whole: bool = True) -> None:
    """Copy what was built to `out`; a whole build takes away what only an earlier one has left.

    A list says what builds have put there: nothing else in that folder is touched.

    Raises FileExistsError if a file that no build has put there is in the way.
    """
    files = sorted(p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file())
    earlier = built_before(out)
    for name in files:
        if (out / name).exists() and name not in earlier and name not in UNLISTED:
            raise FileExistsError(f"{out / name} is not of an earlier build: move it away.")
    out.mkdir(parents=True, exist_ok=True)
    ours = sorted({*files, *earlier})  # written first: a full disk must not make strangers of them
    (out / LISTED).write_text("\n".join(ours) + "\n", encoding="utf-8")
    shutil.copytree(built, out, dirs_exist_ok=True)
    if whole:
        for name in set(earlier) - set(files):
            (out / name).unlink(missing_ok=True)
        (out / LISTED).write_text("\n".join(files) + "\n", encoding="utf-8")


# --- the lessons ---------------------------------------------------------------------------------


def run_lesson(lesson: Lesson, source: Path, scratch: Path) -> None:
    """Run a lesson and put it, with what a page can show, into the source folder."""
    print(f"running {lesson.name}", flush=True)
    save_run(NOTEBOOKS / f"{lesson.name}.ipynb", source / f"{lesson.name}.ipynb", scratch)


def run_solutions(chosen: list[Lesson], source: Path, scratch: Path) -> list[str]:
    """Run the solutions of the chosen lessons; return their names."""
    names = []
    for lesson in chosen:
        path = NOTEBOOKS / "solutions" / f"{lesson.name}.ipynb"
        if path.exists():
            print(f"running solutions of {lesson.name}", flush=True)
            save_run(path, source / "solutions" / path.name, scratch)
            names.append(lesson.name)
    return names


def save_run(notebook: Path, target: Path, scratch: Path, **settings: str) -> None:
    """Run `notebook` and write it to `target` as a page shows it.

    `settings` of the environment are as `execute` takes them.
    """
    book = nbformat.read(notebook, as_version=4)
    book = execute(book, notebook.parent, scratch, **settings)
    name = notebook.relative_to(NOTEBOOKS).with_suffix("").as_posix()
    nbformat.write(as_page(book, name), target)


def as_page(book, name: str):
    """Return a notebook that has been run, with what a page can show and the links it needs."""
    for number, cell in enumerate(book.cells):
        if cell.cell_type == "code":
            shown = [as_page_output(output) for output in settled(cell.outputs)]
            if None in shown:
                shown[shown.index(None)] = note(book.cells, number, name)
            cell.outputs = [output for output in shown if output is not None]
            if not name.startswith("solutions/"):
                cell.outputs = exercise(cell, name) + cell.outputs
        else:
            cell.source = with_links_to_files(cell.source, name)
    title = next(cell for cell in book.cells if cell.cell_type == "markdown")
    title.source = with_launch_line(title.source, name)
    # A page keeps its own count of what is done; see site/_static/ask.js.
    book.cells = [cell for cell in book.cells if "helpers.progress" not in cell.source]
    book.cells = [cell for cell in book.cells if not cell.source.startswith(DONE)]
    # The first code cell is for Colab alone; a page has no use for it.
    first = next(n for n, cell in enumerate(book.cells) if cell.cell_type == "code")
    if book.cells[first].source.startswith("# On Colab"):
        del book.cells[first]
    return book


def settled(outputs: list) -> list:
    """Return outputs with what was printed in one piece, less what was written over.

    Keras's progress bar goes back to the beginning of its line at each step: a page keeps the last.
    """
    whole = []
    for output in outputs:
        last = whole[-1] if whole else None
        if output.output_type == "stream" and last and last.get("name") == output.name:
            last.text += output.text
        else:
            whole.append(output)
    for output in whole:
        if output.output_type == "stream":
            output.text = re.sub(r"[^\n]*(?:\x08{2,}|\r(?=[^\n]))", "", output.text)
    return whole


def exercise(cell, name: str) -> list:
    """Return what a page shows above an exercise's own "Your turn": a place to answer, or a line.

    ``ask.js`` puts a field into the place; a function is checked by Python alone.
    """
    said = "".join(output.get("text", "") for output in cell.outputs)
    if not said.startswith("Your turn:"):
        return []
    shown = [
        f'<div class="course-ask" data-question="{html.escape(asked)}"></div>'
        for asked in questions.asked(cell.source)
    ] or [f'<p class="course-python">This exercise needs Python: {launch_links(name)}.</p>']
    return [nbformat.v4.new_output("display_data", {"text/html": "".join(shown)})]


def write_questions(source: Path) -> None:
    """Write the script with all plain questions, and which of them each lesson's page asks."""
    pages = {}
    for lesson in LESSONS:
        book = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", as_version=4)
        cells = [cell.source for cell in book.cells if cell.cell_type == "code"]
        pages[lesson.name] = questions.asked("\n".join(cells))
    script = questions.questions_script(pages)
    (source / "_static" / "questions.js").write_text(script, encoding="utf-8")


def as_page_output(output):
    """Return an output as a page shows it; None for a control that only a kernel can show."""
    data = output.get("data")
    if data is None:
        return output
    if CONTROL.match(data.get("text/html", "")):
        return None
    if "text/html" in data:
        shown = re.sub(r'(href="(?![a-z]+:)[^"#]*)\.ipynb(?=["#])', r"\1.html", data["text/html"])
        output.data = {"text/html": shown, "text/plain": data.get("text/plain", "")}
    return output


def with_links_to_files(text: str, name: str) -> str:
    """Return a notebook's text with its links to files beside the notebooks led to the repository.

    Such a file, ``../helpers/data/README.md`` say, is no page.
    """

    def led(found: re.Match) -> str:
        path = posixpath.normpath(posixpath.join("notebooks", posixpath.dirname(name), found[1]))
        if path.startswith(("notebooks/", "..")):
            return found[0]
        return f"]({address.repository()}/blob/{address.tag()}/{path})"

    return re.sub(r"\]\((\.\./[^)\s]+)\)", led, text)


def with_launch_line(text: str, name: str) -> str:
    """Return the text of a notebook's first cell with the page's links under its title."""
    lines = [line for line in text.splitlines() if LAUNCH not in line]
    source = f"{address.repository()}/blob/{address.tag()}/notebooks/{name}.ipynb"
    line = (
        f'<p class="course-launch">Run it: {launch_links(name)}, <a href="{source}">source</a></p>'
    )
    title = next(n for n, line in enumerate(lines) if line.startswith("# "))
    return "\n".join([*lines[: title + 1], "", line, "", *lines[title + 1 :]])


def launch_links(name: str) -> str:
    """Return the links that run a notebook elsewhere."""
    binder, colab = html.escape(address.binder(name)), html.escape(address.colab(name))
    return f'<a href="{binder}">Binder</a>, <a href="{colab}">Colab</a>'


def note(cells: list, number: int, name: str):
    """Return what a page says in place of the controls that cell `number` shows."""
    cell = cells[number]
    around = "".join(
        near.source for near in cells[max(0, number - 2) : number + 2] if near is not cell
    )
    said = [CONTROL.match(output.get("data", {}).get("text/html", "")) for output in cell.outputs]
    if "drawing_pad(" in cell.source:
        pad = "../" * name.count("/") + READER
        said = (
            "The paper and the menu work in the notebook, with Python running: "
            f'{launch_links(name)}. <a href="{pad}">Draw on this page instead</a>, in your browser.'
        )
    elif "running kernel" in around:  # the lesson says it already
        said = f"With Python running: {launch_links(name)}."
    else:
        kinds = {kind: None for one in said if one for kind in re.split(", | and ", one[1])}
        what = " and ".join(kinds)
        verb = "work" if len(kinds) > 1 else "works"
        said = f"This {what} {verb} in the notebook, with Python running: {launch_links(name)}."
    said = f'<p class="course-note">{said}</p>'
    return nbformat.v4.new_output("display_data", {"text/html": said})


@contextlib.contextmanager
def without_line(part: str):
    """Keep lines with `part` off stderr, also those of processes started meanwhile."""
    sys.stderr.flush()
    real = os.dup(2)
    read, write = os.pipe()
    os.dup2(write, 2)
    os.close(write)

    def pass_on():
        with os.fdopen(read, "rb") as lines:
            for line in lines:
                if part.encode() not in line:
                    os.write(real, line)

    reading = threading.Thread(target=pass_on, daemon=True)
    reading.start()
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(real, 2)  # closes the pipe's last end here; the kernels have ended
        reading.join(timeout=10)
        os.close(real)


# --- the index -----------------------------------------------------------------------------------


def write_index(
    chosen: list[Lesson],
    solutions: list[str],
    source: Path,
    said: str = "",
    with_slides: bool = False,
) -> None:
    """Write the first page: what the course is, the reader, and a card for each lesson."""
    pictures = source / "_static" / "lessons"
    pictures.mkdir()
    cards = "\n".join(card(lesson, pictures) for lesson in chosen)
    toctree = "\n".join(lesson.name for lesson in chosen)
    lines = [
        "# The Hammered Iron Sheet",
        "",
        "How does an LSTM *really* work? A course that leads from a sheet of iron that keeps its "
        "dents to an LSTM stepped by hand, trained on real handwritten digits, replayed row by row "
        "and opened up, and then to networks of your own. Every replay on these pages plays "
        "without Python and without the network.",
        "",
        f'<ul class="course-cards">\n{reader_card(pictures)}\n{cards}\n</ul>',
        "",
        "```{toctree}\n:hidden:\n:caption: Lessons\n\n" + toctree + "\n```",
        "",
    ]
    if solutions:
        titles = {lesson.name: f"{lesson.number}. {lesson.title}" for lesson in chosen}
        links = "".join(
            f'<li><a href="solutions/{name}.html">{titles[name]}</a></li>' for name in solutions
        )
        names = "\n".join(f"{titles[name]} <solutions/{name}>" for name in solutions)
        lines += [
            f'<h2>Solutions to the exercises</h2><ul class="course-solutions">{links}</ul>',
            "",
            "```{toctree}\n:hidden:\n:caption: Solutions\n\n" + names + "\n```",
            "",
        ]
    lines += docs_pages.index_lines(with_slides)
    # tools/take_along.py puts its links here, once there is something to take along.
    lines += ['<div class="course-take-along"></div>', "", said, ""]
    (source / "index.md").write_text("\n".join(lines), encoding="utf-8")


def card(lesson: Lesson, pictures: Path) -> str:
    """Return a list item with the lesson's title, first picture and contents."""
    png, words = first_picture(lesson.name)
    (pictures / f"{lesson.number}.png").write_bytes(png)
    alt = words.split(". ")[0].rstrip(".")
    return card_html(
        f"{lesson.name}.html",
        f"{lesson.number}. {lesson.title}",
        f"{lesson.number}.png",
        alt,
        f"{lesson.happens}. About {lesson.minutes} minutes.",
    )


def reader_card(pictures: Path) -> str:
    """Return the first card: the page that reads a drawn digit."""
    svg, alt = reader_picture()
    (pictures / "reader.svg").write_text(svg, encoding="utf-8")
    return card_html(
        READER,
        "Draw a digit and watch three networks read it",
        "reader.svg",
        alt,
        "An LSTM, a GRU and a plain RNN read your digit row by row, in your browser. Take the "
        "tour, step through it, pin a gate, and take any number apart.",
    )


def card_html(link: str, title: str, picture: str, alt: str, words: str) -> str:
    """Return a card: its title is the link, and lies over the whole card."""
    # Title first, for a voice; the style sheet shows the picture above it.
    return (
        f'<li><h2><a href="{link}">{html.escape(title)}</a></h2>'
        f'<span class="course-card-picture"><img src="_static/lessons/{picture}" '
        f'alt="{html.escape(alt)}"></span><p>{html.escape(words)}</p></li>'
    )


def reader_picture(row: int = 16, label: int = 7) -> tuple[str, str]:
    """Draw a digit read down to `row`, and what the three networks believe; the SVG and its words.

    The beliefs are computed here, by the networks that the page runs.
    """
    digits = small_digits()
    pixels = digits.x_test[digits.y_test == label][0]
    dots = "".join(
        f'<rect x="{x}" y="{y}" width="1.02" height="1.02" fill-opacity="{value / 255:.2f}"/>'
        for y, line in enumerate(pixels.tolist())
        for x, value in enumerate(line)
        if value > 12
    )
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 232" font-family="system-ui, '
        f'sans-serif" font-size="15" fill="{COLOURS["ink"]}"><rect width="620" height="232" '
        f'fill="{COLOURS["paper"]}"/>',
        f'<g transform="translate(12 12) scale(7.43)">{dots}'
        f'<rect y="{row}" width="28" height="{28 - row}" fill="{COLOURS["paper"]}" '
        'fill-opacity=".7"/>'
        f'<rect width="28" height="28" fill="none" stroke="{COLOURS["muted"]}" '
        'stroke-width=".14"/>'
        f'<rect y="{row - 1}" width="28" height="1" fill="none" stroke="{COLOURS["now"]}" '
        'stroke-width=".35"/></g>',
    ]
    answers = []
    for number, kind in enumerate(("lstm", "gru", "rnn")):
        belief = trace(reader.shipped(kind), pixels).belief[row - 1]
        best, base = int(belief.argmax()), 62 + 72 * number
        name = kind.upper()
        answers.append(f"the {name} {best}, {belief[best]:.0%}")
        parts.append(f'<text x="246" y="{base - 14}" font-weight="600">{name}</text>')
        for digit, share in enumerate(belief.tolist()):
            x, high = 306 + 30 * digit, max(1.0, 44 * share)
            colour = COLOURS["now" if digit == best else "hidden"]
            weight = ' font-weight="700"' if digit == best else ""
            parts.append(
                f'<rect x="{x}" y="{base - high:.1f}" width="22" height="{high:.1f}" '
                f'fill="{colour}"/><text x="{x + 11}" y="{base + 15}" text-anchor="middle" '
                f'font-size="13"{weight}>{digit}</text>'
            )
    words = f"A handwritten {label}, read to row {row} of 28, and what each network believes then"
    return "".join([*parts, "</svg>"]), f"{words}: {', '.join(answers)}"


# --- the reader page -----------------------------------------------------------------------------


def build_reader_page(folder: Path) -> None:
    """Write the page that reads a drawn digit in the visitor's browser."""
    folder.mkdir(parents=True, exist_ok=True)
    page = (WEB / "index.html").read_text(encoding="utf-8")
    for name in re.findall(r"/\* (\w+\.(?:css|js)) \*/", page):
        part = (WEB / name).read_text(encoding="utf-8")
        page = page.replace(f"/* {name} */", part)
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
