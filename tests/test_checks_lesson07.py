"""Lesson 7: right answers pass in any style, wrong ideas are refused, and the network agrees."""

import numpy as np
import pytest

from helpers import checks
from helpers.digits import small_digits
from helpers.reader import shipped
from helpers.trace import predict, trace


def said(capsys, verdict):
    assert not verdict
    return capsys.readouterr().out


def by_a_loop(i, f, candidate):
    parts = np.zeros_like(f)
    for t in range(len(f)):
        parts = parts * f[t]
        parts[t] = i[t] * candidate[t]
    return parts


def by_products(i, f, candidate):
    return [f[t + 1 :].prod(axis=0) * i[t] * candidate[t] for t in range(len(f))]


def by_differences(i, f, candidate):
    # What the last sheet would lack without the row's blow.
    def last(landed):
        c = 0
        for t in range(len(f)):
            c = f[t] * c + landed[t]
        return c

    landed = i * candidate
    rows = np.arange(len(f))[:, np.newaxis]
    return np.array([last(landed) - last(landed * (rows != t)) for t in range(len(f))])


@pytest.mark.parametrize("parts", [by_a_loop, by_products, by_differences])
def test_a_sheet_may_be_taken_apart_in_many_ways(parts):
    assert checks.parts_of_sheet(parts)


def test_an_lstm_that_forgets_nothing_is_refused(capsys):
    """Misconception 15."""
    words = said(capsys, checks.parts_of_sheet(lambda i, f, candidate: i * candidate))
    assert "nothing is forgotten there" in words
    words = said(capsys, checks.answer("lesson 7: what shows forgetting", "none"))
    assert "accuracy falls all the same" in words


def test_a_forget_gate_that_forgets_at_1_is_refused(capsys):
    """Misconception 8."""
    words = said(capsys, checks.answer("lesson 7: only the last row", ("f", 1)))
    assert "1 keeps all" in words
    words = said(capsys, checks.parts_of_sheet(lambda i, f, g: by_a_loop(i, 1 - f, g)))
    assert "at 1 it keeps all" in words


def test_an_output_gate_that_makes_c_is_refused(capsys):
    """Misconception 7."""
    for answer in ({"c", "h"}, ["h", "c"], {"c"}):
        words = said(capsys, checks.answer("lesson 7: output gate shut", answer))
        assert "c is made by f and i before o has its say" in words
    assert "changes nothing" in said(capsys, checks.answer("lesson 7: only the last row", ("o", 0)))


def test_a_sum_that_carries_the_order_and_a_state_that_does_not_are_refused(capsys):
    """Misconception 13."""
    for answer in (set(), {"sum", "c"}, {"sum", "c", "h", "belief"}, {"c"}, {"h"}):
        words = said(capsys, checks.answer("lesson 7: shuffled", answer))
        assert words.startswith("Not yet: ")
    for answer in ({"sum"}, ["sum"], "sum", "Sum"):
        assert checks.answer("lesson 7: shuffled", answer)


def test_the_trained_network_does_what_the_answers_say():
    weights, digits = shipped("lstm"), small_digits()
    image = digits.x_test[digits.y_test == 3][0]
    wiped = trace(weights, image, ablate={"f": 0})
    np.testing.assert_allclose(wiped.c[-1], wiped.i[-1] * wiped.candidate[-1], atol=1e-6)
    shut = trace(weights, image, ablate={"o": 0})
    assert not shut.h.any() and np.abs(shut.c[-1]).max() > 1 and shut.candidate[-1].any()
    free = trace(weights, image)
    parts = by_products(free.i, free.f, free.candidate)
    np.testing.assert_allclose(np.sum(parts, axis=0), free.c[-1], atol=1e-4)
    # Empty rows show forgetting where something was read before them, and there alone.
    x, y = digits.x_test, digits.y_test
    after, before = (np.pad(x, ((0, 0), rows, (0, 0))) for rows in ((0, 56), (56, 0)))
    right, right_after, right_before = (
        float((predict(weights, images) == y).mean()) for images in (x, after, before)
    )
    assert right > 0.97
    assert right_after < right - 0.25
    assert abs(right_before - right) < 0.01
