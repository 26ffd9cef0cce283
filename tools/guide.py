"""The teacher's guide, docs/teaching/: its tables written, and what it says of a lesson read.

tools/stamp.py writes: between <!-- minutes --> and <!-- /minutes --> stands the table of a lesson's
sections, and between <!-- exercises --> and <!-- /exercises --> what its checks know.
"""

import re
from pathlib import Path
from typing import NamedTuple

from helpers import checks
from helpers.course import LESSONS, Lesson
from tools import timetable

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "teaching"
PLANS = FOLDER / "plans.md"
MOST_WRONG = 3  # so many wrong answers of an exercise are shown


class Question(NamedTuple):
    """A row of the table of questions: where a *Predict* stands, what to ask, what is answered."""

    section: str
    ask: str
    answers: str


class Exercise(NamedTuple):
    """A row of the table of exercises: its name, what is right, and wrong answers that come."""

    name: str
    right: str
    wrong: str


def path(lesson: Lesson) -> Path:
    """Return where the guide's page on a lesson is."""
    return FOLDER / f"lesson_{lesson.number:02}.md"


def about(lesson: Lesson) -> dict[str, str]:
    """Return the paragraphs on the whole lesson: *Aim*, *For the board*, *Short of time*."""
    text = path(lesson).read_text(encoding="utf-8")
    return dict(re.findall(r"\*\*(Aim|For the board|Short of time)\.\*\* (.*)", text))


def questions(lesson: Lesson) -> list[Question]:
    """Return the rows of the table of questions: one for each *Predict*, in order."""
    text = path(lesson).read_text(encoding="utf-8")
    table = text.partition("| section | ask before *Predict* |")[2].partition("<!--")[0]
    rows = [line[1:-1] for line in table.splitlines() if line.startswith("| ")]
    # An escaped bar belongs to the text.
    return [Question(*(part.strip() for part in re.split(r"(?<!\\)\|", row))) for row in rows]


def exercises(lesson: Lesson) -> list[Exercise]:
    """Return what the checks of a lesson know: what is right, and the first wrong answers."""
    functions = {each.name: each for each in checks.EXERCISES}
    found = {}
    for name in (name for each in timetable.sections(lesson) for name in each.exercises):
        if name in checks.ANSWERS:
            answer, wrong = checks.ANSWERS[name], {}
            for value, words in answer.wrong.items():
                wrong.setdefault(words, f"`{shown(value)}`: {_plain(words)}")
            right = f"`{shown(answer.right[0])}`"
            found[name] = Exercise(name.rpartition(": ")[2], right, _lines(wrong.values()))
        elif name in functions:  # a whole network is judged apart
            wrong = [_plain(each.sentence) for each in functions[name].wrong]
            found[name] = Exercise(f"`{name}`", _plain(functions[name].praise), _lines(wrong))
    return list(found.values())


def _lines(wrong) -> str:
    return "<br>".join([*wrong][:MOST_WRONG])


def _plain(sentence: str) -> str:
    """Return a sentence so that Markdown shows it as it is, in a table."""
    return re.sub(r"([*|<])", r"\\\1", sentence)


def shown(value) -> str:
    """Return a plain answer as a learner would write it."""
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(shown, value))) + "}" if value else "set()"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(shown, value)) + ")"
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


def pages() -> dict[Path, str]:
    """Return the guide's pages with today's tables.

    Raises ValueError if a page has no place for one.
    """
    found = {}
    for lesson in LESSONS:
        rows = ["| exercise | right | wrong answers that come, and what the check says of them |"]
        rows += ["|---|---|---|", *(f"| {' | '.join(row)} |" for row in exercises(lesson))]
        tables = {"minutes": timetable.minutes_table(lesson), "exercises": "\n".join(rows)}
        found[path(lesson)] = path(lesson).read_text(encoding="utf-8")
        for name, table in tables.items():
            found[path(lesson)] = _put(path(lesson), found[path(lesson)], name, table)
    return found


def _put(page: Path, text: str, name: str, table: str) -> str:
    """Write a table between its two comments, which must be there once."""
    place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if len(place.findall(text)) != 1:
        raise ValueError(f"{page.name} needs the lines <!-- {name} --> and <!-- /{name} --> once")
    return place.sub(lambda found: f"{found[1]}{table}\n{found[2]}", text)
