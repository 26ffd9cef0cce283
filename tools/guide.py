"""What the teacher's guide, docs/teaching.md, says of a lesson: its tables, read from the page."""

import re
from pathlib import Path
from typing import NamedTuple

from helpers.course import Lesson

PAGE = Path(__file__).resolve().parent.parent / "docs" / "teaching.md"


class Question(NamedTuple):
    """A row of the table of questions: where a *Predict* stands, what to ask, what is answered."""

    section: str
    ask: str
    answers: str


def part(lesson: Lesson) -> str:
    """Return what the guide says of a lesson; ValueError if it has no part on it."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^## Lesson {lesson.number}:.*?\n(.*?)(?=^## )", text, re.M | re.S)
    if not found:
        raise ValueError(f"{PAGE.name} has no part '## Lesson {lesson.number}: {lesson.title}'")
    return found[1]


def about(lesson: Lesson) -> dict[str, str]:
    """Return the paragraphs on the whole lesson: *Aim*, *For the board*, *Short of time*."""
    found = re.findall(r"\*\*(Aim|For the board|Short of time)\.\*\* (.*)", part(lesson))
    return dict(found)


def questions(lesson: Lesson) -> list[Question]:
    """Return the rows of the table of questions: one for each *Predict*, in order."""
    head = "| section | ask before *Predict* |"
    _, head, table = part(lesson).partition(head)
    return [Question(*row) for row in _rows((head + table).partition("<!--")[0])]


def minutes(lesson: Lesson) -> dict[str, tuple[int, int]]:
    """Return the minutes of each section, with and without its exercises."""
    rows = _rows(_between(lesson, "minutes"))
    return {title: (int(whole), int(without)) for title, whole, without, *_ in rows}


def exercises(lesson: Lesson) -> dict[str, tuple[str, str]]:
    """Return of each exercise what is right, and the wrong answers that come, by its name there."""
    rows = _rows(_between(lesson, "exercises"))
    return {name.strip("`"): (right, wrong) for name, right, wrong in rows}


def _between(lesson: Lesson, mark: str) -> str:
    return re.search(rf"<!-- {mark} .*?-->\n(.*?)<!-- /{mark} -->", part(lesson), re.S)[1]


def _rows(table: str) -> list[list[str]]:
    """Return the cells of a table's rows, less its head and the line below it."""
    lines = [line.strip() for line in table.splitlines() if line.startswith("|")]
    # An escaped bar belongs to the text.
    rows = [re.split(r"(?<!\\)\|", line[1:-1]) for line in lines[2:]]
    return [[cell.strip() for cell in row] for row in rows]
