"""Write what has one source into its other places.

uv run python tools/stamp.py            writes
uv run python tools/stamp.py --check    writes nothing; exits with 1 if something would change
uv run python tools/stamp.py --replay   also draws the replays at the heads of both READMEs anew

| written | from |
|---|---|
| README: table of lessons; notebooks/pictures/ | helpers/course.py, each lesson's first picture |
| README: badges, clone; each notebook: Colab's cell, links | pyproject.toml |
| each lesson's title: its picture | its first picture |
| docs/glossary.md | docs/glossary.yml |
| docs/teaching/: minutes, exercises, plans | the lessons and their checks |
"""

import base64
import html
import json
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import address  # noqa: E402
from helpers.course import LESSONS, Lesson  # noqa: E402
from tests.notebook_tools import NOTEBOOKS, lessons, name_of, notebooks  # noqa: E402
from tools import arguments, glossary, guide, predictions  # noqa: E402

README = ROOT / "README.md"
LAUNCH = re.compile(r"\n*^(.*<!-- launch -->|!\[.*\]\(pictures/).*$", re.MULTILINE)
CLONE = re.compile(r"^git clone \S+\ncd \S+$", re.MULTILINE)


def generated() -> dict[Path, str | bytes]:
    """Return every file with something generated in it, as it is to be.

    Raises ValueError if one has no place for it.
    """
    files = {README: readme(README.read_text(encoding="utf-8"))}
    contributing = ROOT / "CONTRIBUTING.md"
    files[contributing] = CLONE.sub(clone(), contributing.read_text(encoding="utf-8"))
    for lesson in LESSONS:
        picture = NOTEBOOKS / "pictures" / f"{lesson.name[:2]}.png"
        files[picture] = first_picture(lesson.name)[0]
    for path in notebooks():
        files[path] = notebook(path.read_text(encoding="utf-8"), path)
    files[glossary.PAGE] = glossary.page()
    return files | guide.pages()


# --- README --------------------------------------------------------------------------------------


def readme(text: str) -> str:
    """Return README's text with today's table, badges and address."""
    table = ["| | lesson | minutes |", "|---|---|---|", *map(table_row, LESSONS)]
    for name, block in (("lessons", "\n".join(["", *table, ""])), ("badges", badges())):
        place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if len(place.findall(text)) != 1:
            raise ValueError(f"README.md needs <!-- {name} --> and <!-- /{name} --> once")
        text = place.sub(lambda found, block=block: f"{found[1]}{block}\n{found[2]}", text)
    return CLONE.sub(clone(), text)


def clone() -> str:
    """Return the lines that fetch the course and go into its folder."""
    return f"git clone {address.repository()}\ncd {address.repository().rsplit('/', 1)[1]}"


def table_row(lesson: Lesson) -> str:
    """Return the lesson's row: its picture, what happens, and how long it takes."""
    n, name, title, minutes, happens, picture = lesson
    return (
        f'| <img src="notebooks/pictures/{name[:2]}.png" width="240" alt="{html.escape(picture)}"> '
        f"| **{n}. [{title}](notebooks/{name}.ipynb)**<br>{happens} | {minutes} |"
    )


def badges() -> str:
    """Return the launch badges of the first lesson."""
    start = LESSONS[0].name
    return (
        f"[![Launch on Binder](docs/binder.svg)]({address.binder(start)}) "
        f"[![Open in Colab](docs/colab.svg)]({address.colab(start)}) "
        f"[The pages, nothing to install]({address.page()})"
    )


def first_picture(name: str) -> tuple[bytes, str]:
    """Return the first picture that is saved in a lesson, and its words."""
    book = predictions.read(NOTEBOOKS / f"{name}.ipynb")
    for output in predictions.opening(book.cells).outputs:
        if data := output.get("data"):
            words = data["text/plain"].removeprefix("Picture: ")
            return base64.b64decode(data["image/png"]), words
    raise ValueError(f"{name}.ipynb has no saved picture: run tools/format_notebooks.py --execute")


def draw_replays() -> None:
    """Draw three steps of the replay at the head of README, and rnnscope's as Chromium shows it."""
    from helpers import figures
    from helpers.digits import small_digits
    from helpers.figures.frames import filmstrip
    from helpers.reader import shipped
    from helpers.trace import trace
    from tests import browser_tools
    from tools.docs_pages import brackets

    digits = small_digits()
    seven = trace(shipped(), digits.x_test[digits.y_test == 7][0])
    strip = filmstrip(figures.lstm_frames(seven), keys=[9, 18, 27], columns=1)
    (ROOT / "docs" / "replay.png").write_bytes(strip)
    with tempfile.TemporaryDirectory() as folder, browser_tools.chromium() as browser:
        page, _ = browser_tools.new_page(browser, width=1000, height=700)
        page.goto(brackets().save(Path(folder) / "replay.html").as_uri())
        page.locator("canvas").first.wait_for()
        page.wait_for_timeout(500)
        page.screenshot(path=ROOT / "rnnscope" / "replay.png", full_page=True)


# --- notebooks -----------------------------------------------------------------------------------


def notebook(text: str, path: Path) -> str:
    """Return a notebook's text with today's first cell and links; ValueError if it has no place."""
    book = json.loads(text)
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    if not code or not "".join(code[0]["source"]).startswith(address.FIRST):
        raise ValueError(f"{name_of(path)}: the first code cell must begin with {address.FIRST!r}")
    code[0]["source"] = address.first_cell().splitlines(keepends=True)
    title, *rest = LAUNCH.sub("", "".join(book["cells"][0]["source"])).split("\n")
    if not title.startswith("# "):
        raise ValueError(f"{name_of(path)}: its first line must be the title, # ...")
    name = path.relative_to(NOTEBOOKS).with_suffix("").as_posix()
    lines = [title, ""]
    if path in lessons():
        words = first_picture(name)[1]
        lines += [f"![{words}](pictures/{name[:2]}.png)", ""]
    lines = "\n".join([*lines, address.launch_line(name), *rest])
    book["cells"][0]["source"] = lines.splitlines(keepends=True)
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def main(line: list[str] | None = None) -> int:
    """Read the command line, and write or check."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it would change")
    parser.add_argument("--replay", action="store_true", help="also draw both replay.png anew")
    wanted = parser.parse_args(line)
    if wanted.check and wanted.replay:
        parser.error("--check writes nothing and --replay is there to write: choose one")
    try:
        if wanted.replay:
            draw_replays()
        return write(generated(), wanted.check)
    except (OSError, ValueError) as error:  # read-only, a full disk, or no place in a file
        print(error, file=sys.stderr)
        return 1


def write(files: dict[Path, str | bytes], check: bool) -> int:
    """Write files that are not as they are to be, or only name them; 1 if one was named."""
    stale = 0
    for path, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        if path.exists() and path.read_bytes() == data:
            continue
        if check:
            print(f"{name_of(path)}: is not as its sources say (run tools/stamp.py)")
            stale = 1
            continue
        if isinstance(content, str):
            arguments.write_text(path, content)
        else:
            path.write_bytes(data)
        print(f"{name_of(path)}: written")
    return stale


if __name__ == "__main__":
    sys.exit(main())
