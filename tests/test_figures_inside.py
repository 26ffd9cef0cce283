"""Pictures of a network opened up: their words carry its numbers, their steps differ."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers import cells, figures
from helpers.figures import base
from helpers.reader import ReaderWeights
from helpers.trace import row_gradient, trace

STEPS, FEATURES, UNITS = 9, 6, 11


@pytest.fixture(scope="module")
def reader():
    random = np.random.default_rng(0)
    weights = cells.random_weights("lstm", FEATURES, UNITS, seed=0)
    return ReaderWeights("lstm", *weights, random.normal(size=(UNITS, 10)), random.normal(size=10))


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(1).random((STEPS, FEATURES)).astype(np.float32)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_the_map_of_the_sheet_can_be_sorted_by_what_units_watch(reader, image):
    seen = trace(reader, image)
    scores = np.linspace(0.93, -0.71, UNITS)
    plain = figures.sheet_map_picture(seen)
    by_scores = figures.sheet_map_picture(seen, scores, "the ink")
    assert f"all {UNITS} units" in plain.words
    assert "from -0.71 on the left to 0.93 on the right" in by_scores.words
    assert by_scores.height > plain.height
    other_way = figures.sheet_map_picture(seen, -scores, "the ink")
    assert other_way.png != by_scores.png


def test_a_unit_against_a_quantity_says_how_they_go_together():
    random = np.random.default_rng(2)
    ink = random.random((40, 7))
    seen = figures.against_picture(ink, -2 * ink, "ink so far", "c of unit 3")
    assert "c of unit 3 against ink so far" in seen.words and "is -1.00" in seen.words


def test_a_unit_by_digit_says_the_mean_of_each():
    labels = np.repeat(np.arange(10, dtype=np.uint8), 4)
    values = labels * 1.5 + np.tile([-0.2, 0.2, -0.1, 0.1], 10)
    words = figures.by_digit_picture(values, labels, "c of unit 3").words
    assert "0: 0.0, 1: 1.5, 2: 3.0" in words and "9: 13.5" in words


def test_scores_say_each_accuracy_and_draw_the_standard_error():
    scores = {"nothing pinned": 0.987, "f pinned at 0": 0.061}
    few, many = (figures.scores_picture(scores, n, "Pins") for n in (50, 50_000))
    assert "Pins. nothing pinned: 98.7%; f pinned at 0: 6.1%." in few.words
    ink = [(pixels(one.png).sum(-1) < 150).sum() for one in (few, many)]
    assert ink[0] > ink[1]  # the longer error bars


def test_a_pair_is_told_and_drawn_side_by_side(reader, image):
    free, pinned = trace(reader, image), trace(reader, image, ablate={"f": 1})
    frames = figures.pair_frames(free, pinned, ["free", "f at 1"], "Kept")
    assert len(frames) == STEPS and frames.title == "Kept"
    assert len(set(frames.pngs)) == len(set(frames.words)) == STEPS
    last = frames.words[-1]
    assert f"free: After row {STEPS} of {STEPS} the reader believes {free.answer} " in last
    assert f"f at 1: After row {STEPS} of {STEPS} the reader believes {pinned.answer} " in last
    assert f"{np.abs(free.c[-1]).mean():.2f} and {np.abs(pinned.c[-1]).mean():.2f}." in last
    alike = figures.pair_frames(free, free, ["free", "f at 1"], "Kept")
    assert alike.pngs[-1] != frames.pngs[-1]


def test_the_gradient_says_where_it_is_largest(image):
    gradient = np.full((STEPS, FEATURES), 0.1)
    gradient[3], gradient[7] = -0.5, 0.0
    picture = figures.gradient_picture(image, gradient, 4)
    assert "logit of 4" in picture.words
    assert f"largest at row 4 ({0.5 * FEATURES**0.5:.2f})" in picture.words
    assert "smallest at row 8 (0.00)" in picture.words


def test_numbers_by_row_stand_beside_their_rows(image):
    values = np.linspace(0.1, 0.9, STEPS)
    picture = figures.by_row_picture(image, {"mean forget gate": values}, "A digit.")
    assert picture.words == ("A digit. Mean forget gate: 0.1 at row 1, 0.4 at row 4, 0.9 at row 9.")
    upside_down = figures.by_row_picture(image, {"mean forget gate": values[::-1]}, "A digit.")
    assert upside_down.png != picture.png
    in_threes = figures.by_row_picture(image, {"hidden": np.array([0.2, 0.5, 0.7])}, "A digit.")
    assert in_threes.words == "A digit. Hidden: 0.2 at row 1, 0.5 at row 4, 0.7 at row 9."


def test_the_parts_of_a_sheet_say_when_it_was_made(image):
    parts = np.zeros((STEPS, UNITS))
    parts[[0, 5, 7, 8], 2] = [1, -3, 2, 4]
    words = figures.parts_picture(image, parts).words
    assert "The last 2 rows made 60% of all dents, the first 4 rows 10%." in words


def test_a_hand_drawn_digit_has_gradient_sheet_and_belief_at_every_row(reader, image):
    seen, gradient = trace(reader, image), row_gradient(reader, image)
    frames = figures.hand_frames(seen, gradient)
    assert len(frames) == STEPS
    assert len(set(frames.pngs)) == len(set(frames.words)) == STEPS
    by_row = np.linalg.norm(gradient, axis=1)
    for n, text in enumerate(frames.words):
        assert f"After row {n + 1} of {STEPS}" in text
        size = f"{by_row[n]:.2f}" if by_row[n] >= 0.005 else f"{by_row[n]:.2g}"
        assert f"gradient of {seen.answer} at this row: {size}, at all" in text
    assert figures.hand_frames(seen, -gradient).pngs[0] != frames.pngs[0]


@pytest.mark.parametrize("draw", ["every gate", "pair", "hand"])
def test_a_figure_that_is_filled_anew_shows_nothing_of_what_was_there_before(reader, image, draw):
    def frames_of(image):
        seen = trace(reader, image)
        if draw == "every gate":
            return figures.every_gate_frames(seen).pngs
        if draw == "pair":
            pinned = trace(reader, image, ablate={"f": 1})
            return figures.pair_frames(seen, pinned, ["free", "f at 1"], "Kept").pngs
        return figures.hand_frames(seen, row_gradient(reader, image)).pngs

    images = [image, image[::-1] * 0.4, np.zeros_like(image), image[:5]]
    new = []
    for each in images:
        base._stage.cache_clear()
        new.append(frames_of(each))
    assert len({png for pngs in new for png in pngs}) == 3 * STEPS + 5
    for _ in range(2):
        assert [frames_of(each) for each in images] == new


def test_figures_are_kept_for_the_next_digit(reader, image, monkeypatch):
    figures.every_gate_frames(trace(reader, image))
    monkeypatch.setattr(base, "new_figure", None)  # to build one now would raise
    figures.every_gate_frames(trace(reader, image[::-1]))


def test_a_flat_sheet_and_a_gradient_of_zero_can_be_drawn(reader, image):
    shut = trace(reader, image, ablate={"i": 0})
    assert not shut.c.any()
    figures.sheet_map_picture(shut)
    figures.hand_frames(shut, np.zeros_like(image))
    figures.pair_frames(shut, shut, ["i at 0", "again"], "Flat")
    figures.gradient_picture(image, np.zeros_like(image), 3)
    figures.parts_picture(image, np.zeros((STEPS, UNITS)))
