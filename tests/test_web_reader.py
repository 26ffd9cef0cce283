"""The page that reads a drawn digit in the visitor's browser: its numbers, its controls, its words.

The page is opened from the disk with every outside request refused.
"""

import shutil

import matplotlib as mpl
import numpy as np
import pytest

from helpers import reader, trace
from helpers.digits import small_digits
from helpers.drawing import centre_digit
from helpers.figures import base, gates
from tests import browser_tools
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


def differences(found, seen, cell):
    for name in PARTS[cell]:
        expected = getattr(seen, name)
        values = np.array([step[name] for step in found])
        assert values.shape == expected.shape, name
        # The logits sum over 128 units and reach beyond 10: their last digits are float32's.
        room = 1e-4 if name == "logits" else 1e-5
        assert np.abs(values - expected).max() <= room, (cell, name)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_numbers_are_those_of_the_trace(page, cell):
    weights = reader.shipped(cell)
    for image in small_digits().x_test[:3]:
        found = page.evaluate(READ, [cell, image.tolist(), {}])
        differences(found, trace.trace(weights, image), cell)


@pytest.mark.deep
@pytest.mark.parametrize(
    ("cell", "pins"),
    [("lstm", {"i": 0, "f": 1}), ("lstm", {"o": 1}), ("gru", {"z": 0}), ("gru", {"r": 1})],
)
def test_a_pinned_gate_gives_the_numbers_of_a_pinned_trace(page, cell, pins):
    image = small_digits().x_test[5]
    found = page.evaluate(READ, [cell, image.tolist(), pins])
    differences(found, trace.trace(reader.shipped(cell), image, ablate=pins), cell)


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


def test_a_digit_drawn_with_the_mouse_is_read(page):
    before = shown(page)
    assert page.get_by_text("Draw here").is_visible()
    draw_line(page)
    assert not page.get_by_text("Draw here").is_visible()
    row(page).press("End")
    assert shown(page).startswith("Your drawing, after row 28 of 28: the LSTM believes 1 (")
    assert shown(page) != before
    assert answers(page)[0].startswith("1 ")  # an upright stroke


@pytest.mark.deep
def test_clear_leaves_nothing(page):
    draw_line(page)
    page.get_by_role("button", name="Clear the paper").click()
    assert not inked(page).any() and answers(page) == ["–", "–", "–"]
    assert shown(page) == "The paper is empty: draw a digit, or take a real one."
    assert row(page).is_disabled()
    page.locator(".heat").first.hover()
    assert page.locator("#value").inner_text() == "Nothing to read yet."
    page.get_by_role("button", name="forget gate: free").click()  # a pin waits for a digit
    assert answers(page) == ["–", "–", "–"]
    page.get_by_role("button", name="Read a real 4").click()
    row(page).press("End")
    assert "A real 4, after row 28 of 28" in shown(page)


def test_the_slider_shows_every_row_by_keyboard_and_pointer(page):
    page.get_by_role("button", name="Read a real 7").click()
    slider = row(page)
    slider.press("Home")
    words = []
    for number in range(1, 29):
        words.append(shown(page))
        assert f"after row {number} of 28" in words[-1]
        slider.press("ArrowRight")
    assert len(set(words)) == 28
    expected = trace.trace(
        reader.shipped("lstm"), small_digits().x_test[small_digits().y_test == 7][0]
    )
    best = expected.belief[-1].argmax()
    assert answers(page)[0] == f"{best} ({expected.belief[-1, best]:.0%})"


@pytest.mark.deep
def test_play_and_the_keys_of_the_lessons_players(page):
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
    page.clock.run_for(26 * 62.5)
    assert page.get_by_role("button", name="Pause").count() == 1
    page.clock.run_for(62.5)
    assert "row 28 of 28" in shown(page)
    assert page.get_by_role("button", name="Play", exact=True).count() == 1


@pytest.mark.deep
def test_a_voice_follows_no_film_but_tells_its_end(page):
    """Of an output, browsers tell each change to a voice by themselves."""
    browser_tools.stop_clock(page)
    page.get_by_role("button", name="Read a real 5").click()
    voices = """() => ["words", "sum-words", "count", "tour-said"].map((id) =>
        document.getElementById(id).ariaLive)"""
    page.clock.run_for(26 * 125)
    assert page.evaluate(voices) == ["off"] * 4
    changes = page.evaluate_handle(
        """() => { const seen = [], words = document.getElementById("words");
        new MutationObserver((changes) => changes.forEach(({ type }) => seen.push(type)))
          .observe(words, { childList: true, attributes: true });
        return seen; }"""
    )
    page.clock.run_for(125)
    assert page.evaluate(voices) == ["polite"] * 4
    assert changes.json_value() == ["attributes", "childList"]


@pytest.mark.deep
@pytest.mark.parametrize(("width", "height"), [(1300, 800), (375, 740)])
def test_tab_reaches_every_control_both_ways_and_the_focus_is_seen(open_page, width, height):
    page = open_page(width, height)
    page.evaluate("""() => [...document.querySelectorAll("a, button, input, select")]
        .filter((control) => control.checkVisibility())
        .forEach((control, n) => control.dataset.number = n)""")
    number = len(page.locator("[data-number]").all())
    assert number == 2 + 2 + 1 + 10 + 5 + 5 + 2

    def walk(key, steps):
        reached = []
        for _ in range(steps):
            page.keyboard.press(key)
            focus = page.evaluate(
                """() => {
                const control = document.activeElement;
                const { outlineStyle, outlineWidth } = getComputedStyle(control);
                const { left, right, top, bottom } = control.getBoundingClientRect();
                const middle = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
                return [Number(control.dataset.number), outlineStyle, parseFloat(outlineWidth),
                  control.contains(middle) || middle?.contains(control) === true]; }"""
            )
            assert focus[1] == "solid" and focus[2] >= 3, focus
            assert focus[3], f"control {focus[0]} has the focus but is out of sight"
            reached.append(focus[0])
        return reached

    assert walk("Tab", number) == list(range(number))
    assert walk("Shift+Tab", number - 1) == list(range(number - 2, -1, -1))


@pytest.mark.deep
def test_the_value_under_the_pointer_is_the_true_one(page):
    page.get_by_role("button", name="Read a real 5").click()
    row(page).press("End")
    heat = page.locator('canvas[data-part="c"]')
    heat.scroll_into_view_if_needed()
    box = heat.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 10.5 / 28, box["y"] + box["height"] * 40.5 / 128)
    seen = trace.trace(reader.shipped("lstm"), small_digits().x_test[small_digits().y_test == 5][0])
    said = page.locator("#value").inner_text()
    unit = np.argsort(-seen.h.mean(axis=0), kind="stable")[40]  # its line among the boxes'
    assert said.startswith(f"LSTM, cell state c, unit {unit}, row 11: ")
    assert float(said.rsplit(" ", 1)[1]) == pytest.approx(seen.c[10, unit], abs=1e-5)
    assert page.locator("#tip").inner_text().endswith(f"(unit {unit}, row 11)")
    # The row is marked in every box, the unit in those of its network.
    assert page.locator(".cross-row:visible").count() == page.locator(".heat").count()
    assert page.locator(".cross-unit:visible").count() == 6
    # The value is that of the digit on display, also without another move.
    page.get_by_role("button", name="forget gate: free").focus()
    page.keyboard.press("Enter")
    pinned = trace.trace(reader.shipped("lstm"), seen.x, ablate={"f": 0})
    said = page.locator("#value").inner_text()
    assert float(said.rsplit(" ", 1)[1]) == pytest.approx(pinned.c[10, unit], abs=1e-5)
    row(page).press("Home")
    assert page.locator("#value").inner_text().endswith("row 11: not read yet")
    page.mouse.move(5, 5)
    assert page.locator("#value").inner_text() == "Point at a box, or tap it, to read a value."
    assert page.locator("#tip").is_hidden()


@pytest.mark.deep
@pytest.mark.parametrize(
    ("width", "height"),
    [(1280, 800), (1366, 657), (853, 533), (768, 1024), (375, 740)],
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
def test_one_unit_can_be_read_without_a_pointer(page):
    page.get_by_role("button", name="Read a real 5").click()
    row(page).press("End")
    unit = page.get_by_label("Unit, 0 to 127:")
    seen = trace.trace(reader.shipped("lstm"), small_digits().x_test[small_digits().y_test == 5][0])
    for typed, kept in [("40", 40), ("999", 127), ("-3", 0), ("1.5", 2), ("", 0)]:
        unit.fill(typed)
        unit.press("Enter")
        assert unit.input_value() == str(kept)
        assert page.locator("#unit-words").inner_text() == f"Unit {kept}, row 28:"
        assert f"cell state c {seen.c[27, kept]:.4f}" in page.locator("#unit-values").inner_text()


PIXELS = """
(canvas) => Array.from(canvas.getContext("2d")
  .getImageData(0, 0, canvas.width, canvas.height).data).filter((_, n) => n % 4 < 3)
"""


@pytest.mark.deep
def test_the_colours_and_their_scale_are_those_of_the_lessons(page):
    for label in (1, 8):
        page.get_by_role("button", name=f"Read a real {label}").click()
        seen = trace.trace(
            reader.shipped("lstm"), small_digits().x_test[small_digits().y_test == label][0]
        )
        for part in ("f", "i", "o", *gates.SIZES):
            size = gates.SIZES.get(part)
            share = getattr(seen, part).T[page.evaluate("page.orders.lstm")]
            share = share if size is None else (share / size + 1) / 2
            map_ = mpl.colormaps["Greys" if size is None else base.DIVERGING]
            canvas = page.locator(f'canvas[data-part="{part}"]').first
            found = np.array(canvas.evaluate(PIXELS)).reshape(128, 28, 3)
            # Both have 256 shades; a number on an edge may take the one beside.
            assert np.abs(found - 255 * map_(share.clip(0, 1))[..., :3]).max() <= 8, part
    for scale, map_ in (("gate", "Greys"), ("state", base.DIVERGING)):
        found = page.locator(f'canvas[data-scale="{scale}"]').first.evaluate(PIXELS)
        expected = 255 * mpl.colormaps[map_](np.arange(256))[:, :3]
        assert np.abs(np.array(found).reshape(256, 3) - expected).max() <= 2
    numbers = [text.split() for text in page.locator(".scale div").all_inner_texts()]
    assert numbers == [["0,", "shut", "1,", "open"], ["-1", "0", "1"], ["-2", "0", "2"]]


@pytest.mark.deep
def test_the_theme_is_the_systems_or_the_one_chosen_on_the_course(open_page):
    def ground(page):
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return "light" if colour == "rgb(255, 255, 255)" else "dark"

    page = open_page(color_scheme="dark")
    assert ground(page) == "dark"
    become = """(found) => (getComputedStyle(document.body).backgroundColor ===
        "rgb(255, 255, 255)") === (found === "light")"""
    page.emulate_media(color_scheme="light")
    page.wait_for_function(become, arg="light")  # the page is told with a later picture
    for mode, found in [("dark", "dark"), ("auto", "light")]:
        page.evaluate("(mode) => localStorage.setItem('mode', mode)", mode)
        page.reload()
        page.wait_for_function(become, arg=found)
    page.emulate_media(media="print")  # on paper all is light, and the bar covers nothing
    assert ground(page) == "light"
    bar = "getComputedStyle(document.querySelector('#bar')).position"
    assert page.evaluate(bar) == "static"


def axe_finds(page):
    """Return what axe holds against a page: the rule, and where."""
    from axe_playwright_python.sync_playwright import Axe

    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": rules}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]


@pytest.mark.deep
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(open_page, scheme):
    page = open_page(color_scheme=scheme)
    page.get_by_role("button", name="forget gate: free").click()
    assert axe_finds(page) == []
    page.get_by_role("button", name="Clear the paper").click()
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
