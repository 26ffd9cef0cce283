"""Lesson 2: a dense layer, a batch whose axes stand in the right order, and counting."""

import numpy as np

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
