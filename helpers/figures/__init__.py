"""The pictures of the course: one function a picture, one module a family of pictures.

Nothing here uses pyplot: a figure belongs to nobody's global state. A family, and Matplotlib with
it, is loaded when one of its pictures is first asked for: a lesson's imports stay quick.
"""

import importlib

from helpers.figures.frames import COLOURS, Frames, Picture

_FAMILIES = {
    "answers": (
        "accuracy_by_row_picture",
        "confusion_picture",
        "knowing_picture",
        "mistakes_picture",
        "settling_picture",
    ),
    "base": ("make_frames", "new_figure", "picture"),
    "time_series": ("curve_picture", "time_steps_picture"),
    "gates": ("every_gate_frames", "left_frames", "switch_frames"),
    "inside": (
        "against_picture",
        "by_digit_picture",
        "by_row_picture",
        "gradient_picture",
        "hand_frames",
        "parts_picture",
        "scores_picture",
        "sheet_map_picture",
    ),
    "lstm": ("kernel_picture", "lstm_step_picture", "sweep_frames", "unit_frames"),
    "weight_layouts": ("difference_frames", "layouts_picture", "padding_frames"),
    "overview": ("overview_picture",),
    "pixels": ("pixels_frames",),
    "reading": ("belief_frames", "lstm_frames"),
    "rnn": (
        "gradient_frames",
        "scale_frames",
        "step_frames",
        "step_picture",
        "unrolled_frames",
        "unrolled_picture",
    ),
    "sheet": ("sheet_frames", "sheet_picture"),
    "three_cells": (
        "comparison_picture",
        "gradient_over_time_picture",
        "kept_and_written_frames",
        "three_beliefs_frames",
        "three_cells_picture",
    ),
    "learning_curves": ("batches_picture", "digits_picture", "learning_curve", "schedule_picture"),
    "ways_to_read": (
        "dense_frames",
        "neuron_picture",
        "rows_frames",
        "sequences_picture",
        "three_ways_picture",
        "window_frames",
    ),
}
_FAMILY = {name: family for family, names in _FAMILIES.items() for name in names}

__all__ = ["COLOURS", "Frames", "Picture", *_FAMILY]


def __getattr__(name: str):
    if name not in _FAMILY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_FAMILY[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
