"""Lesson 2: a dense layer, a batch whose axes stand in the right order, and counting."""

import numpy as np

from helpers.checks.plain_answers import UNKNOWN_BATCH, Answer
from helpers.checks.verdicts import Case, Exercise, Wrong
from rnnscope.cells import sigmoid


def _dense(x, W, b):
    return np.tanh(x @ W + b)


def _dense_cases():
    cases = []
    for seed, (features, units) in enumerate([(5, 3), (3, 7), (4, 6)]):
        rng = np.random.default_rng(seed)
        x, W = rng.normal(size=features), rng.normal(size=(features, units))
        cases.append(Case((x, W, rng.normal(size=units)), {"features": features, "units": units}))
    return cases


DENSE_LAYER = Exercise(
    name="dense_layer",
    asks="what a layer makes of one feature vector, with tanh.",
    takes=("x", "W", "b"),
    gives={"y": ("units",)},
    right=_dense,
    cases=_dense_cases(),
    wrong=[
        Wrong(
            lambda x, W, b: x @ W + b,
            "the sums are not squashed: each goes through np.tanh at the end.",
        ),
        Wrong(
            lambda x, W, b: np.tanh(x @ W),
            "the biases are missing: add b to the sums, before tanh.",
        ),
        Wrong(
            lambda x, W, b: np.tanh(x @ W) + b,
            "the bias stands outside tanh: it is a part of the sum that tanh squashes.",
        ),
        Wrong(lambda x, W, b: np.tanh(x @ W - b), "the bias is taken away: it is added."),
        Wrong(lambda x, W, b: sigmoid(x @ W + b), "a sigmoid stands where our layer has a tanh."),
        Wrong(
            lambda x, W, b: np.maximum(x @ W + b, 0), "a ReLU stands where our layer has a tanh."
        ),
        Wrong(
            lambda x, W, b: np.tanh(W.sum(axis=0) + b),
            "the features have no say: each weight is multiplied by its feature before the sum.",
        ),
        Wrong(
            lambda x, W, b: np.tanh((x @ W + b).sum()),
            "the sums of all units are added up: each unit has a result of its own.",
        ),
        Wrong(
            lambda x, W, b: np.tanh(x[:, np.newaxis] * W + b),
            "the products are not added up: x @ W multiplies and adds, x * W only multiplies.",
        ),
    ],
    look={"y": "the sum x @ W + b first, then at tanh around all of it"},
    praise="multiply, add, squash, and all units at the same time.",
    corners=[
        Case(
            (np.array([900.0, -800.0]), np.array([[1.0, -1.0, 0.1], [-0.5, 0.2, 1.5]]), np.ones(3)),
            name="sums as large as 1,000 (where exp alone overflows)",
        ),
        Case((np.array([0.5, -1.0]), np.array([[1.0], [0.3]]), np.ones(1)), name="a single unit"),
    ],
)


def _batch_first_cases():
    sizes = [(5, 3, 2), (4, 6, 3), (2, 3, 7)]
    return [
        Case(
            (np.random.default_rng(seed).normal(size=shape),),
            dict(zip(("time steps", "batch", "features"), shape, strict=True)),
        )
        for seed, shape in enumerate(sizes)
    ]


BATCH_FIRST = Exercise(
    name="batch_first",
    asks="(time steps, batch, features) -> (batch, time steps, features).",
    takes=("x",),
    gives={"x": ("batch", "time steps", "features")},
    right=lambda x: x.swapaxes(0, 1),
    cases=_batch_first_cases(),
    wrong=[
        Wrong(
            lambda x: x.reshape(x.shape[1], x.shape[0], x.shape[2]),
            "the shape is right, but reshape has torn the sequences apart: it counts the numbers "
            "off anew in their old order. Swap two axes instead.",
        ),
        Wrong(lambda x: x, "that is x as it came: the time steps are still its first axis."),
        Wrong(
            lambda x: x.swapaxes(0, 2),
            "time steps and features have changed places: swap the first axis with the second.",
        ),
        Wrong(
            lambda x: x.swapaxes(1, 2),
            "batch and features have changed places: swap the first axis with the second.",
        ),
        Wrong(
            lambda x: x.transpose(1, 2, 0),
            "the batch is first, but the features stand before the time steps: swap two axes, and "
            "leave the third where it is.",
        ),
        Wrong(
            lambda x: x.transpose(2, 0, 1), "the features have come to the front: they stay last."
        ),
        Wrong(
            lambda x: x[::-1].swapaxes(0, 1),
            "every sequence runs backwards: keep the order of its time steps.",
        ),
    ],
    look={"x": "which numbers make one sequence: x[:, 0] of the old array is x[0] of the new one"},
    praise="every sequence is whole, and the batch comes first.",
    corners=[
        Case((np.arange(12.0).reshape(4, 1, 3),), name="a batch of one sequence"),
        Case((np.arange(12.0).reshape(1, 4, 3),), name="a single time step"),
    ],
)


# --- plain answers -----------------------------------------------------------------------------

ANSWERS = {
    # Lesson 2 (misconceptions 1, 2 and 6).
    "lesson 2: dense parameters": Answer(
        right=[78500],
        wrong={
            78400: "the biases are missing: one for each unit.",
            78401: "every unit has a bias of its own: 100 of them, not one.",
            79184: "a bias belongs to a unit, not to a feature: there are 100 of them.",
            884: "weights are the entries of a table, 784 rows times 100 columns: multiply.",
            785: "that is one unit: there are 100 of them.",
            7850: "that is the layer with ten units that we had above: this one has 100.",
        },
        look="a table with a row for each pixel and a column for each unit, and a bias a unit.",
        praise="784 times 100 weights, and 100 biases.",
    ),
    "lesson 2: window parameters": Answer(
        right=[520],
        wrong={
            500: "the biases are missing: one for each window.",
            501: "every window has a bias of its own: 20 of them, not one.",
            25: "that is one window without its bias: there are 20 of them.",
            26: "that is one window: there are 20 of them.",
            299520: "the places do not come into it: a window has the same weights wherever it is.",
            288000: "the places do not come into it: a window has the same weights wherever it is.",
            407680: "the pixels of the image do not come into it: a window has 25 weights.",
        },
        look="one window has 5 times 5 weights and a bias, and there are 20 windows.",
        praise="20 times 26, whatever the size of the image.",
    ),
    "lesson 2: rnn parameters": Answer(
        right=[5952],
        wrong={
            166656: "that is multiplied by the 28 time steps: each step uses the same three "
            "tables, so count them once.",
            5888: "the biases are missing: one for each unit.",
            5889: "every unit has a bias of its own: 64 of them, not one.",
            5916: "a bias belongs to a unit, not to a feature: there are 64 of them.",
            6016: "there is one bias a unit, not two.",
            1856: "the recurrent kernel is missing: it takes 64 units to 64 units.",
            1792: "that is the kernel alone: the recurrent kernel and the biases are missing.",
            4160: "the kernel is missing: it turns a row of 28 pixels into 64 numbers.",
            2640: "the recurrent kernel goes from units to units: it is 64 times 64.",
            50240: "it reads one row at a time: its kernel has 28 rows, not 784.",
            54336: "it reads one row at a time: its kernel has 28 rows, not 784.",
            23808: "that is four sets of weights, an LSTM's: the plain RNN has one.",
        },
        look="three tables: features times units, units times units, and a bias for each unit.",
        praise="28 * 64 + 64 * 64 + 64, once, for all time steps.",
    ),
    "lesson 2: rnn parameters, 100 rows": Answer(
        right=[5952],
        wrong={
            595200: "that is multiplied by the 100 time steps: each step uses the same three "
            "tables, so their size stays as it was.",
            166656: "that is multiplied by 28 time steps: each step uses the same three tables.",
            10560: "the 100 rows are time steps, not features: a row still has 28 pixels.",
            21257: "more time steps need no more weights: the tables stay as they were.",
        },
        look="what in the three tables depends on how many rows there are?",
        praise="as many as before: the time steps do not come into it.",
    ),
    "lesson 2: shape of states": Answer(
        right=[(3, 28, 12)],
        wrong={
            (None, 28, 12): UNKNOWN_BATCH,
            (3, 28, 20): "20 is the number of features: a state is as wide as there are units.",
            (3, 28, 28): "a state is as wide as there are units, whatever the number of rows.",
            (3, 20, 12): "20 is the number of features: there is a state for each time step.",
            (3, 12, 28): "time steps and units are swapped: (batch, time steps, units).",
            (28, 3, 12): "the time steps come first there: (batch, time steps, units).",
            (3, 12, 12): "12 is the number of units: there is a state for each of 28 time steps.",
            (3, 12): "those are the last states alone: there is one for every time step.",
            (28, 12): "the batch is missing: (batch, time steps, units).",
            (3, 28, 20, 12): "the features have gone into the kernel: (batch, time steps, units).",
        },
        look="write (batch, time steps, units).",
        praise="batch and time steps from the input, units from the network.",
    ),
    "lesson 2: shape of sentences": Answer(
        right=[(32, 12, 50)],
        wrong={
            (None, 12, 50): UNKNOWN_BATCH,
            (32, 12, 64): "64 is the number of units: it belongs to the network, not to the input.",
            (32, 50, 12): "time steps and features are swapped: 12 words come one after the other.",
            (12, 32, 50): "the batch comes first: (batch, time steps, features).",
            (50, 12, 32): "the batch comes first: (batch, time steps, features).",
            (12, 50): "the batch is missing: (batch, time steps, features).",
            (32, 12): "the features are missing: a word is a vector of 50 numbers.",
            (32, 50): "the time steps are missing: 12 words come one after the other.",
            (384, 50): "batch and time steps are one axis there: keep the sentences apart.",
            (32, 600): "time steps and features are one axis there: keep the words apart.",
            (32, 12, 50, 64): "64 is the number of units: it belongs to the network, not to the "
            "input.",
        },
        look="write (batch, time steps, features): sentences, words, numbers of a word.",
        praise="32 sentences, 12 time steps, 50 features; the units do not show.",
    ),
    # Reading an image row by row: three sizes, three names (misconceptions 1 and 2).
    "time steps and features of 14x56": Answer(
        right=[(14, 56)],
        wrong={
            (None, 14, 56): "leave the batch out: only time steps and features are asked for.",
            (56, 14): "the two are swapped: the rows come one after the other, so the 14 rows are "
            "the time steps, and one row's 56 pixels are the features.",
            (28, 28): "28 x 28 is another picture's size: this one has 14 rows of 56 pixels.",
            784: "give two numbers, time steps and features; 784 is how many pixels there are.",
            (1, 14, 56): "leave the batch out: only time steps and features are asked for.",
        },
        look="count how many rows come one after the other, and how many pixels one row brings.",
        praise="14 rows come one after the other, each brings 56 pixels.",
    ),
    # Misconception 3.
    "sequences in one image": Answer(
        right=[1],
        wrong={
            28: "28 is the number of time steps: one image is one sequence of 28 steps.",
            784: "784 is the number of pixels: one image is one sequence of 28 steps.",
        },
        look="think of how often the state starts again from zero while one image is read.",
        praise="one sequence, of 28 steps of 28 features.",
    ),
}
