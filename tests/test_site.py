"""The course as pages, opened from the disk with every outside request refused.

Builds the pages of two lessons; name a folder in SHEET_SITE to test pages that are built already
(all of them: ``uv run python tools/build_site.py``, then ``SHEET_SITE=_site uv run pytest
tests/test_site.py``).
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import browser_tools
from tests.notebook_tools import ROOT

REPLAY = "div.sheet-replay"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if built := os.environ.get("SHEET_SITE"):
        return Path(built).resolve()
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "tools/build_site.py", "--only", "1", "4", "--out", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder


@pytest.fixture(scope="module")
def browser():
    reason = browser_tools.why_no_browser()
    if reason and os.environ.get("SHEET_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with browser_tools.chromium() as browser:
        yield browser


def pages(site):
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def test_every_page_works_from_the_disk_without_a_network(site, browser):
    seen = 0
    for path in pages(site):
        page, watch = browser_tools.new_page(browser)
        page.goto(path.as_uri())
        for replay in page.locator(REPLAY).all():
            step_through(replay)
            seen += 1
        assert not watch.faults(), (path.name, watch.faults())
        page.context.close()
    assert seen >= 5


def step_through(replay):
    """Move a player's slider with the keyboard, and see picture and words follow."""
    slider, image = replay.get_by_role("slider"), replay.locator("img.sheet-step")
    steps = int(slider.get_attribute("max"))
    slider.press("Home")
    first, size = image.get_attribute("src"), image.bounding_box()
    words = replay.locator("p.sheet-words").first.inner_text()
    assert image.get_attribute("alt") == words
    slider.press("End")
    assert replay.locator("output").inner_text() == f"{steps} / {steps}"
    if steps > 1:
        assert image.get_attribute("src") != first
        assert replay.locator("p.sheet-words").first.inner_text() != words
    after = image.bounding_box()
    assert (after["width"], after["height"]) == (size["width"], size["height"])


def test_players_on_one_page_do_not_disturb_each_other(site, browser):
    page, _ = browser_tools.new_page(browser)
    page.goto((site / "01_the_hammered_iron_sheet.html").as_uri())
    first, second = page.locator(REPLAY).nth(0), page.locator(REPLAY).nth(1)
    before = second.locator("output").inner_text()
    first.get_by_role("slider").press("End")
    assert second.locator("output").inner_text() == before
    page.context.close()


PLAYER = re.compile(r'class="sheet-replay">.*?</script>', re.DOTALL)


def test_no_player_is_heavy(site):
    """What 28 steps may weigh, pictures, words and player together; fewer steps no more."""
    players = 0
    for path in pages(site):
        for player in PLAYER.findall(path.read_text(encoding="utf-8")):
            players += 1
            steps = player.count("data:image/png") - 2  # less the ground, and what stands in
            room = 300_000 * max(1, steps / 28)
            assert len(player) <= room, f"{path.name}: {len(player):,} bytes for {steps} steps"
    assert players >= 5


SPILLED = """
() => {
  document.documentElement.style.fontSize = "200%";
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const cut = [...document.querySelectorAll(".sheet-replay :is(button, select, input, output, p)")]
    .filter((part) => {
      const box = part.getBoundingClientRect();
      const root = part.closest(".sheet-replay").getBoundingClientRect();
      return box.width && (box.right > root.right + 1 || part.scrollWidth > part.clientWidth + 2);
    });
  return [wide, cut.map((part) => part.outerHTML.slice(0, 80))];
}
"""


def test_text_of_twice_the_size_fits(site, browser):
    for path in pages(site):
        page, _ = browser_tools.new_page(browser)
        page.goto(path.as_uri())
        wide, cut = page.evaluate(SPILLED)
        assert wide <= 1 and not cut, (path.name, wide, cut)
        page.context.close()


def test_two_hundred_fast_events(site, browser):
    page, watch = browser_tools.new_page(browser)
    page.goto((site / "01_the_hammered_iron_sheet.html").as_uri())
    replay = page.locator(REPLAY).last
    steps = int(replay.get_by_role("slider").get_attribute("max"))
    replay.evaluate(
        """root => { const slider = root.querySelector("input[type=range]");
        for (let n = 0; n < 200; n++) { slider.value = 1 + (n * 5) % slider.max;
            slider.dispatchEvent(new Event("input")); } }"""
    )
    assert replay.locator("output").inner_text() == f"{1 + (199 * 5) % steps} / {steps}"
    assert not watch.faults()
    page.context.close()


def test_axe_finds_no_violation(site, browser):
    from axe_playwright_python.sync_playwright import Axe

    for path in pages(site):
        page, _ = browser_tools.new_page(browser)
        page.goto(path.as_uri())
        options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
        violations = Axe().run(page, options=options).response["violations"]
        told = [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in violations]
        assert not told, path.name + json.dumps(told, indent=1)
        page.context.close()


def test_search_and_the_way_to_the_reader_page(site, browser):
    page, _ = browser_tools.new_page(browser)
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="Draw a digit and watch three networks read it").click()
    assert "three networks" in page.title()
    page.goto((site / "search.html").as_uri() + "?q=hammer")
    page.get_by_role("link", name="The hammered iron sheet").first.wait_for(timeout=15_000)
    page.context.close()
