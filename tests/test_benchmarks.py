"""The benchmarks as programs: each runs, and records nothing that is not whole."""

import json
import re
import subprocess
import sys
import types

import numpy as np
import pytest

from rnnscope import cells
from tests.notebook_tools import ROOT

BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import measuring  # noqa: E402
import mingru_numpy  # noqa: E402
import results_page  # noqa: E402
import train_reader  # noqa: E402

SMALLEST = [
    ("trace_speed", "--rounds", "1", "--longest", "28"),
    ("photos", "--photos", "1", "--seeds", "1", "--kinds", "paper of any tone"),
    ("train_reader", "--seeds", "2", "--epochs", "1", "--data", "bundled"),
]


@pytest.mark.deep
@pytest.mark.parametrize("line", SMALLEST, ids=lambda line: line[0])
def test_a_benchmark_runs_at_its_smallest_and_ends_with_its_result(line):
    command = [sys.executable, BENCHMARKS / f"{line[0]}.py", *line[1:]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])


def test_predictions_are_counted_and_spread_is_the_sample_standard_deviation():
    seen = []
    model = types.SimpleNamespace(predict=lambda x, **how: seen.append(x) or np.eye(10)[[3, 1, 4]])
    right = measuring.share_right(model, np.full((3, 3, 2), 255, np.uint8), [3, 1, 5])
    assert right == 2 / 3 and seen[0].dtype == np.float32 and seen[0].max() == 1
    told = train_reader.summary([0.98, 0.99, 1.0])
    assert told["accuracy_mean"] == 0.99 and told["accuracy_sd"] == 0.01


def test_the_quick_mingru_of_the_trainer_is_that_of_the_cells():
    random = np.random.default_rng(1)
    images, labels = random.integers(0, 256, (3, 28, 28)).astype("uint8"), np.array([7, 2, 2])
    arrays = mingru_numpy.new_arrays(units=5, layers=3, seed=0)
    training = mingru_numpy.Training(arrays, batch=3)
    x = images.reshape(3, 784, 1) / 255
    histories = []
    for k in range(3):
        weights = [arrays[f"kernel_{k}"].astype(float), arrays[f"bias_{k}"].astype(float)]
        histories.append((x, weights, cells.unroll("mingru", x, weights)))
        x = histories[-1][2].h[:, 6::7] if k == 0 else histories[-1][2].h
    loss, found = training.loss_and_gradients(mingru_numpy.as_steps(images), labels)
    belief = cells.softmax(x[:, -1] @ arrays["head_kernel"] + arrays["head_bias"])
    assert loss == pytest.approx(-np.log(belief[range(3), labels]).mean(), abs=1e-5)
    d_h = np.zeros_like(x)
    d_h[:, -1] = (belief - np.eye(10)[labels]) / 3 @ arrays["head_kernel"].T
    for k in reversed(range(3)):
        read, weights, history = histories[k]
        gradients = cells.backward("mingru", read, weights, history, d_h)
        for name in ("kernel", "bias"):
            close = {"rtol": 1e-3, "atol": 1e-6}
            np.testing.assert_allclose(found[f"{name}_{k}"], getattr(gradients, name), **close)
        if k == 1:
            d_h = np.zeros((3, 784, 5))
            d_h[:, 6::7] = gradients.x
        else:
            d_h = gradients.x


def test_a_result_says_its_command_and_goes_over_none_that_tells_more(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(measuring, "RESULTS", tmp_path)
    monkeypatch.setattr(results_page, "write_page", lambda: None)

    def run(script, *line, **result):
        monkeypatch.setattr(sys, "argv", [f"/somewhere/{script}", *line])
        given = measuring.new_parser("A benchmark.").parse_args()
        measuring.finish(given, result, [{"name": "a", "share": 0.123456, "n": None}])

    run("good.py", value=1)
    assert not list(tmp_path.iterdir()), "nothing is recorded unasked"
    out = capsys.readouterr().out.splitlines()
    assert out == ["name   share  n", "   a  0.1235   ", '{"value": 1}']
    run("good.py", "--record", "good", value=1, elsewhere=2)
    before = (tmp_path / "good.json").read_text()
    saved = json.loads(before)
    assert saved["command"] == "python benchmarks/good.py" and saved["result"]["value"] == 1
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", saved["about"]["date"])
    with pytest.raises(SystemExit, match=r"good.json has elsewhere, this result has not"):
        run("good.py", "--record", "good", value=3)
    with pytest.raises(SystemExit):
        run("other.py", "--record", "good", value=3)
    assert "good.json is of `python benchmarks/goo" in capsys.readouterr().err
    assert (tmp_path / "good.json").read_text() == before
