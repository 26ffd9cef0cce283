"""Pictures of lesson 5: one LSTM's weights laid out twice, two layers compared, and padding."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from helpers import judge
from helpers.figures import base
from helpers.figures.frames import COLOURS, Frames, Picture

BLOCKS = {"i": "input", "f": "forget", "c": "candidate", "o": "output"}  # names of colours
LAYOUT_WORDS = (
    "One LSTM's weights, laid out twice. TensorFlow 1: one kernel, features above units, its "
    "columns in four blocks i, j, f, o; a bias; and the forget bias apart from it. Keras: two "
    "kernels, columns i, f, c, o, and the forget bias inside the bias. j and f change places."
)
COMPARE = {"left": 0.05, "right": 0.985, "bottom": 0.27, "top": 0.89, "wspace": 0.22}
PADDING = {"left": 0.07, "right": 0.985, "bottom": 0.18, "top": 0.87, "wspace": 0.24}
SMALLEST = 1e-8  # where the axis of differences ends; float32 rounds at about 1e-7


def layouts_picture() -> Picture:
    """Show where each block of an LSTM's weights lies in TensorFlow 1 and in Keras."""
    figure, (ax,) = base.new_figure(
        9.8, 3.5, {"left": 0.005, "right": 0.995, "bottom": 0.01, "top": 0.99}
    )
    ax.set(xlim=(0, 19.6), ylim=(0, 7), xticks=[], yticks=[])
    ax.axis("off")
    old, new = 1.9, 13.2
    _blocks(ax, old, 2.6, 2.2, "ijfo", "features")
    _blocks(ax, old, 1.5, 1.1, "    ", "units")
    _blocks(ax, old, 0.55, 0.5, "    ", "bias")
    _blocks(ax, new, 2.75, 2.05, "ifco", "kernel")
    _blocks(ax, new, 1.5, 1.0, "    ", "recurrent")
    _blocks(ax, new, 0.55, 0.5, [" ", "+ 1", " ", " "], "bias")
    for x, name, what in (
        (old, "BasicLSTMCell", "one kernel, forget bias apart"),
        (new, "keras.layers.LSTM", "two kernels, forget bias inside"),
    ):
        ax.text(x + 2, 6.45, name, fontsize=13, ha="center")
        ax.text(x + 2, 5.75, what, fontsize=10.5, ha="center")
    ax.text(old + 4.25, 0.8, "+ 1 to f, at every step", fontsize=10.5, va="center")
    for start, end, colour in (
        (old + 2.5, new + 1.5, COLOURS["forget"]),
        (old + 1.5, new + 2.5, COLOURS["candidate"]),
    ):
        ax.add_patch(FancyArrowPatch(
            (start, 4.85), (end, 4.85), connectionstyle="arc3,rad=-0.12", arrowstyle="-|>",
            mutation_scale=14, linewidth=2, color=colour,
        ))  # fmt: skip
    base.write(ax, 9.6, 3.0, "f and the candidate\n(j, or c) change places", fontsize=10.5)
    return base.picture(figure, LAYOUT_WORDS)


def _blocks(ax: Axes, x: float, y: float, height: float, letters, name: str) -> None:
    """Draw four blocks of columns side by side; the blocks' colours follow the axes' order."""
    order = "icfo" if x < 9 else "ifco"
    for n, (block, letter) in enumerate(zip(order, letters, strict=True)):
        colour = COLOURS[BLOCKS[block]]
        ax.add_patch(Rectangle((x + n, y), 1, height, facecolor=colour, edgecolor="white", lw=2))
        base.write(ax, x + n + 0.5, y + height / 2, letter, color="white", fontsize=13,
                   va="center_baseline", weight="bold")  # fmt: skip
    ax.text(x - 0.15, y + height / 2, name, fontsize=10.5, ha="right", va="center")


def difference_frames(
    image: np.ndarray, differences: Mapping[str, np.ndarray], title: str
) -> Frames:
    """Replay how far two layers' outputs lie apart, row by row, for several ways to move weights.

    Parameters
    ----------
    image : ndarray (time steps, features)
    differences : mapping of str to ndarray (time steps,)
        By the way's name: the largest difference of the two outputs after each row. Up to six.
    """
    image = judge.numbers(image, "image", "time steps", "features")
    differences = {
        name: judge.numbers(values, f"differences[{name!r}]", ("time steps", len(image)), low=0)
        for name, values in judge.named(differences, "differences").items()
    }
    if len(differences) > 6:
        raise ValueError(f"differences: at most 6 can be told apart; these are {len(differences)}.")
    lines = -(-len(differences) // 3)  # of the legend, below
    height = 3.1 + 0.25 * (lines - 1)
    margins = COMPARE | {"bottom": 1 - (1 - COMPARE["bottom"]) * 3.1 / height,
                         "top": 1 - (1 - COMPARE["top"]) * 3.1 / height}  # fmt: skip
    figure, (digit, course) = base.new_figure(9.6, height, margins, ncols=2, width_ratios=[1, 2.6])
    shown = {name: np.maximum(values, SMALLEST) for name, values in differences.items()}
    course.set_yscale("log")
    top = max(2.0, 2 * max(values.max() for values in shown.values()))
    colours = dict(zip(shown, map(COLOURS.get, (
        "cell", "candidate", "forget", "output", "input", "muted")), strict=False))  # fmt: skip
    panels = [
        base.digit_panel(digit, image),
        base.line_panel(course, shown, "Old outputs against new: largest difference", colours,
                        (SMALLEST, top), "row"),
    ]  # fmt: skip
    words = [
        f"After row {step + 1} of {len(image)} the outputs differ by "
        + ", ".join(f"{_size(v[step])} ({name})" for name, v in differences.items())
        + "."
        for step in range(len(image))
    ]
    return base.compose(figure, panels, words, title)


def _size(difference: float) -> str:
    if difference < 1e-6:
        return "less than 0.000001"
    if difference >= 0.001:
        return f"{difference:.3f}"
    return np.format_float_positional(difference, 1, fractional=False, trim="-")


def padding_frames(
    rows: np.ndarray, length: int, plain: np.ndarray, masked: np.ndarray, title: str
) -> Frames:
    """Replay the state over a padded sequence, once without and once with a mask.

    Parameters
    ----------
    rows : ndarray (time steps, features)
        `length` true rows, then padding.
    length : int
        From 1 to all time steps.
    plain, masked : array-like (time steps, units)
        h after every row, without and with a mask.
    """
    rows = judge.numbers(rows, "rows", "time steps", "features")
    length = judge.count(length, "length", 1, len(rows))
    plain = judge.numbers(plain, "plain", ("time steps", len(rows)), "units")
    masked = judge.numbers(masked, "masked", ("time steps", len(rows)), ("units", plain.shape[1]))
    figure, (digit, left, right) = base.new_figure(
        10.4, 3.0, PADDING, ncols=3, width_ratios=[1, 1.7, 1.7]
    )
    size = base.reach(plain, masked)
    panels = [
        base.digit_panel(digit, rows),
        base.heat_panel(left, plain, "h without a mask", (-size, size), label="row"),
        base.heat_panel(right, masked, "h with a mask", (-size, size), label="row"),
    ]
    steps = len(rows)
    if length < steps:
        digit.axhspan(length - 0.5, steps - 0.5, color=COLOURS["light"], linewidth=0, zorder=0.5)
        base.write(digit, 0.5, 1 - (length + steps) / 2 / steps, "padding", fontsize=10.5,
                   transform=digit.transAxes)  # fmt: skip
    for ax in (left, right):
        ax.axvline(length + 0.5, color=COLOURS["ink"], linewidth=1.5, linestyle="--")
        ax.set_ylabel("unit")
    words = [_padding_words(step, length, plain, masked) for step in range(steps)]
    return base.compose(figure, panels, words, title)


def _padding_words(step: int, length: int, plain: np.ndarray, masked: np.ndarray) -> str:
    if step < length:
        apart = np.abs(plain[step] - masked[step]).max()
        alike = "both states are the same" if apart < 1e-5 else (
            f"the two states differ by up to {_size(apart)}"
        )  # fmt: skip
        return f"Row {step + 1} of {len(plain)} is a true row: {alike}."
    moved = [np.abs(h[step] - h[length - 1]).max() for h in (plain, masked)]
    return (
        f"Row {step + 1} of {len(plain)} is padding. Since row {length} the state has moved by up "
        f"to {moved[0]:.2f} without a mask, and by {moved[1]:.2f} with one."
    )
