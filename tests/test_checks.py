"""The checks' machinery: wrong ideas are told why, whatever a function does, and nothing raises."""

import itertools
from decimal import Decimal
from unittest import mock

import numpy as np
import pytest

from helpers import checks
from helpers.checks import plain_answers, verdicts
from rnnscope import cells

BY_NAME = {exercise.name: exercise for exercise in checks.EXERCISES}
EVERY_EXERCISE = pytest.mark.parametrize("exercise", checks.EXERCISES, ids=lambda e: e.name)


def said(name, function):
    """Return the sentence of a check that refuses, without its first words."""
    verdict = verdicts.judge_function(BY_NAME[name], function)
    assert not verdict
    assert verdict.sentence.startswith("Not yet: ")
    assert_is_one_sentence(verdict.sentence)
    return verdict.sentence.removeprefix("Not yet: ")


def assert_is_one_sentence(sentence):
    assert "\n" not in sentence and "  " not in sentence and "Traceback" not in sentence
    assert sentence.endswith((".", "?")) and not sentence.endswith("..")


# --- the tables of wrong ideas -------------------------------------------------------------------


@EVERY_EXERCISE
def test_right_is_right_and_each_wrong_idea_is_told_its_own_sentence(exercise):
    verdict = verdicts.judge_function(exercise, exercise.right)
    assert verdict and verdict.sentence == f"Right: {exercise.praise}"
    assert_is_one_sentence(verdict.sentence)
    for idea in exercise.wrong:
        assert said(exercise.name, idea.function) == idea.sentence
    for sentence in exercise.stops.values():
        assert_is_one_sentence(sentence)


@EVERY_EXERCISE
def test_being_right_in_one_case_or_nearly_right_is_not_enough(exercise):
    for case in exercise.cases:

        def only_here(*arguments, case=case):
            outcome = exercise.right(*arguments)
            if str(arguments) == str(case.arguments):
                return outcome
            return tuple(2 * a for a in outcome) if len(exercise.gives) > 1 else 2 * outcome

        assert not verdicts.judge_function(exercise, only_here)
    for dtype, off in ((float, 1e-4), (np.float32, 1e-3)):

        def nudged(*arguments, dtype=dtype, off=off):
            results = verdicts.parts(exercise.gives, exercise.right(*arguments))
            results = [(np.asarray(r, float) + off * (1 + abs(r))).astype(dtype) for r in results]
            return results if len(results) > 1 else results[0]

        counts = exercise.name in ("parameter_count", "settles_at", "turns")  # wrong by whole ones
        assert counts or not verdicts.judge_function(exercise, nudged)


# --- whatever a learner's function does ----------------------------------------------------------


def stub_of_a_pair(x_t, h, c, weights):
    c = ...
    h = ...
    return h, c


def stub_that_raises(x_t, h, c, weights):
    raise NotImplementedError("write me")


def stub_with_a_gap(x_t, h, c, weights):
    return x_t @ weights.kernel + ..., c


@pytest.mark.parametrize(
    "function",
    [..., None, stub_of_a_pair, stub_that_raises, stub_with_a_gap, lambda x_t, h, c, weights: ...],
)
def test_an_exercise_not_yet_done_is_the_learners_turn(function, capsys):
    verdict = checks.lstm_step(function)
    assert not verdict
    name = getattr(function, "__name__", "lstm_step").replace("<lambda>", "lstm_step")
    assert capsys.readouterr().out == f"Your turn: fill in {name}, then run this check again.\n"


def forgot_to_return(x_t, h, c, weights):
    h, c = cells.lstm_step(x_t, h, c, weights)


def misspelt(x_t, h, c, weights):
    i, f, _, o = cells.lstm_gates(x_t, h, weights)
    c = f * c + i * candidat  # noqa: F821
    return o * np.tanh(c), c


def message_of_many_lines(x_t, h, c, weights):
    raise RuntimeError("first line\nsecond   line.\n" + 50 * "more and ")


def divides(x_t, h, c, weights):
    return 1 / 0


def for_ever(x_t, h, c, weights):
    return for_ever(x_t, h, c, weights)


def h_in_place(x_t, h, c, weights):
    h += 1
    return cells.lstm_step(x_t, h - 1, c, weights)


def bias_in_place(x_t, h, c, weights):
    h_and_c = cells.lstm_step(x_t, h, c, weights)
    weights.bias[0] = 7
    return h_and_c


def in_another_order(h, x_t, c, weights):
    return cells.lstm_step(x_t, h, c, weights)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (forgot_to_return, "your function returns None: does it end with a line return h, c?"),
        (lambda x, h, c, w: (h, None), "has a None in it; it should be h, c"),
        (misspelt, "NameError: name 'candidat' is not defined, at the line"),
        (lambda x, h, c, w: (x * w.kernel, c), "the matrix product is @, and here batch 7, featu"),
        (lambda x, h, c, w: (w.kernel @ x, c), "an @ has size 16 on its left and 7 on its right"),
        (lambda x, h, c, w: (np.dot(w.kernel, x), c), "as many columns in a as rows in b"),
        (message_of_many_lines, "RuntimeError: first line second line. more and more"),
        (divides, 'ZeroDivisionError: division by zero, at the line "return 1 / 0".'),
        (for_ever, "RecursionError"),
        (lambda x, h, c: (h, c), "your function takes (x, h, c), but it is called with (x_t, h, c"),
        (in_another_order, "takes (h, x_t, c, weights), but it is called with (x_t, h, c, weights"),
        ((np.zeros(3), np.zeros(3)), "as in checks.lstm_step(your_lstm_step)"),
        (lambda x, h, c, w: ("h", "c"), "(a str) holds text: return the numbers"),
        (lambda x, h, c, w: ([[1], [1, 2]], c), "(a list) cannot be read"),
        (lambda x, h, c, w: {"h": h, "c": c}, "the shape is right, but h[0, 0] is"),
        (lambda x, h, c, w: {"new h": h}, "a dict that holds new h; it should return h, c"),
        (lambda x, h, c, w: itertools.count(), "(a count) does not end"),
        (lambda x, h, c, w: np.random.default_rng().random((2, *h.shape)), "random, or left over"),
        (lambda x, h, c, w: exit(), "stops with SystemExit"),
        (h_in_place, "the numbers are right, but your function changes its argument h in place"),
        (bias_in_place, "changes its argument weights in place"),
    ],
)
def test_a_function_that_goes_wrong_is_told_how(function, says):
    assert says in said("lstm_step", function)


class Network:
    def __call__(self, x_t, h, weights, squash=np.tanh, *, verbose=False, **options):
        return cells.rnn_step(x_t, h, weights)


@pytest.mark.parametrize(
    "function",
    [
        Network(), Network().__call__, lambda *a: cells.rnn_step(*a),
        lambda a, b, c: cells.rnn_step(a, b, c).tolist(),
        lambda *a: cells.rnn_step(*a).astype("float32"), lambda *a: {"h": cells.rnn_step(*a)},
        lambda *a: cells.rnn_step(*a).astype(object), lambda *a: map(tuple, cells.rnn_step(*a)),
    ],
)  # fmt: skip
def test_a_right_function_passes_however_it_is_made(function):
    verdict = verdicts.judge_function(BY_NAME["rnn_step"], function)
    assert verdict, verdict.sentence


def test_a_wrong_number_can_be_made_again_by_the_learner():
    state, blow, keep = BY_NAME["leaky_step"].cases[0].arguments
    gives, due = round(keep * state + 2 * blow, 4), round(keep * state + blow, 4)
    expected = f"for ({state}, {blow}, {keep}) your function gives {gives:g} and should be {due:g}"
    assert expected in said("leaky_step", lambda state, blow, keep: keep * state + 2 * blow)
    due = keep * state + blow  # a small difference is shown with digits enough
    expected = f"gives {due + 2e-5:.9g} and should be {due:.9g}; look"
    assert expected in said("leaky_step", lambda state, blow, keep: keep * state + blow + 2e-5)


def test_what_a_function_prints_is_seen_once_and_its_warnings_never(capsys, recwarn):
    def talkative(x_t, h, weights):
        print("h is", h.shape)
        np.log(-1.0 - h**2)
        return cells.rnn_step(x_t, h, weights)

    with np.errstate(all="raise"):
        assert checks.rnn_step(talkative)
    captured = capsys.readouterr()
    first, second = captured.out.splitlines()
    assert first == "h is (7, 4)" and second.startswith("Right: ")
    assert captured.err == "" and not recwarn.list


@EVERY_EXERCISE
def test_a_check_prints_one_line_and_returns_its_verdict(exercise, capsys):
    check = getattr(checks, exercise.name)
    assert check.__name__ == exercise.name and check.__doc__.startswith("Check ")
    for function in (exercise.right, exercise.wrong[0].function, lambda *arguments: "?", ..., 3):
        verdict = check(function)
        assert capsys.readouterr().out == verdict.sentence + "\n"
        assert verdict.sentence.startswith("Right: " if verdict else ("Not yet: ", "Your turn: "))


# --- whatever is handed in -----------------------------------------------------------------------


class Refusing:
    """An object that can be looked at in no way."""

    def _refuse(self, *arguments, **named):
        raise RuntimeError("no")

    __eq__ = __hash__ = __repr__ = __str__ = __len__ = __iter__ = __float__ = _refuse
    __bool__ = __array__ = __getattr__ = __index__ = _refuse


class HalfWrittenError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


async def later(*arguments):
    return 1


inside_itself = []
inside_itself.append(inside_itself)
# fmt: off
STRANGE = [
    inside_itself, {"h": {"h": {}}}, Refusing(), mock.Mock(), mock.MagicMock(), object, print,
    later, itertools.count(), iter([]), 10**400, float("nan"), 1j, np.array([]), np.array(None),
    np.array(["a"]), np.datetime64("2020"), np.ma.masked, np.zeros((0, 3)), np.zeros((2, 2, 2)),
    np.recarray((2,), dtype=[("x", int)]), Decimal("sNaN"), "x" * 10**5, "9" * 6000, "(" * 5000,
    "1" + "+1" * 5000, "9**9**9**9", "1/0", "(-1)**0.5", "\x00", "\ud800", "[[[[", "]]", "(),()",
    ",,,", "=", "%", "1e999", "nan", "None", "f==0", "'", "\\", ["28", ["x"]], [[1, 2], [3]],
    {1: {2: 3}}, {None: None}, {(1, 2)}, range(10**9), NotImplemented, Exception("x"),
    slice(1, 2), b"\xff",
]
# fmt: on


@pytest.mark.parametrize("number", range(len(STRANGE)))
def test_whatever_is_handed_in_gets_one_sentence(number):
    strange, begins = STRANGE[number], ("Right: ", "Not yet: ", "Your turn: ")
    for entry in checks.ANSWERS.values():
        sentence = plain_answers.judge_answer(entry, strange).sentence
        assert sentence.startswith(begins) and "\n" not in sentence, sentence
    for name in ("leaky_step", "run_blows", "lstm_step"):
        for value in (strange, lambda *a: strange, lambda *a: (strange,) * 2):
            sentence = getattr(checks, name)(value).sentence
            assert sentence.startswith(begins) and "\n" not in sentence, sentence


@pytest.mark.parametrize(
    "error", [SystemExit(3), GeneratorExit(), HalfWrittenError(), BaseException()]
)
def test_no_error_of_the_function_comes_through(error):
    def stops(*arguments):
        raise error

    for exercise in checks.EXERCISES:
        assert said(exercise.name, stops).startswith("your function stops with ")
    with pytest.raises(KeyboardInterrupt):  # but the learner's own interrupt does
        checks.rnn_step(mock.Mock(side_effect=KeyboardInterrupt))
