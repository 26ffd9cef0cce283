"""The pictures of the course: one function a picture, one module a family of pictures.

Nothing here uses pyplot: a figure belongs to nobody's global state, and importing stays quick.
"""

from helpers.figures.base import COLOURS, Frames, Picture, make_frames, new_figure, picture
from helpers.figures.gates import every_gate_frames, left_frames, switch_frames
from helpers.figures.lstm import kernel_picture, lstm_step_picture, sweep_frames, unit_frames
from helpers.figures.old_lines import difference_frames, layouts_picture, padding_frames
from helpers.figures.reading import belief_frames, lstm_frames
from helpers.figures.rnn import (
    gradient_frames,
    scale_frames,
    step_frames,
    step_picture,
    unrolled_frames,
    unrolled_picture,
)
from helpers.figures.sheet import sheet_frames, sheet_picture
from helpers.figures.ways import (
    dense_frames,
    neuron_picture,
    rows_frames,
    sequences_picture,
    three_ways_picture,
    window_frames,
)

__all__ = [
    "COLOURS",
    "Frames",
    "Picture",
    "belief_frames",
    "dense_frames",
    "difference_frames",
    "every_gate_frames",
    "gradient_frames",
    "kernel_picture",
    "layouts_picture",
    "left_frames",
    "lstm_frames",
    "lstm_step_picture",
    "make_frames",
    "neuron_picture",
    "new_figure",
    "padding_frames",
    "picture",
    "rows_frames",
    "scale_frames",
    "sequences_picture",
    "sheet_frames",
    "sheet_picture",
    "step_frames",
    "step_picture",
    "sweep_frames",
    "switch_frames",
    "three_ways_picture",
    "unit_frames",
    "unrolled_frames",
    "unrolled_picture",
    "window_frames",
]
