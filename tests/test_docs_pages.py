"""The guide, the glossary and the page to print as pages of the site, in a real browser.

A small site is built for it: these pages, and one of running text in a lesson's place. The site
with all its lessons is tested in tests/test_site.py.
"""

import os
import re
import shutil
import subprocess
import sys

import pytest

from helpers import address
from helpers.glossary import TERMS
from tests import browser_tools
from tests.notebook_tools import ROOT
from tools import build_site, docs_pages

LESSON = """# 4. An LSTM step by hand

## The forget gate

A **forget gate** keeps. Another forget gate, and `an input gate` in code, and a
[link to an output gate](glossary.md).

```python
forget_gate = "the forget gate"
```

| one | two |
|---|---|
| the hidden state | in the last column of a table that reaches the right edge a candidate |

{}

The last word of the page is a long way down, and it is the cell state.
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    scratch = tmp_path_factory.mktemp("docs")
    source, out = scratch / "source", scratch / "pages"
    shutil.copytree(ROOT / "site", source)
    shutil.copy(ROOT / "pyproject.toml", scratch)
    docs_pages.write(source)
    build_site.write_questions(source)
    (source / "04_an_lstm_step_by_hand.md").write_text(LESSON.format("Filler.\n\n" * 60))
    index = ["# Course", "", "```{toctree}\n04_an_lstm_step_by_hand\n```", ""]
    (source / "index.md").write_text("\n".join([*index, *docs_pages.index_lines()]))
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(source), str(out)],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "'myst' cross-reference" not in line]
    assert not told, told  # lessons that are not here are no fault
    return out


@pytest.fixture
def opened(site, browser):
    """Return a function that opens a page of the site; no page may ask the network."""
    pages = []

    def open_page(name, **options):
        page, watch = browser_tools.new_page(browser, **options)
        page.goto((site / f"{name}.html").as_uri())
        pages.append((page, watch))
        return page

    yield open_page
    for page, watch in pages:
        assert not watch.faults()
        page.context.close()


# --- the page to print ----------------------------------------------------------------------------


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sheet_is_one_printed_page(opened, paper, scheme):
    page = opened("sheet", scheme=scheme)
    printed = page.pdf(format=paper)
    assert re.findall(rb"/Count (\d+)", printed) == [b"1"]


# What each paper leaves within the margins, in pixels of 1/96 inch.
@pytest.mark.parametrize(("width", "height"), [(711, 1054), (733, 988)])
def test_the_sheet_fills_its_page_and_nothing_is_cut(opened, width, height):
    page = opened("sheet", width=width, height=height)
    page.emulate_media(media="print")
    for part in ("#pst-header", ".prev-next-area", "footer", ".headerlink >> nth=0"):
        assert not page.locator(part).first.is_visible(), part
    section = page.locator("section").first.bounding_box()
    assert 0.8 * height < section["height"] < height
    over = page.evaluate(
        """() => [...document.querySelectorAll("section :is(table, math, p)")].filter(part =>
        part.getBoundingClientRect().right > innerWidth + 1).map(part => part.outerHTML)"""
    )
    assert not over


# --- terms ----------------------------------------------------------------------------------------


def term(page, name):
    return page.locator(f".course-term:has(> a[href$='#{name}'])")


def test_the_first_occurrence_of_each_term_is_marked_and_nothing_else(opened):
    page = opened("04_an_lstm_step_by_hand")
    marked = page.locator(".course-term > a").all_inner_texts()
    assert marked == ["forget gate", "hidden state", "candidate", "cell state"]
    assert page.locator(":is(h1, h2, pre, code, a) .course-term").count() == 0
    assert opened("glossary").locator(".course-term").count() == 0


def test_a_term_says_its_sentence_to_the_eye_and_to_a_voice(opened):
    page = opened("04_an_lstm_step_by_hand")
    [gate] = [each for each in TERMS if each.name == "forget gate"]
    word, says = term(page, gate.slug).locator("a"), term(page, gate.slug).locator("[role=tooltip]")
    assert says.text_content() == gate.says
    assert word.get_attribute("aria-describedby") == says.get_attribute("id")
    assert not says.is_visible()
    word.hover()
    assert says.is_visible()
    says.hover()  # the sentence stays while it is read
    assert says.is_visible()
    page.locator("h1").hover()
    assert not says.is_visible()


def test_a_term_works_by_keyboard_and_escape_takes_the_sentence_away(opened):
    page = opened("04_an_lstm_step_by_hand")
    says = term(page, "forget-gate").locator("[role=tooltip]")
    page.locator("h1").click()
    for _ in range(40):
        page.keyboard.press("Tab")
        if says.is_visible():
            break
    assert says.is_visible()
    page.keyboard.press("Escape")
    assert not says.is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert says.is_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#forget-gate")
    assert page.locator("#forget-gate h2").inner_text().startswith("forget gate")


@pytest.mark.parametrize("width", [1280, 320])
def test_a_sentence_stays_within_the_window(opened, width):
    page = opened("04_an_lstm_step_by_hand", width=width, height=500)
    for name in ("forget-gate", "hidden-state", "candidate", "cell-state"):
        word = term(page, name).locator("a")
        word.focus()
        page.wait_for_timeout(100)
        box = term(page, name).locator("[role=tooltip]").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, name
        assert box["y"] >= 0 and box["y"] + box["height"] <= 500, name
        place = word.bounding_box()
        assert box["y"] >= place["y"] + place["height"] - 2 or box["y"] + box["height"] <= place[
            "y"
        ] + 2, "it does not cover its word"  # fmt: skip
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_a_script_a_sentence_shows_all_the_same(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "04_an_lstm_step_by_hand.html").as_uri())
    says = term(page, "forget-gate").locator("[role=tooltip]")
    assert not says.is_visible()
    term(page, "forget-gate").locator("a").hover()
    assert says.is_visible()
    context.close()


def test_under_a_finger_the_first_touch_shows_and_the_second_follows(site, browser):
    context = browser.new_context(has_touch=True, viewport={"width": 375, "height": 700})
    page = context.new_page()
    page.goto((site / "04_an_lstm_step_by_hand.html").as_uri())
    word = term(page, "forget-gate").locator("a")
    word.tap()
    assert term(page, "forget-gate").locator("[role=tooltip]").is_visible()
    assert page.url.endswith("04_an_lstm_step_by_hand.html")
    word.tap()
    page.wait_for_url("**/glossary.html#forget-gate")
    context.close()


def test_paper_has_no_dotted_lines(opened):
    page = opened("04_an_lstm_step_by_hand")
    page.emulate_media(media="print")
    line = "getComputedStyle(document.querySelector('.course-term > a')).textDecorationLine"
    assert page.evaluate(line) == "none"


# --- the pages ------------------------------------------------------------------------------------


def test_every_term_has_its_place_in_the_glossary(site):
    text = (site / "glossary.html").read_text(encoding="utf-8")
    for each in TERMS:
        assert f'id="{each.slug}"' in text, each.name
        assert f'<span lang="zh-Hans">{each.chinese}</span>' in text, each.name


def test_links_lead_to_pages_of_the_site_or_else_to_the_repository():
    led = docs_pages.with_links
    files = f"{address.repository()}/blob/{address.tag()}"
    assert led("[a](../notebooks/00_start_here.ipynb)") == "[a](00_start_here.ipynb)"
    assert led("[a](glossary.md#gate) [b](#plans)") == "[a](glossary.md#gate) [b](#plans)"
    assert led("[a](faults.md)") == f"[a]({files}/docs/faults.md)"
    assert led("[a](../tools/timetable.py)") == f"[a]({files}/tools/timetable.py)"
    assert led("[a](https://a.org/b.md)") == "[a](https://a.org/b.md)"


PAGES = [*docs_pages.PAGES, "04_an_lstm_step_by_hand"]


@pytest.mark.parametrize("name", PAGES)
def test_nothing_spills(opened, name):
    page = opened(name)
    for width in (1280, 375, 320):
        page.set_viewport_size({"width": width, "height": 740})
        page.wait_for_function("width => innerWidth === width", arg=width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(site, browser, name, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page, _ = browser_tools.new_page(browser, scheme=scheme)
    page.goto((site / f"{name}.html").as_uri())
    if name not in docs_pages.PAGES:
        page.locator(".course-term > a").first.focus()
    options = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
        "rules": {"empty-table-header": {"enabled": False}},
    }
    violations = Axe().run(page, options=options).response["violations"]
    told = [(each["id"], [n["html"][:200] for n in each["nodes"][:3]]) for each in violations]
    assert not told
    page.context.close()
