"""What a network says, step by step: bars with names, or curves of numbers."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from helpers.figures import base, names
from helpers.figures.base import Panel
from helpers.figures.frames import COLOURS
from helpers.figures.sequences import lying_bars, step_ticks
from helpers.network.traces import beliefs

MOST_BARS = 10


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
    n = values.shape[1] if values is not None else shape[-1] if shape else 1
    return Said(values, kind, _names_of(classes, kind, n), places, stopped)


def _names_of(classes, kind: str, n: int) -> list[str] | None:
    """Judge the names of n outputs; of a single sigmoid's two, for no and yes, keep the second."""
    several = hasattr(classes, "__len__") and not isinstance(classes, str)
    if kind == "sigmoid" and n == 1 and several and len(classes) == 2:
        classes = list(classes)[1:]
    return names.judged(classes, n, "classes", "outputs")


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
        return f"{start} {_above_a_half(answer, row)}."
    if len(row) == 1 and not answer.names:
        return f"{start} {row[0]:.3g}."
    if len(row) <= 4:
        return f"{start} {', '.join(f'{answer.name(n)} {v:.3g}' for n, v in enumerate(row))}."
    low, high = int(row.argmin()), int(row.argmax())
    return (
        f"{start} {len(row)} numbers, from {row[low]:.3g} ({answer.name(low)}) to {row[high]:.3g} "
        f"({answer.name(high)})."
    )


def _above_a_half(answer: Said, row) -> str:
    """Name the three most likely of several sigmoids that are above a half."""
    best = [n for n in np.argsort(-row, kind="stable")[:3] if row[n] > 0.5]
    more = int((row > 0.5).sum()) - len(best)
    told = ", ".join(f"{answer.name(n)} ({row[n]:.0%})" for n in best)
    return f"{told or 'none of them above 50%'}{f' and {more} more' * (more > 0)}"


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
    if n > MOST_BARS and answer.kind == "numbers" and not answer.names:
        panel = base.bar_panel(ax, np.nan_to_num(values), "", [""] * n, limits, COLOURS["output"])
        ax.set(xticks=[0, n - 1], xticklabels=["0", f"{n - 1}"], xlabel="output")
        return [panel, head], remarks
    return [_bars(ax, answer, values, limits, remarks), head], remarks


def _bars(ax: Axes, answer: Said, values: np.ndarray, limits, remarks: list[str]) -> Panel:
    """Show each output as a bar with its name; of many those that reach the largest values."""
    n = values.shape[1]
    keep, others = np.arange(n), 0
    if n > MOST_BARS:
        others = n - (MOST_BARS - 2)
        reached = np.nan_to_num(np.abs(values)).max(0)
        keep = np.sort(np.argsort(-reached, kind="stable")[: MOST_BARS - 2])
        remarks.append(
            f"The picture has the {len(keep)} outputs that reach the largest values, of {n}."
        )
    labels = [answer.drawn(k) for k in keep]
    bars = values[:, keep]
    if others and answer.kind == "classes":
        rest = values.sum(1) - bars.sum(1)
        bars, labels = np.column_stack([bars, rest]), [*labels, f"{others} others"]
    colour = None if answer.kind == "classes" else COLOURS["output"]
    panel = lying_bars(ax, np.nan_to_num(bars), labels, limits, colour, len(keep))
    if answer.kind != "numbers":
        ax.set(xticks=[0, 0.5, 1], xticklabels=["0", "50%", "100%"])
        if answer.kind == "sigmoid":
            ax.axvline(0.5, color=COLOURS["muted"], linestyle=":", linewidth=1)
    return panel


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
        ax.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.12), ncols=5, fontsize=10,
                  frameon=False, handlelength=1.6, columnspacing=1)  # fmt: skip
    backwards = steps > 1 and places[0] > places[-1]
    curtain = ax.axvspan(0, 1, color=COLOURS["paper"], linewidth=0)
    now = ax.axvline(1, color=COLOURS["now"], linewidth=2)

    def update(n: int) -> None:
        place = at[shown[n]]
        now.set_xdata([place] * 2)
        # Half a step of room, so that the point of this step is whole.
        if backwards:
            curtain.set_bounds(-0.5, 0, place, 1)
        else:
            curtain.set_bounds(place + 0.5, 0, steps + 1 - place, 1)

    return [([curtain, now], update)]
