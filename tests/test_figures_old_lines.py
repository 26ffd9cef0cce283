"""The pictures of lesson 5: every step has its words, and what should move moves."""

import numpy as np
import pytest

from helpers.figures import difference_frames, layouts_picture, padding_frames

STEPS, LENGTH = 9, 4


@pytest.fixture
def image():
    return np.random.default_rng(0).random((STEPS, 5))


def test_the_layouts_say_both_orders_and_where_the_forget_bias_is():
    words = layouts_picture().words
    assert "i, j, f, o" in words and "i, f, c, o" in words and "forget bias" in words


def test_differences_are_told_by_name_at_every_step(image):
    large = np.linspace(0.1, 0.9, STEPS)
    frames = difference_frames(image, {"copied": large, "moved": np.zeros(STEPS)}, "Two ways")
    assert len(frames) == len(set(frames.pngs)) == len(set(frames.words)) == STEPS
    assert frames.words[0] == (
        "After row 1 of 9 the outputs differ by 0.100 (copied), less than 0.000001 (moved)."
    )
    assert "0.900 (copied)" in frames.words[-1]


def test_padding_is_told_from_the_first_row_after_the_true_ones(image):
    plain = np.random.default_rng(1).normal(size=(STEPS, 3))
    masked = plain.copy()
    masked[LENGTH:] = masked[LENGTH - 1]
    frames = padding_frames(image, LENGTH, plain.tolist(), masked, "With and without a mask")
    assert len(frames) == len(set(frames.pngs)) == STEPS
    assert all("true row" in words for words in frames.words[:LENGTH])
    moved = np.abs(plain - plain[LENGTH - 1]).max(axis=1)
    for step in range(LENGTH, STEPS):
        assert f"moved by up to {moved[step]:.2f} without a mask" in frames.words[step]
        assert "and by 0.00 with one" in frames.words[step]
