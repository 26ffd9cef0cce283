"""What a trace of a network holds: one record for every recurrent pass, one for the whole."""

from dataclasses import dataclass

import numpy as np

from rnnscope.cells import BLOCKS, softmax


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """Everything that one cell computed while it went over its sequence once.

    A plain layer has one such record, a Bidirectional layer two (forward, then backward), a stack
    of cells in one RNN layer one for each cell. All arrays lie in the order of the layer's *input*:
    row t belongs to ``x[t]``, whichever way the cell went. A cell that reads backwards starts at
    the last row and ends at row 0; ``order`` gives the rows as it read them.

    Attributes
    ----------
    name : str
        Of its own in the network: ``"lstm"``, ``"bidirectional/forward"``, ``"rnn/cell 2"``;
        with the inner model's name in front in a nested model, ``"encoder/lstm"``.
    layer : str
        The Keras layer's name; the records of one layer share it.
    cell : str
        ``"rnn"``, ``"gru"`` or ``"lstm"``.
    x : ndarray (steps, features)
        What the cell read.
    h : ndarray (steps, units)
        The hidden state after each step.
    c, i, f, candidate, o : ndarray (steps, units) or None
        The LSTM's cell state, gates and candidate. A GRU has a candidate too.
    z, r : ndarray (steps, units) or None
        The GRU's gates.
    mask : ndarray of bool (steps,)
        True where a step was read. Where it is False (padding), h and c are carried through
        unchanged, and gates and candidate are nan: they had no say.
    initial_state : tuple of ndarray (units,)
        h, or h and c, before the first step that was read.
    backwards : bool
        Whether the cell went from the last row to the first.
    times : ndarray of int (steps,) or None
        Which step of the network's own input each row stands for: 0, 1, 2, …, or the other way
        round above a layer with go_backwards; None where the layers below have made steps that
        are no longer those of the input (pooling, strides, RepeatVector, Reshape).
    activation, recurrent_activation : str
        Names of the functions that made the candidate (the RNN's h) and the gates.
    """

    name: str
    layer: str
    cell: str
    x: np.ndarray
    h: np.ndarray
    mask: np.ndarray
    initial_state: tuple[np.ndarray, ...]
    backwards: bool = False
    times: np.ndarray | None = None
    activation: str = "tanh"
    recurrent_activation: str = "sigmoid"
    c: np.ndarray | None = None
    i: np.ndarray | None = None
    f: np.ndarray | None = None
    candidate: np.ndarray | None = None
    o: np.ndarray | None = None
    z: np.ndarray | None = None
    r: np.ndarray | None = None

    @property
    def units(self) -> int:
        """The width of the state."""
        return self.h.shape[1]

    @property
    def order(self) -> np.ndarray:
        """The rows as the cell read them, (steps,): 0, 1, 2, … or, backwards, …, 2, 1, 0."""
        rows = np.arange(len(self.h))
        return rows[::-1] if self.backwards else rows

    @property
    def gates(self) -> tuple[str, ...]:
        """Names of the gates: i, f, o of the LSTM, z, r of the GRU, none of the plain RNN."""
        return tuple(name for name in BLOCKS[self.cell] if name not in ("h", "candidate"))


@dataclass(frozen=True, eq=False)
class NetworkTrace:
    """Everything that a network's recurrent layers computed over one sequence, and what came of it.

    Attributes
    ----------
    model : str
        The model's name.
    x : ndarray (steps, features), or (steps,) of whole numbers
        The sequence as the network took it.
    layers : tuple of LayerTrace
        In the order in which the network runs them.
    output : ndarray
        What the network gives for the sequence, without the batch axis: (classes,), or (steps,
        classes) where it answers at every step. Proved equal to the model's own output where there
        is a model (``proved``).
    kind : str
        ``"classes"``: beliefs that sum to 1 (softmax). ``"sigmoid"``: every number 0..1 by itself.
        ``"numbers"``: anything else, as a regression gives it.
    outputs : ndarray (steps, ...) or None
        What the head makes of every state: see ``outputs_are``.
    outputs_are : str or None
        ``"states"``: the network answers once, and ``outputs[k]`` is what it would say if its last
        recurrent layer stopped after k + 1 steps (the head applied to the state then, or to the
        states so far where it pools them). Of a Bidirectional layer the forward cell has then read
        the first k + 1 steps, the backward cell the last k + 1. ``outputs[-1]`` is ``output``.
        ``"steps"``: the network itself answers at every step, ``outputs`` is ``output``.
        None, with ``outputs`` None: the head reads all steps together; ``note`` says so.
    order : ndarray of int (steps,) or None
        The row of the last recurrent layer's input that was read when ``outputs[k]`` came: 0, 1,
        2, …, or with go_backwards …, 2, 1, 0 (of a Bidirectional layer its forward cell's row).
    note : str
        A sentence for the learner that says how ``outputs`` are to be read.
    logits : ndarray like outputs, or None
        Before the softmax or sigmoid, where the network ends in one (or in logits).
    belief : ndarray like outputs, or None
        Of classes what sums to 1 along the last axis, of a sigmoid what lies in 0..1; None for
        numbers.
    proved : bool
        Whether there was a model to compare with, and it agreed.
    """

    model: str
    x: np.ndarray
    layers: tuple[LayerTrace, ...]
    output: np.ndarray
    kind: str
    outputs: np.ndarray | None
    outputs_are: str | None
    order: np.ndarray | None
    note: str
    logits: np.ndarray | None = None
    belief: np.ndarray | None = None
    proved: bool = False

    def layer(self, name=None) -> LayerTrace:
        """Return the record of that name; with no name, the last one."""
        if name is None:
            return self.layers[-1]
        for record in self.layers:
            if record.name == name:
                return record
        raise ValueError(
            f"name is {name!r}, but the recurrent layers here are "
            f"{', '.join(repr(record.name) for record in self.layers)}."
        )

    @property
    def answer(self):
        """The winning class (of classes), yes or no (of a sigmoid); else the output itself.

        An int for one vector of classes, an array where the network answers at every step.
        """
        if self.kind == "classes":
            winners = self.output.argmax(-1)
            return int(winners) if winners.ndim == 0 else winners
        if self.kind == "sigmoid":
            at = 0.0 if self.ends_in_logits else 0.5
            return self.output > at
        return self.output

    @property
    def ends_in_logits(self) -> bool:
        """Whether the output itself is logits, not beliefs."""
        return self.logits is not None and self.logits is self.outputs


def beliefs(values, kind):
    """Turn logits into beliefs of a kind: softmax along the last axis, or sigmoids."""
    from rnnscope.cells import sigmoid

    return softmax(values) if kind == "classes" else sigmoid(np.asarray(values))
