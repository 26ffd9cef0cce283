"""What is understood, and the one table of what is refused: by whom, of what, with which words."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import rnnscope
from helpers import figures, judge, trace
from helpers.reader import ReaderWeights
from rnnscope import cells

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 7, 5), dtype=np.uint8)
PIXELS[1, 2, :2] = 0, 255
DIGITS = np.array([3, 0, 9, 1])
INK = (PIXELS > 100).astype(np.uint8)
X = np.random.default_rng(1).normal(size=(3, 5, 4))  # batch, time steps, features; 7 units
H = np.zeros((3, 7))
LSTM, GRU, RNN = (cells.random_weights(cell, 4, 7, seed=0) for cell in ("lstm", "gru", "rnn"))
READER = ReaderWeights(
    "lstm", *cells.random_weights("lstm", 5, 6, 0), np.ones((6, 10)), np.ones(10)
)
MADE = cells.unroll("lstm", X, LSTM)
DENTED = np.where(np.arange(4) == 2, np.nan, X)


# --- what is understood -------------------------------------------------------------------------


def test_true_is_ink_and_an_empty_sheet_stays_readable():
    np.testing.assert_array_equal(judge.rows(judge.images(INK > 0)), INK)
    assert judge.images(INK > 0, uint8=True).dtype == np.uint8
    for empty in (PIXELS * 0, PIXELS[:0], PIXELS * 0.0):
        assert judge.rows(judge.images(empty)).sum() == 0


def test_counts_rates_choices_and_floats_are_read():
    assert judge.count(np.int8(4), "units") == 4
    assert judge.digit(np.uint8(9)) == 9
    assert judge.choice("gru", "cell", ("rnn", "gru")) == "gru"
    for value in (0.01, 1, np.float32(0.5), np.int64(2)):
        assert judge.above_zero(value, "rate") == value == judge.number(value, "b")
    for given, made in (
        (np.ones(2, ">f4"), np.float32), (np.ones(2), np.float64), ([1, 2], np.float64),
        (np.ones(2, np.float16), np.float32), (True, np.float64),
    ):  # fmt: skip
        found = judge.floats(given, "x")
        assert found.dtype == made and found.dtype.isnative
    assert judge.floats([1], "x", np.float32).dtype == np.float32
    assert np.isnan(judge.floats([np.nan], "x", finite=False)).all()


def test_a_path_loses_its_quotes_and_finds_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for given in ('"a b.npz"', "'a b.npz'", '  "a b.npz" ', Path("a b.npz")):
        assert judge.path(given) == Path("a b.npz")
    assert judge.path("'~/mine.npz'") == tmp_path / "mine.npz"
    assert judge.path("it's.npz") == Path("it's.npz")


# --- what is refused ----------------------------------------------------------------------------


class Refuses:
    def __array__(self, *_, **__):
        raise RuntimeError("detach me first")


def images(given, **settings):
    return lambda: judge.images(given, **{"features": 5} | settings)


def image(given, **settings):
    return lambda: judge.image(given, **settings)


def labels(given):
    return lambda: judge.labels(given, 4)


def unroll(x=X, weights=LSTM, state=None, cell="lstm", **settings):
    return lambda: cells.unroll(cell, x, weights, state, **settings)


def step(x_t, h=H, weights=LSTM):
    return lambda: cells.lstm_step(x_t, h, H, weights)


def backward(x=X, made=MADE, d_h=MADE.h, cell="lstm", weights=LSTM):
    return lambda: cells.backward(cell, x, weights, made, d_h)


def ablate(what, cell="lstm"):
    head = np.ones((7, 10)), np.ones(10)
    reader = ReaderWeights(cell, *{"lstm": LSTM, "gru": GRU, "rnn": RNN}[cell], *head)
    return lambda: trace.predict(reader, np.ones((1, 5, 4)), ablate=what)


def numbers(given, *axes, **settings):
    return lambda: judge.numbers(given, "sums", *(axes or ("steps", ("units", 2))), **settings)


def turned(weights, *names):
    return weights._replace(**{name: getattr(weights, name).T for name in names})


BOTH = "kernel", "recurrent_kernel"
REFUSED = {
    "images": [
        (images(INK), "If 1 is ink, give images * 255"),
        (images(PIXELS / 255 / 255), "divided by 255 twice"),
        (images(PIXELS.astype(float)), "from 0 to 255, and floats must lie in 0..1: divide by 255"),
        (images(PIXELS / 127.5 - 1), "give (images + 1) / 2"),
        (images(PIXELS * np.nan), "from nan to nan, and floats must lie in 0..1: leave out"),
        (images(PIXELS.astype(int) + 1), "from 1 to 256: give whole numbers from 0 to 255"),
        (images(PIXELS.reshape(4, 35)), "images.reshape(-1, 7, 5)"),
        (images(PIXELS[0]), "images[np.newaxis]"),
        (images(PIXELS[..., np.newaxis]), "Of one channel take images[..., 0]"),
        (images(np.stack([PIXELS] * 3, axis=-1)), "colours must be made grey first"),
        (images(PIXELS[:, :0]), "the shape (4, 0, 5): give (n, time steps, 5)"),
        (images(PIXELS[:0], least=1), "give at least 1, as (n, time steps, 5)"),
        (images(PIXELS.swapaxes(1, 2)), "reads rows of 5 features: images must have the shape"),
        (images(PIXELS.swapaxes(1, 2), time_steps=7), "Time steps and features are swapped"),
        (images(PIXELS[:, 1:], time_steps=7), "6 time steps of 5 features, but the model reads"),
        (images(PIXELS / 255, uint8=True), "float64: give uint8, 0 to 255, as load_digits() does; "
         "(images * 255).round().astype('uint8') makes them"),
        (images(PIXELS * 1.0, uint8=True), "; images.round().astype('uint8')"),
        (images(PIXELS.astype(str)), "np.array(images).astype('uint8')"),
        (images(PIXELS.astype(complex)), "complex numbers"),
        (images(None), "images is None"),
        (images([[1, 2], [3]]), "all rows of the same length"),
        (images(np.ma.array(PIXELS, mask=PIXELS > 9)), "masked entries"),
        (images(Refuses()), "(detach me first)"),
        (images(type("BatchDataset", (), {})()), "numbers, those that it is made of"),
        (image(np.zeros((3, 784), np.uint8)), "like 3 flattened images: give image.reshape(-1, 28"),
        (image(PIXELS), "there are predict and accuracy"),
        (image(PIXELS[0], features=6), "rows of 6 features: image must have the shape (time steps"),
    ],
    "labels": [
        (labels(np.eye(10)[DIGITS]), "For one-hot labels: labels.argmax(axis=1)"),
        (labels(DIGITS[:3]), "give as many labels as images, one digit for each, (4,)"),
        (labels(DIGITS == 3), "labels is bool"),
        (labels(DIGITS + 0.5), "whole numbers from 0 to 9; they are float64 from 0.5 to 9.5"),
        (labels(DIGITS.astype(str)), "np.array(labels).astype('int')"),
        (labels([[3], [0], [9, 1], []]), "labels cannot be read"),
    ],
    "single values": [
        *((lambda v=v: judge.count(v, "units"), f"units is {judge.what(v)}: give a whole number of")
          for v in (0, 2.0, True, "2", None)),
        *((lambda v=v: judge.digit(v), "a whole number from 0 to 9")
          for v in (-1, 10, 3.0, False, "3", np.array([3]))),
        (lambda: judge.seed(-1), "seed is -1: give a whole number from 0"),
        *((lambda v=v: judge.above_zero(v, "rate"), "give a number above 0")
          for v in ("0.01", None, [0.01], True, 0, -1, np.nan, np.inf, 1 + 2j)),
        *((lambda v=v: judge.choice(v, "cell", ("rnn", "gru")), "choose one of 'rnn', 'gru'")
          for v in ("GRU", None, ["gru"], {})),
        *((lambda v=v: judge.path(v), "path is ")
          for v in ("", '""', "  ", "a\0b", None, 5, b"a.npz", ["a.npz"])),
        (lambda: judge.floats([1, np.nan], "x"), "x has numbers that are not finite"),
        (lambda: judge.number([1], "b"), "b is a list: give a number"),
        (lambda: judge.number(2, "b", 0, 1), "b must be at most 1; there is 2"),
    ],
    "what pictures are given": [
        (numbers("abc"), "sums is 'abc': give a NumPy array"),
        (numbers([1, 2]), "sums has the shape (2,): give (steps, 2 units)"),
        (numbers([[1, np.inf]]), "at [0, 1] stands inf"),
        (numbers([[1, 2]], high=1.5), "must be at most 1.5; there is 2"),
        (lambda: judge.counts([1.5], "answers", "steps"), "whole numbers; one of them is 1.5"),
        (lambda: judge.text(3, "title"), "title is 3: give a text"),
        (lambda: judge.items("ab", "names"), "names is 'ab': give a list"),
        (lambda: judge.texts(["a"], "names", 2, "gate"), "2 in all; it has 1"),
        (lambda: judge.named([], "lines"), "lines is a list: give a dictionary"),
        (lambda: judge.trace(X, "trace"), "trace is an array of shape (3, 5, 4): give a Trace"),
        (lambda: figures.belief_frames(SimpleNamespace(x=X[0], belief=X[0] * 9)), "trace.belief"),
    ],
    "what a cell reads": [
        (unroll(X[0]), "add the batch axis: x[np.newaxis]"),
        (unroll(X.swapaxes(1, 2)), "features 5, but the kernel has rows for 4 features. Axes look "
         "swapped: give x.swapaxes(1, 2)"),
        (unroll(X[:, :0]), "with one step or more"),
        (unroll(DENTED), "x has numbers that are not finite"),
        (unroll(mask=np.ones((3, 4), bool)), "mask is bool of shape (3, 4)"),
        (unroll(activation="relu"), "activation is 'relu': give a function"),
        (unroll(state=(H,)), "the pair (h, c), each (3, 7) (batch, units)"),
        (unroll(state=(H, H[:, 1:])), "c of initial_state has shape (3, 6)"),
        (unroll(cell="gru", weights=GRU, state=(H, H)), "is h alone"),
        (step(X), "for whole sequences there is unroll"),
        (step(X[:, 0].T), "one step takes (batch, features) with 4 features"),
        (step(X[:, 0], h=H[:2]), "h has shape (2, 7), but x_t (3, 4) and 7 units ask for (3, 7)"),
        (lambda: cells.softmax([]), "give logits (..., classes), at least one"),
        *((lambda v=v: cells.sigmoid(v), "a ") for v in (["1"], np.array([1], object), [1j], None)),
        (backward(d_h=H), "d_h has shape (3, 7), but x (3, 5, 4) and weights ask for (3, 5, 7)"),
        (backward(made=None), "history is None: give what unroll gave back"),
        (backward(cell="gru", weights=GRU), "history is that of another cell"),
        *((backward(made=cells.unroll("lstm", X, LSTM, **settings)), f"made with {word}")
          for word, settings in {
              "another activation": {"activation": np.sin},
              "another recurrent activation": {"recurrent_activation": np.tanh},
              "a mask": {"mask": np.ones((3, 5), bool)},
              "a change": {"change": lambda made: made},
          }.items()),
    ],
    "a cell's weights": [
        (unroll(weights=LSTM._replace(kernel=np.zeros((4, 27)))), "kernel has shape (4, 27), but "
         "the cell 'lstm' with 7 units has 4 * units = 28 columns: give (4, 28)."),
        (unroll(weights=turned(LSTM, *BOTH)), "give (4, 28). PyTorch keeps both kernels the other"),
        (unroll(weights=turned(LSTM, "kernel")), "kernel has shape (28, 4), but the cell 'lstm' "
         "with 7 units has 4 * units = 28 columns: give (4, 28). PyTorch"),
        (unroll(weights=turned(LSTM, "recurrent_kernel")), "recurrent_kernel has shape (28, 7), "
         "but the cell 'lstm' with 7 units has 4 * units = 28 columns: give (7, 28). PyTorch"),
        (unroll(cell="rnn", weights=turned(RNN, *BOTH)), "with 7 units has units = 7 columns: "
         "give (4, 7). PyTorch"),
        (unroll(cell="gru", weights=turned(GRU, *BOTH)), "give (4, 21). PyTorch keeps both kernels "
         "the other way round and the GRU's blocks in another order, r before z"),
        (unroll(weights=GRU), "recurrent_kernel is that of the cell 'gru'"),
        (unroll(weights=LSTM[:2]), "holds 2 arrays, but a cell has three"),
        (unroll(weights=LSTM._replace(kernel=LSTM.kernel[0])), "need two axes each"),
        (unroll(cell="gru", weights=GRU._replace(bias=GRU.bias[0])), "give (2, 21). A bias of one "
         "row comes from reset_after=False"),
        (unroll(cell="LSTM"), "choose one of 'rnn', 'gru', 'lstm'"),
        (unroll(cell="gru", weights=READER), "weights are those of the cell 'lstm', not 'gru'"),
        *((unroll(weights=wrong), "weights is ") for wrong in (None, "w.npz", {"kernel": 1}, 3)),
    ],
    "what is pinned": [
        (ablate({"z": 1}), "ablate has 'z', but lstm has the gates i, f, o"),
        (ablate({"f": 1}, "rnn"), "but rnn has no gates"),
        (ablate({"f": 1.5}), "ablate pins 'f' at 1.5: a gate is pinned at 0 (shut) to 1 (open)"),
        (ablate({"z": "open"}, "gru"), "'z' at 'open'"),
        (ablate({"units": [7]}), "give their numbers, 0 to 6, such as [3, 5], or a mask"),
        *((ablate({"units": wrong}), "The units to silence are ")
          for wrong in ([-1], np.arange(6) < 2, [0, 1, 0, 0, 0, 1, 0], [1.5], "35", [[1]])),
        (ablate(["f"]), "ablate is a list: give a dict"),
    ],
    "a reader, and what it reads": [
        (lambda: trace.trace(READER, PIXELS), "give one image"),
        (lambda: trace.trace("mine.npz", PIXELS[0]), "weights is 'mine.npz': give a reader's "
         "weights, as shipped(), load(path) or weights_of(model) give them"),
        (lambda: trace.row_gradient(READER, PIXELS[0], 10), "digit is 10"),
        (lambda: trace.predict(READER, PIXELS, batch_size=0), "batch_size is 0"),
        (lambda: trace.accuracy(READER, PIXELS, [1, 2]), "as many labels"),
        (lambda: trace.network_of(ReaderWeights("lstm", *LSTM, np.ones((6, 10)), np.ones(10))),
         "head_kernel has shape (6, 10), but 7 units and 10 digits ask for (7, 10)"),
        (lambda: trace.predict(SimpleNamespace(get_weights=list), PIXELS), "weights_of(model)"),
        (lambda: rnnscope.trace(trace.network_of(READER), PIXELS[0], kind="odd"), "kind is 'odd'"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("of", REFUSED)
def test_what_cannot_be_meant_is_refused_in_these_words(of):
    for call, says in REFUSED[of]:
        with pytest.raises((ValueError, TypeError)) as error:
            call()
        assert says in str(error.value), (says, str(error.value))


@pytest.mark.parametrize("names", [("kernel",), ("recurrent_kernel",), BOTH])
@pytest.mark.parametrize(("cell", "weights"), [("rnn", RNN), ("lstm", LSTM)])
def test_the_shape_that_is_advised_is_right(cell, weights, names):
    if cell == "rnn" and names == ("recurrent_kernel",):
        return  # it is square: nobody can see that it is turned
    with pytest.raises(ValueError, match=r"transpose them with \.T"):
        cells.unroll(cell, X, turned(weights, *names))
    again = turned(turned(weights, *names), *names)
    assert cells.unroll(cell, X, again).h.shape == (3, 5, 7)
