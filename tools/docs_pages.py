"""The pages of docs/ that are pages of the site too, with links that hold there."""

import posixpath
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import address  # noqa: E402
from helpers.course import LESSONS  # noqa: E402

DOCS = ROOT / "docs"
# In the order of the menu, with the names that they have there.
PAGES = {
    "sheet": "One page to print",
    "glossary": "Glossary",
    "teaching": "Teaching with the course",
    "misconceptions": "Wrong ideas, and where they are met",
}
LINK = re.compile(r"\]\((?!#|[a-z]+:)([^)#\s]+)(#[^)\s]*)?\)")


def write(source: Path) -> None:
    """Write the pages into Sphinx's source folder."""
    for name in PAGES:
        text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
        (source / f"{name}.md").write_text(with_links(text), encoding="utf-8")


def with_links(text: str) -> str:
    """Return a page's text with its links led to the site's pages, or else to the repository."""
    lessons = {f"notebooks/{lesson.name}.ipynb": f"{lesson.name}.ipynb" for lesson in LESSONS}
    pages = lessons | {f"docs/{name}.md": f"{name}.md" for name in PAGES}

    def led(found: re.Match) -> str:
        path = posixpath.normpath(posixpath.join("docs", found[1]))
        there = pages.get(path) or f"{address.repository()}/blob/{address.tag()}/{path}"
        return f"]({there}{found[2] or ''})"

    return LINK.sub(led, text)


def index_lines(with_slides: bool = False) -> list[str]:
    """Return the lines of the site's first page that lead to the pages, and to the slides."""
    there = PAGES | ({"slides/index": "Slides of the lessons"} if with_slides else {})
    links = "".join(f'<li><a href="{name}.html">{title}</a></li>' for name, title in there.items())
    names = "\n".join(f"{title} <{name}>" for name, title in PAGES.items())
    return [
        f'<h2>Beside the lessons</h2><ul class="course-solutions">{links}</ul>',
        "",
        "```{toctree}\n:hidden:\n:caption: Beside the lessons\n\n" + names + "\n```",
        "",
    ]
