"""The judgements alone: what is understood, what is refused, and with which words."""

from pathlib import Path

import numpy as np
import pytest

from helpers import judge

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 7, 5), dtype=np.uint8)
PIXELS[1, 2, :2] = 0, 255
DIGITS = np.array([3, 0, 9, 1])


def refusal(function, *arguments, **settings):
    """Return the sentence with which something is refused."""
    with pytest.raises((ValueError, TypeError)) as error:
        function(*arguments, **settings)
    return str(error.value)


# --- images ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        PIXELS,
        PIXELS.astype(np.int64),
        PIXELS.astype(">i2"),
        PIXELS.tolist(),
        np.asfortranarray(PIXELS),
        PIXELS / 255,
        (PIXELS / 255).astype(">f4"),
        np.ma.array(PIXELS),
    ],
    ids=[
        "uint8",
        "int64",
        "big-endian",
        "lists",
        "Fortran",
        "float64",
        "swapped float",
        "unmasked",
    ],
)
def test_images_of_every_honest_kind_become_the_same_rows(given):
    rows = judge.rows(judge.images(given, time_steps=7, features=5))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, PIXELS / 255, atol=1e-7)
    np.testing.assert_array_equal(judge.rows(judge.image(PIXELS[2])), rows[2])


def test_true_is_ink_and_an_empty_sheet_stays_readable():
    ink = PIXELS > 100
    np.testing.assert_array_equal(judge.rows(judge.images(ink)), ink)
    assert judge.images(ink, uint8=True).dtype == np.uint8
    for empty in (PIXELS * 0, PIXELS[:0], PIXELS * 0.0):
        assert judge.rows(judge.images(empty)).sum() == 0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((PIXELS > 100).astype(np.uint8), "none above 1: .* give images * 255"),
        ((PIXELS > 100).astype(int), "give images * 255"),
        (PIXELS / 255 / 255, "divided by 255 twice"),
        (PIXELS.astype(float), "values from 0 to 255. Divide by 255"),
        (PIXELS / 127.5 - 1, "with (images + 1) / 2"),
        (PIXELS / 255 * np.nan, "nan or infinite"),
        (PIXELS.astype(int) + 1, "from 1 to 256: give whole numbers from 0 to 255"),
        (-PIXELS.astype(int), "to 0: give whole numbers"),
        (PIXELS.reshape(4, 35), "images.reshape(-1, 7, 5)"),
        (PIXELS[0], "images[np.newaxis]"),
        (PIXELS[..., np.newaxis], "images[..., 0]"),
        (PIXELS[:, np.newaxis], "images[:, 0]"),
        (np.stack([PIXELS] * 3, axis=-1), "make them grey"),
        (PIXELS[:, :0], "the shape (4, 0, 5): give (n, time steps, 5)"),
        (PIXELS.swapaxes(1, 2), "rows of 5 features: images must have the shape"),
        (PIXELS.astype(str), "images.astype('uint8')"),
        (PIXELS.astype(object), "images.astype('uint8')"),
        (PIXELS.astype(complex), "complex numbers"),
        (None, "images is None"),
        ("seven", "images is 'seven'"),
        ([[1, 2], [3]], "all rows of the same length"),
        (np.ma.array(PIXELS, mask=PIXELS > 9), "masked entries"),
    ],
)
def test_images_that_could_mean_two_things_are_refused(given, says):
    found = refusal(judge.images, given, features=5)
    for part in says.split(" .* "):
        assert part in found
    assert found.startswith(("images ", "Float images ", "The reader reads rows of"))


def test_flattened_images_are_not_one_image():
    assert "reshape(-1, 28, 28)" in refusal(judge.image, np.zeros((3, 784), np.uint8))
    found = refusal(judge.image, np.zeros((1797, 64), np.uint8), "scan")
    assert "like 1797 flattened images: give scan.reshape(-1, 8, 8)" in found
    assert "give scan[np.newaxis]" in found
    for one in [(28, 16), (200, 64), (784, 1), (2000, 9)]:
        assert judge.image(np.zeros(one, np.uint8)).shape == one


def test_an_image_says_that_it_is_one():
    assert "there are predict and accuracy" in refusal(judge.image, PIXELS)
    assert "image has the shape (35,): give one image" in refusal(judge.image, PIXELS[0].ravel())
    assert "rows of 6 features" in refusal(judge.image, PIXELS[0], features=6)


def test_sizes_and_numbers_that_a_model_asks_for():
    assert "Time steps and features are swapped" in refusal(
        judge.images, PIXELS.swapaxes(1, 2), time_steps=7, features=5
    )
    assert "give at least one, as (n, 7, 5)" in refusal(
        judge.images, PIXELS[:0], time_steps=7, features=5, least=1
    )
    assert "float64: give uint8" in refusal(judge.images, PIXELS / 255, uint8=True)


# --- labels ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [DIGITS, DIGITS[:, np.newaxis], DIGITS.astype(float), DIGITS.astype(">u2"), DIGITS.tolist()],
    ids=["int", "column", "float", "big-endian", "list"],
)
def test_labels_of_every_honest_kind_become_the_same_digits(given):
    found = judge.labels(given, 4)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, DIGITS)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (np.eye(10)[DIGITS], "For one-hot labels: labels.argmax(axis=1)"),
        (DIGITS[:3], "the shape (3,): give as many labels as images, one digit for each, (4,)"),
        (DIGITS[np.newaxis], "the shape (1, 4): give one digit"),
        (np.int64(3), "the shape ()"),
        (DIGITS == 3, "labels are bool"),
        (DIGITS + 0.5, "whole numbers from 0 to 9; they are float64 from 0.5 to 9.5"),
        (DIGITS + 1, "from 1 to 10"),
        (-DIGITS, "from -9 to 0"),
        (np.where(DIGITS == 9, np.nan, DIGITS), "labels have nan"),
        (np.where(DIGITS == 9, np.inf, DIGITS), "to inf"),
        (DIGITS.astype(str), "labels.astype('int')"),
        (DIGITS.astype(object), "labels.astype('int')"),
        (["three", "zero", "nine", "one"], "labels are of the type <U5"),
        ([[3], [0], [9, 1], []], "labels cannot be read"),
        (set(DIGITS), "labels is a set"),
        (np.ma.array(DIGITS, mask=DIGITS == 9), "masked"),
        (None, "labels is None"),
    ],
)
def test_labels_that_are_something_else_are_refused(given, says):
    found = refusal(judge.labels, given, 4)
    assert says in found
    assert found.startswith("labels ")


def test_no_images_have_no_labels():
    assert judge.labels([], 0).shape == (0,)
    assert "labels of the validation" in refusal(judge.labels, [1], 2, "labels of the validation")


# --- counts, choices, paths, numbers ------------------------------------------------------------


def test_counts_digits_and_choices():
    assert judge.count(np.int8(4), "units") == 4
    assert judge.digit(np.uint8(9)) == 9
    assert judge.choice("gru", "cell", ("rnn", "gru")) == "gru"
    for wrong in (0, -1, 2.0, True, "2", None, [2]):
        assert refusal(judge.count, wrong, "units").startswith("units is ")
    for wrong in (-1, 10, 3.0, False, "3", None, np.array([3])):
        assert refusal(judge.digit, wrong).startswith("digit is ")
    for wrong in ("GRU", None, ["gru"], {}):
        assert "choose one of 'rnn', 'gru'" in refusal(judge.choice, wrong, "cell", ("rnn", "gru"))


def test_a_path_loses_its_quotes_and_finds_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for given in ("a b.npz", '"a b.npz"', "'a b.npz'", '  "a b.npz" ', Path("a b.npz")):
        assert judge.path(given) == Path("a b.npz")
    assert judge.path("~/mine.npz") == tmp_path / "mine.npz"
    assert judge.path("'~/mine.npz'") == tmp_path / "mine.npz"
    assert judge.path("it's.npz") == Path("it's.npz")
    for wrong in ("", '""', "  ", "a\0b", None, 5, b"a.npz", ["a.npz"]):
        assert refusal(judge.path, wrong).startswith("path is ")


def test_floats_keep_what_they_are_and_widen_what_is_too_small():
    for given, made in (
        (np.ones(2, np.float32), np.float32),
        (np.ones(2), np.float64),
        (np.ones(2, ">f4"), np.float32),
        (np.ones(2, np.float16), np.float32),
        ([1, 2], np.float64),
        (True, np.float64),
        (np.ones(2, np.uint8), np.float64),
    ):
        found = judge.floats(given, "x")
        assert found.dtype == made and found.dtype.isnative
    assert judge.floats([1], "x", np.float32).dtype == np.float32
    assert "x has numbers that are not finite" in refusal(judge.floats, [1, np.nan], "x")
    assert np.isnan(judge.floats([np.nan], "x", finite=False)).all()


def test_what_only_looks_like_an_array_is_named():
    class Refuses:
        def __array__(self, *_, **__):
            raise RuntimeError("detach me first")

    assert "(detach me first)" in refusal(judge.images, Refuses())
    assert "a pair, validation=" in refusal(judge.pair, PIXELS[:2], "validation")
    assert judge.pair([PIXELS, DIGITS], "validation")[1] is DIGITS


@pytest.mark.parametrize("value", ["0.01", None, [0.01], True, 0, -1, np.nan, np.inf, 1 + 2j])
def test_a_rate_that_is_no_number_above_zero_is_named(value):
    with pytest.raises(ValueError, match=r"rate is .*: give a number above 0"):
        judge.above_zero(value, "rate")


@pytest.mark.parametrize("value", [0.01, 1, np.float32(0.5), np.int64(2)])
def test_a_rate_is_read(value):
    assert judge.above_zero(value, "rate") == value


@pytest.mark.parametrize("cell", [["lstm"], {"lstm": 1}, None, "LSTM"])
def test_a_cell_that_is_no_name_of_one_is_named(cell):
    from helpers.reader import build_reader

    with pytest.raises(ValueError, match=r"cell is .*: choose one of 'rnn', 'gru', 'lstm'"):
        build_reader(cell)
