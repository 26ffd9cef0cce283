"""Whatever holds an MNIST is read rightly, or refused with what is wrong and what to do."""

import gzip
import io
import os
import pickle
import re
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import digits, report
from helpers.digits import forms, looks, sets
from helpers.digits import packed as packed_files
from tests.digit_tools import arrays, fresh, load, npz, packed  # noqa: F401

GOOD = "Digits: 800 to train on and 200 to test on, from mine.npz, which MNIST_NPZ names"
IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
IDX += ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


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


def is_the_set(got, expected=None):
    for key, array in (expected or arrays()).items():
        read = getattr(got, key)
        assert read.dtype == np.uint8 and not read.flags.writeable
        np.testing.assert_array_equal(read, array, err_msg=key)


def idx(array, code=8, dtype="u1"):
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return head + array.astype(dtype).tobytes()


# --- what is read rightly ------------------------------------------------------------------------

IMAGE_FORMS = {
    "as Keras has them": lambda x: x,
    "flattened": lambda x: x.reshape(-1, 784),
    "channel last": lambda x: x[..., None],
    "channel first": lambda x: x[:, None],
    "three equal channels": lambda x: np.repeat(x[..., None], 3, 3),
    "three equal channels first": lambda x: np.repeat(x[:, None], 3, 1),
    "columns, as MATLAB has them": lambda x: x.reshape(-1, 784).T,
    "pictures last": lambda x: np.moveaxis(x, 0, -1),
    "pictures last, with a channel": lambda x: np.moveaxis(x, 0, -1)[:, :, None],
}
PIXEL_FORMS = {
    "uint8": lambda x: x,
    "int64": lambda x: x.astype(np.int64),
    "uint16, big end first": lambda x: x.astype(">u2"),
    "float32, 0 to 1": lambda x: x.astype(np.float32) / np.float32(255),
    "float64, 0 to 1": lambda x: x / 255,
    "float16, 0 to 1": lambda x: (x / 255).astype(np.float16),
    "float64, 0 to 255": lambda x: x.astype(float),
    "float32, big end first": lambda x: x.astype(">f4"),
    "Fortran's order": lambda x: np.asfortranarray(x),
}
LABEL_FORMS = {
    "uint8": lambda y: y,
    "int64": lambda y: y.astype(np.int64),
    "float": lambda y: y.astype(float),
    "a column": lambda y: y[:, None],
    "a row": lambda y: y[None].astype(np.int32),
    "one-hot": lambda y: np.eye(10)[y],
    "one-hot of truth": lambda y: np.eye(10, dtype=bool)[y],
    "one-hot columns": lambda y: np.eye(10, dtype=int)[:, y],
    "text": lambda y: y.astype(str),
    "bytes": lambda y: y.astype("S1"),
    "QMNIST's table": lambda y: np.c_[
        y, np.tile([1, 2, 3], (len(y), 1)), y + 30, [[4, 5, 0]] * len(y)
    ],
}


@given(
    st.sampled_from(list(IMAGE_FORMS)),
    st.sampled_from(list(PIXEL_FORMS)),
    st.sampled_from(list(LABEL_FORMS)),
    st.integers(201, 260).filter(lambda n: n % 28),
)
def test_every_form_of_pictures_and_labels_is_the_same_set(shape, pixels, kind, n):
    rng = np.random.default_rng(n)
    images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, n)
    y = forms.labels(LABEL_FORMS[kind](labels), "y")
    assert y.dtype == np.uint8
    np.testing.assert_array_equal(y, labels)
    x = forms.images(PIXEL_FORMS[pixels](IMAGE_FORMS[shape](images)), "x", n)
    assert x.dtype == np.uint8
    np.testing.assert_array_equal(x, images)


@settings(max_examples=150)
@given(
    st.sampled_from(
        ["?", "i1", "u1", "<i2", ">u2", "i8", "f2", "f4", "f8", "c8", "U3", "S2", "M8[D]"]
    ),
    st.lists(st.sampled_from([0, 1, 2, 3, 5, 10, 28, 784]), max_size=4).filter(
        lambda shape: np.prod(shape) < 100_000
    ),
    st.floats(-300, 70_000) | st.sampled_from([0, 1, 2, 255, np.nan, np.inf]),
    st.integers(0, 12),
)
def test_any_array_is_read_or_refused_by_its_name(dtype, shape, high, n):
    with np.errstate(all="ignore"):  # a float that an integer cannot hold
        ramp = np.linspace(0, high, int(np.prod(shape, dtype=int))).reshape(shape)
        kind = np.dtype(dtype).kind
        array = ramp.astype(np.int64).astype(dtype) if kind in "iuM" else ramp.astype(dtype)
    for judge in (lambda: forms.images(array, "my_x", n), lambda: forms.labels(array, "my_y")):
        try:
            result = judge()
        except ValueError as error:
            assert re.search("my_[xy]", str(error))
        else:
            assert result.dtype == np.uint8


NAMES = [
    "x_train y_train x_test y_test",
    "X_train y_train X_test y_test",
    "train_images train_labels test_images test_labels",
    "training_images training_labels test_images test_labels",
    "trainX trainY testX testY",
    "train_x train_y test_x test_y",
    "Xtrain Ytrain Xtest Ytest",
    "train_data train_targets test_data test_targets",
    "x_tr y_tr x_te y_te",
    "train_set_x train_set_y test_set_x test_set_y",
    "mnist/train-images mnist/train-labels mnist/t10k-images mnist/t10k-labels",
]


@pytest.mark.parametrize("names", NAMES)
def test_usual_names_are_understood(name, capsys, names):
    name(packed(dict(zip(names.split(), arrays().values(), strict=True))))
    got, lines = load(capsys)
    is_the_set(got)
    assert lines == [f"{GOOD}."]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 1, 3), (2, 3, 0, 1), (1, 0, 3, 2)])
def test_arrays_without_names_are_told_apart(name, capsys, order):
    values = list(arrays().values())
    name(packed([values[i] for i in order]))
    is_the_set(load(capsys)[0])


def test_other_arrays_in_the_file_do_no_harm_and_kerass_names_go_first(name, capsys):
    more = {"about": np.array("mine"), "train_images": np.zeros((3, 5)), "x_val": np.ones(3)}
    name(packed(more | arrays()))
    is_the_set(load(capsys)[0])


def test_float_set_of_other_forms_is_read_to_the_last_pixel(name, capsys):
    given = arrays()
    name(
        npz(
            x_train=given["x_train"].reshape(-1, 784) / np.float32(255),
            y_train=np.eye(10)[given["y_train"]],
            x_test=given["x_test"][:, None].astype(">f8"),
            y_test=given["y_test"][:, None].astype(np.int64),
        )
    )
    got, lines = load(capsys)
    is_the_set(got)
    assert lines == [f"{GOOD}."]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_may_be_packed_with_gzip_once_more(name, capsys, save):
    name(gzip.compress(packed(arrays(), save)))
    is_the_set(load(capsys)[0])


@pytest.mark.parametrize(
    "names", [("data", "target"), ("images", "labels"), ("x_train", "y_train")]
)
def test_one_set_is_split_and_said_so(name, capsys, names):
    small = digits.small_digits()
    x, y = small.x_train[:1237], small.y_train[:1237]
    name(packed(dict(zip(names, (x.reshape(-1, 784), y), strict=True))))
    got, lines = load(capsys)
    assert lines == [
        "Digits: 990 to train on and 247 to test on, from mine.npz, which MNIST_NPZ names; they "
        "came in one set, of which every fifth of each kind is to test on (if they are MNIST's, "
        "the weights that the course carries have seen most of them in training)."
    ]
    where = {image.tobytes(): i for i, image in enumerate(x)}
    parts = [[where[image.tobytes()] for image in part] for part in (got.x_train, got.x_test)]
    assert sorted(parts[0] + parts[1]) == list(range(1237))
    for part, labels in zip(parts, (got.y_train, got.y_test), strict=True):
        np.testing.assert_array_equal(labels, y[part])
        assert part == sorted(part)
    assert np.ptp(np.bincount(got.y_test) / np.bincount(y)) < 0.02


def test_seventy_thousand_are_split_as_mnist_is():
    labels = np.arange(70_000, dtype=np.uint8) % 10
    images = np.broadcast_to(labels[:, None], (70_000, 2))
    remarks = []
    split = sets._split(images, labels, remarks)
    assert len(split["train"][1]) == 60_000 and "first 60,000" in remarks[0]
    np.testing.assert_array_equal(split["test"][0], images[60_000:])
    remarks = []
    split = sets._split(images, np.sort(labels), remarks)  # the last 10,000 would lack digits
    assert len(np.unique(split["test"][1])) == 10 and "every fifth" in remarks[0]


def test_sorted_digits_are_mixed_for_the_lesson_sets_the_last_ones_aside(name, capsys):
    good = arrays()
    order = np.argsort(good["y_train"], kind="stable")
    name(npz(x_train=good["x_train"][order], y_train=good["y_train"][order]))
    got, lines = load(capsys)
    assert lines == [f"{GOOD}; those to train on came sorted and were mixed."]
    assert len(np.unique(got.y_train[-80:])) == 10
    label_of = dict(zip(map(np.ndarray.tobytes, good["x_train"]), good["y_train"], strict=True))
    assert [label_of[image.tobytes()] for image in got.x_train] == got.y_train.tolist()


# --- idx files -----------------------------------------------------------------------------------


def write_idx(folder, names=IDX, packer=bytes, given=None):
    folder.mkdir(parents=True, exist_ok=True)
    values = (given or arrays()).values()
    for file, array in zip(names, values, strict=True):
        (folder / file).write_bytes(packer(idx(array)))
    return [folder / file for file in names]


@pytest.mark.parametrize("packer", [bytes, gzip.compress])
@pytest.mark.parametrize(
    "old, new", [("", ""), ("-idx", ".idx"), ("train", "emnist-digits-train"), ("t10k", "test")]
)
@pytest.mark.parametrize("which", ["folder", 0, 1, 2, 3])
def test_four_idx_files_are_read_whichever_is_named(
    name, tmp_path, capsys, packer, old, new, which
):
    names = [file.replace(old, new) if old else file for file in IDX]
    if "emnist" in new:
        names = [file.replace("t10k", "emnist-digits-test") for file in names]
    if packer is gzip.compress:
        names = [f"{file}.gz" for file in names]
    files = write_idx(tmp_path / "idx", names, packer)
    name(tmp_path / "idx" if which == "folder" else files[which])
    got, lines = load(capsys)
    is_the_set(got)
    assert len(lines) == 1 and "and the files beside it, which MNIST_NPZ names" in lines[0]


def test_torchvisions_folders_are_known_and_an_unpacked_file_goes_before_its_packed_one(
    name, tmp_path, capsys
):
    raw = tmp_path / "data" / "MNIST" / "raw"
    write_idx(raw)
    write_idx(raw, [f"{file}.gz" for file in IDX], lambda data: b"not gzip")
    name(tmp_path / "data")
    is_the_set(load(capsys)[0])


def test_named_idx_file_of_several_sets_chooses_its_own(name, tmp_path, capsys):
    write_idx(tmp_path / "idx")
    other = write_idx(tmp_path / "idx", [f"my-{file}" for file in IDX], given=arrays(seed=3))
    name(tmp_path / "idx")
    assert "holds several sets" in load(capsys)[1][0]
    name(other[2])
    is_the_set(load(capsys)[0], arrays(seed=3))


def test_qmnists_labels_are_whole_numbers_of_four_bytes(name, tmp_path, capsys):
    names = [f"qmnist-{file.replace('t10k', 'test')}" for file in IDX]
    names = [file.replace("labels-idx1-ubyte", "labels-idx2-int") for file in names]
    files = write_idx(tmp_path / "idx", names)
    for i in (1, 3):
        table = LABEL_FORMS["QMNIST's table"](list(arrays().values())[i])
        files[i].write_bytes(idx(table, 12, ">i4"))
    name(files[0])
    is_the_set(load(capsys)[0])


def test_two_idx_files_are_one_set(name, tmp_path, capsys):
    small = digits.small_digits()
    write_idx(
        tmp_path / "idx", IDX[:2], given={"x": small.x_train[:1000], "y": small.y_train[:1000]}
    )
    name(tmp_path / "idx")
    assert load(capsys)[1][0].startswith("Digits: 800 to train on and 200 to test on")


IDX_FAULTS = {
    "cut short": (0, lambda data: data[:-5], "train-images-idx3-ubyte is cut short"),
    "cut in its head": (0, lambda data: data[:9], "train-images-idx3-ubyte is cut short"),
    "empty": (1, lambda data: b"", "train-labels-idx1-ubyte is no idx file"),
    "too long": (2, lambda data: data + b"\0", "t10k-images-idx3-ubyte is longer than it says"),
    "a web page": (2, lambda data: b"<html>", "t10k-images-idx3-ubyte is no idx file"),
    "packed and cut": (3, lambda data: gzip.compress(data)[:-20], "t10k-labels-.* is damaged"),
    "lying": (0, lambda data: data[:4] + b"\xff" * 12 + data[16:], "far more than MNIST"),
    "gone": (3, None, "it lacks the labels to test on: not all of the four files"),
    "labels for pictures": (0, lambda data: idx(np.arange(800) % 10), "has the shape"),
}


@pytest.mark.parametrize("fault", IDX_FAULTS)
def test_faulty_idx_file_is_named(name, tmp_path, capsys, fault):
    which, change, reason = IDX_FAULTS[fault]
    files = write_idx(tmp_path / "idx")
    if change:
        files[which].write_bytes(change(files[which].read_bytes()))
    else:
        files[which].unlink()
    refused(name(files[0]), load(capsys), reason)


# --- what is refused, by name and with a cure ----------------------------------------------------


def refused(path, loaded, reason):
    got, lines = loaded
    assert got is digits.small_digits() and len(lines) == 2
    assert lines[0].startswith(f"MNIST_NPZ: {path} cannot be used: ")
    assert lines[0].endswith(" It was left as it is; other digits are used.")
    assert re.search(reason, lines[0]), lines[0]
    assert ".." not in lines[0].replace("...", "")


def tampered(data):
    """Flip one bit of the pixels, well inside the first array."""
    data = bytearray(data)
    data[len(data) // 3] ^= 16
    return bytes(data)


def lying_npz():
    """A file of a few bytes whose header promises 784 GB of pixels."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (10**9, 28, 28)}
    )
    return zipped({f"{key}.npy": header.getvalue() + bytes(100) for key in digits.KEYS})


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return file.getvalue()


def bomb():
    """A file of 1 MB that unpacks to 1 GB."""
    file = io.BytesIO()
    with gzip.GzipFile(fileobj=file, mode="wb") as packed_file:
        for _ in range(101):
            packed_file.write(bytes(100_000))
    return file.getvalue()


class Trap:
    """Unpickled, it fails the test."""

    def __reduce__(self):
        return pytest.fail, ("a file was unpickled",)


def nine(n):
    return np.arange(n, dtype=np.uint8) % 9


def x(n=200, *shape):
    return np.random.default_rng(n).integers(0, 256, (n, *(shape or (28, 28))), dtype=np.uint8)


CSV = "label,1x1,1x2\n" + "\n".join("5" + ",0" * 784 for _ in range(9))
FAULTS = {
    "empty": (lambda: b"", "no whole npz file .*Fetch or save it again"),
    "cut short": (lambda: npz()[:-1000], "no whole npz file"),
    "one bit": (lambda: tampered(npz()), "no whole npz file"),
    "gzip, cut": (lambda: gzip.compress(npz())[:-1000], "no whole npz file"),
    "no gzip": (lambda: b"\x1f\x8b" + bytes(50), "no whole npz file"),
    "web page": (lambda: b"\n<!doctype html>404", "a web page. The download went wrong"),
    "pickle": (lambda: pickle.dumps(Trap()), "a pickle, which can run any code"),
    "pickle, packed": (lambda: gzip.compress(pickle.dumps(Trap())), "a pickle"),
    "pickled array": (lambda: npz(y_test=np.array([Trap()] * 200)), "y_test is pickled.*astype"),
    "one array": (lambda: npy(x()), r"one array. Put pictures and labels .*savez_compressed"),
    "HDF5": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(99), "HDF5 file. Open it with h5py"),
    "MATLAB": (lambda: b"MATLAB 5.0 MAT-file" + bytes(99), "scipy.io.loadmat"),
    "Parquet": (lambda: b"PAR1" + bytes(99), "Parquet file. Open it with pandas"),
    "xz": (lambda: b"\xfd7zXZ\0" + bytes(99), "packed with xz. Unpack it"),
    "LFS": (lambda: b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "CSV": (lambda: CSV.encode(), "table of text.*np.loadtxt.*savez_compressed"),
    "zip of CSV": (lambda: zipped({"mnist_train.csv": CSV}), "zip of other files.*Unpack it"),
    "idx of no name": (lambda: idx(x()), "idx file whose name does not say of what. Name it"),
    "lying header": (lying_npz, "x_train unpacks to|y_train unpacks to"),
    "not arrays": (lambda: zipped({f"{key}.npy": "hello" for key in digits.KEYS}), "no whole npz"),
    "no keys": (lambda: packed({"a": x(), "b": x()}), "lacks the labels: it holds a, b. Save"),
    "missing keys": (lambda: npz(y_train=None), "lacks the labels to train on: it holds x_train"),
    "only a test set": (lambda: npz(x_train=None, y_train=None), "lacks the labels to train on"),
    "two of one kind": (
        lambda: packed({"images": x(), "data": x(), "y": nine(200)}),
        "images and data could both be the pictures",
    ),
    "three without names": (lambda: packed([x(), nine(200), x()]), "npz of 3 arrays"),
    "two of pictures": (lambda: packed([x(), x()]), "npz of 2 arrays of pictures"),
    "8 x 8": (lambda: npz(x_test=x(200, 8, 8)), "x_test .* 8 x 8 .*scikit-learn"),
    "64 pixels": (lambda: npz(x_test=x(200, 64)), "x_test .* 8 x 8 .*scikit-learn"),
    "32 x 32": (lambda: npz(x_test=x(200, 32, 32)), r"images\[:, 2:-2, 2:-2\]"),
    "not square": (lambda: npz(x_test=x(200, 28, 20)), "x_test .* 28 x 20 pixels"),
    "colours": (lambda: npz(x_test=x(200, 28, 28, 3)), "x_test holds colours.*mean"),
    "unequal": (lambda: npz(y_train=arrays()["y_train"][1:]), "x_train holds 800 .* 799 labels"),
    "-1 to 1": (lambda: npz(x_train=arrays()["x_train"] / 127.5 - 1), "x_train .*from -1 to 1"),
    "standardized": (lambda: npz(x_test=(x() / 255 - 0.13) / 0.31), "x_test has pixels from -0.4"),
    "a little above 1": (lambda: npz(x_test=x() / 255 * 1.03), "from 0 to 1.03, not 0 to 255"),
    "16 bits": (lambda: npz(x_test=x().astype("u2") * 257), r"to 65535.*images // 257"),
    "wrapped": (lambda: npz(x_test=x().view("i1")), r"from -128 to 127.*view\('uint8'\)"),
    "0 to 16": (lambda: npz(x_test=x() // 16), "from 0 to 15.*images.max"),
    "nan": (lambda: npz(x_test=np.where(x() > 9, np.nan, 1.0)), "x_test holds nan"),
    "blank": (lambda: npz(x_test=np.zeros_like(x())), "x_test is blank: every pixel is 0"),
    "text for pixels": (lambda: npz(x_test=x().astype(str)), "x_test holds <U3, no numbers"),
    "words for labels": (lambda: npz(y_test=np.array(["one"] * 200)), "y_test holds text .*'one'"),
    "letters": (
        lambda: npz(y_test=np.arange(200) % 26),
        "y_test must be whole numbers from 0 to 9; .* from 0 to 25",
    ),
    "1 to 10": (lambda: npz(y_test=np.arange(200) % 10 + 1), "y_test .* labels % 10"),
    "beliefs for labels": (lambda: npz(y_test=np.full((200, 10), 0.1)), "y_test"),
    "halves for labels": (lambda: npz(y_test=np.arange(200) % 10 / 2), "y_test"),
    "no nines": (lambda: npz(y_test=nine(200)), "to test on there is no 9.*add some"),
    "too few": (
        lambda: packed({k: v[:150] for k, v in arrays().items()}),
        "150 digits to train on and 150 to test on. The lessons need 800 and 200",
    ),
    "none": (lambda: npz(x_test=x()[:0], y_test=nine(0)), "_test"),
}


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_used_is_named_with_a_cure_and_left(name, tmp_path, capsys, fault):
    make, reason = FAULTS[fault]
    data = make()
    path = name(data)
    refused(path, load(capsys), reason)
    assert path.read_bytes() == data and list(tmp_path.iterdir()) == [path]
    path.write_bytes(npz())  # mended: found without a new kernel
    is_the_set(load(capsys)[0])


def test_what_unpacks_without_end_is_refused(name, monkeypatch, capsys):
    monkeypatch.setattr(packed_files, "MAX_BYTES", 10_000_000)
    refused(name(bomb()), load(capsys), "unpacks to far more than MNIST")


def with_header(header):
    """Return the bytes of an npz in which every array has this header."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        head = struct.pack("<H", len(header)) + header.encode()
        for name in digits.KEYS:
            archive.writestr(f"{name}.npy", b"\x93NUMPY\x01\x00" + head)
    return file.getvalue()


def packed_by(method):
    """Return the bytes of an npz that says that its last array is packed in another way."""
    data = bytearray(packed(arrays(), np.savez))
    data[data.rindex(b"PK\x01\x02") + 10] = method
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (8, \n"),
        with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (08,)}\n"),
        packed_by(12),
        packed_by(14),
    ],
    ids=["a bracket left open", "a number that is none", "bzip2", "lzma"],
)
def test_damage_that_ends_in_words_of_another_library_is_refused_plainly(data):
    with pytest.raises(ValueError, match=r"it is no whole npz file .*Fetch or save it again"):
        digits.files.read_npz(io.BytesIO(data))


@given(st.integers(0, 2**31), st.integers(0, 255), st.sampled_from(["flip", "cut", "join"]))
def test_a_file_of_any_damage_is_refused_or_the_very_set(seed, value, how):
    data = npz()
    place = seed % len(data)
    if how == "flip":
        data = data[:place] + bytes([value]) + data[place + 1 :]
    else:
        data = data[:place] + (data[-value:] if how == "join" else b"")
    try:
        read, _ = digits.files.read_npz(io.BytesIO(data))
    except ValueError:
        return
    for array, expected in zip(read, arrays().values(), strict=True):
        np.testing.assert_array_equal(array, expected)


# --- what looks wrong ----------------------------------------------------------------------------


def shirts():
    """Pictures of the size of Fashion-MNIST's, of ten kinds, and none a digit."""
    rng, y = np.random.default_rng(0), arrays()["y_test"]
    kinds = rng.integers(0, 120, (10, 7, 7)).repeat(4, 1).repeat(4, 2)
    return (kinds[y] + rng.integers(0, 60, (len(y), 28, 28))).astype(np.uint8)


LOOKS = {
    "transposed": (lambda x: x.transpose(0, 2, 1), "with rows and columns exchanged"),
    "white paper": (lambda x: 255 - x, "with paper and ink exchanged"),
    "white paper, 0 to 1": (lambda x: 1 - x / 255, "with paper and ink exchanged"),
    "both": (lambda x: 255 - x.transpose(0, 2, 1), "with paper and ink, and rows and columns,"),
    "mirrored": (lambda x: x[:, :, ::-1], "mirrored from left to right"),
    "flipped": (lambda x: x[:, ::-1], "mirrored from top to bottom"),
    "half a turn": (lambda x: np.rot90(x, 2, axes=(1, 2)), "turned by half a turn"),
    "to the left": (lambda x: np.rot90(x, 1, axes=(1, 2)), "turned to the left"),
    "to the right": (lambda x: np.rot90(x, 3, axes=(1, 2)), "turned to the right"),
    "columns last": (lambda x: x.transpose(0, 2, 1).reshape(-1, 784), "with rows and columns exch"),
    "two tones": (lambda x: (x > 127).astype(np.uint8), "have two tones, where MNIST has 256"),
    "truth": (lambda x: x > 127, "have two tones"),
    "0 and 255": (lambda x: (x > 99) * 255.0, "have two tones"),
    "no digits": (lambda x: shirts(), r"may be no digits, .*reads \d+% of some .*Fashion-MNIST"),
    "bright": (lambda x: 255 - shirts(), "hold more ink than paper"),
}


@pytest.mark.parametrize("what", LOOKS)
def test_what_looks_wrong_is_said_in_one_line_and_used(name, capsys, what):
    change, words = LOOKS[what]
    path = name(npz(x_test=change(arrays()["x_test"])))
    got, lines = load(capsys)
    assert got is not digits.small_digits() and len(lines) == 2
    start = f"MNIST_NPZ: {path} may not be what it should be: its pictures to test on "
    assert lines[0].startswith(start) and re.search(words, lines[0]), lines[0]
    assert "They are used as they are" in lines[0] and lines[1] == f"{GOOD}."
    assert load(capsys) == (got, lines)  # a cell that is run again says the same


def test_both_parts_are_doubted_in_one_line(name, capsys):
    good = arrays()
    name(npz(x_train=255 - good["x_train"], x_test=255 - good["x_test"]))
    lines = load(capsys)[1]
    assert len(lines) == 2 and "its pictures look like digits with paper" in lines[0]


def test_labels_of_other_pictures_are_doubted(name, capsys):
    name(npz(y_train=np.roll(arrays()["y_train"], 1)))
    assert (
        "its pictures to train on may be no digits, or have the labels of others"
        in load(capsys)[1][0]
    )


@pytest.mark.parametrize("words", looks.CHANGES)
def test_the_cure_that_is_said_is_the_one_that_was_tried(words):
    images = x(3, 28, 28)
    said, undo = looks.CHANGES[words]
    np.testing.assert_array_equal(eval(said, {"images": images}), undo(images))


def test_a_hard_hand_is_no_fault():
    good, rng = arrays(), np.random.default_rng(0)
    noisy = np.clip(good["x_test"] + rng.normal(0, 40, good["x_test"].shape), 0, 255)
    shifted = np.roll(good["x_train"], 4, 1)
    assert not looks.doubt(shifted, good["y_train"], noisy.astype(np.uint8), good["y_test"])


def test_nothing_is_doubted_where_the_shipped_reader_is_gone(monkeypatch, tmp_path):
    monkeypatch.setattr(looks, "READER", tmp_path / "gone.npz")
    looks._reader.cache_clear()
    try:
        good = arrays()
        assert not looks.doubt(255 - good["x_train"], *list(good.values())[1:])
    finally:
        looks._reader.cache_clear()


# --- paths ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("quoted", ['"{}"', "'{}'", " {} ", ' "{}"'])
def test_quotes_and_spaces_around_the_path_are_taken_off(name, capsys, tmp_path, quoted):
    path = name(npz(), "my digits.npz")
    name(quoted.format(path))
    is_the_set(load(capsys)[0])


def test_relative_path_is_found_from_the_notebooks_folder(name, monkeypatch, tmp_path, capsys):
    name(npz())
    monkeypatch.chdir(tmp_path)
    name("mine.npz")
    is_the_set(load(capsys)[0])


def test_missing_relative_path_says_where_it_was_looked_for(name, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    name("data/mine.npz")
    lines = load(capsys)[1]
    assert lines[0] == (
        f"MNIST_NPZ: there is no file {tmp_path / 'data' / 'mine.npz'} ({tmp_path} is there, and "
        "has no data). A relative path is looked for from the notebook's folder; give the whole "
        "path. Other digits are used."
    )
    assert len(lines) == 2


def test_missing_file_is_not_said_to_be_left_as_it_was(name, tmp_path, capsys):
    name(tmp_path / "mine.npz")
    lines = load(capsys)[1]
    assert lines[0] == (
        f"MNIST_NPZ: there is no file {tmp_path / 'mine.npz'}. Check the path. Other digits are "
        "used."
    )


def test_path_through_a_file_is_a_missing_file(name, tmp_path, capsys):
    name(name(npz()) / "mnist.npz")
    assert "there is no file" in load(capsys)[1][0]


def test_broken_link_is_told_as_one(name, tmp_path, capsys):
    link = tmp_path / "link.npz"
    link.symlink_to(tmp_path / "unplugged" / "mnist.npz")
    name(link)
    assert load(capsys)[1][0] == (
        f"MNIST_NPZ: {link} is a link that leads nowhere: {tmp_path / 'unplugged' / 'mnist.npz'} "
        "is not there. Other digits are used."
    )


def test_link_in_a_circle_is_told(name, tmp_path, capsys):
    link = tmp_path / "link.npz"
    link.symlink_to(link)
    name(link)
    assert load(capsys)[1][0].startswith(f"MNIST_NPZ: {link} cannot be read (")


def test_folder_without_a_set_says_what_was_looked_for(name, tmp_path, capsys):
    (tmp_path / "other.txt").write_text("hello")
    refused(name(tmp_path), load(capsys), "neither mnist.npz nor idx files .*Name the file itself")


@pytest.mark.parametrize("file", ["mnist.npz", "only.npz"])
def test_folder_of_one_npz_will_do(name, tmp_path, capsys, file):
    name(npz(), file)
    name(tmp_path)
    got, lines = load(capsys)
    is_the_set(got)
    assert lines[0].endswith(f"from {file}, which MNIST_NPZ names.")


def test_address_is_no_path(name, capsys):
    name("https://example.org/mnist.npz")
    refused("https://example.org/mnist.npz", load(capsys), "an address. Download the file")


@pytest.mark.parametrize("nothing", ["", "  ", '""'])
def test_nothing_named_is_no_file_named(name, monkeypatch, capsys, nothing):
    monkeypatch.setenv("MNIST_NPZ", nothing)
    got, lines = load(capsys)
    assert got is digits.small_digits() and len(lines) == (2 if '"' in nothing else 1)


@pytest.mark.parametrize("fault", ["pipe", "forbidden"])
def test_what_cannot_be_opened_is_told(name, monkeypatch, tmp_path, capsys, fault):
    path = tmp_path / "mine.npz"
    if fault == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("no named pipes here")
        os.mkfifo(path)
    else:
        path.write_bytes(npz())
        opened = Path.open

        def refuse(self, *args, **kwargs):  # not chmod, which does not stop root
            if self == path:
                raise PermissionError(13, "Permission denied", str(self))
            return opened(self, *args, **kwargs)

        monkeypatch.setattr(Path, "open", refuse)
    name(path)
    reason = {"pipe": "it is no plain file", "forbidden": "you have no permission"}[fault]
    assert (
        load(capsys)[1][0] == f"MNIST_NPZ: {path} cannot be read ({reason}). Other digits are used."
    )


def test_file_that_is_written_anew_is_read_anew(name, capsys):
    path = name(packed(arrays(), np.savez))
    first = load(capsys)[0]
    assert load(capsys)[0] is first  # read once while it stays the same
    times = path.stat()
    path.write_bytes(packed(arrays(2), np.savez))  # of the same size
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as `cp -p` would
    is_the_set(load(capsys)[0], arrays(seed=2))
    path.unlink()
    assert "there is no file" in load(capsys)[1][0]


def test_idx_file_that_is_written_anew_is_read_anew(name, tmp_path, capsys):
    files = write_idx(tmp_path / "idx")
    name(files[0])
    load(capsys)
    labels = np.roll(arrays()["y_test"], 1)
    files[3].write_bytes(idx(labels))
    np.testing.assert_array_equal(load(capsys)[0].y_test, labels)


def test_report_does_not_say_that_a_file_is_there_which_is_not_in_use(name, tmp_path, capsys):
    name(tmp_path / "mine.npz")
    report.report()
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("Everything is there but what MNIST_NPZ names")
    name(npz())
    report.report()
    assert capsys.readouterr().out.endswith("Everything is there.\n")
