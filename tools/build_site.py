"""Build the course as pages into _site/: every lesson run, its replays playing without a kernel.

    uv run python tools/build_site.py
    uv run python tools/build_site.py --only 01      one lesson, into _site_only/, for a look

The lessons run without the network on the bundled digits. The pages ask for nothing from elsewhere
and also work from the disk. The reader page (web/) is built beside them and needs no Python.
"""

import html
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.course import LESSONS, Lesson  # noqa: E402
from tests.notebook_tools import NOTEBOOKS  # noqa: E402
from tools import (  # noqa: E402
    arguments,
    build_slides,
    built_line,
    docs_pages,
    lesson_pages,
    output_folder,
    questions,
    reader_page,
)
from tools.stamp import first_picture  # noqa: E402


def main(line: list[str] | None = None) -> int:
    """Read the command line and build."""
    parser = arguments.new_parser(__doc__)
    output_folder.options(parser, ROOT / "_site")
    parser.add_argument(
        "--tested",
        action="store_true",
        help="say that all tests have passed: they just did, with these versions",
    )
    parser.add_argument("--slides", action="store_true",
                        help="build the slides, too, and a link that leads to them")  # fmt: skip
    wanted = parser.parse_args(line)
    if wanted.tested and wanted.only:
        parser.error("--tested speaks of all pages: leave out --only")
    chosen, out = output_folder.chosen(parser, wanted)
    try:
        build(chosen, out, built_line.paragraph(wanted.tested), wanted.slides)
        if wanted.slides:
            build_slides.build(chosen, out / "slides")
    except (OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"built: open {out / 'index.html'} in a browser")
    return 0


def build(chosen: list[Lesson], out: Path, said: str = "", with_slides: bool = False) -> None:
    """Run the chosen lessons and their solutions, and write their pages.

    `said` stands at the foot of the first page. `with_slides` puts a link to the slides on it;
    tools/build_slides.py makes them.

    Raises RuntimeError if Sphinx finds a fault.
    """
    with tempfile.TemporaryDirectory(prefix="sheet-site-") as name:
        source, built = Path(name) / "source", Path(name) / "pages"
        shutil.copytree(ROOT / "site", source)
        shutil.copytree(NOTEBOOKS / "pictures", source / "pictures")
        shutil.copy(ROOT / "pyproject.toml", name)
        (source / "solutions").mkdir()
        for lesson in chosen:
            for page in (lesson.name, f"solutions/{lesson.name}"):
                print(f"running {page}", flush=True)
                notebook, target = NOTEBOOKS / f"{page}.ipynb", source / f"{page}.ipynb"
                lesson_pages.save_run(notebook, target, Path(name))
        write_index(chosen, source, said, with_slides)
        docs_pages.write(source)
        write_questions(source)
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html"]
        if len(chosen) == len(LESSONS):
            command += ["-W", "--keep-going"]
        else:  # links to lessons that were left out are no fault
            command += ["-D", "suppress_warnings=mystnb.unknown_mime_type,myst.xref_missing"]
        command += ["-d", str(Path(name) / "doctrees"), str(source), str(built)]
        # site/conf.py takes up a part from tools/
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        if subprocess.call(command, env=os.environ | {"PYTHONPATH": path}):
            raise RuntimeError("Sphinx found a fault, named above: nothing was built.")
        reader_page.build(built / "reader")
        (built / ".nojekyll").touch()  # GitHub Pages leaves folders such as _static out
        output_folder.put(built, out)


def write_questions(source: Path) -> None:
    """Write the script with all plain questions, and which of them each lesson's page asks."""
    pages = {}
    for lesson in LESSONS:
        book = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", as_version=4)
        cells = [cell.source for cell in book.cells if cell.cell_type == "code"]
        pages[lesson.name] = questions.asked("\n".join(cells))
    script = questions.questions_script(pages)
    (source / "_static" / "questions.js").write_text(script, encoding="utf-8")


# --- the index -----------------------------------------------------------------------------------


def write_index(chosen: list[Lesson], source: Path, said: str, with_slides: bool) -> None:
    """Write the first page: what the course is, the reader, and a card for each lesson."""
    pictures = source / "_static" / "lessons"
    pictures.mkdir()
    cards = "\n".join([reader_card(), *(card(lesson, pictures) for lesson in chosen)])
    titles = {lesson.name: f"{lesson.number}. {lesson.title}" for lesson in chosen}
    links = "".join(
        f'<li><a href="solutions/{name}.html">{title}</a></li>' for name, title in titles.items()
    )
    solutions = [f"{title} <solutions/{name}>" for name, title in titles.items()]
    lines = [
        "# The Hammered Iron Sheet",
        "",
        "How does an LSTM *really* work? A course that leads from a sheet of iron that keeps its "
        "dents to an LSTM stepped by hand, trained on real handwritten digits, replayed row by row "
        "and opened up, and then to networks of your own. Every replay on these pages plays "
        "without Python and without the network. Here is one: play it, and point at its maps.",
        "",
        f"```{{raw}} html\n{docs_pages.digit().html()}\n```",
        "",
        f'<ul class="course-cards">\n{cards}\n</ul>',
        docs_pages.toctree(titles, "Lessons"),
        f'<h2>Solutions to the exercises</h2><ul class="course-solutions">{links}</ul>',
        docs_pages.toctree(solutions, "Solutions"),
        *docs_pages.index_lines(with_slides),
        # tools/take_along.py puts its links here, once there is something to take along.
        '<div class="course-take-along"></div>',
        "",
        said,
        "",
    ]
    (source / "index.md").write_text("\n".join(lines), encoding="utf-8")


def card(lesson: Lesson, pictures: Path) -> str:
    """Return a list item with the lesson's title, first picture and contents."""
    png, words = first_picture(lesson.name)
    (pictures / f"{lesson.name[:2]}.png").write_bytes(png)
    title, alt = f"{lesson.number}. {lesson.title}", words.split(". ")[0].rstrip(".")
    happens = f"{lesson.happens}. About {lesson.minutes} minutes."
    return card_html(f"{lesson.name}.html", title, f"lessons/{lesson.name[:2]}.png", alt, happens)


def reader_card() -> str:
    """Return the first card: the page that reads a drawn digit."""
    return card_html(
        lesson_pages.READER,
        "Draw a digit and watch three networks read it",
        "reader_card.png",
        "A handwritten 7, read to row 16 of 28, and what each network believes then: the LSTM 7, "
        "90%, the GRU 7, 96%, the RNN 2, 42%",
        "An LSTM, a GRU and a plain RNN read your digit row by row, in your browser. Take the "
        "tour, step through it, pin a gate, and take any number apart.",
    )


def card_html(link: str, title: str, picture: str, alt: str, words: str) -> str:
    """Return a card: its title is the link, and lies over the whole card."""
    # Title first, for a voice; the style sheet shows the picture above it.
    return (
        f'<li><h2><a href="{link}">{html.escape(title)}</a></h2>'
        f'<span class="course-card-picture"><img src="_static/{picture}" '
        f'alt="{html.escape(alt)}"></span><p>{html.escape(words)}</p></li>'
    )


if __name__ == "__main__":
    sys.exit(main())
