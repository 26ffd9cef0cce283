"""What every picture shares: colours, words, and frames made fast.

A figure is drawn once; for each step only its moving parts are drawn again over the saved
background (Matplotlib's blitting), and the pixels are stored as a palette PNG. On two cores this
makes 28 frames of a four-panel figure in about 0.2 s, where 28 calls of ``savefig`` take 2 s.
"""

import functools
import weakref
from collections.abc import Callable, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.text import Text

from helpers import judge, projector
from helpers.figures.frames import COLOURS, Frames, Picture, layer, png
from helpers.figures.letters import family, legible

DIVERGING = "PuOr_r"  # negative purple, zero white, positive orange: readable without red or green
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": COLOURS["muted"],
    "axes.labelcolor": COLOURS["ink"],
    "text.color": COLOURS["ink"],
    "xtick.color": COLOURS["ink"],
    "ytick.color": COLOURS["ink"],
}
DPI = 80
projector.settle()  # the setting may ask for large figures before anybody calls


def new_figure(
    width: float, height: float, margins: dict | None = None, **gridspec
) -> tuple[Figure, np.ndarray]:
    """Return a figure in the house style and its axes.

    Parameters
    ----------
    width, height : float
        Size in inches.
    margins : dict, optional
        ``left``, ``right``, ``bottom``, ``top``, ``wspace``, ``hspace`` as for
        ``Figure.subplots_adjust``. Without it Matplotlib finds them, which costs 0.1 s a figure.
    **gridspec
        Passed to ``Figure.subplots``: ``nrows``, ``ncols``, ``width_ratios``, ``sharex`` and so on.

    Returns
    -------
    figure, axes
        `axes` is always a flat array, also when there is one.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), dpi=DPI, layout=None if margins else "constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(squeeze=False, **gridspec)
        if margins:
            figure.subplots_adjust(**margins)
    return figure, axes.ravel()


def picture(figure: Figure, words: str, lit: Axes | None = None) -> Picture:
    """Return a Matplotlib figure as a picture with words: what it says to those who do not see it.

    On the axes `lit` light falls: they look the same in a dark window.

    Raises
    ------
    ValueError
        If `words` is empty: no picture without words.
    TypeError
        If `figure` is no figure, or `words` no text.
    """
    _check_figure(figure)
    if not judge.text(words, "words").strip():
        raise ValueError("picture() needs words: say in a sentence what the picture shows.")
    _choose_letters(figure)
    with mpl.rc_context(STYLE):
        projector.enlarge(figure)
        figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())
    height, width = pixels.shape[:2]
    return Picture(png(pixels, 256), words, width, height, lit and place_of(lit))


def place_of(ax: Axes) -> tuple[float, float, float, float]:
    """Return an axes' left, top, right and bottom edge, as shares of the picture."""
    box = ax.get_position()
    return box.x0, 1 - box.y1, box.x1, 1 - box.y0


def _check_figure(figure) -> None:
    if not isinstance(figure, Figure):
        raise TypeError(f"figure must be a Matplotlib figure, not {judge.what(figure)}.")


def _choose_letters(figure: Figure) -> None:
    """Let all texts of a figure use the further fonts of this computer, where there are any."""
    if len(family()) > 1:
        for written in figure.findobj(Text):
            written.set_fontfamily(family())


_drawn = weakref.WeakKeyDictionary()  # figure: what of it never changes, as pixels


def make_frames(
    figure: Figure,
    moving: Sequence[Artist],
    update: Callable[[int], object],
    words: Sequence[str],
    title: str,
) -> Frames:
    """Draw the figure once, then only its moving parts for each step.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        With everything that does not change already in it.
    moving : sequence of Artist
        What `update` changes; drawn in this order, above the rest.
    update : callable
        ``update(step)`` puts the moving parts in place for step 0, 1, ...
    words : sequence of str
        One text a step; its length is the number of steps.
    title : str
        What is replayed.

    Raises
    ------
    ValueError
        If there is no step, or a step without words.
    TypeError
        If `figure` is no figure, `words` no texts, or `title` no text.
    """
    _check_figure(figure)
    judge.text(title, "title")
    if not all(isinstance(artist, Artist) for artist in judge.items(moving, "moving")):
        raise TypeError("moving must hold the parts of the figure that move: Matplotlib's artists.")
    if not callable(update):
        raise TypeError(f"update must be a function of the step, not {judge.what(update)}.")
    words = judge.items(words, "words")
    if not all(isinstance(text, str) for text in words):
        raise TypeError("words must be a list of texts, one for each step.")
    if not words:
        raise ValueError("make_frames() got no steps: words needs one text for each step.")
    if not all(text.strip() for text in words):
        raise ValueError("make_frames() got a step without words: every step needs a text.")
    return _frames(figure, moving, update, words, title)


def _frames(
    figure, moving, update, words, title, dressing=(), keys=None, smooth=False, lit=None
) -> Frames:
    """Make frames as `make_frames` does, of what is known to be right.

    `dressing` stays through the steps but not from one call to the next with the same figure: with
    it, the rest of the figure is drawn at the first call only. `keys` are as in `Frames`,
    `smooth` as in `layer`. `lit` is an axes on which light falls.
    """
    canvas = figure.canvas
    with mpl.rc_context(STYLE):
        if figure not in _drawn or not dressing:
            for artist in (*moving, *dressing):
                artist.set_animated(True)
            _choose_letters(figure)
            projector.enlarge(figure)
            canvas.draw()
            _drawn[figure] = canvas.copy_from_bbox(figure.bbox)
        background = _drawn[figure]
        if dressing:
            canvas.restore_region(background)
            for artist in dressing:
                figure.draw_artist(artist)
            background = canvas.copy_from_bbox(figure.bbox)
        canvas.restore_region(background)
        ground = np.array(canvas.buffer_rgba())
        layers = []
        for step in range(len(words)):
            canvas.restore_region(background)
            update(step)
            for artist in moving:
                figure.draw_artist(artist)
            layers.append(layer(np.asarray(canvas.buffer_rgba()), ground, smooth))
    height, width = ground.shape[:2]
    return Frames(
        layers, list(words), width, height, title, png(ground, 128), keys, lit and place_of(lit)
    )


# --- panels: each fills one axes and returns what moves, and how -------------------------------

Panel = tuple[list[Artist], Callable[[int], object]]


def compose(
    figure: Figure,
    panels: Sequence[Panel],
    words: Sequence[str],
    title: str,
    keys=None,
    smooth=False,
    lit=None,
) -> Frames:
    """Make the frames of a figure whose axes were filled by panels."""
    moving = [artist for artists, _ in panels for artist in artists]

    def update(step: int) -> None:
        for _, move in panels:
            move(step)

    # What `restage` has filled with new data, and the frame that it would hide; and the headings.
    dressing = []
    for ax in figure.axes if figure in _restaged else ():
        for image in ax.images:
            dressing += [image, *ax.spines.values()]
        dressing.append(ax.title)
    return _frames(figure, moving, update, words, title, dressing, keys, smooth, lit)


_restaged = weakref.WeakSet()  # figures that are kept for the next data


def restage(build, arrays: dict, words: Sequence[str], title: str, headings=()) -> Frames:
    """Compose a figure that is built and drawn once, and only filled with data from then on.

    For what a learner chooses from a menu: a new digit is on the screen in half the time.

    Parameters
    ----------
    build : callable
        ``build(**arrays)`` returns a figure and its panels. Panels must use the arrays themselves
        (or views), not copies: these are filled anew at each call.
    arrays : dict of name -> ndarray
        Figures are kept for each combination of shapes.
    words, title
        As in `make_frames`.
    headings : sequence of str, optional
        The titles of the figure's axes in this call, in their order.
    """
    shapes = tuple((name, np.shape(array)) for name, array in arrays.items())
    figure, panels, kept = _stage(build, shapes, projector.is_on())
    for name, array in arrays.items():
        kept[name][...] = array
    for ax, heading in zip(figure.axes, headings, strict=False):
        ax.title.set_text(heading)
    for ax in figure.axes:
        for image in ax.images:
            image.set_data(thinned(image.source))
            if image.scales_itself:
                image.set(**shades(image.source))
    return compose(figure, panels, words, title)


@functools.lru_cache(maxsize=12)
def _stage(build, shapes, large):
    kept = {name: np.zeros(shape) for name, shape in shapes}
    figure, panels = build(**kept)
    _restaged.add(figure)
    return figure, panels, kept


def show_array(ax: Axes, source: np.ndarray, **how) -> None:
    """Show an array as an image that `restage` can fill anew; its shades are its own by default."""
    itself = "vmin" not in how
    shown = show(ax, source, **how)
    if itself:
        shown.set(**shades(source))
    shown.source, shown.scales_itself = source, itself


def shades(values: np.ndarray) -> dict:
    """Return the colours and limits of an image: 0 is white, whatever else is in it.

    The largest is black; where some are negative, purple is negative and orange positive.
    """
    low, high = float(np.min(values)), float(np.max(values))
    if low < 0:
        return {"cmap": DIVERGING, "clim": (-reach(values), reach(values))}
    # One value everywhere: as grey as it is dark, not black.
    return {"cmap": "gray_r", "clim": (0, max(high, 1.0) if low == high else high)}


def reach(*values: np.ndarray) -> float:
    """Return the largest size of all numbers, at which a scale around zero ends; 1 if all are 0."""
    largest = max(float(np.abs(each).max()) for each in values)
    return largest if largest > np.finfo(float).tiny else 1.0


FINEST = 200  # rows or columns of an image that a panel can show


def show(ax: Axes, values: np.ndarray, extent=None, **how) -> AxesImage:
    """Show an array as an image in its own coordinates, of which each pixel is seen."""
    rows, columns = values.shape
    extent = extent or (-0.5, columns - 0.5, rows - 0.5, -0.5)
    shown = ax.imshow(thinned(values), interpolation="nearest", extent=extent, **how)
    ax.set(xlim=extent[:2], ylim=extent[2:])
    return shown


def thinned(values: np.ndarray) -> np.ndarray:
    """Return an array itself, or with the mean of neighbours where a panel cannot show each."""
    for axis, n in enumerate(values.shape):
        if n > FINEST:
            edges = np.linspace(0, n, FINEST + 1).astype(int)
            sums = np.add.reduceat(values, edges[:-1], axis)
            values = sums / np.expand_dims(np.diff(edges), 1 - axis)
    return values


def aspect(values: np.ndarray) -> str:
    """Return "equal" for square pixels, or "auto" where an image would be no more than a line."""
    rows, columns = values.shape
    return "equal" if rows <= 5 * columns and columns <= 5 * rows else "auto"


def write(ax: Axes, x: float, y: float, text: str, **how) -> Text:
    """Write a text whose middle is at (x, y), unless `how` says otherwise."""
    return ax.text(x, y, text, **{"ha": "center", "va": "center"} | how)


def border(ax: Axes) -> None:
    """Draw a thin edge around an image, as much of it is white."""
    for side in ax.spines.values():
        side.set(visible=True, color=COLOURS["light"])


def counted(n: int, what: str) -> str:
    """Return a number with its noun: "1 row", "28 rows"."""
    return f"{n} {what}{'s' * (n != 1)}"


def ends_and_middle(n: int) -> list[int]:
    """Return the ticks of a narrow axis from 1 to n."""
    return sorted({1, (n + 1) // 2, n})


def first_and_last(rows: int, start: int = 0) -> dict:
    """Return the ticks of an axis of rows that names its first and its last row."""
    ends = sorted({1, rows})
    return {"yticks": [row - 1 + start for row in ends], "yticklabels": [f"row {n}" for n in ends]}


def digit_panel(ax: Axes, image: np.ndarray, title: str = "What it reads") -> Panel:
    """Show an image whose rows are read from the top: what is still to come is dimmed."""
    rows = len(image)
    show_array(ax, image, aspect=aspect(image))
    ax.set(title=title, xticks=[], **first_and_last(rows))
    ax.tick_params(length=0)
    cover = ax.axhspan(0, 1, color=COLOURS["paper"], alpha=0.8, linewidth=0)
    now = ax.axhspan(0, 1, fill=False, edgecolor=COLOURS["now"], linewidth=2.5)
    ax.set_ylim(rows - 0.5, -0.5)  # the spans may have moved it

    def update(step: int) -> None:
        cover.set_bounds(0, step + 0.5, 1, rows - 1 - step)
        now.set_bounds(0, step - 0.5, 1, 1)

    return [cover, now], update


def heat_panel(
    ax: Axes, values: np.ndarray, title: str, limits=(-1, 1), cmap=DIVERGING, label="time step"
) -> Panel:
    """Show (time steps, units) values as colours, uncovered from the left as time goes on."""
    steps, units = values.shape
    show_array(ax, values.T, aspect="auto", cmap=cmap, vmin=limits[0], vmax=limits[1],
          extent=(0.5, steps + 0.5, units + 0.5, 0.5))  # fmt: skip
    ax.set(title=title, xlabel=label, xticks=ticks(steps), yticks=ticks(units))
    return _curtain(ax, steps, 0.5)


def line_panel(
    ax: Axes,
    series: dict[str, np.ndarray],
    title: str,
    colours: dict[str, str] | None = None,
    limits=None,
    label: str = "time step",
) -> Panel:
    """Show named series over time, uncovered from the left, each with its name and own dashes."""
    dashes = ["-", "--", ":", "-."]
    beside = min(len(series), 3)  # names in a row of the legend, which may reach to the right edge
    room = (0.99 - ax.get_position().x0) * ax.figure.get_figwidth() / beside - 0.55
    steps = len(next(iter(series.values())))
    x = np.arange(1, steps + 1)
    for n, (name, y) in enumerate(series.items()):
        colour = (colours or {}).get(name, COLOURS["ink"])
        ax.plot(x, y, dashes[n % 4], color=colour, linewidth=2, label=legible(name, room, 10),
                marker="o" if steps == 1 else "")  # fmt: skip
    ax.set(title=title, xlabel=label, xticks=ticks(steps), xlim=(0.5, steps + 0.5))
    if limits:
        ax.set_ylim(*limits)
    if len(series) > 1:
        ax.legend(loc="upper left", bbox_to_anchor=(0, -0.25), ncols=beside,
                  fontsize=10, frameon=False)  # fmt: skip
    return _curtain(ax, steps, 0)


def bar_panel(
    ax: Axes, values: np.ndarray, title: str, names: Sequence[str], limits=(0, 1), colour=None
) -> Panel:
    """Show (steps, n) values as n bars that move; the largest is drawn in the colour of `now`."""
    n, names = values.shape[1], list(names)
    shown = range(n) if n <= MANY else [tick - 1 for tick in ticks(n)]
    ax.set(title=title, xlim=(-0.6, n - 0.4), ylim=limits, xticks=shown,
           xticklabels=[names[k] for k in shown])  # fmt: skip
    if limits[0] < 0:
        ax.axhline(0, color=COLOURS["muted"], linewidth=0.8)
    bars = PolyCollection([], linewidths=0)  # one artist for all bars is drawn five times faster
    ax.add_collection(bars, autolim=False)
    left, right = np.arange(n) - 0.36, np.arange(n) + 0.36

    def update(step: int) -> None:
        top, zero = values[step], np.zeros(n)
        corners = [(left, zero), (left, top), (right, top), (right, zero)]
        bars.set_verts(np.stack([np.stack(corner, -1) for corner in corners], axis=1))
        best = (top == top.max()) & (top > top.min())  # none where all are the same
        bars.set_facecolor(colour or np.where(best, COLOURS["now"], COLOURS["hidden"]).tolist())

    return [bars], update


MANY = 30  # names that stand beside each other, at the most, if they are as short as numbers


def some(places: np.ndarray) -> np.ndarray:
    """Return all places for ticks, or a few where they are too many."""
    return places if len(places) <= MANY else places[np.array(ticks(len(places))) - 1]


def ticks(n: int) -> list[int]:
    """Return a few readable ticks from 1 to n, both ends among them."""
    if n <= 8:
        return list(range(1, n + 1))
    return [1, *(round(1 + (n - 1) * k / 4) for k in (1, 2, 3)), n]


def _curtain(ax: Axes, steps: int, half: float) -> Panel:
    """Cover the time still to come and mark now: where a step ends that is `half` wide each way."""
    left = ax.get_xlim()[0]
    curtain = ax.axvspan(0, 1, color=COLOURS["paper"], linewidth=0)
    ax.set_xlim(left, steps + 0.5)  # the span may have moved it
    now = ax.axvline(1, color=COLOURS["now"], linewidth=2)

    def update(step: int) -> None:
        end = step + 1 + half
        curtain.set_bounds(end, 0, max(steps + 0.5 - end, 0), 1)
        now.set_xdata([end, end])

    return [curtain, now], update
