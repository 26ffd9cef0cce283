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
from tests.notebook_tools import ROOT

BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import gpu  # noqa: E402
import ingredients  # noqa: E402
import measuring  # noqa: E402
import results_page  # noqa: E402
import train_pixels  # noqa: E402
import train_reader  # noqa: E402
import train_shipped  # noqa: E402

DEVICE = "Device: GPU NVIDIA H200 (Keras on {})."

# --- what is counted -----------------------------------------------------------------------------


def digits(first, last):
    images = np.arange(first, last, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
    labels = np.arange(len(images)) % 10
    return types.SimpleNamespace(x_train=images[:-4], y_train=labels[:-4], x_test=images[-4:],
                                 y_test=labels[-4:])  # fmt: skip


@pytest.fixture
def mnist(monkeypatch):
    """Let a made-up set pass for MNIST."""

    def passes(digits):
        arrays = (digits.x_train, digits.y_train, digits.x_test, digits.y_test)
        found = hashlib.sha256(b"".join(array.tobytes() for array in arrays))
        monkeypatch.setattr(measuring, "MNIST_SHA256", found.hexdigest())
        return digits

    return passes


def test_only_mnist_in_its_order_is_mnist_and_counts_what_is_not_bundled(mnist):
    small = digits(0, 20)
    assert train_reader.unseen(small, mnist(digits(2, 19))) is None  # overlapping
    images, labels = train_reader.unseen(small, mnist(digits(30, 60)))
    assert len(images) == len(labels) == 4 and images.min() == 56
    assert train_reader.unseen(small, digits(31, 60)) is None  # somebody's own
    whole = mnist(digits(0, 200))
    assert train_reader.name_of(whole) == "full"
    assert train_reader.name_of(small) == "own"
    assert train_reader.name_of(small_digits()) == "bundled"
    for part in ("x_train", "y_train", "x_test", "y_test"):
        other = types.SimpleNamespace(**vars(whole) | {part: getattr(whole, part)[::-1]})
        assert not measuring.is_mnist(other), part


def test_predictions_are_counted_and_spread_is_the_sample_standard_deviation():
    seen = []
    model = types.SimpleNamespace(predict=lambda x, **how: seen.append(x) or np.eye(10)[[3, 1, 4]])
    right = measuring.share_right(model, np.full((3, 3, 2), 255, np.uint8), [3, 1, 5])
    assert right == 2 / 3 and seen[0].dtype == np.float32 and seen[0].max() == 1
    told = train_reader.summary([0.98, 0.99, 1.0])
    assert told["accuracy_mean"] == 0.99 and told["accuracy_sd"] == 0.01


# --- stopped in the middle -----------------------------------------------------------------------


def test_only_what_ends_with_a_stopped_training_trains():
    """helpers.reader.train_reader returns at Ctrl-C; measuring.train_whole does not."""
    trains = {path.stem for path in BENCHMARKS.glob("*.py")
              for part in ast.walk(ast.parse(path.read_text())) if isinstance(part, ast.ImportFrom)
              if "train_reader" in {alias.name for alias in part.names}}  # fmt: skip
    assert trains == {"measuring"}


def test_a_stopped_training_ends_the_script_and_saves_nothing(monkeypatch, tmp_path):
    out = tmp_path / "reader.npz"
    monkeypatch.setattr(sys, "argv", ["train_shipped.py", "--epochs", "3", "--out", str(out)])
    found = types.SimpleNamespace(x_train=np.zeros((6009, 28, 28)), y_train=np.zeros(6009))
    monkeypatch.setattr(train_shipped, "need_digits", lambda parser, full: found)
    monkeypatch.setattr(train_shipped, "build_reader", lambda *given, **how: None)
    monkeypatch.setattr(measuring, "train_reader", lambda *given, **how: {"loss": [1.0] * 2})
    with pytest.raises(SystemExit, match="stopped after 2 of 3 epochs: nothing of it"):
        train_shipped.main()
    assert not list(tmp_path.iterdir())


def test_a_pixel_reader_goes_on_from_a_run_like_its_own_and_from_no_other():
    """Keras deletes the folder of its backups, with all that is in it: each run has its own."""
    given = types.SimpleNamespace(seed=0, units=64, epochs=20, batch=128, peak=0.005,
                                  hold_back=False, start="long", out=None, keep="b")  # fmt: skip
    names = {train_pixels.run_of(types.SimpleNamespace(**vars(given) | {name: "other"}))
             for name in vars(given).keys() - {"out", "keep"}}  # fmt: skip
    assert len(names | {train_pixels.run_of(given)}) == 1 + len(train_pixels.TRAINED) == 8
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names)


# --- what is recorded ----------------------------------------------------------------------------


@pytest.fixture
def results(monkeypatch, tmp_path):
    """An empty folder of results; the page is not written."""
    monkeypatch.setattr(measuring, "RESULTS", tmp_path)
    monkeypatch.setattr(results_page, "write_page", lambda: None)
    return tmp_path


@pytest.fixture
def finished(monkeypatch, results):
    """Run a made-up benchmark that finds `result`."""

    def run(script, *line, result):
        monkeypatch.setattr(sys, "argv", [f"/somewhere/{script}", *line])
        parser = measuring.new_parser("A benchmark.")
        parser.add_argument("--python")
        measuring.finish(parser.parse_args(), result, [{"name": "a", "share": 0.123456, "n": None}])

    return run


def test_a_result_says_by_what_command_where_and_when(finished, results, capsys):
    line = ["--python=/mine", "--record", "good"]
    finished("good.py", *line, result={"value": 1})
    out = capsys.readouterr().out.splitlines()
    assert out == ["name   share  n", "   a  0.1235   ", '{"value": 1}']
    saved = json.loads((results / "good.json").read_text())
    assert saved["command"] == "python benchmarks/good.py"
    assert saved["result"] == {"value": 1} and saved["about"]["versions"]["numpy"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", saved["about"]["date"])


def test_nothing_is_recorded_unasked_or_over_what_tells_more(finished, results, capsys):
    finished("good.py", result={"value": 1})
    finished("good.py", "--record", "good", result={"measured": False})
    assert not list(results.iterdir())
    finished("good.py", "--record", "good", result={"value": 1, "elsewhere": 2})
    before = (results / "good.json").read_text()
    with pytest.raises(SystemExit, match=r"good.json has elsewhere, this result has not"):
        finished("good.py", "--record", "good", result={"value": 3})
    for line, says in ((["other.py", "--record", "good"], "good.json is of `python benchmarks/goo"),
                       (["good.py", "--record", "../a"], "'../a' is no name")):  # fmt: skip
        with pytest.raises(SystemExit):
            finished(*line, result={"value": 3})
        assert says in capsys.readouterr().err
    assert (results / "good.json").read_text() == before


def test_a_page_that_cannot_be_made_leaves_all_files_as_they_were(tmp_path, monkeypatch):
    paths = {name: tmp_path / f"{name.lower()}.md" for name in ("PAGE", "README", "CLASSROOM")}
    for name, path in paths.items():
        path.write_text("as it was")
        monkeypatch.setattr(results_page, name, path)
    monkeypatch.setattr(results_page, "PICTURES", tmp_path)
    monkeypatch.setattr(results_page, "PICTURED", {"a": lambda: (b"picture", "words")})
    with pytest.raises(KeyError):
        results_page.write_page()
    assert {path.read_text() for path in tmp_path.iterdir()} == {"as it was"}


@pytest.fixture
def run_ingredients(monkeypatch, results):
    """Run ingredients.py; nothing is trained."""
    trained, stop = [], []

    def score(how, digits, chosen, seed):
        if len(trained) == stop[0]:
            raise KeyboardInterrupt
        trained.append((how["units"], how["epochs"], seed))
        return {"accuracy": 0.99, "seconds": 1.0}

    monkeypatch.setattr(ingredients, "score", score)
    monkeypatch.setattr(ingredients, "need_digits", lambda parser, full: None)

    def run(*line, stop_at=99):
        trained.clear()
        stop[:] = [stop_at]
        monkeypatch.setattr(sys, "argv", ["ingredients.py", "--seeds", "2", "--only", "64 units",
                                          "18 epochs", "64 units", *line])  # fmt: skip
        ingredients.main()
        return trained

    return run


def test_ingredients_that_are_stopped_go_on_where_they_were(run_ingredients, results, capsys):
    with pytest.raises(KeyboardInterrupt):
        run_ingredients("--record", "few", stop_at=2)
    assert len(json.loads((results / "few.json").read_text())["runs"]) == 2
    assert run_ingredients("--record", "few") == [(64, 8, 1), (128, 18, 1)]
    assert run_ingredients("--record", "few") == []
    table = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [row["seeds"] for row in table] == [2, 2] and len(run_ingredients()) == 4


def test_ingredients_add_nothing_to_runs_of_another_kind():
    run = {"change": "64 units", "seed": 0}
    now = {"runs": [run], "recipe": ingredients.RECIPE, "changes": ingredients.CHANGES,
           "about": {"versions": {"keras": "3.15.1"}}}  # fmt: skip
    assert ingredients.belong_together(now, now)
    for other in ({"recipe": ingredients.FEW}, {"about": {"versions": {"keras": "2.0"}}},
                  {"changes": {"64 units": {"units": 65}}}):  # fmt: skip
        assert not ingredients.belong_together(now | other, now)


# --- the GPU -------------------------------------------------------------------------------------


@pytest.fixture
def run_gpu(monkeypatch, capsys):
    """Run gpu.py on a pretended device; nothing is trained."""
    calls = []

    def run(device, *line, seconds=lambda *call: 1.0):
        def epoch_seconds(x, y, *call):
            calls.append(call[:3])
            return seconds(*call[:3])

        monkeypatch.setattr(gpu, "device_line", lambda: device)
        monkeypatch.setattr(gpu, "epoch_seconds", epoch_seconds)
        monkeypatch.setattr(gpu, "FLOORS", {})
        monkeypatch.setattr(sys, "argv", ["gpu.py", *line])
        gpu.main()
        return json.loads(capsys.readouterr().out.splitlines()[-1]), calls

    return run


def test_without_a_gpu_nothing_is_measured(run_gpu):
    result, calls = run_gpu("Device: CPU with 2 cores; no GPU found (Keras on tensorflow).")
    assert result == {"measured": False} and not calls
    assert run_gpu("Device: CPU; GPU given up.", "--try-out")[0]["measured"] is False and calls


def test_a_card_is_known_by_its_whole_name_or_said_to_be_unknown():
    for name, peaks in (("NVIDIA H200 NVL", (417.5, 835.5)), ("NVIDIA GH200 480GB", None),
                        ("NVIDIA H200 MIG 1g.18gb", None)):  # fmt: skip
        assert gpu.peaks_of(f"Device: GPU {name}, GPU {name} (Keras on jax).") == peaks


def test_each_precision_has_its_peak_each_kernel_its_floor_and_faults_their_rows(run_gpu):
    def seconds(size, precision, kernel):
        if size == 4096:
            raise RuntimeError("RESOURCE_EXHAUSTED: out of\nmemory")
        one = 0.256 if kernel == "auto" else 2.56  # 256 updates with one image each
        return one if size == 1 else 0.5

    line = ("--batch", "128", "4096")
    result, _ = run_gpu(DEVICE.format("tensorflow"), *line, seconds=seconds)
    rows = {(row["precision"], row["kernel"], row["batch"]): row for row in result["rows"]}
    speed = 468 * 128 / 0.5
    for precision, peak in (("float32", 494.7), ("mixed_float16", 989.4)):
        row = rows[precision, "cuDNN where it can", 128]
        assert math.isclose(row["share_of_peak"], speed * 12.61568 / 1e6 / peak, abs_tol=1e-6)
        assert row["images_per_s"] == round(speed) and math.isclose(row["floor_s"], 0.468)
        assert math.isclose(rows[precision, "plain loop", 128]["floor_s"], 4.68)
        assert rows[precision, "plain loop", 4096]["failed"] == "out of memory"


def test_jax_is_not_asked_for_what_its_cudnn_misreads_and_the_page_shows_it(run_gpu, monkeypatch):
    result, calls = run_gpu(DEVICE.format("jax"), "--batch", "128")
    assert ("mixed_float16", "auto") not in {call[1:] for call in calls}  # it would be misread
    assert [row["kernel"][:5] for row in result["rows"] if "failed" in row] == ["cuDNN"]
    saved = {"command": "c", "result": result, "about": measuring.hardware_and_versions()}
    read = measuring.read_json
    monkeypatch.setattr(
        results_page, "read_json", lambda name: saved if name == "gpu" else read(name)
    )
    text = results_page.page().split("### On a GPU")[1].split("##")[0]
    assert "494.7 TFLOPS" in text and "None" not in text
    assert len({line.count("|") for line in text.splitlines() if line[:1] == "|"}) == 1
