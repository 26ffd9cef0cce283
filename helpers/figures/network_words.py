"""The words of a network's replay, and how a layer's record is laid along the input."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from helpers.figures import names
from helpers.figures.outputs import Said, said_words
from helpers.figures.sequences import is_text

HEADINGS = {
    "f": "forget gate f", "i": "input gate i", "candidate": "candidate", "c": "cell state c",
    "o": "output gate o", "h": "hidden state h", "z": "update gate z", "r": "reset gate r",
}  # fmt: skip
MAPS = {
    "lstm": ("f", "i", "candidate", "c", "o", "h"),
    "gru": ("z", "r", "candidate", "h"),
    "rnn": ("h",),
}


@dataclass(frozen=True)
class Reading:
    """One layer's record, laid out along the steps of the input.

    Attributes
    ----------
    record : helpers.network.LayerTrace
    rows : ndarray of int (steps,)
        The record's rows in the order in which the cell read them.
    places : ndarray of int (steps,)
        Where each of these rows stands: the input's step, or the layer's own row where the layers
        below have made other steps of them.
    """

    record: object
    rows: np.ndarray
    places: np.ndarray

    @property
    def backwards(self) -> bool:
        """Whether the places run from the last to the first."""
        return len(self.places) > 1 and self.places[0] > self.places[-1]

    @property
    def state(self) -> str:
        """What the cell remembers by: c of an LSTM, h of the others."""
        return "c" if self.record.c is not None else "h"

    def along(self, values: np.ndarray) -> np.ndarray:
        """Put (steps,) or (steps, units) in the order of the places."""
        made = np.empty_like(values)
        made[self.places] = values[self.rows]
        return made


def laid(record) -> Reading:
    """Lay a record along the input."""
    rows = record.order
    return Reading(record, rows, rows if record.times is None else record.times[rows])


@dataclass(frozen=True)
class View:
    """What picture and words of one replay share.

    Attributes
    ----------
    trace : helpers.network.NetworkTrace
    readings : list of Reading
        One or two.
    steps, features : list of str or None
        Names.
    answer : Said
    """

    trace: object
    readings: list[Reading]
    steps: list[str] | None
    features: list[str] | None
    answer: Said

    @cached_property
    def ways(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The different ways over the input: the places, and which of the input's steps count."""
        ways = []
        for one in self.readings:
            known = one.record.times is not None
            if known and not any(np.array_equal(one.places, places) for places, _ in ways):
                ways.append((one.places, one.along(one.record.mask)))
        return ways


def step_words(view: View, k: int) -> str:
    """Say what is read at step k of reading, what the cells do with it, what the network says."""
    parts = [f"Step {k + 1:,} of {len(view.readings[0].rows):,}{_what_is_read(view, k)}"]
    several = len(view.readings) > 1
    for one in view.readings:
        name = _short(one, view.readings)
        name = f"layer {name}" if name == one.record.name else name
        parts.append(_said_cell(one, k, name if several else ""))
    parts.append(said_words(view.answer, k))
    return " ".join(part for part in parts if part)


def note_words(note: str) -> str:
    """Make a whole sentence of a trace's note."""
    return f"Its answers are w{note[1:]}" if note.startswith("What ") else note


def _short(one: Reading, readings) -> str:
    """Name a record: of two directions of one layer, forward and backward will do."""
    if len({other.record.layer for other in readings}) < len(readings):
        return one.record.name.removeprefix(f"{one.record.layer}/")
    return one.record.name


def _what_is_read(view: View, k: int) -> str:
    """Say what is read at a step: a name, a token, numbers; for two directions both."""
    told = []
    for one in view.readings:
        if one.record.times is None:
            told.append("")
            continue
        place = int(one.places[k])
        what = _said_input(view, place)
        step = f"input step {place + 1:,}" if place != k else ""
        told.append(", ".join(part for part in (step, what) if part))
    if len(set(told)) == 1:
        return f", {told[0]}." if told[0] else "."
    both = " and ".join(
        f"{_short(one, view.readings)} reads {what or f'step {k + 1:,}'}"
        for one, what in zip(view.readings, told, strict=True)
    )
    return f": {both}."


def _said_input(view: View, place: int) -> str:
    """Say what the network reads at one step of the input."""
    x = view.trace.x
    row, name = np.ravel(x[place]), ""
    if view.steps and view.steps[place]:
        name = names.said(view.steps[place])
    if x.ndim == 1:
        return name or f"token {row[0]:g}"
    if name and is_text(x, view.steps):
        return name
    return f"{name}{', ' if name else ''}{_said_row(row, view.features)}"


def _said_row(row: np.ndarray, features) -> str:
    """Say the numbers of a step: all of a few, else the least and the largest."""
    if len(row) == 1:
        return f"the number {row[0]:.3g}"
    if len(row) <= 4:
        told = [f"{value:.3g}" for value in row]
        if features:
            told = [f"{names.said(n)} {text}" for n, text in zip(features, told, strict=True)]
        return f"the numbers {', '.join(told)}"
    low, high = int(row.argmin()), int(row.argmax())
    if row[low] == row[high]:
        return f"{len(row)} numbers, all {row[low]:.3g}"
    ends = [
        f"{row[n]:.3g}{f' ({names.said(features[n])})' if features else ''}" for n in (low, high)
    ]
    return f"{len(row)} numbers from {ends[0]} to {ends[1]}"


def _said_cell(one: Reading, k: int, name: str) -> str:
    """Say how far the gates are open, how large the states are, and which unit moved most."""
    record, row = one.record, one.rows[k]
    start = f"{name}: " if name else ""
    if not record.mask[row]:
        return _sentence(f"{start}masked, so it is not read, and the states stay as they are.")
    gates = [
        f"{HEADINGS[gate]} {getattr(record, gate)[row].mean():.2f}"
        for gate in MAPS[record.cell]
        if gate in record.gates
    ]
    states = ("c", "h") if record.cell == "lstm" else ("h",)
    sizes = " and ".join(f"{two(np.abs(getattr(record, s)[row]).mean())} of {s}" for s in states)
    told = ", ".join([*gates, f"size {sizes}"])
    values = getattr(record, one.state)
    before = values[one.rows[k - 1]] if k else record.initial_state[-1]
    unit = int(np.abs(values[row] - before).argmax())
    course = f"{one.state}[{unit}], from {two(before[unit])} to {two(values[row, unit])}"
    if record.units == 1:
        return _sentence(f"{start}of its one unit, {told}; {course}.")
    return _sentence(
        f"{start}mean over {record.units} units: {told}. The unit that moves most is {course}."
    )


def _sentence(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


def two(value: float) -> str:
    """Write a number with two digits behind the point, or two that count where it is small."""
    return f"{value:.2f}" if abs(value) >= 0.095 or not value else f"{value:.2g}"
