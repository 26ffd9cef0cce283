"""What goes wrong with weights, in every cell: bias, columns, transposed kernels."""

import itertools

import numpy as np

from helpers.checks.verdicts import Case, Wrong
from rnnscope import cells


def step_cases(cell, states):
    """Make one step's random arguments: x_t, h (and c where ``states`` is 2), weights."""
    cases = []
    for seed, (batch, features, units) in enumerate([(7, 5, 4), (3, 4, 6), (6, 3, 5)]):
        rng = np.random.default_rng(seed)
        x_t = rng.normal(size=(batch, features))
        h = rng.uniform(-0.9, 0.9, (batch, units))
        c = rng.normal(0, 1.5, (batch, units))
        weights = cells.random_weights(cell, features, units, seed)
        k = len(cells.BLOCKS[cell])
        sizes = {"batch": batch, "features": features, "units": units}
        if k > 1:
            sizes[f"{k} * units"] = k * units
        cases.append(Case((x_t, *(h, c)[:states], weights), sizes))
    return cases


def step_corners(cell, states):
    """Make what a right step must stand too: sums that exp cannot take, one sequence, one unit."""
    corners = []
    for name, batch, units, scale in (
        ("sums as large as 1,000 (where exp alone overflows)", 3, 2, 1000),
        ("a batch of one sequence", 1, 3, 1),
        ("a single unit", 2, 1, 1),
    ):
        rng = np.random.default_rng(1)
        x_t = scale * rng.choice([-1, 1], (batch, 2)) * rng.uniform(1, 2, (batch, 2))
        h, c = rng.uniform(-0.9, 0.9, (2, batch, units))
        weights = cells.random_weights(cell, 2, units, 5)
        corners.append(Case((x_t, *(h, c)[:states], weights), name=name))
    return corners


def with_weights(right, change):
    """Compute what ``right`` gives when the weights, its last argument, are seen otherwise."""
    return lambda *arguments: right(*arguments[:-1], change(arguments[-1]))


def _columns(cell, order):
    """Take the blocks of columns in another order than Keras keeps them."""
    k = len(cells.BLOCKS[cell])

    def change(weights):
        return cells.Weights(
            *(
                np.concatenate([np.split(array, k, axis=-1)[block] for block in order], axis=-1)
                for array in weights
            )
        )

    return change


def _every_kth_column(weights):
    units = len(weights.recurrent_kernel)
    columns = np.arange(weights.kernel.shape[1]).reshape(units, -1).T.ravel()
    return cells.Weights(*(array[..., columns] for array in weights))


def _transposed(cell):
    def change(weights):
        blocks = np.split(weights.recurrent_kernel, len(cells.BLOCKS[cell]), axis=1)
        return weights._replace(recurrent_kernel=np.hstack([block.T for block in blocks]))

    return change


def recurrent_left_out(right):
    """Leave h out of the sum, whatever else it does in the step."""
    return Wrong(
        with_weights(right, lambda w: w._replace(recurrent_kernel=0 * w.recurrent_kernel)),
        "the old state has no say in the sum: add h @ recurrent_kernel to it.",
    )


def weight_ideas(cell, right):
    """List the wrong ideas about weights, for any function whose last argument they are."""
    ideas = [
        (
            lambda w: w._replace(bias=0 * w.bias),
            "the bias is left out: add it to the sum, before it is squashed.",
        ),
        (
            lambda w: w._replace(kernel=0 * w.kernel),
            "the input has no say in the sum: add x_t @ kernel to it.",
        ),
        (
            lambda w: w._replace(bias=2 * w.bias),
            "the bias is added twice: PyTorch keeps two biases, Keras's one stands for both.",
        ),
        (
            _transposed(cell),
            "the recurrent kernel is used transposed: with the batch first it is "
            "h @ recurrent_kernel, with h on the left and no .T.",
        ),
    ]
    names = cells.BLOCKS[cell]
    if len(names) > 1:
        ideas.append(
            (
                _every_kth_column,
                f"a gate takes every {len(names)}th column: its columns stand side by side, the "
                "first gate's in kernel[:, :units], as np.split(kernel, "
                f"{len(names)}, axis=1) cuts them.",
            )
        )
    for blocks in list(itertools.permutations(range(len(names))))[1:]:
        order = tuple(names[block] for block in blocks)
        moved = [name for name, seen in zip(names, order, strict=True) if name != seen]
        moved = " and ".join(moved) if len(moved) == 2 else f"all of {', '.join(moved)}"
        ideas.append(
            (
                _columns(cell, [order.index(name) for name in names]),
                f"{moved} have changed places, as if the columns were in the order "
                f"{', '.join(order)}{KNOWN_ORDERS[cell].get(order, '')}: Keras keeps them as "
                f"{', '.join(names)}. Look where you cut the sums, where you use the parts, and at "
                "what you return.",
            )
        )
    return [Wrong(with_weights(right, change), sentence) for change, sentence in ideas]


KNOWN_ORDERS = {
    "rnn": {},
    "gru": {("r", "z", "candidate"): " (that of PyTorch)"},
    "lstm": {
        ("i", "candidate", "f", "o"): " (that of TensorFlow 1, where it is called i, j, f, o)",
        ("i", "f", "o", "candidate"): " (the three gates first, as many books write them)",
        ("i", "o", "f", "candidate"): " (that of ONNX, i, o, f, c)",
        ("f", "i", "candidate", "o"): " (that in which the equations are mostly told)",
    },
}
