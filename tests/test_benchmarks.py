"""The benchmarks as programs: what they count, refuse and record, without measuring anything."""

import ast
import hashlib
import json
import math
import re
import sys
import types

import numpy as np
import pytest

from helpers.digits import small_digits
from helpers.reader import backend
from tests.notebook_tools import ROOT
from tools import arguments

BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import gpu  # noqa: E402
import ingredients  # noqa: E402
import measuring  # noqa: E402
import photos  # noqa: E402
import record  # noqa: E402
import report  # noqa: E402
import train_pixels  # noqa: E402
import train_reader  # noqa: E402
import train_shipped  # noqa: E402

H200 = "Device: GPU NVIDIA H200 (Keras on jax)."
TENSORFLOW = "Device: GPU NVIDIA H200 (Keras on tensorflow)."


def last_line(capsys):
    out = capsys.readouterr().out
    return out, json.loads(out.strip().splitlines()[-1])


SCRIPTS = [path for path in sorted(BENCHMARKS.glob("*.py")) if "__main__" in path.read_text()]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_the_last_that_a_benchmark_prints_is_json(path):
    """Whoever makes a claim of it reads that line; record.py only runs the others."""
    if path.stem == "record":
        return
    [main] = [
        part for part in ast.parse(path.read_text()).body if getattr(part, "name", "") == "main"
    ]
    prints = [node for node in ast.walk(main) if isinstance(node, ast.Call)
              and getattr(node.func, "id", "") == "print"]  # fmt: skip
    last = ast.unparse(max(prints, key=lambda node: node.lineno))
    assert last.startswith("print(json.dumps("), last
    assert "JSON" in ast.get_docstring(ast.parse(path.read_text()))


# --- the GPU -------------------------------------------------------------------------------------


@pytest.fixture
def run_gpu(monkeypatch, capsys):
    """Run gpu.py on a pretended device; nothing is trained."""
    calls = []

    def run(device, *line, seconds=lambda *call: 1.0):
        def epoch_seconds(x, y, size, precision, kernel, epochs):
            calls.append((len(x), size, precision, kernel))
            return seconds(len(x), size, precision, kernel)

        monkeypatch.setattr(gpu, "device_line", lambda: device)
        monkeypatch.setattr(gpu, "epoch_seconds", epoch_seconds)
        monkeypatch.setattr(gpu, "pipeline_seconds", lambda x, y, size: 0.25)
        monkeypatch.setattr(sys, "argv", ["gpu.py", *line])
        gpu.main()
        return *last_line(capsys), calls

    return run


@pytest.mark.parametrize("why", ["no GPU", "a driver that is too old", "a GPU that failed"])
def test_without_a_gpu_nothing_is_measured(why, run_gpu, monkeypatch, tmp_path):
    """The words of a computer without a GPU speak of one: that must not pass for one."""
    keras = types.SimpleNamespace(backend=types.SimpleNamespace(backend=lambda: "tensorflow"))
    monkeypatch.setattr(backend, "import_keras", lambda: keras)
    monkeypatch.setattr(backend, "_gpu_names", list)
    monkeypatch.setitem(backend._state, "cpu", why == "a GPU that failed")
    driver = tmp_path / "version"
    if why == "a driver that is too old":
        driver.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module 418.87")
    monkeypatch.setattr(backend, "NVIDIA_DRIVER", driver)
    device = backend.device_line()
    assert "GPU" in device
    out, result, calls = run_gpu(device)
    assert not calls and result == {"measured": False}
    assert out.startswith(f"{device} Nothing is measured without a GPU.")


def test_a_try_out_says_on_what_it_runs_and_is_no_measurement(run_gpu):
    device = "Device: CPU with 2 cores; no GPU found (Keras on tensorflow)."
    out, result, calls = run_gpu(device, "--try-out")
    assert device in out and "its seconds say nothing" in out
    assert result["measured"] is False and calls
    assert {row["share_of_peak"] for row in result["rows"]} == {None} and "unknown" in out


def test_the_work_of_an_image_is_counted_as_an_lstm_multiplies():
    """Products of 28 steps: forward, back into the weights, and back into the state."""
    rows = 0
    for _ in range(28):
        forward = 2 * (28 + 128) * 4 * 128  # [x, h] times the weights of four gates
        weights = 2 * (28 + 128) * 4 * 128  # [x, h] transposed times the gates' gradients
        state = 2 * 4 * 128 * 128  # the gates' gradients times the recurrent weights; x needs none
        rows += forward + weights + state
    assert rows / 1e6 == gpu.MFLOP and round(gpu.MFLOP, 1) == 12.6
    assert "12.6 MFLOP" in gpu.__doc__


@pytest.mark.parametrize(
    ("name", "peaks"),
    [("NVIDIA H200", (494.7, 989.4)), ("NVIDIA H200 NVL", (417.5, 835.5)),
     ("NVIDIA H100 80GB HBM3", (494.7, 989.4)), ("NVIDIA H100 PCIe", (378, 756)),
     ("NVIDIA A100-SXM4-40GB", (156, 312)), ("Tesla T4", (8.1, 65)), ("NVIDIA L4", (60, 121)),
     ("Tesla V100-SXM2-16GB", (15.7, 125)), ("NVIDIA L40S", None), ("NVIDIA GH200 480GB", None),
     ("NVIDIA H200 MIG 1g.18gb", None), ("NVIDIA GeForce RTX 4090", None), ("of no name", None)],
)  # fmt: skip
def test_a_card_is_known_by_its_whole_name_or_said_to_be_unknown(name, peaks):
    assert gpu.peaks_of(f"Device: GPU {name} (Keras on tensorflow).") == peaks
    assert gpu.peaks_of(f"Device: GPU {name}, GPU {name} (Keras on jax).") == peaks


def test_each_precision_has_its_peak_and_each_kernel_its_floor(run_gpu):
    def seconds(images, size, precision, kernel):
        if size == 1:  # 256 updates with one image each
            return 0.256 if kernel == "auto" else 2.56
        return 0.5

    _, result, _ = run_gpu(TENSORFLOW, "--batch", "128", "4096", seconds=seconds)
    rows = {(row["precision"], row["kernel"], row["batch"]): row for row in result["rows"]}
    assert len(rows) == 8 and result["measured"] is True
    speed = 468 * 128 / 0.5
    for precision, peak in (("float32", 494.7), ("mixed_float16", 989.4)):
        row = rows[precision, "cuDNN where it can", 128]
        assert row["images_per_s"] == round(speed)
        assert math.isclose(row["share_of_peak"], speed * 12.61568 / 1e6 / peak, abs_tol=1e-6)
        assert math.isclose(row["floor_s"], 0.468)
        assert math.isclose(rows[precision, "plain loop", 128]["floor_s"], 4.68)
        assert math.isclose(rows[precision, "plain loop", 4096]["floor_s"], 0.14)


class ResourceExhaustedError(Exception):
    """Named as TensorFlow's own."""


def test_what_does_not_run_says_so_in_its_row_and_costs_no_other(run_gpu, monkeypatch, tmp_path):
    def seconds(images, size, precision, kernel):
        if size == 4096:
            raise ResourceExhaustedError("OOM when allocating tensor with shape[4096,512]")
        if precision == "mixed_bfloat16" and kernel == "auto":
            raise ValueError("no kernel\nfor | bfloat16" + " and more" * 40)
        return 0.5

    line = ("--precision", "float32", "mixed_bfloat16", "--batch", "128", "4096")
    out, result, _ = run_gpu(TENSORFLOW, *line, seconds=seconds)
    said = [row.get("failed") for row in result["rows"]]
    assert said[:2] == [None, "out of memory"] and said[4:] == [None, "out of memory"] * 2
    assert said[2] == said[3] and said[2].startswith("ValueError: no kernel for | bfloat16")
    assert len(said[2]) == 90 and out.count("out of memory") == 2 * 3 and "Traceback" not in out
    # the page made of it
    about = {"date": "2026-11-29", "processor": "P", "cores": 16, "load": 0.1, "python": "3.11.7",
             "versions": {"jax": "0.8.0"}}  # fmt: skip
    saved = {"command": "python benchmarks/gpu.py", "about": about, "result": result}
    monkeypatch.setattr("report.read_json", lambda name: json.loads(json.dumps(saved)))
    monkeypatch.setitem(saved["result"], "images_per_s", {"ours": 2, "PyTorch": 1})
    monkeypatch.setitem(saved["result"], "pytorch", {"version": "2", "threads": 2})
    monkeypatch.setitem(saved["result"], "ratio", 2)
    text = report.training_speed().split("### On a GPU")[1]
    assert "NVIDIA H200" in text and "494.7 TFLOPS" in text and "None" not in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + 8 and {line.count("|") for line in table} == {8}
    assert sum("out of memory" in line for line in table) == 3
    assert "0.25 s (batch 4,096)" in text


def test_jax_is_not_asked_for_what_its_cudnn_would_misread(run_gpu):
    _, result, calls = run_gpu(H200, "--batch", "128")
    failed = [row.get("failed") for row in result["rows"]]
    assert failed == [None, "JAX hands cuDNN's LSTM float32 alone", None, None]
    assert ("mixed_float16", "auto") not in {call[2:] for call in calls}


def test_a_time_that_is_over_leaves_what_was_measured(run_gpu, monkeypatch):
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(gpu.time, "perf_counter", lambda: next(clock))
    _, result, _ = run_gpu(TENSORFLOW, "--batch", "128", "--seconds", "250")
    failed = [row.get("failed") for row in result["rows"]]
    assert failed == [None, None, "not begun within 250 s", "not begun within 250 s"]


# --- what is counted -----------------------------------------------------------------------------


def digits(first, last, small):
    images = np.arange(first, last, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    labels = np.arange(len(images)) % 10
    return types.SimpleNamespace(x_train=images[:-4], y_train=labels[:-4], x_test=images[-4:],
                                 y_test=labels[-4:], small=small)  # fmt: skip


@pytest.fixture
def mnist(monkeypatch):
    """Let a made-up set pass for MNIST."""

    def passes(digits):
        found = hashlib.sha256()
        for name in ("x_train", "y_train", "x_test", "y_test"):
            found.update(getattr(digits, name).tobytes())
        monkeypatch.setattr(arguments, "MNIST_SHA256", found.hexdigest())
        return digits

    return passes


def test_bundled_readers_are_counted_elsewhere_only_on_mnist_that_is_not_bundled(mnist):
    small = digits(0, 20, small=True)
    assert train_reader.unseen(small, mnist(small)) is None
    assert train_reader.unseen(small, mnist(digits(2, 19, small=False))) is None  # overlapping
    images, labels = train_reader.unseen(small, mnist(digits(30, 60, small=False)))
    assert len(images) == len(labels) == 4 and images.min() == 56
    assert train_reader.unseen(small, digits(31, 60, small=False)) is None  # somebody's own


def test_digits_of_ones_own_are_not_said_to_be_mnist_or_the_bundled_ones(mnist):
    assert train_reader.name_of(digits(0, 20, small=True)) == "own"
    assert train_reader.name_of(digits(0, 200, small=False)) == "own"
    assert train_reader.name_of(small_digits()) == "bundled"
    assert train_reader.name_of(mnist(digits(0, 200, small=False))) == "full"


def test_one_label_or_another_order_is_not_mnist(mnist):
    whole = mnist(digits(0, 60, small=False))
    assert arguments.is_mnist(whole)
    for part in ("x_train", "y_train", "x_test", "y_test"):
        other = types.SimpleNamespace(**vars(whole) | {part: getattr(whole, part)[::-1]})
        assert not arguments.is_mnist(other), part


def test_predictions_are_counted_against_their_labels():
    logits = np.eye(10)[[3, 1, 4, 1]]
    model = types.SimpleNamespace(predict=lambda x, **how: logits)
    assert measuring.share_right(model, None, np.uint8([3, 1, 4, 5])) == 0.75


# --- stopped in the middle -----------------------------------------------------------------------


@pytest.mark.parametrize("path", [p for p in SCRIPTS if p.stem != "record"], ids=lambda p: p.stem)
def test_no_benchmark_takes_a_training_that_was_stopped_for_a_whole_one(path):
    """helpers.reader.train_reader returns at Ctrl-C; measuring.train_whole does not."""
    names = {
        alias.name
        for part in ast.walk(ast.parse(path.read_text()))
        if isinstance(part, ast.ImportFrom)
        for alias in part.names
    }
    assert "train_reader" not in names


def test_a_stopped_training_ends_the_script(monkeypatch, capsys):
    done = {"loss": [1.0] * 18}
    monkeypatch.setattr(measuring, "train_reader", lambda *given, **how: done)
    assert measuring.train_whole(None, np.zeros(60_000), None) is done
    assert measuring.train_whole(None, np.zeros(9), None, epochs=18) is done
    for history, epochs in (({"loss": [1.0] * 2}, 2), ({}, 0)):
        monkeypatch.setattr(measuring, "train_reader", lambda *given, was=history, **how: was)
        with pytest.raises(SystemExit, match=f"stopped after {epochs} of 3 epochs: nothing of it"):
            measuring.train_whole(None, np.zeros(9), None, epochs=3)


def test_weights_of_a_stopped_training_are_not_saved(monkeypatch, tmp_path):
    out = tmp_path / "reader.npz"
    monkeypatch.setattr(sys, "argv", ["train_shipped.py", "--epochs", "3", "--out", str(out)])
    found = types.SimpleNamespace(x_train=np.zeros((6009, 28, 28)), y_train=np.zeros(6009))
    monkeypatch.setattr(arguments, "need_digits", lambda parser, full: found)
    monkeypatch.setattr(train_shipped, "import_keras", lambda: None)
    monkeypatch.setattr(train_shipped, "build_reader", lambda *given, **how: None)
    monkeypatch.setattr(measuring, "train_reader", lambda *given, **how: {"loss": [1.0]})
    with pytest.raises(SystemExit, match="stopped after 1 of 3 epochs"):
        train_shipped.main()
    assert not list(tmp_path.iterdir())


def test_a_pixel_reader_goes_on_from_a_run_like_its_own_and_from_no_other():
    settings = {"seed": 0, "units": 64, "epochs": 20, "batch": 128, "peak": 0.005,
                "hold_back": False, "start": "long"}  # fmt: skip
    changes = {"seed": 1, "units": 32, "epochs": 2, "batch": 64, "peak": 0.01,
               "hold_back": True, "start": "keras"}  # fmt: skip
    source = (BENCHMARKS / "train_pixels.py").read_text()
    options = re.findall(r'add_argument\("--([a-z-]+)"', source)
    assert {name.replace("-", "_") for name in options} - {"out", "keep"} == settings.keys()
    names = {train_pixels.run_of(types.SimpleNamespace(**settings | {name: value}))
             for name, value in changes.items()}  # fmt: skip
    names.add(train_pixels.run_of(types.SimpleNamespace(**settings, out="a", keep="b")))
    assert len(names) == 1 + len(changes)
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names)
    # Keras deletes the folder that it is given, with all that is in it.
    assert "checkpoint = arguments.keep / run_of(arguments)\n" in source
    assert "BackupAndRestore(checkpoint, double_checkpoint=True)" in source


@pytest.fixture
def run_ingredients(monkeypatch, capsys):
    """Run ingredients.py; nothing is trained."""
    trained = []

    def run(*line, stop_at=99):
        def score(how, digits, chosen, seed):
            trained.append((how["units"], how["epochs"], seed))
            if len(trained) == stop_at:
                raise KeyboardInterrupt
            return {"accuracy": 0.99, "seconds": 1.0}

        trained.clear()
        monkeypatch.setattr(ingredients, "score", score)
        monkeypatch.setattr(ingredients, "need_digits", lambda parser, full: None)
        monkeypatch.setattr(sys, "argv", ["ingredients.py", *map(str, line)])
        ingredients.main()
        return trained

    return run


SOME = ("--seeds", "2", "--only", "64 units", "18 epochs", "64 units")


def test_ingredients_touch_no_result_of_the_page_unasked(run_ingredients, capsys):
    before = {path: path.read_bytes() for path in (BENCHMARKS / "results").iterdir()}
    assert run_ingredients(*SOME) == [(64, 8, 0), (128, 18, 0), (64, 8, 1), (128, 18, 1)]
    _, table = last_line(capsys)
    assert [(row["change"], row["seeds"]) for row in table] == [("64 units", 2), ("18 epochs", 2)]
    assert before == {path: path.read_bytes() for path in (BENCHMARKS / "results").iterdir()}


def test_ingredients_that_are_stopped_go_on_where_they_were(run_ingredients, tmp_path, capsys):
    keep = tmp_path / "runs.json"
    with pytest.raises(KeyboardInterrupt):
        run_ingredients(*SOME, "--keep", keep, stop_at=3)
    assert len(json.loads(keep.read_text())["runs"]) == 2
    assert run_ingredients(*SOME, "--keep", keep) == [(64, 8, 1), (128, 18, 1)]
    assert run_ingredients(*SOME, "--keep", keep) == []
    assert [row["seeds"] for row in last_line(capsys)[1]] == [2, 2]
    assert [*tmp_path.iterdir()] == [keep]


def other(saved, **parts):
    return json.dumps(saved | parts)


SPOILED = {
    "half": (lambda saved: json.dumps(saved)[:99], "holds no runs of this script, or is damaged"),
    "no object": (lambda saved: "[1]", "holds no runs of this script, or is damaged"),
    "other things": (lambda saved: '{"runs": 3}', "holds no runs of this script, or is damaged"),
    "no score": (lambda saved: other(saved, runs=[{"change": "64 units", "seed": 0}]),
                 "holds no runs of this script, or is damaged"),
    "another recipe": (lambda saved: other(saved, recipe=saved["recipe"] | {"epochs": 9}),
                       "holds runs of another recipe"),
    "another change": (lambda saved: other(saved, changes=saved["changes"] | {
                       "64 units": {"units": 65}}), "holds runs of '64 units', which is not"),
    "other versions": (lambda saved: other(saved, about={"versions": {"keras": "2.0"}}),
                       "holds runs with other versions of keras"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "says"), SPOILED.values(), ids=SPOILED)
def test_ingredients_add_nothing_to_runs_that_are_not_theirs(
    spoil, says, run_ingredients, tmp_path, capsys
):
    keep = tmp_path / "runs.json"
    run_ingredients("--seeds", 1, "--only", "64 units", "--keep", keep)
    keep.write_text(spoil(json.loads(keep.read_text())))
    before = keep.read_bytes()
    with pytest.raises(SystemExit) as ended:
        run_ingredients(*SOME, "--keep", keep)
    assert ended.value.code == 2 and keep.read_bytes() == before
    assert f"{keep} {says}" in capsys.readouterr().err


def test_the_committed_ingredients_can_be_gone_on_with():
    """What no longer fits would have to be measured anew, all of it."""
    for name, recipe, changes in (
        ("ingredients", ingredients.RECIPE, ingredients.CHANGES),
        ("ingredients_few", ingredients.FEW, ingredients.FEW_CHANGES),
    ):
        saved = json.loads((BENCHMARKS / "results" / f"{name}.json").read_text())
        assert saved["recipe"] == recipe
        for change in {run["change"] for run in saved["runs"]}:
            assert saved["changes"][change] == changes[change]
        runs = [(run["change"], run["seed"]) for run in saved["runs"]]
        assert len(set(runs)) == len(runs), "no run counts twice"


def test_what_is_named_twice_counts_once(run_gpu, monkeypatch, capsys):
    _, result, _ = run_gpu(TENSORFLOW, "--batch", "128", "128", "--precision", *["float32"] * 2)
    assert len(result["rows"]) == 2  # two kernels
    line = ["photos.py", "--photos", "1", "--seeds", "7", "7", "--kinds", *["thin pen"] * 2]
    monkeypatch.setattr(sys, "argv", line)
    monkeypatch.setattr(photos, "photograph", lambda *given: b"")
    monkeypatch.setattr(photos, "read", lambda *given: (1, False))
    photos.main()
    assert last_line(capsys)[1]["photos"] == 1


def test_spread_is_the_sample_standard_deviation():
    told = train_reader.summary([0.98, 0.99, 1.0])
    assert told["accuracy_mean"] == 0.99 and told["accuracy_sd"] == 0.01
    assert train_reader.summary([0.98])["accuracy_sd"] is None


# --- what is recorded ----------------------------------------------------------------------------

GOOD = "print('a table'); print('{\"value\": 1}')"
FAULTS = {
    "fails": ("raise SystemExit(3)", "bad.py stopped with 3"),
    "is killed": ("import os; os.kill(os.getpid(), 9)", "bad.py stopped with -9"),
    "prints half": ("print('{\"value\": ')", "the last line of bad.py is no JSON"),
    "prints nothing": ("", "the last line of bad.py is no JSON"),
    "measures nothing": ("print('{\"measured\": false}')", "bad.py measured nothing"),
    "ends with a number": ("print(3)", "bad.py measured nothing"),
}


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """A folder of benchmarks with two scripts and a result of each."""
    folder = tmp_path / "benchmarks"
    (folder / "results").mkdir(parents=True)
    (folder / "good.py").write_text(GOOD)
    for name in ("good", "bad", "later"):
        (folder / "results" / f"{name}.json").write_text("as it was")
    monkeypatch.setattr(record, "FOLDER", folder)
    monkeypatch.setattr(record, "RESULTS", folder / "results")
    commands = {"good": ["good.py"], "bad": ["bad.py"], "later": ["good.py"]}
    monkeypatch.setattr(record, "COMMANDS", commands)
    pages = []
    monkeypatch.setattr(record, "write_page", lambda: pages.append(1))
    monkeypatch.setattr(sys, "argv", ["record.py", "good", "bad", "later"])
    return folder, pages


@pytest.mark.parametrize(("script", "says"), FAULTS.values(), ids=FAULTS)
def test_what_fails_records_nothing_and_keeps_what_came_before(script, says, workshop, capsys):
    folder, pages = workshop
    (folder / "bad.py").write_text(script)
    with pytest.raises(SystemExit) as ended:
        record.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"{says}: nothing was recorded for bad.\n"
    results = {path.name: path.read_text() for path in (folder / "results").iterdir()}
    assert results.keys() == {"good.json", "bad.json", "later.json"}, "nothing half is left"
    assert json.loads(results["good.json"])["result"] == {"value": 1}
    assert results["bad.json"] == results["later.json"] == "as it was"
    assert pages == [1], "the page shows what was recorded before"


def test_an_interrupt_records_nothing_and_shows_no_traceback(workshop, monkeypatch, capsys):
    folder, pages = workshop

    def stopped(*line, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(record.subprocess, "run", stopped)
    with pytest.raises(SystemExit) as ended:
        record.main()
    assert ended.value.code == 1 and pages == [1]
    assert capsys.readouterr().err == "good.py was stopped: nothing was recorded for good.\n"
    assert (folder / "results" / "good.json").read_text() == "as it was"


def test_a_result_that_tells_less_does_not_take_the_place_of_one_that_tells_more(
    workshop, monkeypatch, capsys
):
    """Without MNIST the bundled readers are not counted on its test digits."""
    folder, _ = workshop
    good = folder / "results" / "good.json"
    good.write_text(json.dumps({"result": {"value": 0, "elsewhere": {}}}))
    before = good.read_bytes()
    monkeypatch.setattr(sys, "argv", ["record.py", "good"])
    with pytest.raises(SystemExit):
        record.main()
    assert "good.py did not give elsewhere, which the result" in capsys.readouterr().err
    assert good.read_bytes() == before
    good.write_text(json.dumps({"result": {"value": 0}}))
    record.main()
    assert json.loads(good.read_text())["result"] == {"value": 1}


def test_the_readme_shows_no_count_on_digits_that_recipes_were_chosen_on(monkeypatch):
    def without(name):
        saved = measuring.read_json(name)
        if name == "accuracy_bundled":
            saved["result"].pop("elsewhere")
        return saved

    assert "the bundled 4,000" in report.readme_block()
    monkeypatch.setattr(report, "read_json", without)
    assert "the bundled 4,000" not in report.readme_block()
    assert "| 1,000 |" not in report.readme_block()


@pytest.mark.parametrize("ends", [0, 3])
def test_what_keeps_its_own_runs_is_not_written_over(ends, workshop, monkeypatch, capsys):
    folder, pages = workshop
    (folder / "good.py").write_text(
        f"import pathlib, sys; pathlib.Path(sys.argv[2]).write_text('runs'); sys.exit({ends})"
    )
    monkeypatch.setattr(record, "KEPT", {"good"})
    line = ["good.py", "--keep", "benchmarks/results/good.json"]
    monkeypatch.setattr(record, "COMMANDS", {"good": line})
    monkeypatch.setattr(sys, "argv", ["record.py", "good"])
    if ends:
        with pytest.raises(SystemExit):
            record.main()
        said = "good.py stopped with 3: finished runs are kept for good.\n"
        assert capsys.readouterr().err == said
    else:
        record.main()
    assert (folder / "results" / "good.json").read_text() == "runs" and pages == [1]


def test_ingredients_are_recorded_into_the_files_of_the_page():
    for name in record.KEPT:
        script, *options = record.COMMANDS[name]
        assert script == "ingredients.py" and ("--few" in options) == name.endswith("few")
        assert options[-2:] == ["--keep", f"benchmarks/results/{name}.json"]
        assert f"`python benchmarks/record.py {name}`" in report.PAGE.read_text()


def test_the_digits_path_is_meant_from_where_one_stands(workshop, monkeypatch, tmp_path):
    folder, _ = workshop
    (folder / "good.py").write_text(
        "import os, json; print(json.dumps({'at': os.environ['MNIST_NPZ']}))"
    )
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MNIST_NPZ", "mnist.npz")
    assert record.record("good") is None
    saved = json.loads((folder / "results" / "good.json").read_text())
    assert saved["result"]["at"] == str(folder / "mnist.npz")


@pytest.mark.parametrize("gone", ["one after the other", "all"])
def test_what_was_not_measured_is_said_and_the_page_is_made(gone, monkeypatch):
    there = {path.stem: path for path in (BENCHMARKS / "results").glob("*.json")}
    made = report.pictures()
    monkeypatch.setattr(report, "pictures", lambda: made)
    for name in [[name] for name in there] if gone != "all" else [there]:
        monkeypatch.setattr(report, "read_json", lambda wanted, without=name: (
            None if wanted in without else measuring.read_json(wanted)))  # fmt: skip
        for text in (report.page(), report.with_machines(report.CLASSROOM.read_text("utf-8")),
                     report.with_block(report.README.read_text("utf-8"))):  # fmt: skip
            assert text.strip()
    if gone == "all":
        assert report.page().count(report.NOT_YET) >= len(report.SECTIONS) - 2


def test_a_page_that_cannot_be_made_leaves_all_files_as_they_were(tmp_path, monkeypatch):
    paths = {name: tmp_path / f"{name.lower()}.md" for name in ("PAGE", "README", "CLASSROOM")}
    for name, path in paths.items():
        path.write_text("as it was")
        monkeypatch.setattr(report, name, path)
    monkeypatch.setattr(report, "PICTURES", tmp_path / "pictures")
    monkeypatch.setattr(report, "pictures", lambda: {"a": (b"picture", "words")})

    def fail():
        raise KeyError("a result lacks something")

    monkeypatch.setattr(report, "page", fail)
    with pytest.raises(KeyError):
        report.write_page()
    assert {path.read_text() for path in paths.values()} == {"as it was"}
    assert not (tmp_path / "pictures").exists()
