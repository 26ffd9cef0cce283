"""The page that reads a drawn digit in the visitor's browser: its numbers, its controls, its words.

The page is opened from the disk with every outside request refused.
"""

import shutil

import numpy as np
import pytest

from helpers import reader, trace
from helpers.digits import small_digits
from helpers.drawing import centre_digit
from tests import browser_tools
from tests.browser_tools import axe_finds
from tests.notebook_tools import ROOT
from tools import reader_page

PARTS = {
    "lstm": ("i", "f", "candidate", "o", "c", "h", "logits", "belief"),
    "gru": ("z", "r", "candidate", "h", "logits", "belief"),
    "rnn": ("h", "logits", "belief"),
}
READ = """
([cell, pixels, pins]) => {
  const rows = pixels.map((row) => row.map((value) => value / 255));
  const packed = READERS.find((one) => one.cell === cell);
  return Cells.read(Cells.unpack(packed), rows, pins).map((now) =>
    Object.fromEntries(Object.entries(now).map(([name, values]) => [name, Array.from(values)])));
}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "reader"
    reader_page.build(folder)
    shutil.copytree(ROOT / "site" / "_static", folder.parent / "_static")
    return folder / "index.html"


@pytest.fixture
def open_page(browser, built):
    """Opens the page with a screen of a given size; looks for faults at the end."""
    opened = []

    def open_page(width=1300, height=1100, **media):
        page, watch = browser_tools.new_page(browser, width=width, height=height)
        opened.append((page, watch))
        page.emulate_media(**media)
        page.goto(built.as_uri())
        return page

    yield open_page
    faults = [fault for _, watch in opened for fault in watch.faults()]
    for page, _ in opened:
        page.context.close()
    assert not faults


@pytest.fixture
def page(open_page):
    return open_page()


PINNED = [("lstm", {"i": 0, "f": 1}), ("lstm", {"o": 1}), ("gru", {"z": 0}), ("gru", {"r": 1})]


def test_the_numbers_are_those_of_the_trace(page):
    image = small_digits().x_test[5]
    for cell, pins in [*((cell, {}) for cell in PARTS), *PINNED]:
        seen = trace.trace(reader.shipped(cell), image, ablate=pins)
        found = page.evaluate(READ, [cell, image.tolist(), pins])
        for name in PARTS[cell]:
            values = np.array([step[name] for step in found])
            # The logits sum over 128 units and reach beyond 10: their last digits are float32's.
            room = 1e-4 if name == "logits" else 1e-5
            assert np.abs(values - getattr(seen, name)).max() <= room, (cell, pins, name)


def test_a_drawing_is_laid_out_as_python_lays_it_out(page):
    random = np.random.default_rng(0)
    for height, width in [(90, 60), (33, 120), (280, 280), (7, 5)]:
        ink = random.random((height, width)).round(2) * (random.random((height, width)) > 0.8)
        found = page.evaluate(
            "(ink) => Digit.centre(ink).map((row) => Array.from(row))", ink.tolist()
        )
        assert np.abs(np.array(found) * 255 - centre_digit(ink)).max() <= 0.51
    assert page.evaluate("() => Digit.centre([[0, 0], [0, 0]])") is None


def shown(page):
    return page.locator("#words").inner_text()


def answers(page):
    return page.locator(".answer").all_inner_texts()


def row(page):
    return page.get_by_label("Row", exact=True)


def draw_line(page, across=(0.5, 0.5), down=(0.15, 0.85), button="left"):
    """Draw with the mouse; the places are parts of the paper's sides."""
    box = page.locator("#paper").bounding_box()
    places = [
        (box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        for x, y in zip(across, down, strict=True)
    ]
    page.mouse.move(*places[0])
    page.mouse.down(button=button)
    page.mouse.move(*places[1], steps=12)
    page.mouse.up(button=button)


def inked(page):
    """Which pixels of the paper have ink: (280, 280)."""
    script = """() => Array.from(document.getElementById("paper").getContext("2d")
        .getImageData(0, 0, 280, 280).data).filter((_, n) => n % 4 === 0)"""
    return np.array(page.evaluate(script)).reshape(280, 280) < 128


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


def test_a_digit_drawn_with_the_mouse_is_read_and_cleared(page):
    assert page.get_by_text("Draw here").is_visible()
    draw_line(page)
    assert not page.get_by_text("Draw here").is_visible()
    row(page).press("End")
    assert shown(page).startswith("Your drawing, after row 28 of 28: the LSTM believes 1 (")
    assert answers(page)[0].startswith("1 ")  # an upright stroke
    page.get_by_role("button", name="Clear the paper").click()
    assert not inked(page).any() and answers(page) == ["–", "–", "–"]
    assert shown(page) == "The paper is empty: draw a digit, or take a real one."
    assert row(page).is_disabled()
    page.locator(".heat").first.hover()
    assert page.locator("#value").inner_text() == "Nothing to read yet."


def test_the_slider_shows_every_row_by_keyboard(page):
    page.get_by_role("button", name="Read a real 7").click()
    row(page).press("Home")
    words = []
    for number in range(1, 29):
        words.append(shown(page))
        assert f"after row {number} of 28" in words[-1]
        row(page).press("ArrowRight")
    assert len(set(words)) == 28
    seven = small_digits().x_test[small_digits().y_test == 7][0]
    belief = trace.trace(reader.shipped("lstm"), seven).belief[-1]
    assert answers(page)[0] == f"{belief.argmax()} ({belief.max():.0%})"


@pytest.mark.deep
def test_play_the_keys_of_the_lessons_players_and_what_a_voice_hears(page):
    """Of an output, browsers tell each change to a voice by themselves: not while a film runs."""
    browser_tools.stop_clock(page)
    page.get_by_role("button", name="Read a real 2").click()
    page.clock.run_for(2 * 125)
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(1000)
    assert "row 3 of 28" in shown(page)
    page.get_by_role("button", name="Next").click()
    for key, reached in [("PageUp", 9), ("PageDown", 4), ("ArrowUp", 5), ("Home", 1)]:
        row(page).press(key)
        assert f"row {reached} of 28" in shown(page)
    page.get_by_label("rows a second").select_option("16")
    row(page).focus()
    for _ in range(4):  # a space bar that is held down is one press
        page.keyboard.down(" ")
    page.keyboard.up(" ")
    voices = """() => ["words", "sum-words", "count", "tour-said"].map((id) =>
        document.getElementById(id).ariaLive)"""
    page.clock.run_for(26 * 62.5)
    assert page.get_by_role("button", name="Pause").count() == 1
    assert page.evaluate(voices) == ["off"] * 4
    page.clock.run_for(62.5)
    assert "row 28 of 28" in shown(page) and page.evaluate(voices) == ["polite"] * 4
    assert page.get_by_role("button", name="Play", exact=True).count() == 1


@pytest.mark.deep
def test_tab_reaches_every_control_and_the_focus_is_seen(open_page):
    page = open_page(375, 740)
    page.evaluate("""() => [...document.querySelectorAll("a, button, input, select")]
        .filter((control) => control.checkVisibility())
        .forEach((control, n) => control.dataset.number = n)""")
    number = page.locator("[data-number]").count()
    assert number > 20
    for n in range(number):
        page.keyboard.press("Tab")
        at, width, seen = page.evaluate("""() => {
            const control = document.activeElement;
            const { left, right, top, bottom } = control.getBoundingClientRect();
            const middle = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
            return [Number(control.dataset.number),
              parseFloat(getComputedStyle(control).outlineWidth),
              control.contains(middle) || middle?.contains(control) === true]; }""")
        assert at == n and width >= 3
        assert seen, f"control {n} has the focus but is out of sight"


@pytest.mark.deep
def test_a_value_is_read_with_the_pointer_and_without(page):
    five = small_digits().x_test[small_digits().y_test == 5][0]
    seen = trace.trace(reader.shipped("lstm"), five)
    page.get_by_role("button", name="Read a real 5").click()
    row(page).press("End")
    heat = page.locator('canvas[data-part="c"]')
    heat.scroll_into_view_if_needed()
    box = heat.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 10.5 / 28, box["y"] + box["height"] * 40.5 / 128)
    said = page.locator("#value").inner_text()
    unit = np.argsort(-seen.h.mean(axis=0), kind="stable")[40]  # its line among the boxes'
    assert said.startswith(f"LSTM, cell state c, unit {unit}, row 11: ")
    assert float(said.rsplit(" ", 1)[1]) == pytest.approx(seen.c[10, unit], abs=1e-5)
    assert page.locator("#tip").inner_text().endswith(f"(unit {unit}, row 11)")
    # The row is marked in every box, the unit in those of its network.
    assert page.locator(".cross-row:visible").count() == page.locator(".heat").count()
    assert page.locator(".cross-unit:visible").count() == 6
    row(page).press("Home")
    assert page.locator("#value").inner_text().endswith("row 11: not read yet")
    page.mouse.move(5, 5)
    assert page.locator("#value").inner_text() == "Point at a box, or tap it, to read a value."
    assert page.locator("#tip").is_hidden()
    row(page).press("End")
    unit = page.get_by_label("Unit, 0 to 127:")
    for typed, kept in [("40", 40), ("999", 127), ("-3", 0), ("", 0)]:
        unit.fill(typed)
        unit.press("Enter")
        assert unit.input_value() == str(kept)
        assert f"cell state c {seen.c[27, kept]:.4f}" in page.locator("#unit-values").inner_text()


@pytest.mark.deep
@pytest.mark.parametrize(
    ("width", "height"),
    [(1366, 657), (768, 1024), (375, 740)],
)
def test_paper_slider_and_answers_share_a_screen(open_page, width, height):
    page = open_page(width, height)
    for selector in ("#paper", "#row", "#answers", "#value"):
        assert in_view(page, selector), selector
    page.locator('canvas[data-part="h"]').last.evaluate("(h) => h.scrollIntoView(false)")
    for selector in ("#row", "#answers", "#value"):
        assert in_view(page, selector), selector
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.deep
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(open_page, scheme):
    page = open_page(color_scheme=scheme)
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (colour == "rgb(255, 255, 255)") == (scheme == "light")
    page.get_by_role("button", name="forget gate: free").click()
    assert axe_finds(page) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")


@pytest.mark.deep
def test_fingers_draw_and_tap(page):
    """The palm of the hand draws nothing; a tapped value stays in view."""
    touch, box = page.context.new_cdp_session(page), page.locator("#paper").bounding_box()

    def fingers(kind, *places):
        points = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": n}
            for n, (x, y) in enumerate(places)
        ]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    draw_line(page, button="right")
    assert not inked(page).any()
    fingers("touchStart", (0.3, 0.2))
    fingers("touchMove", (0.3, 0.5))
    fingers("touchStart", (0.3, 0.5), (0.9, 0.9))  # the palm
    fingers("touchMove", (0.3, 0.8), (0.8, 0.9))
    fingers("touchEnd")
    ys, xs = np.nonzero(inked(page))
    assert ys.min() < 50 and ys.max() > 220 and xs.max() < 100
    page.get_by_role("button", name="Read a real 8").click()
    row(page).press("End")
    heat = page.locator('canvas[data-part="h"]').first
    heat.evaluate("(heat) => heat.scrollIntoView({ block: 'center' })")
    box = heat.bounding_box()
    fingers("touchStart", (0.9, 0.9))
    fingers("touchEnd")
    said = page.locator("#value", has_text="LSTM, hidden state h, unit ").inner_text()
    assert "row 26: " in said
    found = page.evaluate("page.readings.lstm[25].h[page.orders.lstm[115]]")
    assert float(said.rsplit(" ", 1)[1]) == pytest.approx(found, abs=1e-6)
    assert all(in_view(page, one) for one in ("#value", "#answers", "#row"))
