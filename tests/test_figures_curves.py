"""The pictures of series: what they say, and what they refuse."""

import numpy as np
import pytest

from helpers import figures

NAMES = [f"month {n}" for n in range(13)]
CURVE = np.random.default_rng(3).normal(50, 9, 13)


def test_a_curve_says_where_it_begins_ends_and_how_far_it_goes():
    shown = figures.curve_picture({"rain": CURVE, "said": CURVE - 2}, NAMES, "mm", aside=9)
    for part in ("Over 13 steps, in mm", "rain:", "said:", f"{CURVE[0]:.1f} at month 0",
                 f"{CURVE[-1] - 2:.1f} at month 12", f"between {CURVE.min():.1f} and",
                 "From month 9 on, set aside"):  # fmt: skip
        assert part in shown.words
    one = figures.curve_picture({"rain": CURVE}, NAMES, "mm")
    assert "set aside" not in one.words
    assert one.png != shown.png


def test_a_line_may_have_holes_and_begin_late():
    late = np.r_[np.full(5, np.nan), CURVE[5:]]
    shown = figures.curve_picture({"rain": CURVE, "late": late}, NAMES, "mm")
    assert f"late: {CURVE[5]:.1f} at month 5" in shown.words


def test_names_at_the_ends_stand_apart_even_where_lines_meet():
    lines = dict.fromkeys(("one", "two", "three", "four"), CURVE)
    shown = figures.curve_picture(lines, NAMES, "mm")
    assert shown.png != figures.curve_picture({"one": CURVE}, NAMES, "mm").png


@pytest.mark.parametrize(
    ("lines", "names", "aside", "says"),
    [
        ({}, NAMES, None, "lines"),
        ({f"{n}": CURVE for n in range(5)}, NAMES, None, "1 to 4 can be told apart"),
        ({"a": CURVE, "b": CURVE[1:]}, NAMES, None, r"lines\['b'\] has 12 numbers in 12 steps"),
        ({"a": np.full(13, np.nan)}, NAMES, None, "has 0 numbers"),
        ({"a": CURVE}, NAMES[1:], None, "names"),
        ({"a": CURVE}, NAMES, 13, "aside"),
        ({"a": CURVE}, NAMES, 0, "aside"),
    ],
)
def test_what_cannot_be_drawn_is_said(lines, names, aside, says):
    with pytest.raises((TypeError, ValueError), match=says):
        figures.curve_picture(lines, names, "mm", aside)


def test_three_sequences_and_their_steps():
    shown = figures.time_steps_picture("chien", ["a", "dog", "sees"], NAMES, CURVE)
    for part in ("chien has 5 time steps", "a dog sees has 3, one word each", "has 13, one number"):
        assert part in shown.words
    with pytest.raises((TypeError, ValueError), match="word"):
        figures.time_steps_picture("", ["a"], NAMES, CURVE)
