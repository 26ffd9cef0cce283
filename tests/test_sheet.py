"""The student's page: its orders of blocks are those of the conversions, its counts are right."""

import re

import numpy as np
import pytest

from helpers.checks.lesson_05 import TO_KERAS
from rnnscope import cells
from rnnscope.cells import BLOCKS
from rnnscope.weights_alone import ORDER
from tests.notebook_tools import ROOT

TEXT = (ROOT / "docs" / "sheet.md").read_text(encoding="utf-8")


def rows():
    """Return the table of the libraries as {what: [Keras, PyTorch, TensorFlow 1]}."""
    table = TEXT.partition("## Where the gates are kept")[2]
    lines = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {what.strip(): [cell.strip(" |") for cell in cells] for what, *cells in lines}


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
