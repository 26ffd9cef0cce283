"""Plain answers: what is taken, what is refused and why; the same texts as in a browser."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from helpers import checks
from helpers.checks import plain_answers
from helpers.checks.plain_answers import Answer

DIGITS = "in digits and nothing else"
# What may be typed, and "" where it is right or else what is said; tests/test_ask.py has it judged
# in a browser too.
SPELLINGS = [
    ("lesson 0: steps", " 28. ", ""),
    ("lesson 0: steps", "\uff12\uff18", ""),
    ("lesson 0: steps", "'28'", ""),
    ("lesson 0: steps", "= 28", ""),
    ("lesson 0: steps", "4*7", ""),
    ("lesson 0: steps", "28,0", ""),
    ("lesson 0: steps", "28,000", "move the slider"),
    ("lesson 0: steps", "0", "move the slider"),
    ("lesson 0: steps", "28 rows", DIGITS),
    ("lesson 0: steps", "twenty-eight", DIGITS),
    ("lesson 0: steps", "\u0662\u0668", DIGITS),
    ("lesson 0: steps", "it is 28", DIGITS),
    ("lesson 0: steps", "28 or 27", DIGITS),
    ("lesson 0: steps", "2 8", DIGITS),
    ("lesson 1: hammer", "28 \u00d7 128", ""),
    ("lesson 1: hammer", "3\u2019584", ""),
    ("lesson 1: hammer", "3\u202f584", ""),
    ("lesson 1: hammer", "28+128", "28 and 128 are multiplied"),
    ("lesson 1: equal sheets", "{0, 1}", ""),
    ("lesson 1: equal sheets", "1 and 0", ""),
    ("lesson 1: equal sheets", "0.5", "the first word is halved twice"),
    ("lesson 1: equal sheets", "nothing", "there are two"),
    ("lesson 1: half after ten", "0,93", ""),
    ("lesson 1: half after ten", "93 %", ""),
    ("lesson 1: half after ten", "\u2248 0.5 ** (1/10)", ""),
    ("lesson 1: half after ten", "93", "the number whose tenth power is 0.5"),
    ("lesson 1: keeps", "0 0 0 0 0 1", ""),
    ("lesson 1: keeps", "111101", ""),
    ("lesson 2: shape of states", "(3, 28, 12)", ""),
    ("lesson 2: shape of states", "3 x 28 x 12", ""),
    ("lesson 2: shape of states", "(None, 28, 12)", "here the batch is known"),
    ("lesson 2: shape of states", "3, 28", "this asks for a list of 3, yours is a list of 2"),
    ("lesson 2: shape of states", "batch 3, time steps 28, units 12", DIGITS),
    ("lesson 3: left after ten", "1/1024", ""),
    ("lesson 3: left after ten", "2**-10", ""),
    ("lesson 3: left after ten", "2^-10", ""),
    ("lesson 3: left after ten", "9,8e-4", ""),
    ("lesson 3: left after ten", "9**9**9**9", DIGITS),
    ("lesson 3: one factor", "38 %", ""),
    ("lesson 3: one factor", "19 %", "the slope of tanh alone"),
    ("lesson 4: covered", "f=1, i=0, o=0", DIGITS),
    ("lesson 4: covered", "0, 0, 0", "at 1 it keeps all"),
    ("lesson 4: kernel shape", "(20, 4 * 64)", ""),
    ("lesson 6: parameters", "22,410", ""),
    ("lesson 6: parameters", "21,760 + 650", ""),
    ("lesson 6: parameters", "22.410", "a point is read as a decimal point"),
    ("lesson 6: parameters", "21 760", "that is the LSTM alone"),
    ("lesson 6: one batch", "\u00b1 0.8 %", ""),
    ("lesson 6: who may choose", "The digits set aside", ""),
    ("lesson 6: who may choose", "28", "this asks for a text, yours is a number"),
    ("lesson 7: only the last row", "F = 0", ""),
    ("lesson 7: only the last row", "the forget gate, 0", ""),
    ("lesson 7: only the last row", "f: 1", "the other way round"),
    ("what return_state gives", '("output", "h", "c")', ""),
    ("gates that make c", "the forget gate & the input gate", ""),
    ("gates that make c", "fi", ""),
    ("gates that make c", "f_t and o", "the output gate has no part in c"),
    ("forget gate at 1", "It keeps everything!", ""),
    ("lesson 5: last h", "outputs[:, -1] and final_state[1]", ""),
    ("lesson 5: last h", "abd", "outputs[-1] is all steps of the last sequence"),
    ("lesson 5: outputs of 14x56", "TensorShape([32, 14, 100])", ""),
    ("lesson 5: outputs of 14x56", "(None, 14, 100)", ""),
    ("lesson 8: which is better", "can\u2019t tell", ""),
    ("lesson 8: which is better", "GRU", "its mean is the lower one"),
]


@pytest.mark.parametrize(("name", "text", "says"), SPELLINGS)
def test_what_is_typed_is_read(name, text, says):
    verdict = plain_answers.judge_answer(checks.ANSWERS[name], text)
    assert verdict.ok == (not says), verdict.sentence
    assert says in verdict.sentence
    assert verdict.sentence.endswith((".", "?"))


VALUES = {  # Python makes (22, 410) of 22,410
    "lesson 0: steps": [28, 28.0, np.int8(28), np.array([[28]]), [28], {28}, Decimal(28)],
    "lesson 1: equal sheets": [[0, 1], (1, 0.0), np.array([0, 1]), range(2), {0: 1, 1: 1}.keys()],
    "lesson 1: half after ten": [(0, 93), np.float16(0.933)],
    "lesson 1: keeps": [[True, True, True, True, False, True], np.array([0, 0, 0, 0, 0, 1], bool)],
    "lesson 2: shape of states": [[3, 28, 12], np.zeros((3, 28, 12)).shape, ("3", 28, "12")],
    "lesson 3: left after ten": [Fraction(1, 1024), 0.5**10],
    "lesson 6: parameters": [(22, 410), np.float32(22410)],
    "lesson 7: only the last row": [("f", 0), {"f": 0}, ("F", False), np.array(["f", "0"])],
    "lesson 7: what shows forgetting": ["after", {"after"}, ("After",)],
    "gates that make c": [{"f", "i"}, ["forget gate", "i"], {"I_t", "the forget gate"}],
    "lesson 5: outputs of 14x56": [(None, 14, 100), np.array((32, 14, 100))],
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_may_be_of_any_kind(name):
    for value in VALUES[name]:
        verdict = plain_answers.judge_answer(checks.ANSWERS[name], value)
        assert verdict, (value, verdict.sentence)


@pytest.mark.parametrize("name", checks.ANSWERS)
def test_every_answer_is_taken_and_every_known_wrong_one_explained(name, capsys):
    entry = checks.ANSWERS[name]
    for value in entry.right:
        assert checks.answer(name, value).sentence == f"Right: {entry.praise}"
    for value, sentence in entry.wrong.items():
        assert checks.answer(name, value).sentence == f"Not yet: {sentence}"
        listed = isinstance(value, (tuple, frozenset))
        if value != float("inf") and not (listed and (not value or any(
            isinstance(part, tuple) for part in value))):  # fmt: skip
            text = ", ".join(map(str, value)) if listed else str(value)
            assert checks.answer(name, text).sentence == f"Not yet: {sentence}", text
    for line in (*capsys.readouterr().out.splitlines(), f"Not yet: {entry.look}"):
        assert "  " not in line and line.endswith((".", "?")) and not line.endswith("..")


SHAPE = Answer(right=[(14, 56)], wrong={(56, 14): "swapped."}, look="count rows.")
NUMBER = Answer(right=[0.25], wrong={4: "upside down."}, look="halve.", tolerance=0.01)
TEXT = Answer(right=["keeps all", "keeps"], wrong={"forgets all": "no."}, look="think.")
SET = Answer(right=[{"f", "i"}], wrong={frozenset({"o"}): "no o."}, look="two.")


@pytest.mark.parametrize(
    ("entry", "value", "sentence"),
    [
        (SHAPE, [56, 14], "swapped."),
        (SHAPE, (14, 55), "count rows."),
        (SHAPE, {14, 56}, "this asks for a list of 2, yours is a set."),
        (SHAPE, (14, 56, 1), "this asks for a list of 2, yours is a list of 3."),
        (SHAPE, 784, "this asks for a list of 2, yours is a number."),
        (SHAPE, "fourteen", "this asks for a list of 2, in digits and nothing else."),
        (SHAPE, np.zeros((14, 56)), "that is the array itself: its shape is asked, so write "
         ".shape behind it."),
        (NUMBER, 4.01, "upside down."),
        (NUMBER, 0.27, "halve."),
        (NUMBER, float("nan"), "halve."),
        (NUMBER, "a few", "this asks for a number, in digits and nothing else."),
        (NUMBER, True, "this asks for a number, yours is True or False."),
        (NUMBER, [1, 2], "this asks for a number, yours is a list of 2."),
        (NUMBER, print, "this asks for a number, yours is a builtin_function_or_method."),
        (TEXT, "Forgets all", "no."),
        (TEXT, "keeps all or forgets all", "think."),
        (TEXT, {"keeps", "forgets"}, "this asks for a text, yours is a set."),
        (SET, ["o"], "no o."),
        (SET, {"f"}, "two."),
        (SET, "all of them", "two."),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_told_why(entry, value, sentence):
    verdict = plain_answers.judge_answer(entry, value)
    assert not verdict and verdict.sentence == f"Not yet: {sentence}"


@pytest.mark.parametrize("value", [..., None, (..., 56), [14, ...], "", " ", "\u2026", "?"])
def test_an_answer_not_given_is_the_learners_turn(value):
    verdict = plain_answers.judge_answer(SHAPE, value)
    assert verdict.sentence == "Your turn: put your answer in, then run this check again."


def test_a_question_that_is_not_there_is_named_with_one_like_it():
    with pytest.raises(ValueError, match=r"no question 'forget gate at one'; did you mean forget"):
        checks.answer("forget gate at one", 1)


def test_the_answers_are_what_their_questions_ask_for():
    p = 127 / 128
    for name, value in (
        ("lesson 2: rnn parameters", 28 * 64 + 64 * 64 + 64),
        ("lesson 2: window parameters", 20 * (25 + 1)),
        ("lesson 3: one factor", 2 * (1 - 0.9**2)),
        ("lesson 6: parameters", 4 * 64 * (20 + 64 + 1) + 64 * 10 + 10),
        ("lesson 6: updates", 5 * -(-10_000 // 64)),
        ("lesson 6: one batch", 100 * np.sqrt(p * (1 - p) / 128)),
        ("lesson 8: gru parameters", 3 * (20 * 64 + 64 * 64 + 2 * 64)),
        ("lesson 8: forget bias for 784 steps", -np.log(2 ** (1 / 783) - 1)),
    ):
        assert checks.answer(name, value), name
