"""Lesson 5: moving an old LSTM's weights, time-first data and masks to today's Keras."""

import numpy as np

from helpers.checks.results import to_array
from helpers.checks.verdicts import Case, Exercise, Wrong
from rnnscope import cells

# --- the weights of BasicLSTMCell in keras.layers.LSTM ------------------------------------------

KERNEL, RECURRENT_KERNEL, BIAS = range(3)


def _permuted(columns):
    i, j, f, o = np.split(columns, 4, axis=-1)
    return np.concatenate([i, f, j, o], axis=-1)


def _moved(permute=(KERNEL, RECURRENT_KERNEL, BIAS), block=1, new=lambda old, b: old + b):
    """Move the weights, or permute only some of them and treat another block of the bias."""

    def to_keras(kernel, bias, forget_bias):
        units = len(bias) // 4
        arrays = [kernel[:-units], kernel[-units:], bias]
        kernel, recurrent_kernel, bias = (
            _permuted(array) if n in permute else array for n, array in enumerate(arrays)
        )
        blocks = bias.reshape(4, units).copy()
        blocks[block] = new(blocks[block], forget_bias)
        return kernel, recurrent_kernel, blocks.ravel()

    return to_keras


def _left_out(old, forget_bias):
    return old


def _h_first(kernel, bias, forget_bias):
    units = len(bias) // 4
    return _moved()(np.concatenate([kernel[units:], kernel[:units]]), bias, forget_bias)


FORGET_BIAS_IDEAS = [
    Wrong(
        _moved(new=_left_out),
        "the columns are right, but the forget bias is missing: the old cell adds it at every "
        "step, so add it to the forget gate's block of bias.",
    ),
    Wrong(
        _moved(block=2),
        "the forget bias has landed on the candidate: f is the third block in the old order, and "
        "the second in Keras's.",
    ),
    Wrong(
        _moved(block=0),
        "the forget bias is added to the first block of bias, the input gate's: f is the second.",
    ),
    Wrong(
        _moved(block=3),
        "the forget bias is added to the last block of bias, the output gate's: f is the second.",
    ),
    Wrong(
        _moved(block=slice(None)),
        "the forget bias is added to all four blocks of bias: only the forget gate gets it.",
    ),
    Wrong(
        _moved(new=lambda old, b: old + 2 * b),
        "the forget bias is added twice: the old cell adds it once a step.",
    ),
    Wrong(
        _moved(new=lambda old, b: old - b),
        "the forget bias is subtracted: the old cell adds it, so add it here too.",
    ),
    Wrong(
        _moved(new=lambda old, b: old + 1),
        "you add 1 whatever forget_bias is: 1 was only the usual value.",
    ),
    Wrong(
        _moved(new=lambda old, b: b),
        "the forget gate's block is replaced by the forget bias, and what the cell had learned "
        "there is lost: add to it.",
    ),
]

OLD_ORDER = "still in the old order, i, j, f, o, where Keras reads i, f, c, o"
COLUMNS = {
    (): f"the columns of the kernels and the blocks of the bias are {OLD_ORDER}",
    (KERNEL, RECURRENT_KERNEL): f"the kernels are right, but the bias's blocks are {OLD_ORDER}",
    (BIAS,): f"the bias is permuted, but the columns of both kernels are {OLD_ORDER}",
    (KERNEL, BIAS): f"the columns of the recurrent kernel are {OLD_ORDER}",
    (RECURRENT_KERNEL, BIAS): f"the columns of the kernel are {OLD_ORDER}",
}


def _column_ideas():
    """List what comes of blocks left in the old order, with the forget bias added or forgotten."""
    ideas = []
    for permute, sentence in COLUMNS.items():
        f, j = (1, 2) if BIAS in permute else (2, 1)
        ideas += [
            Wrong(_moved(permute, f), f"{sentence}."),
            Wrong(_moved(permute, f, _left_out), f"{sentence}; and the forget bias is missing."),
            Wrong(
                _moved(permute, j),
                f"{sentence}; and the forget bias is added to the block of the candidate.",
            ),
        ]
    return ideas


def _weights_cases():
    cases = []
    for seed, (features, units, forget_bias) in enumerate([(5, 3, 1.0), (4, 6, 0.3), (3, 7, 2.5)]):
        rng = np.random.default_rng(seed)
        kernel = rng.normal(size=(features + units, 4 * units)).round(2)
        sizes = {"features": features, "units": units, "4 * units": 4 * units}
        cases.append(Case((kernel, rng.normal(size=4 * units).round(2), forget_bias), sizes))
    return cases


TO_KERAS = Exercise(
    name="to_keras",
    asks="BasicLSTMCell's weights for Keras's LSTM.",
    takes=("kernel", "bias", "forget_bias"),
    gives={
        "kernel": ("features", "4 * units"),
        "recurrent_kernel": ("units", "4 * units"),
        "bias": ("4 * units",),
    },
    right=_moved(),
    cases=_weights_cases(),
    wrong=[
        *FORGET_BIAS_IDEAS,
        *_column_ideas(),
        Wrong(
            _h_first,
            "kernel and recurrent_kernel are cut from the wrong ends: the old kernel has the "
            "features' rows on top and the units' rows below.",
        ),
    ],
    look={
        "kernel": "which rows are the features', and at the order of its four blocks of columns",
        "recurrent_kernel": "which rows are the units', and at the order of its blocks of columns",
        "bias": "the order of its four blocks, and at the one that takes the forget bias",
    },
    praise="rows cut, columns permuted, the forget bias moved: an old LSTM runs in today's Keras.",
    corners=[Case((np.arange(12.0).reshape(3, 4), np.arange(4.0), 1.0), name="a single unit")],
)


# --- what time_major=True did ------------------------------------------------------------------


def _swapped(x):
    return np.swapaxes(x, 0, 1)


def _reshaped(x):
    return x.reshape(x.shape[1], x.shape[0], *x.shape[2:])


def _time_major_cases():
    cases = []
    for seed, (time_steps, batch, features, units) in enumerate([(6, 3, 5, 4), (4, 7, 2, 3)]):
        rng = np.random.default_rng(seed)
        weights = cells.random_weights("rnn", features, units, seed)
        x = rng.normal(size=(time_steps, batch, features)).round(2)
        sizes = {"time steps": time_steps, "batch": batch, "features": features, "units": units}
        cases.append(Case((_layer(weights), x), sizes))
    return cases


def _layer(weights):
    features = len(weights.kernel)

    def layer(x, **options):
        if "time_major" in options:
            raise TypeError("layer() got an unexpected keyword argument 'time_major'")
        x = to_array(x)  # as a layer of Keras takes tensors and lists
        if x.ndim != 3 or x.shape[-1] != features:
            raise ValueError(
                f"the layer reads {features} features on the last of three axes, and here came "
                f"{x.shape}; of x only the first two axes change places"
            )
        return cells.unroll("rnn", x, weights).h

    return layer


TIME_MAJOR = Exercise(
    name="time_major",
    asks="x and the outputs with time first, for a batch-first layer.",
    stops={
        "time_major": "time_major is gone, and today's layers refuse it: swap the first two axes "
        "of x yourself, and those of the outputs back."
    },
    takes=("layer", "x"),
    gives={"outputs": ("time steps", "batch", "units")},
    right=lambda layer, x: _swapped(layer(_swapped(x))),
    cases=_time_major_cases(),
    wrong=[
        Wrong(
            lambda layer, x: layer(x),
            "x goes into the layer with time first, so the layer takes the steps for sequences and "
            "walks from one sequence to the next: swap the first two axes before.",
        ),
        Wrong(
            lambda layer, x: layer(_swapped(x)),
            "the layer reads the right axis, but its outputs come with the batch first: swap them "
            "back.",
        ),
        Wrong(
            lambda layer, x: _swapped(layer(x)),
            "only the outputs are swapped: the layer still takes the steps for sequences, so swap "
            "x before it goes in.",
        ),
        Wrong(
            lambda layer, x: _swapped(layer(_reshaped(x))),
            "reshape only cuts the same row of numbers anew, so rows of several sequences are "
            "mixed: swap the two axes of x instead.",
        ),
        Wrong(
            lambda layer, x: _reshaped(layer(_reshaped(x))),
            "reshape only cuts the same row of numbers anew, so rows of several sequences are "
            "mixed: swap the two axes instead, before and after.",
        ),
        Wrong(
            lambda layer, x: _reshaped(layer(_swapped(x))),
            "x is right, but reshape only cuts the outputs anew, so those of several sequences are "
            "mixed: swap their two axes instead.",
        ),
        Wrong(
            lambda layer, x: layer(_swapped(x)).T,
            ".T turns all three axes round: of the outputs, swap the first two alone.",
        ),
        Wrong(
            lambda layer, x: layer(_swapped(x))[:, -1],
            "those are the last outputs alone: time_major=True gave those of every step.",
        ),
    ],
    look={"outputs": "which two axes change places before the layer, and which two after it"},
    praise="swapped on the way in, swapped back on the way out: that is all time_major=True did.",
    corners=[
        Case((_layer(cells.random_weights("rnn", 2, 3, 0)), np.ones(shape)), name=name)
        for name, shape in (("a single time step", (1, 3, 2)), ("a batch of one", (3, 1, 2)))
    ],
)


# --- a mask from lengths -----------------------------------------------------------------------


def _mask(lengths, time_steps):
    return np.arange(time_steps) < lengths[:, np.newaxis]


def _mask_cases():
    return [
        Case((np.array(lengths), time_steps), {"batch": len(lengths), "time steps": time_steps})
        for lengths, time_steps in (([4, 7, 2, 6], 7), ([5, 1], 6), ([3, 8, 8, 2, 5], 9))
    ]


PADDING_MASK = Exercise(
    name="padding_mask",
    asks="the mask of sequences padded on the right.",
    stops={
        "could not be broadcast together": "each length must meet every step, so lengths needs a "
        "second axis: as it is, NumPy pairs the first length with the first step, the second with "
        "the second."
    },
    takes=("lengths", "time_steps"),
    gives={"mask": ("batch", "time steps")},
    right=_mask,
    cases=_mask_cases(),
    wrong=[
        Wrong(
            lambda lengths, time_steps: ~_mask(lengths, time_steps),
            "the mask is the wrong way round: True stands where a true row is, False at padding.",
        ),
        Wrong(
            lambda lengths, time_steps: _mask(lengths + 1, time_steps),
            "each sequence is one row too long: steps count from 0, so the last true row is "
            "length - 1. Is there a <= in place of a <?",
        ),
        Wrong(
            lambda lengths, time_steps: _mask(lengths - 1, time_steps),
            "each sequence is one row too short: steps count from 0, so step < length.",
        ),
        Wrong(
            lambda lengths, time_steps: _mask(lengths, time_steps)[:, ::-1],
            "the true rows stand at the end: here the padding is on the right, so they come first.",
        ),
        Wrong(
            lambda lengths, time_steps: _mask(lengths, time_steps).T,
            "the time steps come first: one row for each sequence, one column for each step.",
        ),
        Wrong(
            lambda lengths, time_steps: np.ones((len(lengths), time_steps), int),
            "no step is masked: False stands at each step from the length on.",
        ),
        Wrong(
            lambda lengths, time_steps: np.arange(time_steps) == lengths[:, np.newaxis] - 1,
            "True stands at the last true row alone: it stands at every row before it too.",
        ),
    ],
    look={"mask": "one sequence: as many times True as its length says, then False"},
    praise="True for every true row, False for the padding on its right.",
    corners=[
        Case((np.array([2, 0, 4]), 4), name="a length of 0"),
        Case((np.array([1, 0]), 1), name="a single time step"),
    ],
    as_array="True and False stand where they should, but in a list, and Keras's mask= takes an "
    "array: hand the list to np.array.",
)
