"""Pictures of a plain RNN: one step with its numbers, the unrolled network, the gradient's way."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers import judge
from helpers.figures import base
from helpers.figures.frames import COLOURS, Frames, Picture
from helpers.figures.letters import legible

FULL = {"left": 0, "right": 1, "bottom": 0, "top": 1}


def number(value: float) -> str:
    """Return a number with two decimals, and zero without a minus."""
    if abs(value) >= 1000:
        return f"{value:.0e}"
    return f"{value:.2f}".replace("-0.00", "0.00")


def numbers(values) -> str:
    """Return numbers as a list in words: "0.50, -0.20"."""
    return ", ".join(number(value) for value in values)


def _canvas(width: float, height: float):
    """Return a figure and axes whose units are inches, without frame or ticks."""
    figure, (ax,) = base.new_figure(width, height, FULL)
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.axis("off")
    return figure, ax


# --- one step, written like an addition ---------------------------------------------------------

CELL_WIDTH, CELL_HEIGHT = 0.62, 0.34


def _table(ax: Axes, x: float, y: float, values: np.ndarray, colour: str) -> list[Artist]:
    """Draw a table of numbers with its upper left corner at (x, y); return its texts."""
    rows, columns = values.shape
    _box(ax, x, y - rows * CELL_HEIGHT, columns * CELL_WIDTH, rows * CELL_HEIGHT, colour)
    return [
        base.write(ax, x + (column + 0.5) * CELL_WIDTH, y - (row + 0.5) * CELL_HEIGHT,
                   number(values[row, column]), fontsize=11.5)
        for row in range(rows) for column in range(columns)
    ]  # fmt: skip


def step_frames(x: np.ndarray, h: np.ndarray, weights, title: str = "One step, and the next"):
    """Replay the arithmetic of an RNN step, with all its numbers, one frame a step.

    Parameters
    ----------
    x : ndarray (time steps, features)
    h : ndarray (time steps, units)
        The state after each step; before the first it is zero.
    weights : rnnscope.cells.Weights
        Of a plain RNN, with few features and units: at most twelve of each.

    Raises
    ------
    ValueError
        If the shapes do not fit, there are too many numbers to write, or `h` is not what these
        weights make of `x`: the picture shows the arithmetic.
    """
    figure, moving, update, words = _step_drawing(x, h, weights)
    return base.make_frames(figure, moving, update, words, title)


def step_picture(x: np.ndarray, h: np.ndarray, weights, step: int = 0) -> Picture:
    """Return one of the pictures of `step_frames`, standing still."""
    figure, _, update, words = _step_drawing(x, h, weights)
    step = judge.count(step, "step", 0, len(words) - 1)
    update(step)
    return base.picture(figure, words[step])


def _step_drawing(x, h, weights):
    x, h = _few(x, h)
    steps, features, units = *x.shape, h.shape[1]
    W, U, b = _plain_weights(weights, features, units)
    before = np.vstack([np.zeros(units), h[:-1]])
    from_x, from_h = x @ W, before @ U
    wrong = ~np.isclose(np.tanh(from_x + from_h + b), h, atol=0.005).all(axis=1)
    if wrong.any():
        raise ValueError(
            f"h is not what these weights make of x, first at step {wrong.argmax() + 1}: give the "
            f"states of this network, from a state of zeros on, as cells.unroll makes them."
        )
    left, matrix = 1.15, 1.15 + max(features, units) * CELL_WIDTH + 0.5
    result = matrix + units * CELL_WIDTH + 1.15
    width = result + units * CELL_WIDTH + 1.75
    heights = [features, units, 1, 1, 1]
    down = np.cumsum([0, *(n * CELL_HEIGHT + 0.22 for n in heights[:-1])])
    tops = (sum(heights) * CELL_HEIGHT + 0.22 * 4 + 0.12) - down
    figure, ax = _canvas(width, tops[0] + 0.12)
    middles = [top - n * CELL_HEIGHT / 2 for top, n in zip(tops, heights, strict=True)]

    def label(x, y, text, size=12, **how):
        return base.write(ax, x, y, text, fontsize=size, **how)

    half = CELL_HEIGHT / 2
    x_t = _table(ax, left, middles[0] + half, x[:1], COLOURS["input"])
    old = _table(ax, left, middles[1] + half, h[:1], COLOURS["hidden"])
    for row, matrix_values, name in ((0, W, "W"), (1, U, "U")):
        vector_end = left + (features, units)[row] * CELL_WIDTH
        label((vector_end + matrix) / 2, middles[row], "@")
        _table(ax, matrix, tops[row], matrix_values, COLOURS["muted"])
        label(matrix + units * CELL_WIDTH + 0.25, middles[row], name, 13, weight="bold")
        label(result - 0.62, middles[row], "=")
        label(result - 0.25, middles[row], "+" * row)
    blow = _table(ax, result, middles[0] + half, h[:1], COLOURS["input"])
    kept = _table(ax, result, middles[1] + half, h[:1], COLOURS["hidden"])
    _table(ax, result, tops[2], b[None], COLOURS["muted"])
    label(result - 0.25, middles[2], "+")
    total = _table(ax, result, tops[3], h[:1], COLOURS["ink"])
    new = _table(ax, result, tops[4], h[:1], COLOURS["now"])
    right = result + units * CELL_WIDTH + 0.9
    names = ("from the input", "from the state", "bias b", "sum", "tanh: new state")
    for y, text in zip(middles, names, strict=True):
        label(right, y, text, 11)
    names = [label(0.6, middles[0], ""), label(0.6, middles[1], "")]
    line = tops[3] + 0.11
    ax.plot([result - 0.4, result + units * CELL_WIDTH + 0.1], [line, line],
            color=COLOURS["ink"], linewidth=1.2)  # fmt: skip
    heading = ax.text(left - 0.9, middles[3], "", fontsize=13)

    def update(step: int) -> None:
        parts = (x[step], before[step], from_x[step], from_h[step],
                 from_x[step] + from_h[step] + b, h[step])  # fmt: skip
        for texts, values in zip((x_t, old, blow, kept, total, new), parts, strict=True):
            for text, value in zip(texts, values, strict=True):
                text.set_text(number(value))
        names[0].set_text(f"$x_{{{step + 1}}}$")
        names[1].set_text(f"$h_{{{step}}}$")
        heading.set_text(f"step {step + 1} of {steps} makes $h_{{{step + 1}}}$")

    update(0)
    words = [
        f"Step {t + 1} of {steps}: the input {numbers(x[t])} gives {numbers(from_x[t])}, the old "
        f"state {numbers(before[t])} gives {numbers(from_h[t])}; with the bias {numbers(b)} the "
        f"sum is {numbers(from_x[t] + from_h[t] + b)}, and tanh makes the new state "
        f"{numbers(h[t])}."
        for t in range(steps)
    ]
    return figure, [*x_t, *old, *blow, *kept, *total, *new, *names, heading], update, words


FEW = 12  # numbers beside each other that can be read


def _few(x, h) -> tuple[np.ndarray, np.ndarray]:
    """Return input and states as arrays, if they are few enough for all numbers to be written."""
    x = judge.numbers(x, "x", "time steps", "features")
    h = judge.numbers(h, "h", ("time steps", len(x)), "units")
    for name, n in (("features", x.shape[1]), ("units", h.shape[1])):
        if n > FEW:
            raise ValueError(
                f"This picture writes every number, so it takes at most {FEW} {name}, not {n}. "
                f"rows_frames() shows larger networks."
            )
    return x, h


def _plain_weights(weights, features: int, units: int) -> list[np.ndarray]:
    """Return kernel, recurrent kernel and bias of a plain RNN, or say that they are not."""
    try:
        W, U, b = weights
    except (TypeError, ValueError):
        raise TypeError(
            f"weights must be the three arrays of a plain RNN (kernel, recurrent kernel, bias), "
            f"not {judge.what(weights)}."
        ) from None
    return [
        judge.numbers(W, "weights: the kernel", ("features", features), ("units", units)),
        judge.numbers(U, "weights: the recurrent kernel", ("units", units), ("units", units)),
        judge.numbers(b, "weights: the bias", ("units", units)),
    ]


# --- the unrolled network -----------------------------------------------------------------------

PITCH, CELL, ROW = 2.3, (1.2, 0.82), 0.27
CELL_NAME = "tanh(x W\n+ h U + b)"


def unrolled_picture(
    x: np.ndarray, h: np.ndarray, read: str = "none", cell_name: str = CELL_NAME
) -> Picture:
    """Return the unrolled network with its numbers: one cell a time step.

    Parameters
    ----------
    x : ndarray (time steps, features)
        A few steps of a few features.
    h : ndarray (time steps, units)
        The state after each step; before the first it is zero.
    read : "none", "last" or "all"
        Which states are read as an answer: those get an arrow upwards.
    cell_name : str
        What is written in each cell; ``{}`` becomes the number of the step.
    """
    judge.text(cell_name, "cell_name")
    x, h = _few(x, h)
    figure, _, _ = _unrolled_drawing(x, h, read, cell_name)
    states = "; ".join(f"h_{t + 1} is {numbers(state)}" for t, state in enumerate(h))
    answer = {
        "none": "",
        "last": f" Only the last state, h_{len(h)}, is read as an answer.",
        "all": " Every state but h_0 is read as an answer.",
    }[read]
    words = (
        f"The network unrolled over {base.counted(len(h), 'time step')}: each box gets its input "
        f"from below and a state from the left. h_0 is zero; {states}.{answer}"
    )
    return base.picture(figure, words)


def unrolled_frames(x: np.ndarray, h: np.ndarray, title: str = "The state is handed on") -> Frames:
    """Replay the unrolled network, one cell after the other; x and h as for `unrolled_picture`."""
    x, h = _few(x, h)
    figure, groups, words = _unrolled_drawing(x, h, "none", CELL_NAME)

    def update(step: int) -> None:
        for t, group in enumerate(groups):
            for artist in group:
                artist.set_visible(t <= step)

    moving = [artist for group in groups for artist in group]
    return base.make_frames(figure, moving, update, words, title)


def _unrolled_drawing(x, h, read, cell_name):
    """Draw all cells; return the figure, what belongs to each step, and each step's words."""
    if len(x) > 2 * FEW:
        raise ValueError(
            f"x: this picture draws a box for every time step, at most {2 * FEW}, not {len(x)}."
        )
    if not isinstance(read, str) or read not in ("none", "last", "all"):
        raise ValueError(f"read is {read!r}: choose none, last or all.")
    steps, features, units = *x.shape, h.shape[1]
    read_at = {"none": [], "last": [steps - 1], "all": range(steps)}[read]
    below = 0.55 + features * ROW
    middle = below + 0.5 + CELL[1] / 2
    above = 0.6 if read != "none" else 0
    height = middle + max(CELL[1] / 2, units * ROW / 2 + 0.4 + above) + 0.12
    figure, ax = _canvas(PITCH * steps + 1.25, height)
    states = np.vstack([np.zeros(units), h])
    _vector(ax, 0.55, middle, states[0], "$h_0$", COLOURS["hidden"])
    groups, words = [], []
    boxed = legible(cell_name, CELL[0], 11)
    for t in range(steps):
        centre = 0.55 + PITCH * (t + 0.5)
        left, right = centre - CELL[0] / 2, centre + CELL[0] / 2
        drawn = _vector(ax, centre, 0.42 + features * ROW / 2, x[t], None, COLOURS["input"])
        drawn.append(base.write(ax, centre, 0.2, f"$x_{{{t + 1}}}$", fontsize=12))
        drawn.append(_arrow(ax, (centre, below - 0.1), (centre, middle - CELL[1] / 2)))
        drawn.append(_arrow(ax, (left - 0.23, middle), (left, middle)))
        drawn.append(_box(ax, left, middle - CELL[1] / 2, *CELL, COLOURS["ink"], "#F3F3F3"))
        drawn.append(base.write(ax, centre, middle, boxed.replace("{}", str(t + 1)), fontsize=11))
        drawn.append(_arrow(ax, (right + 0.02, middle), (right + 0.24, middle)))
        drawn += _vector(ax, 0.55 + PITCH * (t + 1), middle, h[t], f"$h_{{{t + 1}}}$",
                         COLOURS["hidden"])  # fmt: skip
        text = (
            f"Step {t + 1} of {steps}: input {numbers(x[t])} and the state {numbers(states[t])} "
            f"give the state {numbers(h[t])}"
        )
        if t in read_at:
            at, top = 0.55 + PITCH * (t + 1), middle + units * ROW / 2 + 0.4
            drawn.append(_arrow(ax, (at, top), (at, top + 0.36), COLOURS["output"]))
            drawn.append(
                base.write(ax, at, top + 0.5, "read", fontsize=12, color=COLOURS["output"])
            )
        groups.append(drawn)
        words.append(f"{text}, {'which is handed on' if t + 1 < steps else 'the last'}.")
    return figure, groups, words


def _vector(ax: Axes, x, y, values, name, colour) -> list[Artist]:
    """Draw a column of numbers around (x, y), with its name on top."""
    height = len(values) * ROW
    drawn = [_box(ax, x - 0.3, y - height / 2, 0.6, height, colour, COLOURS["paper"])]
    for n, value in enumerate(values):
        drawn.append(
            base.write(ax, x, y + height / 2 - (n + 0.5) * ROW, number(value), fontsize=11)
        )
    if name:
        drawn.append(base.write(ax, x, y + height / 2 + 0.2, name, fontsize=13))
    return drawn


def _box(ax: Axes, x, y, width, height, edge, fill="none") -> Artist:
    return ax.add_patch(
        FancyBboxPatch((x, y), width, height, boxstyle="round,pad=0.02", facecolor=fill,
                       edgecolor=edge, linewidth=1.8)
    )  # fmt: skip


def _arrow(ax: Axes, start, end, colour=COLOURS["ink"]) -> Artist:
    arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=13, color=colour,
                            linewidth=1.6, shrinkA=0, shrinkB=0)  # fmt: skip
    return ax.add_patch(arrow)


# --- the gradient's way back --------------------------------------------------------------------

MARGINS = {"left": 0.07, "right": 0.985, "bottom": 0.18, "top": 0.88, "wspace": 0.3}


def gradient_frames(
    image: np.ndarray, gradient: np.ndarray, title: str = "The gradient walks back through the rows"
) -> Frames:
    """Replay backpropagation through time: from the last row to the first, one frame a row.

    Parameters
    ----------
    image : ndarray (time steps, features)
    gradient : ndarray (time steps, features)
        Of some loss, by every pixel.

    Returns
    -------
    Frames
        The digit with the row where the gradient has arrived, the gradient by the pixels so far,
        and its size row by row on a logarithmic axis.
    """
    image = judge.numbers(image, "image", "time steps", "features")
    gradient = judge.numbers(gradient, "gradient", ("time steps", len(image)),
                           ("features", image.shape[1]))  # fmt: skip
    steps = len(image)
    sizes = np.linalg.norm(gradient, axis=1)
    figure, (digit, pixels, course) = base.new_figure(
        10, 3.1, MARGINS, ncols=3, width_ratios=[1, 1, 1.9]
    )
    size = base.reach(gradient)
    covers, marks = [], []
    for ax, values, name, how, alpha in (
        (digit, image, "The digit", base.shades(image), 0.8),
        (
            pixels,
            gradient,
            "Gradient, by pixel",
            {"cmap": base.DIVERGING, "clim": (-size, size)},
            1,
        ),
    ):
        base.show(ax, values, aspect=base.aspect(values)).set(**how)
        ax.set(title=name, xticks=[], **base.first_and_last(steps))
        ax.tick_params(length=0)
        covers.append(ax.axhspan(0, 1, color=COLOURS["paper"], alpha=alpha, linewidth=0))
        marks.append(ax.axhspan(0, 1, fill=False, edgecolor=COLOURS["now"], linewidth=2.5))
        ax.set_ylim(steps - 0.5, -0.5)  # the spans may have moved it
    _log_course(course, sizes, steps)
    (line,) = course.plot([], [], "o-", color=COLOURS["now"], markersize=4, linewidth=1.5)

    def update(step: int) -> None:
        row = steps - 1 - step
        for cover, mark in zip(covers, marks, strict=True):
            cover.set_bounds(0, -0.5, 1, row)
            mark.set_bounds(0, row - 0.5, 1, 1)
        line.set_data(np.arange(row + 1, steps + 1), sizes[row:])

    words = [
        f"Back at row {steps - step} of {steps}: the gradient by this row has the size "
        f"{sizes[steps - 1 - step]:.2g}, where that by the last row has {sizes[-1]:.2g}."
        for step in range(steps)
    ]
    return base.compose(figure, [([*covers, *marks, line], update)], words, title)


def _log_course(ax: Axes, sizes: np.ndarray, steps: int) -> None:
    """Prepare axes for sizes by row, over the whole decades that hold them."""
    found = sizes[sizes > 0]
    if not len(found):
        raise ValueError("The gradient is zero everywhere: there is nothing to draw.")
    low, high = np.floor(np.log10(found.min())), np.ceil(np.log10(found.max()))
    low = max(low, -300)
    ax.set_yscale("log")
    ax.set(title="Size of the gradient, by row", xlabel="row", xlim=(0, steps + 1),
           ylim=(10.0**low, 10.0 ** max(high, low + 1)))  # fmt: skip
    ax.set_xticks([1, *range(7, steps + 1, 7)] if 7 <= steps <= 28 else base.ticks(steps))
    ax.minorticks_off()
    ax.grid(axis="y", color=COLOURS["light"], linewidth=0.8)


def scale_frames(
    scales: Sequence[float], sizes: np.ndarray, title: str = "Small and large recurrent weights"
) -> Frames:
    """Replay the gradient's size by row for one scale of the recurrent weights after the other.

    Parameters
    ----------
    scales : sequence of float
        One frame each.
    sizes : ndarray (scales, time steps)
        The size of the gradient at each step, divided by that at the last step.
    """
    scales = judge.numbers(scales, "scales", "scales")
    sizes = judge.numbers(sizes, "sizes", ("scales", len(scales)), "time steps", low=0)
    if not np.allclose(sizes[:, -1], 1, atol=1e-4):
        raise ValueError(
            "sizes must be divided by the size at the last step: the last column must be 1."
        )
    steps = sizes.shape[1]
    figure, (course, ends) = base.new_figure(
        10, 3.4, MARGINS | {"left": 0.08, "bottom": 0.17}, ncols=2, width_ratios=[1.5, 1]
    )
    _log_course(course, sizes, steps)
    rows = np.arange(1, steps + 1)
    for values in sizes:
        course.plot(rows, values, color=COLOURS["light"], linewidth=1)
    course.axhline(1, color=COLOURS["muted"], linewidth=1)
    course.set_title("Gradient at each row (last row = 1)")
    (line,) = course.plot([], [], "o-", color=COLOURS["now"], markersize=4, linewidth=1.5)
    name = base.write(course, 0.82, 0.1, "", transform=course.transAxes, fontsize=12,
                      bbox={"facecolor": COLOURS["paper"], "edgecolor": "none"})  # fmt: skip
    _log_course(ends, sizes, steps)
    rising = np.argsort(scales)
    ends.plot(scales[rising], sizes[rising, 0], "o-", color=COLOURS["hidden"], markersize=4)
    ends.axhline(1, color=COLOURS["muted"], linewidth=1)
    room = 0.06 * np.ptp(scales) or 0.5
    ends.set(title="What is left at row 1", xlabel="scale of the recurrent weights",
             xlim=(min(scales) - room, max(scales) + room))  # fmt: skip
    shown = [scale for scale in (0.5, 1, 1.5, 2, 2.5, 3) if min(scales) <= scale <= max(scales)]
    if len(shown) < 3:  # few of these scales: name some of those that there are
        shown = scales[rising][np.array(base.ticks(len(scales))) - 1]
    ends.set_xticks(shown, [f"{scale:.3g}" for scale in shown])
    (point,) = ends.plot([], [], "o", color=COLOURS["now"], markersize=9)

    def update(step: int) -> None:
        line.set_data(rows, sizes[step])
        point.set_data([scales[step]], [sizes[step, 0]])
        name.set_text(f"scale {scales[step]:g}")

    words = [
        f"Recurrent weights of scale {scale:g}: at row 1 the gradient has {sizes[n, 0]:.2g} times "
        f"its size at row {steps}."
        for n, scale in enumerate(scales)
    ]
    return base.compose(figure, [([line, point, name], update)], words, title)
