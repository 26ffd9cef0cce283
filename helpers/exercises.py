"""The exercises of each lesson by name: what `helpers.progress` counts and reads of notebooks."""

import re

# As the lessons ask them, in their order: a function of `helpers.checks`, or the name of a plain
# question. tests/test_progress.py holds this to the notebooks.
EXERCISES = {
    "00_start_here": ("lesson 0: steps",),
    "01_the_hammered_iron_sheet": (
        "leaky_step",
        "run_blows",
        "lesson 1: hammer",
        "lesson 1: equal sheets",
        "lesson 1: half after ten",
        "lesson 1: keeps",
    ),
    "02_three_ways_to_read_a_digit": (
        "lesson 2: again, steps",
        "lesson 2: again, unread",
        "lesson 2: again, reads",
        "dense_layer",
        "lesson 2: dense parameters",
        "lesson 2: window parameters",
        "lesson 2: rnn parameters",
        "lesson 2: rnn parameters, 100 rows",
        "lesson 2: shape of states",
        "sequences in one image",
        "time steps and features of 14x56",
        "batch_first",
        "lesson 2: shape of sentences",
    ),
    "03_an_rnn_step_by_hand": (
        "lesson 3: again, dent",
        "lesson 3: again, bag",
        "lesson 3: again, hammer",
        "rnn_step",
        "unroll",
        "read_answer",
        "lesson 3: numbers for the head",
        "lesson 3: left after ten",
        "lesson 3: one factor",
        "rnn_step_back",
    ),
    "04_an_lstm_step_by_hand": (
        "lesson 4: again, shape",
        "lesson 4: again, fade",
        "lesson 4: again, dense",
        "forget gate at 1",
        "gates that make c",
        "lesson 4: covered",
        "lesson 4: overwritten",
        "lesson 4: input gate",
        "lesson 4: kernel shape",
        "lstm_gates",
        "lstm_step",
        "parameter_count",
        "lesson 4: forget bias",
        "from_pytorch",
        "lesson 4: half forgotten",
        "lstm_step_back",
    ),
    "05_two_lines_then_and_now": (
        "lesson 5: again, rnn",
        "lesson 5: again, gradient",
        "lesson 5: again, answer",
        "lesson 5: last h",
        "what return_state gives",
        "to_keras",
        "time_major",
        "padding_mask",
        "lesson 5: rows read",
        "lesson 5: rows that count",
        "lesson 5: outputs of 14x56",
    ),
    "06_train_it_to_read_digits": (
        "lesson 6: again, lstm",
        "lesson 6: again, sheet",
        "lesson 6: again, hidden",
        "lesson 6: parameters",
        "cross_entropy",
        "lesson 6: who may choose",
        "two_layers",
        "lesson 6: confusion",
        "rows_first",
        "lesson 6: updates",
        "lesson 6: one batch",
        "overall_accuracy",
        "settles_at",
    ),
    "07_inside_the_trained_network": (
        "lesson 7: again, block",
        "lesson 7: again, state",
        "lesson 7: again, left",
        "lesson 7: only the last row",
        "lesson 7: output gate shut",
        "parts_of_sheet",
        "lesson 7: shuffled",
        "lesson 7: what shows forgetting",
    ),
    "08_rnn_gru_or_lstm": (
        "lesson 8: again, loss",
        "lesson 8: again, rows",
        "lesson 8: again, shut",
        "gru_step",
        "lesson 8: gru parameters",
        "lesson 8: which is better",
        "lesson 8: forget bias for 784 steps",
        "compose_steps",
        "lesson 8: cudnn",
    ),
    "09_sequences_of_your_own": (
        "lesson 9: again, padding",
        "lesson 9: again, product",
        "lesson 9: again, swapped",
        "lesson 9: embedding",
        "pad_right",
        "turns",
        "lesson 9: the bag at best",
        "windows",
        "scaled",
        "lesson 9: stateful",
    ),
}

# Of these, what a lesson asks in its Further parts, which can be left out.
FURTHER = frozenset(
    {
        "lesson 2: shape of sentences",
        "from_pytorch",
        "lesson 4: half forgotten",
        "lstm_step_back",
        "lesson 6: updates",
        "lesson 6: one batch",
        "overall_accuracy",
        "settles_at",
        "lesson 8: cudnn",
        "lesson 9: stateful",
    }
)

_CHECK = re.compile(
    r"\bchecks\.(?:answer\(\s*([\"'])(?P<question>.+?)\1|(?P<function>(?!answer\b)[a-z_]\w*)\()"
)


def asked(source: str) -> list[str]:
    """Return the exercises that a cell checks, each once, in their order.

    Parameters
    ----------
    source : str
        The cell's text; nothing of it is run.
    """
    names = (found["question"] or found["function"] for found in _CHECK.finditer(source))
    return list(dict.fromkeys(names))
