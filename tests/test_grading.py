"""Homework: assignments, what is handed in, hostile notebooks, and a real nbgrader.

What runs notebooks needs bubblewrap; SHEET_NBGRADER names the folder of an environment that has
nbgrader (see classroom/grading/README.md).
"""

import csv
import io
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.course import LESSONS
from helpers.exercises import EXERCISES
from tests.notebook_tools import NOTEBOOKS, ROOT

GRADING = ROOT / "classroom" / "grading"
sys.path.insert(0, str(GRADING))

import box  # noqa: E402 - they find each other as a teacher's command does
import grade  # noqa: E402
import handed_in  # noqa: E402
import make_assignment  # noqa: E402
import marking  # noqa: E402
import values  # noqa: E402

ONE, FOUR = LESSONS[1], LESSONS[4]
NO_WALLS = subprocess.run([sys.executable, str(GRADING / "box.py")], capture_output=True).returncode
needs_walls = pytest.mark.skipif(NO_WALLS, reason="bubblewrap cannot put up its walls here")


@pytest.fixture(scope="module")
def assignments():
    return {lesson.name: make_assignment.assignment(lesson) for lesson in LESSONS}


def marked(book, kind):
    return [c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get(kind)]


def filled(book, **answers):
    """Return a student's notebook: what nbgrader releases, with these answers by their exercise."""
    book = json.loads(json.dumps(book))
    solution = rf"{make_assignment.BEGIN}.*?{make_assignment.END}"
    for cell in marked(book, "solution"):
        name = cell["metadata"]["nbgrader"]["grade_id"].removeprefix("answer-").replace("-", "_")
        stub = re.sub(solution, "", cell["source"], flags=re.DOTALL)
        cell["source"] = answers.get(name, stub)
    return book


def judged(source, theirs, **limits):
    """Return for each exercise whether it is right, and its sentence."""
    book = handed_in.rebuild(source, theirs)
    found = [f for f in marking.judge(book, marking.Limits(**limits)) if "right" in f]
    names = [c["metadata"]["nbgrader"]["grade_id"][len("check-") :] for c in marked(book, "grade")]
    return {n.replace("-", "_"): (f["right"], f["sentence"]) for n, f in zip(names, found)}  # noqa: B905


# --- making an assignment ---------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_students_get_each_exercise_with_its_stub_and_no_solution(lesson, assignments):
    book = assignments[lesson.name]
    nbformat.validate(book)
    answers, checks = marked(book, "solution"), marked(book, "grade")
    names = [make_assignment.find_task(c.source).name for c in checks]
    assert names == list(EXERCISES[lesson.name])
    ids = [c.metadata.nbgrader.grade_id for c in answers + checks]
    assert len(set(ids)) == len(ids) == 2 * len(names)
    for answer, check in zip(answers, checks, strict=True):
        assert book.cells.index(check) == book.cells.index(answer) + 1
        assert "assert checks." in check.source and check.metadata.nbgrader.points == 1
    released = filled(book)
    text = "\n".join(c["source"] for c in released["cells"])
    assert "SOLUTION" not in text and not any(c.get("outputs") for c in book.cells)
    lesson_cells = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", as_version=4).cells
    tasks = [make_assignment.find_task(c.source) for c in lesson_cells if c.cell_type == "code"]
    stubs = [task.stub for task in tasks if task]
    assert [c["source"].strip() for c in marked(released, "solution")] == stubs


def test_the_command_writes_and_overwrites_nothing(tmp_path, capsys):
    line = ["1", "--course", str(tmp_path / "class")]
    assert make_assignment.main(line) == 0
    written = tmp_path / "class" / "source" / "lesson-01" / f"{ONE.name}.ipynb"
    before = written.read_bytes()
    book = nbformat.reads(before.decode(), as_version=4)
    assert [c.metadata.nbgrader.points for c in marked(book, "grade")] == [1] * 6
    with pytest.raises(SystemExit):
        make_assignment.main(line)
    assert "left as it is" in capsys.readouterr().err and written.read_bytes() == before


@pytest.mark.parametrize(
    ("line", "says"),
    [(["12", "--course", "{}"], "there is no lesson"),
     (["1", "--course", str(ROOT / "notebooks")], "outside it")],
)  # fmt: skip
def test_what_the_command_cannot_do_it_says(tmp_path, capsys, line, says):
    with pytest.raises(SystemExit):
        make_assignment.main([one.format(tmp_path / "class") for one in line])
    assert says in capsys.readouterr().err


# --- what was handed in -----------------------------------------------------------------------


def test_the_checks_are_the_teachers_and_of_copies_the_last_one_runs_last(assignments):
    source = assignments[ONE.name]
    theirs = filled(source, hammer="numbers_in_the_hammer = 1")
    for cell in marked(theirs, "grade"):
        cell["source"] = "pass"
        cell["metadata"]["nbgrader"] |= {"points": 100, "locked": False, "schema_version": 99}
    at = next(n for n, c in enumerate(theirs["cells"]) if "numbers_in_the" in c["source"])
    copy = theirs["cells"][at] | {"source": "numbers_in_the_hammer = 3584"}
    theirs["cells"].insert(at + 1, copy)
    theirs["cells"].append({"cell_type": "raw", "source": "a < b <script>", "metadata": 7})
    theirs["cells"] = theirs["cells"][20:]  # what came first is gone
    theirs["cells"] += [None, 3, {"cell_type": "odd"}, {"cell_type": "code", "source": None}]
    book = handed_in.rebuild(source, theirs)
    nbformat.validate(nbformat.from_dict(book))
    ours = [(c["source"], c["metadata"]) for c in marked(source, "grade")]
    assert [(c["source"], c["metadata"]) for c in marked(book, "grade")] == ours
    texts = [c["source"] for c in book["cells"]]
    assert texts.index(copy["source"]) == texts.index("numbers_in_the_hammer = 1") + 1
    assert "a < b &lt;script>" in texts  # it runs on no page
    nothing = handed_in.rebuild(source, None)  # no solution comes back where an answer is missing
    assert all("was missing" in c["source"] for c in marked(nothing, "solution"))


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"{", "damaged"), (b"[]", "no cells"), (b'{"cells": 3}', "no cells"),
     (b"\xff\xfe", "damaged"), (b"[" * 100_000, "damaged"), (b"9" * 10_000, "damaged")],
)  # fmt: skip
def test_a_file_that_is_no_notebook_is_named(tmp_path, content, says):
    path = tmp_path / "a.ipynb"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=says):
        handed_in.read(path)
    (tmp_path / "b.ipynb").symlink_to(NOTEBOOKS / "solutions" / f"{ONE.name}.ipynb")
    with pytest.raises(ValueError, match="is a link"):
        handed_in.read(tmp_path / "b.ipynb")


NAMED = {
    f"anna/{FOUR.name}.ipynb": "anna",
    f"bo/deep/{FOUR.name} (1).ipynb": "bo",
    f"Cy D_12_assignsubmission_file_/{FOUR.name}-Copy1.ipynb": "Cy D_12",
    f"Di E_13_assignsubmission_file_{FOUR.name}.ipynb": "Di E_13",
    f"eve_123_456_{FOUR.name}-1.ipynb": "eve_123_456",
    f"hw_fay_attempt_2026-03-01-10-00-00_{FOUR.name}.ipynb": "hw_fay",
    f"gil_{FOUR.name}.ipynb": "gil",
    f"{FOUR.name}_ida.ipynb": f"{FOUR.name}_ida",
}
NOBODYS = (f"bo/deep/._{FOUR.name}.ipynb", f"__MACOSX/._{FOUR.name}.ipynb", "hal/other.ipynb")


def test_files_are_found_as_platforms_name_them(tmp_path):
    for path in (tmp_path / name for name in (*NAMED, *NOBODYS)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    (tmp_path / "jo").symlink_to(tmp_path / "anna")
    found = handed_in.find(tmp_path, FOUR.name)
    expected = {who: tmp_path / name for name, who in NAMED.items()}
    assert found == expected | {"hal": None, "jo": tmp_path / "jo"}
    with pytest.raises(ValueError, match="jo is a link"):
        handed_in.read(found["jo"])


# --- what passes between the two processes ----------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [{"is": "array", "type": "<f8", "shape": [10**9], "parts": []}, {},
     {"is": "array", "type": "|O", "shape": [1], "parts": [1]},
     {"is": "tuple", "fields": ["__class__"], "parts": [1]},
     {"is": "set", "parts": [{"is": "dict", "parts": []}]}],
    ids=str,
)  # fmt: skip
def test_what_no_value_can_be_is_refused(sent):
    with pytest.raises(values.BadValueError):
        values.decode(sent)


# --- judging ----------------------------------------------------------------------------------


def alone(book):
    """Return a notebook without the lesson's own cells, which take long to run."""
    start = {"cell_type": "code", "source": "import numpy as np", "metadata": {}}
    return book | {"cells": [start, *[c for c in book["cells"] if c["metadata"].get("nbgrader")]]}


@needs_walls
def test_answers_get_their_points_and_stubs_are_told_that_it_is_their_turn(assignments):
    source = assignments[ONE.name]
    step = "import rnnscope\ndef leaky_step(state, blow, keep): return keep * state + blow"
    found = judged(source, alone(filled(
        source, leaky_step=f"%matplotlib inline\n{step}", hammer="numbers_in_the_hammer = 3584",
        run_blows="import torch_of_mine\nkept = 1", equal_sheets="keeps = [kept]",
    )))  # fmt: skip
    said = {name: sentence.split(":")[0] for name, (_, sentence) in found.items()}
    assert list(said.values()) == ["Right", "Not yet", "Right", "Not yet", "Your turn", "Your turn"]
    assert "An earlier cell stops with ModuleNotFoundError" in found["equal_sheets"][1]
    assert [name for name, (right, _) in found.items() if right] == ["leaky_step", "hammer"]


@needs_walls
@pytest.mark.deep
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_the_solutions_of_every_lesson_get_all_points(lesson, assignments):
    source = assignments[lesson.name]
    found = judged(source, source)
    assert [sentence for right, sentence in found.values() if not right] == []
    assert len(found) == len(EXERCISES[lesson.name])


PATCHED = """
import builtins, sys, types
import helpers.checks as checks
class Verdict:
    ok, sentence = True, "Right: of course"
    __bool__ = lambda self: True
for name in ("answer", "lstm_step"):
    setattr(checks, name, lambda *a: Verdict())
print("Right: of course")
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
    for line in (b"[1]", b"{", b"[" * 9999, b'{"number": 9, "function": 3}', b'{"value": {}}'):
        try:
            os.write(number, line + b"\\n")
        except OSError:
            pass
"""
SPOILED = """
import os, shutil
for place in (".", ROOT, "/tmp", "/course"):
    shutil.rmtree(place, ignore_errors=True)
overwritten = (0, 1, 1)
"""
FORKED = """
import os
for _ in range(600):
    if os.fork() == 0:
        import time; time.sleep(600)
"""
LONG = "half = " + "1 + " * 400 + "1\nsteps_until_half = " + "0 + " * 400 + "35"
MEMFD = """
import os
files = [os.memfd_create("a") for _ in range(20)]
for file in files:
    os.write(file, bytes(90 * 2**20))
"""
# An exercise of lesson 4: what is written there, whether it is right, and what is said of it.
HOSTILE = {
    "forget_gate_at_1": ("import sys\nsys.exit()", False, "SystemExit"),
    "gates_that_make_c": (PATCHED, False, "Not yet: the output gate"),
    "covered": (SENT + EQUAL, False, "yours is an Equal"),
    "overwritten": (SPOILED, True, "Right: "),
    "input_gate": ("while True: pass", False, "had not ended after 6 seconds"),
    "kernel_shape": ("import os\nos._exit(0)", False, "ended Python itself"),
    "lstm_gates": ("def my_gates(x_t, h, weights):\n    while True: pass", False, "had not ended"),
    "lstm_step": ("def my_lstm_step(*a):\n    exit()", False, 'Exit, at the line "exit()".'),
    "parameter_count": ("import torch_of_mine\ndef my_count(a, b): return 1", False, "No module"),
    "from_pytorch": (MEMFD, False, "memory and files"),
    "forget_bias": ("forget_bias = input()", False, "EOFError"),
    "half_forgotten": (LONG, True, "Right: "),
    "lstm_step_back": (FORKED, False, "Not yet: its cell "),
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(assignments):
    source, root = assignments[FOUR.name], repr(str(ROOT / "notebooks"))
    answers = {name: text.replace("ROOT", root) for name, (text, _, _) in HOSTILE.items()}
    theirs = alone(filled(source, **answers))
    return judged(source, theirs, cell=6, call=3, whole=800, memory=2**28)


@needs_walls
@pytest.mark.deep
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_gets_its_points_and_a_sentence(name, hostile):
    _, right, says = HOSTILE[name]
    assert hostile[name][0] is right and says in hostile[name][1]
    assert "\n" not in hostile[name][1]


ANSWERED = """
import json, os, time
while True:
    os.write(4, b"".join(b'{"number": %d, "error": null}\\n' % number for number in range(9)))
    time.sleep(0.2)
"""


@needs_walls
@pytest.mark.deep
def test_a_process_that_answers_without_reading_is_stopped():
    sources = (ANSWERED, "#" * 300_000)
    cells = [{"cell_type": "code", "source": source, "metadata": {}} for source in sources]
    first, then = marking.judge({"cells": cells}, marking.Limits(cell=3, whole=60))
    assert first["error"] is None and "had not ended after 3 s" in then["error"]


TRIES = """
import os, pathlib, socket
def tried(what):
    try:
        what()
    except Exception as error:
        return type(error).__name__
    return "done"
def connect(kind, to):
    with socket.socket(kind) as one:
        one.connect(to)
tries = [
    tried(lambda: open({solution!r}).read()),
    tried(lambda: open({outside!r}, "w")),
    tried(lambda: open("/etc/passwd").read()),
    tried(lambda: connect(socket.AF_INET, ("127.0.0.1", {port}))),
    tried(lambda: connect(socket.AF_UNIX, {path!r})),
    tried(lambda: connect(socket.AF_UNIX, "\\0sheet-{port}")),
    tried(lambda: __import__("helpers.checks.plain_answers")),
]
said = [path.read_text() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")]
pathlib.Path("mine.txt").write_text("kept in memory")
raise ValueError(" ".join([*tries, str(any("pytest" in line for line in said) or len(said) > 4)]))
"""


@needs_walls
def test_nothing_beyond_its_own_folder_is_in_reach(tmp_path):
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as by_path,
        socket.socket(socket.AF_UNIX) as by_name,
    ):
        port = server.getsockname()[1]
        for one, where in ((by_path, str(tmp_path / "s")), (by_name, f"\0sheet-{port}")):
            one.bind(where)
            one.listen()
        source = TRIES.format(
            solution=str(NOTEBOOKS / "solutions" / f"{ONE.name}.ipynb"), port=port,
            outside=str(tmp_path / "outside"), path=str(tmp_path / "s"),
        )  # fmt: skip
        book = {"cells": [{"cell_type": "code", "source": source, "metadata": {}}]}
        [found] = marking.judge(book)
    *tries, processes = found["error"].partition("ValueError: ")[2].split(", at the")[0].split()
    assert processes == "False" and "done" not in tries and len(tries) == 7, found


def test_without_walls_nothing_runs_and_it_says_why(tmp_path, monkeypatch, capsys):
    make_assignment.write(ONE, tmp_path / "class")
    (tmp_path / "in" / "anna").mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    box.check.cache_clear()
    line = [str(tmp_path / "class" / "source" / "lesson-01"), str(tmp_path / "in")]
    with pytest.raises(SystemExit):
        grade.main(line)
    box.check.cache_clear()
    assert "nothing was run: students' notebooks run behind the walls" in capsys.readouterr().err


# --- the list ---------------------------------------------------------------------------------


@needs_walls
def test_the_list_is_csv(tmp_path, capsys, monkeypatch):
    place = make_assignment.write(ONE, tmp_path / "class")[-1]
    students = tmp_path / "students"
    for name in ("carl", "=cmd", "dora", "\x1b[2J"):
        (students / name).mkdir(parents=True)
    (students / "carl" / f"{ONE.name} (1).ipynb").write_text("{")
    (students / "dora" / f"{ONE.name}.ipynb").write_text('{"cells": []}')

    def broken(*arguments):
        raise RecursionError("too deep")
        yield

    monkeypatch.setattr(marking, "judge", broken)
    assert grade.main([str(place.parent), str(students)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    said = {row["who"]: row["sentence"] for row in rows}
    assert list(said) == ["?[2J", "'=cmd", "carl", "dora"] and len(rows) == 24
    assert {row["points"] for row in rows} == {"0"} and {row["of"] for row in rows} == {"1"}
    assert "damaged" in said["carl"] and "was handed in" in said["'=cmd"]
    assert "the judge itself stopped (RecursionError: too deep)" in said["dora"]


# --- a real nbgrader --------------------------------------------------------------------------


@needs_walls
@pytest.mark.deep
@pytest.mark.skipif("SHEET_NBGRADER" not in os.environ, reason="SHEET_NBGRADER names no nbgrader")
def test_a_class_is_graded_by_a_real_nbgrader(tmp_path, assignments):
    course, source = tmp_path / "class", assignments[ONE.name]
    make_assignment.write(ONE, course)
    settings = course / "nbgrader_config.py"
    settings.write_text(settings.read_text() + 'c.Judge.limits = {"cell": 30, "whole": 120}\n')
    programs = Path(os.environ["SHEET_NBGRADER"]).resolve() / "bin"
    path = os.pathsep.join([str(programs), os.environ["PATH"]])

    def nbgrader(*arguments, ends_with=0):
        done = subprocess.run(
            ["nbgrader", *arguments], cwd=course, env=os.environ | {"PATH": path}, text=True,
            capture_output=True, timeout=600,
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
    good = alone(source)
    books = {"anna": good, "ben": alone(released), "carl": alone(bad), "dan": "{", "fay": good}
    for who, book in books.items():
        place = course / "submitted" / who / "lesson-01" / name
        place.parent.mkdir(parents=True)
        place.write_text(book if isinstance(book, str) else json.dumps(book))
    os.mkfifo(course / "submitted" / "fay" / "lesson-01" / "pipe")  # it cannot even be copied
    (course / "submitted" / "gus" / "lesson-01").mkdir(parents=True)
    (course / "submitted" / "gus" / "lesson-01" / name).symlink_to(
        course / "source/lesson-01" / name
    )
    nbgrader("autograde", "lesson-01", ends_with=1)  # it names fay, and goes on
    nbgrader("generate_feedback", "lesson-01")
    nbgrader("export")
    with (course / "grades.csv").open() as file:
        got = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert got == {"anna": 6, "ben": 0, "carl": 1, "dan": 0, "gus": 0}
    says = {
        "anna": "Right: ", "ben": "Your turn: ", "carl": "ended Python itself", "dan": "damaged",
        "gus": "is a link, and was not followed",
    }  # fmt: skip
    for who, sentence in says.items():
        page = course / "feedback" / who / "lesson-01" / f"{ONE.name}.html"
        assert sentence in page.read_text()
    # Those that nbgrader could not even copy are in the list that is made without it.
    assert set(handed_in.find(course / "submitted", ONE.name)) == set(books) | {"gus"}
