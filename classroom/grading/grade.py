"""Grade students' notebooks without nbgrader: run each, judge its answers, and print the points.

    uv run python classroom/grading/grade.py ../my_class/source/lesson-04 FOLDER
    uv run python classroom/grading/grade.py ../my_class/source/lesson-04 FOLDER --csv > class.csv

FOLDER holds a folder for each student. The assignment is the one that make_assignment.py has made.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
for place in (str(HERE), str(HERE.parents[1])):
    if place not in sys.path:
        sys.path.insert(0, place)

import judge  # noqa: E402 - found from here, wherever this is run
import points  # noqa: E402
import rebuild  # noqa: E402

from tools import arguments  # noqa: E402


def main(line: list[str] | None = None) -> int:
    """Read the command line, grade, and print."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument("assignment", type=Path, help="the assignment's folder, source/lesson-04")
    parser.add_argument("folder", type=Path, help="the folder with a folder for each student")
    parser.add_argument("--csv", action="store_true", help="print CSV for a spreadsheet")
    wanted = parser.parse_args(line)
    if not wanted.folder.is_dir():
        parser.error(f"{wanted.folder} is no folder: name the one with a folder for each student")
    sources = sorted(wanted.assignment.glob("*.ipynb"))
    students = sorted(path for path in wanted.folder.iterdir() if path.is_dir())
    if not sources or not students:
        empty = wanted.folder if sources else wanted.assignment
        what = "folder of a student" if sources else "notebook of an assignment"
        parser.error(f"there is no {what} in {empty}")
    for stream in (sys.stdout, sys.stderr):  # a name that this console cannot write is no end
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    rows = []
    for source in sources:
        for student in students:
            print(f"{points.plain(student.name)} ...", file=sys.stderr, flush=True)
            rows += grade(source, student)
    if wanted.csv:
        points.write_csv(rows, sys.stdout)
    else:
        points.print_table(rows)
    return 0


def grade(source: Path, student: Path, limits: judge.Limits | None = None) -> list[points.Row]:
    """Grade one student's notebook: a row for each exercise of the assignment.

    Parameters
    ----------
    source : Path
        The assignment's notebook; what is graded has the same name.
    student : Path
        The student's folder; the notebook may lie in a folder within it.
    limits : judge.Limits, optional
        What a notebook may take.
    """
    assignment = rebuild.read(source)
    handed_in = find(student, source.name)
    said, trouble = {}, None
    try:
        if handed_in is None:
            raise ValueError(f"no file {source.name} was handed in.")
        theirs = rebuild.read(handed_in)
    except ValueError as error:
        trouble, theirs = f"Not yet: {error}", None
    book = rebuild.rebuild(assignment, theirs)
    if not trouble:
        for found in judge.judge(book, handed_in.parent, limits):
            said[found["index"]] = found
    rows = []
    for index, cell in enumerate(book["cells"]):
        mark = cell["metadata"].get("nbgrader", {})
        if mark.get("grade"):
            found = said.get(index, {"right": False, "sentence": trouble or points.NOTHING})
            rows.append(
                points.Row(
                    student.name, source.parent.name, mark["grade_id"].removeprefix("check-"),
                    mark["points"] if found["right"] else 0, mark["points"], found["sentence"],
                )
            )  # fmt: skip
    return rows


def find(student: Path, name: str) -> Path | None:
    """Return the newest file of that name in a student's folder, Jupyter's own copies aside."""
    found = []
    for here, folders, files in os.walk(student):
        folders[:] = [one for one in folders if one != ".ipynb_checkpoints"]
        if name in files and Path(here, name).is_file():
            found.append(Path(here, name))
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


if __name__ == "__main__":
    sys.exit(main())
