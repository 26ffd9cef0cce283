"""Grade students' notebooks without nbgrader: run each, judge its answers, and print CSV.

    uv run python classroom/grading/grade.py ../my_class/source/lesson-04 FOLDER > class.csv

FOLDER holds a folder for each student, or files that begin with the students' names. The assignment
is the one that make_assignment.py has made. Each student's rows are printed as they are graded.
"""

import csv
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import box  # noqa: E402 - found from here, wherever this is run
import handed_in  # noqa: E402
import marking  # noqa: E402

from helpers.class_progress import cell_of_csv, plain  # noqa: E402
from tools import arguments  # noqa: E402

COLUMNS = ("who", "assignment", "exercise", "points", "of", "sentence")


def main(line: list[str] | None = None) -> int:
    """Read the command line, grade, and print."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument("assignment", type=Path, help="the assignment's folder, source/lesson-04")
    parser.add_argument("folder", type=Path, help="the folder with what was handed in")
    wanted = parser.parse_args(line)
    sources = sorted(wanted.assignment.glob("*.ipynb"))
    if not sources or not wanted.folder.is_dir():
        missing = wanted.folder if sources else wanted.assignment
        parser.error(f"there is no {'folder' if sources else 'notebook in'} {missing}")
    students = handed_in.find(wanted.folder, sources[0].stem)
    if not students:
        parser.error(f"there is no folder or notebook of a student in {wanted.folder}")
    try:
        box.check()
    except box.NoWallsError as missing:
        parser.error(f"nothing was run: {missing}")
    for stream in (sys.stdout, sys.stderr):  # a name that this console cannot write is no end
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for who, path in students.items():
        print(f"{plain(who)} ...", file=sys.stderr, flush=True)
        for row in grade(sources[0], who, path):
            writer.writerow([cell_of_csv(x) if isinstance(x, str) else f"{x:g}" for x in row])
        sys.stdout.flush()
    return 0


def grade(source: Path, who: str, path: Path | None) -> list[tuple]:
    """Grade one student's notebook.

    Parameters
    ----------
    source : Path
        The assignment's notebook.
    who : str
        The student.
    path : Path or None
        What they handed in.

    Returns
    -------
    list of tuple
        For each exercise what `COLUMNS` names.
    """
    assignment, said = handed_in.read(source), {}
    trouble = f"Not yet: no file {source.name} was handed in."
    try:
        if path:
            book = handed_in.rebuild(assignment, handed_in.read(path))
            for found in marking.judge(book):
                name = book["cells"][found["index"]]["metadata"].get("nbgrader", {}).get("grade_id")
                said[name] = found.get("right"), found.get("sentence")
    except ValueError as error:
        trouble = f"Not yet: {error}"
    except Exception as error:  # one notebook does not end the class
        trouble = f"Not graded: the judge itself stopped ({type(error).__name__}: {error})."
    rows = []
    for mark in (cell["metadata"].get("nbgrader", {}) for cell in assignment["cells"]):
        if mark.get("grade"):
            right, sentence = said.get(mark["grade_id"], (False, trouble))
            exercise, worth = mark["grade_id"].removeprefix("check-"), mark["points"]
            row = (who, source.parent.name, exercise, worth if right else 0, worth, sentence)
            rows.append(tuple(plain(one) if isinstance(one, str) else one for one in row))
    return rows


if __name__ == "__main__":
    sys.exit(main())
