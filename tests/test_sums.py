"""A number of the reader page taken apart: its products, their sum, and what is shown of them."""

import re

import numpy as np
import pytest

from helpers import reader, trace
from helpers.digits import small_digits
from rnnscope import cells
from tests.test_web_reader import built, draw_line, open_page, page, row  # noqa: F401

GATES = {"lstm": ("i", "f", "candidate", "o"), "gru": ("z", "r", "candidate"), "rnn": ("h",)}
APART = """
([cell, pixels, pins, wanted]) => {
  const rows = pixels.map((row) => row.map((value) => value / 255));
  const one = Cells.unpack(READERS.find((packed) => packed.cell === cell));
  const reading = Cells.read(one, rows, pins);
  return wanted.map(([letter, t, unit]) => {
    const sum = Sums.apart(one, rows, reading, letter, t, unit);
    return { ...sum, ranked: Sums.ranked(sum, 5), all: Sums.ranked(sum, Infinity) };
  });
}
"""


def product(cell, weights, seen, letter, t, unit):
    """Return the products that make a number's sum, by where they come from; in NumPy."""
    W, U, b = weights.kernel, weights.recurrent_kernel, weights.bias
    h = seen.h[t - 1] if t else np.zeros(weights.units)
    if letter == "logits":
        return {"state": seen.h[t] * weights.head_kernel[:, unit], "bias": weights.head_bias[unit]}
    column = GATES[cell].index(letter) * weights.units + unit
    made = {"row": seen.x[t] * W[:, column], "state": h * U[:, column]}
    if cell != "gru":
        return made | {"bias": b[column]}
    reset = seen.r[t, unit] if letter == "candidate" else 1
    made["state"] = reset * made["state"]
    return made | {"bias": [b[0, column], reset * b[1, column]]}


@pytest.mark.parametrize(
    ("cell", "pins"),
    [("lstm", {}), ("gru", {}), ("rnn", {}), ("lstm", {"f": 1, "i": 0}), ("gru", {"r": 0})],
)
def test_the_products_and_their_sum_are_those_of_the_trace(page, cell, pins):  # noqa: F811
    weights, random = reader.shipped(cell), np.random.default_rng(len(cell))
    for image in small_digits().x_test[random.integers(0, 200, 4)]:
        seen = trace.trace(weights, image, ablate=pins or None)
        wanted = [
            (letter, t, int(random.integers(10 if letter == "logits" else 128)))
            for letter in (*GATES[cell], "logits")
            for t in (0, 1, *random.integers(2, 28, 4).tolist())
        ]
        found = page.evaluate(APART, [cell, image.tolist(), pins, wanted])
        for (letter, t, unit), sum_ in zip(wanted, found, strict=True):
            expected = product(cell, weights, seen, letter, t, unit)
            for source, products in expected.items():
                given = [term["product"] for term in sum_["terms"] if term["from"] == source]
                assert np.abs(np.array(given) - products).max() <= 1e-5
            whole = sum(np.sum(products) for products in expected.values())
            assert sum_["sum"] == pytest.approx(whole, abs=1e-4)
            shown = seen.belief if letter == "logits" else getattr(seen, letter)
            assert sum_["value"] == pytest.approx(shown[t, unit], abs=1e-5)
            if letter not in (*pins, "logits"):
                made = {"sigmoid": cells.sigmoid, "tanh": np.tanh}[sum_["activation"]](whole)
                assert sum_["value"] == pytest.approx(made, abs=2e-5)


# --- on the page ----------------------------------------------------------------------------------


def open_number(page, label):  # noqa: F811
    page.get_by_label("Take a number apart:").select_option(label=label)


def table(page):  # noqa: F811
    """Return the lines of the table: (name, input × weight or "", product)."""
    lines = page.locator("#sum tbody tr, #sum tfoot tr").all()
    cells_ = [line.locator("th, td").all_inner_texts() for line in lines]
    return [(c[0], c[1] if len(c) == 3 else "", number(c[-1])) for c in cells_]


def number(text):
    return float(text.replace("−", "-"))


def seen_of(label, cell="lstm", **more):
    image = small_digits().x_test[small_digits().y_test == label][0]
    return trace.trace(reader.shipped(cell), image, **more)


@pytest.mark.deep
def test_the_table_comes_to_the_value_shown(page):  # noqa: F811
    page.get_by_role("button", name="Read a real 6").click()
    row(page).press("Home")
    row(page).press("PageUp")
    row(page).press("PageUp")
    page.get_by_label("Unit, 0 to 127:").fill("33")
    open_number(page, "GRU: candidate")
    value = seen_of(6, "gru").candidate[10, 33]
    lines = table(page)
    assert [line[0] for line in lines[-2:]] == ["sum", "tanh"]
    assert lines[-1][2] == pytest.approx(value, abs=6e-5)
    assert np.tanh(lines[-2][2]) == pytest.approx(value, abs=1e-4)
    assert re.fullmatch(r"the rest together: \d+ products", lines[5][0])
    assert sum(line[2] for line in lines[:6]) == pytest.approx(lines[-2][2], abs=4e-4)
    assert f"row 11: {28 + 128 + 2} products" in words(page)
    page.get_by_role("button", name="Show all").click()
    assert len(table(page)) == 28 + 128 + 2 + 2


def words(page):  # noqa: F811
    return page.locator("#sum-words").inner_text()


def test_a_number_stays_open_and_follows_row_unit_digit_and_pin(page):  # noqa: F811
    open_number(page, "LSTM: forget gate")
    assert page.locator("#sum-words").get_attribute("aria-live") == "polite"
    assert words(page).startswith("LSTM, forget gate of unit 0, row 28: 157 products sum to ")
    row(page).press("ArrowLeft")
    page.get_by_label("Unit, 0 to 127:").fill("9")
    assert words(page).startswith("LSTM, forget gate of unit 9, row 27: ")
    assert table(page)[-1][2] == pytest.approx(seen_of(3).f[26, 9], abs=6e-5)
    page.get_by_role("button", name="forget gate: free").click()
    assert "pinned shut, it is 0.0000 whatever its sum" in words(page)
    assert table(page)[-1][0] == "pinned"
    page.get_by_role("button", name="Clear the paper").click()
    assert words(page) == "Nothing to read yet."
    assert not page.locator("#sum table").is_visible()
    page.get_by_role("button", name="Read a real 0").click()
    row(page).press("End")
    assert "pinned shut" in words(page)
    open_number(page, "none")
    assert not page.locator("#sum").is_visible()
