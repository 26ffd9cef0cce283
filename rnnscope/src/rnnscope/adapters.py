"""What `tracing` asks of a model, whatever it is made of: PyTorch, Keras, ONNX, arrays alone."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from rnnscope.passes import Call, Stops


class Ending(NamedTuple):
    """How a model ends, as far as its run shows it.

    ``kind`` is "softmax", "sigmoid", "logits", "sigmoid logits", or None where nothing says it;
    ``logits`` is what went into the softmax or sigmoid, (batch, ...), or None. ``head`` is the last
    linear layer that may have made it: (kernel (width, outputs), bias), or None.
    """

    kind: str | None = None
    logits: np.ndarray | None = None
    head: tuple[np.ndarray, np.ndarray] | None = None


class Seen(NamedTuple):
    """What a watched run left: all outputs as arrays, the calls, and how the model ends."""

    outputs: list[np.ndarray]
    calls: list[Call]
    ending: Ending = Ending()


class Adapter(Protocol):
    """One model, ready to be watched. Whatever a run changes in it is put back."""

    name: str
    caveat: str  # why nothing is proved, where there is no model to compare with

    def prepare(self, x, kwargs) -> tuple[tuple, dict]:
        """Judge what the user gave; return args and kwargs of the call, tensors as arrays."""

    def run(self, args, kwargs) -> list[np.ndarray]:
        """Run the model as it is, and return its outputs, flattened into a list."""

    def watch(self, args, kwargs, *, row=0, changes=None, stops: Stops | None = None) -> Seen:
        """Run the model once, and open every recurrent layer that it calls.

        ``changes`` is a function of a Cell, which gives the change of `cells.unroll` for it or
        None. With changes or stops the recomputed outputs stand in for the layers' own.
        """

    def gradient(self, args, kwargs, pick) -> np.ndarray:
        """Differentiate a number by the first input, or by what an Embedding made of it.

        ``pick`` is an index into the first output, (batch, ...); before a softmax or sigmoid at the
        model's end where that is known.
        """


def mapped(function, value):
    """Apply a function to all that lies in tuples, lists, mappings and dataclasses."""
    parts = _parts(value)
    if parts is None:
        return function(value)
    made = {name: mapped(function, part) for name, part in parts.items()}
    if isinstance(value, tuple | list):
        kind = type(value)
        return kind(*made.values()) if hasattr(value, "_fields") else kind(made.values())
    return made if isinstance(value, Mapping) else replace(value, **made)


def leaves(value):
    """List what `mapped` applies its function to."""
    parts = _parts(value)
    return [value] if parts is None else [one for part in parts.values() for one in leaves(part)]


def _parts(value):
    """Give what lies in a value, by name or place; None where it is one thing."""
    if hasattr(value, "batch_sizes"):  # PyTorch's PackedSequence
        return None
    if isinstance(value, tuple) or (
        isinstance(value, list) and any(hasattr(one, "shape") for one in value)
    ):
        return dict(enumerate(value))
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: getattr(value, part.name) for part in fields(value) if part.init}
    return None
