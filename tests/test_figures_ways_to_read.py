"""The three ways to read: words for every step, and frames that show what the words say."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers import cells, figures

RNG = np.random.default_rng(5)
IMAGE = RNG.uniform(size=(9, 7))  # not square, no two rows alike


def assert_tells_every_step(frames, steps):
    assert len(frames.pngs) == len(frames.words) == steps
    assert len(set(frames.words)) == steps
    assert all(text.endswith(".") for text in frames.words)
    assert all(png[:4] == b"\x89PNG" for png in frames.pngs)
    assert frames.nbytes < 300_000


def test_dense_frames_show_every_unit_and_the_largest_sum():
    kernel, bias = RNG.normal(size=(63, 4)), RNG.normal(size=4)
    frames = figures.dense_frames(IMAGE, kernel, bias)
    assert_tells_every_step(frames, 4)
    assert len(set(frames.pngs)) == 4
    sums = IMAGE.reshape(-1) @ kernel + bias
    for n, text in enumerate(frames.words):
        assert f"Neuron {n} " in text and "all 63 pixels" in text
        assert f"Its sum is {sums[n]:.1f}" in text
        assert f"that of neuron {sums.argmax()}, {sums.max():.1f}." in text


def test_dense_frames_change_the_weights_and_leave_the_digit():
    frames = figures.dense_frames(IMAGE, RNG.normal(size=(63, 4)), np.zeros(4))
    pictures = [Image.open(io.BytesIO(png)).convert("L") for png in frames.pngs]
    pictures = np.array(pictures, dtype=int)[:, frames.height // 3 : 2 * frames.height // 3]
    changes = np.abs(pictures[1:] - pictures[0]).max(axis=1)
    width = frames.width  # each palette moves the digit's greys a little
    assert (changes[:, : width // 5] < 25).all()
    assert (changes[:, width // 4 : 2 * width // 5].max(axis=1) > 60).all()


@pytest.mark.parametrize(("step", "places"), [(1, 7 * 4), (2, 4 * 2), (3, 3 * 2)])
def test_window_frames_stop_at_every_place_and_give_its_sum(step, places):
    window = RNG.normal(size=(3, 4))
    frames = figures.window_frames(IMAGE, window, step)
    assert_tells_every_step(frames, places)
    assert len(set(frames.pngs)) == places
    row, column = 1, 1  # the second place of the second row of places
    across = (7 - 4) // step + 1
    part = IMAGE[row * step : row * step + 3, column * step : column * step + 4]
    text = frames.words[row * across + column]
    assert f"from row {step + 1} and column {step + 1} on" in text
    assert f"Its sum is {(part * window).sum():.1f}." in text


def test_rows_frames_hand_each_state_to_the_next_step():
    weights = cells.random_weights("rnn", features=7, units=3, seed=2)
    h = cells.unroll("rnn", IMAGE[np.newaxis], weights).h[0]
    frames = figures.rows_frames(IMAGE, h)
    assert_tells_every_step(frames, 9)
    assert len(set(frames.pngs)) == 9
    assert "the state 0.00, 0.00, 0.00." in frames.words[0]
    for earlier, later in zip(frames.words[:-1], frames.words[1:], strict=True):
        handed_on = earlier.split("hands on ")[1]
        assert f"the state {handed_on}" in later


def test_rows_frames_of_a_wide_state_say_how_much_they_tell():
    h = RNG.uniform(-1, 1, (9, 16))
    frames = figures.rows_frames(IMAGE, h)
    assert all("(the first 5 of 16)" in text for text in frames.words)


def test_neuron_picture_says_its_arithmetic():
    words = figures.neuron_picture([2, 1, 3], [0.5, -1, -0.5], 2).words
    for part in ("2 times 0.5", "1 times -1", "3 times -0.5", "bias 2", "0.46"):
        assert part in words
    assert "The sum is 0.5," in words


def test_three_ways_picture_counts_what_each_sees():
    words = figures.three_ways_picture(IMAGE, window=4).words
    assert "all 63 pixels" in words and "4 x 4" in words and "one row of 7" in words


def test_sequences_picture_takes_images_of_different_shapes():
    picture = figures.sequences_picture({"9 x 7": IMAGE, "3 x 21": IMAGE.reshape(3, 21)}, "Two.")
    assert picture.words == "Two." and picture.width > picture.height
