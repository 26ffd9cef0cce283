"""Bring notebooks into the form in which the repository keeps them.

    uv run python tools/format_notebooks.py                       all lessons and solutions
    uv run python tools/format_notebooks.py notebooks/01*.ipynb --execute

Of the sources only the words that follow a *Predict* are folded, and its outputs are kept aside
(tools/predictions.py). Outputs keep text and pictures and lose what only a running kernel or one
computer can use, so that a diff shows what changed and GitHub shows the pictures. Each cell of a
lesson says what it is on the lesson's slides (tools/slides.py), and keeps its id.
"""

import re
import sys
import tempfile
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers import address
from helpers.controls import CONTROL, VIEW
from tests.notebook_tools import execute, name_of, notebooks
from tools import arguments, predictions, slides

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}  # on Colab, and elsewhere


def main() -> int:
    """Read the command line; 1 if a notebook failed."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument("notebooks", nargs="*", type=arguments.notebook)
    parser.add_argument(
        "--execute",
        action="store_true",
        help="run all cells first and keep their outputs (no network, bundled digits)",
    )
    wanted = parser.parse_args()

    bad = 0
    for path in wanted.notebooks or notebooks():
        try:
            before = path.read_text(encoding="utf-8"), predictions.outputs(path)
            text, kept = formatted(*before, run_in=path.parent if wanted.execute else None)
            if (text, kept) == before:
                continue
            if kept is not None:
                arguments.write_text(predictions.place(path), predictions.as_text(kept))
            arguments.write_text(path, text)
            print(f"{name_of(path)}: written")
        except Exception as error:  # the notebook stays as it was
            print(f"{name_of(path)}: {error}", file=sys.stderr)
            bad = 1
    return bad


def formatted(text: str, kept: dict | None = None, run_in: Path | None = None) -> tuple:
    """Return the notebook `text` in the repository's form, run first if a folder is given.

    `kept` are the outputs of a lesson that its file does not show (tools/predictions.py), None for
    what is no lesson of ours. They are returned as they are now, as the second.
    """
    notebook = nbformat.reads(text, as_version=4)
    predictions.restore(notebook.cells, kept)
    if run_in is not None:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
            execute(notebook, run_in.resolve(), Path(scratch))
    tidy(notebook)
    if kept is not None:
        predictions.fold(notebook.cells)
        kept = predictions.hide(notebook.cells)
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n", kept


def tidy(notebook) -> None:
    """Format an nbformat 4 notebook in place; doing it twice changes nothing more."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    lesson = slides.is_lesson(notebook)
    types = slides.slide_types(notebook.cells) if lesson else [None] * len(notebook.cells)
    for cell, kind in zip(notebook.cells, types, strict=True):
        slideshow = {"slide_type": kind} if kind else None
        kept = {"slideshow": slideshow, "tags": cell.metadata.get("tags")}
        if cell.source.startswith(address.FIRST):
            kept |= FOLDED
        cell.metadata = nbformat.from_dict({name: value for name, value in kept.items() if value})
        if cell.cell_type == "code":
            cell.outputs = [each for each in map(_tidy_output, settled(cell.outputs)) if each]


def settled(outputs: list) -> list:
    """Return outputs with what was printed in one piece, as a terminal shows it in the end.

    How it was cut into pieces is a matter of timing.
    """
    whole = []
    for output in outputs:
        last = whole[-1] if whole else {}
        if output.output_type == "stream" == last.get("output_type") and last.name == output.name:
            last.text += output.text
        else:
            whole.append(output)
    for output in whole:
        if output.output_type == "stream":
            output.text = final_text(output.text)
    return whole


def _tidy_output(output):
    """Return the output in the form in which it is kept, or None if nothing of it is."""
    if output.output_type == "stream":
        return output if output.text else None
    if output.output_type == "error":
        return output
    data = output.data
    # Without its kernel a widget view is a promise that nothing keeps ("model not found"), and a
    # widget's representation in Python is no text for a reader. tests/nbval_sanitize.cfg makes the
    # same of it before nbval compares.
    if data.pop(VIEW, None) and set(data) == {"text/plain"}:
        data["text/plain"] = CONTROL
    if data.get("text/plain") == CONTROL:
        data.pop("text/html", None)
    if "image/png" in data:
        # GitHub shows HTML before a picture, less its scripts: a player would be a dead one there.
        data.pop("text/html", None)
        data["image/png"] = "".join(data["image/png"].split())
    # Of the metadata, what belongs to a kept picture or text is kept (its alt text, its size).
    output.metadata = nbformat.from_dict(
        {kind: value for kind, value in output.metadata.items() if kind in data and value}
    )
    return output if data else None


def final_text(text: str) -> str:
    """Return what a terminal shows in the end: of a progress line its last state."""
    text = text.replace("\r\n", "\n")
    while "\b" in text:
        text = re.sub("[^\n\b]\b|^\b+", "", text, flags=re.MULTILINE)
    return re.sub(r"^.*\r(?=[^\n])", "", text, flags=re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main())
