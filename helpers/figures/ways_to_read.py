"""Pictures of three ways to read an image: all at once, through a window, row after row."""

from collections.abc import Sequence

import numpy as np
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from helpers import judge
from helpers.figures import base
from helpers.figures.base import Panel
from helpers.figures.frames import COLOURS, Frames, Picture
from helpers.figures.letters import legible
from helpers.figures.reading import units_of

MARGINS = {"left": 0.015, "right": 0.985, "bottom": 0.17, "top": 0.87, "wspace": 0.14}
_ARROW = {"arrowstyle": "-|>", "color": COLOURS["muted"], "linewidth": 1.5}


def _show(ax, image: np.ndarray, title: str, **how) -> AxesImage:
    """Show an image without ticks, in grey unless `how` says otherwise; return what is shown."""
    how = {"cmap": "gray_r", "vmin": 0, "vmax": 1} | how
    shown = base.show(ax, image, aspect=base.aspect(image), **how)
    base.border(ax)
    ax.set(title=title, xticks=[], yticks=[])
    return shown


def _frame(ax, x: float, y: float, width: float, height: float) -> Rectangle:
    """Frame a part of an image in the colour of `now`: these numbers are seen at this moment."""
    box = Rectangle((x - 0.5, y - 0.5), width, height, fill=False,
                    edgecolor=COLOURS["now"], linewidth=2.5)  # fmt: skip
    return ax.add_patch(box)


def three_ways_picture(image: np.ndarray) -> Picture:
    """Return one image three times, with what is seen at one moment framed.

    Parameters
    ----------
    image : ndarray (rows, columns)
        From 0 to 1.
    """
    image = judge.rows(judge.image(image))
    rows, columns = image.shape
    window = min(8, rows, columns)
    figure, axes = base.new_figure(9, 3.2, MARGINS | {"bottom": 0.14}, ncols=3)
    corner = min(columns // 3, columns - window), min(rows // 4, rows - window)
    ways = (
        ("dense: everything at once", 0, 0, columns, rows),
        ("convolution: a window slides", *corner, window, window),
        ("recurrent: row after row", 0, rows // 2, columns, 1),
    )
    for ax, (title, x, y, width, height) in zip(axes, ways, strict=True):
        _show(ax, image, title)
        _frame(ax, x, y, width, height)
        ax.set_xlabel(f"{base.counted(width * height, 'number')} at a time")
    words = (
        "One digit, read in three ways. A frame shows what each sees at one moment: "
        f"a dense layer all {rows * columns} pixels, a convolution a window of {window} x {window} "
        f"that slides over the image, a recurrent network one row of {columns}."
    )
    return base.picture(figure, words)


def neuron_picture(x: Sequence[float], w: Sequence[float], b: float) -> Picture:
    """Return a neuron with its numbers: inputs, weights on the arrows, sum, tanh.

    Parameters
    ----------
    x, w : array-like (features,)
        At most twelve.
    b : float
        The bias.
    """
    x = judge.numbers(x, "x", "features")
    w, b = judge.numbers(w, "w", ("features", len(x))), judge.number(b, "b")
    if len(x) > 12:
        raise ValueError(f"x: this picture writes every number, at most 12, not {len(x)}.")
    total = float(x @ w + b)
    high = max(2.6, 0.62 * len(x))
    figure, (ax,) = base.new_figure(8.4, high, {"left": 0, "right": 1, "bottom": 0, "top": 1})
    ax.set(xlim=(0, 8.4), ylim=(0, high))
    middle = high / 2
    ax.axis("off")
    # Many weights stand nearer to their inputs, where the arrows lie further apart.
    along, share = (2.15, 0.43) if len(x) <= 4 else (1.75, 0.22)
    round_box = {"boxstyle": "circle,pad=0.4", "facecolor": COLOURS["paper"], "linewidth": 2}
    for n, y in enumerate(np.linspace(high - 0.4, 0.4, len(x)) if len(x) > 1 else [middle]):
        ax.annotate("", (3.35, middle + 0.25 * 0.9 * (y - middle) / (middle - 0.4)), (1.15, y),
                    arrowprops=_ARROW)  # fmt: skip
        base.write(ax, 0.9, y, f"{x[n]:.3g}", fontsize=12,
                   bbox=round_box | {"edgecolor": COLOURS["input"]})  # fmt: skip
        base.write(ax, along, y + share * (middle - y), f"times {w[n]:.4g}",
                   bbox={"facecolor": COLOURS["paper"], "edgecolor": "none", "pad": 2})  # fmt: skip
    square = round_box | {"boxstyle": "round,pad=0.7", "edgecolor": COLOURS["ink"]}
    added = f"{total - b:g} + {b:g}\n= {total:g}".replace("+ -", "- ")
    base.write(ax, 4.15, middle, added, bbox=square)
    ax.annotate("", (5.75, middle), (4.95, middle), arrowprops=_ARROW)
    base.write(ax, 6.15, middle, "tanh", bbox=square)
    ax.annotate("", (7.35, middle), (6.6, middle), arrowprops=_ARROW)
    base.write(ax, 7.75, middle, f"{np.tanh(total):.2f}", fontsize=12,
               bbox=round_box | {"edgecolor": COLOURS["hidden"]})  # fmt: skip
    products = ", ".join(f"{value:g} times {weight:g}" for value, weight in zip(x, w, strict=True))
    words = (
        f"A neuron adds up {products}, and its bias {b:g}. The sum is {total:g}, "
        f"and tanh makes {np.tanh(total):.2f} of it."
    )
    return base.picture(figure, words)


def dense_frames(
    image: np.ndarray, kernel: np.ndarray, bias: np.ndarray, title="A dense layer reads a digit"
) -> Frames:
    """Replay the neurons of a dense layer, one frame a neuron; each sees the whole image.

    Parameters
    ----------
    image : ndarray (rows, columns)
        From 0 to 1.
    kernel : ndarray (rows * columns, units)
    bias : ndarray (units,)
    """
    image = judge.rows(judge.image(image))
    kernel = judge.numbers(kernel, "kernel", ("pixels", image.size), "units")
    units = kernel.shape[1]
    bias = judge.numbers(bias, "bias", ("units", units))
    weights = kernel.T.reshape(units, *image.shape)
    products, sums = weights * image, image.ravel() @ kernel + bias
    figure, (digit, weight, product, bars) = base.new_figure(
        10.4, 3.0, MARGINS, ncols=4, width_ratios=[1, 1, 1, 1.55]
    )
    _show(digit, image, f"All {image.size} numbers" if image.size > 1 else "Its one number")
    _frame(digit, 0, 0, *image.shape[::-1])
    names = [str(n) for n in range(units)]
    shown = np.broadcast_to(sums, (units, units))
    room = 0.1 * np.ptp([*sums, 0])
    limits = (min(sums.min() - room, 0), max(sums.max() + room, 0)) if room else (0, 1)
    many = "One sum" if units == 1 else f"{units} sums, at the same time"
    result, move = base.bar_panel(bars, shown, many, names, limits)
    bars.set(xlabel="neuron", yticks=[])

    def update(step: int) -> None:
        move(step)
        result[0].set_facecolor(
            [COLOURS["now"] if n == step else COLOURS["hidden"] for n in range(units)]
        )

    panels = [
        _changing(weight, weights, [f"The weights of neuron {n}" for n in names]),
        _changing(product, products, ["Pixel times weight"] * units),
        (result, update),
    ]
    words = [
        f"Neuron {n} of this layer looks at all {image.size} pixels at once, with a weight for "
        f"each. Its sum is {sums[n]:.1f}; {_largest(sums)}"
        for n in range(units)
    ]
    return base.compose(figure, panels, words, title)


def _largest(sums: np.ndarray) -> str:
    best = np.flatnonzero(sums == sums.max())
    if len(best) == len(sums):
        return "there is no other." if len(sums) == 1 else "all others have the same."
    if len(best) > 1:
        return f"the largest of all, {sums.max():.1f}, is that of {len(best)} neurons."
    return f"the largest of all is that of neuron {best[0]}, {sums.max():.1f}."


def _changing(ax, images: np.ndarray, titles: Sequence[str]) -> Panel:
    """Show another image at each step, all on one scale of colours around zero."""
    size = base.reach(images)
    shown = _show(ax, images[0], titles[0], cmap=base.DIVERGING, vmin=-size, vmax=size)
    heading = ax.title

    def update(step: int) -> None:
        shown.set_data(base.thinned(images[step]))
        heading.set_text(titles[step])

    return [shown, heading], update


def window_frames(
    image: np.ndarray, window: np.ndarray, step: int, title="A window slides over a digit"
) -> Frames:
    """Replay a convolution with one window, one frame a place.

    Parameters
    ----------
    image : ndarray (rows, columns)
        From 0 to 1.
    window : ndarray (height, width)
        The window's weights.
    step : int
        How many pixels the window moves at a time.
    """
    image, step = judge.rows(judge.image(image)), judge.count(step, "step", 1)
    window = judge.numbers(window, "window", "height", "width")
    if window.shape[0] > image.shape[0] or window.shape[1] > image.shape[1]:
        raise ValueError(
            f"window has the shape {window.shape}, too large for an image of {image.shape}."
        )
    patches = np.lib.stride_tricks.sliding_window_view(image, window.shape)[::step, ::step]
    down, across = patches.shape[:2]
    patches = patches.reshape(-1, *window.shape)
    sums = (patches * window).sum((1, 2))
    figure, (digit, part, weight, result) = base.new_figure(
        10.4, 2.75, MARGINS | {"bottom": 0.03, "top": 0.9}, ncols=4
    )
    _show(digit, image, "The digit")
    seen = _frame(digit, 0, 0, *window.shape[::-1])
    size = 1.6 * base.reach(window)
    _show(weight, window, "Its weights: always these", cmap=base.DIVERGING, vmin=-size, vmax=size)
    patch = _show(part, patches[0], "What the window sees")
    size = base.reach(sums)
    result.set_facecolor(COLOURS["light"])  # where the window has not been yet
    filled = _show(result, np.full((down, across), np.nan), "The sums so far", cmap=base.DIVERGING,
                   vmin=-size, vmax=size)  # fmt: skip
    here = _frame(result, 0, 0, 1, 1)

    def update(n: int) -> None:
        row, column = divmod(n, across)
        seen.set_xy((column * step - 0.5, row * step - 0.5))
        patch.set_data(base.thinned(patches[n]))
        filled.set_data(np.where(np.arange(len(sums)) <= n, sums, np.nan).reshape(down, across))
        here.set_xy((column - 0.5, row - 0.5))

    words = [
        f"Place {n + 1} of {len(sums)}: the window sees {window.size} pixels, from row "
        f"{n // across * step + 1} and column {n % across * step + 1} on. Its sum is {sums[n]:.1f}."
        for n in range(len(sums))
    ]
    panels = [([seen, patch, filled, here], update)]
    order = np.argsort(sums, kind="stable").tolist()
    keys = sorted({*order[:2], *order[-2:]})  # where it sees most of an edge, left or right
    return base.compose(figure, panels, words, title, keys)


def rows_frames(
    image: np.ndarray, h: np.ndarray, title: str = "An RNN reads a digit, row after row"
) -> Frames:
    """Replay how a recurrent network reads: the row it sees, the state it gets, the new state.

    Parameters
    ----------
    image : ndarray (time steps, features)
        From 0 to 1.
    h : ndarray (time steps, units)
        The state after each row; before the first it is zero.
    """
    image = judge.rows(judge.image(image))
    h = judge.numbers(h, "h", ("time steps", len(image)), "units")
    steps, units = h.shape
    before = np.vstack([np.zeros(units), h[:-1]])
    size = max(base.reach(h), 1.0)
    figure, (digit, row, old, new) = base.new_figure(
        10.8, 3.0, MARGINS | {"left": 0.065, "wspace": 0.24}, ncols=4, width_ratios=[1, 1.5, 1, 1]
    )
    names = [str(n + 1) for n in range(units)]
    columns = [str(n + 1) for n in range(image.shape[1])]
    panels = [
        base.digit_panel(digit, image, "The digit"),
        base.bar_panel(row, image, "The row it sees", columns, colour=COLOURS["input"]),
        base.bar_panel(old, before, "State it was handed", names, (-size, size), COLOURS["muted"]),
        base.bar_panel(new, h, "State it hands on", names, (-size, size), COLOURS["hidden"]),
    ]
    pixels = base.counted(image.shape[1], "pixel")
    row.set(xlabel=pixels)
    if image.shape[1] <= base.MANY:
        shown = [1, *range(5, image.shape[1] + 1, 5)]
        row.set_xticks([n - 1 for n in shown], [str(n) for n in shown])
    for ax in (old, new):
        ax.set(xlabel=units_of(h), yticks=[-1, 0, 1])
        if 8 < units <= base.MANY:
            ax.set_xticks([0, *range(4, units, 5)], [names[n] for n in (0, *range(4, units, 5))])
    words = [
        f"Row {t + 1} of {steps}: the network sees {pixels}, of which "
        f"{(image[t] > 0.5).sum()} {'is' if (image[t] > 0.5).sum() == 1 else 'are'} dark, and the "
        f"state {_numbers(before[t])}. "
        f"It hands on {_numbers(h[t])}."
        for t in range(steps)
    ]
    return base.compose(figure, panels, words, title)


def _numbers(values: np.ndarray) -> str:
    """Return the first few numbers as text, without a minus before a zero."""
    text = ", ".join(f"{value:.2f}".replace("-0.00", "0.00") for value in values[:5])
    return f"{text} (the first 5 of {len(values)})" if len(values) > 5 else text


LOW = 0.9  # inches, too few for words that run upwards


def sequences_picture(images: dict[str, np.ndarray], words: str) -> Picture:
    """Return images side by side as sequences: time steps run down, features across.

    Parameters
    ----------
    images : dict
        Name -> ndarray (time steps, features), from 0 to 1; all drawn with pixels of one size,
        but for those that would be too small to be seen.
    words : str
    """
    images = {
        name: judge.rows(judge.image(image, f"images[{name!r}]"))
        for name, image in judge.named(images, "images").items()
    }
    judge.text(words, "words", empty=False)
    tallest = max(image.shape[0] for image in images.values())
    pixel = min(0.078, 6 / tallest, 14 / sum(image.shape[1] for image in images.values()))
    # Small images have room for their words, and a line of pixels can be seen.
    widths = [max(image.shape[1], 1.2 / pixel) for image in images.values()]
    low = sum(pixel * image.shape[0] < LOW for image in images.values())
    figure, axes = base.new_figure(
        pixel * sum(widths) + 0.75 * len(widths) + 0.5 * low, max(pixel * tallest, 0.3) + 0.9,
        ncols=len(images), width_ratios=widths,
    )  # fmt: skip
    for ax, (name, image) in zip(axes, images.items(), strict=True):
        high, wide = (pixel * n for n in image.shape)
        _show(ax, image, legible(name, max(wide, 1.2) + 0.5, 12.6))
        ax.set_anchor("N")
        steps, features = f"{image.shape[0]} for time steps", f"{image.shape[1]} for features"
        ax.set(ylabel=steps, xlabel=features.replace("for ", "for\n") if wide < 1.2 else features)
        if high < LOW:
            ax.set_ylabel(steps.replace("for ", "for\n"), rotation=0, ha="right", va="center")
    return base.picture(figure, words)
