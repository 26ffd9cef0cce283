"""A trace laid out for its view: along the steps of the input, in numbers, names and words."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnnscope import words
from rnnscope.records import beliefs

SORTS = ("change", "mean", "units", "similarity")
FEW, EACH = 100, 3  # up to so many outputs all are sent; of more, at every step its largest


@dataclass(frozen=True)
class Laid:
    """One layer's record along the columns of its maps.

    Attributes
    ----------
    record : rnnscope.records.LayerTrace
    """

    record: object

    @cached_property
    def rows(self) -> np.ndarray:
        """The record's rows in the order of the columns, (steps,)."""
        rows = np.arange(len(self.record.h))
        return rows if self.own else np.argsort(self.record.times)

    @cached_property
    def own(self) -> bool:
        """Whether its steps are not those of the network's input."""
        times = self.record.times
        return times is None or not np.array_equal(np.sort(times), np.arange(len(self.record.h)))

    @property
    def backwards(self) -> bool:
        """Whether the cell went from the last column to the first."""
        turned = len(self.rows) > 1 and self.rows[0] > self.rows[-1]
        return bool(self.record.backwards != turned)

    def of(self, name) -> np.ndarray:
        """Return an array of the record along the columns."""
        return getattr(self.record, name)[self.rows]


@dataclass(frozen=True)
class Answer:
    """What a network says, step by step or at the end.

    Attributes
    ----------
    values : ndarray (steps, n), or (1, n) where it is known at the end alone, or None
        Beliefs or numbers; None where there is no output.
    kind : str
        ``"classes"``, ``"sigmoid"`` or ``"numbers"``.
    names : list of (n,) str or None
    stopped : bool
        Whether this is what it would say if it stopped after each step.
    """

    values: np.ndarray | None
    kind: str
    names: list[str] | None
    stopped: bool

    def name(self, n: int) -> str:
        """Say the name of an output."""
        if self.names:
            return words.said(self.names[n])
        if self.values.shape[1] == 1:
            return "yes" if self.kind == "sigmoid" else "output"
        return f"{'class' if self.kind != 'numbers' else 'output'} {n}"

    @cached_property
    def kept(self) -> np.ndarray:
        """The outputs that are sent: all of a few, else those among the largest at some step."""
        n = self.values.shape[1]
        if n <= FEW:
            return np.arange(n)
        largest = np.argpartition(-np.nan_to_num(self.values), EACH, axis=1)[:, :EACH]
        return np.unique(largest)


def answered(trace, classes=None) -> Answer:
    """Gather what a network says, at each of its own steps or at the end."""
    kind, outputs = trace.kind, trace.outputs if trace.belief is None else trace.belief
    values = None
    if outputs is not None:
        values = np.reshape(outputs, (len(outputs), -1)).astype(float)
        kind = "numbers" if np.ndim(outputs) > 2 else kind
    elif trace.output is not None:
        values = np.reshape(trace.output, (1, -1)).astype(float)
        if np.ndim(trace.output) > 1:
            kind = "numbers"
        elif kind != "numbers" and not _are_beliefs(values, kind):
            values = beliefs(values, kind)
    n = 1 if values is None else values.shape[1]
    return Answer(values, kind, _class_names(classes, kind, n), trace.outputs_are == "stopped")


def _class_names(classes, kind: str, n: int) -> list[str] | None:
    """Judge the names of n outputs; of a single sigmoid's two, for no and yes, keep the second."""
    several = hasattr(classes, "__len__") and not isinstance(classes, str)
    if kind == "sigmoid" and n == 1 and several and len(classes) == 2:
        classes = list(classes)[1:]
    return words.judged(classes, n, "classes", "outputs")


def _are_beliefs(values, kind) -> bool:
    inside = values.min() >= 0 and values.max() <= 1
    return bool(inside and (kind == "sigmoid" or np.isclose(values.sum(), 1, atol=1e-4)))


def chosen(trace, layer, sort) -> list[int]:
    """Find the records that are shown first, by their numbers: one, or both directions of a layer.

    Raises
    ------
    ValueError
        Where there is no such layer, or records with different steps are to stand side by side.
    """
    if sort not in SORTS:
        raise ValueError(f"sort is {sort!r}: choose {', '.join(map(repr, SORTS))}.")
    wanted = layer if isinstance(layer, list | tuple) else [layer]
    found = [n for one in wanted for n in _records(trace, one)]
    names = ", ".join(repr(record.name) for record in trace.layers)
    if not 1 <= len(found) <= 2:
        raise ValueError(
            f"layer asks for {len(found)} records, and there is room for one or two: choose of "
            f"{names}."
        )
    if len({len(trace.layers[n].h) for n in found}) == 2:
        one, two = (trace.layers[n] for n in found)
        raise ValueError(
            f"layer asks for {one.name!r} of {len(one.h)} steps beside {two.name!r} of "
            f"{len(two.h)}: they do not go side by side. Show one at a time."
        )
    return found


def _records(trace, layer) -> list[int]:
    """Find the records of a layer: the upper cell of each direction."""
    layers = list(dict.fromkeys(record.layer for record in trace.layers))
    if layer is None:
        layer = layers[-1]
    elif isinstance(layer, int | np.integer) and not isinstance(layer, bool):
        if not -len(layers) <= layer < len(layers):
            raise ValueError(
                f"layer is {layer}, but the network has {len(layers)} recurrent layers: "
                f"0 to {len(layers) - 1}, or the names {', '.join(map(repr, layers))}."
            )
        layer = layers[layer]
    by_name = [n for n, record in enumerate(trace.layers) if record.name == layer]
    if by_name and layer not in layers:
        return by_name
    found = {one.backwards: n for n, one in enumerate(trace.layers) if one.layer == layer}
    if not found:
        known = dict.fromkeys([*layers, *(record.name for record in trace.layers)])
        raise ValueError(
            f"layer is {layer!r}, but the recurrent layers here are {', '.join(map(repr, known))}."
        )
    return list(found.values())


def step_names(trace, steps) -> list[str] | None:
    """Judge the names of the steps; names for the steps that are read are spread over them."""
    count = len(trace.x)
    if hasattr(steps, "__next__"):
        steps = list(steps)
    masks = [Laid(one).of("mask") for one in trace.layers if len(one.mask) == count]
    if hasattr(steps, "__len__") and masks:
        places = np.flatnonzero(min(masks, key=np.sum))
        if len(steps) == len(places) < count:
            spread = [""] * count
            read = words.judged(steps, len(places), "steps", "steps")
            for place, name in zip(places, read, strict=True):
                spread[place] = name
            return spread
    return words.judged(steps, count, "steps", "steps in the sequence")


def feature_names(trace, features) -> list[str] | None:
    """Judge the names of the numbers in a step."""
    if features is not None and trace.x.ndim == 1:
        raise ValueError("features names the numbers in a step, but here each step is one token.")
    count = int(np.prod(trace.x.shape[1:]))
    return words.judged(features, count, "features", "features a step")


# --- what is sent ------------------------------------------------------------------------------


def told(trace, numbers, *, steps=None, classes=None, features=None, weights=None) -> dict:
    """Describe a trace for its view; its arrays go into `numbers`.

    Parameters
    ----------
    trace : rnnscope.records.NetworkTrace
    numbers, weights : rnnscope.packing.Numbers
        For the arrays of the trace, and for its weights, which stay the same from input to input.
    steps, classes, features : list of str, or None
        Names, as `rnnscope.replay` takes them.
    """
    x = np.asarray(trace.x)
    names, features = step_names(trace, steps), feature_names(trace, features)
    answer = answered(trace, classes)
    rows = x.reshape(len(x), -1)
    said = [] if answer.values is None else [
        words.answer_words(answer, k) for k in range(len(answer.values))
    ]  # fmt: skip
    return {
        "caveat": "" if trace.proved else trace.caveat or "Not proved against the model.",
        "note": words.note_words(trace.note),
        "steps": len(x),
        "names": names,
        "read": words.read_words(x, len(x), names, features),
        "text": words.is_text(x, names),
        "tokens": [f"{token:g}" for token in x.tolist()] if x.ndim == 1 else None,
        "x": numbers.add(rows),
        "features": features,
        "layers": [
            _told_layer(record, numbers, weights) | _told_head(record, trace, answer, weights)
            for record in trace.layers
        ],
        "answer": _told_answer(answer, said, numbers),
    }


def _told_layer(record, numbers, weights) -> dict:
    """Describe one record."""
    laid, parts = Laid(record), words.PARTS[record.cell]
    places = {}
    made_first = [part for part in parts if part not in ("c", "h")]
    for part in made_first + [part for part in ("c", "h") if part in parts]:
        made_of = None
        usual = record.activation == "tanh" and record.h.shape[1] == record.units
        if part == "c":
            made_of = ("c", *(places[gate] for gate in ("f", "i", "candidate")), laid.backwards)
        elif part == "h" and record.cell == "lstm" and usual:
            made_of = ("h", places["o"], places["c"])
        places[part] = numbers.add(laid.of(part), made_of)
    mask = laid.of("mask")
    about = {
        "name": record.name,
        "layer": record.layer,
        "cell": record.cell,
        "units": record.units,
        "steps": len(mask),
        "own": laid.own,
        "backwards": laid.backwards,
        "gates": list(record.gates),
        "parts": {part: places[part] for part in parts},
        "masked": np.flatnonzero(~mask).tolist(),
        "initial": [numbers.add(part) for part in record.initial_state],
        "functions": [record.activation, record.recurrent_activation],
        "resetAfter": record.reset_after,
        "words": words.cell_words(laid),
    }
    if weights is not None and record.weights is not None:
        about["x"] = numbers.add(laid.of("x"))
        about["weights"] = [weights.add(array) for array in record.weights]
    return about


def _told_head(record, trace, answer, weights) -> dict:
    """Describe the head, if what the network says is this record's h times a kernel and a bias."""
    if weights is None or trace.head is None or answer.kind != "classes" or answer.values is None:
        return {}
    kernel, bias = (np.asarray(part) for part in trace.head)
    h = Laid(record).of("h")
    if h.shape[1] != len(kernel) or len(h) != len(answer.values):
        return {}
    if not np.allclose(beliefs(h @ kernel + bias, "classes"), answer.values, atol=1e-4):
        return {}
    return {"head": [weights.add(part[..., answer.kept]) for part in (kernel, bias)]}


def _told_answer(answer, said, numbers) -> dict | None:
    """Describe what the network says."""
    if answer.values is None:
        return None
    kept = answer.kept
    return {
        "kind": answer.kind,
        "stopped": answer.stopped,
        "of": answer.values.shape[1],
        "kept": kept.tolist(),
        "names": [answer.names[n] if answer.names else f"{n}" for n in kept],
        "said": [answer.name(n) for n in kept],
        # Found here: of two that are close, three digits do not tell the larger.
        "best": np.nan_to_num(answer.values[:, kept], nan=-np.inf).argmax(1).tolist(),
        "values": numbers.add(answer.values[:, kept]),
        "words": said,
    }
