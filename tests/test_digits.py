"""The digits: where they come from, what a file may be, and what is said of one that is wrong."""

import functools
import gzip
import hashlib
import io
import os
import re
import struct
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pooch
import pytest

from helpers import digits
from helpers.digits import own_files

ROOT = Path(__file__).parents[1]
# A thread that dies would show the learner a traceback.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
SMALL_LINE = (
    "Digits: the bundled small set, 4,000 to train on and 1,000 to test on. For the full 60,000 "
    "and 10,000, connect to the network once and restart the kernel, or set MNIST_NPZ to the path "
    "of an mnist.npz."
)


def arrays(seed=0, **changes):
    """800 and 200 real digits, the fewest that load_digits accepts; any array can be changed."""
    small, rng = digits.small_digits(), np.random.default_rng(seed)
    train, test = rng.permutation(4000)[:800], rng.permutation(1000)[:200]
    good = {key: getattr(small, key)[train if "train" in key else test] for key in digits.KEYS}
    return {key: value for key, value in (good | changes).items() if value is not None}


def as_npz(named, save=np.savez_compressed):
    file = io.BytesIO()
    save(file, **named)
    return file.getvalue()


@functools.cache
def good():
    """Return the bytes of a file that is taken."""
    return as_npz(arrays())


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """A process that has read nothing yet, with an empty cache and no network."""
    digits._arrays.cache_clear()
    monkeypatch.setattr(digits, "_failed_downloads", set())
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("SHEET_OFFLINE", "1")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("MNIST_NPZ", raising=False)


@pytest.fixture
def cache(tmp_path):
    path = tmp_path / "keras" / "datasets" / "mnist.npz"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def keras_file(monkeypatch):
    """Bytes that pass for Keras's own file."""
    data = as_npz(arrays(seed=5))
    monkeypatch.setattr(digits, "SHA256", hashlib.sha256(data).hexdigest())
    return data


@pytest.fixture
def name(monkeypatch, tmp_path):
    """Name a file of these bytes, or a path, by MNIST_NPZ; the path comes back."""

    def use(data, file="mine.npz"):
        path = data
        if isinstance(data, bytes):
            path = tmp_path / file
            path.write_bytes(data)
        monkeypatch.setenv("MNIST_NPZ", str(path))
        return path

    return use


def load(capsys):
    """Return the digits and the printed lines; the last of them is the source."""
    result = digits.load_digits()
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[-1] == result.source
    return result, lines


def is_the_set(got, expected=None):
    for key, array in (expected or arrays()).items():
        read = getattr(got, key)
        assert read.dtype == np.uint8 and not read.flags.writeable
        np.testing.assert_array_equal(read, array, err_msg=key)


def refused(path, loaded, reason):
    got, (line, _) = loaded
    assert got is digits.small_digits()
    assert line.startswith(f"MNIST_NPZ: {path} cannot be used: "), line
    assert line.endswith(" Other digits are used.") and re.search(reason, line), line


# --- the bundled digits --------------------------------------------------------------------------


def test_bundled_digits_are_balanced_disjoint_and_always_the_same():
    small = digits.small_digits()
    assert small.small and small.source == SMALL_LINE
    for images, labels, each in (
        (small.x_train, small.y_train, 400),
        (small.x_test, small.y_test, 100),
    ):
        assert images.shape == (10 * each, 28, 28)
        assert np.bincount(labels).tolist() == [each] * 10
    train = {image.tobytes() for image in small.x_train}
    assert not any(image.tobytes() in train for image in small.x_test)
    everything = b"".join(getattr(small, key).tobytes() for key in digits.KEYS)
    fixed = "bbeed5a699458e2336d8421d917398a4ba04ef5c031bc05d0d31a85ad029803b"
    assert hashlib.sha256(everything).hexdigest() == fixed
    with pytest.raises(ValueError, match="read-only"):
        small.x_train[0, 3, 5] = 1


# --- the file that MNIST_NPZ names ---------------------------------------------------------------


def test_named_file_comes_first_and_need_not_be_kerass(
    name, monkeypatch, capsys, cache, keras_file
):
    cache.write_bytes(keras_file)
    path = name(as_npz(arrays(seed=1)))
    got, lines = load(capsys)
    is_the_set(got, arrays(seed=1))
    assert got.small
    monkeypatch.setattr(digits, "FEW", 800)
    assert not got.small
    assert lines == [
        "Digits: 800 to train on and 200 to test on, from mine.npz, which MNIST_NPZ names."
    ]
    assert load(capsys)[1] == lines  # a cell that is run again says the same
    assert path.read_bytes() == as_npz(arrays(seed=1)) and cache.read_bytes() == keras_file


IDX = list(own_files.IDX.values())


def as_idx(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write_idx(folder, ending="", packer=bytes):
    folder.mkdir()
    for file, array in zip(IDX, arrays().values(), strict=True):
        (folder / f"{file}{ending}").write_bytes(packer(as_idx(array)))
    return folder


@pytest.mark.parametrize(("ending", "packer"), [("", bytes), (".gz", gzip.compress)])
def test_four_idx_files_are_read_whichever_is_named(name, tmp_path, capsys, ending, packer):
    folder = write_idx(tmp_path / "idx", ending, packer)
    for named in (folder, folder / f"{IDX[2]}{ending}"):
        name(named)
        got, (line,) = load(capsys)
        is_the_set(got)
        assert "and the files beside it, which MNIST_NPZ names" in line


def test_faulty_idx_file_is_named(name, tmp_path, capsys):
    path = write_idx(tmp_path / "idx") / IDX[0]
    path.write_bytes(path.read_bytes()[:-5])
    refused(name(path.parent), load(capsys), f"of {IDX[0]}: it is damaged")
    path.unlink()
    refused(path.parent, load(capsys), f"has no {IDX[0]} or .*MNIST's four files")


# --- what is refused, by name and with a cure ----------------------------------------------------


class Trap:
    """Unpickled, it fails the test."""

    def __reduce__(self):
        return pytest.fail, ("a file was unpickled",)


def tampered():
    """Flip one bit of the pixels, well inside the first array."""
    data = bytearray(good())
    data[len(data) // 3] ^= 16
    return bytes(data)


def x(n=200, *shape):
    return np.random.default_rng(n).integers(0, 256, (n, *(shape or (28, 28))), dtype=np.uint8)


def changed(**changes):
    return lambda: as_npz(arrays(**changes))


NO_NPZ = r"it is no npz, or a damaged one \(.*\)\. Fetch it again, or save it with np\.savez"
FAULTS = {
    "empty": (lambda: b"", "it is empty. Fetch it again"),
    "cut short": (lambda: good()[:-200], NO_NPZ),
    "one bit": (tampered, NO_NPZ),
    # NumPy reads half of it and comes to no checksum.
    "short header": (lambda: as_npz(arrays(), np.savez).replace(b"(200, 2", b"(100, 2"), NO_NPZ),
    "pickled": (lambda: as_npz(arrays(x_train=np.array([Trap()] * 800))), NO_NPZ),
    "a web page": (lambda: b"\n<!DOCTYPE html><html>", "it is a web page: the download went wrong"),
    "Git LFS": (lambda: b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "other names": (lambda: as_npz({"a": x(), "b": x()}), "lacks x_train and holds a, b. Save it"),
    "one missing": (changed(y_test=None), "lacks y_test and holds x_train, y_train, x_test. Save"),
    "flattened": (changed(x_test=x(200, 784)), r"x_test has the shape \(200, 784\).*reshape"),
    "unequal": (changed(y_train=np.arange(799) % 10), "as many labels as images"),
    "0 to 1": (changed(x_test=x() / 255), r"x_test \* 255\)\.round\(\)\.astype\('uint8'\)"),
    "one-hot": (lambda: as_npz(arrays(y_test=np.eye(10)[arrays()["y_test"]])), "y_test.argmax"),
    "no nines": (changed(y_test=np.arange(200) % 9), "in y_test there is no 9"),
    "sorted": (lambda: as_npz(arrays(y_train=np.sort(arrays()["y_train"]))), "mixed order"),
    "too few": (lambda: as_npz({k: v[:150] for k, v in arrays().items()}), "need 800 to train"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_used_is_named_with_a_cure_and_left(name, tmp_path, capsys, fault):
    make, reason = FAULTS[fault]
    path = name(data := make())
    loaded = load(capsys)
    refused(path, loaded, reason)
    assert "It was left as it is." in loaded[1][0]
    assert path.read_bytes() == data and list(tmp_path.iterdir()) == [path]
    path.write_bytes(good())  # mended: found without a new kernel
    is_the_set(load(capsys)[0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.transpose(0, 2, 1), r"like digits after images\.transpose\(0, 2, 1\)\."),
        (lambda x: 255 - x, "like digits after 255 - images"),
        (lambda x: x[:, ::-1, ::-1], r"reads \d+% of some of them rightly .*They may be turned"),
    ],
    ids=["transposed", "white paper", "turned"],
)
def test_what_looks_wrong_is_said_in_one_line_and_used(name, capsys, change, words):
    name(as_npz(arrays(x_test=change(arrays()["x_test"]))))
    got, (line, _) = load(capsys)
    assert got is not digits.small_digits()
    assert re.search(words, line) and "They are used as they are" in line


# --- paths ---------------------------------------------------------------------------------------


def test_what_is_not_there_is_told_by_its_whole_path(name, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.npz").symlink_to(tmp_path / "unplugged")
    os.mkfifo(tmp_path / "pipe")
    for named, there in (("a/b.npz", "a/b.npz"), ("link.npz", "unplugged"), ("pipe", "pipe")):
        refused(name(named), load(capsys), f"there is no file {tmp_path / there}. Give the path")
    refused(name("https://example.org/mnist.npz"), load(capsys), "there is no file .*this computer")
    refused(name('""'), load(capsys), "give the path of a file")
    refused(name(tmp_path), load(capsys), "has no train-images-idx3-ubyte or")


# --- Keras's cache and download ------------------------------------------------------------------


@pytest.fixture
def network(monkeypatch, keras_file):
    """What pooch fetches; ``.mode`` says how it goes."""
    state = SimpleNamespace(mode="good", requests=0, leave=threading.Event())

    class Downloader:
        def __init__(self, timeout):
            assert timeout == 10

        def __call__(self, url, file, _):
            state.requests += 1
            if state.mode == "no network":
                raise ConnectionError
            if state.mode == "slow":
                state.leave.wait(30)
            sign_in = b"<html>Please sign in</html>"
            Path(file).write_bytes(sign_in if state.mode == "sign in" else keras_file)

    monkeypatch.setattr(pooch, "HTTPDownloader", Downloader)
    monkeypatch.delenv("SHEET_OFFLINE")
    yield state
    state.leave.set()


def test_download_is_kept_where_keras_looks(network, capsys, cache, keras_file):
    got, lines = load(capsys)
    is_the_set(got, arrays(seed=5))
    assert lines == ["Digits: 800 to train on and 200 to test on, downloaded into Keras's cache."]
    assert cache.read_bytes() == keras_file and list(cache.parent.iterdir()) == [cache]
    assert load(capsys)[1] == ["Digits: 800 to train on and 200 to test on, from Keras's cache."]
    assert network.requests == 1


@pytest.mark.parametrize("mode", ["no network", "sign in", "no folder"])
def test_failed_download_is_tried_once_and_nothing_is_kept(network, capsys, cache, mode):
    network.mode = mode
    if mode == "no folder":
        cache.parent.rmdir()
        cache.parent.write_text("a file where the folder should be")
    lines = load(capsys)[1]
    damaged = ["The download of mnist.npz is damaged; it was passed over."] * (mode == "sign in")
    assert lines == [*damaged, SMALL_LINE]
    assert load(capsys)[1] == [SMALL_LINE]
    assert network.requests <= 1
    assert mode == "no folder" or list(cache.parent.iterdir()) == []


def test_download_never_replaces_what_lies_there(network, tmp_path, capsys, cache):
    cache.write_bytes(b"half a fi")
    small, (line, _) = load(capsys)
    assert small.small and cache.read_bytes() == b"half a fi"
    assert line.startswith(f"Keras's cached file {cache} is damaged (")
    assert "it was left as it is and passed over. Delete it, and it is fetched anew" in line
    cache.unlink()
    cache.symlink_to(tmp_path / "unplugged" / "mnist.npz")
    assert load(capsys)[0].small and cache.is_symlink()
    assert network.requests == 0


def test_a_slow_network_holds_nobody_up_and_the_file_is_there_the_next_time(
    network, monkeypatch, capsys, cache, keras_file
):
    network.mode = "slow"
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "join", lambda self, seconds: None)  # the time is up
        assert load(capsys)[1] == [SMALL_LINE]
        assert not cache.exists()
    (thread,) = (one for one in threading.enumerate() if "(work)" in one.name)
    network.leave.set()
    thread.join(20)
    assert cache.read_bytes() == keras_file


# --- images as sequences of rows -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "kind", "words"),
    [
        ((2, 28, 20), "float32", "got float32.*need no as_rows.*astype"),
        ((784,), "uint8", "the shape .*give .*time steps, features"),
        ((2, 28, 28, 1), "uint8", "the shape .*Of one channel take"),
        ((28, 28, 3), "uint8", "the shape .*one picture in colour: make it grey"),
    ],
)
def test_as_rows_refuses_other_images_and_says_what_to_do(shape, kind, words):
    with pytest.raises((TypeError, ValueError), match=words):
        digits.as_rows(np.zeros(shape, kind))
