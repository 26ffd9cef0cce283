"""The course as pages, opened from the disk with every outside request refused.

One lesson is built and opened in every run; the deep tests take three lessons, or all that is built
in the folder SHEET_SITE (``uv run python tools/build_site.py``, then ``SHEET_SITE=_site uv run
pytest -m "" tests/test_site.py``).
"""

import html
import importlib.util
import json
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import ipywidgets as widgets
import nbformat
import numpy as np
import pytest

from helpers import address, figures
from helpers.controls import CONTROL, sentence
from helpers.course import LESSONS
from helpers.replay import Replay
from tests import browser_tools
from tests.browser_tools import REPLAY, step_through
from tests.notebook_tools import NOTEBOOKS, ROOT
from tools import build_site, lesson_pages, output_folder, predictions
from tools.glossary import TERMS

# No output waits for a prediction, as a reader may set it; see tests/test_ask.py.
SHOWN = json.dumps({"open": {lesson.name: "yes" for lesson in LESSONS}})
SHOW = f"try {{ localStorage.setItem('hammered-iron-sheet', {json.dumps(SHOWN)}) }} catch {{}}"


def build_saved(lessons, folder, *further):
    """Build pages of lessons as they are saved, with further cells: no lesson runs."""

    def save(notebook, target, scratch):
        book = predictions.read(notebook)
        book.cells += further
        name = notebook.relative_to(NOTEBOOKS).with_suffix("").as_posix()
        nbformat.write(lesson_pages.as_page(book, name), target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lesson_pages, "save_run", save)
        build_site.build(lessons, folder, "<p>Built.</p>")
    return folder


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """The site of one lesson as it is saved, with two replays, which no saved lesson keeps."""
    cells = []
    for title in ("One", "Two"):
        frames = figures.sheet_frames(np.eye(4).cumsum(0), np.eye(4), title)
        replay = {"text/html": Replay(frames).html(), "text/plain": "a replay"}
        output = nbformat.v4.new_output("display_data", replay)
        cells.append(nbformat.v4.new_code_cell(title, outputs=[output]))
    return build_saved([LESSONS[1]], tmp_path_factory.mktemp("one") / "site", *cells)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site that the deep tests look at."""
    if built := os.environ.get("SHEET_SITE"):
        return Path(built).resolve()
    folder = tmp_path_factory.mktemp("site") / "site"
    build_site.build([LESSONS[0], LESSONS[1], LESSONS[4]], folder)
    return folder


def pages(site):
    apart = {"_static", "slides"}  # the slides: tests/test_slides.py
    found = sorted(site.rglob("*.html"))
    return [path for path in found if not apart & set(path.relative_to(site).parts[:-1])]


def course_pages(site):
    """Return the pages that Sphinx made: all but the reader."""
    return [path for path in pages(site) if path.parent.name != "reader"]


def lesson_pages_of(site):
    """Return the pages of lessons and solutions."""
    return [path for path in course_pages(site) if path.name[:2].isdigit()]


def lesson(site, number):
    return next(path for path in lesson_pages_of(site) if path.name.startswith(f"{number:02}"))


@pytest.fixture
def opened(browser):
    with browser_tools.watched_pages(browser) as open_page:
        yield lambda path, **options: open_page(path.as_uri(), SHOW, **options)


# --- one page, in every run -----------------------------------------------------------------------


def test_a_lessons_page_plays_from_the_disk(one, opened):
    page = opened(lesson(one, 1))
    for replay in page.locator(REPLAY).all():
        step_through(replay)
    assert page.locator(REPLAY).count() == 2
    first, second = page.locator(REPLAY).nth(0), page.locator(REPLAY).nth(1)
    before = second.locator("output").inner_text()
    first.get_by_role("slider").press("End")
    assert second.locator("output").inner_text() == before
    links = [each.get_attribute("href") for each in page.locator("h1 + p.course-launch a").all()]
    source = f"{address.repository()}/blob/{address.tag()}/notebooks/{LESSONS[1].name}.ipynb"
    assert links == [address.binder(LESSONS[1].name), address.colab(LESSONS[1].name), source]
    sidebar = page.get_by_role("navigation", name="Lessons and solutions")
    assert sidebar.locator("[aria-current=page]").inner_text() == page.title().partition(" — ")[0]


def test_a_term_says_its_sentence_and_leads_to_its_entry(one, opened):
    page = opened(lesson(one, 1))
    [state] = [each for each in TERMS if each.name == "state"]
    word = page.locator(f".course-term > a[href$='#{state.slug}']")
    says = word.locator("xpath=..").locator("[role=tooltip]")
    assert says.text_content() == state.says and not says.is_visible()
    word.hover()
    assert says.is_visible()
    page.locator("h1").hover()
    word.focus()
    assert says.is_visible()
    page.keyboard.press("Escape")
    assert not says.is_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/glossary.html#{state.slug}")
    assert page.locator(".course-term").count() == 0


def test_the_first_page_leads_to_everything(one, opened):
    dead, followed = dead_links(one)
    assert not dead and followed > 200
    page = opened(one / "index.html")
    assert page.get_by_text("Built.").is_visible()
    page.get_by_role("link", name="Teaching with the course").last.click()
    page.locator("article").get_by_role("link", name="Lesson 4").first.click()
    assert page.title().startswith("Lesson 4: An LSTM step by hand")


def test_search_works_from_the_disk(one, opened):
    page = opened(one / "search.html")
    page.goto(f"{page.url}?q=hammer")
    page.get_by_role("link", name="The hammered iron sheet").first.wait_for(timeout=15_000)


# --- links ----------------------------------------------------------------------------------------


def dead_links(site):
    """Return the links within a site that lead nowhere, and how many were followed."""
    texts = {path: path.read_text(encoding="utf-8") for path in pages(site)}
    names = {p: {"", "top", *re.findall(r'\b(?:id|name)="([^"]+)"', texts[p])} for p in texts}
    left_out = {f"{each.name}.html" for each in LESSONS} - {path.name for path in texts}
    dead, followed = [], 0
    for path, text in texts.items():
        for link in re.findall(r'\b(?:href|src)="([^"]*)"', text):
            parts = urlsplit(html.unescape(link))
            page = (parts.path or parts.fragment).rpartition("/")[2].replace(".ipynb", ".html")
            if parts.scheme or page in left_out:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                dead.append((path.name, link))
            elif target in texts and unquote(parts.fragment) not in names[target]:
                dead.append((path.name, link, "no such place"))
            followed += 1
    return dead, followed


# --- what only a kernel can show ------------------------------------------------------------------


def test_a_widget_leaves_a_line_that_says_where_it_works():
    cell = nbformat.v4.new_code_cell("display(drawing_pad(f), menu)")
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data", {"text/html": sentence(control), "text/plain": CONTROL}
        )
        for control in (widgets.HBox(), widgets.Dropdown())
    ]
    first = nbformat.v4.new_code_cell(address.FIRST)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A"), first, cell])
    outputs = lesson_pages.as_page(book, "07_a").cells[-1].outputs
    said = "".join(output.data["text/html"] for output in outputs)
    assert "in the notebook, with Python running: " in said
    assert address.binder("07_a") in said and address.colab("07_a") in said
    assert '<a href="reader/index.html">Draw on this page instead</a>' in said


# --- how pages are built --------------------------------------------------------------------------


def test_a_formula_that_would_show_its_signs_is_refused():
    place = importlib.util.spec_from_file_location("site_conf", ROOT / "site" / "conf.py")
    conf = importlib.util.module_from_spec(place)
    place.loader.exec_module(conf)
    formula = SimpleNamespace(body=[], astext=lambda: r"\begin{aligned} a &= b \end{aligned}")
    with pytest.raises(ValueError, match="aligned"):
        conf._mathml(formula, formula, "block")


def test_a_build_takes_away_what_an_earlier_one_left_and_nothing_else(tmp_path):
    built, out = tmp_path / "built", tmp_path / "out"
    for names in (["old.html", "a/old.png", "index.html"], ["index.html", "a/new.png"]):
        shutil.rmtree(built, ignore_errors=True)
        for name in names:
            (built / name).parent.mkdir(parents=True, exist_ok=True)
            (built / name).write_text(name)
        output_folder.put(built, out)
        (out / "mine.txt").write_text("keep me")
    left = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert left == [".built", "a/new.png", "index.html", "mine.txt"]
    (built / "mine.txt").write_text("ours")
    with pytest.raises(FileExistsError, match="is not of an earlier build: move it away"):
        output_folder.put(built, out)
    assert (out / "mine.txt").read_text() == "keep me"


# --- all pages ------------------------------------------------------------------------------------


# What is wider than the page, or cut off; `text` in percent.
SPILLED = """
async (text) => {
  document.documentElement.style.fontSize = `${text}%`;
  for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
  const whole = document.documentElement;
  const told = whole.scrollWidth > whole.clientWidth + 1 ? [`page: ${whole.scrollWidth}`] : [];
  for (const part of document.querySelectorAll(
      "article :is(h1, h2, h3), .sheet-replay :is(button, select, output, p), footer p")) {
    const box = part.getBoundingClientRect();
    if (box.width && (box.right > whole.clientWidth + 1 || part.scrollWidth > part.clientWidth + 2))
      told.push(part.outerHTML.slice(0, 80));
  }
  return told;
}
"""


# A narrow phone and a laptop, a phone and a desk with letters of twice the size.
SIZES = ((320, 100), (1024, 100), (375, 200), (1280, 200))


@pytest.mark.deep
def test_every_page_works_from_the_disk_without_a_network_and_nothing_spills(site, opened):
    seen = 0
    for path in pages(site):
        page = opened(path)
        for replay in page.locator(REPLAY).all():
            step_through(replay)
            seen += 1
        for width, text in SIZES if path in course_pages(site) else ():
            page.set_viewport_size({"width": width, "height": 740})
            page.wait_for_function("width => innerWidth === width", arg=width)
            told = page.evaluate(SPILLED, text)
            assert not told, (path.name, width, text, told)
    assert seen >= 5
    dead, followed = dead_links(site)
    assert not dead and followed > 200
    text = lesson(site, 4).read_text(encoding="utf-8")
    assert text.count('<p class="course-note">') == 2
    assert "<msub><mi>c</mi><mi>t</mi></msub>" in text  # a formula is MathML


@pytest.mark.deep
def test_axe_finds_no_violation(site, browser):
    """Each page once: wide and light, or narrow and dark, in turn."""
    for n, path in enumerate(pages(site)):
        look = {"width": 375, "scheme": "dark"} if n % 2 else {"width": 1400, "scheme": "light"}
        page, _ = browser_tools.new_page(browser, **look)  # axe itself asks for style sheets
        page.add_init_script(SHOW)
        page.goto(path.as_uri())
        # The corner of a table with heads on two sides is empty, and rightly so.
        found = browser_tools.axe_finds(page, **{"empty-table-header": {"enabled": False}})
        assert found == [], (path.name, look)
        page.context.close()
