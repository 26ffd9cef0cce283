"""Pictures of the LSTM: their numbers are the cell's, and every step says them in words."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import cells, figures, trace
from helpers.figures import base, lstm

WEIGHTS = cells.random_weights("lstm", features=3, units=4, seed=5)
X = np.random.default_rng(5).normal(size=(1, 6, 3))
HISTORY = cells.unroll("lstm", X, WEIGHTS)


def numbers_in(text):
    return [float(found) for found in re.findall(r"-?\d+\.\d\d(?!\d)", text)]


def read_digit(units=6):
    rng = np.random.default_rng(1)
    weights = SimpleNamespace(
        cell="lstm",
        cell_weights=cells.random_weights("lstm", 9, units, 2),
        features=9,
        head_kernel=rng.normal(size=(units, 10)),
        head_bias=np.zeros(10),
    )
    return trace.trace(weights, rng.uniform(size=(12, 9)))


def test_the_step_says_every_number_of_the_step():
    words = figures.lstm_step_picture(c=0.8, f=0.5, i=0.3, candidate=-1, o=0.5).words
    new = 0.8 * 0.5 - 0.3
    due = [0.8, 0.5, 0.4, -1, 0.3, -0.3, new, np.tanh(new), 0.5, 0.5 * np.tanh(new)]
    assert np.allclose(numbers_in(words), due, atol=0.006)


def test_the_diagram_carries_the_numbers_that_its_words_say():
    numbers = lstm.step_numbers(c=0.8, f=0.5, i=0.3, candidate=-1, o=0.25)
    _, (ax,) = base.new_figure(10, 3)
    _, update = lstm.step_panel(ax, [lstm.step_numbers(0, 0, 0, 0, 0), numbers])
    update(1)
    written = {text.get_text() for text in ax.texts}
    assert {"0.80", "0.50", "0.30", "-1.00", "0.10", "0.25", "0.02"} <= written
    assert "0.00" not in written


def test_nothing_is_written_as_minus_zero():
    words = figures.lstm_step_picture(c=-0.001, f=0.5, i=0, candidate=-1, o=0).words
    assert "-0.00" not in words and "lets 0.00 land" in words


@pytest.mark.parametrize(
    ("gate", "what"), [("f", "forget gate"), ("i", "input gate"), ("o", "output gate")]
)
def test_a_sweep_opens_one_gate_and_leaves_the_others(gate, what):
    frames = figures.sweep_frames(gate, c=0.8, f=0.35, i=0.45, candidate=-0.9, o=0.55)
    assert len(frames) == len(set(frames.pngs)) == 11
    assert what in frames.title
    for tenth, text in enumerate(frames.words):
        at = {"f": 0.35, "i": 0.45, "o": 0.55} | {gate: tenth / 10}
        assert f"the forget gate ({at['f']:.2f}) keeps {0.8 * at['f']:.2f}" in text
        assert f"the input gate ({at['i']:.2f})" in text
        assert f"the output gate ({at['o']:.2f})" in text


def test_a_sweep_of_the_output_gate_leaves_the_sheet():
    words = figures.sweep_frames("o", c=0.8, f=1, i=0, candidate=1, o=0).words
    assert all("The new sheet is 0.80." in text for text in words)


def test_one_unit_is_followed_with_its_own_numbers():
    frames = figures.unit_frames(HISTORY, unit=2)
    assert len(frames) == len(set(frames.pngs)) == 6
    before = 0
    for t, text in enumerate(frames.words):
        c, h = HISTORY.c[0, t, 2], HISTORY.h[0, t, 2]
        assert text.startswith(f"Step {t + 1} of 6. Of the old sheet, {before:.2f}, ")
        assert np.allclose(numbers_in(text)[6], c, atol=0.006)
        assert np.allclose(numbers_in(text)[-1], h, atol=0.006)
        before = c
    assert figures.unit_frames(HISTORY, unit=1).words != frames.words


def test_the_input_is_written_beside_the_diagram_and_the_telling_steps_are_kept():
    with_input = figures.unit_frames(HISTORY, unit=2, inputs=range(6))
    assert with_input.words[4].startswith("Step 5 of 6, input x = 4. Of the old sheet")
    assert not set(with_input.pngs) & set(figures.unit_frames(HISTORY, unit=2).pngs)
    changes = np.abs(np.diff(HISTORY.c[0, :, 2], prepend=0))
    assert with_input.keys == sorted({*np.argsort(-changes)[:3].tolist(), 5})


def test_one_unit_is_followed_over_a_trace_too_but_not_over_a_batch():
    assert len(figures.unit_frames(read_digit(), unit=5)) == 12
    two = cells.unroll("lstm", np.repeat(X, 2, axis=0), WEIGHTS)
    with pytest.raises(ValueError, match=r"one sequence; got values of shape \(2, 6, 4\)"):
        figures.unit_frames(two)


def test_the_switch_says_both_curves():
    frames = figures.switch_frames()
    assert len(frames) == len(set(frames.pngs)) == 25
    assert frames.words[12] == (
        "Sum 0: sigmoid makes it 0.50, a gate that lets 50% through; tanh makes it 0.00."
    )
    assert frames.words[16].startswith("Sum 2: sigmoid makes it 0.88")


def test_what_is_left_is_a_power_of_the_gate():
    frames = figures.left_frames([0, 0.5, 0.9, 1], ["a", "b", "c", "d"], "left")
    assert len(frames) == len(set(frames.pngs)) == 4
    assert frames.words[0] == "a: after 10 rows 0 % of the first blow is left, after 28 rows 0 %."
    assert "after 10 rows 0.195 %" in frames.words[1]  # 0.5 ** 9
    assert "after 28 rows less than 0.001 %" in frames.words[1]  # 0.5 ** 27
    assert "after 28 rows 5.81 %" in frames.words[2]
    assert frames.words[3].endswith("after 28 rows 100 %.")
    renamed = figures.left_frames([0, 0.5, 0.9, 1], ["A", "B", "C", "D"], "left")
    assert not set(frames.pngs) & set(renamed.pngs)


def test_the_kernel_has_four_blocks_of_units():
    picture = figures.kernel_picture(features=3, units=5)
    assert "20 columns wide: 5 for the input gate" in picture.words
    assert picture.png != figures.kernel_picture(features=3, units=6).png


def test_every_gate_is_replayed_and_summed_up():
    seen = read_digit()
    frames = figures.every_gate_frames(seen)
    assert len(frames) == len(set(frames.pngs)) == 12
    for t, text in enumerate(frames.words):
        assert text.startswith(f"Row {t + 1} of 12. Mean over 6 units: ")
        assert f"forget gate {seen.f[t].mean():.2f}" in text
        assert f"input gate {seen.i[t].mean():.2f}" in text
        assert f"output gate {seen.o[t].mean():.2f}" in text
        assert f"believes {seen.belief[t].argmax()} ({seen.belief[t].max():.0%})" in text


def test_every_gate_of_another_cell_is_refused():
    seen = read_digit()
    gru = SimpleNamespace(cell="gru", x=seen.x, belief=seen.belief, h=seen.h, c=None, i=None)
    for draw in (figures.every_gate_frames, figures.lstm_frames, figures.sheet_map_picture):
        with pytest.raises(ValueError, match=r"trace must be the trace of an LSTM.*of a 'gru'"):
            draw(gru)
