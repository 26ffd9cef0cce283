"""The teacher's guide: a row for each *Predict*, minutes that are counted, plans that add up."""

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


def test_every_plan_adds_up_and_fits():
    pages = guide.PLANS.read_text("utf-8").split("| minutes | lesson | what |")[1:]
    for page in pages:
        rows = re.findall(r"^\| (\d+) \| (.*?) \|", page, re.MULTILINE)
        here = sum(int(minutes) for minutes, where in rows if "at home" not in where)
        [(said, room)] = re.findall(r"Together \*\*(\d+) of (\d+) minutes", page)
        assert here == int(said) and 0.7 * int(room) <= here <= int(room)
