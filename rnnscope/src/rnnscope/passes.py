"""One call of a recurrent layer: recomputed by the reference cells, compared, and recorded.

Those who watch (`torch_modules`, `keras_models`, `onnx_graphs`) make a `Call` of each call of a
recurrent layer or cell; `chained` joins the calls of a loop, and `tracing` makes a trace of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

import numpy as np

from rnnscope import cells
from rnnscope.records import LayerTrace

TOLERANCE = 1e-5
"""Largest difference that passes, for numbers up to 1; for larger ones in proportion."""


class Function(NamedTuple):
    """An activation: its name, and what it does to an array."""

    name: str
    apply: Callable


TANH, SIGMOID = Function("tanh", np.tanh), Function("sigmoid", cells.sigmoid)
RELU = Function("relu", lambda a: np.maximum(a, 0))


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell of a recurrent layer: its weights and settings, in the form that `cells` runs.

    A layer without bias has one of zeros here. A GRU's bias has two rows. An LSTM's projection is
    (units, width of h), or None. ``own_step`` is the model's own: x (batch, features) and states
    (batch, width) -> new states, as arrays; it is asked only where rounding grows.
    """

    name: str
    kind: str  # "rnn", "gru" or "lstm"
    weights: cells.Weights
    activation: Function = TANH
    recurrent_activation: Function = SIGMOID
    reset_after: bool = True
    projection: np.ndarray | None = None
    own_step: Callable | None = None

    @property
    def units(self):
        """How many units the gates have."""
        return self.weights.kernel.shape[1] // len(cells.BLOCKS[self.kind])

    @property
    def states(self):
        """How many arrays the state is."""
        return 2 if self.kind == "lstm" else 1


@dataclass
class Call:
    """One call of a recurrent layer, or a chain of calls that hand their states on.

    ``records`` are of one row of the batch. ``apart`` is the largest difference to what the layer
    itself gave, over the whole batch, in proportion to numbers above 1; nan where nothing was
    compared, as the layer was made to give something else. ``closed`` says why it has no records,
    ``single`` whether each call read one step alone, ``padded`` whether it was told lengths, so
    that the model's input may have more steps than it read.
    """

    layer: str
    records: list[LayerTrace] = field(default_factory=list)
    apart: float = np.nan
    first: tuple = ()  # states before and after, of all records, each (batch, width)
    last: tuple = ()
    closed: str = ""
    note: str = ""
    single: bool = False
    padded: bool = False


class Stops(NamedTuple):
    """What stops each row of a batch early: row n reads its first ``steps[n]`` steps.

    ``known`` are the calls of the run that was not stopped, in their order: what they made of the
    row that is repeated here.
    """

    steps: np.ndarray
    known: list[Call]


def first_state(cell, batch, dtype):
    """Give zeros for each part of a state."""
    widths = [len(cell.weights.recurrent_kernel), cell.units][: cell.states]
    return tuple(np.zeros((batch, width), dtype) for width in widths)


def run(cell, x, mask=None, states=None, backwards=False, change=None, own_step=None):
    """Run one cell over a batch, in the order of the input.

    Parameters
    ----------
    cell : Cell
    x : (batch, steps, features)
    mask : bool (batch, steps), optional
    states : tuple of (batch, width), optional
        Zeros when not given.
    backwards : bool
        Whether it goes from the last step to the first. What comes back lies as x does all the
        same.
    change : function, optional
        See `rnnscope.cells.unroll`.
    own_step : function, optional
        Let it make the states, one step at a time, and the cell the gates from them.

    Returns
    -------
    rnnscope.cells.History
    """
    x = x.astype(cell.weights.kernel.dtype, copy=False)
    order = slice(None, None, -1 if backwards else 1)
    states = first_state(cell, len(x), x.dtype) if states is None else states
    x, mask = x[:, order], None if mask is None else mask[:, order]
    with one_thread():
        if own_step is None:
            made = cells.run(cell.kind, x, cell.weights, states, _functions(cell), mask, change)
        else:
            made = _followed(cell, x, mask, states, own_step)
    turned = {name: getattr(made, name)[:, order] for name in _kept(made)}
    return replace(made, **turned)


def run_beside(cell, x, own_h, mask=None, states=None, backwards=False):
    """Make what one cell made of a batch of which the model's own h are known; see `run`.

    Returns
    -------
    history : rnnscope.cells.History
        With the model's h.
    apart : float
        By how much it and what each step makes differ, in proportion to numbers above 1.
    """
    x = x.astype(cell.weights.kernel.dtype, copy=False)
    order = slice(None, None, -1 if backwards else 1)
    states = first_state(cell, len(x), x.dtype) if states is None else states
    x, h = x[:, order], own_h[:, order]
    if mask is not None:
        mask, h = mask[:, order], _held(h, mask[:, order], states[0])
    with one_thread():
        made = cells.run_beside(cell.kind, x, h, cell.weights, states, _functions(cell), mask)
    distance = apart([made.h], [h])
    turned = {name: getattr(made, name)[:, order] for name in _kept(made)}
    return replace(made, **turned | {"h": h[:, order]}), distance


def _held(h, mask, first):
    """Let h stay at steps that are not read: a model gives zeros there."""
    last = np.maximum.accumulate(np.where(mask, np.arange(1, h.shape[1] + 1), 0), axis=1)
    from_first = np.concatenate([first[:, np.newaxis], h], axis=1)
    return np.take_along_axis(from_first, last[..., np.newaxis], axis=1)


def _kept(history):
    names = ("h", "c", "i", "f", "candidate", "o", "z", "r")
    return [name for name in names if getattr(history, name) is not None]


def _functions(cell):
    found = {} if cell.kind == "mingru" else {"activation": cell.activation.apply}
    if cell.kind != "rnn":
        found["recurrent_activation"] = cell.recurrent_activation.apply
    if cell.kind == "gru":
        found["reset_after"] = cell.reset_after
    if cell.projection is not None:
        found["projection"] = cell.projection
    return found


def _followed(cell, x, mask, states, own_step):
    """Run a cell of which the model's own makes the states: rounding does not grow then."""
    first, kept = states, []
    for t in range(x.shape[1]):
        read = None if mask is None else mask[:, t : t + 1]
        made = cells.run(cell.kind, x[:, t : t + 1], cell.weights, states, _functions(cell), read)
        own = own_step(x[:, t], *states)
        if read is not None:
            own = [np.where(read, new, old) for new, old in zip(own, states, strict=True)]
        kept.append({name: getattr(made, name)[:, 0] for name in _kept(made)})
        if apart([kept[-1][name] for name in "hc"[: cell.states]], own) > TOLERANCE:
            own = [np.full_like(part, np.nan) for part in own]  # not one step is the model's
        kept[-1].update(zip("hc", own, strict=False))
        states = tuple(own)
    stacked = {name: np.stack([step[name] for step in kept], axis=1) for name in kept[0]}
    return cells.History(first, **stacked)


@cache
def _controller():
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def one_thread():
    """Keep NumPy from sharing each small product among all cores, which mostly wait then."""
    return _controller().limit(limits=1, user_api="blas")


def ends(history, cell, backwards):
    """Give the states after the last step that was read, each (batch, width)."""
    last = 0 if backwards else -1
    return tuple(getattr(history, name)[:, last] for name in "hc"[: cell.states])


def run_stopped(cell, x, mask, states, backwards, stops, known, change=None):
    """Run one cell over a batch whose rows stop early: later steps repeat the last one read.

    Parameters
    ----------
    stops : ndarray of int (batch,)
    known : LayerTrace or None
        What the same cell, with the same change, made of the whole sequence. Where a row read the
        same up to its stop, that is what it makes.

    Returns
    -------
    h : (batch, steps, width), ends : tuple of (batch, width)
    """
    steps = np.arange(x.shape[1])
    read = steps < stops[:, np.newaxis]
    held = np.minimum(steps, stops[:, np.newaxis] - 1)
    known = None if backwards or known is None or known.name != cell.name else known
    if known is not None and _same_up_to_the_stop(x, mask, states, read, known):
        last = stops - 1
        after = (known.h[last], known.c[last]) if cell.kind == "lstm" else (known.h[last],)
        return known.h[held], after
    mask = read if mask is None else read & mask
    made = run(cell, x, mask, states, backwards, change)
    return np.take_along_axis(made.h, held[..., np.newaxis], axis=1), ends(made, cell, backwards)


def _same_up_to_the_stop(x, mask, states, read, known):
    if len(known.x) < x.shape[1] or known.x.shape[1:] != x.shape[2:]:
        return False
    if mask is not None and not np.array_equal(mask & read, known.mask[: x.shape[1]] & read):
        return False
    if states is not None:
        first = zip(states, known.initial_state, strict=True)
        if not all(
            np.array_equal(state, np.broadcast_to(own, state.shape)) for state, own in first
        ):
            return False
    return bool(np.array_equal(x[read], np.broadcast_to(known.x[: x.shape[1]], x.shape)[read]))


def record(cell, layer, history, x, mask, backwards, row):
    """Make the record of one row of a batch."""
    if row >= len(x):
        raise ValueError(f"row is {row}, but the layer {layer!r} reads {len(x)} rows: 0 is first.")
    return LayerTrace(
        name=cell.name,
        layer=layer,
        cell=cell.kind,
        x=x[row],
        mask=np.ones(x.shape[1], bool) if mask is None else mask[row],
        initial_state=tuple(part[row] for part in history.initial_state),
        backwards=backwards,
        activation=cell.activation.name,
        recurrent_activation=cell.recurrent_activation.name,
        reset_after=cell.reset_after,
        weights=cell.weights,
        **{name: getattr(history, name)[row] for name in _kept(history)},
    )


def padded(record, steps):
    """Give a record rows for the steps that were padding, and so not read."""
    more = steps - len(record.h)
    if more <= 0:
        return record
    made = {name: getattr(record, name) for name in ("x", *_kept(record))}
    for name, value in made.items():
        fill = {"x": 0, "h": value[-1], "c": value[-1]}.get(name, np.nan)
        if record.backwards and name in "hc":
            fill = record.initial_state["hc".index(name)]
        row = np.broadcast_to(fill, value.shape[1:])
        made[name] = np.concatenate([value, np.repeat(row[np.newaxis], more, axis=0)])
    return replace(record, mask=np.pad(record.mask, (0, more)), **made)


def apart(ours, own):
    """Return the largest difference of some arrays, in proportion to numbers above 1."""
    if any(a.shape != b.shape for a, b in zip(ours, own, strict=True)):
        return np.inf
    return max((_difference(a, b) for a, b in zip(ours, own, strict=True)), default=0.0)


def _difference(ours, own):
    if not ours.size:
        return 0.0
    if (np.isnan(ours) != np.isnan(own)).any():
        return np.inf
    size = max(1.0, float(np.nanmax(np.abs(own), initial=0)))
    return float(np.nanmax(np.abs(ours - own), initial=0)) / size


def chained(calls):
    """Join the calls of one layer that make one sequence: a loop, a decoder step by step.

    Calls are joined where each begins in the states that the one before left, and where each reads
    one step alone. A layer that is called again on another sequence keeps its calls apart, and
    their records get names of their own.
    """
    joined = []
    for call in calls:
        before = next((one for one in reversed(joined) if one.layer == call.layer), None)
        if before is None or not _fits(before, call):
            joined.append(call)
            continue
        handed = _handed_on(before, call)
        if not handed:
            before.note = (
                f"Between two calls of {call.layer!r} the model changed its states, so a step does "
                "not always begin in the states that the step before left."
            )
        before.records = [_after(*two) for two in zip(before.records, call.records, strict=True)]
        before.apart, before.last = max(before.apart, call.apart), call.last
    _name_again(joined)
    return joined


def _fits(before, call):
    if before.closed or call.closed or len(before.records) != len(call.records):
        return False
    if any(record.backwards for record in call.records):
        return False
    one, two = ([(r.x.shape[1], r.h.shape[1]) for r in c.records] for c in (before, call))
    single = before.single and call.single
    return one == two and (single or _handed_on(before, call))


def _handed_on(before, call):
    return len(before.last) == len(call.first) and all(
        a.shape == b.shape and np.allclose(a, b, atol=1e-7)
        for a, b in zip(before.last, call.first, strict=True)
    )


def _after(one, two):
    names = ("x", "mask", *_kept(one))
    return replace(
        one, **{name: np.concatenate([getattr(one, name), getattr(two, name)]) for name in names}
    )


def _name_again(calls):
    """Give the records of a layer that was called again names of their own."""
    seen = {}
    for call in calls:
        number = seen[call.layer] = seen.get(call.layer, 0) + 1
        if number > 1:
            call.records = [
                replace(record, name=f"{record.name} call {number}") for record in call.records
            ]
