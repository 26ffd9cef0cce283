"""The student's page, held to the equations that helpers.cells computes and to the conversions."""

import re

import numpy as np
import pytest

from helpers import cells
from helpers.cells import BLOCKS
from helpers.checks.lesson_05 import TO_KERAS
from helpers.network.torch import ORDER
from tests.notebook_tools import ROOT

TEXT = (ROOT / "docs" / "sheet.md").read_text(encoding="utf-8")
FORMULAS = re.findall(r"\$\$(.*?)\$\$", TEXT, re.DOTALL)


def rows():
    """Return the table of the libraries as {what: [Keras, PyTorch, TensorFlow 1]}."""
    table = TEXT.partition("## Where the gates are kept")[2]
    lines = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {what.strip(): [cell.strip(" |") for cell in cells] for what, *cells in lines}


def formula(*lines_with):
    [found] = [each for each in FORMULAS if all(part in each for part in lines_with)]
    return found


def as_python(latex):
    """Return the lines of a formula as Python: {what is made: the expression}."""
    latex = re.sub(r"\\begin\{array\}\{lcl\}|\\end\{array\}|&", "", latex)
    for before, after in (
        (r"\\sigma\(", "sigmoid("), (r"\\tanh\(", "tanh("), (r"\\odot", "*"),
        (r"\\tilde (\w)_t", r"candidate"), (r"(\w)_\{t-1\}", r"\1_before"), (r"\(1 -", "(1 -"),
        (r"(x_t|\w_before) (W|U)", r"\1 @ \2"),
    ):  # fmt: skip
        latex = re.sub(before, after, latex)
    lines = [line.strip() for line in latex.split(r"\\") if line.strip()]
    assert not any("\\" in line for line in lines), lines
    return dict(re.split(r"\s*=\s*", line, maxsplit=1) for line in lines)


def computed(latex, names):
    """Compute a formula line by line, as it stands on the page."""
    names = {"sigmoid": cells.sigmoid, "tanh": np.tanh, **names}
    for made, expression in as_python(latex).items():
        names[made] = eval(expression, {}, names)
    return names


def drawn(cell):
    weights = cells.random_weights(cell, features=5, units=3, seed=4)
    rng = np.random.default_rng(9)
    weights = weights._replace(bias=rng.normal(size=weights.bias.shape))
    return weights, rng.normal(size=(2, 5)), rng.normal(size=(2, 3)), rng.normal(size=(2, 3))


def blocks(weights, letters):
    """Return W_i, U_i, b_i, … of the letters of the blocks, as a formula has them."""
    names, bias = {}, np.atleast_2d(weights.bias)
    kernels = {"W": weights.kernel, "U": weights.recurrent_kernel, "b": bias[0], "d": bias[-1]}
    for name, array in kernels.items():
        for letter, block in zip(letters, np.split(array, len(letters), axis=-1), strict=True):
            names[f"{name}_{letter}".rstrip("_")] = block
    return names


@pytest.mark.parametrize(
    ("cell", "letters", "parts"),
    [
        ("rnn", [""], ["x_t W +"]),
        ("lstm", "ifco", ["i_t", "W_f"]),
        ("gru", "zrh", ["z_t", "W_r"]),
    ],
)
def test_the_equations_are_what_is_computed(cell, letters, parts):
    weights, x_t, h, c = drawn(cell)
    names = {"x_t": x_t, "h_before": h, "c_before": c, **blocks(weights, letters)}
    made = computed(formula(*parts), names)
    if cell == "lstm":
        due, due_c = cells.lstm_step(x_t, h, c, weights)
        assert np.allclose(made["c_t"], due_c)
    else:
        due = getattr(cells, f"{cell}_step")(x_t, h, weights)
    assert np.allclose(made["h_t"], due)


def test_kerass_orders_are_those_of_the_cells():
    lstm, gru = (rows()[f"{cell}, order of the blocks"][0] for cell in ("LSTM", "GRU"))
    assert lstm.replace("c", "candidate").split(", ") == list(BLOCKS["lstm"])
    assert gru.replace("h", "candidate").split(", ") == list(BLOCKS["gru"])


@pytest.mark.parametrize(("cell", "letter"), [("lstm", "g"), ("gru", "n")])
def test_pytorchs_orders_are_those_of_the_conversion(cell, letter):
    theirs = [None] * len(ORDER[cell])
    for block, place in zip(BLOCKS[cell], ORDER[cell], strict=True):
        theirs[place] = letter if block == "candidate" else block
    assert rows()[f"{cell.upper()}, order of the blocks"][1].split(", ") == theirs


def test_tensorflow_1s_order_is_that_of_the_conversion():
    _, _, bias = TO_KERAS.right(np.zeros((3, 4)), np.arange(4.0), forget_bias=10.0)
    due = [None] * 4
    for block, value in zip("ifjo", bias, strict=True):
        due[int(value) % 10] = block
    assert rows()["LSTM, order of the blocks"][2].split(", ") == due
    assert [block for block, value in zip("ifjo", bias, strict=True) if value >= 10] == ["f"]


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_counts_of_weights_are_right(cell):
    [line] = re.findall(rf"^\| {cell.upper()} \| \d.*$", TEXT, re.MULTILINE)
    *_, formula, count = (part.strip() for part in line.strip("| ").split(" | "))
    expression = formula.replace("·", "*")
    assert eval(expression, {"units": 128, "features": 28}) == int(count.replace(",", ""))
    weights = cells.random_weights(cell, features=7, units=4, seed=0)
    assert eval(expression, {"units": 4, "features": 7}) == sum(array.size for array in weights)
