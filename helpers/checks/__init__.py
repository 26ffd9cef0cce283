"""The exercises' answers to the learner: ``checks.lstm_step(your_lstm_step)`` and the like.

Each check prints one plain sentence that begins with "Right:", "Not yet:" or "Your turn:", and
returns a `Verdict` that is true when the answer is right (and shows nothing more in a notebook).

To extend it: a further wrong idea is one more ``Wrong(function, sentence)`` in the list of its
exercise, where the function computes what somebody with that idea would compute; a plain answer is
one more entry of ``answers.toml`` (its ``same`` says what other words will do), and what a
right function must stand besides is one more of its ``corners``. `tests/test_checks.py` walks
through them by itself.
"""

import difflib

from helpers.checks import (
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
)
from helpers.checks.plain_answers import judge_answer, read_answers
from helpers.checks.verdicts import Exercise, judge_function, say

LESSONS = (
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
)
EXERCISES = tuple(
    one for lesson in LESSONS for one in vars(lesson).values() if isinstance(one, Exercise)
)
ANSWERS = read_answers()


def _check(exercise):
    """Make the check of a function: it takes the learner's, and prints and returns a verdict."""

    def check(function):
        return say(judge_function(exercise, function), exercise.name)

    check.__name__ = check.__qualname__ = exercise.name
    check.__doc__ = f"Check ``function({', '.join(exercise.takes)})``: {exercise.asks}"
    return check


leaky_step = _check(lesson_01.LEAKY_STEP)
run_blows = _check(lesson_01.RUN_BLOWS)
dense_layer = _check(lesson_02.DENSE_LAYER)
batch_first = _check(lesson_02.BATCH_FIRST)
rnn_step = _check(lesson_03.RNN_STEP)
unroll = _check(lesson_03.UNROLL)
read_answer = _check(lesson_03.READ_ANSWER)
rnn_step_back = _check(lesson_03.RNN_STEP_BACK)
lstm_gates = _check(lesson_04.LSTM_GATES)
lstm_step = _check(lesson_04.LSTM_STEP)
lstm_step_back = _check(lesson_04.LSTM_STEP_BACK)
from_pytorch = _check(lesson_04.FROM_PYTORCH)
to_keras = _check(lesson_05.TO_KERAS)
time_major = _check(lesson_05.TIME_MAJOR)
padding_mask = _check(lesson_05.PADDING_MASK)
cross_entropy = _check(lesson_06.CROSS_ENTROPY)
overall_accuracy = _check(lesson_06.OVERALL_ACCURACY)
rows_first = _check(lesson_06.ROWS_FIRST)
settles_at = _check(lesson_06.SETTLES_AT)
PARTS_OF_SHEET = lesson_07.PARTS_OF_SHEET  # lesson 7 draws with its right answer
parts_of_sheet = _check(PARTS_OF_SHEET)
gru_step = _check(lesson_08.GRU_STEP)
compose_steps = _check(lesson_08.COMPOSE_STEPS)
pad_right = _check(lesson_09.PAD_RIGHT)
turns = _check(lesson_09.TURNS)
windows = _check(lesson_09.WINDOWS)
scaled = _check(lesson_09.SCALED)
parameter_count = _check(lesson_04.PARAMETER_COUNT)


def two_layers(network):
    """Check a Keras network: rows in, two recurrent layers one on top of the other, ten logits."""
    return say(lesson_06.judge_two_layers(network), "two_layers")


def answer(name, value):
    """Check a plain answer: a number, a text, a shape, a set. ``name`` is a key of ``ANSWERS``.

    Raises ValueError where there is no such question; of the answer itself nothing raises.
    """
    if not isinstance(name, str) or name not in ANSWERS:
        close = difflib.get_close_matches(str(name), ANSWERS, n=3, cutoff=0) or list(ANSWERS)
        raise ValueError(f"There is no question {name!r}; did you mean {' or '.join(close)}?")
    return say(judge_answer(ANSWERS[name], value), name)
