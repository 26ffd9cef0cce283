"""What is generated from the committed results is current, and lessons say what was measured."""

import json
import sys

import numpy as np
import pytest

from helpers.digits import small_digits
from helpers.reader import shipped, shipped_pixel_reader
from rnnscope.cells import last_state
from tests.notebook_tools import ROOT

BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import results_page  # noqa: E402
from train_pixels import as_pixels  # noqa: E402

ANEW = "run: uv run python benchmarks/results_page.py"


def test_what_is_made_of_the_results_is_current():
    assert results_page.PAGE.read_text() == results_page.page(), ANEW
    for path, made in (
        (results_page.README, results_page.with_block),
        (results_page.CLASSROOM, results_page.with_machines),
    ):
        text = path.read_text(encoding="utf-8")
        assert made(text) == text and text.count("<!-- /") >= 1, ANEW


def about(name):
    """Return what a shipped file says of itself."""
    return results_page.shipped()[f"reader_{name}.npz"]


@pytest.mark.parametrize("name", ["pixels", "pixels_keras"])
def test_the_pixel_readers_are_as_good_as_their_table_says(name):
    """The readers by rows have theirs in test_reader.py."""
    digits, weights = small_digits(), shipped(name)
    pixels = as_pixels(np.concatenate([digits.x_train, digits.x_test]))
    labels = np.concatenate([digits.y_train, digits.y_test])
    last, _ = last_state(weights.cell, pixels, weights.cell_weights)
    said = (last @ weights.head_kernel + weights.head_bias).argmax(1)
    assert (said == labels).mean() == pytest.approx(about(name)["accuracy_bundled"], abs=5e-4)


@pytest.mark.deep
def test_the_reader_of_all_pixels_is_as_good_as_its_table_says_and_keras_agrees():
    digits, reader = small_digits(), shipped_pixel_reader()
    images = np.concatenate([digits.x_train, digits.x_test])
    labels = np.concatenate([digits.y_train, digits.y_test])
    said = reader.predict(images)
    assert (said == labels).mean() == pytest.approx(about("pixels_mingru")["accuracy_bundled"])
    x = (images[:20] / 255).astype("float32").reshape(20, 784, 1)
    logits = np.asarray(reader.to_keras()(x))
    assert (logits.argmax(axis=1) == said[:20]).all()
    before = np.log(reader.trace(images[3]).belief[-1])  # beliefs are logits but for a constant
    np.testing.assert_allclose(np.diff(before), np.diff(logits[3]), atol=1e-4)


# --- what the lessons quote -----------------------------------------------------------------------


def lesson_text(number):
    """Return a lesson's Markdown in one piece."""
    [path] = (ROOT / "notebooks").glob(f"{number:02}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def quotes():
    """Give lesson numbers and words of theirs, made from what was measured."""
    full, beyond = results_page.result("accuracy_full"), results_page.result("beyond_the_cells")
    first, last = (f"{100 * pick(full['accuracies']):.1f}" for pick in (min, max))
    yield 6, f"({full['epochs']} epochs with the full set give {first} to {last} %, in about three"
    for name, lesson, words in (
        ("lstm", 7, "{:.2f} % for MNIST's 10,000 test images"),
        ("pixels_keras", 8, "{:.1f} % of the ten thousand, against"),
        ("pixels", 8, "against {:.1f} %"),
        ("pixels_mingru", 8, "{:.1f} % of the ten thousand, after 15 minutes"),
    ):
        yield lesson, words.format(100 * about(name)["accuracy"])
    without = 100 * beyond["lesson_9_trained_without_mask"]
    yield 9, f"learns to live with the zeros; on our computer it had {without:.0f} %.)"
    off, near = ([draw[name] for draw in beyond["lesson_9_draws"]] for name in ("ppm", "nearer"))
    yield 9, f"with four other draws it was off by {min(off):.2f} or {max(off):.2f} ppm, and nearer"
    yield 9, f"in {100 * min(near):.0f} % to {100 * max(near):.0f} % of the months"
    most = max(row["megabytes"] for row in results_page.result("lessons")["lessons"]) / 1024
    # A run varies by 50 MB.
    yield 0, f"needs up to {np.ceil(10 * (most + 0.05)) / 10:.1f} GB"


@pytest.mark.parametrize(("number", "words"), [*quotes()], ids=lambda part: str(part)[:30])
def test_a_lesson_quotes_what_was_measured(number, words):
    assert words in lesson_text(number)
