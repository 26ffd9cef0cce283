"""Make an nbgrader assignment from a lesson: stubs as answer cells, checks as grading cells.

    uv run python classroom/grading/make_assignment.py 4 --course ../my_class

writes ../my_class/source/lesson-04/04_an_lstm_step_by_hand.ipynb and, where there is none,
../my_class/nbgrader_config.py. The answers come from notebooks/solutions, between nbgrader's marks
for solutions, so that `nbgrader generate_assignment` takes them out again.
"""

import ast
import copy
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from helpers import address  # noqa: E402 - the course is found from here, wherever this is run
from helpers.course import Lesson  # noqa: E402
from helpers.exercises import EXERCISES, asked  # noqa: E402
from tools import arguments  # noqa: E402

HERE = Path(__file__).resolve().parent
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"  # nbgrader's own marks
_CHECK = re.compile(r"checks\.\w+\(")
_LESSON_LINK = re.compile(r"\]\((\d\d_\w+)\.ipynb\)")
_FILE_LINK = re.compile(r"\]\(\.\./([^)]+)\)")


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
        "--points", action="append", default=[], metavar="EXERCISE=N",
        help="other points than 1, as in --points lstm_step=3; may be given several times",
    )  # fmt: skip
    wanted = parser.parse_args(line)
    lesson = wanted.lesson
    try:
        for path in write(lesson, wanted.course, read_points(lesson, wanted.points)):
            print(f"Written: {path}")
    except (ValueError, OSError) as error:
        parser.error(str(error))
    print(f"Next, in {wanted.course}: nbgrader generate_assignment {assignment_name(lesson)}")
    return 0


def assignment_name(lesson: Lesson) -> str:
    """Return what nbgrader calls the assignment: "lesson-04"."""
    return f"lesson-{lesson.number:02}"


def read_points(lesson: Lesson, given: list[str]) -> dict[str, float]:
    """Read ["lstm_step=3"] as {"lstm_step": 3}, names with or without their "lesson 4: "."""
    names = {each: each for each in EXERCISES[lesson.name]}
    names |= {each.split(": ", 1)[-1]: each for each in names}
    points = {}
    for one in given:
        name, equals, number = one.rpartition("=")
        if not equals or name not in names:
            raise ValueError(
                f"--points {one}: give EXERCISE=N, with one of "
                f"{', '.join(each.split(': ', 1)[-1] for each in EXERCISES[lesson.name])}"
            )
        try:
            points[names[name]] = float(number)
        except ValueError:
            raise ValueError(f"--points {one}: {number!r} is no number") from None
        if not 0 <= points[names[name]] <= 1000:
            raise ValueError(f"--points {one}: give a number from 0 to 1000")
    return points


def write(lesson: Lesson, course: Path, points: dict[str, float]) -> list[Path]:
    """Write the assignment, and the configuration where there is none; return what was written.

    Raises FileExistsError where the assignment is there: nothing is overwritten.
    """
    course = course.expanduser().resolve()
    if course == ROOT or ROOT in course.parents:
        raise ValueError(
            f"{course} lies within this course: give a folder of your own outside it, since "
            "students' work does not belong here"
        )
    place = course / "source" / assignment_name(lesson) / f"{lesson.name}.ipynb"
    if place.exists():
        raise FileExistsError(
            f"{place} is there already, and was left as it is: move it away to have it made anew"
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(assignment(lesson, points), place)
    written = [place]
    config = course / "nbgrader_config.py"
    if not config.exists():
        template = (HERE / "nbgrader_config.py").read_text(encoding="utf-8")
        settings = {"GRADING": str(HERE), "PYTHON": sys.executable}
        for name, value in settings.items():
            template = re.sub(
                rf"^{name} = .*$", lambda _, n=name, v=value: f"{n} = {v!r}", template, flags=re.M
            )
        config.write_text(template, encoding="utf-8")
        written.append(config)
    return written


def assignment(lesson: Lesson, points: dict[str, float] | None = None) -> nbformat.NotebookNode:
    """Return a lesson as nbgrader's source notebook, with its solutions.

    Parameters
    ----------
    lesson : Lesson
        One of `helpers.course.LESSONS`.
    points : dict, optional
        What an exercise is worth, where that is not 1: {"lstm_step": 3}.
    """
    points = points or {}
    book = nbformat.read(ROOT / "notebooks" / f"{lesson.name}.ipynb", as_version=4)
    answers = solutions(lesson)
    cells, count = [], 0
    for cell in book.cells:
        if cell.cell_type == "code" and (task := find_task(cell.source)):
            worth = points.get(task.name, 1)
            count += worth
            cells += _three_cells(cell, task, answers[task.name], worth)
        elif cell.cell_type == "code":
            cells.append(_cleared(cell))
        elif text := _as_homework(cell.source):
            cells.append(_changed(cell, source=text))
    cells.insert(1, _about(lesson, count))
    book.cells = cells
    for cell in book.cells:
        cell.metadata.pop("execution", None)
    nbformat.validate(book)
    return book


def solutions(lesson: Lesson) -> dict[str, str]:
    """Return for each exercise the lines of the solutions' notebook that make its answer."""
    path = ROOT / "notebooks" / "solutions" / f"{lesson.name}.ipynb"
    tasks = {
        find_task(cell.source).name: find_task(cell.source)
        for cell in nbformat.read(ROOT / "notebooks" / f"{lesson.name}.ipynb", as_version=4).cells
        if cell.cell_type == "code" and find_task(cell.source)
    }
    found = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code" or not asked(cell.source):
            continue
        tree = ast.parse(cell.source)
        for call in _calls(tree):
            name = _name_of(call)
            theirs, ours = ast.unparse(call.args[-1]), tasks[name].argument
            lines = _lines_for(cell.source, tree, call)
            found[name] = lines + ("" if theirs == ours else f"\n{ours} = {theirs}")
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
    at = next(n for n, one in enumerate(tree.body) if call in ast.walk(one))
    lines = source.splitlines()
    first = tree.body[at].lineno - 1
    # What hangs on the check, as `if checks.two_layers(network):`, stays a cell of the lesson.
    alone = isinstance(tree.body[at], ast.Expr) and tree.body[at].value is call
    rest = lines[tree.body[at].end_lineno if alone else first :]
    return Task(
        name=_name_of(call),
        stub="\n".join(lines[:first]).strip(),
        check=ast.get_source_segment(source, call),
        argument=ast.unparse(call.args[-1]),
        rest="\n".join(rest).strip("\n"),
    )


# --- the cells -----------------------------------------------------------------------------------


def slug(name: str) -> str:
    """Return an exercise's name as nbgrader takes it in an id: letters, digits and hyphens."""
    return re.sub(r"\W+", "-", name.split(": ", 1)[-1].replace("_", "-")).strip("-").lower()


def _three_cells(cell, task, solution, worth):
    """Return the answer's cell, the grading cell and, where there is one, the rest of the cell."""
    answer = _cleared(cell)
    answer.source = f"{task.stub}\n{BEGIN}\n\n{solution}\n{END}"
    answer.metadata["nbgrader"] = _mark(f"answer-{slug(task.name)}", solution=True)
    check = nbformat.v4.new_code_cell(
        f"# {_worth(worth)}. Run this cell as often as you like.\nassert {task.check}",
        id=f"{cell.id}-check"[-64:],
    )
    check.metadata["nbgrader"] = _mark(f"check-{slug(task.name)}", grade=True, points=worth)
    cells = [answer, check]
    if task.rest:
        cells.append(_changed(_cleared(cell), source=task.rest, id=f"{cell.id}-rest"[-64:]))
    return cells


def _mark(name, *, solution=False, grade=False, points=None):
    mark = {
        "schema_version": 3, "grade_id": name, "solution": solution, "grade": grade,
        "locked": not solution, "task": False,
    }  # fmt: skip
    return mark | ({} if points is None else {"points": points, "cell_type": "code"})


def _cleared(cell):
    return _changed(cell, outputs=[], execution_count=None)


def _changed(cell, **what):
    cell = copy.deepcopy(cell)
    cell.update(what)
    return cell


def _worth(points):
    return "1 point" if points == 1 else f"{points:g} points"


def _about(lesson, points):
    return nbformat.v4.new_markdown_cell(
        f"**Homework, {_worth(points)}.** Fill in the cells under *Your turn*. The cell below each "
        "of them tells you whether you are right, and where to look; it stops with an "
        "*AssertionError* until you are. Those cells cannot be changed. Save, and hand in this "
        f"file under its name, `{lesson.name}.ipynb`.",
        id="homework",
    )


def _as_homework(text):
    """Return a text of the lesson without what leads out of the homework, or to its solutions."""
    lines = [line for line in text.splitlines() if not line.endswith("<!-- launch -->")]
    lines = [line for line in lines if "](solutions/" not in line]
    files = f"{address.repository()}/blob/{address.tag()}"
    text = _LESSON_LINK.sub(lambda found: f"]({address.page(found[1])})", "\n".join(lines))
    text = _FILE_LINK.sub(lambda found: f"]({files}/{found[1]})", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


# --- a cell's code -------------------------------------------------------------------------------


def _calls(tree):
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "checks"
    ]


def _name_of(call):
    return call.args[0].value if call.func.attr == "answer" else call.func.attr


def _lines_for(source, tree, call):
    """Return the lines of a cell that the check's argument needs, and no others."""
    wanted, kept = _used(call.args[-1]), []
    statements = [one for one in tree.body if one.lineno < call.lineno]
    for one in reversed(statements):
        made = _bound(one)
        if made & wanted and call not in ast.walk(one):
            wanted |= _used(one)
            kept.append(ast.get_source_segment(source, one))
    return "\n".join(reversed(kept))


def _used(tree):
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _bound(statement):
    """Return the names that a statement makes or changes where the cell sees them."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


if __name__ == "__main__":
    sys.exit(main())
