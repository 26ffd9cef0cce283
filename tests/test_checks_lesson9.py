"""Lesson 9: the wrong ideas about padding, bags, stateful and windows hear their sentence."""

import numpy as np
import pytest

from helpers import checks, sequences


def test_the_course_own_windows_pass_as_the_exercise(capsys):
    def mine(values, past):
        x, y = sequences.windows(values, past)
        return x, y[:, 0]

    assert checks.windows(mine)


def looked_ahead(values, past):
    return [values[k : k + past] for k in range(len(values) - past)], values[past - 1 : -1]


@pytest.mark.parametrize(
    ("check", "slip", "says"),
    [
        (checks.pad_right, lambda codes, n: [[0] * (n - len(c)) + c for c in codes], "on the left"),
        (checks.pad_right, lambda codes, n: [c + [-1] * (n - len(c)) for c in codes], "is -1"),
        (checks.turns, lambda b: len(set(b.argmax(1))) - 1, "one that comes back is a turn"),
        (checks.turns, lambda b: (np.diff(b.argmax(0)) != 0).sum(), "axis 1"),
        (checks.windows, looked_ahead, "what it has just read"),
        (checks.scaled, lambda v, n: (v - v.mean()) / v.std(), "something of what is to come"),
        (checks.scaled, lambda v, n: (v - v[:n].mean()) / v[:n].var(), "its root, std()"),
    ],
)
def test_a_slip_is_told(check, slip, says, capsys):
    assert not check(slip)
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("question", "value", "says"),
    [
        ("lesson 9: embedding", 260, "the padding has a row too"),
        ("lesson 9: embedding", 27 * 10 * 8, "time steps do not come into it"),
        ("lesson 9: the bag at best", 30, "the same of both"),
        ("lesson 9: the bag at best", 0, "of the two it can have one right"),
        ("lesson 9: stateful", {"a", "b", "c", "d"}, "every recurrent layer remembers"),
        ("lesson 9: stateful", "b, c, d and e", "the gradient ends where a call begins"),
    ],
)
def test_wrong_ideas_hear_their_sentence(question, value, says, capsys):
    assert not checks.answer(question, value)
    assert says in capsys.readouterr().out
