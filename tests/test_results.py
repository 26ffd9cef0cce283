"""What is generated from the committed results is current, and lessons say what was measured."""

import importlib.metadata
import io
import json
import re
import statistics
import sys

import numpy as np
import pytest
from PIL import Image

from helpers.cells import last_state
from helpers.digits import small_digits
from helpers.reader import shipped
from helpers.trace import trace
from tests.notebook_tools import ROOT

BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import results_page  # noqa: E402
from train_pixels import as_pixels  # noqa: E402

RESULTS = sorted((BENCHMARKS / "results").glob("*.json"))
ANEW = "run: uv run python benchmarks/results_page.py"


def test_what_is_made_of_the_results_is_current():
    assert results_page.PAGE.read_text() == results_page.page(), ANEW
    for path, made in (
        (results_page.README, results_page.with_block),
        (results_page.CLASSROOM, results_page.with_machines),
    ):
        text = path.read_text(encoding="utf-8")
        assert made(text) == text and text.count("<!-- /") >= 1, ANEW


@pytest.mark.skipif(
    f"matplotlib=={importlib.metadata.version('matplotlib')}"
    not in (ROOT / "constraints.txt").read_text().splitlines(),
    reason="another matplotlib draws letters a little differently",
)
def test_the_pictures_show_the_results_as_they_are():
    assert {
        path.stem for path in results_page.PICTURES.glob("*.png")
    } == results_page.PICTURED.keys()
    for name, draw in results_page.PICTURED.items():
        now, kept = (
            np.asarray(Image.open(file).convert("L"), int)
            for file in (io.BytesIO(draw()[0]), results_page.PICTURES / f"{name}.png")
        )
        assert now.shape == kept.shape and np.abs(now - kept).max() <= 32, f"{name}.png; {ANEW}"


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_result_says_how_where_and_when_it_was_measured(path):
    saved = json.loads(path.read_text())
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", saved["about"]["date"])
    assert saved["about"]["processor"] and saved["about"]["versions"]["numpy"]
    python, script = saved["command"].split()[:2]
    assert python == "python" and (ROOT / script).is_file()


@pytest.mark.parametrize("path", [p for p in RESULTS if p.stem.startswith("accuracy")],
                         ids=lambda path: path.stem)  # fmt: skip
def test_a_mean_and_its_spread_are_those_of_the_seeds(path):
    told = json.loads(path.read_text())["result"]
    for part in filter(None, (told, told.get("elsewhere"))):
        assert part["accuracy_mean"] == round(statistics.mean(part["accuracies"]), 5)
        assert part["accuracy_sd"] == round(statistics.stdev(part["accuracies"]), 5)


def test_a_change_is_compared_with_the_recipe_of_the_same_seeds(monkeypatch):
    runs = [("the recipe", 0, 0.98), ("the recipe", 1, 0.99), ("more", 0, 0.981), ("other", 7, 0.9)]
    saved = {
        "runs": [dict(zip(("change", "seed", "accuracy"), run, strict=True)) for run in runs],
        "changes": {"the recipe": {}, "more": {}, "other": {}, "not run": {}},
        "recipe": {"epochs": 8},
    }
    monkeypatch.setattr(results_page, "read_json", lambda name: saved)
    told = results_page.ingredients("any")
    assert [row["gain"] for row in told["rows"]] == [None, pytest.approx(0.1), None]
    right = np.arange(6000) < 6000 * 0.985
    assert told["error"] == pytest.approx(100 * right.std() / np.sqrt(6000))


def about(name):
    """Return what a shipped file says of itself."""
    return results_page.shipped()[f"reader_{name}.npz"]


def test_the_weights_files_say_what_their_table_says():
    lines = (ROOT / "helpers" / "data" / "README.md").read_text(encoding="utf-8").splitlines()
    for file, told in results_page.shipped().items():
        assert (
            f"| `{file}` | `{told['command']}` | {told['data']} | {told['seed']} | "
            f"{told['epochs']} | {told['accuracy']:.2%} | {told['accuracy_bundled']:.2%} |"
        ) in lines


@pytest.mark.parametrize("name", ["pixels", "pixels_keras"])
def test_the_pixel_readers_are_as_good_as_their_table_says(name):
    """The readers by rows have theirs in test_reader.py."""
    digits, weights = small_digits(), shipped(name)
    pixels = as_pixels(np.concatenate([digits.x_train, digits.x_test]))
    labels = np.concatenate([digits.y_train, digits.y_test])
    last, _ = last_state(weights.cell, pixels, weights.cell_weights)
    said = (last @ weights.head_kernel + weights.head_bias).argmax(1)
    assert (said == labels).mean() == pytest.approx(about(name)["accuracy_bundled"], abs=5e-4)


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
    ):
        yield lesson, words.format(100 * about(name)["accuracy"])
    without = 100 * beyond["lesson_9_trained_without_mask"]
    yield 9, f"learns to live with the zeros; on our computer it had {without:.0f} %.)"
    off, near = ([draw[name] for draw in beyond["lesson_9_draws"]] for name in ("ppm", "nearer"))
    yield 9, f"with four other draws it was off by {min(off):.2f} or {max(off):.2f} ppm, and nearer"
    yield 9, f"in {100 * min(near):.0f} % to {100 * max(near):.0f} % of the months"
    digits = small_digits()
    belief = trace(shipped(), digits.x_test[digits.y_test == 7][0]).belief
    yield 0, f"After 18 rows the 7 has {100 * belief[17, 7]:.0f} %. "
    yield (
        0,
        f"Go back to row 10: there the network took what it had seen for a {belief[9].argmax()}.",
    )
    most = max(row["megabytes"] for row in results_page.result("lessons")["lessons"]) / 1024
    # A run varies by 50 MB.
    yield 0, f"needs up to {np.ceil(10 * (most + 0.05)) / 10:.1f} GB"


@pytest.mark.parametrize(("number", "words"), [*quotes()], ids=lambda part: str(part)[:30])
def test_a_lesson_quotes_what_was_measured(number, words):
    assert words in lesson_text(number)


def test_lesson_8_reads_the_comparison_of_cells_as_it_is():
    idle, busy, lower = (
        results_page.result(f"compare_cells{end}")["cells"] for end in ("", "_busy", "_lower_rate")
    )
    mean = {name: 100 * statistics.mean(row["accuracies"]) for name, row in idle.items()}
    text = lesson_text(8)
    assert f"GRU and LSTM are {abs(mean['gru'] - mean['lstm']):.1f} points apart" in text
    assert "The plain RNN is about three points" in text
    assert [round(mean[name] - mean["rnn"]) for name in ("gru", "lstm")] == [3, 3]
    assert "with a fifth of the rate it is about a point worse" in text
    assert round(mean["rnn"] - 100 * statistics.mean(lower["rnn"]["accuracies"])) == 1
    assert "The busy computer had three fifths to two thirds of the speed" in text
    assert "on the idle one the LSTM was a little ahead of the GRU, on the busy one it was" in text
    shares = [busy[name]["images_per_s"] / idle[name]["images_per_s"] for name in idle]
    assert round(min(shares), 1) == 0.6 and abs(max(shares) - 2 / 3) < 0.03
