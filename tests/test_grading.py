"""Homework: assignments, hostile notebooks, and a real nbgrader where there is one.

SHEET_NBGRADER names the folder of an environment that has nbgrader (see classroom/grading).
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers.course import LESSONS
from helpers.exercises import EXERCISES
from tests.notebook_tools import NOTEBOOKS, ROOT

GRADING = ROOT / "classroom" / "grading"
sys.path.insert(0, str(GRADING))

import grade  # noqa: E402 - they find each other as a teacher's command does
import judge  # noqa: E402
import make_assignment  # noqa: E402
import needed  # noqa: E402
import points  # noqa: E402
import rebuild  # noqa: E402
import values  # noqa: E402

ONE, FOUR = LESSONS[1], LESSONS[4]


@pytest.fixture(scope="module")
def assignments():
    return {lesson.name: make_assignment.assignment(lesson) for lesson in LESSONS}


def marked(book, kind):
    return [c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get(kind)]


def without_solutions(book):
    """Return what students get: nbgrader's own rule, with the stub that our settings give it."""
    book = json.loads(json.dumps(book))
    for cell in marked(book, "solution"):
        cell["source"] = re.sub(
            rf"{make_assignment.BEGIN}.*?{make_assignment.END}", "", cell["source"], flags=re.S
        )
    return book


def filled(book, **answers):
    """Return a student's notebook: what is released, with these answers by their exercise."""
    book = without_solutions(book)
    for cell in marked(book, "solution"):
        name = cell["metadata"]["nbgrader"]["grade_id"].removeprefix("answer-").replace("-", "_")
        cell["source"] = answers.get(name, cell["source"])
    return book


def judged(source, theirs, **limits):
    """Return for each exercise whether it is right, and its sentence."""
    book = rebuild.rebuild(source, theirs)
    found = judge.judge(book, None, judge.Limits(**limits))
    return {one["exercise"]: (one["right"], one["sentence"]) for one in found if "right" in one}


# --- making an assignment ---------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_exercise_of_a_lesson_has_an_answers_cell_and_a_check(lesson, assignments):
    book = assignments[lesson.name]
    nbformat.validate(book)
    answers, checks = marked(book, "solution"), marked(book, "grade")
    names = [make_assignment.find_task(c.source).name for c in checks]
    assert names == list(EXERCISES[lesson.name])
    ids = [c.metadata.nbgrader.grade_id for c in answers + checks]
    assert len(set(ids)) == len(ids) == 2 * len(names)
    assert all(re.fullmatch(r"[a-zA-Z0-9_\-]+", one) for one in ids)
    for answer, check in zip(answers, checks, strict=True):
        assert book.cells.index(check) == book.cells.index(answer) + 1
        assert check.metadata.nbgrader.locked and check.metadata.nbgrader.points == 1
        assert not answer.metadata.nbgrader.locked and not answer.metadata.nbgrader.grade
        compile(answer.source, "answer", "exec")
        assert compile(check.source, "check", "exec") and "assert checks." in check.source
    assert not any(c.get("outputs") for c in book.cells)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_students_get_the_lessons_stubs_and_no_way_to_the_solutions(lesson, assignments):
    book = without_solutions(assignments[lesson.name])
    text = "\n".join(c["source"] for c in book["cells"])
    assert "SOLUTION" not in text and "](solutions/" not in text
    assert not re.search(r"\]\((?!https?:|#)", text)  # a link that leads nowhere from here
    lesson_cells = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", as_version=4).cells
    stubs = [t.stub for c in lesson_cells if c.cell_type == "code"
             and (t := make_assignment.find_task(c.source))]  # fmt: skip
    assert [c["source"].strip() for c in marked(book, "solution")] == stubs


def test_the_command_writes_and_overwrites_nothing(tmp_path, capsys):
    line = ["1", "--course", str(tmp_path / "class"), "--points", "leaky_step=3"]
    assert make_assignment.main(line) == 0
    written = tmp_path / "class" / "source" / "lesson-01" / f"{ONE.name}.ipynb"
    book = nbformat.read(written, as_version=4)
    assert [c.metadata.nbgrader.points for c in marked(book, "grade")] == [3, 1, 1, 1, 1, 1]
    assert "8 points" in book.cells[1].source
    settings = (tmp_path / "class" / "nbgrader_config.py").read_text()
    compile(settings, "settings", "exec")
    assert f"GRADING = {str(GRADING)!r}" in settings and repr(sys.executable) in settings
    before = written.read_bytes()
    with pytest.raises(SystemExit):
        make_assignment.main(line)
    assert "left as it is" in capsys.readouterr().err and written.read_bytes() == before


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (["12", "--course", "{}"], "there is no lesson"),
        (["1", "--course", str(ROOT / "notebooks")], "outside it"),
        (["1", "--course", "{}", "--points", "lstm_step=2"], "leaky_step"),
        (["1", "--course", "{}", "--points", "leaky_step=much"], "no number"),
        (["1", "--course", "{}", "--points", "leaky_step=-1"], "from 0 to 1000"),
    ],
)
def test_what_the_command_cannot_do_it_says(tmp_path, capsys, line, says):
    with pytest.raises(SystemExit):
        make_assignment.main([one.format(tmp_path / "class") for one in line])
    assert says in capsys.readouterr().err


# --- what was handed in -----------------------------------------------------------------------


def answers_in(book):
    return {c["metadata"]["nbgrader"]["grade_id"]: c["source"] for c in marked(book, "solution")}


def test_the_checks_are_the_teachers_whatever_was_done_to_them(assignments):
    source = assignments[ONE.name]
    theirs = filled(source, hammer="numbers_in_the_hammer = 1")
    for cell in marked(theirs, "grade"):
        cell["source"] = "pass"
        cell["metadata"]["nbgrader"] |= {"points": 100, "locked": False, "schema_version": 99}
    answer = next(c for c in marked(theirs, "solution") if "hammer" in c["source"])
    theirs["cells"].append(answer | {"source": "numbers_in_the_hammer = 3584"})  # a copy: it counts
    theirs["cells"].append({"cell_type": "code", "source": ["x = 1\n", "y = 2"], "metadata": 7})
    theirs["cells"] = theirs["cells"][20:]  # and what came first is gone
    theirs["cells"] += [None, 3, {"cell_type": "odd"}, {"cell_type": "code", "source": None}]
    book = rebuild.rebuild(source, theirs)
    nbformat.validate(nbformat.from_dict(book))
    assert [c["source"] for c in marked(book, "grade")] == [
        c["source"] for c in marked(source, "grade")
    ]
    assert [c["metadata"] for c in marked(book, "grade")] == [
        c["metadata"] for c in marked(source, "grade")
    ]
    assert answers_in(book)["answer-hammer"] == "numbers_in_the_hammer = 3584"
    assert any(c["source"] == "x = 1\ny = 2" for c in book["cells"])


def test_a_text_of_theirs_runs_nothing_on_the_feedbacks_page(assignments):
    source = assignments[ONE.name]
    theirs = filled(source)
    for kind in ("markdown", "raw"):
        cell = {"cell_type": kind, "metadata": {}, "source": "1 < 2 <script>alert(1)</script>"}
        theirs["cells"].append(cell | {"metadata": {"raw_mimetype": "text/html"}})
    book = rebuild.rebuild(source, theirs)
    ours = {cell["source"] for cell in source["cells"]}
    added = [c for c in book["cells"] if c["cell_type"] == "markdown" and c["source"] not in ours]
    assert [c["source"] for c in added] == ["1 < 2 &lt;script>alert(1)&lt;/script>"] * 2
    assert not any(c["cell_type"] == "raw" for c in book["cells"])


def test_no_solution_comes_back_where_an_answer_is_missing(assignments):
    for theirs in (None, {"cells": []}):
        book = rebuild.rebuild(assignments[FOUR.name], theirs)
        assert len(marked(book, "grade")) == len(EXERCISES[FOUR.name])
        assert all("was missing" in text for text in answers_in(book).values())


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"{", "damaged"), (b"[]", "no cells"), (b'{"cells": 3}', "no cells"),
     (b"\xff\xfe", "damaged"), (b"[" * 100_000, "damaged"), (b"9" * 10_000, "damaged")],
)  # fmt: skip
def test_a_file_that_is_no_notebook_is_named(tmp_path, content, says):
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=says):
        rebuild.read(path)


def test_of_the_lessons_own_cells_only_those_run_that_are_needed(assignments):
    book = rebuild.rebuild(assignments[LESSONS[6].name], assignments[LESSONS[6].name])
    run = needed.needed(book["cells"])
    text = "\n".join(book["cells"][n]["source"] for n in run)
    assert "import numpy as np" in text and "my_settles_at" in text
    assert "history = train_reader" not in text  # half a minute of training
    own = next(n for n, c in enumerate(book["cells"]) if "history = train_reader" in c["source"])
    answer = marked(book, "solution")[-1]
    answer["source"] = "print(history)"
    assert own in needed.needed(book["cells"])
    answer["source"] = "%matplotlib inline\ndef ("  # it will say so when it runs
    assert book["cells"].index(answer) in needed.needed(book["cells"])


# --- what passes between the two processes ----------------------------------------------------

VALUES = [
    None, ..., True, 3, -2.5, float("inf"), "text", 1 + 2j, Fraction(1, 3), [1, [2, (3,)]],
    (1, "a"), {1, "a"}, {"a": [1], 2: None}, np.float32(3), np.int64(2), np.arange(6).reshape(2, 3),
    np.array([True, False]), np.zeros((0, 3)), np.array(5.0),
]  # fmt: skip


# Not by repr: a set's changes from process to process, and two workers must see the same names.
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_arrives_as_it_was(value):
    found = values.decode(json.loads(json.dumps(values.encode(value))))
    assert type(found) is type(value)
    if isinstance(value, np.ndarray):
        assert found.dtype == value.dtype and found.shape == value.shape
    assert np.array_equal(found, value) if isinstance(value, np.ndarray) else found == value


class EqualsAll:
    def __eq__(self, other):
        return True

    __hash__ = None


def test_an_object_arrives_without_its_powers():
    found = values.decode(values.encode(EqualsAll()))
    assert found != 3 and type(found).__name__ == "EqualsAll"
    deep = []
    for _ in range(1000):
        deep = [deep]
    assert values.decode(values.encode(deep)) is not None
    assert len(values.decode(values.encode(iter(int, 1)))) == values.MANY


@pytest.mark.parametrize(
    "sent",
    [
        {"is": "array", "type": "<f8", "shape": [10**9], "data": ""},
        {"is": "array", "type": "O", "shape": [1], "data": "AAAAAAAAAAA="},
        {"is": "array", "type": "<f8", "shape": [-1], "data": ""},
        {"is": "text", "text": "1" * 10**6}, {"is": "text", "text": 3}, {"is": "nothing"}, [1], "a",
        {"is": "named", "names": ["__class__"], "parts": [1]},
        {"is": "set", "parts": [{"is": "dict"}]},
        {"is": "object", "class": "A", "parts": {"__eq__": 1}}, {"is": "list"}, {},
    ],
)  # fmt: skip
def test_what_no_value_can_be_is_refused(sent):
    with pytest.raises(values.BadValueError):
        values.decode(sent)


# --- judging ----------------------------------------------------------------------------------


def test_solutions_get_all_points(assignments):
    source = assignments[FOUR.name]
    found = judged(source, source)
    assert list(found) == list(EXERCISES[FOUR.name])
    assert [sentence for right, sentence in found.values() if not right] == []
    assert all(sentence.startswith("Right: ") for _, sentence in found.values())


def test_stubs_get_none_and_are_told_that_it_is_their_turn(assignments):
    source = assignments[FOUR.name]
    found = judged(source, without_solutions(source))
    assert [s for _, s in found.values() if not s.startswith("Your turn: ")] == []
    assert not any(right for right, _ in found.values())


PATCHED = """
import builtins, sys, types
import helpers.checks as checks
class Verdict:
    ok, sentence = True, "Right: of course"
    __bool__ = lambda self: True
for name in ("answer", "lstm_step"):
    setattr(checks, name, lambda *a: Verdict())
sys.modules["helpers.checks.verdicts"] = types.ModuleType("verdicts")
np.isclose = np.allclose = np.array_equal = lambda *a, **k: True
builtins.AssertionError = type("Nothing", (), {})
makers_of_c = {"o"}
"""
EQUAL = """
class Equal:
    def __eq__(self, other): return True
    def __hash__(self): return 0
covered = Equal()
"""
SENT = """
import os
for number in range(3, 9):
    for line in (b"[1]", b"{", b'{"number": 9, "kind": "function"}', b'{"kind": "value"}'):
        try:
            os.write(number, line + b"\\n")
        except OSError:
            pass
"""
SPOILED = """
import os, shutil
for name in os.listdir("."):
    shutil.rmtree(name, ignore_errors=True)
for place in (ROOT, "/tmp"):
    shutil.rmtree(place, ignore_errors=True)
overwritten = (0, 1, 1)
"""
KILLED = """
import os
def from_pytorch(weight_ih, weight_hh, bias_ih, bias_hh):
    os.kill(os.getpid(), 9)
"""
# An exercise of lesson 4: what is written there, whether it is right, and what is said of it.
HOSTILE = {
    "forget_gate_at_1": ("import sys\nsys.exit()", False, "SystemExit"),
    "gates_that_make_c": (PATCHED, False, "Not yet: the output gate"),
    "covered": (EQUAL, False, "yours is an Equal"),
    "overwritten": (SPOILED, True, "Right: "),
    "input_gate": ("while True: pass", False, "had not ended after 2 seconds"),
    "kernel_shape": ("import os\nos._exit(0)", False, "ended Python itself"),
    "lstm_gates": ("def my_gates(x_t, h, weights):\n    while True: pass", False, "had not ended"),
    "lstm_step": ("def my_lstm_step(x_t, h, c, weights):\n    exit()", False, "SystemExit"),
    "parameter_count": ("while True: print('on and on' * 1000)", False, "printed without an end"),
    "from_pytorch": (KILLED, False, "ended Python"),
    "forget_bias": ("forget_bias = input()", False, "EOFError"),
    "half_forgotten": ("steps_until_half = 35", True, "Right: "),
    "lstm_step_back": (SENT, False, "not there"),
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(assignments):
    source, root = assignments[FOUR.name], repr(str(ROOT / "notebooks"))
    answers = {name: text.replace("ROOT", root) for name, (text, _, _) in HOSTILE.items()}
    theirs = filled(source, **answers)
    start = {"cell_type": "code", "source": "import numpy as np", "metadata": {}}
    theirs["cells"] = [start, *[c for c in theirs["cells"] if c["metadata"].get("nbgrader")]]
    found = judged(source, theirs, cell=2, call=1, whole=800)
    return dict(zip(HOSTILE, found.values(), strict=True))


@pytest.mark.skipif(os.name == "nt", reason="there are no walls on Windows")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_gets_its_points_and_a_sentence(name, hostile):
    _, right, says = HOSTILE[name]
    assert hostile[name][0] is right and says in hostile[name][1]
    assert "\n" not in hostile[name][1]


def walls():
    command = [sys.executable, str(GRADING / "sandbox.py")]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    return {line.split(":")[0] for line in said.splitlines() if line.endswith("yes")}


TRIES = """
import os, pathlib, socket
def tried(what):
    try:
        what()
    except Exception as error:
        return type(error).__name__
    return "done"
print(tried(lambda: open({solution!r}).read()))
print(tried(lambda: open({outside!r}, "w")))
print(tried(lambda: os.chmod({gradebook!r}, 0)))
print(tried(lambda: socket.create_connection(("127.0.0.1", {port}), timeout=2)))
print(tried(lambda: __import__("helpers.checks.plain_answers")))
print(tried(lambda: open("link.db").read()))
import helpers.checks
print(tried(lambda: open(helpers.checks.__path__[0] + "/plain_answers.py").read()))
pathlib.Path("mine.txt").write_text("kept beside the notebook")
print(open("data.csv").read())
"""


@pytest.mark.skipif(
    not {"namespaces", "landlock"} <= walls(), reason="this system has no such walls"
)
def test_nothing_beyond_its_own_folder_is_in_reach(tmp_path):
    import socket

    gradebook, files = tmp_path / "gradebook.db", tmp_path / "handed in"
    files.mkdir()
    (files / "data.csv").write_text("1,2,3")
    gradebook.write_text("points")
    (files / "link.db").symlink_to(gradebook)
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = TRIES.format(
            solution=str(NOTEBOOKS / "solutions" / f"{ONE.name}.ipynb"), gradebook=str(gradebook),
            outside=str(tmp_path / "outside"), port=server.getsockname()[1],
        )  # fmt: skip
        book = {"cells": [{"cell_type": "code", "source": source, "metadata": {}}]}
        [found] = judge.judge(book, files)
    *tries, data = found["output"].splitlines()
    assert found["error"] is None and data == "1,2,3"
    assert "done" not in tries and len(tries) == 7
    assert gradebook.stat().st_mode & 0o400 and not (tmp_path / "outside").exists()
    assert {path.name for path in files.iterdir()} == {"data.csv", "link.db"}  # it had a copy


def test_the_sandbox_says_what_stands():
    assert walls() <= {"limits", "namespaces", "landlock"}
    assert os.name == "nt" or "limits" in walls()


# --- the list ---------------------------------------------------------------------------------


def test_the_list_as_a_table_and_as_csv(tmp_path, assignments, capsys):
    place = tmp_path / "source" / "lesson-01"
    place.mkdir(parents=True)
    nbformat.write(assignments[ONE.name], place / f"{ONE.name}.ipynb")
    students = tmp_path / "students"
    for name in ("carl", "=cmd", "dora"):
        (students / name).mkdir(parents=True)
    (students / "carl" / f"{ONE.name}.ipynb").write_text("{")
    (students / "dora" / "other.ipynb").write_text("{}")
    assert grade.main([str(place), str(students), "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["who"] for row in rows} == {"carl", "'=cmd", "dora"} and len(rows) == 18
    assert {row["points"] for row in rows} == {"0"} and {row["of"] for row in rows} == {"1"}
    assert "damaged" in rows[6]["sentence"] and "was handed in" in rows[-1]["sentence"]
    assert grade.main([str(place), str(students)]) == 0
    assert "carl, lesson-01: 0 of 6" in capsys.readouterr().out


def test_no_name_moves_the_terminal(capsys):
    points.print_table([points.Row("\x1b[2J", "lesson-01", "a", 1, 1, "Right:\n\x07")])
    assert not set("\x1b\x07") & set(capsys.readouterr().out)


# --- a real nbgrader --------------------------------------------------------------------------


def nbgrader_bin():
    named = os.environ.get("SHEET_NBGRADER")
    found = (
        Path(named).resolve() / "bin" if named else Path(shutil.which("nbgrader") or "/none").parent
    )
    return found if (found / "nbgrader").exists() else None


@pytest.mark.skipif(not nbgrader_bin(), reason="no nbgrader here: set SHEET_NBGRADER")
def test_a_class_is_graded_by_a_real_nbgrader(tmp_path, assignments):
    course, source = tmp_path / "class", assignments[ONE.name]
    assert make_assignment.main(["1", "--course", str(course)]) == 0
    settings = course / "nbgrader_config.py"
    settings.write_text(settings.read_text() + 'c.Judge.limits = {"cell": 3, "whole": 60}\n')
    path = os.pathsep.join([str(nbgrader_bin()), os.environ["PATH"]])

    def nbgrader(*arguments, ends_with=0):
        done = subprocess.run(
            ["nbgrader", *arguments], cwd=course, env=os.environ | {"PATH": path}, text=True,
            capture_output=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == ends_with, done.stderr
        return done.stdout

    nbgrader("generate_assignment", "lesson-01")
    name = f"{ONE.name}.ipynb"
    released = json.loads((course / "release" / "lesson-01" / name).read_text())
    assert "SOLUTION" not in json.dumps(released)
    bad = filled(source, leaky_step="import os\nos._exit(0)", hammer="numbers_in_the_hammer = 3584")
    for cell in marked(bad, "grade"):
        cell["metadata"]["nbgrader"] |= {"schema_version": 99, "points": 50}
        cell["source"] = "pass"
    handed_in = {
        "anna": source,
        "ben": released,
        "carl": bad,
        "dan": "{",
        "abe": None,
        "fay": source,
    }
    for who, book in handed_in.items():
        place = course / "submitted" / who / "lesson-01" / name
        place.parent.mkdir(parents=True)
        if book is None:
            place = place.with_name("another name.ipynb")
        place.write_text(book if isinstance(book, str) else json.dumps(book))
    if hasattr(os, "mkfifo"):  # fay's files cannot even be copied
        os.mkfifo(course / "submitted" / "fay" / "lesson-01" / "pipe")
    nbgrader("autograde", "lesson-01", ends_with=1)  # it names abe and fay, and goes on
    nbgrader("generate_feedback", "lesson-01")
    assert "carl, lesson-01: 1 of 6" in nbgrader("export")
    with (course / "exercises.csv").open() as file:
        rows = list(csv.DictReader(file))
    got = {who: sum(float(r["points"]) for r in rows if r["who"] == who) for who in handed_in}
    assert got == {"anna": 6, "ben": 0, "carl": 1, "dan": 0, "abe": 0, "fay": 0}
    said = {row["who"]: row["sentence"] for row in rows if row["exercise"] == "leaky-step"}
    assert said["anna"].startswith("Right: ") and said["ben"].startswith("Your turn: ")
    assert "ended Python" in said["carl"] and "damaged" in said["dan"] and "No file" in said["abe"]
    page = (course / "feedback" / "carl" / "lesson-01" / f"{ONE.name}.html").read_text()
    assert "ended Python itself" in page
