"""A drawing laid out as MNIST lays out its digits."""

import numpy as np
import pytest

from helpers.centring import centre_digit
from helpers.digits import small_digits


def test_mnist_digits_stay_what_they_are():
    """The same layout applied to laid-out digits changes (almost) nothing."""
    images = small_digits().x_test[:200]
    same = [np.array_equal(centre_digit(image), image) for image in images]
    assert np.mean(same) > 0.95


def test_ink_keeps_its_proportions_and_its_centre_wherever_it_lies_and_how_large():
    wide = np.zeros((50, 90))
    wide[20:30, 10:80] = 1
    digit = centre_digit(wide) / 255
    ys, xs = np.flatnonzero(digit.any(1)), np.flatnonzero(digit.any(0))
    assert (len(ys), len(xs)) == (3, 20)
    assert (digit.sum(1) * np.arange(28)).sum() / digit.sum() == pytest.approx(14, abs=0.5)
    assert (digit.sum(0) * np.arange(28)).sum() / digit.sum() == pytest.approx(14, abs=0.5)
    large = np.zeros((300, 380))
    large[60:260, 8:368] = np.kron(wide, np.ones((4, 4)))
    np.testing.assert_array_equal(centre_digit(large), centre_digit(wide))


def test_masks_uint8_and_floats_are_one():
    ink = np.random.default_rng(0).random((33, 21)).round(1)
    whole = centre_digit((ink * 255).round().astype(np.uint8))
    np.testing.assert_allclose(whole.astype(int), centre_digit(ink), atol=1)
    np.testing.assert_array_equal(centre_digit(ink > 0.7), centre_digit((ink > 0.7) * 1.0))


@pytest.mark.parametrize(
    ("ink", "words"),
    [(np.zeros((9, 9)), "Nothing is drawn"), (np.zeros((0, 7)), "Nothing is drawn"),
     (np.ones((9, 9, 3)), "grey image"), (np.full((9, 5), 255), "ink of a drawing is uint8"),
     (np.full((9, 5), np.nan), "ink of a drawing is uint8"), (np.full((9, 5), "ink"), "is uint8")],
)  # fmt: skip
def test_what_is_no_drawing_is_refused(ink, words):
    with pytest.raises(ValueError, match=words):
        centre_digit(ink)
