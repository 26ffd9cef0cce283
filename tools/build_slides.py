"""Build the lessons' slides into _slides/: reveal.js decks that work offline, replays and all.

    uv run python tools/build_slides.py
    uv run python tools/build_slides.py --only 01    one lesson; the other decks stay as they are

The lessons run without the network on the bundled digits, and draw their pictures for a projector.
Open _slides/index.html: it says which keys do what. --runs keeps the lessons as run in a folder,
and a second build takes them from there.
"""

import html
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.course import LESSONS, Lesson  # noqa: E402
from helpers.figures import COLOURS  # noqa: E402
from tests.notebook_tools import NOTEBOOKS  # noqa: E402
from tools import arguments, build_site, slides  # noqa: E402

OUT = ROOT / "_slides"
ASSETS = ROOT / "slides"


def main(line: list[str] | None = None) -> int:
    """Read the command line and build."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument(
        "--only", nargs="+", type=arguments.lesson, metavar="NN", help="lessons, by number"
    )
    parser.add_argument(
        "--out", type=arguments.folder, default=OUT, help="folder to build into (_slides)"
    )
    parser.add_argument(
        "--runs", type=arguments.folder, metavar="FOLDER", help="keep the lessons as run here"
    )
    wanted = parser.parse_args(line)
    if build_site.strangers(wanted.out):
        parser.error(
            f"{wanted.out} holds files that no build has put there: name a new or an empty folder"
        )
    try:
        build(arguments.in_order(wanted.only or LESSONS), wanted.out, wanted.runs)
    except (OSError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"built: open {wanted.out / 'index.html'} in a browser")
    return 0


def build(chosen: list[Lesson], out: Path, runs: Path | None = None) -> None:
    """Run the chosen lessons and write their decks; those of an earlier build stay as they are."""
    there = set(build_site.built_before(out))
    with tempfile.TemporaryDirectory(prefix="sheet-slides-") as name:
        built = Path(name) / "slides"
        shutil.copytree(ASSETS, built, ignore=shutil.ignore_patterns("*.md"))
        with build_site.without_line("Kernel is running over TCP without encryption"):
            for lesson in chosen:
                book = run(lesson, runs or Path(name), Path(name))
                (built / f"{lesson.name}.html").write_text(
                    slides.deck(lesson, book), encoding="utf-8"
                )
        style = built / "deck.css"
        style.write_text(f"{variables()}\n{style.read_text('utf-8')}\n{slides.colours()}", "utf-8")
        decks = [each for each in LESSONS if each in chosen or f"{each.name}.html" in there]
        (built / "index.html").write_text(index(decks), encoding="utf-8")
        build_site.put(built, out, len(chosen) == len(LESSONS))


def run(lesson: Lesson, runs: Path, scratch: Path):
    """Return a lesson as run for slides, from an earlier run where there is one."""
    runs.mkdir(parents=True, exist_ok=True)
    path, notebook = runs / f"{lesson.name}.ipynb", NOTEBOOKS / f"{lesson.name}.ipynb"
    if not path.exists() or path.stat().st_mtime < notebook.stat().st_mtime:
        print(f"running {lesson.name}", flush=True)
        build_site.save_run(notebook, path, scratch, SHEET_PROJECTOR="on")
    return nbformat.read(path, as_version=4)


def variables() -> str:
    """Return the pictures' colours for the style sheet."""
    names = "".join(f"  --{name}: {colour};\n" for name, colour in COLOURS.items())
    return f":root {{\n{names}}}"


INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The Hammered Iron Sheet: slides</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="deck.css">
</head>
<body class="index">
<main>
<h1>The Hammered Iron Sheet: slides</h1>
<ul>
{decks}
</ul>
<h2>Keys</h2>
<table>
<tr><th scope="row">→ or Page Down</th><td>the next slide, or what waits on this one</td></tr>
<tr><th scope="row">← or Page Up</th><td>back</td></tr>
<tr><th scope="row">↑ ↓</th><td>a step of the replay on the slide, forwards and back</td></tr>
<tr><th scope="row">R</th><td>plays the replay, and stops it</td></tr>
<tr><th scope="row">S</th><td>a window of your own: what to ask, and the answers that come</td></tr>
<tr><th scope="row">F, Esc, ?</th><td>the whole screen, all slides at once, all keys</td></tr>
</table>
<p>A click on a replay, or Tab, gives it all arrow keys; Esc gives them back to the slides.</p>
</main>
</body>
</html>
"""


def index(decks: list[Lesson]) -> str:
    """Return the page that leads to the decks and says which keys do what."""
    items = "\n".join(
        f'<li><a href="{each.name}.html">{each.number}. {html.escape(each.title)}</a></li>'
        for each in decks
    )
    return INDEX.format(decks=items)


if __name__ == "__main__":
    sys.exit(main())
