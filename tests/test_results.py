"""The page of results and the README say what the committed measurements say, and no more."""

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
from helpers.figures import base
from helpers.reader import shipped
from helpers.trace import trace
from tests.notebook_tools import ROOT

BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import record  # noqa: E402
import report  # noqa: E402
from train_pixels import as_pixels  # noqa: E402

RESULTS = sorted((BENCHMARKS / "results").glob("*.json"))


def test_the_page_is_what_the_results_make():
    assert report.PAGE.read_text() == report.page(), "run: uv run python benchmarks/record.py"


def test_the_readme_shows_the_results_as_they_are():
    readme = report.README.read_text()
    assert report.with_block(readme) == readme, "run: uv run python benchmarks/record.py"
    assert readme.count("<!-- results -->") == 1


def test_every_picture_of_the_page_is_there_with_words():
    shown = re.findall(r"!\[([^]]*)\]\(([^)]+)\)", report.PAGE.read_text())
    files = sorted(path.name for path in report.PICTURES.glob("*.png"))
    assert sorted(link.split("/")[-1] for _, link in shown) == files
    assert all(len(words) > 40 for words, _ in shown)


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_result_says_where_when_and_with_what_it_was_measured(path):
    saved = json.loads(path.read_text())
    about = saved["about"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", about["date"])
    assert about["processor"]
    assert about["versions"]["numpy"]
    if "runs" not in saved:  # the ingredients keep each run as they go
        script, *options = record.COMMANDS[path.stem]
        assert saved["command"] == " ".join(["python", f"benchmarks/{script}", *options])


def test_every_benchmark_that_is_recorded_is_a_script():
    for script, *_ in record.COMMANDS.values():
        assert (BENCHMARKS / script).is_file()


def result(name):
    return json.loads((BENCHMARKS / "results" / f"{name}.json").read_text())["result"]


def lesson_text(number):
    """Return a lesson's Markdown in one piece."""
    [path] = (ROOT / "notebooks").glob(f"{number:02}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def about(name):
    """Return what a shipped file says of itself."""
    with np.load(ROOT / "helpers" / "data" / f"reader_{name}.npz") as arrays:
        return json.loads(arrays["about"].item())


def text_of(*parts):
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def test_the_weights_files_say_what_their_tables_say():
    on_page, beside = report.PAGE.read_text(), text_of("helpers", "data", "README.md")
    for file in (ROOT / "helpers" / "data").glob("*.npz"):
        told = about(file.stem.removeprefix("reader_"))
        assert (
            f"| `{file.name}` | `{told['command']}` | {told['data']} | {told['seed']} | "
            f"{told['epochs']} | {told['accuracy']:.2%} | {told['accuracy_bundled']:.2%} |"
        ) in beside.splitlines()
        assert (
            f"| `{file.name}` | {told['data']} | {told['epochs']} | {told['accuracy']:.2%} | "
            f"`{told['command']}` |"
        ) in on_page.splitlines()


@pytest.mark.parametrize("name", ["pixels", "pixels_keras"])
def test_the_pixel_readers_are_as_good_as_their_table_says(name):
    """The readers by rows have theirs in test_reader.py."""
    digits, weights = small_digits(), shipped(name)
    pixels = as_pixels(np.concatenate([digits.x_train, digits.x_test]))
    labels = np.concatenate([digits.y_train, digits.y_test])
    last, _ = last_state(weights.cell, pixels, weights.cell_weights)
    said = (last @ weights.head_kernel + weights.head_bias).argmax(1)
    assert (said == labels).mean() == pytest.approx(about(name)["accuracy_bundled"], abs=5e-4)


# --- what the page may claim ---------------------------------------------------------------------


def test_no_mean_of_the_page_claims_more_than_was_counted():
    """99.498 % is not shown as 99.50 %: a mean keeps the digits that its seeds can tell apart."""
    shown = [float(mean) for mean in re.findall(r"\*\*([\d.]+)%\*\*", report.accuracy())]
    counted = []
    for name, _ in report.ACCURACIES:
        told = result(name)
        for part in (told, told.get("elsewhere")):
            if part:
                assert part["accuracy_mean"] == round(statistics.mean(part["accuracies"]), 5)
                assert part["accuracy_sd"] == round(statistics.stdev(part["accuracies"]), 5)
                counted.append(statistics.mean(part["accuracies"]))
    assert len(shown) == len(counted) and shown
    for claim, mean in zip(shown, counted, strict=True):
        assert claim - 100 * mean < 6e-4


@pytest.mark.parametrize("name", ["ingredients", "ingredients_few"])
def test_the_page_gives_the_error_of_so_many_held_back_digits(name):
    saved = json.loads((BENCHMARKS / "results" / f"{name}.json").read_text())
    scores = [run["accuracy"] for run in saved["runs"] if run["change"] == "the recipe"]
    right = np.zeros(6000)
    right[: round(6000 * statistics.mean(scores))] = 1
    error = 100 * right.std() / np.sqrt(6000)
    section = report.ingredients() if name == "ingredients" else report.few_ingredients()
    assert f"standard error is about {error:.2f} points" in section


def test_a_change_with_fewer_seeds_is_compared_with_the_recipe_of_the_same_seeds(monkeypatch):
    runs = [("the recipe", 0, 0.98), ("the recipe", 1, 0.99), ("more", 0, 0.981), ("other", 7, 0.9)]
    saved = {
        "runs": [dict(zip(("change", "seed", "accuracy"), run, strict=True)) for run in runs],
        "changes": {"the recipe": {}, "more": {}, "other": {}, "not run": {}},
        "recipe": {"epochs": 8},
        "about": json.loads(RESULTS[0].read_text())["about"],
    }
    monkeypatch.setattr(report, "read_json", lambda name: saved)
    rows = [line.split(" | ") for line in report.ingredients().splitlines() if line[:1] == "|"]
    assert [row[-1].strip(" |") for row in rows[2:]] == ["", "+0.10", ""]


def test_the_page_says_that_the_bundled_test_digits_are_among_those_it_chose_on():
    """All of the bundled set is in MNIST's first 6,000 training digits, and recipes saw those."""
    text = " ".join(report.page().split())
    assert "Recipes were chosen on the first 6,000 of MNIST's training digits" in text
    assert "with a look at their 1,000 test digits" in report.few_ingredients()
    told = result("accuracy_bundled")
    assert told["test_digits"] == 1000 and told["elsewhere"]["test_digits"] == 10_000
    shown = f"| the bundled 4,000 | {told['elsewhere']['accuracy_mean']:.2%} |"
    assert shown in report.readme_block()


def test_seconds_of_one_run_are_not_said_to_be_of_an_idle_computer():
    for name in ("seconds_full", "seconds_bundled"):
        load = json.loads((BENCHMARKS / "results" / f"{name}.json").read_text())["about"]["load"]
        assert load < 0.5 or "idle computer one run" not in report.page()


@pytest.mark.skipif(
    f"matplotlib=={importlib.metadata.version('matplotlib')}"
    not in text_of("constraints.txt").splitlines(),
    reason="another matplotlib draws letters a little differently",
)
def test_the_pictures_show_the_results_as_they_are():
    for name, (data, _) in report.pictures().items():
        now, kept = (
            np.asarray(Image.open(file).convert("L"), int)
            for file in (io.BytesIO(data), report.PICTURES / f"{name}.png")
        )
        assert now.shape == kept.shape and np.abs(now - kept).max() <= 32, (
            f"{name}.png is of older results; run: uv run python benchmarks/record.py"
        )


# --- what the lessons and the guide quote ---------------------------------------------------------


def test_lesson_6_quotes_what_was_measured():
    text = lesson_text(6)
    quoted = re.search(
        r"more than (\d+) % with the full one. \((\d+) epochs with the full set give ([\d.]+) to "
        r"([\d.]+) %, in about three minutes on two processor cores", text
    )  # fmt: skip
    full = result("accuracy_full")
    assert int(quoted[2]) == full["epochs"]
    assert float(quoted[3]) == round(100 * min(full["accuracies"]), 1)
    assert float(quoted[4]) == round(100 * max(full["accuracies"]), 1)
    assert 150 < result("seconds_full")["seconds_mean"] < 210
    [eight] = [run for run in result("time_to_accuracy")["ours"] if run["epochs"] == 8]
    assert "with the full 60,000, 8 epochs" in text and 100 * eight["accuracy"] > int(quoted[1])


def test_lessons_7_and_8_quote_the_shipped_readers():
    accuracy = {name: 100 * about(name)["accuracy"] for name in ("lstm", "pixels", "pixels_keras")}
    assert f"{accuracy['lstm']:.2f} % for MNIST's 10,000 test images" in lesson_text(7)
    assert (
        f"{accuracy['pixels_keras']:.1f} % of the ten thousand, against {accuracy['pixels']:.1f} %"
    ) in lesson_text(8)


def test_the_memory_that_a_lesson_needs_is_rounded_up():
    most = max(row["megabytes"] for row in result("lessons")["lessons"]) / 1024
    texts = lesson_text(0), text_of("docs", "teaching.md")
    said = {float(re.search(r"needs up to (\d\.\d) GB", text)[1]) for text in texts}
    assert len(said) == 1 and most <= said.pop() < most + 0.15  # it varies by 50 MB


def test_the_changelog_quotes_what_was_measured():
    text = text_of("CHANGELOG.md")
    assert f"imports take {result('imports')['import_s_median']:.1f} seconds" in text
    assert (
        "`predict` in NumPy is faster than Keras's" in text and result("cells_speed")["ratio"] > 1
    )


def test_lesson_0_says_what_the_reader_believes_of_its_seven():
    digits = small_digits()
    belief = trace(shipped(), digits.x_test[digits.y_test == 7][0]).belief
    sure = belief[:, 7] > 0.9
    assert belief[17].argmax() == 7 and sure[17:].all() and not sure[:10].any()
    sure, took = f"{belief[17, 7]:.0%}".replace("%", " %"), belief[9].argmax()
    lesson = lesson_text(0)
    assert f"After 18 rows the 7 has {sure}. " in lesson
    assert f"Go back to row 10: there the network took what it had seen for a {took}." in lesson
    guide = text_of("docs", "teaching", "lesson_00.md")
    assert f"**18** is right: it then has {sure}." in guide
    assert f"at row 10 the network took it for a {took}." in guide


def test_no_lesson_keeps_two_cores_busy_for_much_longer_than_lesson_0_says():
    assert "none keeps them busy for much longer than a minute" in lesson_text(0)
    seconds = {row["lesson"]: row["seconds"] for row in result("lessons")["lessons"]}
    assert max(seconds.values()) < 75
    assert "of which your computer trains for one." in lesson_text(6) and seconds[6] < 75
    assert "with two cores that is about a minute in all" in lesson_text(8) and seconds[8] < 75
    assert "all training together takes less than a minute" in lesson_text(9) and seconds[9] < 75


def test_lesson_6_says_how_long_its_training_takes():
    """Images a second of one run alone, times the images that the lesson trains with."""
    said = re.search(
        r"two idle processor cores about (\d+) seconds with the bundled digits and (\d+) with the",
        lesson_text(6),
    )
    bundled, full = (result(f"seconds_{data}")["images_per_s"] for data in ("bundled", "full"))
    assert 20 * 3600 / bundled == pytest.approx(int(said[1]), rel=0.25)
    assert 8 * 58_000 / full == pytest.approx(int(said[2]), rel=0.25)


def test_the_replay_is_made_as_fast_as_figures_say():
    seconds = result("replay")["frames_s"]
    assert "makes 28 frames of a four-panel figure in about 0.2 s" in " ".join(base.__doc__.split())
    assert seconds == pytest.approx(0.2, rel=0.25)


def test_lesson_8_reads_the_comparison_of_cells_as_it_is():
    text = lesson_text(8)
    cells, lower = (
        json.loads(text_of("benchmarks", f"{name}.json"))["cells"]
        for name in ("compare_cells", "compare_cells_lower_rate")
    )
    runs = {name: row["accuracies"] for name, row in (cells | {"low": lower["rnn"]}).items()}
    mean = {name: 100 * statistics.mean(scores) for name, scores in runs.items()}
    gap = re.search(r"GRU and LSTM are ([\d.]+) points apart", text)[1]
    assert f"{abs(mean['gru'] - mean['lstm']):.1f}" == gap
    assert float(gap) < 100 * statistics.stdev(runs["gru"]) + 0.05
    assert "less than half of the standard error, 0.5 points" in text
    assert f"{100 * np.sqrt(0.975 * 0.025 / 1000):.1f}" == "0.5" and float(gap) < 0.25
    assert "The plain RNN is about three points" in text
    assert [round(mean[name] - mean["rnn"]) for name in ("gru", "lstm")] == [3, 3]
    assert max(runs["rnn"]) < min(runs["gru"] + runs["lstm"])
    assert "with a fifth of the rate it is about a point worse" in text
    assert round(mean["rnn"] - mean["low"]) == 1


def test_what_lessons_say_beyond_their_cells_was_measured():
    told = result("beyond_the_cells")
    assert "Between 97 and 98 % of new digits come out right with the small set" in lesson_text(6)
    assert all(0.97 <= score < 0.98 for score in told["lesson_6_accuracies"])
    nine = lesson_text(9)
    without = f"{told['lesson_9_trained_without_mask']:.0%}".replace("%", " %")
    assert f"learns to live with the zeros; on our computer it had {without}.)" in nine
    off, nearer = ([draw[name] for draw in told["lesson_9_draws"]] for name in ("ppm", "nearer"))
    assert (
        f"with four other draws it was off by {min(off):.2f} or {max(off):.2f} ppm, and nearer in "
        f"{100 * min(nearer):.0f} % to {100 * max(nearer):.0f} % of the months"
    ) in nine
    assert len(off) == 4 and max(off) - min(off) < 0.015


def test_the_plain_rnn_fell_apart_at_the_others_rate_as_is_said():
    told = result("beyond_the_cells")["rnn_at_0.01"]
    training, test = ([run[name] for run in told["runs"]] for name in ("training", "test"))
    assert len(training) == 3 and max(training) < 2 / 3
    assert (
        "it misread more than a third of the digits that it was trained on, from each of three "
        "seeds"
    ) in lesson_text(8)
    assert (
        f"{told['epochs']} epochs, it read only {min(training):.0%} to {max(training):.0%} of its "
        f"own training images right in the last epoch, and {min(test):.0%} to {max(test):.0%} of "
        "the test images (three seeds"
    ) in text_of("helpers", "data", "README.md")


def test_lesson_8_reads_the_two_runs_of_the_comparison_as_they_are():
    idle, busy = (
        json.loads(text_of("benchmarks", f"{name}.json"))
        for name in ("compare_cells", "compare_cells_busy")
    )
    load = [float(run["hardware"].split("load ")[1].split()[0]) for run in (idle, busy)]
    assert load[0] < 2 and load[1] > 4
    for name, row in idle["cells"].items():
        assert row["accuracies"] == busy["cells"][name]["accuracies"]
    fast, slow = ({name: row["images_per_s"] for name, row in run["cells"].items()}
                  for run in (idle, busy))  # fmt: skip
    text = lesson_text(8)
    assert "The busy computer had three fifths to two thirds of the speed" in text
    shares = [slow[name] / fast[name] for name in fast]
    assert round(min(shares), 1) == 0.6 and abs(max(shares) - 2 / 3) < 0.03
    assert (
        "on the idle one the LSTM was a little ahead of the GRU, on the busy one it was behind"
        in text
    )
    assert 1 < fast["lstm"] / fast["gru"] < 1.05 and slow["lstm"] < slow["gru"]
