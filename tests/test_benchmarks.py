"""The benchmarks as programs: what they count, refuse and record, without measuring anything."""

import ast
import hashlib
import json
import re
import sys
import types

import numpy as np
import pytest

from helpers.digits import small_digits
from tests.notebook_tools import ROOT

BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import ingredients  # noqa: E402
import measuring  # noqa: E402
import results_page  # noqa: E402
import train_pixels  # noqa: E402
import train_reader  # noqa: E402
import train_shipped  # noqa: E402

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
