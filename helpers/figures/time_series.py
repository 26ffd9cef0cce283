"""Pictures of lesson 9: a series over its dates, and what is a time step of what."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from helpers import judge
from helpers.figures import base
from helpers.figures.frames import COLOURS, Picture
from helpers.figures.learning_curves import roomy_figure

# Told apart without colour, too: by the dashes, and by the name at the line's end.
STYLES = (
    {"color": COLOURS["ink"], "linewidth": 1.6},
    {"color": COLOURS["cell"], "linewidth": 1.8, "linestyle": (0, (5, 2))},
    {"color": COLOURS["hidden"], "linewidth": 1.8, "linestyle": (0, (1.5, 1.5))},
    {"color": COLOURS["output"], "linewidth": 1.8, "linestyle": "-."},
)


def curve_picture(
    lines: Mapping[str, Sequence[float]], names: Sequence[str], unit: str, aside: int | None = None
) -> Picture:
    """Show one to four series over the same steps, each with its name at its right end.

    Parameters
    ----------
    lines : dict
        Name -> (steps,) numbers; nan where a line has none.
    names : list of (steps,) texts
        Of the steps, such as months.
    unit : str
        What is measured, for the axis: "ppm".
    aside : int, optional
        From this step on, counted from 0, the background says "set aside".
    """
    lines = judge.named(lines, "lines")
    judge.text(unit, "unit")
    if not 1 <= len(lines) <= len(STYLES):
        raise ValueError(f"lines has {len(lines)} series: 1 to {len(STYLES)} can be told apart.")
    lines = {
        name: judge.numbers(values, f"lines[{name!r}]", "steps", finite=False)
        for name, values in lines.items()
    }
    steps = len(next(iter(lines.values())))
    for name, values in lines.items():
        if len(values) != steps or not np.isfinite(values).any():
            raise ValueError(
                f"lines[{name!r}] has {np.isfinite(values).sum()} numbers in {len(values)} steps: "
                f"each line has {steps} steps, as the first has, and a number somewhere."
            )
    names = judge.texts(names, "names", steps, "step")
    if aside is not None:
        judge.count(aside, "aside", 1, steps - 1)

    figure, (ax,) = roomy_figure(8.6, 3.0)
    for values, style in zip(lines.values(), STYLES, strict=False):
        ax.plot(np.arange(steps), values, **style)
    _name_the_ends(ax, lines, steps)
    if aside is not None:
        ax.axvspan(aside - 0.5, steps - 0.5, color=COLOURS["light"], alpha=0.45, linewidth=0)
        ax.text(aside, 1.0, " set aside", transform=ax.get_xaxis_transform(), va="top",
                color=COLOURS["muted"])  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.set_xlim(-0.5, steps - 0.5)
    ticks = [round(tick) for tick in ax.get_xticks() if 0 <= tick < steps]
    ax.set_xticks(ticks, [names[tick] for tick in ticks])
    ax.set_ylabel(unit)
    return base.picture(figure, _words(lines, names, unit, aside))


def _name_the_ends(ax: Axes, lines: Mapping[str, np.ndarray], steps: int) -> None:
    """Write each line's name beside its last number, without two names on top of each other."""
    if len(lines) == 1:
        return
    low, high = ax.get_ylim()
    gap = (high - low) / 11
    last = {name: values[np.flatnonzero(np.isfinite(values))[-1]] for name, values in lines.items()}
    places, floor = {}, -np.inf
    for name in sorted(last, key=last.get):
        floor = places[name] = max(last[name], floor + gap)
    # A pile that has grown over the top comes down as one.
    down = max(0.0, floor - high)
    for (name, place), style in zip(((name, places[name]) for name in lines), STYLES, strict=False):
        ax.annotate(name, (steps - 0.5, place - down), xytext=(6, 0), textcoords="offset points",
                    va="center", color=style["color"], annotation_clip=False)  # fmt: skip


def _words(lines, names, unit, aside) -> str:
    parts = []
    for name, values in lines.items():
        known = np.flatnonzero(np.isfinite(values))
        first, last = known[0], known[-1]
        low, high = np.nanmin(values), np.nanmax(values)
        parts.append(
            f"{name}: {values[first]:.1f} at {names[first]}, {values[last]:.1f} at {names[last]}, "
            f"between {low:.1f} and {high:.1f}"
        )
    text = f"Over {len(names)} steps, in {unit}. " + "; ".join(parts) + "."
    return text + (f" From {names[aside]} on, set aside." if aside is not None else "")


def time_steps_picture(word: str, sentence: Sequence[str], months, ppm) -> Picture:
    """Show three sequences above each other, one box or point a time step.

    Parameters
    ----------
    word : str
        Read letter by letter.
    sentence : list of str
        Read word by word.
    months, ppm : list of str, (n,)
        A measured curve, read month by month.
    """
    word = judge.text(word, "word", empty=False)
    sentence = judge.items(sentence, "sentence")
    sentence = judge.texts(sentence, "sentence", len(sentence), "word")
    if not sentence:
        raise ValueError("sentence is empty: give one word or more.")
    ppm = judge.numbers(ppm, "ppm", "months")
    months = judge.texts(months, "months", len(ppm), "month")
    figure, axes = base.new_figure(
        8.6, 3.1, nrows=3, height_ratios=[1, 1, 1.5],
        margins={"left": 0.265, "right": 0.98, "top": 0.97, "bottom": 0.14, "hspace": 0.35},
    )  # fmt: skip
    _boxes(axes[0], list(word), "a word", "letter")
    _boxes(axes[1], sentence, "a sentence", "word")
    ax = axes[2]
    ax.plot(np.arange(len(ppm)), ppm, "o-", color=COLOURS["cell"], markersize=4, linewidth=1)
    ax.set(xlim=(-0.6, len(ppm) - 0.4), yticks=[], xticks=[0, len(ppm) - 1])
    for label, side in zip(ax.set_xticklabels([months[0], months[-1]]), ("left", "right"),
                           strict=True):  # fmt: skip
        label.set_ha(side)
    ax.spines["left"].set_visible(False)
    _beside(ax, "a measured curve", f"{len(ppm)} steps, one number each")
    return base.picture(
        figure,
        f"Three sequences. The word {word} has {len(word)} time steps, one letter each. The "
        f"sentence {' '.join(map(str, sentence))} has {len(sentence)}, one word each. The curve "
        f"of carbon dioxide has {len(ppm)}, one number each, from {ppm[0]:.1f} ppm in {months[0]} "
        f"to {ppm[-1]:.1f} ppm in {months[-1]}.",
    )


def _boxes(ax: Axes, items: list[str], what: str, of: str) -> None:
    """Draw one box for each item, all of one width, and an arrow of time below them."""
    n = max(len(items), 8)
    for place, item in enumerate(items):  # with a gap: they are read one after the other
        ax.add_patch(FancyBboxPatch(
            (place + 0.04, 0.15), 0.92, 0.8, boxstyle="round,pad=0,rounding_size=0.08",
            facecolor="#FFF1E6", edgecolor=COLOURS["cell"], linewidth=1.2,
        ))  # fmt: skip
        base.write(ax, place + 0.5, 0.55, item, fontsize=12)
    ax.set(xlim=(0, n), ylim=(0, 1))
    ax.set_axis_off()
    _beside(ax, what, f"{len(items)} steps, one {of} each")


def _beside(ax: Axes, what: str, steps: str) -> None:
    ax.text(-0.02, 0.64, what, transform=ax.transAxes, ha="right", va="center", fontweight="bold")
    ax.text(-0.02, 0.3, steps, transform=ax.transAxes, ha="right", va="center", fontsize=10,
            color=COLOURS["muted"])  # fmt: skip
