"""What there is to take along: PDFs of the pages, all of their text and pictures, and one zip.

Pages of a few lines stand for the lessons here: what Chromium makes of them is what is tested. The
pages of the lessons have the same style sheets.
"""

import re
import zipfile

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers import figures
from helpers.course import LESSONS
from helpers.figures.frames import figure_html
from helpers.replay import Replay
from tests import browser_tools
from tools import build_site, built_line, lesson_pages, take_along

pytestmark = pytest.mark.deep
NAME = LESSONS[1].name
LINE = "weights = " + " + ".join(f"part_number_{n:02}" for n in range(14)) + "  # the line's end"
LOOP = "\n".join(f"print('line {n:02} of one cell')" for n in range(40))


def shown(html):
    return new_output("display_data", {"text/html": html, "text/plain": "a picture"})


def lesson_page():
    """Return a notebook that has been run, with what is hard to print."""
    frames = figures.sheet_frames(np.eye(3).cumsum(0), np.eye(3), "Three")
    still = figure_html(frames.pngs[2], "A picture.", frames.width)
    words = "\n\n".join(f"Words of paragraph {n:02}. " + "And more. " * 40 for n in range(9))
    return new_notebook(cells=[
        new_markdown_cell(f"# 1. {LESSONS[1].title}\n\n**Predict.** What comes?"),
        new_code_cell(LINE),
        new_code_cell("still", outputs=[shown(still)]),
        new_markdown_cell(f"## A second part\n\n{words}"),
        new_code_cell(LOOP),
        new_markdown_cell("## A third part"),
        new_code_cell("Replay(frames)", outputs=[shown(Replay(frames).html())]),
        new_markdown_cell("The last words of the page, and [a word](glossary.md)."),
    ])  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """One page, built by Sphinx in the course's own way, and what is made of it."""
    assert browser_tools.why_no_browser() is None
    out = tmp_path_factory.mktemp("site") / "site"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            lesson_pages,
            "save_run",
            lambda notebook, target, scratch: nbformat.write(lesson_page(), target),
        )
        patch.setenv("SOURCE_DATE_EPOCH", "1795910400")
        build_site.build([LESSONS[1]], out, built_line.paragraph(tested=False))
    (out / "mine.txt").write_text("mine")
    assert take_along.main(["--site", str(out)]) == 0
    return out


def pdf(site, name):
    from pypdf import PdfReader

    return PdfReader(site / "take_along" / f"{name}.pdf")


def test_all_of_a_pages_text_is_on_its_pdf_and_no_line_is_cut(site):
    pages = pdf(site, NAME).pages
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))
    for line in (LINE, LOOP, *(f"Words of paragraph {n:02}." for n in range(9)),
                 "A picture.", "The last words of the page,",
                 "What comes?", "Step 3 of 3 of a replay, which plays on the page."):  # fmt: skip
        assert re.sub(r"\s+", "", line) in text, line
    assert 4 <= len(pages) <= 7
    for n, page in enumerate(pages, 1):
        assert 590 < page.mediabox.width < 600 and 838 < page.mediabox.height < 846  # A4
        words = re.sub(r"\s+", " ", page.extract_text())
        assert f"{n} / {len(pages)}" in words and len(words) > 60
        # No heading alone at the foot of a page.
        assert not re.findall(r"A (?:second|third) part\s*(?:The Hammered Iron Sheet|$)", words)
    assert len(pdf(site, "sheet").pages) == 1


def test_the_zip_holds_the_pages_and_the_pdfs_in_one_folder_and_nothing_else(site):
    with zipfile.ZipFile(site / "take_along" / "hammered-iron-sheet.zip") as zipped:
        assert zipped.testzip() is None
        files = [name for name in zipped.namelist() if not name.endswith("/")]
        assert all(name.startswith("hammered-iron-sheet/") for name in files)
        inside = {name.partition("/")[2] for name in files}
        index = zipped.read("hammered-iron-sheet/index.html").decode()
    assert {"index.html", f"{NAME}.html", "glossary.html", "reader/index.html"} <= inside
    assert {f"pdf/{name}.pdf" for name in (NAME, "sheet", "glossary")} <= inside
    assert not {name for name in inside if "take_along" in name or name.startswith(".")}
    assert "mine.txt" not in inside and f'href="pdf/{NAME}.pdf"' in index
    for link in re.findall(r'href="([^"#:]*\.(?:pdf|zip|html))"', index):
        assert link in inside, f"{link} is not in the zip"
