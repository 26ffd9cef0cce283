"""The picture of the whole course: a digit, a sheet of iron, a belief."""

import numpy as np

from helpers import judge
from helpers.figures import base
from helpers.figures.frames import COLOURS, Picture
from helpers.figures.learning_curves import percent
from helpers.figures.reading import classes_of
from helpers.figures.sheet import IRON, relief

MARGINS = {"left": 0.065, "right": 0.985, "bottom": 0.17, "top": 0.87, "wspace": 0.14}
KEEP = 0.8  # of each dent, from row to row, as in lesson 1


def overview_picture(trace, row: int) -> Picture:
    """Show a digit read up to a row, what a sheet of iron holds of it, and what a reader believes.

    Parameters
    ----------
    trace : helpers.trace.Trace
        Of a trained reader over the digit.
    row : int
        The row, counted from 1, after which the picture is taken.
    """
    judge.trace(trace, "trace")
    row = judge.count(row, "row", 1, len(trace.x))
    sheet_now = np.zeros(trace.x.shape[1])
    for blow in trace.x[:row]:
        sheet_now = KEEP * sheet_now + blow
    figure, (digit, sheet, bars) = base.new_figure(
        10.6, 2.9, MARGINS, ncols=3, width_ratios=[1, 1.7, 1.5]
    )
    _, move = base.digit_panel(digit, trace.x, "1. Rows go in, one by one")
    move(row - 1)
    dents = relief(sheet_now, base.reach(sheet_now), rows=150, columns=420)
    sheet.imshow(dents, cmap=IRON, vmin=0, vmax=1, aspect="auto")
    sheet.set(title="2. A state keeps their dents (a likeness)", xticks=[], yticks=[])
    _, move = base.bar_panel(bars, trace.belief, "3. A belief comes out", classes_of(trace))
    move(row - 1)
    bars.set(xlabel="digit")
    for ax in (sheet, bars):
        for side in ax.spines.values():
            side.set_color(COLOURS["light"])
    best = int(trace.belief[row - 1].argmax())
    words = (
        f"A handwritten digit, read down to row {row} of {len(trace.x)}; a sheet of iron with the "
        f"dents that these rows left, as a likeness of the state; and the belief of a trained "
        f"network at this moment: {best}, with {percent(trace.belief[row - 1, best])}."
    )
    return base.picture(figure, words)
