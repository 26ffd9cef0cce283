"""Pictures of lesson 8: the RNN, the GRU, the LSTM and the minGRU side by side."""

from collections.abc import Mapping

import numpy as np
from matplotlib.patches import Circle, FancyBboxPatch

from helpers import judge
from helpers.figures import base
from helpers.figures.frames import COLOURS, Frames, Picture
from helpers.figures.letters import legible
from helpers.figures.reading import believed

NAMES = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM", "mingru": "minGRU"}
CELL_COLOURS = {"rnn": COLOURS["muted"], "gru": COLOURS["forget"], "lstm": COLOURS["cell"]}
FLOAT32_ENDS = 1.4e-45  # its smallest number above 0
DASHES = {"rnn": ":", "gru": "--", "lstm": "-"}
FURTHER = [
    ("-.", COLOURS["output"]),
    ((0, (6, 1, 1, 1, 1, 1)), COLOURS["input"]),
    ((0, (1, 1)), COLOURS["candidate"]),
    ((0, (8, 2)), COLOURS["ink"]),
    ((0, (4, 1, 1, 1)), COLOURS["hidden"]),
]
MARKS = {"rnn": "s", "gru": "^", "lstm": "o"}


def three_cells_picture() -> Picture:
    """Draw what each of the three cells does with its old state in one step."""
    figure, axes = base.new_figure(
        10.6, 3.5, {"left": 0.01, "right": 0.99, "bottom": 0.02, "top": 0.9, "wspace": 0.08},
        ncols=3, width_ratios=[1, 1.35, 1.45],
    )  # fmt: skip
    for ax, draw, width, title in zip(
        axes, (_draw_rnn, _draw_gru, _draw_lstm), (4.2, 5.7, 6.1),
        ("RNN: rewritten each time", "GRU: a mixture of old and new", "LSTM: a sheet of its own"),
        strict=True,
    ):  # fmt: skip
        ax.set(xlim=(0, width), ylim=(0, 4.2), xticks=[], yticks=[], title=title)
        base.border(ax)
        draw(ax)
    return base.picture(
        figure,
        "One step of each cell; time runs from left to right. RNN: the old h and the input x go "
        "through tanh, which makes the new h. GRU: the old h passes along a line where the gate z "
        "keeps a part of it and the rest comes from a candidate; the gate r says how much of what "
        "the recurrent kernel U makes of the old h the candidate reads. LSTM: a cell state c runs "
        "along a line of its own, where the gate f keeps a part and the gate i adds a part of the "
        "candidate; h is what the gate o shows of its tanh.",
    )


def _arrow(ax, *points):
    """Draw a line through the points that ends in an arrow head."""
    ax.plot(*zip(*points[:-1], strict=True), color=COLOURS["ink"], linewidth=1.5)
    ax.annotate(
        "", points[-1], points[-2],
        arrowprops={"arrowstyle": "-|>", "color": COLOURS["ink"],
                    "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip


def _node(ax, x, y, text, colour, size=11):
    """Draw a circle: a number between 0 and 1, or a sum, works on the line here."""
    ax.add_patch(Circle((x, y), 0.3, facecolor=COLOURS["paper"], edgecolor=colour, linewidth=2,
                        zorder=3))  # fmt: skip
    base.write(ax, x, y, text, fontsize=size, zorder=4)


def _box(ax, x, y, text, colour, width=1.5):
    ax.add_patch(FancyBboxPatch((x - width / 2, y - 0.27), width, 0.54, boxstyle="round,pad=0.04",
                                facecolor=COLOURS["paper"], edgecolor=colour, linewidth=2,
                                zorder=3))  # fmt: skip
    base.write(ax, x, y, text, fontsize=11, zorder=4)


def _names(ax, *names):
    """Write what comes in and goes out, each at its place: (x, y, name, side of the place)."""
    for x, y, name, side in names:
        ax.text(x, y, name, ha=side, va="center", fontsize=13)


def _draw_rnn(ax):
    for points in (
        [(0.6, 3.2), (2.1, 3.2), (2.1, 2.35)], [(2.1, 0.75), (2.1, 1.7)], [(2.9, 2.0), (3.7, 2.0)],
    ):  # fmt: skip
        _arrow(ax, *points)
    _box(ax, 2.1, 2.0, "tanh", COLOURS["candidate"])
    _names(ax, (0.5, 3.2, "h", "right"), (2.1, 0.55, "x", "center"), (3.75, 2.0, "h", "left"))


def _draw_gru(ax):
    for points in (
        [(0.55, 3.2), (2.9, 3.2)], [(3.2, 3.2), (3.85, 3.2)], [(4.45, 3.2), (5.2, 3.2)],
        [(1.2, 3.2), (1.2, 2.65)], [(1.2, 2.15), (1.2, 1.5)], [(1.5, 1.2), (2.0, 1.2)],
        [(2.75, 0.55), (2.75, 0.9)], [(3.5, 1.2), (4.15, 1.2), (4.15, 1.9)],
        [(4.15, 2.2), (4.15, 2.9)],
    ):  # fmt: skip
        _arrow(ax, *points)
    _node(ax, 2.9, 3.2, "z", COLOURS["forget"])
    _node(ax, 4.15, 3.2, "+", COLOURS["ink"])
    _box(ax, 1.2, 2.4, "@ U", COLOURS["ink"], 0.7)
    _node(ax, 1.2, 1.2, "r", COLOURS["output"])
    _node(ax, 4.15, 2.05, "1-z", COLOURS["forget"], 10)
    _box(ax, 2.75, 1.2, "candidate", COLOURS["candidate"])
    _names(ax, (0.45, 3.2, "h", "right"), (2.75, 0.35, "x", "center"), (5.25, 3.2, "h", "left"))


def _draw_lstm(ax):
    for points in (
        [(0.55, 3.5), (1.7, 3.5)], [(2.0, 3.5), (2.95, 3.5)], [(3.55, 3.5), (5.6, 3.5)],
        [(0.55, 1.2), (1.25, 1.2)], [(2.0, 0.55), (2.0, 0.9)],
        [(2.75, 1.2), (3.25, 1.2), (3.25, 2.0)], [(3.25, 2.3), (3.25, 3.2)],
        [(4.6, 3.5), (4.6, 3.05)], [(4.6, 2.45), (4.6, 2.2)],
        [(4.6, 1.6), (4.6, 1.2), (5.6, 1.2)],
    ):  # fmt: skip
        _arrow(ax, *points)
    _node(ax, 1.8, 3.5, "f", COLOURS["forget"])
    _node(ax, 3.25, 3.5, "+", COLOURS["ink"])
    _node(ax, 3.25, 2.15, "i", COLOURS["input"])
    _box(ax, 4.6, 2.75, "tanh", COLOURS["candidate"], 0.8)
    _node(ax, 4.6, 1.9, "o", COLOURS["output"])
    _box(ax, 2.0, 1.2, "candidate", COLOURS["candidate"])
    for name, y in (("c", 3.5), ("h", 1.2)):
        _names(ax, (0.45, y, name, "right"), (5.65, y, name, "left"))
    _names(ax, (2.0, 0.35, "x", "center"))


def three_beliefs_frames(traces: Mapping, title: str = "One digit, three readers") -> Frames:
    """Replay one digit as three readers read it: their beliefs side by side, row by row.

    Parameters
    ----------
    traces : mapping of str to helpers.trace.Trace
        By the readers' names, one or more, all of the same image; "rnn", "gru" and "lstm" are
        written in capitals.
    """
    traces = {
        NAMES.get(name, name): judge.trace(trace, f"traces[{name!r}]")
        for name, trace in judge.named(traces, "traces").items()
    }
    judge.same_image(traces, "traces")
    width = max(10.4, 2.6 + 1.9 * len(traces))
    figure, (digit, *bars) = base.new_figure(
        width, 2.9, {"left": 0.065, "right": 0.99, "bottom": 0.18, "top": 0.88, "wspace": 0.22},
        ncols=1 + len(traces), width_ratios=[1.05] + [1.3] * len(traces),
    )  # fmt: skip
    image = next(iter(traces.values())).x
    panels = [base.digit_panel(digit, image)]
    for ax, (name, trace) in zip(bars, traces.items(), strict=True):
        said = f"Belief of {_the(name)}"
        room = 1.15 * ax.get_position().width * width
        if len(legible(said, room, 12.6)) < len(said):  # the name alone, as much as fits
            said = name
        panels.append(
            base.bar_panel(ax, trace.belief, legible(said, room, 12.6),
                           range(trace.belief.shape[1]))
        )  # fmt: skip
        ax.set(xlabel="digit")
    for ax in bars[1:]:
        ax.set(yticklabels=[])
    words = [
        f"After row {step + 1} of {len(image)} "
        + ", ".join(f"{_the(n)} believes {believed(t.belief[step])}" for n, t in traces.items())
        + "."
        for step in range(len(image))
    ]
    return base.compose(figure, panels, words, title)


def kept_and_written_frames(traces: Mapping, title: str = "Kept and written") -> Frames:
    """Replay what each reader keeps of its state, and what it writes: keep * state + blow.

    Parameters
    ----------
    traces : mapping of str to helpers.trace.Trace
        By the readers' names, all of the same image: as for `three_beliefs_frames`. The state is
        the LSTM's c, and the h of the other cells. Each picture's units are sorted by what they
        keep on average.
    """
    traces = {
        NAMES.get(name, name): judge.trace(trace, f"traces[{name!r}]")
        for name, trace in judge.named(traces, "traces").items()
    }
    judge.same_image(traces, "traces")
    image = next(iter(traces.values())).x
    figure, axes = base.new_figure(
        2.2 + 2.15 * len(traces), 4.4,
        {"left": 0.06, "right": 0.99, "bottom": 0.13, "top": 0.92, "wspace": 0.3, "hspace": 0.35},
        nrows=2, ncols=1 + len(traces), width_ratios=[0.9] + [1.2] * len(traces),
    )  # fmt: skip
    (digit, *above), (empty, *below) = np.reshape(axes, (2, -1))
    empty.axis("off")
    panels, means = [base.digit_panel(digit, image)], {}
    for upper, lower, (name, trace) in zip(above, below, traces.items(), strict=True):
        keep, blow = kept_and_written(trace)
        order = np.argsort(keep.mean(axis=0), kind="stable")
        means[name] = keep.mean(axis=1), np.abs(blow).mean(axis=1)
        panels += [
            base.heat_panel(upper, keep[:, order], f"{name}: kept", (0, 1), "Blues", "row"),
            base.heat_panel(lower, blow[:, order], "written", (-1, 1), label="row"),
        ]
        upper.set(xlabel="", xticklabels=[])
    for ax in (*above[1:], *below[1:]):
        ax.set(yticklabels=[])
    words = [
        f"Row {step + 1} of {len(image)}: on average over its units "
        + ", ".join(
            f"{_the(name)} keeps {keep[step]:.2f} of its state and writes {blow[step]:.2f}"
            for name, (keep, blow) in means.items()
        )
        + "."
        for step in range(len(image))
    ]
    return base.compose(figure, panels, words, title)


def kept_and_written(trace) -> tuple[np.ndarray, np.ndarray]:
    """Return of each step the share that is kept and the blow, both (time steps, units)."""
    if trace.cell == "rnn":
        return np.zeros_like(trace.h), trace.h
    if trace.cell == "lstm":
        return trace.f, trace.i * trace.candidate
    z = trace.z if trace.cell == "gru" else 1 - trace.z
    return z, (1 - z) * trace.candidate


def _the(name: str) -> str:
    """Return a cell's name with its article, or another name in quotes."""
    return f"the {name}" if name in NAMES.values() else f"“{name}”"


def comparison_picture(results: Mapping, test_digits: int) -> Picture:
    """Show each cell's accuracies, one mark a seed, and how fast it was trained.

    Parameters
    ----------
    results : mapping
        The "cells" of data/compare_cells.json: by name, "accuracies" (0..1, one a
        seed) and "images_per_s".
    test_digits : int
        How many digits each accuracy was counted on; its standard error is the grey band.
    """
    results = {
        NAMES.get(cell, cell): (cell, *_measured(row, f"results[{cell!r}]"))
        for cell, row in judge.named(results, "results").items()
    }
    test_digits = judge.count(test_digits, "test_digits", 1)
    figure, (scores, speed) = base.new_figure(
        9.6, 2.9, {"left": 0.085, "right": 0.99, "bottom": 0.2, "top": 0.88, "wspace": 0.24},
        ncols=2, width_ratios=[1.5, 1],
    )  # fmt: skip
    words = []
    for place, (name, (cell, each, images)) in enumerate(results.items()):
        mark, colour = MARKS.get(cell, "D"), CELL_COLOURS.get(cell, COLOURS["hidden"])
        mean = each.mean()
        error = np.sqrt(mean * (100 - mean) / test_digits)
        scores.fill_between([place - 0.3, place + 0.3], mean - error, mean + error,
                            color=COLOURS["light"], linewidth=0)  # fmt: skip
        scores.plot([place - 0.3, place + 0.3], [mean, mean], color=COLOURS["ink"], linewidth=1.5)
        scores.plot(place + 0.1 * (np.arange(len(each)) - (len(each) - 1) / 2), each,
                    mark, color=colour, markersize=9)  # fmt: skip
        speed.barh(place, images, color=colour, height=0.6)
        speed.text(images, place, f" {images:,}", va="center")
        seeds = f"on average over {len(each)} seeds (from {each.min():.1f} to {each.max():.1f})"
        words.append(
            f"{name} {mean:.1f} % {seeds if len(each) > 1 else 'with one seed'}, "
            f"{images:,} images a second"
        )
    names = [legible(name, min(5 / len(results), 1)) for name in results]
    scores.set(title="Accuracy, one mark for each seed", xticks=range(len(names)),
               xticklabels=names, ylabel="right, in %", xlim=(-0.6, len(names) - 0.4))  # fmt: skip
    fastest = max(images for _, _, images in results.values())
    speed.set(title="Training speed", yticks=range(len(names)), yticklabels=names,
              xlabel="images a second", xlim=(0, 1.35 * fastest))  # fmt: skip
    speed.locator_params(axis="x", nbins=4)
    speed.invert_yaxis()
    return base.picture(
        figure,
        "; ".join(words) + ". The line is the mean, the grey band the standard error of one score.",
    )


def _measured(row, name: str) -> tuple[np.ndarray, int]:
    """Return accuracies in per cent and images a second."""
    if not isinstance(row, Mapping) or not {"accuracies", "images_per_s"} <= {*row}:
        raise ValueError(f'{name} must hold "accuracies" and "images_per_s".')
    accuracies, images = row["accuracies"], row["images_per_s"]
    accuracies = judge.numbers(accuracies, f"{name}['accuracies']", "seeds", low=0, high=1)
    return 100 * accuracies, round(judge.number(images, f"{name}['images_per_s']", 0))


def gradient_over_time_picture(sizes: Mapping, title: str, words: str, label="row") -> Picture:
    """Show for several readers how large the gradient is that arrives at each time step.

    Parameters
    ----------
    sizes : mapping of name to (time steps,)
        Names that begin with RNN, GRU or LSTM get that cell's colour and dashes; up to five others
        get others. The sequences may differ in length.
    title, words : str
    label : str
        What a time step is: "row" or "pixel".
    """
    sizes = {
        name: judge.numbers(size, f"sizes[{name!r}]", "time steps", low=0)
        for name, size in judge.named(sizes, "sizes").items()
    }
    for value, name in ((title, "title"), (words, "words"), (label, "label")):
        judge.text(value, name)
    figure, (ax,) = base.new_figure(
        9.2, 3.6, {"left": 0.1, "right": 0.76, "bottom": 0.16, "top": 0.9}
    )
    for (name, size), (dash, colour) in zip(sizes.items(), _styles(sizes), strict=True):
        ax.plot(np.arange(1, len(size) + 1), size, linestyle=dash, color=colour, linewidth=2.2,
                label=legible(name, 1.6), marker="o" if len(size) == 1 else "")  # fmt: skip
    smallest = min(1.0, *(size[size > 0].min(initial=1.0) for size in sizes.values()))
    steps = max(len(size) for size in sizes.values())
    ax.set(title=legible(title, 7.4, 12.6), xlabel=legible(label, 7), ylabel="size of the gradient",
           xlim=(0.5, steps + 0.5), xticks=base.ticks(steps))  # fmt: skip
    largest = max(float(size.max()) for size in sizes.values())
    logarithmic = largest > 100 * smallest
    _scale(ax, smallest, largest, logarithmic)
    if smallest < FLOAT32_ENDS:
        ax.axhline(FLOAT32_ENDS, color=COLOURS["muted"], linewidth=1)
        ax.text(steps, FLOAT32_ENDS, "0 in float32 ", ha="right",
                va="top", fontsize=10, color=COLOURS["muted"])  # fmt: skip
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=10.5,
              handlelength=2.6)  # fmt: skip
    form = ".0e" if logarithmic else ".2f" if largest >= 0.1 or not largest else ".1g"
    ends = "; ".join(f"{name}: {size[0]:{form}} at the first {label}, {size[-1]:{form}} at the last"
                     for name, size in sizes.items())  # fmt: skip
    return base.picture(figure, f"{words} {ends}.")


def _scale(ax, smallest: float, largest: float, logarithmic: bool) -> None:
    """Let the vertical axis begin at 0, or count powers of ten."""
    if not logarithmic:
        ax.set_ylim(bottom=0)
        return
    ax.set_yscale("log")
    ax.minorticks_off()
    ticks = _powers(smallest, largest)
    ax.set_yticks(ticks, ["1" if tick == 1 else f"{tick:.0e}" for tick in ticks])


def _styles(names) -> list[tuple]:
    """Return the dash and colour of each curve: a cell's own at its first, or a further one."""
    styles, further = [], list(FURTHER)
    own = {cell: (DASHES[cell], CELL_COLOURS[cell]) for cell in DASHES}
    for name in names:
        cell = name.split()[0].rstrip(",").lower()
        if cell not in own and not further:
            raise ValueError(f"sizes: {len(names)} curves are too many to be told apart.")
        styles.append(own.pop(cell) if cell in own else further.pop(0))
    return styles


def _powers(smallest: float, largest: float) -> list[float]:
    """Return a few round powers of ten from just above `smallest` to just below `largest`."""
    low, high = (int(np.ceil(np.log10(smallest))), int(np.floor(np.log10(largest))))
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100) if (high - low) // n <= 5 or n == 100)
    return [10.0**n for n in range(max(low, -300), max(high, 0) + 1) if n % every == 0]
