"""The teacher's guide, held to the lessons: sections, questions, minutes, plans, its figures."""

import functools
import json
import re

import pytest

from helpers.checks import ANSWERS
from helpers.course import LESSONS
from tests.notebook_tools import NOTEBOOKS, ROOT, SLOW_TAG
from tools import guide, timetable
from tools.timetable import PLANS, Part, Plan, Section

PAGE = ROOT / "docs" / "teaching.md"
TEXT = PAGE.read_text(encoding="utf-8")
PARTS = {lesson.number: guide.part(lesson) for lesson in LESSONS}
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)


def cells(lesson):
    return json.loads((NOTEBOOKS / f"{lesson.name}.ipynb").read_text(encoding="utf-8"))["cells"]


@functools.cache
def asked(number):
    """Return the section of every *Predict* of a lesson, in order, counted from the text itself."""
    found, title = [], None
    for cell in cells(LESSONS[number]):
        if cell["cell_type"] == "markdown":
            for line in "".join(cell["source"]).splitlines():
                title = line[3:].strip() if line.startswith("## ") else title
                found += [title] * line.count("**Predict.**")
    # Lesson 0 also says what the word means.
    return [each for each in found if (number, each) != (0, "How the lessons work")]


def test_every_lesson_is_there_under_its_title():
    heads = re.findall(r"^## Lesson (\d+): (.*)$", TEXT, re.MULTILINE)
    assert heads == [(str(lesson.number), lesson.title) for lesson in LESSONS]


@each_lesson
def test_each_lesson_has_all_its_parts(lesson):
    part = PARTS[lesson.number]
    for head in ("**Aim.**", "**For the board.**", "**Short of time.**"):
        assert part.count(head) == 1
    assert f"(../notebooks/{lesson.name}.ipynb)" in part


@each_lesson
def test_every_predict_is_covered_in_order(lesson):
    rows = guide.questions(lesson)
    assert [section for section, *_ in rows] == asked(lesson.number)
    for _, question, answers in rows:
        assert question.endswith((".", "?"))
        assert any(word in answers for word in ("right", "saved lesson", "the replay"))
        assert answers.count("**") >= 2 or "the replay" in answers


@each_lesson
def test_each_section_that_is_named_is_a_heading_of_the_lesson(lesson):
    headings = re.findall(
        r"^##+ (.*)$",
        "\n".join("".join(c["source"]) for c in cells(lesson) if c["cell_type"] == "markdown"),
        re.MULTILINE,
    )
    short = PARTS[lesson.number].partition("**Short of time.**")[2].partition("\n")[0]
    named = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", short)
    assert named and set(named) <= set(headings)
    assert {section for section, *_ in guide.questions(lesson)} <= set(headings)


def test_every_wrong_idea_is_met_and_linked():
    linked = {
        int(number) for number in re.findall(r"rong idea (\d+)\]\(misconceptions\.md\)", TEXT)
    }
    assert linked == set(range(1, 16))


# --- minutes --------------------------------------------------------------------------------------


def test_the_tables_are_as_the_lessons_are(tmp_path):
    assert timetable.main(["--check"]) == 0, "run: uv run python tools/timetable.py"
    page = tmp_path / "teaching.md"
    page.write_text(TEXT.replace("**55 minutes**", "**5 minutes**"), encoding="utf-8")
    assert timetable.main(["--check"], page) == 1
    assert timetable.main([], page) == 0
    assert page.read_text(encoding="utf-8") == TEXT
    page.write_text("no place", encoding="utf-8")
    assert timetable.main([], page) == 1
    assert page.read_text(encoding="utf-8") == "no place"


@each_lesson
def test_a_lessons_minutes_on_the_map_are_roughly_those_measured(lesson):
    measured = timetable.total(lesson)
    assert abs(measured - lesson.minutes) <= max(5, 0.25 * lesson.minutes)
    skipped = timetable.SKIP.get(lesson.number, ())
    assert set(skipped) <= {each.title for each in timetable.sections(lesson)}
    assert timetable.total(lesson, skipped, with_exercises=False) <= lesson.minutes


@each_lesson
def test_the_shown_minutes_add_up(lesson):
    block = re.search(r"<!-- minutes .*?-->\n(.*?)<!-- /minutes -->", PARTS[lesson.number], re.S)[1]
    rows = [line.split(" | ") for line in block.splitlines() if re.match(r"\| .* \| \d+ \|", line)]
    said, without = re.search(r"\*\*(\d+) minutes\*\*, (\d+) of them", block).groups()
    assert [row[0].strip("| ") for row in rows] == [
        each.title for each in timetable.sections(lesson)
    ]
    assert sum(int(row[1]) for row in rows) == int(said)
    assert sum(int(row[2]) for row in rows) == int(without)


@each_lesson
def test_what_is_counted_is_there(lesson):
    found = timetable.sections(lesson)
    assert sum(each.predictions for each in found) == len(asked(lesson.number))
    source = "\n".join("".join(c["source"]) for c in cells(lesson) if c["cell_type"] == "code")
    called = re.findall(r"checks\.[a-z]\w*\(", source)
    assert sum(each.exercises for each in found) == len(called)
    assert sum(each.words for each in found) > 900


def test_a_section_takes_what_its_parts_take():
    section = Section("x", words=400, code=30, predictions=2, questions=2, functions=1,
                      replays=2, pictures=3, waits=30)  # fmt: skip
    assert section.minutes() == round((120 + 60 + 60 + 60 + 60 + 60 + 30 + 30) / 60)
    assert section.minutes(with_exercises=False) == 6
    assert Section("empty").minutes() == 1


# --- plans ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_adds_up_fits_and_leaves_a_little_room(name):
    plan = PLANS[name]
    block = re.search(rf"<!-- plan {name} -->\n(.*?)<!-- /plan -->", TEXT, re.S)[1]
    shown = [int(number) for number in re.findall(r"^\| (\d+) \|", block, re.MULTILINE)]
    assert shown == [part.minutes for part in plan.parts]
    assert f"**{sum(shown)} of {plan.room} minutes**" in block
    assert 0.7 * plan.room <= plan.minutes <= plan.room


def test_a_plan_with_a_section_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="lesson 3 has no section"):
        _ = Plan(45, (Part(3, ("The arrow",)),)).minutes


# --- what the guide says of the checks and of the outputs -----------------------------------------


@each_lesson
def test_the_checks_that_a_lesson_uses_stand_in_its_table(lesson):
    block = re.search(
        r"<!-- exercises .*?-->\n(.*?)<!-- /exercises -->", PARTS[lesson.number], re.S
    )
    rows = re.findall(r"^\| (.+?) \| ", block[1], re.MULTILINE)[2 - 1 :]
    due = [name for each in timetable.sections(lesson) for name in each.checks]
    short = [f"{name.rpartition(': ')[2]}" if name in ANSWERS else f"`{name}`" for name in due]
    assert rows == [name for name in short if name != "`two_layers`"]


def printed(lesson):
    """Return all that a lesson says: its text, and what its cells have printed and drawn."""
    parts = []
    for cell in cells(lesson):
        parts.append("".join(cell["source"]))
        for output in cell.get("outputs", []):
            parts.append("".join(output.get("text", "")))
            parts.append("".join(output.get("data", {}).get("text/plain", "")))
    return "\n".join(parts)


# Figures of wrong answers, or worked out in the guide, that no cell and no text of the lesson has.
OWN = {
    2: {"1,120", "4,760"},  # printed without their commas
    3: {"90", "56,815"},  # printed as 56815.1286615953; 0.9 as per cent
    4: {"0.35", "1.1"},
    6: {"47", "1,280"},  # printed as 0.4725
    8: {"0.485", "0.98"},
}
FIGURE = re.compile(r"(?<![\d.,])(?:\d+(?:[.,]\d+)+(?:e-?\d+)?|\d+e-?\d+|\d+(?= %))")


def figures(text):
    """Return the figures of a text with a point, thousands or per cent: the others say nothing."""
    return set(FIGURE.findall(text.replace("%", " %").replace("  %", " %")))


@each_lesson
def test_each_figure_in_the_guide_is_one_that_the_lesson_shows(lesson):
    said = figures(printed(lesson))
    told = figures(" ".join(answers for _, _, answers in guide.questions(lesson)))
    strange = {
        one for one in told if not any(each.startswith(one) for each in said) and one not in said
    }
    assert strange == OWN.get(lesson.number, set()), "look at the lesson's outputs"


def test_the_map_and_the_guide_name_no_lesson_that_is_not_there():
    known = {lesson.number for lesson in LESSONS}
    assert {int(number) for number in re.findall(r"[Ll]esson (\d+)", TEXT)} <= known


def test_the_guide_says_how_long_lessons_are_and_which_of_them_train():
    minutes = [lesson.minutes for lesson in LESSONS]
    assert f"the minutes on the map ({min(minutes)} to {max(minutes)} a lesson)" in TEXT
    train = [
        str(lesson.number)
        for lesson in LESSONS
        if any(SLOW_TAG in cell["metadata"].get("tags", ()) for cell in cells(lesson))
    ]
    assert f"Lessons {', '.join(train[:-1])} and {train[-1]} train, which takes" in TEXT


# Figures of a lesson's text that none of its cells shows: what is asked, named elsewhere, or worked
# out in the text. Those that were measured are held by the tests named here.
NOT_SHOWN = {
    0: {"1.3", "96", "90", "5,000", "70,000"},  # test_results.py; 90 is asked; the sets' sizes
    1: {"0.125"},  # 0.5 ** 3
    2: {"1.5", "50", "99"},  # 3 * -0.5; two are choices
    3: {"0.000001", "0.125", "0.25"},  # a choice; lesson 1's sheet
    4: {"0.158", "0.738", "1.68", "20,096", "80,000", "1.6", "1,000", "5,000"},  # by hand; sizes
    6: {"0.05", "13", "30", "99.2", "99.4"},  # by hand; a share; a tutorial's; test_results.py
    7: {"1.6", "5,000", "6,000", "10,000", "81,674", "99.42"},  # by hand; sizes; test_results.py
    8: {"0.095", "0.99", "0.0004", "0.001", "1e-20", "1e-45"}  # by hand
    | {"1,000", "2,000", "4,000", "54,000"}  # sizes
    | {"97.0", "97.1", "97.4", "96.9", "98.4"},  # an exercise's; test_results.py
    9: {"20,000", "3,862", "58", "62"},  # sizes; test_results.py
}
ARXIV = re.compile(r"arXiv [\d.]+")


@each_lesson
def test_each_figure_in_a_lessons_text_is_one_that_its_cells_show(lesson):
    text, shown = [], []
    for cell in cells(lesson):
        (text if cell["cell_type"] == "markdown" else shown).append("".join(cell["source"]))
        for output in cell.get("outputs", []):
            shown.append("".join(output.get("text", "")))
            shown.append("".join(output.get("data", {}).get("text/plain", "")))
    said = figures("\n".join(shown))
    told = figures(ARXIV.sub("", "\n".join(text)))
    strange = {one for one in told if not any(each.startswith(one) for each in said)}
    assert strange == NOT_SHOWN.get(lesson.number, set()), "look at the lesson's outputs"
