"""Pictures of gates: the switch that makes them, what they leave, and all of them over a digit."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers import judge
from helpers.figures import base
from helpers.figures.base import Panel
from helpers.figures.frames import COLOURS, Frames
from helpers.figures.letters import legible
from helpers.figures.lstm import VALVE_NAMES, two
from helpers.figures.reading import believed, units_of
from rnnscope import cells


def switch_frames() -> Frames:
    """Replay what sigmoid and tanh make of a sum from -6 to 6: one frame a sum."""
    sums, a = np.arange(-6, 6.5, 0.5), np.linspace(-6, 6, 200)
    margins = {"left": 0.05, "right": 0.985, "bottom": 0.19, "top": 0.88, "wspace": 0.2}
    figure, axes = base.new_figure(9.6, 2.9, margins, ncols=2)
    gate, candidate = cells.sigmoid(sums), np.tanh(sums)
    panels = []
    for ax, function, values, colour, name, low in (
        (axes[0], cells.sigmoid, gate, COLOURS["forget"], "sigmoid: a gate of", 0),
        (axes[1], np.tanh, candidate, COLOURS["candidate"], "tanh: a candidate of", -1),
    ):
        ax.plot(a, function(a), color=colour, linewidth=2)
        room = 0.08 * (1 - low)
        ax.set(xlabel="the sum", ylim=(low - room, 1 + room), xticks=range(-6, 7, 2),
               yticks=[low, (low + 1) / 2, 1])  # fmt: skip
        ax.axhline(0, color=COLOURS["muted"], linewidth=0.8)
        panels.append(_point_panel(ax, sums, values, name))
    words = [
        f"Sum {total:g}: sigmoid makes it {g:.2f}, a gate that lets {g:.0%} through; "
        f"tanh makes it {two(t)}."
        for total, g, t in zip(sums, gate, candidate, strict=True)
    ]
    return base.compose(figure, panels, words, "A soft switch")


def _point_panel(ax: Axes, x: np.ndarray, y: np.ndarray, name: str) -> Panel:
    """Move a point along a curve, with lines to both axes and its height in the heading."""
    left, bottom = ax.get_xlim()[0], ax.get_ylim()[0]
    (lines,) = ax.plot([], [], ":", color=COLOURS["now"], linewidth=1.6)
    (point,) = ax.plot([], [], "o", color=COLOURS["now"], markersize=9)
    heading = ax.text(0, 1.04, "", fontsize=12.5, transform=ax.transAxes)

    def update(step: int) -> None:
        lines.set_data([x[step], x[step], left], [bottom, y[step], y[step]])
        point.set_data([x[step]], [y[step]])
        heading.set_text(f"{name} {two(y[step])}")

    return [lines, point, heading], update


def left_frames(keeps: Sequence[float], names: Sequence[str], title: str, rows: int = 28) -> Frames:
    """Replay how much of a first blow is left after each row: one frame a forget gate.

    Parameters
    ----------
    keeps : sequence of float
        The forget gate, the same at every step, 0 to 1.
    names : sequence of str
        What to call each of them.
    rows : int
        How many rows are read; the blow falls with the first of them.
    """
    keeps = judge.numbers(keeps, "keeps", "forget gates", low=0, high=1).clip(0, 1)
    names = judge.texts(names, "names", len(keeps), "forget gate")
    rows = judge.count(rows, "rows", 1)
    left = keeps[:, None] ** np.arange(rows)
    margins = {"left": 0.085, "right": 0.985, "bottom": 0.19, "top": 0.86}
    figure, (ax,) = base.new_figure(8.4, 2.9, margins)
    rows_read = [str(n + 1) if n % 3 == 0 or rows > base.MANY else "" for n in range(rows)]
    bars = base.bar_panel(ax, left, "", rows_read, (0, 1), COLOURS["forget"])
    ax.set(xlabel="rows read", ylabel="left of the first blow", yticks=[0, 0.5, 1])
    heading = ax.text(-0.6, 1.05, "", fontsize=12.5, va="bottom")
    early = min(10, (rows + 1) // 2)
    words = [
        f"{name}: after {base.counted(early, 'row')} {_share(course[early - 1])} of the first blow "
        f"is left, after {base.counted(rows, 'row')} {_share(course[-1])}."
        for name, course in zip(names, left, strict=True)
    ]
    headings = [
        f"{legible(name, 3.4, 12.5)}: {_share(course[-1])} is left after "
        + base.counted(rows - 1, "more row")
        for name, course in zip(names, left, strict=True)
    ]
    return base.compose(
        figure, [bars, ([heading], lambda step: heading.set_text(headings[step]))], words, title
    )


def _share(value: float) -> str:
    """Write a share in per cent, as a reader would say it."""
    percent = 100 * value
    if percent < 0.001:
        return "0 %" if value == 0 else "less than 0.001 %"
    return f"{percent:.{1 if percent < 0.1 else 3}g} %"


EVERY = {
    "f": "forget gate f", "i": "input gate i", "candidate": "candidate",
    "c": "the sheet, c", "o": "output gate o", "h": "shown, h",
}  # fmt: skip
SIZES = {"candidate": 1, "c": 2, "h": 1}  # tanh makes nearly 1 of a c of 2 and above


def every_gate_frames(trace, title: str = "Every gate of every unit, row by row") -> Frames:
    """Replay everything that an LSTM computed over one image.

    Parameters
    ----------
    trace : helpers.trace.Trace
        Of an LSTM.

    Returns
    -------
    Frames
        One frame a row. A unit is one line across all six maps; the units are sorted by how far
        their forget gate is open on average over this image, those that keep most on top. A c
        beyond -2..2 is drawn as -2 or 2.
    """
    judge.trace(trace, "trace", *EVERY)
    order = trace.f.mean(0).argsort()[::-1]
    arrays = {"x": trace.x, "belief": trace.belief}
    for name in EVERY:
        # Twelve shades tell as much to the eye, and make the pictures smaller.
        values = getattr(trace, name)[:, order] / SIZES.get(name, 1)
        arrays[name] = np.round(12 * values) / 12
    words = [_every_words(trace, step) for step in range(len(trace.h))]
    return base.restage(_every_stage, arrays, words, title)


def _every_stage(x, belief, **maps):
    """Build the figure of `every_gate_frames`: each map's values lie in 0..1 or -1..1."""
    figure, axes = base.new_figure(11.2, 4.5, {"left": 0.06}, nrows=2)
    axes[0].set_position([0.06, 0.52, 0.12, 0.38])
    axes[1].set_position([0.045, 0.13, 0.14, 0.27])
    panels = [
        base.digit_panel(axes[0], x),
        base.bar_panel(axes[1], belief, "belief", range(belief.shape[1])),
    ]
    axes[1].set(yticks=[0, 1])
    steps = len(x)
    for place, (name, label) in enumerate(EVERY.items()):
        # 112 x 256 pixels: with 28 rows and 128 units, whole pixels for each.
        ax = figure.add_axes((0.215 + place * 0.1285, 0.125, 112 / 896, 256 / 360))
        limits, colours = ((-1, 1), base.DIVERGING) if name in SIZES else ((0, 1), "Greys")
        panels.append(base.heat_panel(ax, maps[name], label, limits, colours, "row"))
        ax.set(yticks=[], xticks=base.ends_and_middle(steps), xlim=(0.5, steps + 0.5))
        for tick, side in zip(ax.get_xticklabels(), ("left", "center", "right"), strict=False):
            tick.set_ha(side)  # else the last of one map runs into the first of the next
        if place == 0:
            ax.set_ylabel(units_of(maps[name]))
    figure.text(0.215, 0.955, "Gates: white 0, shut; black 1, open.   The others: purple negative, "
                "white 0, orange positive.", fontsize=10)  # fmt: skip
    return figure, panels


def _every_words(trace, step: int) -> str:
    means = ", ".join(f"{VALVE_NAMES[k]} {getattr(trace, k)[step].mean():.2f}" for k in "fio")
    return (
        f"Row {step + 1} of {len(trace.h)}. Mean over {units_of(trace.h)}: {means}. "
        f"Largest c {two(np.abs(trace.c[step]).max())}, largest h "
        f"{two(np.abs(trace.h[step]).max())}. The reader believes {believed(trace.belief[step])}."
    )
