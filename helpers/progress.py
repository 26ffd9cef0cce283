"""Which exercises are done: kept in a small file beside the notebooks, and shown as a table.

    from helpers.progress import progress

    progress()         # all lessons
    progress(4)        # the exercises of lesson 4

    python -m helpers.progress FOLDER          who has solved what, of many students' notebooks
    python -m helpers.progress FOLDER --csv    the same for a spreadsheet

A check of `helpers.checks` that answers "Right:" adds a line to the file, and nothing else writes
to it. Lines are only ever added, so two kernels at once lose nothing of each other's.
"""

import html
import os
from pathlib import Path

from helpers.course import LESSONS
from helpers.exercises import EXERCISES, FURTHER

FILE = "my_progress.txt"
HEADER = "The Hammered Iron Sheet: exercises done, one a line. Delete this file to start again."
_LARGEST = 100_000  # bytes; all exercises together are 2,000
_told = set()  # what has been said once in this kernel is not said again


def progress(lesson: int | None = None) -> None:
    """Show which exercises are done, of all lessons or of one.

    Parameters
    ----------
    lesson : int, optional
        The lesson's number. Without it the table has a row for each lesson.

    Raises
    ------
    ValueError
        If there is no such lesson.
    """
    from IPython.display import display

    named = {each.number: each.name for each in LESSONS}
    if lesson is not None and (type(lesson) is not int or lesson not in named):
        raise ValueError(
            f"There is no lesson {lesson!r}: give a number from {min(named)} to {max(named)}, or "
            "nothing for all of them."
        )
    path = _place()
    done = (_read(path) or set()) if path else set()
    if path is None and os.environ.get("SHEET_PROGRESS") != "off":
        print(
            "Nothing is kept here: start Jupyter in the course's folder, and run the lesson there."
        )
    if lesson is None:
        head = ("lesson", "exercises done", "still open")
        rows = [_row(each, done) for each in LESSONS]
    else:
        head = (f"exercise of lesson {lesson}", "done or open")
        names = EXERCISES[named[lesson]]
        rows = [(_marked(name), "done" if name in done else "open") for name in names]
    lines = "\n".join(f"{row[0]}: {row[1]}" for row in rows)
    display({"text/html": _table(head, rows), "text/plain": lines}, raw=True)


def reset() -> None:
    """Forget which exercises are done: the file beside the notebooks is deleted.

    A file of that name that is not this course's is left as it is, and a line says so.
    """
    path = _place()
    if path is None or not os.path.lexists(path):
        print("Nothing is kept here, so there is nothing to reset.")
    elif _read(path) is not None:
        try:
            path.unlink()
            print("All exercises are open again.")
        except OSError as error:
            print(f"{path.name} could not be deleted ({error.strerror}): delete it yourself.")


def keep(name: str) -> None:
    """Keep that an exercise is done; whatever is in the way costs a line and raises nothing.

    Parameters
    ----------
    name : str
        A check of `helpers.checks`, or the name of a plain question.
    """
    path = _place()
    if path is None or (found := _read(path)) is None or name in found:
        return
    lines = [name] if HEADER in found else [HEADER, name]
    # The line's end goes first: what a full disk has cut short stays a line of its own.
    data = "".join(f"\n{line}" for line in lines).encode()
    try:
        with path.open("ab", buffering=0) as file:
            if file.write(data) < len(data):
                raise OSError(28, "no room is left")
    except OSError as error:
        _tell(
            f"(That it is done could not be kept in {path.name}: {error.strerror or error}. The "
            "lesson goes on without.)"
        )


def _place():
    """Return the file's path: beside the lessons, and nowhere else; None where none is kept."""
    if os.environ.get("SHEET_PROGRESS") == "off":
        return None
    try:
        here = Path.cwd()
        lesson = any((here / f"{each.name}.ipynb").is_file() for each in LESSONS)
    except OSError:  # the folder is gone
        return None
    # The solutions bear the lessons' names, and running them is no learner's doing.
    return here / FILE if lesson and here.name != "solutions" else None


def _read(path):
    """Return the file's lines as a set, an empty one where there is none; None if not ours."""
    try:
        if not os.path.lexists(path):
            return set()
        if not path.is_file() or path.stat().st_size > _LARGEST:
            raise ValueError
        lines = {line.strip() for line in path.read_text("utf-8-sig").splitlines()} - {""}
        if lines and HEADER not in lines:
            raise ValueError
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it was not written by this course, or is damaged"
        _tell(
            f"({path.name} beside the notebooks could not be read ({why}), and was left as it is. "
            "Move it away, and what you solve is kept again.)"
        )
        return None
    return lines


def _tell(sentence):
    if sentence not in _told:
        _told.add(sentence)
        print(sentence)


def short(name: str) -> str:
    """Return an exercise's name without its lesson: "hammer" of "lesson 1: hammer"."""
    return name.split(": ", 1)[-1]


def _marked(name):
    """Return an exercise's short name, with a mark where it can be left out."""
    return f"{short(name)} (further)" if name in FURTHER else short(name)


def _row(lesson, done):
    names = EXERCISES[lesson.name]
    still = [_marked(name) for name in names if name not in done]
    count = f"{len(names) - len(still)} of {len(names)}"
    return f"{lesson.number}. {lesson.title}", count, ", ".join(still)


def _table(head, rows):
    left = 'style="text-align:left"'
    heads = "".join(f'<th scope="col" {left}>{one}</th>' for one in head)
    cells = ("".join(f"<td {left}>{html.escape(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


if __name__ == "__main__":
    import sys

    from helpers.class_progress import main

    sys.exit(main())
