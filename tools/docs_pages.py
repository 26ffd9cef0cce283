"""The pages of docs/ that are pages of the site too, with links that hold there."""

import posixpath
import re
from pathlib import Path

from helpers import address
from helpers.course import LESSONS

DOCS = Path(__file__).resolve().parent.parent / "docs"
# In the order of the menu, with the names that they have there; the guide's pages lie below it.
PAGES = {
    "sheet": "One page to print",
    "glossary": "Glossary",
    "teaching": "Teaching with the course",
    "misconceptions": "Wrong ideas, and where they are met",
}
BELOW = [f"teaching/{path.stem}" for path in sorted((DOCS / "teaching").glob("*.md"))]
LINK = re.compile(r"\]\((?!#|[a-z]+:)([^)#\s]+)(#[^)\s]*)?\)")


def write(source: Path) -> None:
    """Write the pages into Sphinx's source folder."""
    (source / "teaching").mkdir()
    for name in [*PAGES, *BELOW]:
        text = with_links((DOCS / f"{name}.md").read_text(encoding="utf-8"), name)
        text += toctree(BELOW) if name == "teaching" else ""
        (source / f"{name}.md").write_text(text, encoding="utf-8")


def with_links(text: str, name: str) -> str:
    """Return a page's text with its links led to the site's pages, or else to the repository."""
    pages = {f"notebooks/{lesson.name}.ipynb": f"{lesson.name}.ipynb" for lesson in LESSONS}
    pages |= {f"docs/{page}.md": f"{page}.md" for page in [*PAGES, *BELOW]}
    folder = posixpath.dirname(name)

    def led(found: re.Match) -> str:
        path = posixpath.normpath(posixpath.join("docs", folder, found[1]))
        there = f"{address.repository()}/blob/{address.tag()}/{path}"
        if path in pages:
            there = posixpath.relpath(pages[path], folder or ".")
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
