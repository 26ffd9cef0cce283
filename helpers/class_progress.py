"""Who has solved what: read from the saved outputs of students' notebooks, none of which is run.

    python -m helpers.progress FOLDER
    python -m helpers.progress FOLDER --csv > class.csv

Each folder in FOLDER is one student's; a notebook that lies in FOLDER itself is a student of its
own, named by its file. Solutions and Jupyter's own copies are left out.
"""

import argparse
import csv
import json
import os
import re
import sys
from pathlib import Path

from helpers.course import LESSONS
from helpers.exercises import EXERCISES, asked

LARGEST = 64 * 2**20  # bytes of a notebook; the course's own are below 1 MB
LEFT_OUT = {"solutions", ".ipynb_checkpoints"}
KNOWN = [name for lesson in LESSONS for name in EXERCISES[lesson.name]]
_KNOWN = frozenset(KNOWN)
CAVEAT = (
    "This is what the notebooks showed when they were saved. Nothing was run: a 'Right:' may have "
    "been typed by hand or copied, and a check that was cleared or not run counts as open."
)
_VERDICT = re.compile(r"(Right|Not yet|Your turn):")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def main(line: list[str] | None = None) -> int:
    """Read the command line and print the table, or the CSV."""
    first, *_ = __doc__.split("\n\n")
    parser = argparse.ArgumentParser(prog="python -m helpers.progress", description=first)
    parser.add_argument("folder", type=Path, help="the folder with a folder for each student")
    parser.add_argument("--csv", action="store_true", help="print CSV for a spreadsheet")
    wanted = parser.parse_args(line)
    if not wanted.folder.is_dir():
        parser.error(f"{plain(wanted.folder)} is no folder: name the one with the notebooks")
    for stream in (sys.stdout, sys.stderr):  # a name that this console cannot write is no end
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        students, notes = read_folder(wanted.folder)
    except OSError as error:
        parser.error(f"{plain(wanted.folder)} cannot be looked into: {error.strerror}")
    if not students:
        print(f"No notebook of this course was found in {plain(wanted.folder)}.", file=sys.stderr)
        return 1
    if wanted.csv:
        _write_csv(students, notes)
        print(CAVEAT, file=sys.stderr)
    else:
        _write_table(students, notes)
        print(f"\n{CAVEAT}")
    return 0


def read_folder(folder: Path) -> tuple[dict[str, dict], dict[str, str]]:
    """Read all notebooks in a folder and in the folders in it.

    Returns
    -------
    students : dict
        For each student the exercises found: {"anna": {"leaky_step": "right", ...}, ...}, each
        "right", "not yet" or "open". Of several copies of an exercise the best one counts.
    notes : dict
        For a student what could not be read, or that there is no notebook of this course.
    """
    places = (path for path in folder.iterdir() if path.is_dir() and path.name not in LEFT_OUT)
    students = {path.name: {} for path in places if not path.name.startswith(".")}
    faults = {}
    for path, refused in _notebooks(folder):
        within = path.relative_to(folder).parts
        who = within[0] if len(within) > 1 or path.is_dir() else path.stem
        try:
            if refused:
                raise refused
            found = read_notebook(path)
        except (OSError, ValueError, RecursionError, MemoryError) as error:
            faults.setdefault(who, []).append(f"{plain(path.name)} was not read ({_why(error)})")
            students.setdefault(who, {})
            continue
        for name, how in found.items():
            before = students.setdefault(who, {}).get(name, "open")
            students[who][name] = max(how, before, key=("open", "not yet", "right").index)
    notes = {who: "no notebook of this course" for who, found in students.items() if not found}
    notes |= {who: "; ".join(said) for who, said in faults.items()}
    return dict(sorted(students.items())), notes


def _why(error):
    return plain(getattr(error, "strerror", None) or error)[:100]


def read_notebook(path: Path) -> dict[str, str]:
    """Return the exercises in one notebook: "right", "not yet" or "open".

    Raises
    ------
    OSError, ValueError
        Where it cannot be read, or is no notebook.
    """
    if path.stat().st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST // 2**20} MB")
    try:
        book = json.loads(path.read_bytes())
    except ValueError:
        raise ValueError("damaged: this is no JSON") from None
    cells = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(cells, list):
        raise ValueError("no notebook: it has no cells")
    found = {}
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            for name, how in _checked(cell).items():
                if how == "right" or found.get(name) != "right":
                    found[name] = how
    return found


def _checked(cell):
    """Return what a cell's saved output says of each exercise that the cell checks."""
    names = [name for name in asked(_text(cell.get("source"))) if name in _KNOWN]
    if not names:
        return {}
    outputs = cell.get("outputs")
    said = "\n".join(
        _text(output.get("text"))
        for output in (outputs if isinstance(outputs, list) else [])
        if isinstance(output, dict) and output.get("name") == "stdout"
    )
    verdicts = [match[1] for line in said.splitlines() if (match := _VERDICT.match(line))]
    if len(verdicts) != len(names):  # a loop, or a print of the student's: all or none
        verdicts = [min(verdicts, key=("Not yet", "Your turn", "Right").index)] if verdicts else []
        verdicts *= len(names)
    words = {"Right": "right", "Not yet": "not yet", "Your turn": "open"}
    return {
        name: words[verdicts[place]] if verdicts else "open" for place, name in enumerate(names)
    }


def _text(source):
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _notebooks(folder):
    """Yield the notebooks; with an error a folder that cannot be looked into. Links are left."""
    refused = []
    for here, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT)
        for name in sorted(files):
            path = Path(here, name)
            if path.suffix.lower() == ".ipynb" and path.is_file():
                yield path, None
    for error in refused:
        yield Path(error.filename), error


# --- what is printed -----------------------------------------------------------------------------


def plain(thing):
    """Return a text on one line, without signs that a terminal would obey."""
    text = str(thing).encode("utf-8", "replace").decode()
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def cell_of_csv(text: str) -> str:
    """Return a text on one line that no spreadsheet runs as a formula."""
    text = plain(text)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _write_table(students, notes):
    heads = ["student", *(str(lesson.number) for lesson in LESSONS), "all", ""]
    rows = [heads]
    for who, found in students.items():
        counts = [_count(found, EXERCISES[lesson.name]) for lesson in LESSONS]
        rows.append([plain(who), *counts, _count(found, KNOWN), notes.get(who, "")])
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads) - 1)]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:], strict=True)]
        print("  ".join([*cells, row[-1]]).rstrip())
    print(
        "\nExercises solved, of those in each lesson; a lesson that was not handed in has a dash."
    )


def _count(found, names):
    if not any(name in found for name in names):
        return "-"
    return f"{sum(found.get(name) == 'right' for name in names)}/{len(names)}"


def _write_csv(students, notes):
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["student", "solved", *KNOWN, "note"])
    for student, found in students.items():
        solved = sum(how == "right" for how in found.values())
        exercises = (found.get(exercise, "") for exercise in KNOWN)
        note = cell_of_csv(notes.get(student, ""))
        writer.writerow([cell_of_csv(student), solved, *exercises, note])
