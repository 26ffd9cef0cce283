"""Lesson 6: a loss, an honest score, the right axes, when a reader knows, a network."""

import numpy as np

from helpers.checks.verdicts import Case, Exercise, Verdict, Wrong
from rnnscope.cells import softmax


def _belief(seed):
    """Make ten beliefs of three decimals, to be copied by hand, that add up to 1 all the same.

    Keras's own losses divide by the sum, and are right too.
    """
    thousandths = (1000 * softmax(np.random.default_rng(seed).normal(size=10))).round().astype(int)
    thousandths[thousandths.argmax()] += 1000 - thousandths.sum()
    return thousandths / 1000


def _belief_cases():
    # Never is the digit believed most the right one. Keras's losses ask a digit for its shape.
    right = {0: 3, 1: 7, 2: 8, 6: 2}
    return [Case((_belief(seed), np.int64(digit)), {}) for seed, digit in right.items()]


CROSS_ENTROPY = Exercise(
    name="cross_entropy",
    asks="the loss of one digit, believed so.",
    takes=("belief", "digit"),
    gives={"loss": ()},
    right=lambda belief, digit: -np.log(belief[digit]),
    cases=_belief_cases(),
    wrong=[
        Wrong(
            lambda belief, digit: np.log(belief[digit]),
            "the minus sign is missing: the logarithm of a number below 1 is negative, and a loss "
            "is 0 at best.",
        ),
        Wrong(
            lambda belief, digit: -np.log(belief),
            "that is a loss for each of the ten digits: only the belief in the right one counts, "
            "belief[digit].",
        ),
        Wrong(
            lambda belief, digit: -np.log(belief.max()),
            "that takes the digit believed most: the loss asks for the belief in the right digit, "
            "belief[digit].",
        ),
        Wrong(
            lambda belief, digit: -np.log(belief[digit - 1]),
            "that is the digit before: the beliefs begin with that in 0, so belief[3] is the one "
            "in a 3.",
        ),
        Wrong(
            lambda belief, digit: belief[digit],
            "that is the belief itself, which is large when the reader does well: take minus its "
            "logarithm.",
        ),
        Wrong(
            lambda belief, digit: 1 - belief[digit],
            "that is how much belief is missing: cross-entropy is minus the logarithm of the "
            "belief, so being sure of a wrong digit costs far more than 1.",
        ),
        Wrong(
            lambda belief, digit: 1 / belief[digit],
            "that is one over the belief: take its logarithm too.",
        ),
        Wrong(
            lambda belief, digit: -np.log10(belief[digit]),
            "that is the logarithm to the base 10: np.log is the natural one.",
        ),
        Wrong(
            lambda belief, digit: -np.log2(belief[digit]),
            "that is the logarithm to the base 2: np.log is the natural one.",
        ),
        Wrong(
            lambda belief, digit: -np.log(1 - belief[digit]),
            "that punishes belief in the right digit: take the logarithm of belief[digit] itself.",
        ),
        Wrong(
            lambda belief, digit: -np.log(softmax(belief)[digit]),
            "the beliefs have gone through softmax already: they add up to 1 as they come.",
        ),
        Wrong(
            lambda belief, digit: -np.log(belief).sum(),
            "that adds up all ten digits: only the belief in the right one counts, belief[digit].",
        ),
        Wrong(
            lambda belief, digit: -np.log(belief).mean(),
            "that is a mean over all ten digits: only the belief in the right one counts, "
            "belief[digit].",
        ),
        Wrong(
            lambda belief, digit: -(belief * np.log(belief)).sum(),
            "that is the entropy of the belief, which does not ask what was right: only "
            "belief[digit] counts.",
        ),
        Wrong(
            lambda belief, digit: -belief[digit] * np.log(belief[digit]),
            "the belief stands there twice: minus its logarithm, and no more.",
        ),
        Wrong(
            lambda belief, digit: ((belief - np.eye(10)[digit]) ** 2).sum(),
            "that is the squared error: cross-entropy is minus the logarithm of the belief in the "
            "right digit.",
        ),
    ],
    look={"loss": "belief[digit], and at minus its natural logarithm"},
    praise="the less it believed in the right digit, the more it costs.",
    corners=[Case((_belief(3), np.int64(n)), name=f"the digit {n}") for n in (0, 9)],
)


def _running_mean(right, sizes):
    mean = right[0] / sizes[0]
    for r, n in zip(right[1:], sizes[1:], strict=True):
        mean = (mean + r / n) / 2
    return mean


def _score_cases():
    batches = [
        ([118, 126, 15], [128, 127, 17]),
        ([60, 57, 49, 20], [64, 63, 50, 31]),
        ([91, 99], [100, 103]),
    ]
    return [Case((np.array(r), np.array(n)), {"batches": len(r)}) for r, n in batches]


OVERALL_ACCURACY = Exercise(
    name="overall_accuracy",
    asks="the accuracy over all batches, from the counts in each.",
    takes=("right", "sizes"),
    gives={"accuracy": ()},
    right=lambda right, sizes: right.sum() / sizes.sum(),
    cases=_score_cases(),
    wrong=[
        Wrong(
            lambda right, sizes: (right / sizes).mean(),
            "that is the mean of the batches' accuracies: a digit in a small batch counts for "
            "more than one in a large batch. Count all right ones, then divide once.",
        ),
        Wrong(
            lambda right, sizes: right[0] / sizes[0],
            "that is the first batch alone: another batch would have given another figure, so "
            "count them all.",
        ),
        Wrong(
            lambda right, sizes: right[-1] / sizes[-1],
            "that is the last batch alone: another batch would have given another figure, so "
            "count them all.",
        ),
        Wrong(
            lambda right, sizes: (right / sizes).max(),
            "that is the luckiest batch: count them all.",
        ),
        Wrong(
            _running_mean,
            "that is a running mean in which the last batch counts for half of the whole: add up "
            "first, and divide once at the end.",
        ),
        Wrong(
            lambda right, sizes: np.median(right / sizes),
            "that is the batch in the middle: count all digits.",
        ),
        Wrong(
            lambda right, sizes: right / sizes,
            "that is a figure for each batch: add up over the batches before you divide.",
        ),
        Wrong(
            lambda right, sizes: right.sum() / (len(sizes) * sizes[0]),
            "that takes every batch to be as large as the first: add up the sizes.",
        ),
        Wrong(
            lambda right, sizes: right.sum() / (len(sizes) * 128),
            "that takes every batch to have 128 digits: add up the sizes.",
        ),
        Wrong(
            lambda right, sizes: right.sum(),
            "that is how many were right: divide by how many there were.",
        ),
        Wrong(
            lambda right, sizes: right.sum() / len(sizes),
            "that is the number of right answers a batch: divide by the number of digits.",
        ),
        Wrong(
            lambda right, sizes: 100 * right.sum() / sizes.sum(),
            "that is in per cent: give the share, between 0 and 1.",
        ),
        Wrong(
            lambda right, sizes: 1 - right.sum() / sizes.sum(),
            "that is the share of wrong answers: give that of right ones.",
        ),
        Wrong(
            lambda right, sizes: sizes.sum() / right.sum(),
            "that is upside down: right ones above, all of them below.",
        ),
    ],
    look={"accuracy": "all right answers, divided once by all digits"},
    praise="every digit counts once, whichever batch it came in.",
    corners=[
        Case((np.array([7]), np.array([9])), name="a single batch"),
        Case((np.array([7, 0]), np.array([9, 4])), name="a batch without a right answer"),
    ],
)


def _columns_cases():
    sizes = [(5, 3, 2), (4, 6, 3), (2, 3, 7)]
    return [
        Case(
            (np.random.default_rng(seed).normal(size=shape),),
            dict(zip(("images", "columns", "rows"), shape, strict=True)),
        )
        for seed, shape in enumerate(sizes)
    ]


ROWS_FIRST = Exercise(
    name="rows_first",
    asks="(images, columns, rows) -> (images, rows, columns).",
    takes=("images",),
    gives={"x": ("images", "rows", "columns")},
    right=lambda images: images.swapaxes(1, 2),
    cases=_columns_cases(),
    wrong=[
        Wrong(
            lambda images: images.reshape(len(images), images.shape[2], images.shape[1]),
            "the shape is right, but reshape has torn the rows apart: it counts the pixels off "
            "anew in their old order. Swap two axes instead.",
        ),
        Wrong(
            lambda images: images,
            "that is as it came, columns before rows: a square image would be read column by "
            "column, without an error.",
        ),
        Wrong(
            lambda images: images.T,
            ".T turns all three axes round, and the images come last: swap the second axis with "
            "the third, and leave the first where it is.",
        ),
        Wrong(
            lambda images: images.swapaxes(0, 1),
            "images and columns have changed places: swap the second axis with the third.",
        ),
        Wrong(
            lambda images: images.transpose(2, 0, 1),
            "the rows have come to the front: the images stay the first axis.",
        ),
        Wrong(
            lambda images: images.transpose(1, 2, 0),
            "the images have gone to the end: they stay the first axis.",
        ),
        Wrong(
            lambda images: np.rot90(images, axes=(1, 2)),
            "that turns each image by a quarter: swapping the axes mirrors it at its diagonal.",
        ),
        Wrong(
            lambda images: np.rot90(images, -1, axes=(1, 2)),
            "that turns each image by a quarter, clockwise: swapping the axes mirrors it at its "
            "diagonal.",
        ),
        Wrong(lambda images: images[0].T, "that is the first image alone: all of them are wanted."),
        Wrong(
            lambda images: images.swapaxes(1, 2).reshape(len(images), -1),
            "the pixels of an image stand in one long row: keep rows and columns apart.",
        ),
    ],
    look={"x": "which two of the axes change places"},
    praise="rows are the time steps and columns the features again, and no pixel is torn away.",
    corners=[Case((np.arange(6.0).reshape(1, 2, 3),), name="a single image")],
)


def _settles_at(answers):
    different = np.flatnonzero(answers != answers[-1])
    return int(different[-1]) + 2 if len(different) else 1


def _first_equal(answers):
    return int(np.argmax(answers == answers[-1])) + 1


def _first_pair(answers):
    return int(np.argmax(answers[1:] == answers[:-1])) + 1


def _settling_cases():
    winners = (
        [0, 4, 9, 9, 4, 9, 4, 4, 4],
        [6, 5, 3, 3, 5, 5, 3, 5, 8, 5, 5, 5, 5],
        [1, 1, 7, 2, 7, 2, 2],
    )
    return [Case((np.array(answers),), {"time steps": len(answers)}) for answers in winners]


SETTLES_AT = Exercise(
    name="settles_at",
    asks="the row, from 1, from which on the answer stays the same.",
    takes=("answers",),
    gives={"row": ()},
    right=_settles_at,
    cases=_settling_cases(),
    wrong=[
        Wrong(
            lambda answers: _settles_at(answers) - 1,
            "that is one too early: Python counts from 0, and the rows are counted from 1.",
        ),
        Wrong(
            lambda answers: _settles_at(answers) - 2,
            "that is two too early: the row wanted comes after the last one with another answer, "
            "and rows are counted from 1.",
        ),
        Wrong(
            _first_equal,
            "that is the first time that it gives its final answer, but it changes its mind "
            "later: look from the end.",
        ),
        Wrong(
            lambda answers: _first_equal(answers) - 1,
            "that is the first time that it gives its final answer, counted from 0, and it changes "
            "its mind later: look from the end.",
        ),
        Wrong(
            _first_pair,
            "that is the first row whose answer the next row repeats, but it changes its mind "
            "later: look from the end.",
        ),
        Wrong(
            lambda answers: int((answers == answers[-1]).sum()),
            "that counts the rows with the final answer: the row from which on it stays is wanted.",
        ),
        Wrong(
            lambda answers: len(answers) - _settles_at(answers) + 1,
            "that counts from the last row back: how many rows it has stayed, not from which.",
        ),
        Wrong(
            lambda answers: int(answers[-1]),
            "that is the final answer itself: the row from which on it stays is wanted.",
        ),
        Wrong(
            lambda answers: len(answers),
            "that is the last row, whatever was read: when did the answer change for the last "
            "time?",
        ),
    ],
    look={"row": "the last row whose answer differs from the final one: the next row is wanted"},
    praise="from that row on it never changes its mind.",
    corners=[
        *(
            Case((np.array(answers),), name="an answer that never changes")
            for answers in ([4, 4, 4, 4], [0] * 7, [1] * 10, [9])
        ),
        Case((np.array([3, 3, 5]),), name="an answer that changes at the last row"),
    ],
)


def judge_two_layers(network):
    """Give the verdict on a network of two recurrent layers and a head of ten logits."""
    if network is ... or network is None:
        return Verdict(False, "Your turn: build my_network, then run this check again.")
    fault = _fault(network)
    if fault:
        return Verdict(False, f"Not yet: {fault}")
    return Verdict(
        True,
        "Right: the first layer hands on a state for every row, the second reads them all and "
        "hands on its last.",
    )


def _fault(network):
    """Say in a sentence what the network is not, or nothing."""
    if isinstance(network, type) or not hasattr(network, "layers"):
        got = (
            f"the class {network.__name__}" if isinstance(network, type) else type(network).__name__
        )
        return f"this asks for a network, keras.Sequential([...]), and got {got}."
    recurrent = [layer for layer in network.layers if hasattr(layer, "return_sequences")]
    if len(recurrent) != 2:
        many = f"{len(recurrent)} recurrent layer{'s' * (len(recurrent) != 1)}"
        return f"it has {many}; two are asked for, one after the other."
    if not network.built:
        return "it does not know yet what comes in: begin with keras.layers.Input((28, 28))."
    came, given = tuple(network.input_shape[1:]), tuple(network.output_shape[1:])
    if came != (28, 28):
        return f"it takes inputs of shape {came}; a digit is 28 rows of 28 pixels."
    if not recurrent[0].return_sequences:
        return (
            "its first recurrent layer hands on its last state alone, so the second does not read "
            "the first's states, one for every row: the first needs return_sequences=True."
        )
    if recurrent[-1].return_sequences:
        return (
            "its second recurrent layer hands on a state for every row, so the head would answer "
            "28 times: only the first needs return_sequences=True."
        )
    return _about_head(network, given) or _about_sizes(recurrent)


def _about_head(network, given):
    head = network.layers[-1]
    if hasattr(head, "return_sequences"):
        return "it ends with a recurrent layer: the head, Dense(10), makes ten logits of its state."
    if given != (10,):
        return f"it gives an output of shape {given}; the head gives ten logits, Dense(10)."
    activation = getattr(getattr(head, "activation", None), "__name__", "linear")
    if type(head).__name__ == "Softmax" or activation == "softmax":
        return (
            "its head ends with softmax, and the loss of this lesson does the softmax itself "
            "(from_logits=True), so it would be done twice: leave it out."
        )
    if activation != "linear":
        return f"its head ends with {activation}; logits may be of any size and sign: leave it out."
    return None


def _about_sizes(recurrent):
    for layer in recurrent:
        if not hasattr(layer, "units"):
            kind = type(layer).__name__
            return f"its layer {layer.name!r} is a {kind} layer: two LSTM layers are asked for."
        if layer.stateful:
            return (
                f"its layer {layer.name!r} has stateful=True and would begin each batch in the "
                "states that other digits have left: leave it out."
            )
    sizes = [layer.units for layer in recurrent]
    if sizes != [64, 64]:
        return f"its recurrent layers have {sizes[0]} and {sizes[1]} units; 64 each are asked for."
    return None
