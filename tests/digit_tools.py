"""What the tests of `helpers.digits` share: small sets that pass, a clean process, what is said."""

import functools
import io

import numpy as np
import pytest

from helpers import digits


@functools.cache
def _real():
    small = digits.small_digits()
    return {key: getattr(small, key) for key in digits.KEYS}


def arrays(seed=0, **changes):
    """800 and 200 real digits, a set that load_digits must accept; any array can be changed."""
    real, rng = _real(), np.random.default_rng(seed)
    train, test = rng.permutation(4000)[:800], rng.permutation(1000)[:200]
    good = {key: array[train if "train" in key else test] for key, array in real.items()}
    return {key: value for key, value in (good | changes).items() if value is not None}


def npz(seed=0, **changes):
    """Return the bytes of such a set's npz."""
    return packed(arrays(seed, **changes)) if changes else _good(seed)


@functools.cache
def _good(seed):
    return packed(arrays(seed))


def packed(named, save=np.savez_compressed):
    """Return the bytes of an npz of a dict of arrays, or of a list without names."""
    file = io.BytesIO()
    save(file, **named) if isinstance(named, dict) else save(file, *named)
    return file.getvalue()


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """A process that has read nothing yet, with an empty cache and no network."""
    monkeypatch.setattr(digits, "_found", {})
    monkeypatch.setattr(digits, "_failed_downloads", set())
    monkeypatch.setattr(digits, "ADDRESS", "http://127.0.0.1:9/mnist.npz")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("SHEET_OFFLINE", "1")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("MNIST_NPZ", raising=False)


def load(capsys):
    """Return the digits and the printed lines; the last of them is the source."""
    result = digits.load_digits()
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[-1] == result.source
    return result, lines
