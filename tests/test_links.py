"""Links that carry what the reader page shows: copied, opened, damaged, and the way back."""

import re

import numpy as np

from tests import browser_tools
from tests.test_web_reader import (  # noqa: F401
    answers,
    built,
    draw_line,
    in_view,
    inked,
    open_page,
    page,
    row,
    shown,
)  # fmt: skip

STATE = """() => JSON.stringify([page.state(), Object.values(page.readings).map((reading) =>
    reading.map(({ h, belief }) => [Array.from(h), Array.from(belief)]))])"""
PLAIN = {"digit": 3, "drawing": None, "pins": {"lstm": {}, "gru": {}, "rnn": {}}, "open": "",
         "row": 28, "unit": 0, "speed": 8, "tour": 0}  # fmt: skip


def state(page):  # noqa: F811
    return page.evaluate("page.state()")


def link(page):  # noqa: F811
    """Return what follows the # in a copied link; the clipboard is refused, so it is in a field."""
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')) }")
    page.get_by_role("button", name="Copy link").click()
    address = page.get_by_label("Link to what this page shows").input_value()
    assert address.startswith(page.url.split("#")[0] + "#")
    return address.split("#")[1]


def travel(page, places):  # noqa: F811
    """Go so many places on, or back, and wait until the page has heard of it."""
    page.evaluate(
        """(places) => new Promise((arrived) => {
        addEventListener("hashchange", () => arrived(), { once: true });
        history.go(places); })""",
        places,
    )


def opened(browser, built, address, width=1300, height=1100):  # noqa: F811
    """Open an address in a browser of its own that was never here."""
    page, watch = browser_tools.new_page(browser, width=width, height=height)  # noqa: F811
    page.goto(f"{built.as_uri()}#{address}")
    return page, watch


def test_a_link_opened_in_a_fresh_browser_shows_the_same_to_the_last_digit(page, browser, built):  # noqa: F811
    random = np.random.default_rng(4)
    draw_line(page, (0.31, 0.62), (0.13, 0.52))
    draw_line(page, (0.62, 0.27), (0.52, 0.93))
    page.get_by_role("button", name="input gate: free").click()
    page.get_by_role("button", name="reset gate: free").dblclick()
    row(page).press("End")  # ends the film
    for number in ("17", "2", "28"):
        page.evaluate("(n) => page.go(n - 1)", int(number))
        page.get_by_label("Unit, 0 to 127:").fill(str(random.integers(128)))
        page.get_by_label("rows a second").select_option(str(random.choice([2, 4, 16])))
        page.get_by_label("Take a number apart:").select_option(
            str(random.choice(["gru-logit-7", "rnn-h", "lstm-candidate"]))
        )
        fresh, watch = opened(browser, built, link(page))
        assert fresh.evaluate(STATE) == page.evaluate(STATE)
        assert state(fresh)["pins"] == {"lstm": {"i": 0}, "gru": {"r": 1}, "rnn": {}}
        assert shown(fresh) == shown(page) and answers(fresh) == answers(page)
        assert (inked(fresh) == inked(page)).all()
        for part in ("#sum-words", "#unit-values", ".cell", "#count"):
            assert fresh.locator(part).all_inner_texts() == page.locator(part).all_inner_texts()
        assert not fresh.get_by_text("Draw here").is_visible()
        assert fresh.get_by_role("button", name="Play", exact=True).count() == 1  # no film
        assert not watch.faults()
        fresh.context.close()


def test_every_digit_and_no_digit_has_its_link(page, browser, built):  # noqa: F811
    fresh, watch = opened(browser, built, "digit=9")
    assert shown(fresh).startswith("A real 9, after row 28 of 28")
    assert fresh.locator("#samples [aria-pressed=true]").all_inner_texts() == ["9"]
    page.get_by_role("button", name="Clear the paper").click()
    assert link(page).startswith("digit=none&")
    fresh.goto(f"{built.as_uri()}#{link(page)}")
    assert shown(fresh) == "The paper is empty: draw a digit, or take a real one."
    assert not watch.faults()
    fresh.context.close()


BAD = [
    "digit=10", "digit=-1", "digit=07", "digit=", "digit", "digit=7=3", "digit=7&digit=7",
    "row=0", "row=29", "row=1.5", "row=1e1", "row=%31%", "unit=128", "unit=-0", "unit=NaN",
    "speed=3", "speed=8.0", "open=lstm-x", "open=gru-c", "open=lstm-logit-10", "pins=lstm-f",
    "pins=lstm-c-shut", "pins=lstm-f-free", "pins=lstm-f-shut,lstm-f-open", "pins=rnn-h-shut",
    "pins=__proto__-f-shut", "__proto__=1", "constructor=3", "tour=0", "tour=99", "top",
    "digit=7&utm_source=mail", "digit=7&", "&digit=7", "digit=7&drawing=ABC", "drawing=",
    "drawing=AB", "drawing=AB!", "drawing=ABC..ABC", "drawing=AAA", "drawing=%00%00%00",
    "digit=7&row=" + "1" * 9000, "drawing=" + "s5k" * 3000, "/2/1", "%", "%E0%A4%A", "<script>",
    "digit=٣", "digit=7%20", "DIGIT=7",
]  # fmt: skip


def test_an_address_that_is_not_understood_gives_the_plain_page(browser, built):  # noqa: F811
    page, watch = browser_tools.new_page(browser)  # noqa: F811
    for bad in BAD:
        page.goto("about:blank")
        page.goto(f"{built.as_uri()}#{bad}")
        assert state(page) == PLAIN, bad[:80]
        assert shown(page).startswith("A real 3, after row 28 of 28"), bad[:80]
        assert not watch.faults(), (bad[:80], watch.faults())
    page.context.close()


def test_the_same_address_behind_a_mail_program_is_understood(browser, built):  # noqa: F811
    page, watch = opened(browser, built, "digit%3D4%26pins%3Dgru-z-shut%2Cgru-r-open%26row%3D9")  # noqa: F811
    assert state(page) == PLAIN | {
        "digit": 4, "row": 9, "pins": {"lstm": {}, "gru": {"z": 0, "r": 1}, "rnn": {}}
    }  # fmt: skip
    assert page.get_by_role("button", name="update gate: shut").count() == 1
    assert not watch.faults()
    page.context.close()


def test_any_drawing_is_packed_and_unpacked_as_it_was(page):  # noqa: F811
    random = np.random.default_rng(0)
    for _ in range(20):
        drawing = [random.integers(-100, 412, (random.integers(1, 40), 2)).tolist()
                   for _ in range(random.integers(1, 5))]  # fmt: skip
        drawing[0][0] = [140, 140]
        text = page.evaluate("(drawing) => Paper.pack(drawing)", drawing)
        assert re.fullmatch(r"[\w-]+(\.[\w-]+)*", text, re.ASCII)
        assert page.evaluate("(text) => Paper.unpack(text)", text) == drawing
    # A common drawing is short, and the ink is that of the canvas but for the edges' softness.
    draw_line(page)
    assert len(link(page)) < 400
    ink = np.array(page.evaluate("Paper.ink(page.state().drawing).map((row) => Array.from(row))"))
    assert (np.abs(ink - inked(page)) > 0.6).sum() <= 4


def test_back_and_forward_lead_from_digit_to_digit_and_sliding_leaves_no_trace(page):  # noqa: F811
    length = page.evaluate("history.length")
    page.get_by_role("button", name="Read a real 7").click()
    for _ in range(30):
        row(page).press("ArrowLeft")
    page.evaluate("page.go(11)")
    page.get_by_role("button", name="Clear the paper").click()
    draw_line(page)
    draw_line(page, (0.2, 0.8), (0.5, 0.5))  # the second stroke is no new place
    two = state(page)["drawing"]
    assert page.evaluate("history.length") == length + 3
    travel(page, -1)
    assert shown(page).startswith("The paper is empty") and not inked(page).any()
    travel(page, -1)
    assert shown(page).startswith("A real 7, after row 12 of 28")
    travel(page, -1)
    assert state(page) == PLAIN and page.url.endswith("index.html")
    for _ in range(3):
        travel(page, 1)
    assert state(page)["drawing"] == two and inked(page).any()
    page.evaluate("location.hash = 'digit=1&row=3'")
    page.wait_for_function("page.state().digit === 1")
    assert shown(page).startswith("A real 1, after row 3 of 28")
    page.evaluate("location.hash = 'digit=77'")
    page.wait_for_function("page.state().digit === 3")


def test_the_address_follows_a_moment_later(page):  # noqa: F811
    page.evaluate("page.go(4)")
    page.get_by_label("Unit, 0 to 127:").fill("12")
    page.get_by_role("button", name="output gate: free").click()
    wanted = "#digit=3&pins=lstm-o-shut&row=5&unit=12&speed=8"
    page.wait_for_function("(wanted) => location.hash === wanted", arg=wanted)
    page.reload()
    assert state(page) == PLAIN | {
        "row": 5, "unit": 12, "pins": {"lstm": {"o": 0}, "gru": {}, "rnn": {}}
    }  # fmt: skip


def test_copy_link_copies_or_says_where_to_take_it_from(page):  # noqa: F811
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("page.go(6)")
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Copied: the link opens this page as it is now.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.url.split("#")[0] + "#digit=3&row=7&unit=0&speed=8"
    field = page.get_by_label("Link to what this page shows")
    assert not field.is_visible()
    page.evaluate("page.go(7)")  # what was copied is no longer what is shown
    assert page.locator("#copied").inner_text() == ""
    page.evaluate("() => { navigator.clipboard.writeText = () => { throw Error('no') } }")
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text(
        "The browser lets no page copy here: take the link from this field."
    ).wait_for()
    assert field.input_value().endswith("#digit=3&row=8&unit=0&speed=8")
    chosen = "document.activeElement.value.length === document.activeElement.selectionEnd"
    assert page.evaluate(f"document.activeElement.id === 'link' && {chosen}")
    assert page.locator("#copied").get_attribute("role") == "status"


def test_on_the_way_back_nothing_is_said_of_the_link_before(page):  # noqa: F811
    page.get_by_role("button", name="Read a real 5").click()
    link(page)
    travel(page, -1)
    assert state(page)["digit"] == 3
    assert page.locator("#copied").inner_text() == ""
    assert not page.get_by_label("Link to what this page shows").is_visible()


def test_a_film_ends_where_its_link_is_copied(page):  # noqa: F811
    page.evaluate("page.go(2)")
    browser_tools.stop_clock(page)
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(3 * 125)
    copied = link(page)
    assert copied == "digit=3&row=6&unit=0&speed=8"
    page.clock.run_for(6 * 125)
    assert page.get_by_label("Link to what this page shows").input_value().endswith(copied)
    assert state(page)["row"] == 6
    page.get_by_role("button", name="Play").click()  # and goes on from there
    page.clock.run_for(125)
    assert state(page)["row"] == 7


def test_a_browser_that_copies_late_says_nothing_of_what_is_no_longer_shown(page):  # noqa: F811
    page.evaluate(
        """() => { navigator.clipboard.writeText = () =>
        new Promise((copy, refuse) => Object.assign(window, { copy, refuse })); }"""
    )
    for outcome in ("copy", "refuse"):
        page.get_by_role("button", name="Copy link").click()
        row(page).press("ArrowLeft")
        page.evaluate(f"{outcome}()")
        assert page.locator("#copied").inner_text() == ""
        assert not page.get_by_label("Link to what this page shows").is_visible()
        assert page.evaluate("document.activeElement.id") == "row"
    page.get_by_role("button", name="Copy link").click()
    page.evaluate("copy()")
    assert page.locator("#copied").inner_text().startswith("Copied:")


def test_the_address_follows_a_film(page):  # noqa: F811
    browser_tools.stop_clock(page)
    page.get_by_role("button", name="Read a real 5").click()
    page.clock.run_for(125)
    page.get_by_role("button", name="forget gate: free").click()
    page.clock.run_for(8 * 125)
    assert re.search("#digit=5&pins=lstm-f-shut&row=[6-9]&", page.url)
    assert state(page)["row"] == 10


def scribble(page):  # noqa: F811
    """Draw a line of 3,000 points at once, as a hand would in a minute."""
    box = page.locator("#paper").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.evaluate(
        """() => { const paper = document.getElementById("paper");
        const { left, top } = paper.getBoundingClientRect();
        const at = (n) => new PointerEvent("pointermove", { pointerId: 1, isPrimary: true,
          clientX: left + 20 + (n * 37) % 240, clientY: top + 20 + (n * 53) % 240 });
        const coalescedEvents = Array.from({ length: 3000 }, (_, n) => at(n));
        paper.dispatchEvent(new PointerEvent("pointermove",
          { pointerId: 1, isPrimary: true, coalescedEvents })); }"""
    )
    page.mouse.up()


def test_a_drawing_too_long_for_a_link_is_said_to_be(page):  # noqa: F811
    browser_tools.stop_clock(page)
    scribble(page)
    page.get_by_role("button", name="Copy link").click()
    page.clock.run_for(6 * 125)  # the film of the drawing would have gone on by six rows
    assert page.get_by_text("This drawing is too long for a link").is_visible()
    assert not page.get_by_label("Link to what this page shows").is_visible()
    assert "#" not in page.url
    assert "Your drawing" in shown(page)


def test_a_browser_that_refuses_history_still_shows_the_page(browser, built):  # noqa: F811
    page, watch = browser_tools.new_page(browser)  # noqa: F811
    page.add_init_script(
        """history.pushState = history.replaceState = () => { throw Error("no") };
        Storage.prototype.getItem = Storage.prototype.setItem = Storage.prototype.removeItem =
          () => { throw Error("no") };"""
    )
    page.goto(built.as_uri())
    browser_tools.stop_clock(page)
    page.get_by_role("button", name="Read a real 2").click()
    row(page).press("Home")
    row(page).press("PageUp")
    page.clock.run_for(1000)
    assert shown(page).startswith("A real 2, after row 6 of 28")
    assert link(page) == "digit=2&row=6&unit=0&speed=8"
    assert not watch.faults()
    page.context.close()


def test_the_buttons_are_there_on_a_phone_and_nothing_runs_over(open_page):  # noqa: F811
    page = open_page(375, 740)  # noqa: F811
    assert in_view(page, "#copy") and in_view(page, "#tour-start")
    link(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
