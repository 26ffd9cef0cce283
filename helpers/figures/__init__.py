"""The pictures of the course: one function a picture, one module a family of pictures.

Nothing here uses pyplot: a figure belongs to nobody's global state, and importing stays quick.
"""

from helpers.figures.base import COLOURS, Frames, Picture, make_frames, new_figure, picture
from helpers.figures.old_lines import difference_frames, layouts_picture, padding_frames
from helpers.figures.reading import belief_frames, lstm_frames
from helpers.figures.sheet import sheet_frames, sheet_picture

__all__ = [
    "COLOURS",
    "Frames",
    "Picture",
    "belief_frames",
    "difference_frames",
    "layouts_picture",
    "lstm_frames",
    "make_frames",
    "new_figure",
    "padding_frames",
    "picture",
    "sheet_frames",
    "sheet_picture",
]
