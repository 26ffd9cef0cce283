"""The page that reads a drawn digit in the visitor's browser: its numbers, its link, its tour.

The page is opened from the disk with every outside request refused. What shows the numbers is
rnnscope's view: see tests/test_view.py.
"""

import re
import shutil

import numpy as np
import pytest

from helpers import reader, trace
from helpers.centring import centre_digit
from helpers.digits import small_digits
from tests import browser_tools
from tests.notebook_tools import ROOT
from tools import reader_page

PARTS = {
    "lstm": ("i", "f", "candidate", "o", "c", "h", "logits", "belief"),
    "gru": ("z", "r", "candidate", "h", "logits", "belief"),
    "rnn": ("h", "logits", "belief"),
}
STOPS = 9


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

    def open_page(hash_="", width=1300, height=1000, **how):
        page, watch = browser_tools.new_page(browser, width=width, height=height, **how)
        opened.append((page, watch))
        page.goto(f"{built.as_uri()}{hash_}")
        return page

    yield open_page
    faults = [fault for _, watch in opened for fault in watch.faults()]
    for page, _ in opened:
        page.context.close()
    assert not faults


@pytest.fixture
def page(open_page):
    return open_page()


def image_of(label):
    return small_digits().x_test[small_digits().y_test == label][0]


def seen_of(label, cell="lstm", **more):
    return trace.trace(reader.shipped(cell), image_of(label), **more)


def state(page):
    return page.evaluate("page.state()")


def words(page):
    return page.locator("#view .sheet-words").first.inner_text()


def said(seen, row):
    belief = seen.belief[row - 1]
    return f"{belief.argmax()} ({belief.max():.0%})"


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


# --- numbers --------------------------------------------------------------------------------------

READ = """
([cell, pixels, pins]) => {
  const rows = pixels.map((row) => row.map((value) => value / 255));
  return Cells.read(page.readers[cell], rows, pins).map((now) =>
    Object.fromEntries(Object.entries(now).map(([name, values]) => [name, Array.from(values)])));
}
"""
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


def test_a_number_taken_apart_is_the_sum_of_the_trace(page):
    """Each sum and each value; NumPy has the sums again, from Keras's layout of the weights."""
    blocks = {"lstm": ["i", "f", "candidate", "o"], "gru": ["z", "r", "candidate"], "rnn": ["h"]}
    random = np.random.default_rng(0)
    for n, cell in enumerate(PARTS):
        seen, weights = seen_of(3, cell), reader.shipped(cell)
        for part in blocks[cell]:
            for t in (1, *random.integers(2, 28, 3).tolist()):
                unit = int(random.integers(128))
                column = blocks[cell].index(part) * 128 + unit
                bias = weights.bias.reshape(-1, weights.kernel.shape[1])[:, column]
                recurrent = seen.h[t - 1] @ weights.recurrent_kernel[:, column] + bias[1:].sum()
                reset = seen.r[t, unit] if (cell, part) == ("gru", "candidate") else 1
                expected = seen.x[t] @ weights.kernel[:, column] + bias[0] + reset * recurrent
                check(page, n, part, t, unit, expected, getattr(seen, part)[t, unit])
        check(page, n, "logit-7", 20, 0, seen.logits[20, 7], seen.belief[20, 7])
        for part in {"lstm": "ch", "gru": "h", "rnn": ""}[cell]:
            value = getattr(seen, part)[20, 40]
            check(page, n, part, 20, 40, value, value)


def check(page, layer, part, step, unit, expected, value):
    found = page.evaluate(
        """([n, ...where]) => View.apart(page.layers[n], ...where)""", [layer, part, step, unit]
    )
    products = [np.prod(term["factors"]) for term in found["terms"]]
    assert sum(products) == pytest.approx(expected, abs=1e-4), (layer, part)
    assert found["value"] == pytest.approx(value, abs=1e-5)


def test_a_drawing_is_laid_out_as_python_lays_it_out(page):
    random = np.random.default_rng(0)
    for height, width in [(90, 60), (33, 120), (280, 280), (7, 5)]:
        ink = random.random((height, width)).round(2) * (random.random((height, width)) > 0.8)
        found = page.evaluate(
            "(ink) => Digit.centre(ink).map((row) => Array.from(row))", ink.tolist()
        )
        assert np.abs(np.array(found) * 255 - centre_digit(ink)).max() <= 0.51
    assert page.evaluate("() => Digit.centre([[0, 0], [0, 0]])") is None


# --- drawing, pinning, pointing -------------------------------------------------------------------


def test_a_drawn_digit_is_read_and_cleared(page):
    browser_tools.stop_clock(page)
    draw_line(page)
    assert "Your drawing" in page.locator("#view").inner_text()
    page.clock.run_for(2 * 250)
    assert words(page).startswith("Step 3 of 28") and state(page)["row"] == 3  # it plays
    page.clock.run_for(30 * 250)
    assert "The LSTM says 1 (" in words(page)  # an upright stroke
    page.get_by_role("button", name="Clear the paper").click()
    assert not inked(page).any() and not page.locator("#view").is_visible()
    assert page.get_by_text("The paper is empty").is_visible()


def test_what_is_pointed_at_pinned_and_chosen_is_what_the_trace_has(open_page):
    page = open_page("#digit=5&row=11&network=gru&pins=gru-r-open")
    pinned, plain = seen_of(5, "gru", ablate={"r": 1}), seen_of(5, "rnn")
    assert f"The GRU says {said(pinned, 11)}. The RNN says {said(plain, 11)}." in words(page)
    seen, place = seen_of(5, "gru"), np.argsort(-seen_of(5, "gru").h.mean(0), kind="stable")
    pad = page.get_by_role("application", name="hidden state h").first
    box = pad.bounding_box()
    pad.hover(position={"x": 9, "y": box["height"] * 40.5 / 128})
    # With a gate pinned, the units stand as they do with it free.
    assert f"unit {place[40]}, step 1" in page.locator(".rnn-tip").inner_text()
    page.get_by_role("button", name="GRU reset: open").click()
    pad.click(position={"x": box["width"] * 13.5 / 28, "y": box["height"] * 40.5 / 128})
    told = page.locator(".rnn-tip").inner_text().replace("−", "-")
    assert told.splitlines()[1] == f"unit {place[40]}, step 14"
    assert float(told.split()[3]) == pytest.approx(seen.h[13, place[40]], abs=1e-4)
    assert page.locator(".rnn-unit table").inner_text().startswith("update gate × old h")
    assert state(page)["open"] == "h" and state(page)["unit"] == place[40]
    page.get_by_label("Layer").select_option("LSTM and GRU and RNN")
    assert page.locator(".rnn-maps .rnn-pad").count() == 11
    assert page.locator(".rnn-maps .rnn-row:visible").count() == 6  # those of the LSTM
    page.get_by_role("button", name="Read a real 2").click()
    assert page.locator(".rnn-maps .rnn-pad").count() == 11  # what was chosen stays


@pytest.mark.deep
def test_fingers_draw_and_the_palm_does_not(page):
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


# --- the link -------------------------------------------------------------------------------------


def test_a_link_opened_in_a_fresh_browser_shows_the_same(page, open_page):
    draw_line(page, (0.31, 0.62), (0.13, 0.52))
    draw_line(page, (0.62, 0.27), (0.52, 0.93))
    page.get_by_role("button", name="LSTM input: free").click()
    page.get_by_role("button", name="GRU reset: free").dblclick()
    page.get_by_label("Layer").select_option("GRU")
    page.get_by_role("slider").press("Home")
    page.get_by_role("slider").press("PageUp")
    page.locator(".rnn-unit summary").click()
    page.get_by_label("The number that is taken apart").select_option("logit of 7")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')) }")
    page.get_by_role("button", name="Copy link").click()
    address = page.get_by_label("Link to what this page shows").input_value()
    fresh = open_page("#" + address.split("#")[1])
    assert state(fresh) == state(page)
    assert state(fresh)["pins"] == {"lstm": {"i": 0}, "gru": {"r": 1}, "rnn": {}}
    assert (inked(fresh) == inked(page)).all() and inked(page).any()
    for part in ("#view .sheet-words", ".rnn-unit table", "#view output"):
        assert fresh.locator(part).first.inner_text() == page.locator(part).first.inner_text()
    page.wait_for_function("address => location.href === address", arg=address)


@pytest.mark.deep
def test_what_an_address_says_amiss_is_as_on_the_plain_page(page, open_page):
    plain = state(page)
    for bad in (
        *("digit=10", "digit=07x", "digit", "row=0", "row=1.5", "unit=128", "unit=NaN"),
        *("network=constructor", "pins=lstm-f", "pins=__proto__-f-shut", "pins=lstm-toString-shut"),
        *("__proto__=1", "drawing=", "drawing=AB!", "drawing=%00%00%00", "%E0%A4%A", "tour=x"),
        *("utm_source=mail", "drawing=" + "s5k" * 3000, "<script>", "digit=٣"),
    ):
        page.evaluate("(hash) => { location.hash = hash }", bad)
        page.wait_for_timeout(60)
        assert state(page) == plain, bad[:80]
    assert state(open_page("#digit=none"))["digit"] is None
    page.evaluate("location.hash = 'digit=1&row=3'")
    page.wait_for_function("page.state().digit === 1 && page.state().row === 3")


# --- the tour -------------------------------------------------------------------------------------


def numbers(text):
    return [float(number.replace("−", "-")) for number in re.findall(r"−?\d+(?:\.\d+)?", text)]


def settled(seen):
    answers = seen.belief.argmax(1).tolist()
    while len(answers) > 1 and answers[-2] == answers[-1]:
        answers.pop()
    return len(answers)


def near(value):
    return pytest.approx(float(value), abs=0.0051)


def test_each_stop_says_what_the_trace_says_and_it_goes_by_keyboard(page):
    seen, told = seen_of(3), []
    page.locator("#tour-start").press("Enter")
    for stop in range(1, STOPS + 1):
        assert page.locator("#tour-title").inner_text().startswith(f"Stop {stop} of {STOPS}: ")
        assert page.evaluate("document.activeElement.id") == "tour-next"
        told.append((state(page), page.locator("#tour-words").inner_text()))
        if stop < STOPS:
            page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert not page.locator("#tour").is_visible() and state(page)["digit"] == 3
    assert page.evaluate("document.activeElement.id") == "tour-start"

    ink = int((seen.x > 0).any(1).argmax())
    unit = int(abs(seen.c[ink] - seen.c[ink - 1]).argmax())
    expected = [ink, ink + 1, 128, unit, *seen.c[[ink - 1, ink], unit]]
    assert numbers(told[0][1]) == [near(value) for value in expected]

    expected = [unit, *(getattr(seen, part)[ink, unit] for part in ("f", "i", "candidate", "c"))]
    assert numbers(told[1][1]) == [near(value) for value in expected]

    weights = reader.shipped("lstm")
    W, U, b = weights.kernel[:, unit], weights.recurrent_kernel[:, unit], weights.bias[unit]
    largest = int(abs(seen.x[ink] * W).argmax())
    sum_ = seen.x[ink] @ W + seen.h[ink - 1] @ U + b
    expected = [unit, 157, 28, 128, largest + 1, (seen.x[ink] * W)[largest], sum_]
    assert numbers(told[2][1]) == [near(value) for value in [*expected, seen.i[ink, unit]]]

    now, text = told[3]
    row, unit = now["row"], now["unit"]
    kept = round(100 * seen.f[row - 8 : row, unit].prod())
    assert numbers(text) == [row - 8, unit, near(seen.c[row - 9, unit]), 8, kept, row]
    assert kept >= 70 and seen.f[row - 8 : row, unit].min() > 0.9

    turn = settled(seen)
    assert f"After row {turn - 1} the LSTM says {said(seen, turn - 1)}." in told[4][1]
    assert f"now it says {said(seen, turn)}" in told[4][1]

    digit = seen.belief[turn - 1].argmax()
    assert told[5][0]["open"] == f"logit-{digit}" and told[5][0]["row"] == turn
    belief = round(100 * seen.belief[turn - 1, digit])
    assert numbers(told[5][1]) == [digit, 129, near(seen.logits[turn - 1, digit]), belief]

    assert f"gates free the LSTM says {said(seen, 28)} after row 28;" in told[6][1]
    assert f"pinned so, it says {said(seen_of(3, ablate={'f': 0}), 28)}." in told[6][1]

    now, text = told[7]
    three = {cell: seen_of(8, cell) for cell in PARTS}
    row = settled(three["rnn"]) - 1
    assert now["row"] == row and now["network"] == "all" and now["pins"]["lstm"] == {}
    assert f"the LSTM says {said(three['lstm'], row)}, the RNN {said(three['rnn'], row)}." in text
    for cell, one in three.items():
        assert f"{cell.upper()}" in text and f"with {one.answer} from row {settled(one)} on" in text


@pytest.mark.deep
def test_a_stop_has_a_link_comes_back_and_a_drawing_outlives_the_tour(open_page):
    page = open_page("#tour=5")
    assert "When the belief turns" in page.locator("#tour-title").inner_text()
    there = state(page)
    page.get_by_role("slider").press("Home")
    page.get_by_role("button", name="Show it again").click()
    assert state(page) == there
    draw_line(page)
    page.get_by_role("button", name="Leave the tour").click()
    drawing = state(page)["drawing"]
    assert drawing and inked(page).any()
    page.locator("#tour-start").click()
    assert not inked(page).any()
    page.keyboard.press("Escape")
    assert state(page)["drawing"] == drawing


# --- for everybody --------------------------------------------------------------------------------


@pytest.mark.deep
@pytest.mark.parametrize(("width", "scheme"), [(1366, "light"), (375, "dark")])
def test_axe_finds_nothing_and_nothing_spills(open_page, width, scheme):
    page = open_page("#network=all&open=c&row=20&pins=gru-z-shut", width, 740, scheme=scheme)
    assert browser_tools.axe_finds(page) == []
    page.locator("#tour-start").click()
    for stop in range(1, STOPS + 1):
        page.wait_for_timeout(100)
        assert page.locator(".spoken").first.is_visible()
        for part in ("#tour", "#view .sheet-controls"):
            box = page.locator(part).bounding_box()
            assert box["y"] >= -1 and box["y"] + box["height"] <= 741, (stop, part)
        if stop in (4, 8):
            assert browser_tools.axe_finds(page) == []
        if stop < STOPS - 1:
            page.locator("#tour-next").click()
    for size in (100, 200):
        page.evaluate("(size) => { document.documentElement.style.fontSize = `${size}%` }", size)
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1")
