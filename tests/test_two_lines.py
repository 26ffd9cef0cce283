"""Lesson 5's claims: the old two lines and today's layer give the same numbers, row by row."""

import importlib.util
import subprocess
import sys
import types

import numpy as np
import pytest

from helpers import tf1
from helpers.checks.lesson_05 import TO_KERAS
from rnnscope import cells
from tests.notebook_tools import ROOT
from tests.old_and_new import CASES, material, moved

pytestmark = pytest.mark.deep  # lesson 5 itself is run with the quick ones

EVERY_CASE = pytest.mark.parametrize("case", CASES)


@pytest.fixture(scope="module")
def child(tmp_path_factory):
    path = tmp_path_factory.mktemp("two_lines") / "results.npz"
    done = subprocess.run(
        [sys.executable, "-m", "tests.old_and_new", str(path)],
        cwd=ROOT, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with np.load(path) as results:
        return done, dict(results)


@pytest.fixture(scope="module")
def results(child):
    return child[1]


def assert_same(a, b):
    assert a.shape == b.shape
    assert np.abs(a - b).max() <= 1e-6


# --- the numbers of the lesson's table ----------------------------------------------------------


@EVERY_CASE
def test_outputs_and_final_state_are_the_same(results, case):
    batch, time_steps, _, units, *_ = CASES[case]
    old, new = results[f"{case}: old"], results[f"{case}: new"]
    assert new.shape == (batch, time_steps, units)
    assert_same(old, new)
    for state in ("c", "h"):
        assert_same(results[f"{case}: old {state}"], results[f"{case}: new {state}"])
    m = material(case)
    arguments = m["kernel"], m["bias"], m["forget_bias"]
    for mine, due in zip(TO_KERAS.right(*arguments), moved(*arguments), strict=True):
        np.testing.assert_array_equal(mine, due)
    history = cells.unroll("lstm", m["x"], moved(*arguments))
    assert_same(old, history.h)
    assert_same(results[f"{case}: old c"], history.c[:, -1])


@EVERY_CASE
def test_a_state_that_is_given_is_begun_with(results, case):
    assert_same(results[f"{case}: old from state"], results[f"{case}: new from state"])
    assert np.abs(results[f"{case}: new from state"] - results[f"{case}: new"]).max() > 0.01


@EVERY_CASE
def test_a_mask_does_what_sequence_length_did(results, case):
    m = material(case)
    assert_same(results[f"{case}: old lengths c"], results[f"{case}: new lengths c"])
    assert_same(results[f"{case}: old lengths h"], results[f"{case}: new lengths h"])
    weights = moved(m["kernel"], m["bias"], m["forget_bias"])
    for n, length in enumerate(m["lengths"]):
        cut = cells.unroll("lstm", m["x"][n : n + 1, :length], weights)
        assert_same(results[f"{case}: new lengths h"][n : n + 1], cut.h[:, -1])
        new = results[f"{case}: new lengths"][n]
        assert_same(new[:length], cut.h[0])
        assert (new[length:] == new[length - 1]).all()
        assert (results[f"{case}: old lengths"][n, length:] == 0).all()
    assert_same(results[f"{case}: old lengths"], results[f"{case}: new lengths zeros"])


# --- old_tensorflow ----------------------------------------------------------------------------


def test_the_old_cells_come_without_noise_beside_keras_3(child):
    done, results = child
    assert done.stderr == ""
    assert done.stdout.count("\n") == 2 and "Two notices are switched off" in done.stdout
    assert str(results["keras"]).startswith("3.")
    assert str(results["cell from"]).startswith("tf_keras.")


def test_a_missing_tf_keras_is_named_with_its_version(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(tf1.importlib.metadata, "version", lambda name: "2.20.1")
    with pytest.raises(ModuleNotFoundError, match=r'%pip install "tf-keras==2\.20\.\*"'):
        tf1.old_tensorflow.__wrapped__()


def test_tensorflow_imported_before_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", types.ModuleType("tensorflow"))
    monkeypatch.delenv("TF_USE_LEGACY_KERAS", raising=False)
    with pytest.raises(RuntimeError, match="Restart the kernel"):
        tf1.old_tensorflow.__wrapped__()
