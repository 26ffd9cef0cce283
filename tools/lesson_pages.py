"""A lesson as a page of the site, or a deck, shows it: run, and less what needs Python."""

import html
import posixpath
import re
from pathlib import Path

import nbformat

from helpers import address
from tests.notebook_tools import NOTEBOOKS, execute
from tools import predictions, questions
from tools.format_notebooks import settled

READER = "reader/index.html"  # within the site
CONTROL = re.compile(r'^<p class="sheet-control">This (.+) works? in')  # see helpers.controls
DONE = "**What you have done.**"  # the words above what helpers.progress shows
LAUNCH = "<!-- launch -->"  # marks a notebook's own line of launch links


def save_run(notebook: Path, target: Path, scratch: Path, **settings: str) -> None:
    """Run `notebook` and write it to `target` as a page shows it.

    `settings` of the environment are as `execute` takes them.
    """
    book = execute(predictions.read(notebook), notebook.parent, scratch, **settings)
    name = notebook.relative_to(NOTEBOOKS).with_suffix("").as_posix()
    nbformat.write(as_page(book, name, on_slides="SHEET_PROJECTOR" in settings), target)


def as_page(book, name: str, on_slides: bool = False):
    """Return a notebook that has been run, with what a page can show and the links it needs.

    A lesson's first picture is a page's by its title, and a slide's as its cell has drawn it.
    """
    for number, cell in enumerate(book.cells):
        if cell.cell_type == "code":
            cell.outputs = page_outputs(book.cells, number, name)
        else:
            cell.source = with_links_to_files(cell.source, name)
    if not (on_slides or name.startswith("solutions/")):
        first = predictions.opening(book.cells)
        first.outputs = [each for each in first.outputs if "image/png" not in each.get("data", {})]
    title = next(cell for cell in book.cells if cell.cell_type == "markdown")
    title.source = with_launch_line(title.source, name)
    book.cells = [cell for cell in book.cells if not is_for_jupyter(cell.source)]
    return book


def is_for_jupyter(source: str) -> bool:
    """Whether a cell is for Colab alone, or about what is done: a page keeps its own count."""
    return source.startswith((address.FIRST, DONE)) or "helpers.progress" in source


def page_outputs(cells: list, number: int, name: str) -> list:
    """Return a cell's outputs as a page shows them, with a line in place of its controls."""
    shown = [as_page_output(output) for output in settled(cells[number].outputs)]
    if None in shown:
        shown[shown.index(None)] = note(cells, number, name)
    shown = [output for output in shown if output is not None]
    return shown if name.startswith("solutions/") else exercise(cells[number], name) + shown


def exercise(cell, name: str) -> list:
    """Return what a page shows above an exercise's own "Your turn": a place to answer, or a line.

    ``ask.js`` puts a field into the place; a function is checked by Python alone.
    """
    said = "".join(output.get("text", "") for output in cell.outputs)
    if not said.startswith("Your turn:"):
        return []
    shown = [
        f'<div class="course-ask" data-question="{html.escape(asked)}"></div>'
        for asked in questions.asked(cell.source)
    ] or [f'<p class="course-python">This exercise needs Python: {launch_links(name)}.</p>']
    return [nbformat.v4.new_output("display_data", {"text/html": "".join(shown)})]


def as_page_output(output):
    """Return an output as a page shows it; None for a control that only a kernel can show."""
    data = output.get("data")
    if data is None:
        return output
    if CONTROL.match(data.get("text/html", "")):
        return None
    if "text/html" in data:
        shown = re.sub(r'(href="(?![a-z]+:)[^"#]*)\.ipynb(?=["#])', r"\1.html", data["text/html"])
        output.data = {"text/html": shown, "text/plain": data.get("text/plain", "")}
    return output


def with_links_to_files(text: str, name: str) -> str:
    """Return a notebook's text with its links to files beside the notebooks led to the repository.

    Such a file, ``../helpers/data/README.md`` say, is no page.
    """

    def led(found: re.Match) -> str:
        path = posixpath.normpath(posixpath.join("notebooks", posixpath.dirname(name), found[1]))
        if path.startswith(("notebooks/", "..")):
            return found[0]
        return f"]({address.repository()}/blob/{address.tag()}/{path})"

    return re.sub(r"\]\((\.\./[^)\s]+)\)", led, text)


def with_launch_line(text: str, name: str) -> str:
    """Return the text of a notebook's first cell with the page's links under its title."""
    lines = [line for line in text.splitlines() if LAUNCH not in line]
    source = f"{address.repository()}/blob/{address.tag()}/notebooks/{name}.ipynb"
    line = (
        f'<p class="course-launch">Run it: {launch_links(name)}, <a href="{source}">source</a></p>'
    )
    title = next(n for n, line in enumerate(lines) if line.startswith("# "))
    return "\n".join([*lines[: title + 1], "", line, "", *lines[title + 1 :]])


def launch_links(name: str) -> str:
    """Return the links that run a notebook elsewhere."""
    binder, colab = html.escape(address.binder(name)), html.escape(address.colab(name))
    return f'<a href="{binder}">Binder</a>, <a href="{colab}">Colab</a>'


def note(cells: list, number: int, name: str):
    """Return what a page says in place of the controls that cell `number` shows."""
    cell = cells[number]
    around = "".join(
        near.source for near in cells[max(0, number - 2) : number + 2] if near is not cell
    )
    said = [CONTROL.match(output.get("data", {}).get("text/html", "")) for output in cell.outputs]
    if "drawing_pad(" in cell.source:
        pad = "../" * name.count("/") + READER
        said = (
            "The paper and the menu work in the notebook, with Python running: "
            f'{launch_links(name)}. <a href="{pad}">Draw on this page instead</a>, in your browser.'
        )
    elif "running kernel" in around:  # the lesson says it already
        said = f"With Python running: {launch_links(name)}."
    else:
        kinds = {kind: None for one in said if one for kind in re.split(", | and ", one[1])}
        what = " and ".join(kinds)
        verb = "work" if len(kinds) > 1 else "works"
        said = f"This {what} {verb} in the notebook, with Python running: {launch_links(name)}."
    said = f'<p class="course-note">{said}</p>'
    return nbformat.v4.new_output("display_data", {"text/html": said})
