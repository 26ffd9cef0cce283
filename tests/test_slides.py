"""The lessons' slides: what a cell is on them, what the teacher reads, and how they look.

Runs lesson 1 and builds its deck. Name a folder in SHEET_SLIDES to try decks that are built already
(all of them: ``uv run python tools/build_slides.py``, then ``SHEET_SLIDES=_slides uv run pytest
-m "" tests/test_slides.py``).
"""

import html
import os
import re
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from helpers import address, projector
from helpers.course import LESSONS
from tests import browser_tools
from tests.notebook_tools import NOTEBOOKS
from tools import build_slides, guide, lesson_pages, predictions, slides

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
SIZES = ((1280, 720), (1920, 1080))
LETTERS = 20  # pixels at 1280 x 720


def saved(lesson):
    return predictions.read(NOTEBOOKS / f"{lesson.name}.ipynb")


# --- the cells' metadata -----------------------------------------------------------------------


def drawn(source):
    picture = new_output("display_data", {"image/png": "AAAA", "text/plain": "Picture: a"})
    return new_code_cell(source, outputs=[picture])


RULE = [
    (new_markdown_cell("# 1. Title"), "slide"),
    (new_code_cell(address.FIRST), "skip"),
    (drawn("import a"), "-"),
    (new_markdown_cell("Words."), "subslide"),
    (new_markdown_cell("## Part\n\nWords."), "slide"),
    (new_code_cell("a = 1"), "-"),
    (new_markdown_cell("Words.\n\n**Predict.** What?"), "subslide"),
    (new_code_cell("a + 1"), "fragment"),
    (drawn("show(a)"), "fragment"),
    (drawn("show(b)"), "subslide"),
    (new_markdown_cell("### Your turn: a\n\nCount."), "subslide"),
    (new_code_cell("a = ..."), "-"),
    (new_markdown_cell("**Predict.** What?\n\n### Your turn: b\n\nCount."), "subslide"),
    (new_code_cell("b = ..."), "-"),
    (new_markdown_cell("**What you have done.** Each"), "skip"),
    (new_code_cell("from helpers.progress import progress"), "skip"),
]


def test_the_rule_of_what_begins_a_slide():
    assert slides.slide_types([cell for cell, _ in RULE]) == [kind for _, kind in RULE]


# --- what is on a slide, and what the teacher reads --------------------------------------------


def slides_of(lesson):
    """Return a lesson's slides made of what is saved: without its replays, and nothing runs."""
    return slides.slides(lesson, lesson_pages.as_page(saved(lesson), lesson.name, on_slides=True))


def text(shown):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())


@each_lesson
def test_nothing_of_a_lesson_is_lost_and_the_notes_are_the_guides(lesson):
    made = slides_of(lesson)
    seen = text(" ".join(part for each in made for part in (*each.blocks, *each.notes)))
    for cell in lesson_pages.as_page(saved(lesson), lesson.name).cells[1:]:
        if cell.cell_type == "markdown" and cell.metadata.slideshow.slide_type != "skip":
            for block in slides.blocks(cell.source):
                pieces = block.pieces() if block.name in ("text", "list") and block.html else []
                for piece in pieces:
                    assert text(block.join([piece])) in seen
    assert "Run it:" not in seen and "Stuck?" not in seen
    for each in made:
        prose = [part for part in each.blocks if re.search('data-block="(text|list)"', part)]
        assert sum(map(slides.counted, prose)) <= slides.WORDS == 40
    end = next(n for n, each in enumerate(made) if each.kind == "end")
    assert all(each.head.startswith("Further: ") == (n > end) for n, each in enumerate(made))
    asked = [each for each in made if each.kind == "predict"]
    for each, row in zip(asked, guide.questions(lesson), strict=True):
        notes = text("".join(each.notes))
        assert each.head == row.section
        assert text(slides.inline(row.ask)) in notes and text(slides.inline(row.answers)) in notes
    exercises = "".join("".join(each.notes) for each in made if each.kind in ("turn", "predict"))
    for each in guide.exercises(lesson):
        assert text(slides.inline(each.right)) in text(exercises)


# --- in a browser --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    if built := os.environ.get("SHEET_SLIDES"):
        return Path(built).resolve()
    folder = tmp_path_factory.mktemp("slides") / "decks"
    build_slides.build([LESSONS[1]], folder)
    return folder


def opened(browser, path, size=SIZES[0]):
    page, watch = browser_tools.new_page(browser, width=size[0], height=size[1])
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    return page, watch


def paths(decks):
    return sorted(decks.glob("[0-9]*.html"))


# Shows slide after slide with all that waits on it; says what is cut off, hidden or too small.
FAULTS = """
async ([least, drawn]) => {
  const told = [];
  for (const slide of Reveal.getSlides()) {
    const at = Reveal.getIndices(slide);
    Reveal.slide(at.h, at.v, 99);
    await new Promise(requestAnimationFrame);
    const page = slide.querySelector(".page");
    const scale = Reveal.getScale();
    const name = `slide ${Reveal.getSlidePastCount() + 1}`;
    const box = page.getBoundingClientRect();
    if (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1)
      told.push(`${name} is not in the window`);
    if (!page.querySelector(".block")) told.push(`${name} is empty`);
    for (const part of page.querySelectorAll("*")) {
      const own = part.getBoundingClientRect();
      if (!own.width || !part.checkVisibility() || part.closest(".sheet-longest")) continue;
      if (own.right > box.right + 1 || own.bottom > box.bottom + 1 || own.left < box.left - 1 ||
          own.top < box.top - 1)
        if (!part.closest("math") || part.localName === "math")
          told.push(`${name}: ${part.outerHTML.slice(0, 80)} is cut off`);
    }
    const texts = document.createTreeWalker(page, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const part = texts.currentNode.parentElement;
      if (!texts.currentNode.textContent.trim() || part.closest("style, script, math")) continue;
      const size = parseFloat(getComputedStyle(part).fontSize) * scale;
      if (size < least - 0.1) told.push(`${name}: ${size} px: ${part.outerHTML.slice(0, 80)}`);
    }
    for (const image of page.querySelectorAll("img.sheet-step, figure img")) {
      // helpers.projector has drawn it with letters of this size, or larger, in its own width.
      const own = image.getAttribute("width") ?? parseFloat(image.style.width);
      const size = (drawn * image.getBoundingClientRect().width) / own;
      if (!(size >= least - 0.1)) told.push(`${name}: letters of ${size} px in a picture`);
    }
    const blocks = [...page.querySelectorAll(":scope > .block")];
    blocks.slice(1).forEach((block, n) => {
      const above = blocks[n].getBoundingClientRect();
      if (block.getBoundingClientRect().top < above.bottom - 1) told.push(`${name}: overlap`);
    });
  }
  return told;
}
"""


@pytest.mark.parametrize(
    "size", [SIZES[0], pytest.param(SIZES[1], marks=pytest.mark.deep)], ids=str
)
def test_nothing_is_cut_off_or_too_small_and_no_request_leaves(decks, browser, size):
    for path in paths(decks):
        page, watch = opened(browser, path, size)
        told = page.evaluate(FAULTS, [LETTERS * size[0] / SIZES[0][0], projector.LETTERS])
        assert not told, (path.name, told)
        assert page.evaluate("Reveal.getTotalSlides()") > 10
        assert not watch.faults(), (path.name, watch.faults())
        page.context.close()
