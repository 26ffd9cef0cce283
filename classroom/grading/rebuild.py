"""Put a student's answers into the assignment as the teacher made it.

What a student's notebook says of itself is not believed: its cells may be gone, doubled, moved or
marked anew. The grading cells, their points and their order are the assignment's own; of the
student's come the answers, by the names of their cells, and the cells that they have added.
"""

import json
import re
from pathlib import Path

LARGEST = 64 * 2**20  # bytes of a notebook; the course's own are below 1 MB
MANY = 3000  # cells
LONG = 10**6  # signs of one cell
_TAG = re.compile(r"<(?=[a-zA-Z/!?])")


def read(path: Path) -> dict:
    """Return a notebook's JSON.

    Raises ValueError, with a sentence, where it is none.
    """
    try:
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
        A notebook. A cell that is the lesson's, word for word, has {"lesson": true} in its
        metadata under "grading".
    """
    known = {name: cell for cell in source["cells"] if (name := _name(cell))}
    lesson = {_text(cell).strip() for cell in source["cells"] if not _name(cell)}
    answers, added, at = {}, {None: []}, None
    for cell in (theirs or {"cells": []})["cells"][:MANY]:
        if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
            continue
        name = _name(cell)
        if name in known:
            if _is_answer(known[name]):
                if name in answers:  # a copy: the last one counts, as with nbgrader
                    added[at].append(_cell("code", answers[name]))
                answers[name] = _text(cell)
            at = name
            added.setdefault(at, [])
            continue
        kind = "code" if cell["cell_type"] == "code" else "markdown"
        made = _cell(kind, _text(cell))
        if made["source"].strip() in lesson:
            made["metadata"] = {"grading": {"lesson": True}} if kind == "code" else {}
        elif kind == "markdown":  # a script in a text would run on the feedback's page
            made["source"] = _TAG.sub("&lt;", made["source"])
        added[at].append(made)
    cells = added[None]
    for name, cell in known.items():
        text = _text(cell)
        if _is_answer(cell):
            text = answers.get(name, "# This cell was missing from what was handed in.")
        cells.append(
            _cell(cell["cell_type"], text, {"nbgrader": dict(cell["metadata"]["nbgrader"])})
        )
        cells += added.get(name, [])
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:04}"
    metadata = {
        key: source["metadata"][key] for key in ("kernelspec",) if key in source["metadata"]
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind, text, metadata=None):
    cell = {"cell_type": kind, "metadata": metadata or {}, "source": text}
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
    return name if isinstance(name, str) and name else None


def _is_answer(cell):
    return bool(cell["metadata"]["nbgrader"].get("solution"))
