"""The pictures of the course: one function a picture, one module a family of pictures.

Nothing here uses pyplot: a figure belongs to nobody's global state, and importing stays quick.
"""

from helpers.figures.base import COLOURS, Frames, Picture, make_frames, new_figure, picture
from helpers.figures.gates import every_gate_frames, left_frames, switch_frames
from helpers.figures.inside import (
    against_picture,
    by_digit_picture,
    by_row_picture,
    gradient_picture,
    hand_frames,
    pair_frames,
    parts_picture,
    scores_picture,
    sheet_map_picture,
)
from helpers.figures.lstm import kernel_picture, lstm_step_picture, sweep_frames, unit_frames
from helpers.figures.old_lines import difference_frames, layouts_picture, padding_frames
from helpers.figures.overview import overview_picture
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
from helpers.figures.three_cells import (
    comparison_picture,
    gradient_over_time_picture,
    three_beliefs_frames,
    three_cells_picture,
)
from helpers.figures.training import (
    accuracy_by_row_picture,
    batches_picture,
    confusion_picture,
    digits_picture,
    knowing_picture,
    learning_curve,
    mistakes_picture,
    schedule_picture,
    settling_picture,
)
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
    "accuracy_by_row_picture",
    "against_picture",
    "batches_picture",
    "belief_frames",
    "by_digit_picture",
    "by_row_picture",
    "comparison_picture",
    "confusion_picture",
    "dense_frames",
    "difference_frames",
    "digits_picture",
    "every_gate_frames",
    "gradient_frames",
    "gradient_over_time_picture",
    "gradient_picture",
    "hand_frames",
    "kernel_picture",
    "knowing_picture",
    "layouts_picture",
    "learning_curve",
    "left_frames",
    "lstm_frames",
    "lstm_step_picture",
    "make_frames",
    "mistakes_picture",
    "neuron_picture",
    "new_figure",
    "overview_picture",
    "padding_frames",
    "pair_frames",
    "parts_picture",
    "picture",
    "rows_frames",
    "scale_frames",
    "schedule_picture",
    "scores_picture",
    "sequences_picture",
    "settling_picture",
    "sheet_frames",
    "sheet_map_picture",
    "sheet_picture",
    "step_frames",
    "step_picture",
    "sweep_frames",
    "switch_frames",
    "three_beliefs_frames",
    "three_cells_picture",
    "three_ways_picture",
    "unit_frames",
    "unrolled_frames",
    "unrolled_picture",
    "window_frames",
]
