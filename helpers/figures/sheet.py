"""Pictures of the hammered sheet: lit from the side, seen from above, with its numbers below."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.image import AxesImage

from helpers import judge
from helpers.figures import base
from helpers.figures.base import Panel
from helpers.figures.frames import COLOURS, Frames, Picture
from helpers.figures.letters import legible

IRON = LinearSegmentedColormap.from_list(
    "iron",
    ["#23272B", "#7C858D", "#F4F6F8"],
    N=81,  # an odd number: flat iron is one grey
)
LIGHT = (-0.5, -0.5, 0.5**0.5)  # towards the light, at the upper left: right, down, up
MARGINS = {"left": 0.075, "right": 0.985, "bottom": 0.155, "top": 0.9, "hspace": 0.12}


def relief(depths: np.ndarray, deepest=1.0, rows: int = 60, columns: int = 400, grain=0.0):
    """Return the brightness of a sheet with a dent at each spot, lit from the upper left.

    Parameters
    ----------
    depths : ndarray (spots,)
        How deep each dent is; a negative one is a bump.
    deepest : float
        The depth that is drawn as the deepest dent.
    rows, columns : int
        Size of the result in pixels.
    grain : float
        How uneven the flat iron is; grain makes a still picture livelier and a replay heavy.

    Returns
    -------
    ndarray (rows, columns)
        0 (dark) to 1 (bright); flat iron is 0.5, whatever else is on the sheet.
    """
    spots = len(depths)
    x = (np.arange(columns) + 0.5) / columns * spots - 0.5
    y = (np.arange(rows) + 0.5) / rows * 2 - 1
    across = np.exp(-(((x[None] - np.arange(spots)[:, None]) / 0.33) ** 2))
    profile = np.asarray(depths, float) / deepest @ across
    height = -profile[None] * np.exp(-((y[:, None] / 0.5) ** 2))
    height += np.random.default_rng(3).normal(size=height.shape) * grain
    down, right = np.gradient(0.3 * columns / spots * height)
    # How squarely the light falls on each place. Matplotlib's hillshade would stretch this anew for
    # every sheet: the same dent would pale beside a deeper one, and flat iron change its grey.
    lit = (LIGHT[0] * -right + LIGHT[1] * -down + LIGHT[2]) / np.sqrt(right**2 + down**2 + 1)
    flat = LIGHT[2]
    lit = np.where(lit > flat, (lit - flat) / (1 - flat), lit / flat - 1)
    return np.clip(0.5 + 0.5 * lit, 0, 1)


def relief_panel(ax: Axes, states: np.ndarray, blows: np.ndarray, deepest: float) -> Panel:
    """Show the sheet from above; a triangle marks each spot that the blow of this step hits."""
    spots = states.shape[1]
    sheets = [relief(state, deepest) for state in states]
    sheet = _iron(ax, sheets[0], extent=(-0.5, spots - 0.5, 0, 1))
    (marks,) = ax.plot([], [], "v", color=COLOURS["now"], markersize=11, markeredgecolor="white")
    ax.set(ylabel="the sheet")

    def update(step: int) -> None:
        sheet.set_data(sheets[step])
        hit = np.flatnonzero(blows[step])
        marks.set_data(hit, np.full(len(hit), 0.84))

    return [sheet, marks], update


def _iron(ax: Axes, brightness: np.ndarray, **how) -> AxesImage:
    """Show what `relief` returns, without ticks or edges."""
    ax.set(xticks=[], yticks=[])
    for side in ax.spines.values():
        side.set_visible(False)
    return ax.imshow(brightness, cmap=IRON, vmin=0, vmax=1, aspect="auto", **how)


def depth_panel(
    ax: Axes, states: np.ndarray, spot_names: Sequence[str], deepest: float | None
) -> Panel:
    """Show the depth of each dent as a bar that hangs down, with its number where there is room."""
    spots = states.shape[1]
    top, bottom = min(states.min(), 0), deepest or max(states.max(), 0)
    if top == bottom:
        bottom = 1.0
    room = 0.22 * (bottom - top)
    ax.set(
        xlim=(-0.5, spots - 0.5), ylim=(bottom + room, top - (room if top < 0 else 0)),
        ylabel="depth", xlabel="spot on the sheet",
    )  # fmt: skip
    shown = [n for n in range(spots) if spots <= 10 or n % 3 == 0]
    if spots > base.MANY:
        shown = [tick - 1 for tick in base.ticks(spots)]
    room_each = 0.9 * ax.get_position().width * ax.figure.get_figwidth() / len(shown)
    labels = [legible(spot_names[n], room_each) for n in shown]
    ax.axhline(0, color=COLOURS["muted"], linewidth=1)
    bars, move = base.bar_panel(
        ax, states, "", spot_names, limits=ax.get_ylim(), colour=COLOURS["hidden"]
    )
    ax.set_xlim(-0.5, spots - 0.5)
    ax.set_xticks(shown, labels)
    if spots > 10:
        return bars, move
    numbers = [ax.text(n, 0, "", ha="center", va="top", fontsize=10.5) for n in range(spots)]

    def update(step: int) -> None:
        move(step)
        for number, depth in zip(numbers, states[step], strict=True):
            number.set_text(f"{depth + 0.0:.4g}")
            number.set_y(max(depth, 0) + 0.16 * room)

    return [*bars, *numbers], update


def sheet_frames(
    states,
    blows,
    title: str,
    blow_names=None,
    spot_names=None,
    image: np.ndarray | None = None,
    deepest: float | None = None,
) -> Frames:
    """Replay a sheet under the hammer: one frame a blow.

    Parameters
    ----------
    states : array-like (blows, spots)
        The depth of every dent after each blow.
    blows : array-like (blows, spots)
        What each blow adds.
    blow_names : sequence of str, optional
        What each blow stands for, such as a word; by default "blow 1", "blow 2", ...
    spot_names : sequence of str, optional
        What each spot stands for; by default 1, 2, ...
    image : ndarray (blows, columns), optional
        An image whose rows are the blows; drawn beside the sheet.
    deepest : float, optional
        The depth at which the scale ends, so that several replays can be compared; by default the
        largest of these states.
    """
    states, blows = (judge.numbers(values, name, "blows", "spots")
                     for values, name in ((states, "states"), (blows, "blows")))  # fmt: skip
    if states.shape != blows.shape:
        raise ValueError(
            f"sheet_frames() needs states and blows of the same shape (blows, spots); "
            f"got {states.shape} and {blows.shape}."
        )
    steps, spots = states.shape
    blow_names = [f"blow {n + 1}" for n in range(steps)] if blow_names is None else blow_names
    spot_names = range(1, spots + 1) if spot_names is None else spot_names
    blow_names = judge.texts(blow_names, "blow_names", steps, "blow")
    spot_names = judge.texts(spot_names, "spot_names", spots, "spot")
    if image is not None:
        image = judge.numbers(image, "image", ("blows", steps), "columns")
    if deepest is not None:
        deepest = judge.number(deepest, "deepest", base.reach(states))
    # Depths below zero are longer by their minus.
    margins = MARGINS | ({"left": 0.1} if states.min() < 0 else {})
    if image is None:
        figure, (above, below) = base.new_figure(
            8.4, 3.4, margins, nrows=2, height_ratios=[1, 1.35]
        )
        panels = []
    else:
        figure, axes = base.new_figure(
            10.4, 3.4, margins | {"wspace": 0.2}, nrows=2, ncols=2,
            height_ratios=[1, 1.35], width_ratios=[1, 3.2],
        )  # fmt: skip
        axes[0].remove()
        axes[2].set_subplotspec(figure.axes[0].get_gridspec()[:, 0])
        above, below = axes[1], axes[3]
        panels = [base.digit_panel(axes[2], image)]
    heading = above.text(-0.5, 1.1, "", fontsize=12.5, va="bottom")
    headings = [legible(f"after {name}", 6, 12.5) for name in blow_names]
    panels += [
        relief_panel(above, states, blows, deepest or base.reach(states)),
        depth_panel(below, states, spot_names, deepest),
        ([heading], lambda step: heading.set_text(headings[step])),
    ]
    words = [
        sheet_words(states[: n + 1], blows[n], blow_names[n], steps, spot_names)
        for n in range(steps)
    ]
    smooth = spots <= 10  # of many spots the dents are too small for rings
    return base.compose(figure, panels, words, title, smooth=smooth, lit=above)


def sheet_words(states, blow, name, steps: int, spot_names) -> str:
    """Say in words where the last blow so far lands and what the sheet holds after it."""
    state = states[-1]
    hit = [spot_names[n] for n in np.flatnonzero(blow)]
    many = f"hits {len(hit)} spots" if hit else "brings no blow"
    spots = "spot" if len(hit) == 1 else "spots"
    where = f"hits {spots} {', '.join(hit)}" if 0 < len(hit) <= 5 else many
    if len(state) <= 10:
        holds = "The sheet now holds " + ", ".join(f"{depth + 0.0:.4g}" for depth in state) + "."
    elif not state.any():
        holds = "The sheet is flat again." if states.any() else "The sheet is still flat."
    elif state.max() <= 0:
        highest = int(np.argmin(state))
        holds = f"The highest bump is {state[highest]:.2f}, at spot {spot_names[highest]}."
    else:
        deepest = int(np.argmax(state))
        holds = f"The deepest dent is {state[deepest]:.2f}, at spot {spot_names[deepest]}."
    return f"Step {len(states)} of {steps}: {name} {where}. {holds}"


def sheet_picture(depths: Sequence[float], words: str, title: str = "") -> Picture:
    """Return one still picture of a sheet, seen from above."""
    depths = judge.numbers(depths, "depths", "spots")
    judge.text(words, "words", empty=False)
    judge.text(title, "title")
    figure, (ax,) = base.new_figure(8.4, 1.9)
    _iron(ax, relief(depths, base.reach(depths), rows=120, columns=700, grain=0.006))
    ax.set(title=legible(title, 8, 12.6))
    return base.picture(figure, words, lit=ax)
