"""Pictures and replays in a size for a projector: one call in a notebook, or one setting for all.

``projector()`` makes large what is drawn or shown from then on, until ``projector(False)``. With
``SHEET_PROJECTOR=1`` in the environment every notebook begins that way.
"""

import os
import weakref

# What JupyterLab leaves a picture in a window of 1280 x 720, its bars at the sides closed. A
# picture is drawn for this room; a smaller window shows all of it smaller.
WIDTH, HEIGHT = 1076, 530
LETTERS = 20  # pixels: no letter in a picture is smaller there
EDGE = 0.04  # inches between letters and the edge of their picture
OFF = ("", "0", "off", "no", "false")

_chosen: bool | None = None  # by a call; until then the environment decides
_before: dict = {}  # Matplotlib's own settings, to be put back
_large = weakref.WeakSet()  # figures that have been enlarged


def projector(on: bool = True) -> None:
    """Make pictures, replays and Matplotlib's figures large from now on, or as they were.

    Parameters
    ----------
    on : bool
        Large, or as on a computer of one's own.

    Raises
    ------
    TypeError
        If `on` is neither True nor False.
    """
    global _chosen
    if not isinstance(on, bool):
        raise TypeError(
            f"on is {on!r}: call projector() for large pictures, projector(False) else."
        )
    _chosen = on
    settle()
    if on:
        print(
            f"Projector size: pictures and replays made from now on have letters of {LETTERS} "
            "pixels or more in a window of 1280 x 720. projector(False) ends it."
        )
    else:
        print("Projector size is off: pictures and replays made from now on have their usual size.")


def is_on() -> bool:
    """Whether pictures are to be large: by the last call, or else by the environment."""
    if _chosen is None:
        return os.environ.get("SHEET_PROJECTOR", "").strip().lower() not in OFF
    return _chosen


def settle() -> None:
    """Bring in line what no helper draws: Matplotlib's figures, and rnnscope's views."""
    import matplotlib as mpl

    from rnnscope.view import View

    View.letters = LETTERS if is_on() else 0
    if is_on() and not _before:
        # 8 inches fill the page; 10 points, the smallest that Matplotlib writes by itself, are 20
        # pixels then.
        large = {"figure.dpi": WIDTH / 8, "figure.figsize": (8, 4), "font.size": 12}
        _before.update({name: mpl.rcParams[name] for name in large})
        mpl.rcParams.update(large)
    elif not is_on() and _before:
        mpl.rcParams.update(_before)
        _before.clear()


def times(width: float, height: float) -> float:
    """Return how many times larger a picture is to be shown; 1 where nothing is to be large."""
    return min(WIDTH / width, HEIGHT / height) if is_on() else 1.0


def enlarge(figure) -> None:
    """Let a figure fill the page, and its letters be large, before it is drawn."""
    if not is_on() or figure in _large:
        return
    _large.add(figure)
    dpi = figure.dpi
    for _ in range(5):  # the room that large letters need makes the whole a little smaller
        figure.set_dpi(dpi * times(*figure.get_size_inches() * dpi))
        _set_letters(figure, LETTERS * 72 / figure.dpi)
        figure.draw_without_rendering()  # only now is it known where the letters are
        _part_lines(figure)
        if not _make_room(figure):
            return
    figure.set_dpi(dpi * times(*figure.get_size_inches() * dpi))


def _set_letters(figure, least: float) -> None:
    """Write nothing in letters smaller than `least` points."""
    from matplotlib.text import Text

    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            ticks = axis.get_ticklabels()
            if ticks and ticks[0].get_fontsize() < least:
                axis.set_tick_params(labelsize=least)
    for written in figure.findobj(Text):
        if written.get_fontsize() < least:
            written.set_fontsize(least)


def _part_lines(figure) -> None:
    """Write in two lines what is too long: a title that runs into another one, a figure's text."""
    titles = [ax.title for ax in figure.axes if ax.get_visible() and ax.title.get_text()]
    boxes = {title: title.get_window_extent().padded(4) for title in titles}
    for title, box in boxes.items():
        others = [boxes[other] for other in titles if other is not title]
        if box.width > title.axes.bbox.width and any(box.overlaps(other) for other in others):
            _part(title)
    for written in figure.texts:
        if written.get_window_extent().x1 > figure.bbox.x1:
            written.set_verticalalignment("bottom")  # the further line comes above
            _part(written)


def _part(written) -> None:
    words = written.get_text().split(" ")
    halves = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    if halves:
        both = min(halves, key=lambda both: max(map(len, both)))
        written.set_text("\n".join(half.strip() for half in both))


def _make_room(figure) -> bool:
    """Let a figure with margins of its own grow where letters would be cut off; whether it did."""
    if figure.get_layout_engine() is not None:
        return False
    figure.draw_without_rendering()
    wide, high = figure.get_size_inches()
    seen = figure.get_tightbbox(figure.canvas.get_renderer())  # in inches
    left, below = max(0, EDGE - seen.x0), max(0, EDGE - seen.y0)
    right, above = max(0, EDGE + seen.x1 - wide), max(0, EDGE + seen.y1 - high)
    if max(left, below, right, above) < 0.01:
        return False
    new = (wide + left + right, high + below + above)

    def moved(x, y):
        return (x * wide + left) / new[0], (y * high + below) / new[1]

    figure.set_size_inches(new)
    for ax in figure.axes:
        old = ax.get_position(original=True)
        (x0, y0), (x1, y1) = moved(old.x0, old.y0), moved(old.x1, old.y1)
        ax.set_position((x0, y0, x1 - x0, y1 - y0))
    for written in figure.texts:
        if written.get_transform() == figure.transSubfigure:
            written.set_position(moved(*written.get_position()))
    return True
