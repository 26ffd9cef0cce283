"""The lessons' pictures: every step has its own picture, and the words say what the numbers are.

What a picture refuses, and free names, are tried in test_figures_given.py.
"""

import functools
import io
import re
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from helpers import cells, figures
from helpers.figures import base, lstm
from helpers.figures.learning_curves import percent, settled_row
from helpers.reader import ReaderWeights
from helpers.replay import Replay
from helpers.trace import row_gradient, trace

RNG = np.random.default_rng(5)
STEPS, FEATURES, UNITS = 9, 7, 6  # not square, no two alike
IMAGE = RNG.random((STEPS, FEATURES)).astype("float32")
GRADIENT = RNG.normal(size=IMAGE.shape)


def reader(cell="lstm", seed=0):
    random = np.random.default_rng(seed)
    weights = cells.random_weights(cell, FEATURES, UNITS, seed=seed)
    return ReaderWeights(cell, *weights, random.normal(size=(UNITS, 10)), random.normal(size=10))


READER = reader()
SEEN, PINNED = trace(READER, IMAGE), trace(READER, IMAGE, ablate={"f": 1})
PLAIN = cells.random_weights("rnn", features=2, units=3, seed=3)
X = RNG.normal(size=(4, 2))
H = cells.unroll("rnn", X[np.newaxis], PLAIN).h[0]
READ_BY = cells.random_weights("rnn", FEATURES, 3, seed=2)
STATES = cells.unroll("rnn", IMAGE[np.newaxis], READ_BY).h[0]
KERNEL, BIAS, WINDOW = RNG.normal(size=(63, 4)), RNG.normal(size=4), RNG.normal(size=(3, 4))
MASKED = np.vstack([STATES[:4], np.repeat(STATES[3:4], 5, axis=0)])
SIZES = np.array([[1e-6, 1e-3, 1], [0.5, 0.7, 1], [300, 20, 1]])
FRAMES = {
    "belief_frames": ([SEEN], STEPS),
    "dense_frames": ([IMAGE, KERNEL, BIAS], 4),
    "difference_frames": ([IMAGE, {"copied": np.linspace(0.1, 0.9, STEPS)}, "Two ways"], STEPS),
    "every_gate_frames": ([SEEN], STEPS),
    "gradient_frames": ([IMAGE, GRADIENT], STEPS),
    "hand_frames": ([SEEN, GRADIENT], STEPS),
    "kept_and_written_frames": ([{c: trace(reader(c), IMAGE) for c in ("rnn", "gru")}], STEPS),
    "left_frames": ([[0, 0.5, 0.9, 1], list("abcd"), "left"], 4),
    "lstm_frames": ([SEEN], STEPS),
    "padding_frames": ([IMAGE, 4, STATES.tolist(), MASKED, "Padding"], STEPS),
    "pair_frames": ([SEEN, PINNED, ["free", "f at 1"], "Kept"], STEPS),
    "rows_frames": ([IMAGE, STATES], STEPS),
    "scale_frames": ([[0.5, 1, 2], SIZES], 3),
    "sheet_frames": ([IMAGE.cumsum(0), IMAGE, "Blows", None, None, IMAGE], STEPS),
    "step_frames": ([X, H, PLAIN], 4),
    "sweep_frames": (["f", 0.8, 0.35, 0.45, -0.9, 0.55], 11),
    "switch_frames": ([], 25),
    "three_beliefs_frames": ([{c: trace(reader(c), IMAGE) for c in ("rnn", "gru")}], STEPS),
    "unit_frames": ([SEEN, 2], STEPS),
    "unrolled_frames": ([X, H], 4),
    "window_frames": ([IMAGE, WINDOW, 2], 8),
}


@functools.cache
def made(name):
    return getattr(figures, name)(*FRAMES[name][0])


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def two(values):
    return ", ".join(f"{value:.2f}".replace("-0.00", "0.00") for value in values)


@pytest.mark.parametrize("name", FRAMES)
def test_every_step_has_its_own_picture_and_words(name):
    frames, steps = made(name), FRAMES[name][1]
    assert len(frames) == len(set(frames.layers)) == len(set(frames.words)) == steps
    assert all(text.endswith(".") and "nan" not in text for text in frames.words)
    assert pixels(frames.pngs[-1]).shape == (frames.height, frames.width, 3)
    assert frames.nbytes < 400_000


# --- lessons 1 to 3 -----------------------------------------------------------------------------


def test_a_window_stops_at_every_place_and_gives_its_sum():
    frames = figures.window_frames(IMAGE, WINDOW, 1)
    text = frames.words[5]  # the second place of the second row
    assert len(frames) == 7 * 4 and "row 2 and column 2 on" in text
    assert f"Its sum is {(IMAGE[1:4, 1:5] * WINDOW).sum():.1f}." in text


def test_the_arithmetic_of_every_step_is_said():
    words, before = made("step_frames").words, np.zeros(3)
    for t, text in enumerate(words):
        total = X[t] @ PLAIN.kernel + before @ PLAIN.recurrent_kernel + PLAIN.bias
        assert f"the input {two(X[t])} gives {two(X[t] @ PLAIN.kernel)}" in text
        assert f"state {two(before)} gives {two(before @ PLAIN.recurrent_kernel)}" in text
        assert f"sum is {two(total)}, and tanh makes the new state {two(np.tanh(total))}." in text
        before = H[t]
    assert figures.step_picture(X, H, PLAIN, step=2).words == words[2]


def test_the_unrolled_picture_shows_which_states_are_read():
    none, last = (figures.unrolled_picture(X, H, read).words for read in ("none", "last"))
    assert "read" not in none and f"h_4 is {two(H[3])}" in none
    assert "Only the last state, h_4, is read" in last
    with pytest.raises(ValueError, match="none, last or all"):
        figures.unrolled_picture(X, H, "first")


def test_the_gradient_walks_from_the_last_row_to_the_first():
    frames, sizes = made("gradient_frames"), np.linalg.norm(GRADIENT, axis=1)
    for step, text in enumerate(frames.words):
        assert text.startswith(f"Back at row {9 - step} of 9:")
        assert f"the size {sizes[8 - step]:.2g}," in text
    some = GRADIENT * (np.arange(STEPS) != 2)[:, None]
    assert len(figures.gradient_frames(IMAGE, some)) == STEPS
    with pytest.raises(ValueError, match="zero everywhere"):
        figures.gradient_frames(IMAGE, np.zeros_like(GRADIENT))


# --- lesson 4 -----------------------------------------------------------------------------------


def numbers_in(text):
    return [float(found) for found in re.findall(r"-?\d+\.\d\d(?!\d)", text)]


def test_the_step_says_and_draws_every_number():
    numbers = {"c": 0.8, "f": 0.5, "i": 0.3, "candidate": -1, "o": 0.25}
    new = 0.8 * 0.5 - 0.3
    due = [0.8, 0.5, 0.4, -1, 0.3, -0.3, new, np.tanh(new), 0.25, 0.25 * np.tanh(new)]
    assert np.allclose(numbers_in(figures.lstm_step_picture(**numbers).words), due, atol=0.006)
    nothing = figures.lstm_step_picture(c=-0.001, f=0.5, i=0, candidate=-1, o=0).words
    assert "-0.00" not in nothing and "lets 0.00 land" in nothing


def test_a_sweep_opens_one_gate_and_leaves_the_others():
    for tenth, text in enumerate(made("sweep_frames").words):
        assert f"the forget gate ({tenth / 10:.2f}) keeps {0.8 * tenth / 10:.2f}" in text
        assert "input gate (0.45)" in text and "output gate (0.55)" in text


def test_one_unit_is_followed_with_its_own_numbers():
    for t, text in enumerate(figures.unit_frames(SEEN, 2, inputs=range(STEPS)).words):
        before = SEEN.c[t - 1, 2] if t else 0
        said = numbers_in(text.removeprefix(f"Step {t + 1} of 9, input x = {t}. "))
        due = [before, SEEN.c[t, 2], SEEN.h[t, 2]]
        assert np.allclose([said[0], said[6], said[-1]], due, atol=0.006)
    history = cells.unroll("lstm", IMAGE[None], READER.cell_weights)
    assert figures.unit_frames(history, 2).words == made("unit_frames").words
    both = cells.unroll("lstm", np.repeat(IMAGE[None], 2, axis=0), READER.cell_weights)
    with pytest.raises(ValueError, match=r"one sequence; got values of shape \(2, 9, 6\)"):
        figures.unit_frames(both)


def test_gates_say_their_shares():
    words = made("switch_frames").words
    assert words[16].startswith("Sum 2: sigmoid makes it 0.88")
    words = made("left_frames").words
    assert words[0] == "a: after 10 rows 0 % of the first blow is left, after 28 rows 0 %."
    assert "10 rows 0.195 %" in words[1] and "28 rows less than 0.001 %" in words[1]  # 0.5 ** 9
    for t, text in enumerate(made("every_gate_frames").words):
        assert text.startswith(f"Row {t + 1} of 9. Mean over 6 units: ")
        for letter, name in lstm.VALVE_NAMES.items():
            assert f"{name} {getattr(SEEN, letter)[t].mean():.2f}" in text
        assert f"believes {SEEN.belief[t].argmax()} ({SEEN.belief[t].max():.0%})" in text


# --- lessons 5 to 9 -----------------------------------------------------------------------------


def test_differences_and_padding_are_told_by_numbers():
    two_ways = {"copied": np.linspace(0.1, 0.9, STEPS), "moved": np.zeros(STEPS)}
    assert figures.difference_frames(IMAGE, two_ways, "Two ways").words[0] == (
        "After row 1 of 9 the outputs differ by 0.100 (copied), less than 0.000001 (moved)."
    )
    words = made("padding_frames").words
    assert all("true row: both states are the same" in text for text in words[:4])
    for step in range(4, STEPS):
        moved = np.abs(STATES[step] - STATES[3]).max()
        assert f"by up to {moved:.2f} without a mask, and by 0.00 with one." in words[step]


@pytest.mark.parametrize(("answers", "row"), [([3, 7, 3, 7, 7], 4), ([7, 7, 7], 1), ([1, 7], 2)])
def test_a_settled_answer_is_counted_from_one_and_for_good(answers, row):
    assert settled_row(np.array(answers)) == row
    belief = np.eye(10)[answers] * 0.9 + 0.01
    words = figures.knowing_picture(SimpleNamespace(x=IMAGE[: len(answers)], belief=belief)).words
    if row < len(answers):
        assert f"from row {row} on it answers 7," in words
    else:
        assert "only after the last row does it answer 7." in words


def test_a_training_is_told_by_its_numbers():
    falling = np.linspace(0.5, 0.05, 4)
    history = {"loss": 4 * falling, "val_loss": 3 * falling, "accuracy": 1 - falling,
               "val_accuracy": 1 - falling / 2, "seconds": [1.0] * 4}  # fmt: skip
    words = figures.learning_curve(history).words
    assert words.startswith("Loss and wrong answers fall over 4 epochs. At the end 5.0 % of the")
    assert words.endswith("wrong on the training batches and 2.5 % on the digits set aside.")
    for short in ({"loss": [], "val_loss": []}, {"loss": [1.0], "accuracy": [0.5]}):
        with pytest.raises(ValueError, match="at least one whole epoch of a training with valid"):
            figures.learning_curve(short)
    words = figures.schedule_picture([0.002, 0.03, 0.01, 0.0005]).words
    assert "starts at 0.002, rises to 0.03 at update 2 of 4, and falls to 0.0005" in words
    words = figures.batches_picture(np.array([120, 127, 128, 122]) / 128, 0.971).words
    assert "one batch of 128 digits, for 4 batches: from 93.8 % to 100.0 %" in words
    assert [percent(share) for share in (0.004, 0.5, 0.996)] == ["< 1 %", "50 %", "> 99 %"]


def test_mistakes_are_told_which_way_they_went():
    counts = np.diag(np.arange(20, 30))
    assert "mistake" not in figures.confusion_picture(counts).words
    counts[8, 3], counts[3, 8] = 7, 2
    words = figures.confusion_picture(counts).words
    assert "Of 254 digits 245 lie on the diagonal" in words and "and 9 beside it" in words
    assert "an 8 read as a 3 (7 of 35)" in words
    images, labels = RNG.integers(0, 255, (4, 28, 20)), np.array([8, 1, 4, 5])
    beliefs = np.eye(10)[[3, 1, 9, 6]] * np.array([[0.6], [0.9], [0.999], [0.7]])
    assert figures.mistakes_picture(images, labels, beliefs).words == (
        "3 of 3 misread digits, surest first: a 4 read as 9 (> 99 %), a 5 read as 6 (70 %), "
        "an 8 read as 3 (60 %)."
    )
    with pytest.raises(ValueError, match="no misread digit"):
        figures.mistakes_picture(images[1:2], labels[1:2], beliefs[1:2])


def test_accuracies_by_row_are_told():
    own, readable = [0.1, 0.2, 0.3, 0.6, 0.955, 0.96], [0.1, 0.5, 0.7, 0.8, 0.96, 0.97]
    words = figures.accuracy_by_row_picture(own, readable).words
    assert "10 % after row 1, 30 % after row 3, over half from row 4" in words
    assert "within 1 point of the final 96.0 % from row 5 of 6" in words
    assert "70 % after row 3 already" in words
    settled = np.repeat([9, 3, 8, 7, 6, 5, 12, 2, 10, 11], 3)
    words = figures.settling_picture(settled, np.repeat(np.arange(10), 3)).words
    assert "7 at row 2, 1 at row 3, 5 at row 5" in words and words.endswith("6 at row 12.")


def test_a_network_opened_up_is_told():
    scores = np.linspace(0.93, -0.71, UNITS)
    words = figures.sheet_map_picture(SEEN, scores, "the ink").words
    assert "all 6 units" in words and "from -0.71 on the left to 0.93 on the right" in words
    ink = RNG.random((40, 7))
    assert "is -1.00" in figures.against_picture(ink, -2 * ink, "ink so far", "c of unit 3").words
    values = np.repeat(np.arange(10), 4) * 1.5 + np.tile([-0.2, 0.2, -0.1, 0.1], 10)
    words = figures.by_digit_picture(values, np.repeat(np.arange(10, dtype="u1"), 4), "c").words
    assert "0: 0.0, 1: 1.5, 2: 3.0" in words and "9: 13.5" in words
    words = figures.scores_picture({"nothing pinned": 0.987, "f at 0": 0.061}, 50, "Pins").words
    assert "Pins. nothing pinned: 98.7%; f at 0: 6.1%." in words
    gradient = np.full(IMAGE.shape, 0.1)
    gradient[3], gradient[7] = -0.5, 0.0
    words = figures.gradient_picture(IMAGE, gradient, 4).words
    assert f"largest at row 4 ({0.5 * FEATURES**0.5:.2f}) and smallest at row 8 (0.00)" in words
    words = figures.by_row_picture(IMAGE, {"hidden": np.array([0.2, 0.5, 0.7])}, "A digit.").words
    assert words == "A digit. Hidden: 0.2 at row 1, 0.5 at row 4, 0.7 at row 9."
    parts = np.zeros((STEPS, UNITS))
    parts[[0, 5, 7, 8], 2] = [1, -3, 2, 4]
    words = figures.parts_picture(IMAGE, parts).words
    assert "The last 2 rows made 60% of all dents, the first 4 rows 10%." in words


def test_two_readings_are_told_side_by_side():
    last = made("pair_frames").words[-1]
    assert f"free: After row 9 of 9 the reader believes {SEEN.answer} " in last
    assert f"f at 1: After row 9 of 9 the reader believes {PINNED.answer} " in last
    assert f"{np.abs(SEEN.c[-1]).mean():.2f} and {np.abs(PINNED.c[-1]).mean():.2f}." in last
    by_row = np.linalg.norm(GRADIENT, axis=1)
    for n, text in enumerate(made("hand_frames").words):
        assert f"gradient of {SEEN.answer} at this row: {by_row[n]:.2f}, at all" in text


@pytest.mark.parametrize("draw", ["every gate", "pair", "hand"])
def test_a_figure_that_is_filled_anew_shows_nothing_of_what_was_there(draw, monkeypatch):
    def layers_of(image):
        seen = trace(READER, image)
        if draw == "every gate":
            return figures.every_gate_frames(seen).layers
        if draw == "pair":
            pinned = trace(READER, image, ablate={"f": 1})
            return figures.pair_frames(seen, pinned, ["free", "f at 1"], "Kept").layers
        return figures.hand_frames(seen, row_gradient(READER, image)).layers

    images, new = [IMAGE, IMAGE[::-1] * 0.4, np.zeros_like(IMAGE)], []
    for each in images:
        base._stage.cache_clear()
        new.append(layers_of(each))
    monkeypatch.setattr(base, "new_figure", None)  # to build one now would raise
    assert [layers_of(each) for each in images] == new


def test_three_cells_are_compared():
    frames = made("three_beliefs_frames")
    for cell in ("rnn", "gru"):
        belief = trace(reader(cell), IMAGE).belief[4]
        said = f"the {cell.upper()} believes {belief.argmax()} ({belief.max():.0%})"
        assert said in frames.words[4]
    row = {"accuracies": [0.9, 0.91, 0.92], "images_per_s": 11000}
    words = figures.comparison_picture({"rnn": row}, test_digits=1000).words
    assert "RNN 91.0 % on average over 3 seeds (from 90.0 to 92.0), 11,000 images" in words
    for ends in (1e-3, 1e-150):
        size = np.geomspace(ends, 0.5, 40)
        sizes = {"RNN": size[::-1], "LSTM": size, "LSTM, long memory": np.r_[0, size]}
        words = figures.gradient_over_time_picture(sizes, "A title", "How much.", "pixel").words
        assert words.startswith("How much. RNN: 5e-01 at the first pixel")
        assert f"LSTM: {ends:.0e} at the first pixel, 5e-01 at the last" in words
        assert "long memory: 0e+00 at the first pixel" in words


NAMES = [f"month {n}" for n in range(13)]
CURVE = RNG.normal(50, 9, 13)


def test_a_curve_says_where_it_begins_ends_and_how_far_it_goes():
    late = np.r_[np.full(5, np.nan), CURVE[5:]]
    words = figures.curve_picture({"rain": CURVE, "late": late}, NAMES, "mm", aside=9).words
    for part in ("Over 13 steps, in mm", f"rain: {CURVE[0]:.1f} at month 0",
                 f"late: {CURVE[5]:.1f} at month 5", f"{CURVE[-1]:.1f} at month 12",
                 f"between {CURVE.min():.1f} and", "From month 9 on, set aside"):  # fmt: skip
        assert part in words
    words = figures.time_steps_picture("chien", ["a", "dog", "sees"], NAMES, CURVE).words
    for part in ("chien has 5 time steps", "a dog sees has 3, one word each", "has 13, one number"):
        assert part in words


def test_still_pictures_count_what_they_show():
    words = figures.neuron_picture([2, 1, 3], [0.5, -1, -0.5], 2).words
    for part in ("2 times 0.5", "1 times -1", "3 times -0.5", "bias 2", "sum is 0.5,", "0.46"):
        assert part in words
    words = figures.three_ways_picture(IMAGE).words
    assert "all 63 pixels" in words and "7 x 7" in words and "one row of 7" in words
    assert "20 columns wide: 5 for the input gate" in figures.kernel_picture(3, units=5).words
    early, late = (figures.overview_picture(SEEN, row) for row in (2, 9))
    assert "row 2 of 9" in early.words and f"moment: {SEEN.answer}, with" in late.words
    assert early.png != late.png
    words = figures.layouts_picture().words
    assert "i, j, f, o" in words and "i, f, c, o" in words and "forget bias" in words
    with pytest.raises(ValueError, match="titles must hold one text for each image, 2 in all"):
        figures.digits_picture([IMAGE, IMAGE.T], ["a"], "Two.")


def test_the_same_blow_is_as_deep_in_replays_of_one_scale_and_looks_so_in_a_dark_window():
    blows = np.array([[0, 1, 0], [0, 1, 0.0]])
    kept, forgot = (figures.sheet_frames(states, blows, "Blows", deepest=2)
                    for states in (blows.cumsum(0), blows))  # fmt: skip
    assert kept.image(0) == forgot.image(0)
    with pytest.raises(ValueError, match="deepest must be at least 2; there is 1"):
        figures.sheet_frames(blows.cumsum(0), blows, "Blows", deepest=1)
    # Light falls on the sheet, which has more shades than the paper around it.
    left, top, _, bottom = kept.lit
    shades = np.asarray(kept.image(1).convert("L"))
    high, wide = shades.shape
    sheet = shades[int(top * high) + 2 : int(bottom * high) - 1, int(left * wide) + 2 :]
    assert len(np.unique(sheet)) > 30 and sheet.shape[1] > 0.8 * wide
    assert 'class="sheet-lit"' in Replay(kept).html()
