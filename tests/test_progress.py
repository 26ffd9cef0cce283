"""What a learner has done is kept and shown; and a teacher reads who has solved what."""

import csv
import io
import json
import subprocess
import sys

import nbformat
import pytest

from helpers import checks, class_progress, exercises, progress
from helpers.course import LESSONS
from tests.notebook_tools import NOTEBOOKS, ROOT
from tools import timetable

DONE = ["lesson 0: steps", "leaky_step"]


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """A folder with a lesson in it, in which a learner works."""
    (tmp_path / "01_the_hammered_iron_sheet.ipynb").write_text("{}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SHEET_PROGRESS", raising=False)
    monkeypatch.setattr(progress, "_told", set())
    return tmp_path


def solve(names=DONE):
    for name in names:
        progress.keep(name)


def table(capsys, lesson=None):
    capsys.readouterr()
    progress.progress(lesson)
    return capsys.readouterr().out


def test_the_list_of_exercises_is_that_of_the_lessons():
    for lesson in LESSONS:
        book = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", as_version=4)
        source = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
        assert exercises.asked(source) == list(exercises.EXERCISES[lesson.name])
    further = (each for lesson in LESSONS for each in timetable.sections(lesson) if each.further)
    assert {name for each in further for name in each.exercises} == exercises.FURTHER


# --- the learner's file ------------------------------------------------------------------------


def test_a_right_answer_is_kept_and_a_wrong_one_is_not(beside, capsys):
    checks.answer("lesson 0: steps", 27)
    checks.leaky_step(lambda state, blow, keep: state + blow)
    assert list(beside.iterdir()) == [beside / "01_the_hammered_iron_sheet.ipynb"]
    checks.answer("lesson 0: steps", 28)
    checks.leaky_step(lambda state, blow, keep: keep * state + blow)
    shown = table(capsys)
    assert "0. Start here: 1 of 1" in shown
    assert "1. The hammered iron sheet: 1 of 6" in shown
    assert "2. Three ways to read a digit: 0 of 13" in shown
    shown = table(capsys, 1)
    assert "leaky_step: done" in shown and "run_blows: open" in shown
    before = (beside / progress.FILE).read_text()
    solve()
    assert (beside / progress.FILE).read_text() == before  # once is enough


def test_where_no_lesson_lies_nothing_is_written(beside, monkeypatch, capsys):
    solutions = beside / "solutions"
    solutions.mkdir()
    (solutions / "01_the_hammered_iron_sheet.ipynb").write_text("{}")
    for place in (solutions, beside.parent):
        monkeypatch.chdir(place)
        solve()
        assert not list(place.glob("my_progress*"))
    monkeypatch.chdir(beside)
    monkeypatch.setenv("SHEET_PROGRESS", "off")
    solve()
    assert not list(beside.glob("my_progress*"))
    assert "0. Start here: 0 of 1" in table(capsys)


def test_reset(beside, capsys):
    solve()
    progress.reset()
    assert not (beside / progress.FILE).exists()
    assert "1. The hammered iron sheet: 0 of 6" in table(capsys)
    progress.reset()
    assert "nothing to reset" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"my own notes", b"\xff\xfe\x00\x01"])
def test_a_foreign_file_costs_one_sentence_and_stays_as_it_is(beside, capsys, content):
    path = beside / progress.FILE
    path.write_bytes(content)
    assert checks.answer("lesson 0: steps", 28)
    checks.answer("lesson 0: steps", 28)
    progress.reset()
    said = capsys.readouterr().out
    assert said.count("was left as it is. Move it away") == 1
    assert path.read_bytes() == content
    assert "0. Start here: 0 of 1" in table(capsys)


# --- the teacher's list ------------------------------------------------------------------------


def check_cell(source, said):
    output = {"output_type": "stream", "name": "stdout", "text": [said]}
    return {"cell_type": "code", "source": [source], "outputs": [output]}


def hand_in(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": list(cells), "nbformat": 4}), encoding="utf-8")


STEPS = 'checks.answer("lesson 0: steps", steps)'
RIGHT = check_cell(STEPS, "Right: one step for each row of the image.\n")
OPEN = check_cell("checks.leaky_step(leaky_step)", "Your turn: fill in leaky_step\n")
WRONG = check_cell("checks.leaky_step(leaky_step)", "Not yet: no\n")
TWO = check_cell(
    'checks.answer("lesson 2: dense parameters", 1)\n'
    "checks.answer('lesson 2: window parameters', 2)",
    "Not yet: the biases are missing.\nRight: 20 times 26.\n",
)


def as_csv(folder, capsys):
    assert class_progress.main([str(folder), "--csv"]) == 0
    printed = capsys.readouterr()
    rows = {row["student"]: row for row in csv.DictReader(io.StringIO(printed.out))}
    return rows, printed


def test_who_has_solved_what(tmp_path, capsys):
    hand_in(tmp_path / "anna" / "00.ipynb", RIGHT)
    hand_in(tmp_path / "anna" / "deep" / "00.ipynb", OPEN, TWO)
    hand_in(tmp_path / "ben" / "00.ipynb", OPEN, WRONG)
    hand_in(tmp_path / "carla.ipynb", RIGHT, {"cell_type": "markdown", "source": STEPS})
    hand_in(tmp_path / "carla" / "solutions" / "00.ipynb", TWO)
    hand_in(tmp_path / "\x1b[2Jgus" / "00.ipynb", RIGHT)
    hand_in(tmp_path / "dan" / ".ipynb_checkpoints" / "00.ipynb", RIGHT)
    hand_in(tmp_path / "eve" / "own.ipynb", check_cell("print(1)", "Right: 1"))
    (tmp_path / "eve" / "=1.ipynb").write_text("{")
    (tmp_path / "=fay").mkdir()
    rows, printed = as_csv(tmp_path, capsys)
    others = [name for name in rows if "gus" not in name]
    assert others == ["'=fay", "anna", "ben", "carla", "dan", "eve"]
    assert rows["anna"]["lesson 0: steps"] == "right"
    assert rows["anna"]["leaky_step"] == "open"
    assert rows["anna"]["lesson 2: dense parameters"] == "not yet"
    assert rows["anna"]["lesson 2: window parameters"] == "right"
    assert (rows["anna"]["solved"], rows["ben"]["solved"]) == ("2", "0")
    assert rows["ben"]["leaky_step"] == "not yet"
    assert rows["carla"]["lesson 2: window parameters"] == ""
    assert "typed by hand" in printed.err
    assert rows["anna"]["note"] == ""
    assert rows["dan"]["note"] == rows["'=fay"]["note"] == "no notebook of this course"
    assert rows["eve"]["note"] == "'=1.ipynb was not read (damaged: this is no JSON)"
    assert class_progress.main([str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "gus" in said and "\x1b" not in said  # no name moves the terminal
    lines = {line.split()[0]: line.split() for line in said.splitlines() if line}
    assert lines["anna"][1:4] == ["1/1", "0/6", "1/13"]
    assert " ".join(lines["eve"][-5:]) == "(damaged: this is no JSON)"
    assert "typed by hand" in said


def test_the_courses_own_notebooks_are_read_as_a_students(tmp_path, capsys):
    for name, folder in (("best", NOTEBOOKS / "solutions"), ("new", NOTEBOOKS)):
        (tmp_path / name).mkdir()
        for path in folder.glob("*.ipynb"):
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
    rows, _ = as_csv(tmp_path, capsys)
    assert {rows["best"][name] for name in class_progress.KNOWN} == {"right"}
    assert {rows["new"][name] for name in class_progress.KNOWN} == {"open"}


BAD = [b"", b"{", b"null", b'{"cells": 3}', b"\xff\xfe\x00", b"[" * 100_000]


def test_damaged_notebooks_and_other_files_are_named_and_the_rest_is_read(tmp_path, capsys):
    for number, content in enumerate(BAD):
        (tmp_path / f"bad{number}.ipynb").write_bytes(content)
    (tmp_path / "notes.txt").write_text("Right: all")
    (tmp_path / "folder.ipynb").mkdir()
    strange = {"cell_type": "code", "source": 3, "outputs": 4}
    hand_in(tmp_path / "odd.ipynb", None, strange, RIGHT)
    rows, _ = as_csv(tmp_path, capsys)
    assert rows.pop("odd")["lesson 0: steps"] == "right"
    assert rows.pop("folder.ipynb")["note"] == "no notebook of this course"
    assert list(rows) == [f"bad{number}" for number in range(len(BAD))]
    assert all("was not read" in row["note"] for row in rows.values())


def test_the_command(tmp_path):
    hand_in(tmp_path / "in" / "anna" / "00.ipynb", RIGHT, check_cell("1/0; open('x','w')", ""))
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-m", "helpers.progress"]
    for folder, code, says in (
        ("in", 0, "anna"), ("no", 2, "is no folder"), ("empty", 1, "No notebook of this course"),
    ):  # fmt: skip
        done = subprocess.run(
            [*command, tmp_path / folder], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == code and says in done.stdout + done.stderr
