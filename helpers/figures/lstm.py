"""Pictures of one LSTM step: what flows where, and how the weights are cut."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.patches import Rectangle

from helpers import judge, projector
from helpers.figures import base
from helpers.figures.base import Panel
from helpers.figures.frames import COLOURS, Frames, Picture

POSITIVE, NEGATIVE = COLOURS["cell"], "#5E3C99"  # the ends of base.DIVERGING, dark enough for lines
WHOLE = {"left": 0.005, "right": 0.995, "bottom": 0.01, "top": 0.99}
COURSE = {"left": 0.06, "right": 0.985, "bottom": 0.155, "top": 0.995}

# The diagram's places, in the axes' own units: the sheet runs along the top.
SHEET, LOW, BUS = 2.55, 0.45, 1.0
PLACES = {"c before": (1.0, SHEET), "c": (7.0, SHEET), "candidate": (4.9, LOW), "h": (9.6, LOW)}
VALVES = {"f": (2.95, SHEET), "i": (4.9, 1.5), "o": (9.6, 1.5)}
VALVE_NAMES = {"f": "forget gate", "i": "input gate", "o": "output gate"}
VALVE_COLOURS = {"f": COLOURS["forget"], "i": COLOURS["input"], "o": COLOURS["output"]}
ALL_READ = "Thin lines: x and the old h go into each gate and into the candidate."
VALUE_NAMES = {
    "c before": "old sheet, c",
    "c": "new sheet, c",
    "candidate": "candidate (the blow)",
    "h": "what is shown, h",
}


def step_numbers(c: float, f: float, i: float, candidate: float, o: float) -> dict[str, float]:
    """Return every number of one step of one unit, by its place in the diagram."""
    new = f * c + i * candidate
    return {
        "c before": c,
        "f": f,
        "i": i,
        "candidate": candidate,
        "o": o,
        "kept": f * c,
        "landed": i * candidate,
        "c": new,
        "squashed": np.tanh(new),
        "h": o * np.tanh(new),
    }


def step_words(numbers: dict[str, float]) -> str:
    """Say one step of one unit in words and numbers."""
    n = {key: two(value) for key, value in numbers.items()}
    return (
        f"Of the old sheet, {n['c before']}, the forget gate ({n['f']}) keeps {n['kept']}. Of the "
        f"blow, {n['candidate']}, the input gate ({n['i']}) lets {n['landed']} land. The new sheet "
        f"is {n['c']}. Of its tanh, {n['squashed']}, the output gate ({n['o']}) shows {n['h']}."
    )


def step_panel(ax: Axes, steps: Sequence[dict[str, float]]) -> Panel:
    """Draw the step as a diagram; pipes are as wide as what flows in them is large."""
    ax.set(xlim=(0, 11.2), ylim=(0, 3.25), xticks=[], yticks=[])
    ax.axis("off")
    ax.text(11.15, SHEET + 0.13, "to the next step →", fontsize=11, ha="right", va="bottom")
    above = 0.28 if projector.is_on() else 0.13  # large letters reach over the box
    ax.text(11.15, LOW + above, "to the next\nstep, too →", fontsize=11, ha="right", va="bottom")
    ax.text(9.75, 2.12, "tanh", fontsize=10.5, ha="left", va="center")
    for key, (x, y) in PLACES.items():
        side, va = (-0.3, "top") if key in ("candidate", "h") else (0.3, "bottom")
        base.write(ax, x, y + side, VALUE_NAMES[key], fontsize=11, va=va)
    for key, (x, y) in VALVES.items():
        above = (x, y + 0.3, "center", "bottom")
        where = above if key == "f" else (x - 0.62, y + 0.33, "right", "center")
        ax.text(where[0], where[1], f"{VALVE_NAMES[key]} {key}", fontsize=11, ha=where[2],
                va=where[3])  # fmt: skip

    _read_by_all(ax)
    right = PLACES["c"][0] + 0.55
    pipes = {
        "c before": [(1.55, SHEET), (2.4, SHEET)],
        "kept": [(3.5, SHEET), (4.68, SHEET)],
        "candidate": [(4.9, 0.7), (4.9, 1.25)],
        "landed": [(4.9, 1.75), (4.9, 2.33)],
        "c": [(5.12, SHEET), (6.45, SHEET)],
        "onward": [(right, SHEET), (11.12, SHEET)],
        "squashed": [(9.6, SHEET), (9.6, 1.75)],
        "h": [(9.6, 1.25), (9.6, 0.7)],
        "h onward": [(10.15, LOW), (11.12, LOW)],
    }
    carried = [{"onward": "c", "h onward": "h"}.get(key, key) for key in pipes]
    flow = LineCollection(list(pipes.values()), capstyle="butt", zorder=1)
    ax.add_collection(flow, autolim=False)
    plus = ax.text(
        4.9, SHEET, "+", fontsize=15, ha="center", va="center_baseline", zorder=4,
        bbox={"boxstyle": "circle,pad=0.18", "fc": "white", "ec": COLOURS["ink"], "lw": 1.4},
    )  # fmt: skip
    boxes = []
    for places, edges, width in (
        (PLACES, COLOURS["muted"], 1.2), (VALVES, list(VALVE_COLOURS.values()), 2.2)
    ):  # fmt: skip
        each = [Rectangle((x - 0.55, y - 0.25), 1.1, 0.5) for x, y in places.values()]
        boxes.append(PatchCollection(each, fc="white", ec=edges, linewidth=width, zorder=2))
        ax.add_collection(boxes[-1], autolim=False)
    fills = [Rectangle((x - 0.55, y - 0.25), 0, 0.5, color=VALVE_COLOURS[key], alpha=0.3, zorder=3)
             for key, (x, y) in VALVES.items()]  # fmt: skip
    for fill in fills:
        ax.add_patch(fill)
    numbers = {
        key: ax.text(x, y, "", fontsize=12.5, ha="center", va="center_baseline", zorder=5)
        for key, (x, y) in (PLACES | VALVES).items()
    }

    def update(step: int) -> None:
        n = steps[step]
        values = [n[key] for key in carried]
        flow.set_linewidths([1.2 + 9 * min(abs(value), 1.6) for value in values])
        flow.set_colors([_sign_colour(value) for value in values])
        for fill, key in zip(fills, VALVES, strict=True):
            fill.set_width(1.1 * n[key])
        for key, number in numbers.items():
            number.set_text(two(n[key]))

    return [flow, *boxes, *fills, plus, *numbers.values()], update


def _read_by_all(ax: Axes) -> None:
    """Draw thin lines from x and the old h to each gate and the candidate: all four read both."""
    ax.text(
        0.45, BUS + 0.1, "x and the old h,\nread by all four", fontsize=11, ha="left", va="bottom"
    )
    (f, below), branch, output = VALVES["f"], 3.95, 8.65
    lines = [
        [(0.45, BUS), (output, BUS)],
        [(f, BUS), (f, below - 0.27)],
        [(branch, LOW), (branch, VALVES["i"][1])],
        [(output, BUS), (output, VALVES["o"][1])],
    ]
    ends = [(f, below - 0.35, "^")]
    for start, (x, y) in (
        (branch, PLACES["candidate"]),
        (branch, VALVES["i"]),
        (output, VALVES["o"]),
    ):
        lines.append([(start, y), (x - 0.57, y)])
        ends.append((x - 0.65, y, ">"))
    ax.add_collection(LineCollection(lines, colors=COLOURS["muted"], linewidths=1.2, zorder=0))
    for x, y, head in ends:
        ax.plot(x, y, head, color=COLOURS["muted"], markersize=6, zorder=0)


def two(value: float) -> str:
    """Write a number with two decimals, and nothing as 0.00, never as -0.00."""
    if abs(value) >= 10_000:
        return f"{value:.1e}"
    return f"{round(float(value), 2) + 0.0:.2f}"


def _sign_colour(value: float) -> str:
    if abs(value) < 0.005:
        return COLOURS["light"]
    return POSITIVE if value > 0 else NEGATIVE


def _given_step(**values) -> dict[str, float]:
    """Return every number of a step, of numbers that can be a cell's."""
    lowest = {"f": 0, "i": 0, "o": 0, "candidate": -1}
    return step_numbers(**{
        name: judge.number(value, name, lowest.get(name), None if name == "c" else 1)
        for name, value in values.items()
    })  # fmt: skip


def lstm_step_picture(c: float, f: float, i: float, candidate: float, o: float) -> Picture:
    """Return one step of one unit as a diagram with its numbers.

    Parameters
    ----------
    c : float
        The cell state before the step.
    f, i, o : float
        The gates, 0 to 1.
    candidate : float
        What the blow would add, -1 to 1.
    """
    numbers = _given_step(c=c, f=f, i=i, candidate=candidate, o=o)
    figure, (ax,) = base.new_figure(10.4, 3.05, WHOLE)
    _, update = step_panel(ax, [numbers])
    update(0)
    return base.picture(figure, f"{step_words(numbers)} {ALL_READ}")


def sweep_frames(gate: str, c: float, f: float, i: float, candidate: float, o: float) -> Frames:
    """Replay one step of one unit while one gate opens from 0 to 1 in tenths.

    Parameters
    ----------
    gate : "f", "i" or "o"
        The gate that opens; its own value among the numbers is not used.
    c, f, i, candidate, o : float
        As for `lstm_step_picture`.
    """
    if not isinstance(gate, str) or gate not in VALVES:
        raise ValueError(f"gate must be one of 'f', 'i' and 'o', not {gate!r}.")
    numbers = {"c": c, "f": f, "i": i, "candidate": candidate, "o": o}
    steps = [_given_step(**numbers | {gate: tenth / 10}) for tenth in range(11)]
    figure, (ax,) = base.new_figure(10.4, 3.05, WHOLE)
    words = [step_words(step) for step in steps]
    return base.compose(figure, [step_panel(ax, steps)], words, f"The {VALVE_NAMES[gate]} opens")


def unit_frames(
    made, unit: int = 0, title="One unit, step by step", inputs: Sequence[float] | None = None
) -> Frames:
    """Replay the diagram of one unit over a sequence, with the course of c and h below.

    Parameters
    ----------
    made : rnnscope.cells.History of one sequence, or helpers.trace.Trace
        Of an LSTM.
    unit : int
        Which unit to follow.
    inputs : sequence of float, optional
        The input at each step, where it has a single feature: written beside the diagram.
    """
    kept = _of_one_unit(made, unit)
    first, *_ = kept.pop("before")
    before = np.concatenate([[first], kept["c"][:-1]])
    steps = [
        step_numbers(before[n], *(kept[name][n] for name in ("f", "i", "candidate", "o")))
        for n in range(len(before))
    ]
    figure, (above, below) = base.new_figure(10.4, 5.6, COURSE, nrows=2)
    above.set_position([0.005, 0.45, 0.99, 0.545])  # as in lstm_step_picture, at the same size
    below.set_position([0.06, 0.14, 0.925, 0.27])
    for name in ("c", "h"):
        if not np.allclose([step[name] for step in steps], kept[name], atol=1e-3):
            raise ValueError(
                f"made: its {name} is not what its own gates and candidate make, step by step: "
                f"this picture shows the usual LSTM, h = o * tanh(c) and c = f * c + i * candidate."
            )
    low, high = (limit([*kept["c"], *kept["h"], 0, 1]) for limit in (min, max))
    room = 0.08 * (high - low)
    course = {"c, the sheet": kept["c"], "h, what is shown": kept["h"]}
    colours = dict(zip(course, (COLOURS["cell"], COLOURS["hidden"]), strict=True))
    below.axhline(0, color=COLOURS["muted"], linewidth=0.8)
    panels = [
        step_panel(above, steps),
        base.line_panel(below, course, "", colours, (low - room, high + room)),
    ]
    below.legend(loc="upper right", bbox_to_anchor=(1.01, -0.2), ncols=2, frameon=False)
    below.set_xlabel("time step", loc="left")
    heads = [f"Step {n + 1} of {len(steps)}" for n in range(len(steps))]
    if inputs is not None:
        inputs = judge.numbers(inputs, "inputs", ("steps", len(steps)))
        said = [f"input x = {x:g}" for x in inputs]
        heads = [f"{head}, {text}" for head, text in zip(heads, said, strict=True)]
        note = above.text(1.0, 1.5, "", fontsize=12.5, ha="center", va="center")
        panels.append(([note], lambda step: note.set_text(said[step])))
    words = [f"{head}. {step_words(step)}" for head, step in zip(heads, steps, strict=True)]
    # The telling steps: those that change the sheet most, and the last.
    changes = np.argsort(-np.abs(kept["c"] - before), kind="stable")
    keys = sorted({*changes[:3].tolist(), len(steps) - 1})
    return base.compose(figure, panels, words, title, keys)


def _of_one_unit(made, unit: int) -> dict[str, np.ndarray]:
    """Return what one unit of an LSTM made, (time steps,) each; "before" is its first c, (1,)."""
    names = ("c", "f", "i", "candidate", "o", "h")
    if not all(hasattr(made, name) for name in names):
        raise TypeError(f"made must be a History or a Trace of an LSTM, not {judge.what(made)}.")
    if lacks := [name for name in names if getattr(made, name) is None]:
        raise ValueError(f"made must be of an LSTM; this has no {lacks[0]}.")
    kept = {}
    for name in names:
        values = np.asarray(getattr(made, name))
        if values.ndim == 3 and len(values) == 1:
            values = values[0]
        if values.ndim != 2:
            raise ValueError(
                f"made: this picture shows one sequence; got values of shape {values.shape}."
            )
        values = judge.numbers(values, f"made.{name}", "time steps", "units")
        unit = judge.count(unit, "unit", 0, values.shape[1] - 1)
        kept[name] = values[:, unit]
    begun = getattr(made, "initial_state", None)  # a trace begins at zero
    kept["before"] = np.zeros(1) if begun is None else np.asarray(begun[1])[:, unit]
    return kept


LINE = 0.03  # of the height of all arrays: nothing is drawn thinner


def kernel_picture(features: int, units: int) -> Picture:
    """Return the three arrays of an LSTM drawn to scale, cut into i, f, candidate and o.

    Single numbers are seen where there is room for them; what would be thinner than a line is
    drawn as one.
    """
    features, units = judge.count(features, "features", 1), judge.count(units, "units", 1)
    colours = [COLOURS[name] for name in ("input", "forget", "candidate", "output")]
    figure, (ax,) = base.new_figure(8.4, 3.4, {"left": 0.0, "right": 1, "bottom": 0.0, "top": 1})
    ax.axis("off")
    width, scale = 4 * units, max((features + units + 1) / 9, 1.0)
    gap, top = 1.2 * scale, 0.0
    single = scale < 3 and width <= 100  # else the lines between the numbers would cover them
    for name, rows in (("kernel", features), ("recurrent_kernel", units), ("bias", 1)):
        height = max(rows, LINE * (features + units + 1))
        for block, colour in enumerate(colours):
            ax.add_patch(Rectangle((block * units, top), units, height, color=colour, alpha=0.3))
            ax.add_patch(Rectangle((block * units, top), units, height, fill=False, ec=colour))
        if single:
            lines = [[(x, top), (x, top + height)] for x in range(width + 1)]
            lines += [[(0, y), (width, y)] for y in np.arange(top, top + height + 1)]
            ax.add_collection(LineCollection(lines, colors="white", linewidths=0.8), autolim=False)
        shape = f"({width},)" if name == "bias" else f"({rows}, {width})"
        base.write(ax, -0.025 * width, top + height / 2, f"{name}  {shape}", ha="right",
                   fontsize=11)  # fmt: skip
        top += height + gap
    for block, name in enumerate(("i", "f", "candidate", "o")):
        ax.text((block + 0.5) * units, -0.35 * scale, name, ha="center", va="bottom", fontsize=12.5)
    ax.set(xlim=(-0.55 * width, 1.025 * width), ylim=(top - gap + 0.4 * scale, -1.6 * scale))
    of = f"{base.counted(features, 'feature')} and {base.counted(units, 'unit')}"
    return base.picture(
        figure,
        f"The weights of an LSTM with {of}. Each of the three "
        f"arrays is {width} columns wide: {units} for the input gate, then {units} for the forget "
        f"gate, {units} for the candidate and {units} for the output gate.",
    )
