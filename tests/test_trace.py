"""The trace against Keras and against finite differences; test_judge.py has what it refuses."""

import numpy as np
import pytest

from helpers import trace
from helpers.reader import ReaderWeights
from rnnscope import cells

STEPS, FEATURES, UNITS = 7, 5, 6


def make_reader(cell, seed=0):
    random = np.random.default_rng(seed)
    weights = cells.random_weights(cell, FEATURES, UNITS, seed=seed)
    weights = [np.asarray(array, np.float64) * 2 for array in weights]
    head = random.normal(size=(UNITS, 10)), random.normal(size=10)
    return ReaderWeights(cell, *weights, *head, about={})


def an_image(seed=1):
    return np.random.default_rng(seed).random((STEPS, FEATURES))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_trace_holds_every_step_and_its_belief(cell):
    reader, image = make_reader(cell), an_image()
    seen = trace.trace(reader, image)
    assert seen.h.shape == (STEPS, UNITS)
    assert seen.belief.shape == (STEPS, 10)
    np.testing.assert_allclose(seen.belief.sum(1), 1, rtol=1e-6)
    np.testing.assert_allclose(seen.logits, seen.h @ reader.head_kernel + reader.head_bias)
    assert seen.answer == trace.predict(reader, image[None])[0]
    assert (seen.c is None) == (cell != "lstm")
    assert (seen.z is None) == (cell != "gru")
    assert (seen.cell, seen.layer().h is seen.h) == (cell, True)
    with pytest.raises(AttributeError, match="no 'gates'"):
        seen.gates  # noqa: B018


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_row_gradient_agrees_with_finite_differences(cell):
    reader, image = make_reader(cell), an_image()

    def logit(image, digit):
        return trace.trace(reader, image).logits[-1, digit]

    winner = trace.trace(reader, image).answer
    for digit, given in ((4, (4,)), (winner, ())):  # unless told, of the winning logit
        gradient = trace.row_gradient(reader, image, *given)
        assert gradient.shape == (STEPS, FEATURES)
        for place in [(0, 1), (3, 4), (6, 0)]:
            # Stored as float32 inside: a wide step keeps rounding small beside the difference.
            up, down = image.copy(), image.copy()
            up[place] = min(image[place] + 1e-2, 1)
            down[place] = max(image[place] - 1e-2, 0)
            slope = (logit(up, digit) - logit(down, digit)) / (up[place] - down[place])
            assert gradient[place] == pytest.approx(slope, rel=5e-3, abs=1e-4)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_shipped_reader_traced_equals_keras(cell):
    from helpers import reader
    from helpers.digits import small_digits

    keras = reader.import_keras()
    weights = reader.shipped(cell)
    images = small_digits().x_test[:4]
    model = reader.to_keras(weights)
    x = images.astype("float32") / 255
    states = model.get_layer("reader")
    every = type(states)(weights.units, return_sequences=True, return_state=True)
    every.build(x.shape)
    every.set_weights(states.get_weights())
    h, *last = (keras.ops.convert_to_numpy(part) for part in every(x))
    logits = keras.ops.convert_to_numpy(model(x))
    for n, image in enumerate(images):
        seen = trace.trace(weights, image)
        np.testing.assert_allclose(seen.h, h[n], atol=1e-5)
        np.testing.assert_allclose(seen.logits[-1], logits[n], atol=1e-4)
        if cell == "lstm":
            np.testing.assert_allclose(seen.c[-1], last[1][n], atol=1e-5)
