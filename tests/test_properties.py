"""Whatever is given: right, or a ValueError or TypeError that names the argument.

Hypothesis makes the inputs: shapes, types and layouts. Nothing but these two may happen: never
another exception, never another number.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers import judge, reader, trace
from helpers.digits import as_rows
from rnnscope import cells

pytestmark = pytest.mark.deep
settings.register_profile(
    "the same every time", derandomize=True, deadline=None, database=None, max_examples=60,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
settings.load_profile("the same every time")
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
