"""Find what was handed in, read it with care, and put its answers into the teacher's assignment.

What a student's notebook says of itself is not believed: its cells may be gone, doubled, moved or
marked anew. The grading cells, their points and their order are the assignment's own; of the
student's come the answers, by the names of their cells, and the cells that they have added.
"""

import json
import re
from pathlib import Path

LARGEST = 64 * 2**20  # bytes of a notebook; the course's own are below 1 MB
MANY = 3000  # cells
LONG = 10**6  # letters of one cell
_MOODLES = "_assignsubmission_file"
_NOBODYS = (".", "__MACOSX")  # copies that Jupyter keeps, and what macOS puts into a zip
_TAG = re.compile(r"<(?=[a-zA-Z/!?])")


def pattern(names: str) -> str:
    """Return the regular expression by which nbgrader and grade.py know whose a file is.

    The student's name stands before the lesson's: "anna_04_….ipynb"; Moodle's folders ("Anna
    B_12_assignsubmission_file_/04_….ipynb") and flat files, Canvas's ("annab_12_345_04_….ipynb")
    and Blackboard's ("hw_anna_attempt_2026-03-01-10-00-00_04_….ipynb"). Behind it may stand what a
    browser or Jupyter adds to a copy.
    """
    added = rf"({_MOODLES}|_attempt_[\d-]+)?_?"
    return rf".*?(?P<student_id>[^/\\]+?){added}[/\\_](?P<file_id>{names})[^/\\]*\.ipynb$"


def find(folder: Path, name: str) -> dict[str, Path | None]:
    """Return the newest file of each student in a folder; None where one has no such file.

    Parameters
    ----------
    folder : Path
        Holds a folder for each student, or files whose names begin with the student's.
    name : str
        The lesson's name, as 04_an_lstm_step_by_hand.
    """
    found = {}
    for place in folder.iterdir():
        if place.name.startswith(_NOBODYS):
            continue
        if place.is_dir():
            paths = found.setdefault(place.name.removesuffix("_").removesuffix(_MOODLES), [])
            files = (path for path in place.rglob("*.ipynb") if _is_of(path, place, name))
            paths += [place] if place.is_symlink() else files  # whose link it is, they are told
        elif name in place.name and place.suffix == ".ipynb":
            match = re.match(pattern(name), place.name)
            found.setdefault(match["student_id"] if match else place.stem, []).append(place)
    newest = {who: max(paths, key=_changed, default=None) for who, paths in found.items()}
    return dict(sorted(newest.items()))


def _is_of(path, place, name):
    parts = path.relative_to(place).parts
    return name in path.name and not any(part.startswith(_NOBODYS) for part in parts)


def _changed(path):
    return path.lstat().st_mtime


def read(path: Path) -> dict:
    """Return a notebook's JSON.

    Raises ValueError, with a sentence, where it is none.
    """
    try:
        if path.is_symlink():
            raise ValueError(f"{path.name} is a link, and was not followed.")
        if not path.is_file():
            raise ValueError(f"there is no file {path.name}.")
        if path.stat().st_size > LARGEST:
            raise ValueError(f"the file is larger than {LARGEST // 2**20} MB.")
        data = path.read_bytes()
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror or error}.") from None
    if not data.strip():
        raise ValueError("the file is empty.")
    try:
        book = json.loads(data)
    except (ValueError, RecursionError, MemoryError):
        raise ValueError("the file is damaged, or is no notebook.") from None
    if not isinstance(book, dict) or not isinstance(book.get("cells"), list):
        raise ValueError("the file is no notebook: it has no cells.")
    return book


def rebuild(source: dict, theirs: dict | None) -> dict:
    """Return the assignment with a student's answers and added cells in it.

    Parameters
    ----------
    source : dict
        The assignment, as `make_assignment.assignment` makes it; solutions in it are not used.
    theirs : dict or None
        What was handed in; None where it could not be read.

    Returns
    -------
    dict
        A notebook. A cell that is the lesson's, word for word, has {"of_the_lesson": true} in its
        metadata under "grading", and the tag of the assignment, {"may_be_skipped": true}.
    """
    known = {name: cell for cell in source["cells"] if (name := _name(cell))}
    lesson = {_text(cell).strip(): cell for cell in source["cells"] if not _name(cell)}
    answers, added = _sorted(theirs["cells"][:MANY] if theirs else [], known, lesson)
    cells = added[None]
    for name, cell in known.items():
        texts, mark = [_text(cell)], dict(cell["metadata"]["nbgrader"])
        if mark.get("solution"):  # of copies the last one counts, and runs last, as with nbgrader
            texts = answers.get(name, ["# This cell was missing from what was handed in."])
        cells += [_cell("code", text, {}) for text in texts[:-1]]
        cells.append(_cell(cell["cell_type"], texts[-1], {"nbgrader": mark}))
        cells += added.get(name, [])
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:04}"
    kernel = {key: source["metadata"][key] for key in source["metadata"] if key == "kernelspec"}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def _sorted(theirs, known, lesson):
    """Return the texts of the cells that have a name, and behind which of them the others stand."""
    answers, added, at = {}, {None: []}, None
    for cell in theirs:
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
            continue
        name, text = _name(cell), _text(cell)
        if name in known:
            at = name
            added.setdefault(at, [])
            answers.setdefault(name, []).append(text)
            continue
        ours = lesson.get(text.strip())
        tags = {"of_the_lesson": True} | ours["metadata"].get("grading", {}) if ours else {}
        if cell["cell_type"] == "code":
            added[at].append(_cell("code", text, {"grading": tags}))
        else:  # a script in a text would run on the feedback's page
            added[at].append(_cell("markdown", text if ours else _TAG.sub("&lt;", text), {}))
    return answers, added


def _cell(kind, text, metadata):
    cell = {"cell_type": kind, "metadata": metadata, "source": text}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def _text(cell):
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return source[:LONG] if isinstance(source, str) else ""


def _name(cell):
    """Return the name that nbgrader gave a cell, or None."""
    metadata = cell.get("metadata")
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = mark.get("grade_id") if isinstance(mark, dict) else None
    return name if isinstance(name, str) else None
