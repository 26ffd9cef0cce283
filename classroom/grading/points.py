"""The list of points: who, which exercise, how many points of how many, and a sentence.

A table on the screen, and CSV for a spreadsheet. Needs nothing but Python.
"""

import csv
import sys
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import rebuild

from helpers.class_progress import FORMULA, plain

NOTHING = "Not graded: grading stopped at what was handed in; what was printed then says why."


class Row(NamedTuple):
    """One student's points for one exercise."""

    who: str
    assignment: str
    exercise: str
    points: float
    of: float
    sentence: str


def sentences(path: Path) -> tuple[dict[str, str], str]:
    """Return what the grading cells of a graded notebook say, by their names.

    Returns
    -------
    said : dict
        {"check-lstm-step": "Right: ...", ...}
    trouble : str
        What is to be said of a cell that is not in it.
    """
    try:
        book = rebuild.read(path)
    except ValueError:
        return {}, NOTHING
    said = {}
    for cell in book["cells"]:
        mark = cell.get("metadata", {}).get("nbgrader", {})
        if mark.get("grade"):
            text = ""
            for output in cell.get("outputs", []):
                text = text or "".join(output.get("text", ""))
            said[mark["grade_id"]] = " ".join(text.split()) or NOTHING
    return said, NOTHING


def print_table(rows: list[Row], file=None) -> None:
    """Print each student's sum, and below it each exercise that has not all its points."""
    file = file or sys.stdout
    students = {}
    for row in rows:
        students.setdefault((row.who, row.assignment), []).append(row)
    for (who, assignment), theirs in students.items():
        got, of = (sum(getattr(row, name) for row in theirs) for name in ("points", "of"))
        print(f"{plain(who)}, {plain(assignment)}: {got:g} of {of:g}", file=file)
        width = max(len(row.exercise) for row in theirs)
        for row in theirs:
            sentence = plain(row.sentence)
            print(
                f"  {plain(row.exercise).ljust(width)}  {row.points:g}/{row.of:g}  {sentence}",
                file=file,
            )


def write_csv(rows: list[Row], file) -> None:
    """Write the rows as CSV; no cell is a formula to a spreadsheet."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(Row._fields)
    for row in rows:
        cells = [plain(one) if isinstance(one, str) else f"{one:g}" for one in row]
        writer.writerow([f"'{one}" if one.lstrip().startswith(FORMULA) else one for one in cells])
