"""What every saved notebook must be, as one small function a rule.

A rule takes the notebook (an nbformat node) and its path, and yields a plain line for each fault.
"""

import itertools
import math
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

KILOBYTE = 1024
LARGEST_NOTEBOOK = 1024 * KILOBYTE
LARGEST_TEXT_OUTPUT = 20 * KILOBYTE
MEDIAN_LINES, NINETIETH_LINES = 4, 10
MOST_WORDS, MOST_CELLS = 3500, 55  # on the straight way, without the Further parts

_MARKDOWN_PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<target>[^)\s]+)[^)]*\)")
_HTML_PICTURE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)[^)]*\)|(?:src|href)=\"(?P<html>[^\"]+)\"")
_ROOTED_PATH = re.compile(r"(?<![\w:/.~<\\])/(?:[\w.+-]+/)+[\w.+-]+|\b[A-Za-z]:\\\\?\w+")
_DATA_ADDRESS = re.compile(r"data:[\w/+.;-]+,[^\"')\s]*")


def code_cells(notebook) -> list:
    """Return the code cells in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook) -> str:
    """Return all Markdown of a notebook without its fenced code."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)


def setup_cell(notebook) -> str:
    """Return the source of the first code cell, which is the same everywhere."""
    return code_cells(notebook)[0].source


def _texts(notebook) -> Iterator[tuple[int, str, str]]:
    # Every saved text: (number of the cell, what it is, the text).
    for number, cell in enumerate(notebook.cells):
        yield number, "source", cell.source
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                yield number, output.name, output.text
            for kind, data in output.get("data", {}).items():
                if isinstance(data, str) and not kind.startswith("image/p"):
                    yield number, kind, data


def has_one_title(notebook, path: Path) -> Iterator[str]:
    """One H1, at the top, and no level of heading left out below it: an outline to listen to."""
    levels = [len(found) for found in re.findall(r"^(#{1,6})\s", prose(notebook), re.MULTILINE)]
    if re.search(r"^[^\n]+\n(=+|-+)\s*$", prose(notebook), re.MULTILINE):
        yield "a heading is underlined: write it with # so that all are found alike"
    if levels.count(1) != 1 or levels[0] != 1:
        yield f"needs exactly one H1 (# Title), first; its headings' levels are {levels}"
    for above, below in itertools.pairwise(levels):
        if below > above + 1:
            yield f"an H{above} is followed by an H{below}: a level is left out"


def was_run_in_order(notebook, path: Path) -> Iterator[str]:
    """Cells without a number are never compared by nbval."""
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"was not run from top to bottom: its cells' numbers are {counts}"


def saved_no_errors(notebook, path: Path) -> Iterator[str]:
    """A learner who has not run anything yet must not meet red."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"cell {number} has saved an error: {output.ename}: {output.evalue}"
            if output.get("name") == "stderr":
                yield f"cell {number} has saved stderr: {output.text.strip()[:200]}"


def describes_pictures(notebook, path: Path) -> Iterator[str]:
    """Every picture in words, for who does not see it."""
    for found in _MARKDOWN_PICTURE.finditer(prose(notebook)):
        if not found["alt"].strip():
            yield f"the picture {found['target']} has no alt text"
    for number, kind, text in _texts(notebook):
        for tag in _HTML_PICTURE.findall(_DATA_ADDRESS.sub("", text)):
            # Sources may write the words in Python ({alt}); outputs and Markdown have them.
            if not re.search(r"\balt=\\?[\"'][^\"'\\\s]", tag):
                yield f"cell {number} ({kind}) has an <img> without alt text: {tag[:80]}"


def asks_for_nothing_elsewhere(notebook, path: Path) -> Iterator[str]:
    """No picture, script or style from the network: an outage there would blank the page here."""
    for found in _MARKDOWN_PICTURE.finditer(prose(notebook)):
        if re.match(r"(https?:)?//", found["target"]):
            yield f"the picture {found['target']} is remote"
    for number, kind, text in _texts(notebook):
        for address in re.findall(
            r"<(?!a\b)[^>]+?(?:src|href)=\\?[\"']((?:https?:)?//[^\"']+)", text
        ):
            yield f"cell {number} ({kind}) loads {address}"


def links_lead_somewhere(notebook, path: Path) -> Iterator[str]:
    """Relative links and pictures are there."""
    for found in _LINK.finditer(prose(notebook)):
        target = found["target"] or found["html"]
        if re.match(r"[a-z]+:|#|//", target):
            continue
        if not (path.parent / target.split("#")[0]).exists():
            yield f"links to {target}, which is not there"


def keeps_no_paths(notebook, path: Path) -> Iterator[str]:
    """A path of one computer helps nobody on another."""
    setup = setup_cell(notebook) if code_cells(notebook) else None
    for number, kind, text in _texts(notebook):
        # The setup cell may name Colab's folder.
        if kind == "source" and text == setup:
            continue
        for found in _ROOTED_PATH.findall(_DATA_ADDRESS.sub("", text)):
            yield f"cell {number} ({kind}) has an absolute path: {found}"


def is_small(notebook, path: Path) -> Iterator[str]:
    """GitHub stops showing large notebooks, and everyone downloads them."""
    size = path.stat().st_size
    if size > LARGEST_NOTEBOOK:
        yield f"has {size / KILOBYTE:.0f} KB; {LARGEST_NOTEBOOK / KILOBYTE:.0f} is the most"
    for number, kind, text in _texts(notebook):
        if kind != "source" and len(text.encode()) > LARGEST_TEXT_OUTPUT:
            yield f"cell {number} has saved {len(text.encode()) / KILOBYTE:.0f} KB of {kind}"


def has_short_cells(notebook, path: Path) -> Iterator[str]:
    """One idea a cell; what need not be read is in the helpers."""
    lines = sorted(
        sum(1 for line in cell.source.splitlines() if line.strip()) for cell in code_cells(notebook)
    )
    if 0 in lines:
        yield "has an empty code cell"
    median, ninetieth = statistics.median(lines), lines[math.ceil(0.9 * len(lines)) - 1]
    if median > MEDIAN_LINES or ninetieth > NINETIETH_LINES:
        yield (
            f"its code cells have {median:g} lines in the median and {ninetieth} at the 90th "
            f"percentile; {MEDIAN_LINES} and {NINETIETH_LINES} are the most"
        )


def has_a_short_way(notebook, path: Path) -> Iterator[str]:
    """A class gets through it; what can be left out is headed `Further: ...`, behind the end."""
    heads, further = [], []
    for number, cell in enumerate(notebook.cells):
        for head in re.findall(r"^## (.*)$", cell.source, re.MULTILINE):
            heads.append(head)
            further += [number] if head.startswith("Further: ") else []
    straight = heads[: len(heads) - len(further)]
    if "What we saw" not in straight or any(head.startswith("Further: ") for head in straight):
        yield f"its Further parts do not all stand behind What we saw: {heads}"
    way = notebook.cells[: min(further, default=None)]
    words = sum(len(re.findall(r"\w+", cell.source)) for cell in way if cell.cell_type != "code")
    cells = sum(cell.cell_type == "code" for cell in way)
    if words > MOST_WORDS or cells > MOST_CELLS:
        yield (
            f"its straight way has {words} words and {cells} code cells; {MOST_WORDS} and "
            f"{MOST_CELLS} are the most"
        )


EVERY_NOTEBOOK = (
    has_one_title,
    was_run_in_order,
    saved_no_errors,
    describes_pictures,
    asks_for_nothing_elsewhere,
    links_lead_somewhere,
    keeps_no_paths,
    is_small,
)
EVERY_LESSON = (*EVERY_NOTEBOOK, has_short_cells)
