"""Whatever is given: right, or a ValueError or TypeError that names the argument.

Hypothesis makes the inputs: shapes, types, layouts, labels in many forms, and things that are no
input at all. Nothing but these two may happen: never another exception, never another number.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers import cells, judge, reader, trace
from helpers.digits import as_rows
from helpers.draw import digit_menu

pytestmark = pytest.mark.deep
STEPS, FEATURES, UNITS = 4, 3, 5
KINDS = st.sampled_from(["rnn", "gru", "lstm"])


def outcome(names, function, *arguments, **given_by_name):
    """Return what a function gives, or None where it refuses and names one of the names."""
    try:
        return function(*arguments, **given_by_name)
    except (ValueError, TypeError) as error:
        said = str(error)
        assert any(name in said for name in names), f"{said!r} names none of {names}"
        assert said[0].isupper() or said.split()[0] in said, said
        assert not said.endswith("("), said
        return None


def a_reader(cell="lstm", seed=0, dtype=np.float32):
    random = np.random.default_rng(seed)
    weights = cells.random_weights(cell, FEATURES, UNITS, seed)
    head = random.normal(size=(UNITS, 10)), random.normal(size=10)
    return reader.ReaderWeights(cell, *(np.asarray(a * 2, dtype) for a in (*weights, *head)))


@st.composite
def laid_out(draw, array):
    """Give an equal array that lies in memory in another way, or is no array of NumPy's at all."""
    ways = [
        np.asfortranarray,
        lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
        lambda array: array[::-1].copy()[::-1],
        lambda array: array.astype(array.dtype.newbyteorder(">")),
        lambda array: array.tolist(),
        lambda array: type("Tensor", (), {"__array__": lambda self, *_, **__: array})(),
    ]
    return draw(st.sampled_from(ways))(array)


def any_array(shapes):
    kinds = st.one_of(
        hnp.boolean_dtypes(), hnp.integer_dtypes(endianness="?"),
        hnp.unsigned_integer_dtypes(endianness="?"),
        hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64)), hnp.complex_number_dtypes(),
        hnp.byte_string_dtypes(max_len=3), hnp.unicode_string_dtypes(max_len=3),
        hnp.datetime64_dtypes(), st.just(np.dtype(object)),
    )  # fmt: skip
    return kinds.flatmap(
        lambda kind: hnp.arrays(kind, shapes, elements=st.integers() if kind.kind == "O" else None)
    )


NO_INPUT = st.sampled_from(
    [None, "seven", "", b"7", 3, -1, 2.5, math.nan, True, 1j, object(), object, {}, {"f": 2},
     {1, 2}, [], [[]], [[1], [2, 3]], [None], ["a"], (), range(3), len, np.float32, np.zeros(()),
     np.zeros((2, 3, 4, 5)), np.ma.masked, np.ma.array([1, 2], mask=[0, 1]),
     np.array([{}, []], dtype=object), np.array("2026-01-01", "datetime64[D]"),
     np.zeros(3, "i4,f8")]
)  # fmt: skip


# --- labels and images -------------------------------------------------------------------------


@given(any_array(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)))
def test_images_are_right_or_refused(images):
    found = outcome(["images"], judge.images, images)
    if found is not None:
        scale = 255 if images.dtype.kind in "iu" else 1
        with np.errstate(under="ignore"):
            np.testing.assert_allclose(
                judge.rows(found), images.astype(float) / scale, rtol=0, atol=2e-6
            )
        assert not (images.dtype.kind in "iu" and images.size and images.max() == 1)
    rows = outcome(["images", "as_rows"], as_rows, images)
    if rows is not None:
        assert images.dtype in (np.uint8, bool)
        np.testing.assert_array_equal(
            rows, np.float32(images) / (255 if images.dtype != bool else 1)
        )


@given(st.data(), KINDS, st.integers(0, 2**32 - 1))
def test_a_reader_says_the_same_of_the_same_images(data, cell, seed):
    weights = a_reader(cell)
    pixels = np.random.default_rng(seed).integers(0, 256, (6, STEPS, FEATURES), np.uint8)
    plain = trace.predict(weights, pixels)
    other = data.draw(laid_out(data.draw(st.sampled_from([pixels, pixels / 255]))))
    size = data.draw(st.integers(1, 9))
    np.testing.assert_array_equal(trace.predict(weights, other, batch_size=size), plain)
    labels = data.draw(laid_out((plain + (np.arange(6) > 3)) % 10))
    assert trace.accuracy(weights, other, labels) == pytest.approx(4 / 6)
    image = data.draw(laid_out(pixels[3]))
    assert trace.trace(weights, image).answer == plain[3]
    np.testing.assert_allclose(
        trace.row_gradient(weights, image, 4),
        trace.row_gradient(weights, pixels[3] / 255, 4),
        atol=1e-5,
    )


# --- the cells ---------------------------------------------------------------------------------


@given(st.data(), KINDS, st.integers(0, 3), st.integers(0, 99))
def test_unroll_gives_the_same_for_every_type_and_layout(data, cell, batch, seed):
    weights = cells.random_weights(cell, FEATURES, UNITS, seed)
    x = np.random.default_rng(seed).normal(0, 2, (batch, STEPS, FEATURES))
    x = x.astype(data.draw(st.sampled_from(["f2", "f4", "f8", "i8", "i1", "?"])))
    of_weights = data.draw(st.sampled_from(["f4", "f8", "i4"]))
    weights = [(array * (3 if of_weights == "i4" else 1)).astype(of_weights) for array in weights]
    given_weights = [data.draw(laid_out(array)) for array in weights]
    given_x = data.draw(laid_out(x)) if batch else x
    history = cells.unroll(cell, given_x, given_weights)
    close = 1e-12 if history.h.dtype == np.float64 else 3e-6
    plain = cells.unroll(cell, x.astype("f8"), [array.astype("f8") for array in weights])
    np.testing.assert_allclose(history.h, plain.h, rtol=0, atol=close)
    last = cells.last_state(cell, given_x, given_weights)
    h = last[0] if cell == "lstm" else last
    np.testing.assert_allclose(h, history.h[:, -1], rtol=0, atol=close)


# --- what is changed in a cell -----------------------------------------------------------------

SOME_UNITS = st.one_of(
    NO_INPUT,
    st.lists(st.integers(-1, UNITS), max_size=UNITS),
    st.lists(st.booleans(), min_size=1, max_size=UNITS + 1),
    st.lists(st.floats(-1, UNITS), max_size=3),
    hnp.arrays(bool, UNITS),
    hnp.arrays(np.int64, UNITS, elements=st.integers(0, 1)),
    st.sets(st.integers(0, UNITS - 1)),
)


@given(SOME_UNITS)
def test_the_silenced_units_are_those_meant_or_refused(units):
    weights = a_reader("lstm")
    image = np.random.default_rng(2).random((STEPS, FEATURES))
    seen = outcome(["unit"], trace.trace, weights, image, ablate={"units": units})
    if seen is None:
        return
    if isinstance(units, np.ndarray | list) and np.size(units) and np.asarray(units).dtype == bool:
        meant = set(np.flatnonzero(units))
    else:
        meant = {int(unit) for unit in np.ravel(list(units) if np.iterable(units) else units)}
    assert set(np.flatnonzero((seen.h == 0).all(axis=0))) == meant


@given(st.one_of(NO_INPUT, st.floats(), st.integers(-1, 2)), st.sampled_from("ifozr"))
def test_a_gate_is_pinned_at_its_value_or_refused(value, gate):
    weights = a_reader("lstm")
    image = np.random.default_rng(2).random((STEPS, FEATURES))
    seen = outcome(["gate"], trace.trace, weights, image, ablate={gate: value})
    if seen is not None:
        np.testing.assert_allclose(getattr(seen, gate), float(value), rtol=1e-5, atol=1e-6)


# --- what is no input at all -------------------------------------------------------------------

WEIGHTS, IMAGES = a_reader(), np.full((3, STEPS, FEATURES), 200, np.uint8)
DIGITS, HISTORY = [1, 2, 3], cells.unroll("lstm", IMAGES / 255, WEIGHTS.cell_weights)
STATE = np.zeros((3, UNITS))
CALLS = {
    trace.trace: {"weights": WEIGHTS, "image": IMAGES[0], "ablate": {"f": 1.0}},
    trace.predict: {"weights": WEIGHTS, "images": IMAGES, "ablate": None, "batch_size": 2},
    trace.accuracy: {"weights": WEIGHTS, "images": IMAGES, "labels": DIGITS, "ablate": {}},
    trace.row_gradient: {"weights": WEIGHTS, "image": IMAGES[0], "digit": 3},
    as_rows: {"images": IMAGES},
    digit_menu: {"images": IMAGES, "labels": DIGITS, "on_digit": print, "digit": 2},
    cells.softmax: {"a": [1.0]},
    cells.unroll: {
        "cell": "lstm",
        "x": IMAGES / 255,
        "weights": WEIGHTS.cell_weights,
        "initial_state": (STATE, STATE),
        "mask": np.ones((3, STEPS), bool),
        "activation": np.tanh,
        "recurrent_activation": cells.sigmoid,
    },
    cells.backward: {
        "cell": "lstm",
        "x": IMAGES / 255,
        "weights": WEIGHTS.cell_weights,
        "history": HISTORY,
        "d_h": HISTORY.h,
    },
    cells.lstm_step: {"x_t": IMAGES[:, 0], "h": STATE, "c": STATE, "weights": WEIGHTS.cell_weights},
    cells.random_weights: {"cell": "gru", "features": 2, "units": 3, "seed": 0},
    cells.pin: {"cell": "lstm", "units": UNITS, "ablate": {"f": 1, "units": [1]}},
    reader.weights_of: {"model": None},
    reader.to_keras: {"weights": None},
    reader.load: {"path": None},
    reader.save: {"path": "mine.npz", "model_or_weights": WEIGHTS},
    reader.shipped: {"name": "gru"},
}
ALSO_CALLED = {
    "weights": ("weights", "kernel", "bias"),
    "ablate": ("ablate", "gate", "units"),
    "initial_state": ("initial_state", "h has", "c has"),
    "on_digit": ("on_digit",),
    "path": ("path",),
    "model_or_weights": ("weights", "model"),
}
PLACES = [(function, name) for function, arguments in CALLS.items() for name in arguments]


@pytest.mark.parametrize(
    ("function", "name"), PLACES, ids=[f"{function.__name__}, {name}" for function, name in PLACES]
)
def test_no_argument_ends_in_words_of_somebody_else(function, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    @given(NO_INPUT)
    @settings(max_examples=40)
    def refused_or_computed(wrong):
        names = ALSO_CALLED.get(name, (name,))
        try:
            with np.errstate(all="ignore"):
                outcome(names, function, **{**CALLS[function], name: wrong})
        except (FileNotFoundError, FileExistsError) as error:  # of a path that is one
            assert name == "path" and str(wrong) in str(error)

    refused_or_computed()
    assert not list(tmp_path.iterdir()) or name == "path"
