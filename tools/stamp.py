"""Write what has one source into its other places.

uv run python tools/stamp.py            writes
uv run python tools/stamp.py --check    writes nothing; exits with 1 if something would change
uv run python tools/stamp.py --replay   also draws the replay at the head of README anew

README.md gets the table of lessons (from helpers/course.py, with the first picture saved in each
notebook, which docs/lessons/ gets) between <!-- lessons --> and <!-- /lessons -->, the badges
(address and version from pyproject.toml) between <!-- badges --> and <!-- /badges -->, and the line
that clones it; CONTRIBUTING.md has that line, too. Every
notebook gets the first cell, which fetches the course on Colab, and under its title the links that
open it on Binder and on Colab.
"""

import base64
import functools
import html
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import address  # noqa: E402
from helpers.course import LESSONS, Lesson  # noqa: E402
from tests.notebook_tools import NOTEBOOKS, notebooks  # noqa: E402
from tools import arguments  # noqa: E402

README = ROOT / "README.md"
PLACE = re.compile(r"(<!-- lessons -->\n).*?(<!-- /lessons -->)", re.DOTALL)
BADGES = re.compile(r"(<!-- badges -->\n).*?(<!-- /badges -->)", re.DOTALL)
FIRST = "# On Colab"
LAUNCH = re.compile(r"\n*^.*<!-- launch -->.*$", re.MULTILINE)
PICTURES = ROOT / "docs" / "lessons"
CLONE = re.compile(r"^git clone \S+\ncd \S+$", re.MULTILINE)
TABLE = ["| | lesson | minutes |", "|---|---|---|"]


def stamped(text: str) -> str:
    """Return README's text with today's table in its place; ValueError if it has none or two."""
    if len(PLACE.findall(text)) != 1:
        raise ValueError(
            "README.md needs the lines <!-- lessons --> and <!-- /lessons --> once each, in this "
            "order: the table of lessons is written between them."
        )
    table = "\n".join([*TABLE, *map(table_row, LESSONS)])
    text = PLACE.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text)
    url = address.repository()
    text = CLONE.sub(f"git clone {url}\ncd {url.rsplit('/', 1)[1]}", text)
    return BADGES.sub(lambda found: f"{found[1]}{badges()}\n{found[2]}", text)


def table_row(lesson: Lesson) -> str:
    """Return the lesson's row: its picture, what happens, and how long it takes."""
    n, name, title, minutes, happens, picture = lesson
    return (
        f'| <img src="docs/lessons/{name[:2]}.png" width="240" alt="{html.escape(picture)}"> '
        f"| **{n}. [{title}](notebooks/{name}.ipynb)**<br>{happens} | {minutes} |"
    )


def first_picture(name: str) -> tuple[bytes, str]:
    """Return the first picture that is saved in a lesson, and its words."""
    book = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    for cell in book["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                words = "".join(data["text/plain"]).removeprefix("Picture: ")
                return base64.b64decode("".join(data["image/png"])), words
    raise ValueError(f"{name}.ipynb has no saved picture: run tools/format_notebooks.py --execute")


def stamp_pictures(check: bool) -> bool | None:
    """Keep each lesson's first picture as a file of its own; True if one changed, or would.

    None if a lesson has no saved picture.
    """
    changed = False
    for lesson in LESSONS:
        path = PICTURES / f"{lesson.name[:2]}.png"
        try:
            png, _ = first_picture(lesson.name)
        except ValueError as error:
            print(error, file=sys.stderr)
            return None
        if path.exists() and path.read_bytes() == png:
            continue
        changed = True
        if check:
            print(f"{path.name}: is not the lesson's first picture (run tools/stamp.py)")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png)
            print(f"{path.name}: written")
    return changed


def draw_replay(path: Path) -> None:
    """Draw three steps of the replay at the head of README."""
    from helpers import figures
    from helpers.digits import small_digits
    from helpers.figures.frames import filmstrip
    from helpers.reader import shipped
    from helpers.trace import trace

    digits = small_digits()
    seven = trace(shipped(), digits.x_test[digits.y_test == 7][0])
    path.write_bytes(filmstrip(figures.lstm_frames(seven), keys=[9, 18, 27], columns=1))


def badges() -> str:
    """Return the launch badges of the first lesson."""
    start = LESSONS[0].name
    return (
        f"[![Launch on Binder](docs/binder.svg)]({address.binder(start)}) "
        f"[![Open in Colab](docs/colab.svg)]({address.colab(start)}) "
        f"[The pages, nothing to install]({address.page()})"
    )


def stamped_notebook(text: str, name: str) -> str:
    """Return a notebook's text with today's first cell and links; ValueError if it has no place."""
    book = json.loads(text)
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    if not code or not "".join(code[0]["source"]).startswith(FIRST):
        raise ValueError(f"the first code cell must begin with {FIRST!r}")
    code[0]["source"] = address.first_cell().splitlines(keepends=True)
    title, *rest = LAUNCH.sub("", "".join(book["cells"][0]["source"])).split("\n")
    if not title.startswith("# "):
        raise ValueError("the first line of the first cell must be the title, # ...")
    lines = "\n".join([title, "", address.launch_line(name), *rest])
    book["cells"][0]["source"] = lines.splitlines(keepends=True)
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def main(line: list[str] | None = None, path: Path = README) -> int:
    """Read the command line, and write or check."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it would change")
    parser.add_argument("--replay", action="store_true", help="also draw docs/replay.png anew")
    wanted = parser.parse_args(line)
    check = wanted.check
    if check and wanted.replay:
        parser.error("--check writes nothing and --replay is there to write: choose one")
    try:
        if wanted.replay:
            draw_replay(ROOT / "docs" / "replay.png")
        changed = [stamp(path, stamped, check)]
        if path == README:
            changed += [stamp_pictures(check)]
            for book in notebooks():
                name = book.relative_to(NOTEBOOKS).with_suffix("").as_posix()
                changed += [stamp(book, functools.partial(stamped_notebook, name=name), check)]
    except OSError as error:  # read-only, or a full disk
        print(error, file=sys.stderr)
        return 1
    return int((check and any(changed)) or None in changed)


def stamp(path: Path, stamper, check: bool) -> bool | None:
    """Stamp one file; True if it changed (or would), None if it cannot be stamped."""
    before = path.read_text(encoding="utf-8")
    try:
        after = stamper(before)
    except ValueError as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        return None
    if before == after:
        return False
    if check:
        print(f"{path.name}: is not as its sources say (run tools/stamp.py)")
    else:
        arguments.write_text(path, after)
        print(f"{path.name}: written")
    return True


if __name__ == "__main__":
    sys.exit(main())
