"""How long each section of each lesson takes in class.

Nobody guesses a minute: words, code cells, *Predicts* and exercises are counted in the saved
notebooks, and each costs the seconds that stand below. A section has whole minutes, one at least,
and every sum is a sum of these. Further parts, behind a lesson's end, are counted apart.
"""

import functools
import re
from pathlib import Path
from typing import NamedTuple

from helpers import address
from helpers.course import Lesson
from helpers.exercises import asked
from tools import predictions

ROOT = Path(__file__).resolve().parent.parent
WORDS_A_MINUTE = 200  # an adult's reading, silent; about a fifth faster than a talk
CELL, PREDICT, EXERCISE = 15, 25, 25  # seconds: ask, let all commit themselves, take one answer
OPENING = "The first picture"  # what comes before the first heading
FURTHER = "Further: "  # so begins the heading of a part that a class can leave out
# The cell for Colab, and what is done so far, which is the same in every lesson.
NO_TIME = (address.FIRST, "from helpers.progress", "**What you have done.**")


class Section(NamedTuple):
    """What stands under a heading of the second level, counted."""

    title: str
    words: int = 0
    cells: int = 0
    predictions: int = 0
    exercises: tuple[str, ...] = ()

    @property
    def further(self) -> bool:
        """Whether it is no part of the straight way."""
        return self.title.startswith(FURTHER)

    def minutes(self, with_exercises: bool = True) -> int:
        """How long it takes in class, in whole minutes."""
        seconds = 60 * self.words / WORDS_A_MINUTE
        seconds += CELL * self.cells + PREDICT * self.predictions
        seconds += EXERCISE * len(self.exercises) if with_exercises else 0
        return max(1, round(seconds / 60))


@functools.cache
def sections(lesson: Lesson) -> list[Section]:
    """Return a lesson's sections in order; before the first heading stands `OPENING`."""
    path = ROOT / "notebooks" / f"{lesson.name}.ipynb"
    found = [Section(OPENING)]
    for cell in predictions.read(path).cells:
        source = cell.source
        if source.startswith(NO_TIME):
            continue
        if cell.cell_type == "code":
            last = found[-1]
            names = (*last.exercises, *asked(source))
            found[-1] = last._replace(cells=last.cells + 1, exercises=names)
            continue
        for n, part in enumerate(re.split(r"^## (?=.)", source, flags=re.MULTILINE)):
            if n:
                title, _, part = part.partition("\n")
                found.append(Section(title))
            last, (words, asked_here) = found[-1], _count(part)
            found[-1] = last._replace(
                words=last.words + words, predictions=last.predictions + asked_here
            )
    return found


def _count(text: str) -> tuple[int, int]:
    """Return a text's words, without formulas and addresses, and how often it asks to predict."""
    asked = text.replace(predictions.NO_QUESTION, "").count(predictions.PREDICT)
    text = re.sub(r"^.*<!-- launch -->.*$|\$\$.*?\$\$|\]\([^)]*\)", "", text, flags=re.M | re.S)
    return len(re.findall(r"\w[\w'’.,-]*", text)), asked


def total(lesson: Lesson, with_exercises: bool = True) -> int:
    """Return a lesson's minutes in class, without its Further parts."""
    straight = (section for section in sections(lesson) if not section.further)
    return sum(section.minutes(with_exercises) for section in straight)


def minutes_table(lesson: Lesson) -> str:
    """Return the table of a lesson's sections, and what its minutes add up to."""
    rows = ["| section | minutes | without exercises | *Predict* | exercises |", "|---" * 5 + "|"]
    rows += [
        f"| {each.title} | {each.minutes()} | {each.minutes(False)} | {each.predictions or ''} "
        f"| {len(each.exercises) or ''} |"
        for each in sections(lesson)
    ]
    sums = f"Together **{total(lesson)} minutes**, {total(lesson, False)} without the exercises."
    if more := sum(section.minutes() for section in sections(lesson) if section.further):
        sums += f" The *Further* parts, which a class can leave out, take {more} more."
    return "\n".join([*rows, "", sums])
