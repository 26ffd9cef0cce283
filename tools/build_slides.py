"""Build the lessons' slides into _slides/: reveal.js decks that work offline, replays and all.

    uv run python tools/build_slides.py
    uv run python tools/build_slides.py --only 01    one lesson, into _slides_only/, for a look

The lessons run without the network on the bundled digits, and draw their pictures for a projector.
Open _slides/index.html: it says which keys do what.
"""

import html
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.course import Lesson  # noqa: E402
from helpers.figures import COLOURS  # noqa: E402
from tests.notebook_tools import NOTEBOOKS  # noqa: E402
from tools import arguments, lesson_pages, output_folder, slides  # noqa: E402


def main(line: list[str] | None = None) -> int:
    """Read the command line and build."""
    parser = arguments.new_parser(__doc__)
    output_folder.options(parser, ROOT / "_slides")
    chosen, out = output_folder.chosen(parser, parser.parse_args(line))
    try:
        build(chosen, out)
    except (OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"built: open {out / 'index.html'} in a browser")
    return 0


def build(chosen: list[Lesson], out: Path) -> None:
    """Run the chosen lessons and write their decks."""
    with tempfile.TemporaryDirectory(prefix="sheet-slides-") as name:
        built, run = Path(name) / "slides", Path(name) / "run.ipynb"
        shutil.copytree(ROOT / "slides", built, ignore=shutil.ignore_patterns("*.md", "*.html"))
        for lesson in chosen:
            print(f"running {lesson.name}", flush=True)
            notebook = NOTEBOOKS / f"{lesson.name}.ipynb"
            lesson_pages.save_run(notebook, run, Path(name), SHEET_PROJECTOR="on")
            deck = slides.deck(lesson, nbformat.read(run, as_version=4))
            (built / f"{lesson.name}.html").write_text(deck, encoding="utf-8")
        style = built / "deck.css"
        style.write_text(f"{variables()}\n{style.read_text('utf-8')}\n{slides.colours()}", "utf-8")
        (built / "index.html").write_text(index(chosen), encoding="utf-8")
        output_folder.put(built, out)


def variables() -> str:
    """Return the pictures' colours for the style sheet."""
    names = "".join(f"  --{name}: {colour};\n" for name, colour in COLOURS.items())
    return f":root {{\n{names}}}"


def index(decks: list[Lesson]) -> str:
    """Return the page that leads to the decks and says which keys do what."""
    items = "\n".join(
        f'<li><a href="{each.name}.html">{each.number}. {html.escape(each.title)}</a></li>'
        for each in decks
    )
    return (ROOT / "slides" / "index.html").read_text("utf-8").replace("<!-- decks -->", items)


if __name__ == "__main__":
    sys.exit(main())
