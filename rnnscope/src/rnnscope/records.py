"""What a trace holds: one record for every recurrent pass, one for the whole."""

from dataclasses import dataclass, field

import numpy as np

from rnnscope.cells import sigmoid, softmax
from rnnscope.validation import BLOCKS, Weights


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """Everything that one cell computed while it went over its sequence once.

    A plain layer has one such record, a bidirectional one two, a stack of layers or cells one for
    each. A layer or cell that is called step by step in a loop has one record of all its calls. All
    arrays lie in the order of the layer's *input*: row t belongs to ``x[t]``, whichever way the
    cell went. A cell that reads backwards starts at the last row; ``order`` gives the rows as read.

    Attributes
    ----------
    name : str
        Of its own in the network: ``"encoder.lstm"``, ``"bidirectional/forward"``,
        ``"lstm/l1/backward"``, ``"rnn/cell 2"``; the second call of a layer has ``" call 2"``.
    layer : str
        The layer's or module's name; the records of one layer share it.
    cell : str
        ``"rnn"``, ``"gru"`` or ``"lstm"``.
    x : ndarray (steps, features)
        What the cell read.
    h : ndarray (steps, units)
        The hidden state after each step; with a projection (``proj_size``) it is narrower.
    c, i, f, candidate, o : ndarray (steps, units) or None
        The LSTM's cell state, gates and candidate. A GRU has a candidate too.
    z, r : ndarray (steps, units) or None
        The GRU's gates. z = 1 keeps the old state.
    mask : ndarray of bool (steps,)
        True where a step was read. Where it is False (padding), h and c are carried through
        unchanged, and gates and candidate are nan: they had no say.
    initial_state : tuple of ndarray (units,)
        h, or h and c, before the first step that was read.
    backwards : bool
        Whether the cell went from the last row to the first.
    times : ndarray of int (steps,) or None
        Which step of the network's own input each row stands for; None where the layers below have
        made steps that are no longer those of the input (pooling, a decoder of its own length).
    activation, recurrent_activation : str
        Names of the functions that made the candidate (the RNN's h) and the gates.
    reset_after : bool
        The GRU's form, see `rnnscope.cells.gru_gates`.
    weights : Weights or None
        The cell's arrays in Keras's order, from which the numbers were computed.
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
    reset_after: bool = True
    weights: Weights | None = None
    c: np.ndarray | None = None
    i: np.ndarray | None = None
    f: np.ndarray | None = None
    candidate: np.ndarray | None = None
    o: np.ndarray | None = None
    z: np.ndarray | None = None
    r: np.ndarray | None = None

    @property
    def units(self) -> int:
        """The width of the gates, and of the state unless it is projected."""
        return (self.h if self.c is None else self.c).shape[1]

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
    x : ndarray (steps, ...)
        The sequence as the network took it; of several inputs the first that has steps.
    layers : tuple of LayerTrace
        In the order in which the network ran them.
    output : ndarray or None
        What the model itself gives for the sequence, without the batch axis: (classes,), or (steps,
        classes) where it answers at every step. None where there are weights alone and no head.
    kind : str
        ``"classes"``: beliefs that sum to 1 (softmax). ``"sigmoid"``: every number 0..1 by itself.
        ``"numbers"``: anything else, as a regression gives it.
    outputs : ndarray (steps, ...) or None
        What the network says step by step: see ``outputs_are``.
    outputs_are : str or None
        ``"stopped"``: the network answers once, and ``outputs[k]`` is what it says of the first
        k + 1 steps alone; ``outputs[-1]`` is ``output``. ``"steps"``: it answers at every step
        itself. None, with ``outputs`` None: ``note`` says why.
    note : str
        A sentence for the reader that says how ``outputs`` are to be read.
    logits, belief : ndarray like outputs, or None
        Before and after the softmax or sigmoid, where there is one; None for numbers.
    head : tuple of ndarray, or None
        The last linear layer, (kernel (width, outputs), bias (outputs,)), where the run shows one.
    proved : bool
        Whether there was a model that ran, and every record agreed with what it gave.
    caveat : str
        Where it is not proved: why, and what of the file or module was not used, by name.
    closed : dict of str
        Recurrent layers that ran but cannot be opened, with the reason.
    """

    model: str
    x: np.ndarray
    layers: tuple[LayerTrace, ...]
    output: np.ndarray | None
    kind: str = "numbers"
    outputs: np.ndarray | None = None
    outputs_are: str | None = None
    note: str = ""
    logits: np.ndarray | None = None
    belief: np.ndarray | None = None
    head: tuple[np.ndarray, np.ndarray] | None = None
    proved: bool = False
    caveat: str = ""
    closed: dict[str, str] = field(default_factory=dict)

    def layer(self, name=None) -> LayerTrace:
        """Return the record of that name, or of the one layer of that name; by default the last."""
        if name is None:
            return self.layers[-1]
        for found in ("name", "layer"):
            records = [record for record in self.layers if getattr(record, found) == name]
            if len(records) == 1:
                return records[0]
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
    return softmax(values) if kind == "classes" else sigmoid(np.asarray(values))
