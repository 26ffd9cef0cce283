"""The exercises' answers to the learner: ``checks.lstm_step(your_lstm_step)`` and the like.

Each check prints one plain sentence that begins with "Right:", "Not yet:" or "Your turn:", and
returns a `Verdict` that is true when the answer is right (and shows nothing more in a notebook).

To extend it: a further wrong idea is one more ``Wrong(function, sentence)`` in the list of its
exercise, where the function computes what somebody with that idea would compute; a plain answer is
one more entry of its lesson's ``ANSWERS`` (its ``same`` says what other words will do), and what a
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
from helpers.checks.lesson_01 import LEAKY_STEP, RUN_BLOWS
from helpers.checks.lesson_02 import BATCH_FIRST, DENSE_LAYER
from helpers.checks.lesson_03 import READ_ANSWER, RNN_STEP, RNN_STEP_BACK, UNROLL
from helpers.checks.lesson_04 import (
    FROM_PYTORCH,
    LSTM_GATES,
    LSTM_STEP,
    LSTM_STEP_BACK,
    PARAMETER_COUNT,
)
from helpers.checks.lesson_05 import PADDING_MASK, TIME_MAJOR, TO_KERAS, judge_padding_mask
from helpers.checks.lesson_06 import (
    CROSS_ENTROPY,
    OVERALL_ACCURACY,
    ROWS_FIRST,
    SETTLES_AT,
    judge_two_layers,
)
from helpers.checks.lesson_07 import PARTS_OF_SHEET
from helpers.checks.lesson_08 import GRU_STEP
from helpers.checks.lesson_09 import PAD_RIGHT, SCALED, TURNS, WINDOWS
from helpers.checks.plain_answers import judge_answer
from helpers.checks.verdicts import judge_function, say

EXERCISES = (
    LEAKY_STEP,
    RUN_BLOWS,
    DENSE_LAYER,
    BATCH_FIRST,
    RNN_STEP,
    UNROLL,
    READ_ANSWER,
    RNN_STEP_BACK,
    LSTM_GATES,
    LSTM_STEP,
    LSTM_STEP_BACK,
    FROM_PYTORCH,
    PARAMETER_COUNT,
    TO_KERAS,
    TIME_MAJOR,
    PADDING_MASK,
    CROSS_ENTROPY,
    OVERALL_ACCURACY,
    ROWS_FIRST,
    SETTLES_AT,
    PARTS_OF_SHEET,
    GRU_STEP,
    PAD_RIGHT,
    TURNS,
    WINDOWS,
    SCALED,
)

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
ANSWERS = {name: entry for lesson in LESSONS for name, entry in lesson.ANSWERS.items()}


def leaky_step(function):
    """Check ``function(state, blow, keep)``: one blow on a sheet that keeps a part of its dent."""
    return say(judge_function(LEAKY_STEP, function), "leaky_step")


def run_blows(function):
    """Check ``function(blows, keep)``: the states after each blow, from a flat sheet (0) on."""
    return say(judge_function(RUN_BLOWS, function), "run_blows")


def dense_layer(function):
    """Check ``function(x, W, b)``: what a layer makes of one feature vector, with tanh."""
    return say(judge_function(DENSE_LAYER, function), "dense_layer")


def batch_first(function):
    """Check ``function(x)``: (time steps, batch, features) -> (batch, time steps, features)."""
    return say(judge_function(BATCH_FIRST, function), "batch_first")


def rnn_step(function):
    """Check ``function(x_t, h, weights)``: the plain RNN's new h."""
    return say(judge_function(RNN_STEP, function), "rnn_step")


def unroll(function):
    """Check ``function(x, weights)``: the plain RNN's h after every step, from zeros on.

    x is (batch, time steps, features), the result (batch, time steps, units).
    """
    return say(judge_function(UNROLL, function), "unroll")


def read_answer(function):
    """Check ``function(h)``: what is read of all states when a sequence gets one answer."""
    return say(judge_function(READ_ANSWER, function), "read_answer")


def rnn_step_back(function):
    """Check ``function(d_h, h, weights)``: the gradients by the input and by the state before."""
    return say(judge_function(RNN_STEP_BACK, function), "rnn_step_back")


def lstm_gates(function):
    """Check ``function(x_t, h, weights)``: the LSTM's i, f, candidate and o."""
    return say(judge_function(LSTM_GATES, function), "lstm_gates")


def lstm_step(function):
    """Check ``function(x_t, h, c, weights)``: the LSTM's new pair h, c."""
    return say(judge_function(LSTM_STEP, function), "lstm_step")


def lstm_step_back(function):
    """Check ``function(d_h, d_c, c_before, i, f, candidate, o)``: one LSTM step, backwards.

    d_h and d_c are the loss's gradients by the new h and, from later steps, by the new c. The
    results are d_i, d_f, d_candidate, d_o (before sigmoid and tanh) and d_c_before.
    """
    return say(judge_function(LSTM_STEP_BACK, function), "lstm_step_back")


def from_pytorch(function):
    """Check ``function(weight_ih, weight_hh, bias_ih, bias_hh)``: an LSTM's weights for Keras."""
    return say(judge_function(FROM_PYTORCH, function), "from_pytorch")


def to_keras(function):
    """Check ``function(kernel, bias, forget_bias)``: BasicLSTMCell's weights for Keras's LSTM."""
    return say(judge_function(TO_KERAS, function), "to_keras")


def time_major(function):
    """Check ``function(layer, x)``: x and the outputs with time first, for a batch-first layer."""
    return say(judge_function(TIME_MAJOR, function), "time_major")


def padding_mask(function):
    """Check ``function(lengths, time_steps)``: the mask of sequences padded on the right."""
    return say(judge_padding_mask(function), "padding_mask")


def cross_entropy(function):
    """Check ``function(belief, digit)``: the loss of one digit, believed so."""
    return say(judge_function(CROSS_ENTROPY, function), "cross_entropy")


def overall_accuracy(function):
    """Check ``function(right, sizes)``: the accuracy over all batches, from the counts in each."""
    return say(judge_function(OVERALL_ACCURACY, function), "overall_accuracy")


def rows_first(function):
    """Check ``function(images)``: (images, columns, rows) -> (images, rows, columns)."""
    return say(judge_function(ROWS_FIRST, function), "rows_first")


def settles_at(function):
    """Check ``function(answers)``: the row, from 1, from which on the answer stays the same."""
    return say(judge_function(SETTLES_AT, function), "settles_at")


def two_layers(network):
    """Check a Keras network: rows in, two recurrent layers one on top of the other, ten logits."""
    return say(judge_two_layers(network), "two_layers")


def parts_of_sheet(function):
    """Check ``function(i, f, candidate)``: what each row left on the LSTM's last sheet."""
    return say(judge_function(PARTS_OF_SHEET, function), "parts_of_sheet")


def gru_step(function):
    """Check ``function(x_t, h, weights)``: the GRU's new h, with Keras's ``reset_after=True``."""
    return say(judge_function(GRU_STEP, function), "gru_step")


def pad_right(function):
    """Check ``function(codes, length)``: lists as (words, length), zeros on the right."""
    return say(judge_function(PAD_RIGHT, function), "pad_right")


def turns(function):
    """Check ``function(beliefs)``: how often the answer changed; beliefs is (steps, classes)."""
    return say(judge_function(TURNS, function), "turns")


def windows(function):
    """Check ``function(values, past)``: all windows x (windows, past), and what follows each, y."""
    return say(judge_function(WINDOWS, function), "windows")


def scaled(function):
    """Check ``function(values, until)``: mean 0 and spread 1 of the part before step until."""
    return say(judge_function(SCALED, function), "scaled")


def parameter_count(function):
    """Check ``function(features, units)``: how many numbers an LSTM layer learns."""
    return say(judge_function(PARAMETER_COUNT, function), "parameter_count")


def answer(name, value):
    """Check a plain answer: a number, a text, a shape, a set. ``name`` is a key of ``ANSWERS``.

    Raises ValueError where there is no such question; of the answer itself nothing raises.
    """
    if not isinstance(name, str) or name not in ANSWERS:
        close = difflib.get_close_matches(str(name), ANSWERS, n=3, cutoff=0) or list(ANSWERS)
        raise ValueError(f"There is no question {name!r}; did you mean {' or '.join(close)}?")
    return say(judge_answer(ANSWERS[name], value), name)
