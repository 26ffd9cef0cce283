"""Pictures of a trained network opened up: what units watch, what pins do, which row counts.

In the still pictures the rows of the digit run downwards, and whatever belongs to a row stands
beside it.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers import judge
from helpers.figures import base
from helpers.figures.frames import COLOURS, Frames, Picture
from helpers.figures.letters import legible
from helpers.figures.reading import belief_words

DEEP = 2.0  # tanh makes nearly 1 of a c of 2: what is deeper is drawn as 2
SHEET = (-DEEP, DEEP)
PAIR = {"left": 0.06, "right": 0.99, "bottom": 0.18, "top": 0.88, "wspace": 0.3}


# --- what units watch --------------------------------------------------------------------------


def sheet_map_picture(trace, scores: np.ndarray | None = None, what: str = "") -> Picture:
    """Return a digit and, beside each of its rows, the sheet c of all units after that row.

    Parameters
    ----------
    trace : helpers.trace.Trace
        Of an LSTM.
    scores : ndarray (units,), optional
        Correlations; they sort the units, the lowest on the left, and are drawn below. By default
        the units are sorted by their c after the last row.
    what : str
        What the scores are.
    """
    judge.trace(trace, "trace", "c")
    units = trace.c.shape[1]
    if scores is not None:
        scores = judge.numbers(scores, "scores", ("units", units), low=-1, high=1)
        judge.text(what, "what", empty=False)
    order = np.argsort(trace.c[-1] if scores is None else scores)
    figure, axes = _beside(trace.x, [2.6], room=0.0 if scores is None else 0.95)
    heading = "the sheet c after each row, one column a unit"
    _map(axes[1], trace.c[:, order], heading, DEEP)
    words = (
        f"A digit read row by row, and beside each row the sheet c of all "
        f"{base.counted(units, 'unit')} after it: orange is a dent, purple a bump, white is flat "
        "(2 and deeper has the full colour). The units are sorted by "
    )
    if scores is None:
        axes[1].set_xlabel("unit, sorted by its c after the last row")
        return base.picture(figure, f"{words}their c after the last row.")
    left, _, width, _ = axes[1].get_position().bounds
    below = figure.add_axes((left, 0.15, width, 0.16))
    below.bar(np.arange(units) + 1, scores[order], width=1, color=COLOURS["hidden"])
    below.axhline(0, color=COLOURS["muted"], linewidth=0.8)
    below.set(xlim=(0.5, units + 0.5), ylim=(-1, 1), yticks=[-1, 0, 1], xticks=base.ticks(units))
    below.set_xlabel(legible(f"unit, sorted by its correlation with {what}", 6.5))
    axes[1].set_xticks([])
    return base.picture(
        figure,
        f"{words}their correlation with {what}, which runs from {scores.min():.2f} on the left to "
        f"{scores.max():.2f} on the right.",
    )


def against_picture(quantity: np.ndarray, values: np.ndarray, what: str, name: str) -> Picture:
    """Return a unit's values against a quantity, darker where more rows of digits lie.

    Parameters
    ----------
    quantity, values : ndarray (digits, time steps)
    what, name : str
        What the quantity is, and what the values are.
    """
    quantity = judge.numbers(quantity, "quantity", "digits", "time steps")
    values = judge.numbers(values, "values", ("digits", len(quantity)),
                         ("time steps", quantity.shape[1]))  # fmt: skip
    judge.text(what, "what", empty=False)
    judge.text(name, "name", empty=False)
    figure, (ax,) = base.new_figure(6.4, 3.4)
    # A place that was met once is light grey, not white.
    ax.hexbin(quantity.ravel(), values.ravel(), gridsize=(56, 24), norm=LogNorm(0.3), mincnt=1,
              cmap="Greys", linewidths=0)  # fmt: skip
    ax.set(xlabel=legible(what, 5.5), ylabel=legible(name, 2.9))
    still = [said for said, each in ((what, quantity), (name, values)) if not np.ptp(each)]
    if still:
        together = f"There is no correlation: {still[0]} is always the same."
    else:
        r = np.corrcoef(quantity.ravel(), values.ravel())[0, 1]
        together = f"The correlation is {r:.2f}."
    return base.picture(
        figure,
        f"{name} against {what}, after each row of {len(values)} digits: the darker, the more "
        f"often (each shade of grey stands for several times the one before). {together}",
    )


def by_digit_picture(values: np.ndarray, labels: np.ndarray, name: str) -> Picture:
    """Return one column of dots a digit: a unit's value for each image of that digit.

    Parameters
    ----------
    values : ndarray (n,)
    labels : int ndarray (n,)
        A digit without an image has no column.
    name : str
        What the values are.
    """
    values = judge.numbers(values, "values", "images")
    labels = judge.labels(labels, len(values), most=None)
    judge.text(name, "name", empty=False)
    digits, column = np.unique(labels, return_inverse=True)
    places = np.arange(len(digits))
    figure, (ax,) = base.new_figure(7.2, 3.2)
    aside = np.random.default_rng(0).uniform(-0.3, 0.3, len(values))
    ax.plot(column + aside, values, ".", color=COLOURS["cell"], markersize=4, alpha=0.5)
    means = [values[column == place].mean() for place in places]
    ax.hlines(means, places - 0.4, places + 0.4, color=COLOURS["ink"], linewidth=2)
    ax.axhline(0, color=COLOURS["muted"], linewidth=0.8, zorder=0)
    shown = base.some(places)
    ax.set(xlabel="digit", ylabel=legible(name, 2.9), xlim=(-0.6, len(digits) - 0.4))
    ax.set_xticks(shown, digits[shown])
    # As many decimals as tell the columns apart.
    decimals = max(1, 1 - int(np.floor(np.log10(base.reach(means)))))
    said = ", ".join(f"{digit}: {round(mean, decimals) + 0:.{decimals}f}"
                     for digit, mean in zip(digits, means, strict=True))  # fmt: skip
    return base.picture(
        figure,
        f"{name}, one dot for each of {len(values)} images, one column a digit; a line marks each "
        f"column's mean. The means are {said}.",
    )


# --- accuracies --------------------------------------------------------------------------------


def scores_picture(scores: Mapping[str, float], images: int, title: str = "") -> Picture:
    """Return accuracies as bars with their standard errors, and guessing as a line.

    Parameters
    ----------
    scores : dict of name -> accuracy, 0 to 1
    images : int
        On how many images each was counted.
    """
    scores = judge.named(scores, "scores")
    scores = {
        name: judge.number(score, f"scores[{name!r}]", 0, 1) for name, score in scores.items()
    }
    images = judge.count(images, "images", 1)
    judge.text(title, "title")
    names, values = list(scores), np.array(list(scores.values())).clip(0, 1)
    error = np.sqrt(values * (1 - values) / images)
    height = 0.9 + 0.3 * len(names) + (0.25 if title else 0)
    figure, (ax,) = base.new_figure(7.6, height)
    places = np.arange(len(names))
    ax.barh(places, values, 0.7, xerr=error, color=COLOURS["hidden"],
            error_kw={"ecolor": COLOURS["ink"], "elinewidth": 1.5})  # fmt: skip
    for place, value in zip(places, values, strict=True):
        ax.text(min(value + 0.03, 1.02), place, f"{value:.1%}", va="center", fontsize=10.5,
                bbox={"facecolor": COLOURS["paper"], "edgecolor": "none", "pad": 1})  # fmt: skip
    ax.axvline(0.1, color=COLOURS["now"], linestyle="--", linewidth=1.5, zorder=2.5)
    ax.set_yticks(places, [legible(name, 3.6) for name in names])
    ax.set(xlim=(0, 1.13), ylim=(len(names) - 0.4, -0.6),
           xticks=[0, 0.1, 0.25, 0.5, 0.75, 1],
           xticklabels=["0", "guess", "25%", "50%", "75%", "100%"],
           xlabel=f"accuracy on {images:,} images", title=legible(title, 7, 12.6))  # fmt: skip
    ax.tick_params(axis="y", length=0)
    said = "; ".join(f"{name}: {value:.1%}" for name, value in scores.items())
    return base.picture(figure, f"{title or 'Accuracy'}. {said}. Guessing gives 10%.")


# --- which row counts --------------------------------------------------------------------------


def gradient_picture(image: np.ndarray, gradient: np.ndarray, digit: int) -> Picture:
    """Return a digit, the gradient of a logit by each of its pixels, and its size by row.

    Parameters
    ----------
    image : ndarray (time steps, features)
    gradient : ndarray (time steps, features)
    digit : int
        Whose logit.
    """
    image, gradient = _image_and(gradient, image)
    digit = judge.count(digit, "digit", 0)
    by_row = np.linalg.norm(gradient, axis=1)
    figure, axes = _beside(image, [1.0, 1.1])
    _map(axes[1], gradient, f"gradient of logit {digit}")
    axes[1].set_xlabel("column")
    _bars(axes[2], by_row, "its size, row by row")
    low, high = _size(by_row.min()), _size(by_row.max())
    sizes = f"largest at row {by_row.argmax() + 1} ({high}) and smallest at row "
    sizes += f"{by_row.argmin() + 1} ({low})"
    if by_row.min() == by_row.max():
        sizes = f"the same everywhere ({high})"
    return base.picture(
        figure,
        f"The digit, and how the logit of {digit} would answer a little more ink at each pixel: "
        f"orange, it would rise; purple, it would fall. By row, the gradient is {sizes}.",
    )


def _image_and(gradient, image) -> tuple[np.ndarray, np.ndarray]:
    """Return an image and its gradient, as arrays of one shape."""
    image = judge.numbers(image, "image", "time steps", "features")
    sizes = zip(("time steps", "features"), image.shape, strict=True)
    return image, judge.numbers(gradient, "gradient", *sizes)


def _size(value: float) -> str:
    """Write a size with two decimals, or with two digits where these would not show it."""
    return f"{value:.2f}" if value >= 0.005 or not value else f"{value:.2g}"


def by_row_picture(image: np.ndarray, bars: Mapping[str, np.ndarray], words: str) -> Picture:
    """Return a digit, and beside each of its rows one number or more as bars.

    Parameters
    ----------
    image : ndarray (time steps, features)
    bars : dict of heading -> ndarray (time steps,)
        Or fewer numbers, each for as many rows as come on it.
    words : str
        What the picture shows; what it says row by row is added.
    """
    image = judge.numbers(image, "image", "time steps", "features")
    bars, rows = judge.named(bars, "bars"), len(image)
    judge.text(words, "words", empty=False)
    figure, axes = _beside(image, [1.2] * len(bars))
    told = sorted({1, max(rows // 2, 1), rows})
    for ax, (name, values) in zip(axes[1:], bars.items(), strict=True):
        values = judge.numbers(values, f"bars[{name!r}]", "time steps")
        each, over = divmod(rows, len(values))
        if over:
            raise ValueError(
                f"bars[{name!r}] must hold one number for each of {rows} rows, or for groups of "
                f"the same size; {len(values)} do not go into {rows}."
            )
        _bars(ax, values, name, each)
        said = (f"{_short(values[(row - 1) // each])} at row {row}" for row in told)
        words += f" {name[0].upper()}{name[1:]}: {', '.join(said)}."
    return base.picture(figure, words)


def parts_picture(image: np.ndarray, parts: np.ndarray) -> Picture:
    """Return a digit and, beside each of its rows, what that row left on the last sheet.

    Parameters
    ----------
    image : ndarray (time steps, features)
    parts : ndarray (time steps, units)
        Each row's part of the last c; the sum over the rows is the last c itself.
    """
    image = judge.numbers(image, "image", "time steps", "features")
    parts = judge.numbers(parts, "parts", ("time steps", len(image)), "units")
    figure, axes = _beside(image, [2.0, 0.9])
    order = parts.sum(0).argsort()
    _map(axes[1], parts[:, order], "what each row left on the last sheet")
    axes[1].set_xlabel("unit, sorted by its last c")
    share = np.abs(parts).sum(1) / (np.abs(parts).sum() or 1.0)
    _bars(axes[2], share, "share of all dents")
    words = "The digit, and what each of its rows left on the last sheet."
    if not share.any():
        return base.picture(figure, f"{words} No row left anything: the sheet is flat.")
    late = int(np.searchsorted(share[::-1].cumsum(), 0.5)) + 1
    made = share[-late:].sum()  # half, or more where one row made much
    half, first = "half" if made < 0.6 else f"{made:.0%}", len(share) // 2
    last = "row" if late == 1 else f"{late} rows"
    return base.picture(
        figure,
        f"{words} The last {last} made {half} of all dents, the first "
        f"{base.counted(first, 'row')} {share[:first].sum():.0%}.",
    )


def hand_frames(trace, gradient: np.ndarray, title: str = "Your digit, row by row") -> Frames:
    """Replay one digit with all that it takes to judge it: gradient, sheet and belief.

    Parameters
    ----------
    trace : helpers.trace.Trace
        Of an LSTM.
    gradient : ndarray (time steps, features)
        Of the winning logit, from `helpers.trace.row_gradient`.
    """
    judge.trace(trace, "trace", "c")
    _, gradient = _image_and(gradient, trace.x)
    arrays = {
        "x": trace.x,
        "gradient": gradient / base.reach(gradient),
        "c": trace.c[:, trace.c[-1].argsort()[::-1]],
        "belief": trace.belief,
    }
    by_row = np.linalg.norm(gradient, axis=1)
    words = [
        f"{belief_words(trace, n)} Size of the gradient of {trace.answer} at this row: "
        f"{_size(by_row[n])}, at all rows on average {_size(by_row.mean())}."
        for n in range(len(trace.c))
    ]
    return base.restage(_hand_stage, arrays, words, title)


def _hand_stage(x, gradient, c, belief):
    figure, (digit, slope, sheet, bars) = base.new_figure(
        10.8, 2.9, PAIR, ncols=4, width_ratios=[1, 1, 1.3, 1.3]
    )
    base.show_array(slope, gradient, cmap=base.DIVERGING, vmin=-1, vmax=1,
                    aspect=base.aspect(gradient))  # fmt: skip
    slope.set(title="Gradient of its answer", xticks=[], yticks=[])
    panels = [
        base.digit_panel(digit, x),
        base.heat_panel(sheet, c, "Sheet c, every unit", SHEET, label="row"),
        base.bar_panel(bars, belief, "Belief now", range(belief.shape[1])),
    ]
    sheet.set(yticks=[], xticks=base.ends_and_middle(len(x)))
    return figure, panels


# --- a digit, and what stands beside its rows --------------------------------------------------


def _beside(
    image: np.ndarray, widths: Sequence[float], room: float = 0.0
) -> tuple[Figure, list[Axes]]:
    """Return a figure with the digit on the left, and axes beside it that share its rows.

    `widths` are in digits; `room` in inches is left free below. A very wide or narrow image is
    stretched: its rows stay beside the rows of the other axes.
    """
    rows, columns = image.shape
    side, top, bottom, left, gap = 2.9, 0.35, 0.55 + room, 0.6, 0.4
    spans = [float(np.clip(side * columns / rows, 1.15, 4.4)), *(side * width for width in widths)]
    width, height = left + sum(spans) + gap * len(widths) + 0.15, top + side + bottom
    figure, axes = base.new_figure(width, height, {"left": 0}, ncols=len(spans))
    for ax, span in zip(axes, spans, strict=True):
        ax.set_position([left / width, bottom / height, span / width, side / height])
        left += span + gap
        ax.set(yticks=base.ticks(rows), ylim=(rows + 0.5, 0.5))
    extent = (0.5, columns + 0.5, rows + 0.5, 0.5)
    base.show(axes[0], image, extent, aspect="auto").set(**base.shades(image))
    axes[0].set(ylabel="row", xticks=[], title="what it reads")
    for ax in axes[1:]:
        ax.set_yticklabels([])
    return figure, list(axes)


def _map(ax: Axes, values: np.ndarray, title: str, size: float | None = None) -> None:
    """Show (rows, n) values as colours, zero white; `size` and beyond have the full colour."""
    rows, n = values.shape
    size = size or base.reach(values)
    base.show(ax, values, (0.5, n + 0.5, rows + 0.5, 0.5), aspect="auto", cmap=base.DIVERGING,
              vmin=-size, vmax=size)  # fmt: skip
    ax.set(title=title, xticks=base.ticks(n))


def _bars(ax: Axes, values: np.ndarray, title: str, each: int = 1) -> None:
    """Show one value for each row, or for `each` rows, as a bar that lies beside them."""
    places = each * np.arange(len(values)) + (each + 1) / 2
    ax.barh(places, values, each - 0.2, color=COLOURS["hidden"])
    low, high = 1.05 * min(float(values.min()), 0), 1.05 * max(float(values.max()), 0)
    if low == high:
        high = 1.0
    ticks = [tick for tick in MaxNLocator(4).tick_values(low, high) if low <= tick <= high]
    room = ax.get_position().width * ax.figure.get_figwidth() + 0.3
    # 0 and not 0.000, which would run into the last number of the panel on the left.
    ax.set(title=legible(title, room, 12.6), xlim=(low, high))
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    if low:
        ax.axvline(0, color=COLOURS["muted"], linewidth=0.8)


def _short(value: float) -> str:
    """Write a number with two digits, or all that stand before the point."""
    return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
