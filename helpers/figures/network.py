"""The replay of any recurrent network over any sequence: input, gates, states, output."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from helpers.figures import base, names
from helpers.figures.base import Panel
from helpers.figures.frames import COLOURS, Frames
from helpers.figures.sequences import (
    coarse,
    input_panel,
    is_text,
    output_panel,
    runs,
    said,
    said_words,
    step_ticks,
)

MOST = 80  # frames; longer sequences get as many, evenly spaced
SORTS = {
    "change": "those that change most on top",
    "mean": "those of the largest mean on top",
    "units": "in the model's order",
}
HEADINGS = {
    "f": "forget gate f", "i": "input gate i", "candidate": "candidate", "c": "cell state c",
    "o": "output gate o", "h": "hidden state h", "z": "update gate z", "r": "reset gate r",
}  # fmt: skip
MAPS = {
    "lstm": ("f", "i", "candidate", "c", "o", "h"),
    "gru": ("z", "r", "candidate", "h"),
    "rnn": ("h",),
}
# In pixels: where the maps begin, how far they reach, and what lies between two of them.
LEFT, RIGHT, BETWEEN, DPI = 318, 886, 12, base.DPI


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


def network_frames(
    trace,
    *,
    steps=None,
    classes=None,
    features=None,
    layer=None,
    sort: str = "change",
    at=None,
    title: str | None = None,
) -> Frames:
    """Replay a network over a sequence: what it reads, every gate and state, what it says.

    Parameters
    ----------
    trace : helpers.network.NetworkTrace
    steps : list of (time steps,) names, or a text of as many letters, optional
        What is read at each step: words, letters, dates. Where steps are masked, names for those
        that are read will do.
    classes : list of (outputs,) names, optional
        Of the outputs; of a single sigmoid its name, or two names, for no and yes.
    features : list of (features,) names, optional
        Of the numbers in one step of the input.
    layer : str, int or a list of two, optional
        Which recurrent layer to show, by name or by its number from 0, negative from the end; a
        Bidirectional layer shows its two directions side by side. By default the last one.
    sort : {"change", "mean", "units"}
        The order of the units, the same in all maps: by how much their state changes from step
        to step in all, by its mean, or as they are in the model.
    at : sequence of int, optional
        Which steps get a frame, from 0. By default all; of more than 80, 80 evenly spaced.
    title : str, optional

    Returns
    -------
    Frames

    Raises
    ------
    TypeError, ValueError
        Where names do not fit in number, or a layer is not there; and where two layers with
        different numbers of steps are to stand side by side.
    """
    if not hasattr(trace, "layers"):
        raise TypeError(
            f"network_frames() needs the trace of a network, helpers.network.trace(model, x), not "
            f"a {type(trace).__name__}."
        )
    if sort not in SORTS:
        raise ValueError(f"sort is {sort!r}: choose {', '.join(map(repr, SORTS))}.")
    readings = _chosen(trace, layer)
    count = len(readings[0].rows)
    shown, long = _shown(count, at)
    step_names = _step_names(trace, steps)
    feature_names = _feature_names(trace, features)
    answer = said(trace, count, classes)
    figure, left = _figure(len(readings))
    heading = left[0].text(0, 1.05, "", transform=left[0].transAxes, parse_math=False, fontsize=11)
    where = [_place(trace, readings, k, step_names) for k in shown]
    ways = _ways(readings)
    inputs = input_panel(left[0], trace, step_names, feature_names, ways, shown)
    outputs, remark = output_panel(left[1], trace, answer, shown)
    panels = [([heading], lambda n: heading.set_text(where[n])), *inputs, *outputs]
    for number, reading in enumerate(readings):
        panels += _maps(figure, number, len(readings), reading, sort, shown)
    figure.text(LEFT / _width(figure), 1 - 16 / _height(figure), _legend(readings), fontsize=10)
    words = [_words(trace, readings, k, step_names, answer) for k in shown]
    note = trace.note
    if note.startswith("What "):
        note = f"Its answers are w{note[1:]}"
    words[0] = " ".join([words[0], note, *remark, *long])
    if title is None:
        title = f"Inside {trace.model}: " + " and ".join(r.record.name for r in readings)
    return base.compose(figure, panels, words, title)


# --- what is shown -----------------------------------------------------------------------------


def _chosen(trace, layer) -> list[Reading]:
    """Find one or two records, and lay them along the input."""
    wanted = layer if isinstance(layer, list | tuple) else [layer]
    records = [record for one in wanted for record in _records(trace, one)]
    if not 1 <= len(records) <= 2:
        raise ValueError(
            f"layer asks for {len(records)} records, and there is room for one or two: choose of "
            f"{', '.join(repr(record.name) for record in trace.layers)}."
        )
    if len({len(record.h) for record in records}) == 2:
        one, two = records
        raise ValueError(
            f"layer asks for {one.name!r} of {len(one.h)} steps beside {two.name!r} of "
            f"{len(two.h)}: they do not go side by side. Show one at a time."
        )
    return [reading(record) for record in records]


def reading(record) -> Reading:
    """Lay a record along the input."""
    rows = record.order
    return Reading(record, rows, rows if record.times is None else record.times[rows])


def _records(trace, layer) -> list:
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
    for record in trace.layers:
        if record.name == layer and record.name not in layers:
            return [record]
    found = {record.backwards: record for record in trace.layers if record.layer == layer}
    if not found:
        known = dict.fromkeys([*layers, *(record.name for record in trace.layers)])
        raise ValueError(
            f"layer is {layer!r}, but the recurrent layers here are {', '.join(map(repr, known))}."
        )
    return list(found.values())


def _shown(count: int, at) -> tuple[list[int], list[str]]:
    """Choose the steps that get a frame, and say it where they are not all."""
    if at is not None:
        shown = [int(step) for step in at]
        if not shown or min(shown) < 0 or max(shown) >= count:
            raise ValueError(f"at must hold steps from 0 to {count - 1}; there are {count} steps.")
        return shown, []
    if count <= MOST:
        return list(range(count)), []
    shown = np.unique(np.linspace(0, count - 1, MOST).round().astype(int)).tolist()
    return shown, [
        f"There are {count:,} steps and {len(shown)} pictures, one for about every "
        f"{(count - 1) / (len(shown) - 1):.0f} steps."
    ]


def _step_names(trace, steps) -> list[str] | None:
    """Judge the names of the steps; names for the steps that are read are spread over them."""
    count = len(trace.x)
    if steps is not None and not isinstance(steps, str) and hasattr(steps, "__iter__"):
        steps = list(steps)
    mask = trace.layers[0].mask
    if steps is not None and hasattr(steps, "__len__") and len(mask) == count:
        places = np.flatnonzero(reading(trace.layers[0]).along(mask))
        if len(steps) == len(places) != count:
            spread = [""] * count
            for place, name in zip(places, names.judged(steps, len(places), "steps", "steps"),
                                   strict=True):  # fmt: skip
                spread[place] = name
            return spread
    return names.judged(steps, count, "steps", "steps in the sequence")


def _feature_names(trace, features) -> list[str] | None:
    count = int(np.prod(trace.x.shape[1:]))
    if features is not None and trace.x.ndim == 1:
        raise ValueError("features names the numbers in a step, but here each step is one token.")
    return names.judged(features, count, "features", "features a step")


def _ways(readings) -> list:
    """Return the different ways over the input, each with what of it is read."""
    ways = []
    for one in readings:
        known = one.record.times is not None
        if known and not any(np.array_equal(one.places, places) for places, _ in ways):
            ways.append((one.places, one.along(one.record.mask)))
    return ways


# --- the picture -------------------------------------------------------------------------------


def _figure(rows: int):
    """Return the figure, and the axes of input and output on its left."""
    height = 400 if rows == 1 else 520
    figure, axes = base.new_figure(11.2, height / DPI, {"left": 0.06}, nrows=2)
    upper, lower = 0.36 * height, 0.275 * height
    for ax, bottom, tall in ((axes[0], height - 50 - upper, upper), (axes[1], 45, lower)):
        ax.set_position([50 / 896, bottom / height, 215 / 896, tall / height])
    return figure, axes


def _width(figure) -> float:
    return figure.get_figwidth() * DPI


def _height(figure) -> float:
    return figure.get_figheight() * DPI


def _maps(figure, number, count, reading: Reading, sort, shown) -> list[Panel]:
    """Draw the maps of one record in a row, its units in one order."""
    record = reading.record
    kinds = MAPS[record.cell]
    wide, high = _width(figure), _height(figure)
    room = (high - 40 - 44) / count
    tall = room - (22 if count == 1 else 36)
    each = (RIGHT - LEFT - BETWEEN * (len(kinds) - 1)) / len(kinds)
    bottom = high - 40 - 22 - tall - number * room
    order = _order(reading, sort)
    panels = []
    for place, kind in enumerate(kinds):
        box = (LEFT + place * (each + BETWEEN), bottom, each, tall)
        ax = figure.add_axes([a / b for a, b in zip(box, (wide, high) * 2, strict=True)])
        values = reading.along(getattr(record, kind))[:, order]
        panels.append(_map(ax, values, kind, reading, shown, (int(each), int(tall))))
        if place == 0:
            label = f"{record.units} units, {SORTS[sort]}" if record.units > 1 else "1 unit"
            ax.set_ylabel(label if count == 1 else f"{names.drawn(record.name, 'layer', 26)}")
        if number == count - 1 and place == 0:
            ax.set_xlabel("step of the input" if record.times is not None else "step of the layer",
                          loc="left")  # fmt: skip
        if number < count - 1:
            ax.set_xticklabels([])
    return panels


def _order(reading: Reading, sort) -> np.ndarray:
    """Sort the units by their state, the first on top."""
    record = reading.record
    values = getattr(record, reading.state)[reading.rows]
    if sort == "units" or not record.mask.any():
        return np.arange(record.units)
    if sort == "mean":
        return np.argsort(-values[record.mask[reading.rows]].mean(0), kind="stable")
    start = np.reshape(record.initial_state[-1], (1, -1))  # h, c of an LSTM: the state is last
    return np.argsort(-np.abs(np.diff(values, axis=0, prepend=start)).sum(0), kind="stable")


def _map(ax: Axes, values, kind, reading: Reading, shown, pixels) -> Panel:
    """Show (steps, units) as colours, uncovered as they are read; what is masked is hatched."""
    steps, units = values.shape
    gate = kind in reading.record.gates and _within(values)
    size = 1.0 if gate else _size(values)
    shown_values = coarse(coarse(values, pixels[0]).T, pixels[1])
    ax.imshow(shown_values, aspect="auto", interpolation="nearest", cmap="Greys" if gate else
              base.DIVERGING, vmin=0 if gate else -size, vmax=size,
              extent=(0.5, steps + 0.5, units + 0.5, 0.5))  # fmt: skip
    step_ticks(ax, steps, pixels[0])
    ax.set(yticks=[], ylim=(units + 0.5, 0.5))
    heading = HEADINGS[kind]
    ax.set_title(
        heading if gate else f"{heading.split()[-1]} ±{size:.2g}",
        fontsize=10.5 if pixels[0] > 100 else 9.5,
    )
    masked = ~reading.along(reading.record.mask)
    if masked.any():
        ax.broken_barh(runs(masked), (0.5, units), facecolors="none", hatch="////",
                       edgecolors=COLOURS["muted"], linewidth=0)  # fmt: skip
    curtain = ax.axvspan(0, 1, color=COLOURS["paper"], linewidth=0)
    now = ax.axvline(1, color=COLOURS["now"], linewidth=2)

    def update(n: int) -> None:
        place = reading.places[shown[n]] + 1
        if reading.backwards:
            curtain.set_bounds(0.5, 0, place - 1, 1)
            now.set_xdata([place - 0.5] * 2)
        else:
            curtain.set_bounds(place + 0.5, 0, steps - place, 1)
            now.set_xdata([place + 0.5] * 2)

    return [curtain, now], update


def _within(values) -> bool:
    known = values[np.isfinite(values)]
    return not known.size or bool(known.min() >= 0 and known.max() <= 1)


def _size(values) -> float:
    """Return what has the full colour: the largest value, or less where a few are far above."""
    known = np.abs(values[np.isfinite(values)])
    if not known.size or not known.max() > 0:
        return 1.0
    most = float(np.quantile(known, 0.98))
    return most if known.max() > 2 * most > 0 else float(known.max())


def _legend(readings) -> str:
    text = "white 0, purple negative, orange positive."
    gates = any(r.record.gates for r in readings)
    text = f"Gates: white 0, black 1.  Others: {text}" if gates else text.capitalize()
    masked = not all(r.record.mask.all() for r in readings)
    return text + "  Hatched: masked." * masked


# --- the words ---------------------------------------------------------------------------------


def _place(trace, readings, k: int, step_names) -> str:
    """Say for the picture how far the reading is."""
    text = f"step {k + 1:,} of {len(readings[0].rows):,}"
    ways = _ways(readings)
    if step_names and len(ways) == 1 and not is_text(trace.x, step_names):
        name = names.drawn(step_names[ways[0][0][k]], "", 14)
        text += f": {name}" if name else ""
    return text


def _words(trace, readings, k: int, step_names, answer) -> str:
    count = len(readings[0].rows)
    parts = [f"Step {k + 1:,} of {count:,}{_what_is_read(trace, readings, k, step_names)}"]
    for one in readings:
        parts.append(_said_cell(one, k, _short(one, readings) if len(readings) > 1 else ""))
    parts.append(said_words(answer, k))
    return " ".join(part for part in parts if part)


def _short(one: Reading, readings) -> str:
    """Name a record: of two directions of one layer, forward and backward will do."""
    if len({other.record.layer for other in readings}) < len(readings):
        return one.record.name.removeprefix(f"{one.record.layer}/")
    return one.record.name


def _what_is_read(trace, readings, k: int, step_names) -> str:
    """Say what is read at a step: a name, a token, a number; for two directions both."""
    told = []
    for one in readings:
        if one.record.times is None:
            told.append("")
            continue
        place = int(one.places[k])
        name = said_input(trace, place, step_names)
        told.append(f"input step {place + 1:,}{name}" if one.places[k] != k else name.lstrip(" ,"))
    if len(set(told)) == 1:
        return f", {told[0]}." if told[0] else "."
    both = " and ".join(
        f"{_short(one, readings)} reads {what or 'step ' + str(k + 1)}"
        for one, what in zip(readings, told, strict=True)
    )
    return f": {both}."


def said_input(trace, place: int, step_names) -> str:
    """Say what the network reads at one step of the input."""
    name = f", {names.said(step_names[place])}" if step_names and step_names[place] else ""
    row = np.ravel(trace.x[place])
    if trace.x.ndim == 1:
        return name or f", token {row[0]:g}"
    if len(row) == 1:
        return f"{name}, the number {row[0]:.3g}"
    return name


def _said_cell(one: Reading, k: int, name: str) -> str:
    """Say how far the gates are open, how large the states are, and which unit moved most."""
    record, row = one.record, one.rows[k]
    start = f"{name[:1].upper()}{name[1:]}: " if name else ""
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
