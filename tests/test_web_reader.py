"""The page that reads a drawn digit in the visitor's browser: its numbers, its controls, its words.

The page is opened from the disk with every outside request refused.
"""

import json
import os

import numpy as np
import pytest

from helpers import reader, trace
from helpers.digits import small_digits
from helpers.drawing import centre_digit
from tests import browser_tools
from tools import build_site

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
def browser():
    reason = browser_tools.why_no_browser()
    if reason and os.environ.get("SHEET_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with browser_tools.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "reader"
    build_site.build_reader_page(folder)
    return folder / "index.html"


@pytest.fixture
def page(browser, built):
    page, watch = browser_tools.new_page(browser, width=1300, height=1100)
    page.goto(built.as_uri())
    yield page
    faults = watch.faults()
    page.close()
    assert not faults


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
    for image in small_digits().x_test[:12]:
        found = page.evaluate(READ, [cell, image.tolist(), {}])
        differences(found, trace.trace(weights, image), cell)


@pytest.mark.parametrize(
    ("cell", "pins"),
    [("lstm", {"f": 1}), ("lstm", {"i": 0, "o": 1}), ("gru", {"z": 0}), ("gru", {"r": 1})],
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


def test_a_digit_drawn_with_the_mouse_is_read(page):
    box = page.locator("#paper").bounding_box()
    before = shown(page)
    page.get_by_role("button", name="Clear the paper").click()
    across = [box["x"] + box["width"] * part for part in (0.5, 0.5)]
    down = [box["y"] + box["height"] * part for part in (0.15, 0.85)]
    page.mouse.move(across[0], down[0])
    page.mouse.down()
    page.mouse.move(across[1], down[1], steps=12)
    page.mouse.up()
    page.get_by_label("Row", exact=True).press("End")
    assert "your drawing, after row 28 of 28" in shown(page)
    assert shown(page) != before
    assert answers(page)[0].startswith("1 ")  # an upright stroke


def test_the_slider_shows_every_row_by_keyboard_and_pointer(page):
    page.get_by_role("button", name="Read a real 7").click()
    slider = page.get_by_label("Row", exact=True)
    slider.press("Home")
    words = []
    for row in range(1, 29):
        words.append(shown(page))
        assert f"after row {row} of 28" in words[-1]
        slider.press("ArrowRight")
    assert len(set(words)) == 28
    expected = trace.trace(
        reader.shipped("lstm"), small_digits().x_test[small_digits().y_test == 7][0]
    )
    best = expected.belief[-1].argmax()
    assert answers(page)[0] == f"{best} ({expected.belief[-1, best] * 100:.0f} %)"


def test_play_previous_next(page):
    page.get_by_role("button", name="Read a real 2").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("Row", exact=True).press("Home")
    page.get_by_role("button", name="Next").click()
    assert "row 2 of 28" in shown(page)
    page.get_by_role("button", name="Previous").click()
    assert "row 1 of 28" in shown(page)
    page.get_by_label("rows a second").select_option("16")
    page.get_by_role("button", name="Play").click()
    page.get_by_text("after row 28 of 28").wait_for(timeout=10_000)


def test_a_click_pins_a_gate_and_the_belief_follows(page):
    page.get_by_role("button", name="Read a real 3").click()
    slider = page.get_by_label("Row", exact=True)
    slider.press("End")
    free = page.evaluate("Array.from(page.readings.lstm[27].belief)")
    gate = page.get_by_role("button", name="forget gate: free")
    gate.click()
    shut = page.evaluate("Array.from(page.readings.lstm[27].belief)")
    image = small_digits().x_test[small_digits().y_test == 3][0]
    expected = trace.trace(reader.shipped("lstm"), image, ablate={"f": 0}).belief[-1]
    assert np.abs(np.array(shut) - expected).max() <= 1e-5
    assert np.abs(np.array(shut) - free).max() > 1e-3
    for words in ("shut", "open"):
        page.get_by_role("button", name=f"forget gate: {words}").click()
    again = page.evaluate("Array.from(page.readings.lstm[27].belief)")
    np.testing.assert_array_equal(again, free)


def test_the_value_under_the_pointer_is_the_true_one(page):
    page.get_by_role("button", name="Read a real 5").click()
    page.get_by_label("Row", exact=True).press("End")
    heat = page.locator('canvas[data-part="c"]')
    heat.scroll_into_view_if_needed()
    box = heat.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 10.5 / 28, box["y"] + box["height"] * 40.5 / 128)
    seen = trace.trace(reader.shipped("lstm"), small_digits().x_test[small_digits().y_test == 5][0])
    said = page.locator("#value").inner_text()
    assert said.startswith("LSTM, cell state c, unit 40, row 11: ")
    assert float(said.rsplit(" ", 1)[1]) == pytest.approx(seen.c[10, 40], abs=1e-5)


def test_one_unit_can_be_read_without_a_pointer(page):
    page.get_by_role("button", name="Read a real 5").click()
    page.get_by_label("Row", exact=True).press("End")
    page.get_by_label("Unit, 0 to 127:").fill("40")
    seen = trace.trace(reader.shipped("lstm"), small_digits().x_test[small_digits().y_test == 5][0])
    assert f"cell state c {seen.c[27, 40]:.4f}" in page.locator("#unit-values").inner_text()
    page.get_by_label("Unit, 0 to 127:").fill("999")
    assert f"{seen.c[27, 127]:.4f}" in page.locator("#unit-values").inner_text()


def test_two_hundred_fast_events_end_where_they_should(page):
    page.get_by_role("button", name="Read a real 8").click()
    page.get_by_label("Row", exact=True).press("Home")
    page.evaluate(
        """() => { const row = document.getElementById("row");
        for (let n = 0; n < 200; n++) { row.value = 1 + (n * 7) % 28; row.oninput(); } }"""
    )
    assert f"row {1 + (199 * 7) % 28} of 28" in shown(page)


def test_axe_finds_no_violation(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    violations = found.response["violations"]
    assert not violations, json.dumps(
        [(v["id"], [n["html"] for n in v["nodes"][:3]]) for v in violations], indent=1
    )


def test_text_at_200_percent_stays_on_the_page(page):
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
