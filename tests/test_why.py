"""Why this answer: the parts are the logit, and a write that is said to decide does."""

from dataclasses import replace

import numpy as np
import pytest

import rnnscope
from helpers import digits
from helpers.reader import shipped
from helpers.trace import trace
from rnnscope import NetworkTrace, cells, passes

HEAD = tuple(np.random.default_rng(3).normal(size=shape) for shape in ((5, 4), 4))
X = np.random.default_rng(2).normal(size=(1, 7, 3))
CELL = passes.Cell("lstm", "lstm", cells.random_weights("lstm", features=3, units=5, seed=1))


def traced(cell=CELL, mask=None, backwards=False):
    """Trace a cell, begun in random states, with a linear head, by the cells alone."""
    states = tuple(np.random.default_rng(4).normal(size=(2, 1, 5)))[: cell.states]
    history = passes.run(cell, X, mask, states, backwards)
    record = passes.record(cell, cell.name, history, X, mask, backwards, 0)
    said = passes.ends(history, cell, backwards)[0][0] @ HEAD[0] + HEAD[1]
    return NetworkTrace("m", X[0], (record,), cells.softmax(said), "classes", head=HEAD)


@pytest.mark.parametrize("backwards", [False, True])
def test_each_part_is_what_the_last_cell_state_holds_of_that_write(backwards):
    seen = traced(CELL, np.array([[1, 0, 1, 1, 1, 1, 0]], bool), backwards)
    said = rnnscope.writes(seen, of=2)
    record, c = seen.layers[0], {"rest": seen.layers[0].initial_state[1]}
    for t in record.order[record.mask[record.order]]:  # what is left of each, blow by blow
        c = {step: record.f[t] * left for step, left in c.items()}
        c[t] = record.i[t] * record.candidate[t]
    last = record.o[t] * np.tanh(sum(c.values())) / sum(c.values()) * HEAD[0][:, 2]
    assert said["rest"] == pytest.approx(HEAD[1][2] + c.pop("rest") @ last)
    expected = [c[step] @ last if step in c else 0 for step in range(7)]
    np.testing.assert_allclose(said["parts"], expected, atol=1e-9)
    assert sum(said["parts"]) + said["rest"] == pytest.approx(said["total"], abs=1e-9)
    assert said["units"].keys() == c.keys() and said["of"] == "class 2"
    for step, named in said["units"].items():
        shares = c[step] * last
        assert named == [[u, pytest.approx(shares[u])] for u in np.argsort(-np.abs(shares))]


def test_a_write_that_decides_turns_the_answer_when_it_is_shut_out():
    reader, tried = shipped("lstm"), []
    for pair in digits.small_digits().x_test[:160].reshape(-1, 2, 28, 28):
        image = pair.max(axis=0)  # two digits laid over each other: a narrow lead
        seen = trace(reader, image)
        said = rnnscope.writes(seen)
        total = sum(said["parts"]) + said["rest"]
        assert total == pytest.approx(seen.logits[-1, seen.answer], abs=1e-5)
        tried += [(image, step, seen.answer) for step in said["decides"]]
    assert len(tried) > 10
    (images, steps, answers), at = map(np.array, zip(*tried, strict=True)), iter(range(28))
    shut = {"change": lambda made: {**made, "i": made["i"] * (steps != next(at))[:, np.newaxis]}}
    h = cells.unroll("lstm", images / np.float32(255), reader.cell_weights, **shut).h[:, -1]
    assert ((h @ reader.head_kernel + reader.head_bias).argmax(1) != answers).all()


REFUSED = [
    (lambda: replace(traced(), head=None), {}, "give its arrays as head"),
    (traced, {"of": 4}, "of is 4"),
    (traced, {"head": (HEAD[0] * 2, HEAD[1])}, "Where another layer stands between"),
    (lambda: traced(replace(CELL, activation=passes.RELU)), {}, "with tanh and sigmoid"),
]


@pytest.mark.parametrize("made, how, words", REFUSED, ids=[row[2] for row in REFUSED])
def test_what_cannot_be_split_is_refused_with_the_reason(made, how, words):
    with pytest.raises(ValueError, match=words):
        rnnscope.writes(made(), **how)
