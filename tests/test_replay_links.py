"""An address that opens a replay at a step, and the button that copies it: on pages alone."""

import pytest

from helpers.replay import Replay
from tests import browser_tools
from tests.test_replay import some_frames

REPLAY = "div.sheet-replay"
# What marks the pages whose address is theirs: Sphinx's, nbconvert's.
PAGES = {
    "site": '<html data-content_root="./"><body>',
    "nbconvert": '<html><body class="jp-Notebook">',
}


def in_view(page, selector):
    """Whether all of an element is on the screen, with nothing in front of its corners."""
    return page.locator(selector).evaluate(
        """(element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) return false;
        return [[left, top], [right, top], [left, bottom], [right, bottom]].every(([x, y]) => {
          const inside = (value, low, high) => Math.max(low + 4, Math.min(high - 4, value));
          const found = document.elementFromPoint(inside(x, left, right), inside(y, top, bottom));
          return element.contains(found) || found.contains(element);
        }); }"""
    )


@pytest.fixture(scope="module")
def replays():
    """Three players, as they stand on a page; of 6, 4 and 6 steps."""
    kinds = [(6, "First", 0), (4, "Second", 2), (6, "Third", -1)]
    words = [[f"{n} of {steps}" for n in range(1, steps + 1)] for steps, _, _ in kinds]
    some = [
        Replay(some_frames(said, title), start=start)
        for said, (_, title, start) in zip(words, kinds, strict=True)
    ]
    return [f'<div style="height: 1500px">{one.html()}</div>' for one in some]


def told(page):
    return page.locator(f"{REPLAY} output").all_inner_texts()


@pytest.fixture
def open_at(browser, replays, tmp_path):
    """Open players on a page of some kind, at an address."""
    file = tmp_path / "page.html"
    with browser_tools.watched_pages(browser) as open_page:

        def open_at(address, kind="site"):
            file.write_text("<!doctype html>" + PAGES.get(kind, kind) + "".join(replays))
            return open_page(file.as_uri() + address, width=800, height=600)

        yield open_at


@pytest.mark.parametrize("kind", PAGES)
def test_an_address_opens_a_replay_at_its_step(open_at, kind):
    page = open_at("#replay-2=step-4", kind)
    assert told(page) == ["1 / 6", "4 / 4", "6 / 6"]
    assert in_view(page, f"{REPLAY} >> nth=1 >> .sheet-controls")
    assert page.evaluate("document.activeElement.value") == "4"
    page.keyboard.press("ArrowLeft")
    assert told(page)[1] == "3 / 4"
    page.evaluate("location.hash = 'replay-3=step-2&replay-1=step-5'")  # a link on the same page
    page.wait_for_function("document.querySelector('output').textContent === '5 / 6'")
    assert told(page) == ["5 / 6", "3 / 4", "2 / 6"]
    assert in_view(page, f"{REPLAY} >> nth=2 >> .sheet-controls")


@pytest.mark.deep
def test_a_player_copies_the_link_to_its_step(open_at):
    page = open_at("#a-heading")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    third = page.locator(REPLAY).nth(2)
    third.get_by_role("button", name="Previous step").click()
    third.get_by_role("button", name="Copy a link to this step").press("Enter")
    third.get_by_text("Copied: the link opens this page at step 5.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url.replace("#a-heading", "#replay-3=step-5")
    assert page.url.endswith("#a-heading"), "moving and copying leave the address as it is"
    page.evaluate("() => { navigator.clipboard.writeText = () => { throw Error('no') } }")
    third.get_by_role("button", name="Copy a link to this step").click()
    field = third.get_by_role("textbox", name="Link to step 5")
    assert field.input_value() == copied
    says = "The browser lets no page copy here: take the link to step 5 from this field"
    assert third.locator("span[role=status]").inner_text().startswith(says)
    page.keyboard.press("Home")  # moves the field's cursor, not the replay
    assert told(page)[2] == "5 / 6"
    page.goto("about:blank")
    page.goto(copied)
    assert told(page) == ["1 / 6", "3 / 4", "5 / 6"]
