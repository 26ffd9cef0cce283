"""The cells against PyTorch, and training where Keras runs on JAX or PyTorch.

It needs both beside TensorFlow: .ci/run makes an environment of its own for it.
"""

import json

import numpy as np
import pytest

from rnnscope import cells
from tests.test_cells import SIZES, given
from tests.test_reader import run_python

pytestmark = pytest.mark.deep


BEGIN = """
    import json
    import numpy as np
    from helpers import reader
    keras = reader.import_keras()
    random = np.random.default_rng(0)
    images, labels = random.integers(0, 255, (50, 14, 20), dtype=np.uint8), np.arange(50) % 10

    def network():
        keras.utils.set_random_seed(0)
        layers = keras.layers
        return keras.Sequential([layers.Input((14, 20)), layers.SimpleRNN(4), layers.Dropout(0.1),
                                 layers.Dense(10)])

    def train(model, epochs=3):
        return reader.train_reader(model, images, labels, epochs=epochs, batch_size=20)
"""


def told(source, backend):
    """Run lines in a process of that backend, and return the JSON of its last line."""
    code, out, err = run_python(BEGIN + source, KERAS_BACKEND=backend)
    assert code == 0, err
    return json.loads(out.splitlines()[-1])


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend_trains_and_repeats_and_its_batches_are_new_in_every_epoch(backend):
    seen = told(
        """
    model, again = network(), network()
    history = train(model, 2)
    train(again, 2)
    same = all((a == b).all() for a, b in zip(model.get_weights(), again.get_weights()))

    batches = reader.training_batches(images[:40], np.arange(40), 20, augment=False)
    epochs = [[int(n) for _, y in batches for n in y] for _ in range(2)]
    whole = [sorted(epoch) == list(range(40)) for epoch in epochs]
    back = reader.weights_of(reader.to_keras(reader.weights_of(reader.build_reader(units=6))))
    print(json.dumps([sorted(history), same, whole, epochs[0] != epochs[1], back.units]))
        """,
        backend,
    )
    assert seen == [["accuracy", "loss", "seconds"], True, [True, True], True, 6]


def test_what_keras_cannot_train_on_is_named_with_what_can():
    code, _, err = run_python(
        "from helpers import reader; reader.import_keras()", KERAS_BACKEND="pytorch"
    )
    assert code == 1
    assert "KERAS_BACKEND is 'pytorch': the course runs on tensorflow, jax or torch." in err


# --- PyTorch's layers -----------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_states_and_gradients_are_those_of_pytorch(cell, sizes):
    import torch

    weights, x, state = given(cell, sizes, seed=7)
    features, units = sizes[2:]
    d_h = np.random.default_rng(8).normal(size=(*x.shape[:2], units))
    kind = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell]
    layer = kind(features, units, batch_first=True, dtype=torch.float64)
    # PyTorch keeps weights transposed; its blocks stand as ours, but for the GRU: r before z.
    blocks = ("r", "z", "candidate") if cell == "gru" else cells.BLOCKS[cell]
    columns = np.concatenate(
        [np.arange(units) + units * cells.BLOCKS[cell].index(block) for block in blocks]
    )
    theirs = [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0, layer.bias_hh_l0]
    biases = weights.bias if cell == "gru" else (weights.bias, np.zeros_like(weights.bias))
    ours = [weights.kernel.T, weights.recurrent_kernel.T, *biases]
    with torch.no_grad():
        for their, our in zip(theirs, ours, strict=True):
            their[:] = torch.tensor(our[columns])
    x_watched = torch.tensor(x, requires_grad=True)
    start = tuple(torch.tensor(part[np.newaxis]) for part in state)
    outputs, final = layer(x_watched, start if cell == "lstm" else start[0])
    (outputs * torch.tensor(d_h)).sum().backward()

    history = cells.unroll(cell, x, weights, state if cell == "lstm" else state[0])
    np.testing.assert_allclose(history.h, outputs.detach(), rtol=0, atol=1e-12)
    if cell == "lstm":
        np.testing.assert_allclose(history.c[:, -1], final[1][0].detach(), rtol=0, atol=1e-12)
    found = cells.backward(cell, x, weights, history, d_h)
    np.testing.assert_allclose(found.x, x_watched.grad, rtol=0, atol=1e-11)
    biases = found.bias if cell == "gru" else (found.bias, found.bias)
    ours = [found.kernel.T, found.recurrent_kernel.T, *biases]
    for their, our in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(our[columns], their.grad, rtol=0, atol=1e-11)
