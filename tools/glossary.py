"""The course's terms, from docs/glossary.yml, and their page, which tools/stamp.py writes."""

import re
from pathlib import Path
from typing import NamedTuple

import yaml

from helpers.course import LESSONS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "glossary.md"
HEAD = """\
<!-- Written by tools/stamp.py: change docs/glossary.yml, and run it. -->
# Glossary

Every term of the course once, in one sentence: with the lesson where it comes first, its Chinese
name, its symbol, and what Keras, PyTorch and papers call it. Shapes, equations and the orders of
the gates stand together on [one page to print](sheet.md).
"""


class Term(NamedTuple):
    """An entry of docs/glossary.yml, whose head says what each of these is."""

    name: str
    says: str
    lesson: int
    chinese: str
    symbol: str = ""
    keras: str = ""
    pytorch: str = ""
    papers: str = ""
    also: tuple[str, ...] = ()
    mark: tuple[str, ...] | None = None
    otherwise: tuple[int, ...] = ()

    @property
    def slug(self) -> str:
        """What the address of its entry ends in, as GitHub and Sphinx make it of the heading."""
        return re.sub(r"[^\w -]", "", self.name.lower()).replace(" ", "-")

    @property
    def spellings(self) -> tuple[str, ...]:
        """The ways in which lessons write it."""
        return (self.name, *self.also)

    @property
    def marked(self) -> tuple[str, ...]:
        """The spellings that a page of the site may explain."""
        return self.spellings if self.mark is None else tuple(self.mark)


TERMS = tuple(
    Term(**entry) for entry in yaml.safe_load(PAGE.with_suffix(".yml").read_text("utf-8"))
)


def page() -> str:
    """Return the page, terms in alphabetical order."""
    return "\n".join([HEAD, *map(entry, sorted(TERMS, key=lambda term: term.name.lower()))])


def entry(term: Term) -> str:
    """Return a term's part of the page."""
    lesson = LESSONS[term.lesson]
    line = [f'<span lang="zh-Hans">{term.chinese}</span>']
    line += [f"${term.symbol}$"] if term.symbol else []
    line += [f"[lesson {lesson.number}](../notebooks/{lesson.name}.ipynb)"]
    others = {"Keras": term.keras, "PyTorch": term.pytorch, "In papers": term.papers}
    names = " ".join(f"{who}: {name}." for who, name in others.items() if name)
    parts = [f"## {term.name}", " · ".join(line), term.says, names]
    return "\n\n".join(filter(None, parts)) + "\n"
