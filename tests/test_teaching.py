"""The teacher's guide: a row for each *Predict*, minutes that add up, plans that fit."""

import re

import nbformat
import pytest

from helpers.course import LESSONS
from tests.notebook_tools import NOTEBOOKS
from tools import guide, timetable

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


def asked(lesson):
    """Return the section of every *Predict* of a lesson, in order, counted from the text itself."""
    found, title = [], None
    for cell in nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", as_version=4).cells:
        for line in cell.source.splitlines() if cell.cell_type == "markdown" else []:
            title = line[3:].strip() if line.startswith("## ") else title
            found += [title] * line.count("**Predict.**")
    # Lesson 0 also says what the word means.
    return [each for each in found if (lesson.number, each) != (0, "How the lessons work")]


@each_lesson
def test_a_lessons_page_covers_every_predict_and_its_minutes_are_those_counted(lesson):
    assert [row.section for row in guide.questions(lesson)] == asked(lesson)
    found = timetable.sections(lesson)
    assert sum(each.predictions for each in found) == len(asked(lesson))
    assert lesson.minutes == 5 * round(timetable.total(lesson) / 5)


PLAN = """\
| minutes | lesson | what |
|---|---|---|
|  | 1 | all of it, with the exercises |
| 7 |  | pause |
|  | 3 at home | *The step, with tables* |

Together"""


def test_a_plan_adds_up_and_homework_counts_twice():
    one, three = timetable.total(LESSONS[1]), timetable.sections(LESSONS[3])
    home = next(each.minutes(False) for each in three if each.title == "The step, with tables")
    said = timetable.plan_table(PLAN, 60)
    assert f"Together **{one + 7} of 60 minutes**; {53 - one} are left" in said
    assert said.endswith(f"At home, about {2 * home} minutes.")
    with pytest.raises(ValueError, match="lesson 3 has no section"):
        timetable.plan_table(PLAN.replace("The step,", "The arrow,"), 60)


def test_every_plan_fits():
    sums = re.findall(r"Together \*\*(\d+) of (\d+) minutes", guide.PLANS.read_text("utf-8"))
    assert sums and all(0.7 * int(room) <= int(n) <= int(room) for n, room in sums)
