"""Lesson 8's pictures: every step has its words, and the words say what the numbers are."""

import numpy as np
import pytest

from helpers import cells, figures
from helpers.reader import ReaderWeights
from helpers.trace import trace

RNG = np.random.default_rng(8)
RESULTS = {
    "rnn": {"accuracies": [0.9, 0.91, 0.92], "images_per_s": 11000},
    "lstm": {"accuracies": [0.96, 0.97, 0.98], "images_per_s": 5100},
}


def reader(cell, seed):
    weights = cells.random_weights(cell, features=11, units=6, seed=seed)
    head = np.random.default_rng(seed)
    return ReaderWeights(cell, *weights, head.normal(size=(6, 10)), head.normal(size=10))


def test_three_cells_are_told_apart_in_words():
    words = figures.three_cells_picture().words
    assert "RNN: " in words and "GRU: " in words and "LSTM: " in words


def test_three_beliefs_step_by_step():
    image = RNG.uniform(size=(9, 11))
    traces = {cell: trace(reader(cell, n), image) for n, cell in enumerate(("rnn", "gru", "lstm"))}
    frames = figures.three_beliefs_frames(traces)
    assert len(frames) == len(set(frames.pngs)) == 9
    for step, words in enumerate(frames.words):
        assert words.startswith(f"After row {step + 1} of 9 ")
        for cell, seen in traces.items():
            best = seen.belief[step].argmax()
            said = f"the {cell.upper()} believes {best} ({seen.belief[step][best]:.0%})"
            assert said in words


def test_the_comparison_says_mean_and_range():
    words = figures.comparison_picture(RESULTS, test_digits=1000).words
    assert "RNN 91.0 % on average over 3 seeds (from 90.0 to 92.0), 11,000 images" in words
    assert "LSTM 97.0 % on average" in words


@pytest.mark.parametrize("ends", [1e-3, 1e-150])
def test_the_gradient_over_time_says_both_ends(ends):
    size = np.geomspace(ends, 0.5, 40)
    sizes = {"RNN": size[::-1], "LSTM": size, "LSTM, long memory": size**2}
    picture = figures.gradient_over_time_picture(sizes, "A title", "How much.", "pixel")
    assert picture.words.startswith("How much. RNN: 5e-01 at the first pixel")
    assert f"LSTM: {ends:.0e} at the first pixel, 5e-01 at the last" in picture.words


def test_a_gradient_that_is_zero_somewhere_is_drawn():
    size = np.array([0.0, 0.0, 1e-3, 1.0])
    assert (
        "0e+00 at the first row"
        in figures.gradient_over_time_picture({"GRU": size}, "A title", "How much.").words
    )
