"""The pages of docs/ and the results as pages of the site, with links that hold there."""

import posixpath
import re
import shutil
from pathlib import Path

import numpy as np

import rnnscope
from helpers import address, reader
from helpers.course import LESSONS
from helpers.digits import small_digits
from helpers.sequences import BRACKETS_FILE
from helpers.trace import network_of

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
# In the order of the menu, with the names that they have there; the guide's pages lie below it.
PAGES = {
    "own_network": "Your own network, opened",
    "results": "Results",
    "sheet": "One page to print",
    "glossary": "Glossary",
    "teaching": "Teaching with the course",
    "misconceptions": "Wrong ideas, and where they are met",
}
BELOW = [f"teaching/{path.stem}" for path in sorted((DOCS / "teaching").glob("*.md"))]
PLAYING = "<!-- playing -->"
FROM = {"results": "benchmarks/README.md"}  # the others are docs/NAME.md
LINK = re.compile(r"\]\((?!#|[a-z]+:)([^)#\s]+)(#[^)\s]*)?\)")


def write(source: Path) -> None:
    """Write the pages into Sphinx's source folder."""
    (source / "teaching").mkdir()
    for picture in (
        ROOT / "rnnscope" / "replay.png",
        *(ROOT / "benchmarks" / "pictures").glob("*.png"),
    ):
        shutil.copy(picture, source / "_static")
    for name in [*PAGES, *BELOW]:
        text = with_links((ROOT / path_of(name)).read_text(encoding="utf-8"), name)
        text += toctree(BELOW) if name == "teaching" else ""
        if name == "own_network":
            text = text.replace(PLAYING, playing())
        (source / f"{name}.md").write_text(text, encoding="utf-8")


def path_of(name: str) -> str:
    """Return where in the repository a page is written."""
    return FROM.get(name, f"docs/{name}.md")


def playing() -> str:
    """Return two replays that play: the course's own LSTM, and a network of PyTorch's weights."""
    return (
        "Two that play here. The course's own LSTM, trained with Keras, reads a 5:\n\n"
        f"```{{raw}} html\n{digit().html()}\n```\n\n"
        "And a network that PyTorch trained, of whose weights alone this is made:\n\n"
        f"```{{raw}} html\n{brackets().html()}\n```\n"
    )


def digit():
    """Return the replay of the course's own LSTM, over a 5."""
    digits = small_digits()
    read = digits.x_test[digits.y_test == 5][0] / 255
    view = rnnscope.replay(network_of(reader.shipped("lstm")), read, title="A digit, row by row")
    view.step = 19  # most of it is read
    return view


def brackets():
    """Return the replay of PyTorch's network that lesson 9 opens, over a string of brackets."""
    text, arrays = "(()(()))", dict(np.load(BRACKETS_FILE))
    network = rnnscope.from_torch(arrays, head="fc")
    read = arrays["look_up.weight"][[1 if letter == "(" else 2 for letter in text]]
    view = rnnscope.replay(network, read, steps=text, classes=["open", "balanced"], kind="classes")
    view.step = len(text) - 1
    return view


def with_links(text: str, name: str) -> str:
    """Return a page's text with its links led to the site's pages, or else to the repository."""
    pages = {f"notebooks/{lesson.name}.ipynb": f"{lesson.name}.ipynb" for lesson in LESSONS}
    pages |= {path_of(page): f"{page}.md" for page in [*PAGES, *BELOW]}
    folder = posixpath.dirname(name)

    def led(found: re.Match) -> str:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path_of(name)), found[1]))
        there = f"{address.repository()}/blob/{address.tag()}/{path}"
        if path in pages:
            there = posixpath.relpath(pages[path], folder or ".")
        elif path.endswith(".png"):
            there = f"/_static/{posixpath.basename(path)}"
        return f"]({there}{found[2] or ''})"

    return LINK.sub(led, text)


def toctree(entries, caption: str = "") -> str:
    """Return a hidden table of contents, which puts pages into the menus."""
    head = f":caption: {caption}\n" if caption else ""
    return "\n```{toctree}\n:hidden:\n" + head + "\n" + "\n".join(entries) + "\n```\n"


def index_lines(with_slides: bool = False) -> list[str]:
    """Return the lines of the site's first page that lead to the pages, and to the slides."""
    there = PAGES | ({"slides/index": "Slides of the lessons"} if with_slides else {})
    links = "".join(f'<li><a href="{name}.html">{title}</a></li>' for name, title in there.items())
    names = [f"{title} <{name}>" for name, title in PAGES.items()]
    heading = "<h2>Beside the lessons</h2>"
    return [
        f'{heading}<ul class="course-solutions">{links}</ul>',
        toctree(names, "Beside the lessons"),
    ]
