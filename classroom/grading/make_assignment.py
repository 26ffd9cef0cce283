"""Make an nbgrader assignment from a lesson: stubs as answer cells, checks as grading cells.

    uv run python classroom/grading/make_assignment.py 4 --course ../my_class

writes ../my_class/source/lesson-04/04_an_lstm_step_by_hand.ipynb and, where there is none,
../my_class/nbgrader_config.py. The answers come from notebooks/solutions, between nbgrader's marks
for solutions, so that `nbgrader generate_assignment` takes them out again.
"""

import argparse
import ast
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from helpers import address  # noqa: E402 - the course is found from here, wherever this is run
from helpers.course import Lesson  # noqa: E402
from helpers.exercises import EXERCISES  # noqa: E402
from tools import arguments  # noqa: E402

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"  # nbgrader's own marks
_STARTS_KERAS = re.compile(r"\b(keras|tensorflow|import_keras|tf)\b")
_SHOWS = re.compile(r"(Replay|figures|replay\w*|progress|\w+_picture)\b.*\)", re.DOTALL)
_CHECK = re.compile(r"checks\.\w+\(")


class Task(NamedTuple):
    """One exercise: its name, the learner's stub, the check's line, what it takes, and the rest."""

    name: str
    stub: str
    check: str
    argument: str
    rest: str


def main(line: list[str] | None = None) -> int:
    """Read the command line, and write what it asks for."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument("lesson", type=arguments.lesson, help="the lesson's number or name")
    parser.add_argument(
        "--course", type=Path, required=True, help="your class's folder, where nbgrader works"
    )
    parser.add_argument(
        "--points", type=_points, action="append", default=[], metavar="EXERCISE=N",
        help="other points than 1, as in --points lstm_step=3; may be given several times",
    )  # fmt: skip
    wanted = parser.parse_args(line)
    try:
        for path in write(wanted.lesson, wanted.course, dict(wanted.points)):
            print(f"Written: {path}")
    except (ValueError, OSError) as error:
        parser.error(str(error))
    print(f"Next, in {wanted.course}: nbgrader generate_assignment {path.parent.name}")
    return 0


def _points(text):
    name, _, number = text.rpartition("=")
    if not re.fullmatch(r"\d{1,3}(\.\d+)?", number):
        raise argparse.ArgumentTypeError(f"{text}: give EXERCISE=N, N from 0 to 999")
    return name, float(number)


def write(lesson: Lesson, course: Path, points: dict[str, float]) -> list[Path]:
    """Write the configuration where there is none, and the assignment; return what was written.

    Raises FileExistsError where the assignment is there, as nothing is overwritten, and ValueError
    where the folder lies in the course or `points` names no exercise.
    """
    course = course.expanduser().resolve()
    if course == ROOT or ROOT in course.parents:
        raise ValueError(
            f"{course} lies within this course: give a folder of your own outside it, since "
            "students' work does not belong here"
        )
    names = [_short(name) for name in EXERCISES[lesson.name]]
    if unknown := set(points) - set(names):
        raise ValueError(f"--points {unknown.pop()}: the exercises are {', '.join(names)}")
    place = course / "source" / f"lesson-{lesson.number:02}" / f"{lesson.name}.ipynb"
    if place.exists():
        raise FileExistsError(
            f"{place} is there already, and was left as it is: move it away to have it made anew"
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(assignment(lesson, points), place)
    config = course / "nbgrader_config.py"
    if config.exists():
        return [place]
    text = (HERE / "nbgrader_config.py").read_text(encoding="utf-8")
    for name, value in {"GRADING": str(HERE), "PYTHON": sys.executable}.items():
        text = re.sub(rf'^{name} = "[^"]*"', lambda _: f"{name} = {value!r}", text, flags=re.M)  # noqa: B023
    config.write_text(text, encoding="utf-8")
    return [config, place]


def assignment(lesson: Lesson, points: dict[str, float] | None = None) -> nbformat.NotebookNode:
    """Return a lesson as nbgrader's source notebook, with its solutions.

    Parameters
    ----------
    lesson : Lesson
        One of `helpers.course.LESSONS`.
    points : dict, optional
        What an exercise is worth, where that is not 1: {"lstm_step": 3}.
    """
    book = nbformat.read(ROOT / "notebooks" / f"{lesson.name}.ipynb", as_version=4)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    tasks = {cell.id: task for cell in code if (task := find_task(cell.source))}
    answers = _solutions(lesson, {task.name: task.argument for task in tasks.values()})
    needs_keras = any(map(_STARTS_KERAS.search, answers.values()))
    worth = {task.name: (points or {}).get(_short(task.name), 1) for task in tasks.values()}
    cells = []
    for cell in book.cells:
        if task := tasks.get(cell.id):
            cells += _three_cells(cell, task, answers[task.name], worth[task.name])
        elif cell.cell_type == "code":
            skip = {"grading": {"may_be_skipped": True}} if _skipped(cell, needs_keras) else {}
            cells.append(_code_cell(cell.source, cell.id, skip))
        elif text := _as_homework(cell.source):
            cells.append(nbformat.v4.new_markdown_cell(text, id=cell.id))
    about = (
        f"**Homework, {_worth(sum(worth.values()))}.** Fill in the cells under *Your turn*. The "
        "cell below each of them tells you whether you are right, and where to look; it stops with "
        "an *AssertionError* until you are. Those cells cannot be changed. Save, and hand in this "
        f"file under its name, `{lesson.name}.ipynb`."
    )
    cells.insert(1, nbformat.v4.new_markdown_cell(about, id="homework"))
    book.cells = cells
    nbformat.validate(book)
    return book


def _solutions(lesson, arguments_of):
    """Return for each exercise the lines of the solutions' notebook that make its answer."""
    path = ROOT / "notebooks" / "solutions" / f"{lesson.name}.ipynb"
    found = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and _CHECK.search(cell.source):
            calls = _calls(ast.parse(cell.source))
            lines = cell.source.splitlines()[: min(call.lineno for call in calls) - 1]
            for call in calls:
                theirs, ours = ast.unparse(call.args[-1]), arguments_of[_name_of(call)]
                last = [] if theirs == ours else [f"{ours} = {theirs}"]
                found[_name_of(call)] = "\n".join([*lines, *last])
    return found


def find_task(source: str) -> Task | None:
    """Take a lesson's cell apart at its check; None where it has none.

    Raises ValueError where it has two: an assignment gives each a cell of its own.
    """
    if not _CHECK.search(source):
        return None
    tree = ast.parse(source)
    calls = _calls(tree)
    if len(calls) != 1:
        raise ValueError(f"a cell has {len(calls)} checks, where one is wanted:\n{source}")
    [call] = calls
    at = next(one for one in tree.body if call in ast.walk(one))
    lines = source.splitlines()
    # What hangs on the check, as `if checks.two_layers(network):`, stays a cell of the lesson.
    alone = isinstance(at, ast.Expr) and at.value is call
    return Task(
        name=_name_of(call),
        stub="\n".join(lines[: at.lineno - 1]).strip(),
        check=ast.get_source_segment(source, call),
        argument=ast.unparse(call.args[-1]),
        rest="\n".join(lines[at.end_lineno if alone else at.lineno - 1 :]).strip("\n"),
    )


def _calls(tree):
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [one for one in calls if ast.unparse(one.func).startswith("checks.")]


def _name_of(call):
    return call.args[0].value if call.func.attr == "answer" else call.func.attr


# --- the cells -----------------------------------------------------------------------------------


def _short(name):
    return name.split(": ", 1)[-1]


def _three_cells(cell, task, solution, worth):
    """Return the answer's cell, the grading cell and, where there is one, the rest of the cell."""
    # nbgrader takes letters, digits and hyphens in an id.
    slug = re.sub(r"\W+", "-", _short(task.name).replace("_", "-")).strip("-").lower()
    answer = f"{task.stub}\n{BEGIN}\n\n{solution}\n{END}"
    check = f"# {_worth(worth)}. Run this cell as often as you like.\nassert {task.check}"
    graded = {"grade": True, "locked": True, "points": worth, "cell_type": "code"}
    cells = [
        _code_cell(answer, cell.id, _mark(f"answer-{slug}", solution=True)),
        _code_cell(check, f"{cell.id}-check"[-64:], _mark(f"check-{slug}", **graded)),
    ]
    return cells + ([_code_cell(task.rest, f"{cell.id}-rest"[-64:], {})] if task.rest else [])


def _mark(name, **what):
    no = dict.fromkeys(("grade", "solution", "locked", "task"), False)
    return {"nbgrader": no | {"schema_version": 3, "grade_id": name} | what}


def _code_cell(text, name, metadata):
    return nbformat.v4.new_code_cell(text, id=name, metadata=metadata)


def _skipped(cell, needs_keras):
    """Tell whether grading puts a cell off until an answer asks for a name that is not there.

    So are cells that the lesson tags as slow, or whose output is another each time (they train or
    measure), cells that only show, and Keras's where no answer needs it: it takes long to start.
    """
    tags = cell.metadata.get("tags", ())
    measures = "nbval-ignore-output" in tags and "import " not in cell.source
    keras = not needs_keras and _STARTS_KERAS.search(cell.source)
    return bool("slow" in tags or measures or keras or _SHOWS.fullmatch(cell.source))


def _worth(points):
    return "1 point" if points == 1 else f"{points:g} points"


def _as_homework(text):
    """Return a text of the lesson without what leads out of the homework, or to its solutions."""
    lines = [line for line in text.splitlines() if not line.endswith("<!-- launch -->")]
    text = "\n".join(line for line in lines if "](solutions/" not in line)
    files = f"{address.repository()}/blob/{address.tag()}"
    text = re.sub(r"\]\((\d\d_\w+)\.ipynb\)", lambda m: f"]({address.page(m[1])})", text)
    text = re.sub(r"\]\(\.\./([^)]+)\)", rf"]({files}/\1)", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


if __name__ == "__main__":
    sys.exit(main())
