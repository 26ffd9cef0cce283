"""What a network reads, step by step: a text, a curve, a row of bars, or the rows of an image."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from helpers.figures import base, names
from helpers.figures.base import Panel
from helpers.figures.frames import COLOURS

FEW = 16  # features that are drawn as bars; more become the rows of an image
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
    if not ways:  # what is read now is no step of the input: the beginning of the text stands still
        some = [*texts[:LETTERS], "…"] if len(texts) > LETTERS else texts
        ax.text(0, 1, "\n".join(some), transform=ax.transAxes, va="top", parse_math=False)
        return []
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
    return [lying_bars(ax, values, labels, (low, high if high > low else 1.0), COLOURS["input"])]


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


def lying_bars(ax: Axes, values, labels, limits, colour=None, best_of=None) -> Panel:
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
