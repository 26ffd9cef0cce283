"""What a network reads and what it says, step by step: the panels for any input and any output."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from helpers.figures import base, names
from helpers.figures.base import Panel
from helpers.figures.frames import COLOURS
from helpers.network.traces import beliefs

FEW = 16  # features that are drawn as bars; more become the rows of an image
MOST_BARS = 10
LETTERS = 7  # steps of a text that are on display around the one that is read


def coarse(values: np.ndarray, most: int) -> np.ndarray:
    """Make at most `most` rows of (rows, n): the means of neighbours, what is nan left out."""
    if len(values) <= most:
        return values
    edges = np.linspace(0, len(values), most, endpoint=False).astype(int)
    known = np.isfinite(values)
    total = np.add.reduceat(np.where(known, values, 0), edges)
    number = np.add.reduceat(known.astype(int), edges)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def runs(flags: np.ndarray) -> list[tuple[float, int]]:
    """Return (start, length) of each run of True, where step 1 lies from 0.5 to 1.5."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(a + 0.5, b - a) for a, b in edges.reshape(-1, 2)]


def step_ticks(ax: Axes, steps: int, room: int = 200) -> None:
    """Mark the first, the middle and the last step; the outer ones stay within `room` pixels."""
    ticks = [1, (steps + 1) // 2, steps]
    if steps <= 9 or 12 * sum(len(f"{tick:,}") for tick in ticks) > room:
        ticks = [1, steps]
    ticks = sorted(set(ticks))
    ax.set(xticks=ticks, xticklabels=[f"{tick:,}" for tick in ticks], xlim=(0.5, steps + 0.5))
    if steps > 1:
        labels = ax.get_xticklabels()
        labels[0].set_ha("left")
        labels[-1].set_ha("right")


# --- what it reads -----------------------------------------------------------------------------


def is_text(x: np.ndarray, step_names) -> bool:
    """Whether the input is best shown as text: tokens, or named steps that are one-hot."""
    if x.ndim == 1:
        return True
    rows = x.reshape(len(x), -1)
    one_hot = rows.shape[1] > 1 and np.isin(rows, (0, 1)).all() and (rows.sum(1) <= 1).all()
    return bool(step_names and one_hot)


def input_panel(ax: Axes, trace, step_names, features, ways, shown) -> list[Panel]:
    """Show what is read: a text, a curve, a row of bars, or the rows of an image.

    Parameters
    ----------
    ax : Axes
    trace : helpers.network.NetworkTrace
    step_names, features : list of str or None
    ways : list of (places, mask)
        For each way over the input, the step that is read 1st, 2nd, …, and which of the input's
        steps are read at all. Empty where the input's steps are not those of the layers shown.
    shown : list of int
        The steps of the replay, in the order of reading.
    """
    x = trace.x
    rows = x.reshape(len(x), -1).astype(float)
    masked = np.zeros(len(x), bool)
    for _, mask in ways:
        masked |= ~mask
    if is_text(x, step_names):
        return _text(ax, x, step_names, ways, masked, shown)
    if rows.shape[1] == 1:
        return _curve(ax, rows[:, 0], ways, masked, shown)
    if rows.shape[1] <= FEW and len(ways) == 1:
        return _row_of_bars(ax, rows, features, ways[0][0], shown)
    return _rows(ax, rows, features, ways, masked, shown)


def _still_to_come(ways, k: int, steps: int) -> tuple[int, int]:
    """Return from where to where no cell has read after step k, counted from 0."""
    low, high = 0, steps
    for places, _ in ways:
        if len(places) > 1 and places[0] > places[-1]:
            high = min(high, places[k])
        else:
            low = max(low, places[k] + 1)
    return low, max(low, high)


def _text(ax: Axes, x, step_names, ways, masked, shown) -> list[Panel]:
    """Show the steps around the one that is read: letters in a line, words below each other."""
    ax.set_axis_off()
    given = step_names or [f"token {int(x[place])}" for place in range(len(x))]
    in_line = len(ways) < 2 and max(map(len, given)) <= 2
    most = 20 if len(ways) < 2 else 10
    texts = [
        names.drawn(name, f"step {place}" if name else "", most)
        for place, name in enumerate(given, 1)
    ]
    in_line = in_line and max(map(len, texts)) <= 2
    for place in np.flatnonzero(masked):
        if not (step_names and texts[place]):
            texts[place] = "\N{MIDDLE DOT}" if in_line else "(masked)"
    if not ways:
        ways = [(np.zeros(1 + max(shown), int), ~masked)]
    panels = []
    for number, (places, _) in enumerate(ways):
        across = (number + 0.5) / len(ways)
        panels += _window(ax, texts, masked, places, shown, across, in_line)
    return panels


def _window(ax: Axes, texts, masked, places, shown, across, in_line) -> list[Panel]:
    """Move the text past a place in the middle."""
    half = LETTERS // 2
    spots = np.linspace(0.08, 0.92, LETTERS)
    artists = []
    for n, spot in enumerate(spots):
        at = (spot, 0.5) if in_line else (across, 1 - spot)
        here = n == half
        artists.append(
            ax.text(
                *at,
                "",
                transform=ax.transAxes,
                ha="center",
                va="center",
                parse_math=False,
                fontsize=(20 if here else 15) if in_line else (14 if here else 11),
                fontweight="bold" if here else "normal",
            )
        )
    artists[half].set_bbox({"facecolor": COLOURS["paper"], "edgecolor": COLOURS["now"],
                            "linewidth": 2, "boxstyle": "round,pad=0.25"})  # fmt: skip
    backwards = len(places) > 1 and places[0] > places[-1]

    def update(n: int) -> None:
        middle = places[shown[n]]
        for offset, artist in enumerate(artists, -half):
            place = middle + offset
            inside = 0 <= place < len(texts)
            artist.set_text(texts[place] if inside else "")
            artist.set_visible(inside)
            if inside:
                read = place >= middle if backwards else place <= middle
                ink = read and not masked[place]
                artist.set_color(COLOURS["ink" if ink else "muted"])
                artist.set_alpha(1.0 if read else 0.6)

    return [(artists, update)]


def _curve(ax: Axes, values, ways, masked, shown) -> list[Panel]:
    """Show one number a step as a curve; what is still to come is dimmed."""
    steps = len(values)
    at = np.arange(1, steps + 1)
    style = {"marker": "o", "markersize": 4} if steps <= 40 else {}
    ax.plot(at, values, color=COLOURS["input"], linewidth=1.8 if steps <= 200 else 1, **style)
    step_ticks(ax, steps)
    low, high = ax.get_ylim()
    if masked.any():
        ax.broken_barh(runs(masked), (low, high - low), facecolors="none", hatch="////",
                       edgecolors=COLOURS["muted"], linewidth=0)  # fmt: skip
        ax.set_ylim(low, high)
    return _cover(ax, ways, steps, shown, ax.axvspan, ax.axvline)


def _cover(ax: Axes, ways, steps, shown, span, line) -> list[Panel]:
    """Dim what is still to come, along x, and mark the steps that are read."""
    if not ways:
        return []
    cover = span(0, 1, color=COLOURS["paper"], alpha=0.8, linewidth=0)
    marks = [
        line(1, color=COLOURS["now"], linewidth=2, linestyle="--" if n else "-")
        for n in range(len(ways))
    ]

    def update(n: int) -> None:
        low, high = _still_to_come(ways, shown[n], steps)
        cover.set_bounds(low + 0.5, 0, high - low, 1)
        for mark, (places, _) in zip(marks, ways, strict=True):
            mark.set_xdata([places[shown[n]] + 1] * 2)

    return [([cover, *marks], update)]


def _row_of_bars(ax: Axes, rows, features, places, shown) -> list[Panel]:
    """Show the few numbers of the step that is read as bars, each with its name."""
    count = rows.shape[1]
    low, high = min(rows.min(), 0.0), max(rows.max(), 0.0)
    values = rows[places[shown]]
    labels = [names.drawn(name, f"{n}", 14) for n, name in enumerate(features)] if features \
        else [f"{n}" for n in range(count)]  # fmt: skip
    return [_lying_bars(ax, values, labels, (low, high if high > low else 1.0), COLOURS["input"])]


def _rows(ax: Axes, rows, features, ways, masked, shown) -> list[Panel]:
    """Show the sequence as an image that is read row by row from the top."""
    steps, count = rows.shape
    top, bottom = float(rows.max()), float(rows.min())
    size = max(abs(top), abs(bottom)) or 1.0
    colours = {"cmap": "gray_r", "vmin": 0, "vmax": size} if bottom >= 0 else {
        "cmap": base.DIVERGING, "vmin": -size, "vmax": size}  # fmt: skip
    image = coarse(coarse(rows, 400).T, 400).T
    shape = "equal" if 0.5 <= steps / count <= 2 else "auto"  # a picture is not stretched
    ax.imshow(image, aspect=shape, interpolation="nearest",
              extent=(0.5, count + 0.5, steps + 0.5, 0.5), **colours)  # fmt: skip
    ticks = sorted({1, steps})
    ax.set(yticks=ticks, yticklabels=[f"{tick:,}" for tick in ticks], xticks=[])
    ax.set_xlabel(f"{count} features a step" if count > 1 else "")
    if masked.any():
        spans = [(start, length) for start, length in runs(masked)]
        for start, length in spans[:50]:
            ax.axhspan(start, start + length, facecolor="none", hatch="////",
                       edgecolor=COLOURS["muted"], linewidth=0)  # fmt: skip
    if not ways:
        return []
    cover = ax.axhspan(0, 1, color=COLOURS["paper"], alpha=0.8, linewidth=0)
    thick = max(1.0, steps / 60)  # of a long sequence one row is too thin to see
    marks = [
        ax.axhspan(0, 1, fill=False, edgecolor=COLOURS["now"], linewidth=2,
                   linestyle="--" if n else "-")
        for n in range(len(ways))
    ]  # fmt: skip
    ax.set_ylim(steps + 0.5, 0.5)

    def update(n: int) -> None:
        low, high = _still_to_come(ways, shown[n], steps)
        cover.set_bounds(0, low + 0.5, 1, high - low)
        for mark, (places, _) in zip(marks, ways, strict=True):
            mark.set_bounds(0, places[shown[n]] + 1 - thick / 2, 1, thick)

    return [([cover, *marks], update)]


# --- what it says ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What a network says at each step of a replay.

    Attributes
    ----------
    values : ndarray (steps, n), or None
        Beliefs or numbers; nan where nothing is said yet. None where its answers have steps of
        their own.
    kind : str
        ``"classes"``, ``"sigmoid"`` or ``"numbers"``.
    names : list of (n,) str or None
    places : ndarray (steps,) or None
        The step of the input after which each of them came.
    stopped : bool
        Whether this is what it would say if it stopped after each step.
    """

    values: np.ndarray | None
    kind: str
    names: list[str] | None
    places: np.ndarray | None
    stopped: bool

    def name(self, n: int) -> str:
        """Say the name of an output."""
        if self.names:
            return names.said(self.names[n])
        if self.values.shape[1] == 1:
            return "yes" if self.kind == "sigmoid" else "output"
        return f"{'class' if self.kind != 'numbers' else 'output'} {n}"

    def drawn(self, n: int, most: int = 16) -> str:
        """Return the name of an output as a picture has it."""
        number = f"{'class' if self.kind != 'numbers' else 'output'} {n}"
        if self.names:
            return names.drawn(self.names[n], number, most)
        return f"{n}" if self.values.shape[1] > 1 else self.name(n)


def said(trace, count: int, classes=None) -> Said:
    """Gather what a network says at each of `count` steps of reading.

    Raises
    ------
    ValueError
        Where there are not as many classes as outputs.
    """
    kind, last = trace.kind, trace.layers[-1]
    shape = np.shape(trace.output)
    outputs = trace.outputs if trace.belief is None else trace.belief
    stopped = trace.outputs_are == "states"
    values = places = None
    if outputs is not None and len(outputs) == count:
        values = np.reshape(outputs, (count, -1)).astype(float)
        places = trace.order if last.times is None else last.times[trace.order]
        if np.ndim(outputs) > 2:
            kind = "numbers"
    elif outputs is None or stopped:
        final = np.ravel(trace.output if outputs is None else outputs[-1]).astype(float)
        if len(shape) > 1:
            kind = "numbers"
        elif outputs is None and kind != "numbers" and not _are_beliefs(final, kind):
            final = beliefs(final, kind)
        values = np.full((count, len(final)), np.nan)
        values[-1] = final
    n = shape[-1] if values is None and shape else 1 if values is None else values.shape[1]
    if classes is not None and kind == "sigmoid" and n == 1 and len(list(classes)) == 2 \
            and not isinstance(classes, str):  # fmt: skip
        classes = [list(classes)[1]]
    return Said(values, kind, names.judged(classes, n, "classes", "outputs"), places, stopped)


def _are_beliefs(values, kind) -> bool:
    inside = values.min() >= 0 and values.max() <= 1
    return bool(inside and (kind == "sigmoid" or np.isclose(values.sum(), 1, atol=1e-4)))


def said_words(answer: Said, k: int) -> str:
    """Say in a sentence what a network says after step k of reading; "" where it says nothing."""
    if answer.values is None or not np.isfinite(answer.values[k]).all():
        return ""
    row = answer.values[k]
    would = answer.stopped and k < len(answer.values) - 1
    start = "Stopped here, the network would say" if would else "The network says"
    if answer.kind == "classes" and len(row) > 1:
        first, second = np.argsort(-row, kind="stable")[:2]
        return (
            f"{start} {answer.name(first)} ({row[first]:.0%}), then {answer.name(second)} "
            f"({row[second]:.0%})."
        )
    if answer.kind != "numbers" and len(row) == 1:
        return f"{start} {answer.name(0)} with {row[0]:.0%}."
    if answer.kind == "sigmoid":
        best = [n for n in np.argsort(-row, kind="stable")[:3] if row[n] > 0.5]
        more = int((row > 0.5).sum()) - len(best)
        told = ", ".join(f"{answer.name(n)} ({row[n]:.0%})" for n in best)
        return f"{start} {told or 'none of them above 50%'}{f' and {more} more' * (more > 0)}."
    if len(row) == 1 and not answer.names:
        return f"{start} {row[0]:.3g}."
    if len(row) <= 4:
        return f"{start} {', '.join(f'{answer.name(n)} {v:.3g}' for n, v in enumerate(row))}."
    low, high = int(row.argmin()), int(row.argmax())
    return (
        f"{start} {len(row)} numbers, from {row[low]:.3g} ({answer.name(low)}) to {row[high]:.3g} "
        f"({answer.name(high)})."
    )


def output_panel(ax: Axes, trace, answer: Said, shown) -> tuple[list[Panel], list[str]]:
    """Show what the network says: bars with names, or curves of numbers.

    Returns
    -------
    panels : list of Panel
    remarks : list of str
        What the words must add.
    """
    if answer.values is None:
        ax.set_axis_off()
        ax.text(0, 0.9, "Its answers have\nsteps of their own.", transform=ax.transAxes, va="top")
        return [], ["The network's answers have steps of their own, so they are not shown here."]
    values = answer.values[shown]
    n = values.shape[1]
    heading = ax.text(0, 1.05, "", transform=ax.transAxes, parse_math=False, fontsize=10.5)
    told = [_told(answer, row) for row in values]
    remarks, head = [], ([heading], lambda k: heading.set_text(told[k]))
    if answer.kind == "numbers":
        if answer.places is not None and n <= 4:
            return [*_output_curves(ax, trace, answer, shown), head], remarks
        known = values[np.isfinite(values)]
        limits = min(known.min(initial=0), 0), max(known.max(initial=0), 0)
        limits = limits if limits[0] < limits[1] else (0, 1)
    else:
        limits = (0, 1)
    keep, others = np.arange(n), 0
    if n > MOST_BARS:
        if answer.kind == "numbers" and not answer.names:
            panel = base.bar_panel(ax, np.nan_to_num(values), "", [""] * n, limits,
                                   COLOURS["output"])  # fmt: skip
            ax.set(xticks=[0, n - 1], xticklabels=["0", f"{n - 1}"], xlabel="output")
            return [panel, head], remarks
        others = n - (MOST_BARS - 2)
        reached = np.nan_to_num(np.abs(values)).max(0)
        keep = np.sort(np.argsort(-reached, kind="stable")[: MOST_BARS - 2])
        remarks = [
            f"The picture has the {len(keep)} outputs that reach the largest values, of {n}."
        ]
    labels = [answer.drawn(k) for k in keep]
    bars = values[:, keep]
    if others and answer.kind == "classes":
        rest = values.sum(1) - bars.sum(1)
        bars, labels = np.column_stack([bars, rest]), [*labels, f"{others} others"]
    colour = None if answer.kind == "classes" else COLOURS["output"]
    panel = _lying_bars(ax, np.nan_to_num(bars), labels, limits, colour, len(keep))
    if answer.kind != "numbers":
        ax.set(xticks=[0, 0.5, 1], xticklabels=["0", "50%", "100%"])
        if answer.kind == "sigmoid":
            ax.axvline(0.5, color=COLOURS["muted"], linestyle=":", linewidth=1)
    return [panel, head], remarks


def _told(answer: Said, row) -> str:
    """Return the answer as the heading of its panel."""
    if not np.isfinite(row).all():
        return "its answer: at the end"
    if answer.kind == "classes":
        best = int(row.argmax())
        name = answer.drawn(best, 20) if answer.names else f"class {best}"
        return f"{name} {row[best]:.0%}"
    if len(row) == 1:
        share = f"{row[0]:.0%}" if answer.kind == "sigmoid" else f"{row[0]:.3g}"
        return f"{answer.drawn(0, 20)} {share}"
    return "its answer"


def _output_curves(ax: Axes, trace, answer: Said, shown) -> list[Panel]:
    """Show up to four numbers over time, uncovered as they come; the input dotted where it fits."""
    steps = len(answer.values)
    places = answer.places
    at = places + 1
    style = {"marker": "o", "markersize": 4} if steps <= 40 else {}
    dashes = ["-", "--", "-.", (0, (1, 1))]
    series = list(answer.values.T)
    for n, y in enumerate(series):
        ax.plot(at, y, linestyle=dashes[n], color=COLOURS["output"], label=answer.drawn(n, 10),
                linewidth=1.8 if steps <= 200 else 1, **style)  # fmt: skip
    rows = trace.x.reshape(len(trace.x), -1)
    low, high = answer.values.min(), answer.values.max()
    step_ticks(ax, steps)
    dotted = (
        trace.x.ndim > 1 and rows.shape[1] == 1 and len(rows) == steps
        and trace.layers[-1].times is not None
        and low <= rows.max() and high >= rows.min()
    )  # fmt: skip
    if dotted:
        ax.plot(np.arange(1, steps + 1), rows[:, 0], ":", color=COLOURS["input"], linewidth=1.2,
                label="input", zorder=1)  # fmt: skip
    if len(series) > 1 or dotted:
        ax.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.12), ncols=5, fontsize=9,
                  frameon=False, handlelength=1.6, columnspacing=1)  # fmt: skip
    backwards = steps > 1 and places[0] > places[-1]
    curtain = ax.axvspan(0, 1, color=COLOURS["paper"], linewidth=0)
    now = ax.axvline(1, color=COLOURS["now"], linewidth=2)

    def update(n: int) -> None:
        place = at[shown[n]]
        now.set_xdata([place] * 2)
        # Half a step of room, so that the point of this step is whole.
        if backwards:
            curtain.set_bounds(0.5, 0, max(place - 1, 0), 1)
        else:
            curtain.set_bounds(place + 0.5, 0, max(steps - place, 0), 1)

    return [([curtain, now], update)]


def _lying_bars(ax: Axes, values, labels, limits, colour=None, best_of=None) -> Panel:
    """Show (frames, n) values as n lying bars; of classes the largest has the colour of `now`."""
    n = values.shape[1]
    figure = ax.figure
    box = ax.get_position()
    wide = figure.get_figwidth() * base.DPI
    left = 14 + 6.6 * max(map(len, labels)) * (1 if n <= 10 else 0.85)
    ax.set_position([left / wide, box.y0, box.x1 - left / wide, box.height])
    spare = max(3 - n, 0) / 2  # one bar alone is not as thick as three
    ax.set(xlim=limits, ylim=(n - 0.4 + spare, -0.6 - spare), yticks=range(n))
    for text in ax.set_yticklabels(labels, fontsize=10 if n <= 10 else 8):
        text.set_parse_math(False)
    ax.tick_params(axis="y", length=0)
    if limits[0] < 0:
        ax.axvline(0, color=COLOURS["muted"], linewidth=0.8)
    bars = PolyCollection([], linewidths=0)
    ax.add_collection(bars, autolim=False)
    below, above = np.arange(n) - 0.36, np.arange(n) + 0.36

    def update(step: int) -> None:
        end, zero = values[step], np.zeros(n)
        corners = [(zero, below), (end, below), (end, above), (zero, above)]
        bars.set_verts(np.stack([np.stack(corner, -1) for corner in corners], axis=1))
        best = np.arange(n) == end[:best_of].argmax()
        bars.set_facecolor(colour or np.where(best, COLOURS["now"], COLOURS["hidden"]).tolist())

    return [bars], update
