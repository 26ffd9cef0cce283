"""Whatever a picture is given, it is right or refused by the name of the argument."""

import inspect
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import figures
from helpers.reader import ReaderWeights
from helpers.trace import row_gradient, trace
from rnnscope import cells

RNG = np.random.default_rng(3)


def reader(cell="lstm", features=5, units=4, classes=10):
    random = np.random.default_rng(7)
    weights = cells.random_weights(cell, features, units, seed=7)
    head = random.normal(size=(units, classes))
    return ReaderWeights(cell, *weights, head, random.normal(size=classes))


X = RNG.random((6, 5)).astype("float32")
SEEN, GRADIENT = trace(reader(), X), row_gradient(reader(), X)
GRU = trace(reader("gru"), X)
PIXELS = RNG.random((2, 5))
BY_PIXEL = trace(reader("lstm", 1), PIXELS.reshape(-1, 1).astype("float32"))
PLAIN = cells.random_weights("rnn", 5, 4, seed=1)
H = cells.unroll("rnn", X[None], PLAIN).h[0]
CURVE = {"loss": [2, 1], "val_loss": [2, 1], "accuracy": [0.5, 0.7], "val_accuracy": [0.5, 0.6]}

# What each picture draws; every argument is then exchanged for something that is none of its kind.
ARGUMENTS = {
    "accuracy_by_row_picture": [[0.1, 0.5], [0.2, 0.6]],
    "against_picture": [X, X**2, "ink", "c"],
    "batches_picture": [[0.5, 1], 0.75, 4],
    "belief_frames": [SEEN],
    "by_digit_picture": [RNG.random(20), np.arange(20) % 7, "c"],
    "by_row_picture": [X, {"f": SEEN.f.mean(1)}, "A digit."],
    "comparison_picture": [{"rnn": {"accuracies": [0.9], "images_per_s": 100}}, 100],
    "confusion_picture": [np.diag([3, 4, 5])],
    "curve_picture": [{"rain": [1.5, 2, 0.5]}, ["Mon", "Tue", "Wed"], "mm", 2],
    "dense_frames": [X, RNG.random((30, 3)), RNG.random(3)],
    "difference_frames": [X, {"a": np.ones(6)}, "Two"],
    "digits_picture": [[X, X.T], ["a", "b"], "Two digits, a and b."],
    "every_gate_frames": [SEEN],
    "gradient_frames": [X, GRADIENT],
    "gradient_over_time_picture": [{"RNN": np.ones(5)}, "Sizes", "How much.", "row"],
    "gradient_picture": [X, GRADIENT, 3],
    "hand_frames": [SEEN, GRADIENT],
    "kernel_picture": [3, 5],
    "knowing_picture": [SEEN],
    "learning_curve": [CURVE],
    "kept_and_written_frames": [{"gru": GRU, "mine": SEEN}],
    "left_frames": [[0.1, 0.9], ["a", "b"], "Left", 5],
    "lstm_frames": [SEEN],
    "lstm_step_picture": [0.8, 0.5, 0.5, -0.5, 0.5],
    "mistakes_picture": [np.array([X, X]), [1, 2], SEEN.belief[:2]],
    "neuron_picture": [[1, 2], [3, 4], 1.0],
    "overview_picture": [SEEN, 3],
    "padding_frames": [X, 3, H, H, "Padding"],
    "parts_picture": [X, SEEN.c],
    "pixels_frames": [{"a": BY_PIXEL}, PIXELS, "Pixels", 3],
    "rows_frames": [X, H],
    "scale_frames": [[0.5, 2], [[0.1, 1], [3, 1]]],
    "schedule_picture": [[0.1, 0.2]],
    "scores_picture": [{"all": 0.9}, 100, "Scores"],
    "sequences_picture": [{"a": X}, "One digit of six steps."],
    "settling_picture": [[1, 5], [1, 2]],
    "sheet_frames": [X, X, "Sheet", list("abcdef"), list("abcde"), X],
    "sheet_map_picture": [SEEN, np.linspace(-0.5, 0.5, 4), "ink"],
    "sheet_picture": [[0.1, 0.2], "A sheet with two dents.", "Sheet"],
    "step_frames": [X, H, PLAIN],
    "step_picture": [X, H, PLAIN, 1],
    "sweep_frames": ["f", 0.5, 0.5, 0.5, 0.5, 0.5],
    "three_beliefs_frames": [{"gru": GRU, "mine": SEEN}],
    "three_ways_picture": [X],
    "time_steps_picture": ["chien", ["a", "dog"], ["Mon", "Tue"] * 12, [1.5, 2] * 12],
    "unit_frames": [SEEN, 1, "One unit"],
    "unrolled_frames": [X, H],
    "unrolled_picture": [X, H, "last"],
    "window_frames": [X, RNG.random((2, 2)), 1],
}
WITHOUT_ARGUMENTS = {"layouts_picture", "switch_frames", "three_cells_picture"}
NOT_PICTURES = {"COLOURS", "Frames", "Picture", "make_frames", "new_figure", "picture"}
WRONG = {
    "None": None,
    "an object": object(),
    "a model": SimpleNamespace(get_weights=lambda: []),
    "a complex array": X.astype(complex),
    "three axes": np.zeros((2, 3, 4)),
    "nan": np.full((6, 5), np.nan),
    "ragged": [[1], [1, 2]],
    "nothing": np.zeros((0, 5)),
    "texts in a mapping": {"a": "b"},
}


@pytest.fixture(autouse=True)
def no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_no_picture_is_left_out():
    assert set(figures.__all__) == {*ARGUMENTS} | WITHOUT_ARGUMENTS | NOT_PICTURES


@pytest.mark.parametrize("name", [*ARGUMENTS, *sorted(WITHOUT_ARGUMENTS)])
def test_every_picture_and_every_step_has_words_of_its_own(name):
    made = getattr(figures, name)(*ARGUMENTS.get(name, []))
    if isinstance(made, figures.Frames):
        assert len(made) == len(set(made.layers)) == len(set(made.words)) and made.nbytes < 400_000
    words = made.words if isinstance(made.words, list) else [made.words]
    assert all(len(text.split()) > 3 and text.endswith(".") for text in words)
    assert not any("nan" in text or text == getattr(made, "title", "") for text in words)


@pytest.mark.deep
@pytest.mark.parametrize("shape", [(1, 1, 1), (14, 230, 3), (3, 2, 40)])
@pytest.mark.parametrize("make", [RNG.random, np.zeros])
def test_a_trace_of_any_shape_is_drawn(shape, make):
    steps, features, units = shape
    x, weights = make((steps, features)).astype("float32"), reader("lstm", features, units)
    seen = trace(weights, x)
    for made in (
        figures.lstm_frames(seen), figures.sheet_map_picture(seen),
        figures.hand_frames(seen, row_gradient(weights, x)), figures.unit_frames(seen, units - 1),
    ):  # fmt: skip
        assert "nan" not in str(made.words)
        assert max(made.width, made.height) < 1500
        assert not isinstance(made, figures.Frames) or len(made) == steps


@pytest.mark.deep
@pytest.mark.parametrize("name", ARGUMENTS)
def test_what_is_none_of_its_kind_is_refused_by_name(name):
    draw, good = getattr(figures, name), ARGUMENTS[name]
    names = list(inspect.signature(draw).parameters)
    for place, argument in enumerate(names[: len(good)]):
        if name == "sweep_frames" and argument == "f":
            continue  # the gate that opens: its own value is not used
        for what, wrong in WRONG.items():
            given = [*good[:place], wrong, *good[place + 1 :]]
            if argument == "images" and what == "three axes":
                continue  # several images
            if argument == "sentence" and what == "texts in a mapping":
                continue  # its keys are words
            if wrong is None and inspect.signature(draw).parameters[argument].default is None:
                continue
            with pytest.raises((ValueError, TypeError), match=rf"\b{argument}\b"):
                draw(*given)


@pytest.mark.parametrize("draw", ["lstm_frames", "every_gate_frames", "sheet_map_picture"])
def test_an_lstms_picture_refuses_another_cells_trace(draw):
    with pytest.raises(ValueError, match=r"trace must be the trace of an LSTM.*'gru'"):
        getattr(figures, draw)(GRU)
    with pytest.raises(ValueError, match="made must be of an LSTM"):
        figures.unit_frames(GRU)


# --- words that are computed --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ([1, 2, 3], "the loss on the digits set aside rises from 1 to 3;"),
        ([1, 1, 1], "the loss on the digits set aside stays at 1;"),
        ([1, np.nan, np.nan], "set aside is no finite number after epoch 2;"),
        ([2, 0.5, 1.5], "goes from 2 to 1.5, lowest after epoch 2 (0.5), highest after epoch 1"),
    ],
)
def test_a_loss_that_does_not_fall_is_not_said_to_fall(loss, said):
    falling = np.linspace(0.9, 0.1, len(loss))
    history = {"loss": falling, "val_loss": loss, "accuracy": 1 - falling,
               "val_accuracy": 1 - falling / 2}  # fmt: skip
    words = figures.learning_curve(history).words
    assert said in words and "Loss and wrong answers fall" not in words
    assert "the loss on the training batches falls from 0.9 to 0.1;" in words
    assert "10.0 %" in words and "5.0 % on the digits set aside" in words


def test_arithmetic_that_is_not_so_is_not_drawn():
    wrong = H.copy()
    wrong[2] *= 0.5
    with pytest.raises(ValueError, match="h is not what these weights make of x, first at step 3"):
        figures.step_frames(X, wrong, PLAIN)


def test_every_free_name_can_be_drawn():
    names = ["mine", "a<b> & $x_1^2$", "\u6211\u7684\u7f51\u7edc", "a very long name " * 9, "$"]
    figures.scores_picture(dict.fromkeys(names, 0.5), 100, names[1])
    figures.by_row_picture(X, dict.fromkeys(names, SEEN.f.mean(1)), "A digit.")
    figures.sheet_frames(X, X, "Sheet", [*names, "?"], names)
    figures.unrolled_picture(X, H, cell_name="{x} $a$\nlayer {}")
