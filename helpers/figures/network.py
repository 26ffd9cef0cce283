"""The replay of any recurrent network over any sequence: input, gates, states, output."""

import operator

import numpy as np
from matplotlib.axes import Axes

from helpers import projector
from helpers.figures import base, names
from helpers.figures.base import Panel
from helpers.figures.frames import COLOURS, Frames
from helpers.figures.network_words import (
    HEADINGS,
    MAPS,
    Reading,
    View,
    laid,
    note_words,
    step_words,
)
from helpers.figures.outputs import output_panel, said
from helpers.figures.sequences import coarse, input_panel, is_text, runs, step_ticks

EVERY, MOST = 100, 60  # up to so many steps each has a frame; of more, so many are spread evenly
SORTS = {
    "change": "those that change most on top",
    "mean": "those of the largest mean on top",
    "units": "in the model's order",
}
# In pixels: where the maps begin, how far they reach, and what lies between two of them.
LEFT, RIGHT, BETWEEN = 318, 886, 12


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
        Which steps get a frame, from 0. By default all; of more than 100, 60 evenly spaced.
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
    shown, remarks = _shown(count, at)
    view = View(
        trace,
        readings,
        _step_names(trace, steps),
        _feature_names(trace, features),
        said(trace, count, classes),
    )
    figure, left = _figure(len(readings))
    heading = left[0].text(0, 1.05, "", transform=left[0].transAxes, parse_math=False, fontsize=11)
    where = [_place(view, k) for k in shown]
    panels = [([heading], lambda n: heading.set_text(where[n]))]
    panels += input_panel(left[0], trace, view.steps, view.features, view.ways, shown)
    outputs, remark = output_panel(left[1], trace, view.answer, shown)
    panels += outputs
    for row in range(len(readings)):
        panels += _maps(figure, row, readings, sort, shown)
    if classes is not None and trace.kind == "numbers":
        remark += ['If these numbers are logits of classes, kind="classes" makes beliefs of them.']
    words = [step_words(view, k) for k in shown]
    words[0] = " ".join([words[0], note_words(trace.note), *remark, *remarks])
    if title is None:
        title = f"Inside {trace.model}: {' and '.join(one.record.name for one in readings)}"
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
    return [laid(record) for record in records]


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
        try:
            shown = sorted({operator.index(step) for step in at})
        except TypeError:
            raise TypeError(f"at is {at!r}: give a list of steps, from 0 to {count - 1}.") from None
        if not shown or min(shown) < 0 or max(shown) >= count:
            raise ValueError(f"at must hold steps from 0 to {count - 1}; there are {count} steps.")
        return shown, []
    if count <= EVERY:
        return list(range(count)), []
    shown = np.unique(np.linspace(0, count - 1, MOST).round().astype(int)).tolist()
    return shown, [
        f"There are {count:,} steps and {len(shown)} pictures, one for about every "
        f"{(count - 1) / (len(shown) - 1):.0f} steps."
    ]


def _step_names(trace, steps) -> list[str] | None:
    """Judge the names of the steps; names for the steps that are read are spread over them."""
    count, first = len(trace.x), trace.layers[0]
    if hasattr(steps, "__next__"):
        steps = list(steps)
    if hasattr(steps, "__len__") and len(first.mask) == count:
        places = np.flatnonzero(laid(first).along(first.mask))
        if len(steps) == len(places) < count:
            spread = [""] * count
            read = names.judged(steps, len(places), "steps", "steps")
            for place, name in zip(places, read, strict=True):
                spread[place] = name
            return spread
    return names.judged(steps, count, "steps", "steps in the sequence")


def _feature_names(trace, features) -> list[str] | None:
    count = int(np.prod(trace.x.shape[1:]))
    if features is not None and trace.x.ndim == 1:
        raise ValueError("features names the numbers in a step, but here each step is one token.")
    return names.judged(features, count, "features", "features a step")


# --- the picture -------------------------------------------------------------------------------


def _figure(rows: int):
    """Return the figure, and the axes of input and output on its left."""
    height = 400 if rows == 1 else 520
    figure, axes = base.new_figure(11.2, height / base.DPI, {"left": 0.06}, nrows=2)
    # Large names of the outputs need the room that large letters of the input can spare.
    shares = (0.24, 0.37) if projector.is_on() else (0.36, 0.275)
    upper, lower = (share * height for share in shares)
    for ax, bottom, tall in ((axes[0], height - 50 - upper, upper), (axes[1], 45, lower)):
        ax.set_position([50 / 896, bottom / height, 215 / 896, tall / height])
    return figure, axes


def _maps(figure, row: int, readings, sort, shown) -> list[Panel]:
    """Draw the maps of one record in a row, its units in one order."""
    one, count = readings[row], len(readings)
    record, kinds = one.record, MAPS[one.record.cell]
    wide, high = figure.get_size_inches() * base.DPI
    room = (high - 84) / count
    tall = room - (22 if count == 1 else 36)
    each = (RIGHT - LEFT - BETWEEN * (len(kinds) - 1)) / len(kinds)
    bottom = high - 62 - tall - row * room
    order = _order(one, sort)
    panels = []
    for place, kind in enumerate(kinds):
        left = LEFT + place * (each + BETWEEN)
        ax = figure.add_axes((left / wide, bottom / high, each / wide, tall / high))
        values = one.along(getattr(record, kind))[:, order]
        panels.append(_map(ax, values, kind, one, shown, (int(each), int(tall))))
        if row < count - 1:
            ax.set_xticklabels([])
        elif place == 0:
            of = "input" if record.times is not None else "layer"
            ax.set_xlabel(f"step of the {of}", loc="left")
        if place == 0:
            units = f"{record.units} units, {SORTS[sort]}" if record.units > 1 else "1 unit"
            name = names.drawn(record.name, "", 60 if count == 1 else 26)
            if count > 1 and projector.is_on():
                name = names.drawn(record.name.rpartition("/")[2], "", 14)
            ax.set_ylabel(units if count == 1 else name, parse_math=False)
            if count == 1:
                figure.text(LEFT / wide, 1 - 38 / high, name, fontweight="bold", parse_math=False)
    if row == 0:
        figure.text(LEFT / wide, 1 - 18 / high, _legend(readings), fontsize=10)
    return panels


def _order(one: Reading, sort) -> np.ndarray:
    """Sort the units by their state, the first on top."""
    record = one.record
    values = getattr(record, one.state)[one.rows]
    if sort == "units" or not record.mask.any():
        return np.arange(record.units)
    if sort == "mean":
        return np.argsort(-values[record.mask[one.rows]].mean(0), kind="stable")
    start = np.reshape(record.initial_state[-1], (1, -1))  # h, c of an LSTM: the state is last
    return np.argsort(-np.abs(np.diff(values, axis=0, prepend=start)).sum(0), kind="stable")


def _map(ax: Axes, values, kind, one: Reading, shown, pixels) -> Panel:
    """Show (steps, units) as colours, uncovered as they are read; what is masked is hatched."""
    steps, units = values.shape
    gate = kind in one.record.gates and _within(values)
    size = 1.0 if gate else _size(values)
    shown_values = coarse(coarse(values, pixels[0]).T, pixels[1])
    ax.imshow(shown_values, aspect="auto", interpolation="nearest", cmap="Greys" if gate else
              base.DIVERGING, vmin=0 if gate else -size, vmax=size,
              extent=(0.5, steps + 0.5, units + 0.5, 0.5))  # fmt: skip
    step_ticks(ax, steps, pixels[0])
    ax.set(yticks=[], ylim=(units + 0.5, 0.5))
    ax.set_title(
        _heading(kind, gate, size, low=pixels[1] < 200),
        fontsize=10.5 if pixels[0] > 100 else 10,
    )
    masked = ~one.along(one.record.mask)
    if masked.any():
        ax.broken_barh(runs(masked), (0.5, units), facecolors="none", hatch="////",
                       edgecolors=COLOURS["muted"], linewidth=0)  # fmt: skip
    curtain = ax.axvspan(0, 1, color=COLOURS["paper"], linewidth=0)
    now = ax.axvline(1, color=COLOURS["now"], linewidth=2)

    def update(n: int) -> None:
        place = one.places[shown[n]] + 1
        if one.backwards:
            curtain.set_bounds(0.5, 0, place - 1, 1)
            now.set_xdata([place - 0.5] * 2)
        else:
            curtain.set_bounds(place + 0.5, 0, steps - place, 1)
            now.set_xdata([place + 0.5] * 2)

    return [curtain, now], update


def _heading(kind, gate: bool, size: float, low: bool) -> str:
    """Return what stands above a map; in large letters less, or it would reach into the next."""
    heading = HEADINGS[kind]
    if not projector.is_on():
        return heading if gate else f"{heading.split()[-1]} ±{size:.2g}"
    if gate:
        return f"gate {kind}"
    return heading if low and kind == "candidate" else f"{heading.split()[-1]} ±{size:.2g}"


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


def _place(view: View, k: int) -> str:
    """Say for the picture how far the reading is."""
    text = f"step {k + 1:,} of {len(view.readings[0].rows):,}"
    if view.steps and len(view.ways) == 1 and not is_text(view.trace.x, view.steps):
        name = names.drawn(view.steps[view.ways[0][0][k]], "", 14)
        text += f": {name}" if name else ""
    return text
