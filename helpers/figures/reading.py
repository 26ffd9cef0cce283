"""Pictures of a trained reader at work: what it reads, its gates and states, its belief."""

import numpy as np

from helpers import judge
from helpers.figures import base
from helpers.figures.frames import COLOURS, Frames

GATE_NAMES = {"i": "input gate", "f": "forget gate", "o": "output gate"}
GATE_COLOURS = {f"{name} gate": COLOURS[name] for name in ("input", "forget", "output")}
OPEN = (-0.03, 1.03)  # a gate from 0 to 1, so that the line of one pinned there is seen whole
MARGINS = {"left": 0.065, "right": 0.99, "bottom": 0.27, "top": 0.89, "wspace": 0.28}


def belief_words(trace, step: int) -> str:
    """Say in words what the reader believes after a step: the two likeliest digits."""
    belief = trace.belief[step]
    after = f"After row {step + 1} of {len(trace.belief)} the reader"
    likely = np.argsort(belief)[::-1][:2]
    if len(likely) < 2 or belief[likely[0]] == belief[likely[1]]:
        return f"{after} believes {believed(belief)}."
    first, second = likely
    return f"{after} believes {first} ({belief[first]:.0%}), then {second} ({belief[second]:.0%})."


def classes_of(trace) -> list[str]:
    """Return the names of the classes that a belief is about."""
    return [str(n) for n in range(trace.belief.shape[1])]


def believed(belief: np.ndarray) -> str:
    """Return the likeliest digit and how likely it is: "7 (74%)"."""
    best = np.flatnonzero(belief == belief.max())
    if len(best) > 1:
        return f"{len(best)} answers equally ({belief.max():.0%} each)"
    return f"{best[0]} ({belief.max():.0%})"


def units_of(states: np.ndarray) -> str:
    """Say how many units there are in (time steps, units)."""
    return base.counted(states.shape[1], "unit")


def belief_frames(trace, title: str = "The belief after each row") -> Frames:
    """Replay the digit and the belief in it, row by row.

    Parameters
    ----------
    trace : helpers.trace.Trace

    Returns
    -------
    Frames
        One frame a row: the digit, a bar for each class, and the belief in each class so far.
    """
    judge.trace(trace, "trace")
    classes = classes_of(trace)
    figure, (digit, bars, course) = base.new_figure(
        9.6, 2.9, MARGINS | {"left": 0.08, "bottom": 0.18}, ncols=3, width_ratios=[1, 1.4, 1.8]
    )
    panels = [
        base.digit_panel(digit, trace.x),
        base.bar_panel(bars, trace.belief, "Belief now", classes),
        base.heat_panel(course, trace.belief, "Belief so far", (0, 1), "Greys", "row"),
    ]
    bars.set(xlabel="digit", ylabel="probability")
    course.set_ylabel("digit")
    shown = bars.get_xticks().astype(int)
    course.set_yticks(shown + 1, [classes[n] for n in shown])
    words = [belief_words(trace, step) for step in range(len(trace.belief))]
    return base.compose(figure, panels, words, title)


def gates_words(trace, step: int) -> str:
    """Say in words how far each gate is open on average, and how large the states are."""
    means = ", ".join(
        f"{name} {getattr(trace, letter)[step].mean():.2f}" for letter, name in GATE_NAMES.items()
    )
    c, h = np.abs(trace.c[step]).mean(), np.abs(trace.h[step]).mean()
    return f"Row {step + 1}: on average {means}; mean size of c {c:.2f}, of h {h:.2f}."


def lstm_frames(trace, title: str = "Inside the LSTM, row by row") -> Frames:
    """Replay an LSTM's gates and states over one digit.

    Parameters
    ----------
    trace : helpers.trace.Trace
        Of an LSTM.

    Returns
    -------
    Frames
        One frame a row: the digit, the mean of each gate, all cell states, the belief.
    """
    judge.trace(trace, "trace", "i", "f", "o", "c", "h")
    figure, (digit, gates, cell, bars) = base.new_figure(
        10.8, 2.9, MARGINS, ncols=4, width_ratios=[1, 1.4, 1.4, 1.3]
    )
    means = {name: getattr(trace, letter).mean(1) for letter, name in GATE_NAMES.items()}
    size = base.reach(trace.c)
    panels = [
        base.digit_panel(digit, trace.x),
        base.line_panel(gates, means, "Gates, mean over units", GATE_COLOURS, OPEN, "row"),
        base.heat_panel(cell, trace.c, "Cell state c, every unit", (-size, size), label="row"),
        base.bar_panel(bars, trace.belief, "Belief now", classes_of(trace)),
    ]
    lines, names = gates.get_legend_handles_labels()
    gates.legend(lines, [name.removesuffix(" gate") for name in names], loc="upper left",
                 bbox_to_anchor=(-0.1, -0.22), ncols=3, fontsize=10, frameon=False,
                 handlelength=1.6, columnspacing=1)  # fmt: skip
    cell.set_ylabel("unit")
    words = [f"{gates_words(trace, n)} {belief_words(trace, n)}" for n in range(len(trace.belief))]
    return base.compose(figure, panels, words, title)
