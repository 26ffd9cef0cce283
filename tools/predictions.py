"""Keep what follows a *Predict* out of sight until the learner has run it or unfolds it.

Wherever a lesson is opened, its outputs after a *Predict* are not there yet, and the words that
explain them are folded. tools/format_notebooks.py writes lessons so; what the cells gave lies in
tests/outputs, where nbval finds it. So does the first picture, which stands below the title
already. Pages and slides have a way of their own to wait, and take a lesson as `read` gives it.
"""

import json
import re
from pathlib import Path

import nbformat

from helpers import address
from tests.notebook_tools import ROOT, lessons

PREDICT = "**Predict.**"
NO_QUESTION = "**Predict.** This word"  # lesson 0 says what the word means
FIRST, LATER = "What happened, and why", "Read on"
PIXEL = (  # in place of a picture, which nbval does not compare
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
    "gg=="
)
_PARTS = re.compile(rf"^(?=##+ |{re.escape(PREDICT)})", re.MULTILINE)
_FOLD = "<details><summary>{}</summary>\n\n{}\n\n</details>"
_FOLDED = re.compile(r"<details><summary>[^<]*</summary>\n\n(.*?)\n\n</details>", re.DOTALL)


def read(path: Path):
    """Return a notebook with all its outputs, and nothing folded."""
    book = nbformat.read(path, as_version=4)
    restore(book.cells, outputs(path))
    for cell in book.cells:
        cell.source = unfolded(cell.source)
    return book


# --- words ---------------------------------------------------------------------------------------


def asks(text: str) -> bool:
    """Whether a text asks for a prediction."""
    return PREDICT in text.replace(NO_QUESTION, "")


def parts(source: str) -> list[str]:
    """Return a text cut before each heading and each *Predict*; the first part may be empty."""
    return _PARTS.split(source)


def unfolded(source: str) -> str:
    """Return a cell's words with nothing folded."""
    return _FOLDED.sub(r"\1", source)


def fold(cells: list) -> None:
    """Fold the words that follow a *Predict* and its run, up to the next heading or *Predict*."""
    summary = FIRST
    for cell, waits in zip(cells, waiting(cells), strict=True):
        if cell.cell_type != "markdown":
            continue
        first, *others = parts(unfolded(cell.source))
        if waits and first.strip():
            first = _FOLD.format(summary, first.strip()) + ("\n\n" if others else "")
            summary = LATER
        if others:
            summary = FIRST
        cell.source = first + "".join(others)


def waiting(cells: list) -> list[bool]:
    """Return for each cell whether, as it begins, a *Predict* of its section waits for its run."""
    found, waits = [], False
    for cell in cells:
        found.append(waits)
        if cell.cell_type == "markdown":
            last = parts(unfolded(cell.source))[-1]
            if asks(last) or last.startswith("##"):
                waits = asks(last)
    return found


# --- outputs -------------------------------------------------------------------------------------


def opening(cells: list):
    """Return the code cell that draws a lesson's first picture: the one after Colab's, or None."""
    code = (cell for cell in cells if cell.cell_type == "code")
    return next((cell for cell in code if not cell.source.startswith(address.FIRST)), None)


def hide(cells: list) -> dict[str, list]:
    """Take out of a lesson's cells the outputs that wait, and return them by the cell's id."""
    kept, first = {}, opening(cells)
    for cell, waits in zip(cells, waiting(cells), strict=True):
        if cell.cell_type == "code" and cell.outputs and (waits or cell is first):
            kept[cell.id], cell.outputs = cell.outputs, []
            for output in kept[cell.id] if waits else []:
                if "image/png" in output.get("data", {}):
                    output.data["image/png"] = PIXEL
    return kept


def restore(cells: list, kept: dict[str, list] | None) -> None:
    """Put kept outputs back into the cells that show none."""
    for cell in cells:
        if cell.id in (kept or {}) and not cell.outputs:
            cell.outputs = nbformat.from_dict(kept[cell.id])


def place(path: Path) -> Path:
    """Return where the outputs of a lesson lie that its file does not show."""
    return ROOT / "tests" / "outputs" / f"{path.name[:2]}.json"


def outputs(path: Path) -> dict[str, list] | None:
    """Return the outputs that a lesson's file does not show, by the cell's id; None for others."""
    if Path(path).resolve() not in lessons():
        return None
    return json.loads(place(path).read_text(encoding="utf-8")) if place(path).exists() else {}


def as_text(kept: dict[str, list]) -> str:
    """Return the file that `outputs` reads."""
    return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"
