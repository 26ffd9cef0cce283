"""The lessons' pictures: every step has its own picture, and the words say what the numbers are.

The words of a still picture stand in its lesson's saved outputs, with which nbval compares them
(not those of a training, which differ); of a replay only the title does. What a picture refuses is
tried in test_figures_given.py.
"""

import functools
import re
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import figures
from helpers.figures import base
from helpers.figures.learning_curves import settled_row
from helpers.trace import row_gradient, trace
from rnnscope import cells
from tests.test_figures_given import reader

RNG = np.random.default_rng(5)
STEPS, FEATURES, UNITS = 9, 7, 6  # not square, no two alike
IMAGE = RNG.random((STEPS, FEATURES)).astype("float32")


READER = reader(features=FEATURES, units=UNITS)
SEEN = trace(READER, IMAGE)
PLAIN = cells.random_weights("rnn", features=2, units=3, seed=3)
X = RNG.normal(size=(4, 2))
H = cells.unroll("rnn", X[np.newaxis], PLAIN).h[0]
READ_BY = cells.random_weights("rnn", FEATURES, 3, seed=2)
STATES = cells.unroll("rnn", IMAGE[np.newaxis], READ_BY).h[0]
MASKED = np.vstack([STATES[:4], np.repeat(STATES[3:4], 5, axis=0)])
FRAMES = {
    "padding_frames": [IMAGE, 4, STATES.tolist(), MASKED, "Padding"],
    "step_frames": [X, H, PLAIN],
}


@functools.cache
def made(name):
    return getattr(figures, name)(*FRAMES[name])


def two(values):
    return ", ".join(f"{value:.2f}".replace("-0.00", "0.00") for value in values)


# --- lessons 1 to 3 -----------------------------------------------------------------------------


def test_the_arithmetic_of_every_step_is_said():
    words, before = made("step_frames").words, np.zeros(3)
    for t, text in enumerate(words):
        total = X[t] @ PLAIN.kernel + before @ PLAIN.recurrent_kernel + PLAIN.bias
        assert f"the input {two(X[t])} gives {two(X[t] @ PLAIN.kernel)}" in text
        assert f"state {two(before)} gives {two(before @ PLAIN.recurrent_kernel)}" in text
        assert f"sum is {two(total)}, and tanh makes the new state {two(np.tanh(total))}." in text
        before = H[t]
    assert figures.step_picture(X, H, PLAIN, step=2).words == words[2]


# --- lesson 4 -----------------------------------------------------------------------------------


def numbers_in(text):
    return [float(found) for found in re.findall(r"-?\d+\.\d\d(?!\d)", text)]


def test_the_step_says_and_draws_every_number():
    numbers = {"c": 0.8, "f": 0.5, "i": 0.3, "candidate": -1, "o": 0.25}
    new = 0.8 * 0.5 - 0.3
    due = [0.8, 0.5, 0.4, -1, 0.3, -0.3, new, np.tanh(new), 0.25, 0.25 * np.tanh(new)]
    assert np.allclose(numbers_in(figures.lstm_step_picture(**numbers).words), due, atol=0.006)
    nothing = figures.lstm_step_picture(c=-0.001, f=0.5, i=0, candidate=-1, o=0).words
    assert "-0.00" not in nothing and "lets 0.00 land" in nothing


# --- lessons 5 to 9 -----------------------------------------------------------------------------


def test_padding_is_told_by_numbers():
    words = made("padding_frames").words
    assert all("true row: both states are the same" in text for text in words[:4])
    for step in range(4, STEPS):
        moved = np.abs(STATES[step] - STATES[3]).max()
        assert f"by up to {moved:.2f} without a mask, and by 0.00 with one." in words[step]


@pytest.mark.parametrize(("answers", "row"), [([3, 7, 3, 7, 7], 4), ([7, 7, 7], 1), ([1, 7], 2)])
def test_a_settled_answer_is_counted_from_one_and_for_good(answers, row):
    assert settled_row(np.array(answers)) == row
    belief = np.eye(10)[answers] * 0.9 + 0.01
    words = figures.knowing_picture(SimpleNamespace(x=IMAGE[: len(answers)], belief=belief)).words
    if row < len(answers):
        assert f"from row {row} on it answers 7," in words
    else:
        assert "only after the last row does it answer 7." in words


def test_mistakes_are_told_which_way_they_went():
    counts = np.diag(np.arange(20, 30))
    assert "mistake" not in figures.confusion_picture(counts).words
    counts[8, 3], counts[3, 8] = 7, 2
    words = figures.confusion_picture(counts).words
    assert "Of 254 digits 245 lie on the diagonal" in words and "and 9 beside it" in words
    assert "an 8 read as a 3 (7 of 35)" in words


def test_what_a_training_gave_is_told_by_its_numbers():
    words = figures.batches_picture(np.array([120, 127, 128, 122]) / 128, 0.971).words
    assert "one batch of 128 digits, for 4 batches: from 93.8 % to 100.0 %" in words
    own, readable = [0.1, 0.2, 0.3, 0.6, 0.955, 0.96], [0.1, 0.5, 0.7, 0.8, 0.96, 0.97]
    words = figures.accuracy_by_row_picture(own, readable).words
    assert "10 % after row 1, 30 % after row 3, over half from row 4" in words
    assert "within 1 point of the final 96.0 % from row 5 of 6" in words
    words = figures.settling_picture([3, 5, 9], [7, 7, 2]).words
    assert words.endswith("from the earliest digit to the latest: 7 at row 4, 2 at row 9.")
    images, labels = RNG.integers(0, 255, (4, 28, 20)), np.array([8, 1, 4, 5])
    beliefs = np.eye(10)[[3, 1, 9, 6]] * np.array([[0.6], [0.9], [0.999], [0.7]])
    assert figures.mistakes_picture(images, labels, beliefs).words == (
        "3 of 3 misread digits, surest first: a 4 read as 9 (> 99 %), a 5 read as 6 (70 %), "
        "an 8 read as 3 (60 %)."
    )
    assert f"moment: {SEEN.answer}, with" in figures.overview_picture(SEEN, 9).words


@pytest.mark.parametrize("draw", ["every gate", "hand"])
def test_a_figure_that_is_filled_anew_shows_nothing_of_what_was_there(draw, monkeypatch):
    def layers_of(image):
        seen = trace(READER, image)
        if draw == "every gate":
            return figures.every_gate_frames(seen).layers
        return figures.hand_frames(seen, row_gradient(READER, image)).layers

    images, new = [IMAGE, IMAGE[::-1] * 0.4, np.zeros_like(IMAGE)], []
    for each in images:
        base._stage.cache_clear()
        new.append(layers_of(each))
    monkeypatch.setattr(base, "new_figure", None)  # to build one now would raise
    assert [layers_of(each) for each in images] == new


def test_the_same_blow_is_as_deep_in_replays_of_one_scale():
    blows = np.array([[0, 1, 0], [0, 1, 0.0]])
    kept, forgot = (
        figures.sheet_frames(states, blows, "Blows", deepest=2)
        for states in (blows.cumsum(0), blows)
    )
    assert kept.image(0) == forgot.image(0)
    with pytest.raises(ValueError, match="deepest must be at least 2; there is 1"):
        figures.sheet_frames(blows.cumsum(0), blows, "Blows", deepest=1)
