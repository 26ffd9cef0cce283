# ruff: noqa: F811  (fixtures of tests/test_web_reader.py)
"""Links that carry what the reader page shows: copied, opened, damaged, and the way back."""

import pytest

from tests import browser_tools
from tests.test_web_reader import (  # noqa: F401
    answers,
    built,
    draw_line,
    inked,
    open_page,
    page,
    row,
    shown,
)  # fmt: skip

pytestmark = pytest.mark.deep
STATE = """() => JSON.stringify([page.state(), Object.values(page.readings).map((reading) =>
    reading.map(({ h, belief }) => [Array.from(h), Array.from(belief)]))])"""
PLAIN = {"digit": 3, "drawing": None, "pins": {"lstm": {}, "gru": {}, "rnn": {}}, "open": "",
         "row": 28, "unit": 0, "speed": 8, "tour": 0}  # fmt: skip


def state(page):
    return page.evaluate("page.state()")


def link(page):
    """Return what follows the # in a copied link; the clipboard is refused, so it is in a field."""
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')) }")
    page.get_by_role("button", name="Copy link").click()
    address = page.get_by_label("Link to what this page shows").input_value()
    assert address.startswith(page.url.split("#")[0] + "#")
    return address.split("#")[1]


def test_a_link_opened_in_a_fresh_browser_shows_the_same_to_the_last_digit(page, browser, built):
    draw_line(page, (0.31, 0.62), (0.13, 0.52))
    draw_line(page, (0.62, 0.27), (0.52, 0.93))
    page.get_by_role("button", name="input gate: free").click()
    page.get_by_role("button", name="reset gate: free").dblclick()
    row(page).press("End")  # ends the film
    page.evaluate("page.go(16)")
    page.get_by_label("Unit, 0 to 127:").fill("99")
    page.get_by_label("rows a second").select_option("16")
    page.get_by_label("Take a number apart:").select_option("gru-logit-7")
    fresh, watch = browser_tools.new_page(browser)
    fresh.goto(f"{built.as_uri()}#{link(page)}")
    assert fresh.evaluate(STATE) == page.evaluate(STATE)
    assert state(fresh)["pins"] == {"lstm": {"i": 0}, "gru": {"r": 1}, "rnn": {}}
    assert shown(fresh) == shown(page) and answers(fresh) == answers(page)
    assert (inked(fresh) == inked(page)).all()
    for part in ("#sum-words", "#unit-values", ".cell", "#count"):
        assert fresh.locator(part).all_inner_texts() == page.locator(part).all_inner_texts()
    assert fresh.get_by_role("button", name="Play", exact=True).count() == 1  # no film
    assert not watch.faults()
    fresh.context.close()


BAD = [
    *("digit=10", "digit=07", "digit=", "digit", "digit=7=3", "digit=7&digit=7", "row=0"),
    *("row=1.5", "row=%31%", "unit=128", "unit=NaN", "speed=3", "open=lstm-x", "pins=lstm-f"),
    *("pins=__proto__-f-shut", "__proto__=1", "tour=99", "digit=7&utm_source=mail", "&digit=7"),
    *("digit=7&drawing=ABC", "drawing=", "drawing=AB!", "drawing=%00%00%00", "%E0%A4%A"),
    *("digit=7&row=" + "1" * 9000, "drawing=" + "s5k" * 3000, "<script>", "digit=٣"),
]


def test_an_address_that_is_not_understood_gives_the_plain_page(browser, built):
    page, watch = browser_tools.new_page(browser)
    for n, bad in enumerate(BAD):
        page.goto(f"{built.as_uri()}?{n}#{bad}")  # another ?: the page is loaded anew
        assert state(page) == PLAIN, bad[:80]
        assert shown(page).startswith("A real 3, after row 28 of 28"), bad[:80]
        assert not watch.faults(), (bad[:80], watch.faults())
    page.context.close()
