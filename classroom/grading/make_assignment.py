"""Make an nbgrader assignment from a lesson: stubs as answer cells, checks as grading cells.

    uv run python classroom/grading/make_assignment.py 4 --course ../my_class

writes ../my_class/source/lesson-04/04_an_lstm_step_by_hand.ipynb and, where there is none,
../my_class/nbgrader_config.py. The answers come from notebooks/solutions, between nbgrader's marks
for solutions, so that `nbgrader generate_assignment` takes them out again.
"""

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
from tools import arguments  # noqa: E402

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"  # nbgrader's own marks
_STARTS_KERAS = re.compile(r"\b(keras|tensorflow|import_keras|tf)\b")
_SHOWS = re.compile(r"(Replay|figures|replay\w*|progress|\w+_picture)\b.*\)", re.DOTALL)
_CHECK = re.compile(r"^(?:if |assert )?(checks\.\w+\(.*\))(:?)$", re.MULTILINE)


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
    wanted = parser.parse_args(line)
    try:
        for path in write(wanted.lesson, wanted.course):
            print(f"Written: {path}")
    except (ValueError, OSError) as error:
        parser.error(str(error))
    print(f"Next, in {wanted.course}: nbgrader generate_assignment {path.parent.name}")
    return 0


def write(lesson: Lesson, course: Path) -> list[Path]:
    """Write the configuration where there is none, and the assignment; return what was written.

    Raises FileExistsError where the assignment is there, as nothing is overwritten, and ValueError
    where the folder lies in the course.
    """
    course = course.expanduser().resolve()
    if course == ROOT or ROOT in course.parents:
        raise ValueError(
            f"{course} lies within this course: give a folder of your own outside it, since "
            "students' work does not belong here"
        )
    place = course / "source" / f"lesson-{lesson.number:02}" / f"{lesson.name}.ipynb"
    if place.exists():
        raise FileExistsError(
            f"{place} is there already, and was left as it is: move it away to have it made anew"
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(assignment(lesson), place)
    config = course / "nbgrader_config.py"
    if config.exists():
        return [place]
    text = (HERE / "nbgrader_config.py").read_text(encoding="utf-8")
    for name, value in {"GRADING": str(HERE), "PYTHON": sys.executable}.items():
        text = re.sub(rf'^{name} = "[^"]*"', lambda _: f"{name} = {value!r}", text, flags=re.M)  # noqa: B023
    config.write_text(text, encoding="utf-8")
    return [config, place]


def assignment(lesson: Lesson) -> nbformat.NotebookNode:
    """Return one of `helpers.course.LESSONS` as nbgrader's source notebook, with its solutions."""
    book = nbformat.read(ROOT / "notebooks" / f"{lesson.name}.ipynb", as_version=4)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    tasks = {cell.id: task for cell in code if (task := find_task(cell.source))}
    answers = _solutions(lesson, {task.name: task.argument for task in tasks.values()})
    needs_keras = any(map(_STARTS_KERAS.search, answers.values()))
    cells = []
    for cell in book.cells:
        if task := tasks.get(cell.id):
            cells += _three_cells(cell, task, answers[task.name])
        elif cell.cell_type == "code":
            skip = {"grading": {"may_be_skipped": True}} if _skipped(cell, needs_keras) else {}
            cells.append(_code_cell(cell.source, cell.id, skip))
        elif text := _as_homework(cell.source):
            cells.append(nbformat.v4.new_markdown_cell(text, id=cell.id))
    about = (
        "**Homework, 1 point an exercise.** Fill in the cells under *Your turn*. The cell below "
        "each of them tells you whether you are right, and where to look; it stops with an "
        "*AssertionError* until you are. Those cells cannot be changed. Save, and hand in this "
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
        for task in _tasks(cell.source) if cell.cell_type == "code" else ():
            ours = arguments_of[task.name]
            last = [] if task.argument == ours else [f"{ours} = {task.argument}"]
            found[task.name] = "\n".join([task.stub, *last])
    return found


def find_task(source: str) -> Task | None:
    """Take a lesson's cell apart at its check; None where it has none.

    Raises ValueError where it has two: an assignment gives each a cell of its own.
    """
    found = _tasks(source)
    if len(found) > 1:
        raise ValueError(f"a cell has {len(found)} checks, where one is wanted:\n{source}")
    return found[0] if found else None


def _tasks(source):
    """Return the exercises of a cell, whose checks stand in a line each."""
    checks, found = list(_CHECK.finditer(source)), []
    for check in checks:
        call = ast.parse(check[1]).body[0].value
        name = call.args[0].value if call.func.attr == "answer" else call.func.attr
        stub = source[: checks[0].start()].strip()
        # What hangs on the check, as `if checks.two_layers(network):`, stays a cell of the lesson.
        rest = source[check.start() if check[2] else check.end() :].strip("\n")
        found.append(Task(name, stub, check[1], ast.unparse(call.args[-1]), rest))
    return found


# --- the cells -----------------------------------------------------------------------------------


def _three_cells(cell, task, solution):
    """Return the answer's cell, the grading cell and, where there is one, the rest of the cell."""
    # nbgrader takes letters, digits and hyphens in an id.
    slug = re.sub(r"\W+", "-", task.name.split(": ")[-1].replace("_", "-")).strip("-").lower()
    answer = f"{task.stub}\n{BEGIN}\n\n{solution}\n{END}"
    check = f"# 1 point. Run this cell as often as you like.\nassert {task.check}"
    graded = {"grade": True, "locked": True, "points": 1, "cell_type": "code"}
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


def _as_homework(text):
    """Return a text of the lesson without what leads out of the homework, or to its solutions."""
    apart = re.compile(r".*<!-- launch -->$|!\[")  # links to run the lesson, and a file beside it
    lines = [line for line in text.splitlines() if not apart.match(line)]
    text = "\n".join(line for line in lines if "](solutions/" not in line)
    files = f"{address.repository()}/blob/{address.tag()}"
    text = re.sub(r"\]\((\d\d_\w+)\.ipynb\)", lambda m: f"]({address.page(m[1])})", text)
    text = re.sub(r"\]\(\.\./([^)]+)\)", rf"]({files}/\1)", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


if __name__ == "__main__":
    sys.exit(main())
