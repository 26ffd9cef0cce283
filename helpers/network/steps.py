"""A network as a plain list of steps, and how it is run: NumPy alone.

A step reads numbered values and writes numbered values; in a chain it reads the one that the step
before wrote. What a value is, whoever made the network knows: a tensor with a mask on it (Keras),
an array (the shipped readers, PyTorch's weights). It has the batch axis in front.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helpers import judge
from helpers.network.traces import LayerTrace
from rnnscope import cells


class Function(NamedTuple):
    """An activation: its name, and what it does to an array."""

    name: str
    apply: Callable


TANH, SIGMOID = Function("tanh", np.tanh), Function("sigmoid", cells.sigmoid)


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell of a recurrent layer: its weights and settings, in the form that `cells` runs.

    A layer without bias has one of zeros here. A GRU's bias has two rows, the second of zeros
    with ``reset_after=False``. initial_state holds h, or h and c, each (units,); None for zeros.
    """

    name: str
    kind: str  # "rnn", "gru" or "lstm"
    weights: cells.Weights
    activation: Function = TANH
    recurrent_activation: Function = SIGMOID
    reset_after: bool = True
    initial_state: tuple[np.ndarray, ...] | None = None
    own_step: Callable | None = None  # the model's own: x (n, features), states -> new states

    @property
    def units(self):
        """The width of the state."""
        return len(self.weights.recurrent_kernel)

    @property
    def states(self):
        """How many arrays the state is."""
        return 2 if self.kind == "lstm" else 1


class Direction(NamedTuple):
    """One way over the sequence: cells on top of each other, each reading the one below."""

    cells: tuple[Cell, ...]
    backwards: bool = False
    zero_output_for_mask: bool = False


@dataclass(frozen=True, eq=False)
class Step:
    """A layer that is not recurrent: ``call`` makes of the values read those that it writes."""

    name: str
    kind: str  # the layer's type, for words
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    call: Callable | None
    layer: object = None  # the model's own
    keeps_time: bool = False  # row t of what it writes stands for row t of what it reads
    # Where it makes one of all steps, values -> what it would make of the first 1, 2, … of them.
    so_far: Callable | None = None
    back: Callable | None = None  # of a layer of arrays: gradient by what it writes -> by its input


@dataclass(frozen=True, eq=False)
class Recurrent(Step):
    """A recurrent layer: one direction, or the two of a Bidirectional layer and their merge.

    ``call`` is the model's own layer, to compare with, or None. ``enter`` gives of the values read
    x (steps, features), the mask (steps,) or None, and the initial states or None; ``leave`` makes
    of arrays with the batch axis the values to write, with ``beside`` the values read.
    """

    directions: tuple[Direction, ...] = ()
    merge: str | None = None
    return_sequences: bool = False
    return_state: bool = False
    enter: Callable = lambda x: (x[0], None, None)
    leave: Callable = lambda arrays, beside=None: arrays

    @property
    def cells(self):
        """All cells, in the order in which they run."""
        return [cell for direction in self.directions for cell in direction.cells]


@dataclass(frozen=True, eq=False)
class Network:
    """A network from one input to one output.

    ``begin`` makes value 0 of a sequence; ``end`` the array (batch, ...) of the value ``output``.
    ``ending`` says what the output is: "softmax", "sigmoid", "logits", "sigmoid logits" or
    "numbers"; ``before_ending`` makes of what the last step reads what it writes, but without its
    softmax or sigmoid.
    """

    name: str
    steps: tuple[Step, ...]
    output: int
    begin: Callable
    end: Callable
    judge: Callable  # x as the user gave it -> x as the network takes it, or a clear error
    ending: str = "numbers"
    before_ending: Callable | None = None
    own: Callable | None = None  # x -> the model's own output, (batch, ...)
    # x, values of a run, a place in the output -> the gradient by x; None for layers of arrays
    differentiate: Callable | None = None
    untouched: Callable = nullcontext  # within it, whatever running changes is put back

    @property
    def recurrent(self):
        """The recurrent steps, in order."""
        return [step for step in self.steps if isinstance(step, Recurrent)]

    @property
    def embedding(self):
        """The step that looks up whole numbers first thing, or None."""
        looks_up = (step for step in self.steps if step.kind == "Embedding" and step.reads == (0,))
        return next(looks_up, None)


class Run(NamedTuple):
    """What a run left: all values, the records, and the last layer's outputs after every step."""

    values: dict[int, object]
    layers: list[LayerTrace]
    by_reading: list[np.ndarray | None]


def run(network, x, changes=None, *, follow=False):
    """Run a network over one sequence that has been judged.

    Parameters
    ----------
    network : Network
    x : ndarray, without the batch axis
    changes : dict of functions by the cell's name, see `changes_of`
    follow : bool
        Let the model's own cells make the states, one step at a time, and `cells` the gates from
        them. It is slow, and needed only where rounding grows from step to step.

    Returns
    -------
    Run
    """
    values, times = {0: network.begin(x)}, {0: np.arange(len(x)) if np.ndim(x) else None}
    layers, by_reading = [], []
    for step in network.steps:
        read = [values[number] for number in step.reads]
        at = times.get(step.reads[0]) if step.reads else None
        if isinstance(step, Recurrent):
            records, outputs, by_reading = unroll(
                step, *step.enter(*read), at, changes or {}, follow
            )
            layers += records
            made = step.leave([output[np.newaxis] for output in outputs], read)
            if step.directions[0].backwards and at is not None:
                at = at[::-1]
            at = at if step.return_sequences else None
        else:
            made = step.call(*read)
            at = at if step.keeps_time and made[0].shape[1:2] == read[0].shape[1:2] else None
        values.update(zip(step.writes, made, strict=True))
        times.update(dict.fromkeys(step.writes, at))
    return Run(values, layers, by_reading)


def unroll(step, x, mask, states, times, changes, follow=False):
    """Run a recurrent layer over one sequence.

    Returns
    -------
    records : list of LayerTrace
    outputs : list of ndarray
        What the layer gives, without the batch axis, in Keras's order: its output (two where
        merge is None), then its states.
    by_reading : list of (ndarray (steps, ...) or None)
        For each of them what it would be after 1, 2, … steps; None for a whole sequence.
    """
    records, emitted, left = [], [], []
    states = list(states or ())
    for direction in step.directions:
        order = slice(None, None, -1 if direction.backwards else 1)
        read_x, read_mask = x[order], None if mask is None else mask[order]
        for cell in direction.cells:
            given = [states.pop(0) for _ in range(cell.states)] if states else cell.initial_state
            if follow:
                history = _followed(cell, read_x, read_mask, given)
            else:
                history = _history(cell, read_x, read_mask, given, changes.get(cell.name))
            records.append(_record(step, cell, direction, history, read_x, read_mask, times))
            read_x = history.h[0]
            left += [history.h[0]] + ([history.c[0]] if cell.kind == "lstm" else [])
        emitted.append(_emitted(read_x, read_mask, direction.zero_output_for_mask))
    if step.return_sequences:
        # Keras turns a Bidirectional layer's second part round, so that both lie in one order.
        emitted[1:] = [part[::-1] for part in emitted[1:]]
    outputs, by_reading = _outputs(step, _merged(emitted, step.merge), left)
    return records, outputs, by_reading


def _outputs(step, joined, left):
    """Give a layer's outputs, and what each would be after every step; None for a sequence."""
    if step.return_sequences:
        outputs, by_reading = list(joined), [None] * len(joined)
    else:
        outputs, by_reading = [part[-1] for part in joined], list(joined)
    if step.return_state:
        outputs, by_reading = outputs + [state[-1] for state in left], by_reading + left
    return outputs, by_reading


def _history(cell, x, mask, initial_state, change):
    """Run one cell over x (steps, features), as it reads them."""
    x = x[np.newaxis].astype(cell.weights.kernel.dtype, copy=False)
    if initial_state is not None:
        initial_state = tuple(np.asarray(state)[np.newaxis] for state in initial_state)
    return cells.run(
        cell.kind,
        x,
        cell.weights,
        judge.initial_state(cell.kind, initial_state, x, cell.weights),
        judge.functions(
            cell.kind, cell.activation.apply, cell.recurrent_activation.apply, cell.reset_after
        ),
        None if mask is None else mask[np.newaxis],
        change,
    )


def _followed(cell, x, mask, initial_state):
    """Do as `_history`, but with the states that the model's own cell makes, step by step."""
    x = x.astype(cell.weights.kernel.dtype, copy=False)
    if initial_state is None:
        initial_state = [np.zeros(cell.units, x.dtype)] * cell.states
    states = [[np.asarray(state) for state in initial_state]]
    for t in range(len(x)):
        read = mask is None or mask[t]
        own = cell.own_step(x[t : t + 1], *(state[np.newaxis] for state in states[-1]))
        states.append([state[0] for state in own] if read else states[-1])
    before, after = (
        [np.stack(part) for part in zip(*some, strict=True)] for some in (states[:-1], states[1:])
    )
    kept = dict(zip("hc", after, strict=False)) | _gates(cell, x, before[0])
    if mask is not None:
        for name in kept.keys() - {"h", "c"}:
            kept[name][~mask] = np.nan
    return cells.History(
        initial_state=tuple(state[np.newaxis] for state in states[0]),
        **{name: made[np.newaxis] for name, made in kept.items()},
    )


def _gates(cell, x, h):
    """Give the gates and the candidate that a cell makes of x and the states before, by name."""
    if cell.kind == "rnn":
        return {}
    functions = {
        "activation": cell.activation.apply,
        "recurrent_activation": cell.recurrent_activation.apply,
    }
    if cell.kind == "gru":
        made = cells.gru_gates(x, h, cell.weights, reset_after=cell.reset_after, **functions)
    else:
        made = cells.lstm_gates(x, h, cell.weights, **functions)
    return dict(zip(cells.BLOCKS[cell.kind], made, strict=True))


def _record(step, cell, direction, history, x, mask, times):
    """Lay out what a cell made in the order of the layer's input."""
    order = slice(None, None, -1 if direction.backwards else 1)
    made = {
        name: getattr(history, name)[0][order]
        for name in ("h", "c", "i", "f", "candidate", "o", "z", "r")
        if getattr(history, name) is not None
    }
    return LayerTrace(
        name=cell.name,
        layer=step.name,
        cell=cell.kind,
        x=x[order],
        mask=np.ones(len(x), bool) if mask is None else mask[order],
        initial_state=tuple(state[0] for state in history.initial_state),
        backwards=direction.backwards,
        times=times if times is not None and len(times) == len(x) else None,
        activation=cell.activation.name,
        recurrent_activation=cell.recurrent_activation.name,
        **made,
    )


def _emitted(h, mask, zero_output_for_mask):
    """Give what a layer hands on after each step: at a masked step, what it gave before, or 0."""
    if mask is None:
        return h
    # Before the first step that counts there is no output yet: Keras gives 0, not the state.
    spoke = mask if zero_output_for_mask else np.logical_or.accumulate(mask)
    return np.where(spoke[:, np.newaxis], h, h.dtype.type(0))


def _merged(parts, merge):
    """Join the outputs of two directions as Keras does; one direction stays as it is."""
    if len(parts) == 1 or merge is None:
        return parts
    forward, backward = parts
    if merge == "concat":
        return [np.concatenate(parts, axis=-1)]
    if merge == "mul":
        return [forward * backward]
    return [(forward + backward) / (2 if merge == "ave" else 1)]


def changes_of(network, ablate):
    """Make of ``ablate`` the changes that `run` takes: gates pinned, units silenced.

    Parameters
    ----------
    network : Network
    ablate : dict or None
        Of each cell by its name (``LayerTrace.name``) what to change: a gate's letter pins that
        gate at 0 (shut) to 1 (open), ``"units"`` lists the units whose h (and c) is 0 after every
        step: ``{"lstm": {"f": 1.0, "units": [3, 5]}}``. In a network with one cell the inner
        dict alone will do.

    Raises
    ------
    ValueError
        If it names a cell, a gate or a unit that is not there.
    """
    if ablate is None:
        return {}
    judge.ablation(ablate)
    known = {cell.name: cell for step in network.recurrent for cell in step.cells}
    if not any(name in known for name in ablate) and len(known) == 1:
        ablate = dict.fromkeys(known, ablate)
    changes = {}
    for name, wanted in ablate.items():
        if name not in known or not isinstance(wanted, Mapping):
            first = next(iter(known))
            raise ValueError(
                f"ablate has {name!r}: give a dict for each recurrent layer by its name, for "
                f'instance {{{first!r}: {{"units": [0]}}}}. The names are '
                f"{', '.join(map(repr, known))}."
            )
        changes[name] = cells.pin(known[name].kind, known[name].units, wanted)
    return changes
