"""Why this answer: the parts are the logit, and a write that is said to decide does."""

from dataclasses import replace

import numpy as np
import pytest

import rnnscope
from helpers import digits
from helpers.reader import shipped
from rnnscope import NetworkTrace, cells, passes

RANDOM = np.random.default_rng(3)
HEAD = RANDOM.normal(size=(5, 4)), RANDOM.normal(size=4)


def traced(x, weights, head, *, states=None, mask=None, backwards=False, kind="classes", cell=None):
    """Trace an LSTM with a linear head, by the cells alone."""
    cell = cell or passes.Cell("lstm", "lstm", weights)
    history = passes.run(cell, x, mask, states, backwards)
    record = passes.record(cell, "lstm", history, x, mask, backwards, 0)
    logits = passes.ends(history, cell, backwards)[0][0] @ head[0] + head[1]
    said = {"classes": cells.softmax, "sigmoid": cells.sigmoid, "numbers": np.array}[kind](logits)
    return NetworkTrace(model="m", x=x[0], layers=(record,), output=said, kind=kind, head=head)


def random_trace(**how):
    weights = cells.random_weights("lstm", features=3, units=5, seed=1)
    states = tuple(np.random.default_rng(4).normal(size=(2, 1, 5)))
    return traced(
        np.random.default_rng(2).normal(size=(1, 7, 3)), weights, HEAD, states=states, **how
    )


@pytest.mark.parametrize("backwards", [False, True])
def test_each_part_is_what_the_last_cell_state_holds_of_that_write(backwards):
    mask = np.array([[True, False, True, True, True, True, False]])
    trace = random_trace(mask=mask, backwards=backwards)
    said = rnnscope.writes(trace, of=2)
    record, c = trace.layers[0], {"rest": trace.layers[0].initial_state[1]}
    for t in record.order[mask[0][record.order]]:  # what each left, blow by blow
        c = {step: record.f[t] * left for step, left in c.items()}
        c[t] = record.i[t] * record.candidate[t]
    last = record.o[t] * np.tanh(sum(c.values())) / sum(c.values()) * HEAD[0][:, 2]
    assert said["rest"] == pytest.approx(HEAD[1][2] + c.pop("rest") @ last)
    expected = [c[step] @ last if step in c else 0 for step in range(7)]
    np.testing.assert_allclose(said["parts"], expected, atol=1e-9)
    assert sum(said["parts"]) + said["rest"] == pytest.approx(said["total"], abs=1e-9)
    assert said["units"].keys() == c.keys() and said["of"] == "class 2"
    for step, named in said["units"].items():
        assert sum(value for _, value in named) == pytest.approx(said["parts"][step])
        assert [unit for unit, _ in named] == np.argsort(-np.abs(c[step] * last)).tolist()


def digit_traces(images):
    reader = shipped("lstm")
    head = reader.head_kernel, reader.head_bias
    for x in images.astype(np.float32) / 255:
        yield traced(x[np.newaxis], reader.cell_weights, head)


def test_a_write_that_decides_turns_the_answer_when_it_is_shut_out():
    images = digits.small_digits().x_test[:120].copy()
    images[:, 16:] = 0  # half a digit: a narrow lead
    reader, counted = shipped("lstm"), 0
    for image, trace in zip(images, digit_traces(images), strict=True):
        said = rnnscope.writes(trace)
        assert sum(said["parts"]) + said["rest"] == pytest.approx(said["total"], abs=1e-5)
        for step in said["decides"]:
            at = iter(range(28))

            def shut(made, at=at, step=step):
                return {**made, "i": made["i"] * (next(at) != step)}

            x = image[np.newaxis].astype(np.float32) / 255
            h = cells.unroll("lstm", x, reader.cell_weights, change=shut).h[:, -1]
            assert (h @ reader.head_kernel + reader.head_bias).argmax() != trace.answer
            counted += 1
    assert counted > 5


GRU = passes.Cell("gru", "gru", cells.random_weights("gru", features=3, units=5, seed=1))
RELU = passes.Cell("l", "lstm", cells.random_weights("lstm", 3, 5, 1), activation=passes.RELU)
REFUSED = [
    (lambda: replace(random_trace(), head=None), {}, "give its arrays as head"),
    (random_trace, {"of": 4}, "of is 4"),
    (lambda: random_trace(kind="numbers"), {}, "of is not given"),
    (random_trace, {"head": (HEAD[0], HEAD[1] + 1j)}, "head"),
    (random_trace, {"head": (HEAD[0] * 2, HEAD[1])}, "Where another layer stands between"),
    (lambda: traced(np.ones((1, 2, 3)), None, HEAD, cell=GRU), {}, "takes an LSTM"),
    (lambda: traced(np.ones((1, 2, 3)), None, HEAD, cell=RELU), {}, "with tanh and sigmoid"),
]


@pytest.mark.parametrize("made, how, words", REFUSED, ids=[row[2] for row in REFUSED])
def test_what_cannot_be_split_is_refused_with_the_reason(made, how, words):
    with pytest.raises((TypeError, ValueError), match=words):
        rnnscope.writes(made(), **how)
