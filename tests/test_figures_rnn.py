"""Pictures of the plain RNN: their numbers are those of the network, in every step."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers import cells, figures

RNG = np.random.default_rng(7)
WEIGHTS = cells.random_weights("rnn", features=2, units=3, seed=3)
X = RNG.normal(size=(4, 2))
H = cells.unroll("rnn", X[np.newaxis], WEIGHTS).h[0]


def two(values):
    return ", ".join(f"{value:.2f}".replace("-0.00", "0.00") for value in values)


def test_step_frames_do_the_arithmetic_of_every_step():
    frames = figures.step_frames(X, H, WEIGHTS)
    assert len(frames) == len(set(frames.pngs)) == 4
    before = np.zeros(3)
    for t, text in enumerate(frames.words):
        total = X[t] @ WEIGHTS.kernel + before @ WEIGHTS.recurrent_kernel + WEIGHTS.bias
        assert f"the input {two(X[t])} gives {two(X[t] @ WEIGHTS.kernel)}" in text
        assert f"the old state {two(before)} gives {two(before @ WEIGHTS.recurrent_kernel)}" in text
        assert f"the sum is {two(total)}" in text
        assert text.endswith(f"tanh makes the new state {two(np.tanh(total))}.")
        before = H[t]


def test_step_picture_is_one_of_the_frames():
    words = figures.step_frames(X, H, WEIGHTS).words
    assert figures.step_picture(X, H, WEIGHTS, step=2).words == words[2]
    first, third = (figures.step_picture(X, H, WEIGHTS, step).png for step in (0, 2))
    assert first != third


def test_unrolled_frames_hand_every_state_on():
    frames = figures.unrolled_frames(X, H, names=["I", "see", "a", "dog"], read="last")
    assert len(frames) == len(set(frames.pngs)) == 4
    assert "the state 0.00, 0.00, 0.00 give" in frames.words[0]
    for t in (1, 2, 3):
        assert f"the state {two(H[t - 1])} give the state {two(H[t])}" in frames.words[t]
    assert all("handed on" in text and "read" not in text for text in frames.words[:-1])
    assert "read as an answer" in frames.words[-1] and "handed on" not in frames.words[-1]


def test_unrolled_frames_that_read_all_say_both():
    words = figures.unrolled_frames(X, H, read="all").words
    assert all("read as an answer" in text for text in words)
    assert all("handed on" in text for text in words[:-1])


def test_unrolled_picture_shows_which_states_are_read():
    pictures = {read: figures.unrolled_picture(X, H, read) for read in ("none", "last", "all")}
    assert len({p.png for p in pictures.values()}) == 3
    assert "read" not in pictures["none"].words
    assert "Only the last state, h_4, is read" in pictures["last"].words
    for t in range(4):
        assert f"h_{t + 1} is {two(H[t])}" in pictures["none"].words
    with pytest.raises(ValueError, match="none, last or all"):
        figures.unrolled_picture(X, H, "first")


def test_gradient_frames_walk_from_the_last_row_to_the_first():
    image, gradient = RNG.uniform(size=(9, 7)), RNG.normal(size=(9, 7))
    frames = figures.gradient_frames(image, gradient)
    assert len(frames) == len(set(frames.pngs)) == 9
    sizes = np.linalg.norm(gradient, axis=1)
    for step, text in enumerate(frames.words):
        assert text.startswith(f"Back at row {9 - step} of 9:")
        assert f"the size {sizes[8 - step]:.2g}," in text


def height_of_the_mark(png):
    """Where the mark of `now` stands in the left third of a picture, in pixels from the top."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    left = pixels[:, : pixels.shape[1] // 4]
    orange = np.abs(left - (0xD5, 0x5E, 0)).sum(axis=2) < 60
    assert orange.any()
    return np.nonzero(orange)[0].mean()


def test_the_mark_of_the_gradient_climbs():
    image, gradient = RNG.uniform(size=(9, 7)), RNG.normal(size=(9, 7))
    heights = list(map(height_of_the_mark, figures.gradient_frames(image, gradient).pngs))
    assert heights == sorted(heights, reverse=True) and heights[0] > 2 * heights[-1]


def test_gradient_frames_take_a_row_without_gradient():
    gradient = RNG.normal(size=(9, 7))
    gradient[2] = 0
    assert len(figures.gradient_frames(RNG.uniform(size=(9, 7)), gradient)) == 9


def test_gradient_frames_of_no_gradient_at_all_say_so():
    with pytest.raises(ValueError, match="zero everywhere"):
        figures.gradient_frames(np.ones((9, 7)), np.zeros((9, 7)))


def test_scale_frames_tell_what_is_left_at_the_first_row():
    sizes = np.array([[1e-6, 1e-3, 1], [0.5, 0.7, 1], [300, 20, 1]])
    frames = figures.scale_frames([0.5, 1, 2], sizes)
    assert len(frames) == len(set(frames.pngs)) == 3
    assert "scale 0.5: at row 1 the gradient has 1e-06 times" in frames.words[0]
    assert "scale 2: at row 1 the gradient has 3e+02 times its size at row 3" in frames.words[2]
