"""Lesson 5's checks: what a mask must be for Keras, and a time_major that turns all axes round."""

import numpy as np
import pytest

from helpers import checks


def with_steps(lengths, time_steps):
    return np.arange(time_steps) < lengths[:, np.newaxis]


@pytest.mark.parametrize(
    "function",
    [
        with_steps,
        lambda lengths, time_steps: with_steps(lengths, time_steps).astype(int),
        lambda lengths, time_steps: np.array([[s < n for s in range(time_steps)] for n in lengths]),
    ],
)
def test_a_mask_passes_in_any_style_that_keras_takes(function):
    assert checks.padding_mask(function)


@pytest.mark.parametrize(
    ("check", "function", "says"),
    [
        (checks.padding_mask, lambda n, steps: with_steps(n, steps).tolist(), "takes an array"),
        (checks.padding_mask, lambda n, steps: np.arange(steps) < n, "needs a second axis"),
        (checks.time_major, lambda layer, x: layer(x.T), "only the first two axes"),
        (checks.time_major, lambda layer, x: layer(x, time_major=True), "time_major is gone"),
    ],
)
def test_a_wrong_idea_is_told_why(check, function, says, capsys):
    assert not check(function)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (("outputs", "h", "c"), "use the names given"),
        (("h", "h", "c"), "is called output"),
        (("output", ("h", "c")), "PyTorch's form"),
    ],
)
def test_the_right_parts_by_other_names(value, says, capsys):
    assert not checks.answer("what return_state gives", value)
    assert says in capsys.readouterr().out
