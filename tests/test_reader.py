"""The reader: its shapes, its training, its file, its silence; the weights that are shipped."""

import _thread
import importlib.util
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from helpers import cells, reader, trace
from helpers.digits import small_digits
from helpers.reader.progress import Progress, duration
from tests.notebook_tools import ROOT

CELLS = ("rnn", "gru", "lstm")


def tall_digits(n=60):
    """Real digits cut to 20 columns, so that 28 time steps and 20 features cannot be mixed up."""
    digits = small_digits()
    return digits.x_train[:n, :, 4:24], digits.y_train[:n]


def random_reader(cell="lstm", features=5, units=6, seed=0):
    random = np.random.default_rng(seed)
    weights = cells.random_weights(cell, features, units, seed=seed)
    head = random.normal(size=(units, 10)), random.normal(size=10)
    arrays = [np.asarray(array, np.float32) for array in (*weights, *head)]
    return reader.ReaderWeights(cell, *arrays, {"seed": seed})


# --- shapes, and in and out of Keras -----------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS)
def test_a_reader_is_named_sized_and_seeded_as_promised(cell):
    model = reader.build_reader(cell, units=6, time_steps=14, features=56, seed=4)
    assert model.input_shape == (None, 14, 56)
    assert model.output_shape == (None, 10)
    assert [layer.name for layer in model.layers] == ["reader", "head"]
    weights = reader.weights_of(model)
    assert (weights.cell, weights.units, weights.features) == (cell, 6, 56)
    again = reader.weights_of(reader.build_reader(cell, units=6, features=56, seed=4))
    other = reader.weights_of(reader.build_reader(cell, units=6, features=56, seed=5))
    np.testing.assert_array_equal(weights.kernel, again.kernel)
    assert not np.array_equal(weights.kernel, other.kernel)


@pytest.mark.parametrize("cell", CELLS)
def test_weights_survive_the_way_through_keras_and_mean_the_same_there(cell):
    weights = random_reader(cell)
    model = reader.to_keras(weights)
    back = reader.weights_of(model)
    for name in ("kernel", "recurrent_kernel", "bias", "head_kernel", "head_bias"):
        np.testing.assert_array_equal(getattr(back, name), getattr(weights, name))
    images = np.random.default_rng(1).random((3, 7, 5)).astype(np.float32)
    logits = np.asarray(model(images))
    ours = np.stack([trace.trace(weights, image).logits[-1] for image in images])
    np.testing.assert_allclose(logits, ours, atol=1e-5)
    again = np.asarray(reader.to_keras(back)(images))
    np.testing.assert_array_equal(logits, again)


def test_weights_of_refuses_another_model():
    keras = reader.import_keras()
    with pytest.raises(ValueError, match="a model of build_reader"):
        reader.weights_of(keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(10)]))


@pytest.mark.parametrize(
    "wrong", [{"cell": "LSTM"}, {"units": 0}, {"units": 2.5}, {"features": True}]
)
def test_build_reader_names_what_is_wrong(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        reader.build_reader(**wrong)


# --- what happens to the images and to the learning rate ---------------------------------------


def test_images_are_shifted_both_ways_and_never_come_back_on_the_other_side():
    image = np.zeros((1, 19, 23), np.uint8)
    image[0, 1, 20] = 200  # near the upper right corner
    many = reader.jostled(
        image.repeat(3000, 0), np.random.default_rng(0), shift=6, turn=0, slant=0, size=0
    )
    assert many.dtype == np.uint8
    assert many.shape == (3000, 19, 23)
    _, rows, columns = np.nonzero(many)
    assert set(rows) == set(range(8))  # what went out above does not come in below
    assert set(columns) == set(range(14, 23))
    assert len(set(zip(rows, columns, strict=True))) == 8 * 9  # the two are drawn independently
    assert (many.sum((1, 2)) == 0).any()
    assert set(np.unique(many)) == {0, 200}


def test_turn_slant_and_size_move_what_they_should():
    image = np.zeros((1, 21, 27), np.uint8)
    image[0, 2, 13] = image[0, 18, 13] = 1  # above and below the middle, row 10 and column 13

    def seen(**most):
        settings = {"shift": 0, "turn": 0, "slant": 0, "size": 0} | most
        out = reader.jostled(image.repeat(400, 0), np.random.default_rng(0), **settings)
        return np.argwhere(out)[:, 1:]

    assert len(np.unique(seen(), axis=0)) == 2
    turned, slanted, sized = seen(turn=40), seen(slant=0.5), seen(size=0.3)
    assert set(slanted[:, 0]) == {2, 18}
    assert len(set(slanted[:, 1])) > 5
    assert set(sized[:, 1]) == {13}
    assert len(set(sized[:, 0])) > 5
    assert len(set(turned[:, 0])) > 2
    assert len(set(turned[:, 1])) > 5


def test_all_together_are_one_turn_and_stretch_about_the_middle():
    images, _ = tall_digits(6)
    n, height, width = images.shape
    most = {"shift": 3, "turn": 30, "slant": 0.4, "size": 0.3}
    ours = reader.jostled(images, np.random.default_rng(5), **most)
    random = np.random.default_rng(5)
    limits = (3, 3, np.radians(30), 0.4, np.log(1.3))
    draws = np.array([random.uniform(-limit, limit, n) for limit in limits])
    slow = np.zeros_like(images)
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    for k, (down, right, angle, lean, scale) in enumerate(draws.T):
        turn = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        matrix = np.exp(scale) * np.array(turn) + [[0, 0], [lean, 0]]
        for place in np.ndindex(height, width):
            row, column = np.rint(matrix @ (place - middle - [down, right]) + middle).astype(int)
            if 0 <= row < height and 0 <= column < width:
                slow[k][place] = images[k, row, column]
    assert (ours != slow).mean() < 0.002  # but for a few halves that are rounded the other way


def test_every_image_of_a_batch_is_moved_in_its_own_way_and_none_is_changed_in_place():
    images, _ = tall_digits(40)
    before = images.copy()
    random = np.random.default_rng(0)
    first, second = reader.jostled(images, random), reader.jostled(images, random)
    np.testing.assert_array_equal(images, before)
    assert (first != second).any((1, 2)).all()
    same = reader.jostled(images[:1].repeat(8, 0), random)
    assert len(np.unique(same, axis=0)) == 8


def test_the_learning_rate_goes_through_one_cycle():
    rates = np.array([reader.one_cycle(step, 101, 0.01) for step in range(101)])
    assert rates.argmax() == 30
    np.testing.assert_allclose(rates[[0, 30, 100]], [0.01 / 25, 0.01, 1e-6])
    assert (np.diff(rates[:31]) > 0).all()
    assert (np.diff(rates[30:]) < 0).all()
    assert np.isfinite(
        [reader.one_cycle(step, steps, 1) for steps in (1, 2) for step in range(steps)]
    ).all()


# --- training ----------------------------------------------------------------------------------


def test_training_improves_repeats_with_its_seed_and_reports_the_validation():
    images, labels = tall_digits(300)

    def trained(seed):
        model = reader.build_reader("gru", units=20, time_steps=28, features=20, seed=0)
        history = reader.train_reader(
            model,
            images,
            labels,
            epochs=12,
            batch_size=20,
            seed=seed,
            validation=(images[:70], labels[:70]),
        )
        return model, history

    model, history = trained(0)
    assert set(history) == {"loss", "accuracy", "seconds", "val_loss", "val_accuracy"}
    assert {len(entries) for entries in history.values()} == {12}
    assert all(type(entry) is float for entries in history.values() for entry in entries)
    assert history["loss"][-1] < 0.7 * history["loss"][0]
    assert history["val_accuracy"][-1] == pytest.approx(
        trace.accuracy(reader.weights_of(model), images[:70], labels[:70])
    )
    kernel = reader.weights_of(model).kernel
    np.testing.assert_array_equal(reader.weights_of(trained(0)[0]).kernel, kernel)
    assert not np.array_equal(reader.weights_of(trained(1)[0]).kernel, kernel)
    # The same cell run twice: the same model trains on.
    more = reader.train_reader(model, images, labels, epochs=1, batch_size=20)
    assert more["loss"][0] < history["loss"][0]


class StandIn:
    """As much of a Keras model as train_reader uses, to see what it is given, without waiting."""

    input_shape = (None, 28, 20)

    def __init__(self, stop_at=None):
        self.batches, self.rates, self.stop_at = [], [], stop_at

    def compile(self, optimizer, *_, **settings):
        self.optimizer, self.settings = optimizer, settings

    def reset_metrics(self):
        pass

    def train_on_batch(self, x, y, return_dict):
        self.batches.append((x, y))
        self.rates.append(float(self.optimizer.learning_rate))
        if len(self.batches) == self.stop_at:
            _thread.interrupt_main()  # what Ctrl-C and Jupyter's stop button come to
            for _ in range(1000):
                pass
        return {"loss": 1.0, "accuracy": 0.5}


@pytest.mark.parametrize(("n", "epochs"), [(4000, 48), (60_000, 8), (5, 720)])
def test_few_images_are_read_in_more_epochs(n, epochs):
    model = StandIn()
    model.input_shape = (None, 1, 1)
    images, labels = np.zeros((n, 1, 1), np.uint8), np.zeros(n, np.uint8)
    history = reader.train_reader(model, images, labels, jostle=False)
    assert len(history["loss"]) == epochs
    assert len(model.batches) == epochs * max(1, n // 256)


def test_each_epoch_reads_every_image_once_in_a_new_order_with_its_own_label():
    model, n = StandIn(), 60
    images = np.arange(n, dtype=np.uint8)[:, None, None].repeat(28, 1).repeat(20, 2)
    reader.train_reader(model, images, images[:, 0, 0] % 10, epochs=2, batch_size=20, jostle=False)
    read = [np.rint(x[:, 3, 4] * 255).astype(int) for x, _ in model.batches]
    for seen, (x, y) in zip(read, model.batches, strict=True):
        assert x.dtype == np.float32
        assert x.shape == (20, 28, 20)
        np.testing.assert_array_equal(y, seen % 10)
    epochs = np.concatenate(read).reshape(2, n)
    np.testing.assert_array_equal(np.sort(epochs), np.arange(n)[None].repeat(2, 0))
    assert not np.array_equal(*epochs)
    np.testing.assert_allclose(
        model.rates, [reader.one_cycle(i, 6, 0.01) for i in range(6)], rtol=1e-5
    )
    assert model.settings["jit_compile"] is False


def test_an_interrupt_keeps_the_weights_and_says_so_in_one_line(capsys):
    reader.training._say_device_once.cache_clear()
    # A test run that a shell started in the background would ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    images, labels = tall_digits(60)
    model = StandIn(stop_at=8)
    try:
        history = reader.train_reader(model, images, labels, epochs=5, batch_size=20)
    finally:
        signal.signal(signal.SIGINT, before)
    assert history["loss"] == [1.0, 1.0]
    assert len(model.batches) == 8
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Device: ")
    assert lines[1].startswith(
        "Stopped by you in epoch 3 of 5, after 0 s. The model keeps the weig"
    )
    reader.train_reader(StandIn(stop_at=99), images, labels, epochs=1, batch_size=20)
    assert "Device" not in capsys.readouterr().out  # said at the first training alone


def test_train_reader_names_what_is_wrong():
    images, labels = tall_digits(30)
    model = reader.build_reader("rnn", units=3, time_steps=28, features=20)
    before = reader.weights_of(model)

    def refuses(error, words, *arguments, **settings):
        with pytest.raises(error, match=words):
            reader.train_reader(*arguments, **settings)

    refuses(TypeError, "give a Keras model", before, images, labels)
    refuses(TypeError, "float64: give uint8", model, images / 255, labels)
    refuses(ValueError, "features are swapped", model, images.swapaxes(1, 2), labels)
    refuses(ValueError, "27 time steps of 20 features, but", model, images[:, 1:], labels)
    refuses(ValueError, "28 time steps of 19 features, but", model, images[:, :, 1:], labels)
    refuses(ValueError, r"give \(n, 28, 20\)", model, images[0], labels)
    refuses(ValueError, "at least one", model, images[:0], labels[:0])
    refuses(ValueError, r"\(30,\)", model, images, labels[1:])
    refuses(ValueError, "argmax", model, images, np.eye(10)[labels])
    refuses(ValueError, "0 to 9", model, images, labels + 1 + (labels == 8))
    refuses(ValueError, "0 to 9", model, images, labels + 0.5)
    refuses(ValueError, "epochs is 0", model, images, labels, epochs=0)
    refuses(ValueError, "batch_size", model, images, labels, batch_size=2.5)
    refuses(ValueError, "peak_learning_rate", model, images, labels, peak_learning_rate=0)
    refuses(ValueError, "validation", model, images, labels, validation=(images, labels[1:]))
    refuses(TypeError, "give a pair, validation=", model, images, labels, validation=images)
    pixels = reader.build_reader("rnn", units=3, time_steps=560, features=1)
    refuses(ValueError, "jostle=False", pixels, images.reshape(30, 560, 1), labels)
    np.testing.assert_array_equal(reader.weights_of(model).kernel, before.kernel)


# --- the line of progress ----------------------------------------------------------------------


class Clock:
    """Stands in for the module time: nothing here depends on how busy the computer is."""

    now = 1000.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("helpers.reader.progress.time", clock)
    return clock


def test_in_a_terminal_one_line_is_overwritten_and_fits(capsys, monkeypatch, clock):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    progress = Progress(epochs=3, batches=40)
    clock.now += 3  # the first batch takes longer, and does not count for the time left
    progress.batch(1, 2.0, 0.1)
    clock.now += 28
    progress.batch(57, 0.5, 0.925)
    clock.now += 30
    progress.validation = 0.9
    progress.batch(120, 0.25, 0.95)
    progress.finish()
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    *parts, last = out.rstrip("\n").split("\r")
    assert "[####......]  47 %  epoch 2 of 3, batch 17 of 40, 32 s left" in parts
    assert max(map(len, parts)) < 60
    # What is shorter covers what was longer: on the screen no old letter stays.
    assert all(len(new) >= len(old.rstrip()) for old, new in itertools.pairwise(parts))
    assert last == (
        "Trained for 3 epochs in 61 s: loss 0.250, accuracy on the training batches 95.0 %, "
        "on the validation images 90.0 %."
    )


def test_in_a_wide_terminal_a_shorter_text_leaves_no_letter_of_the_longer(
    capsys, monkeypatch, clock
):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    progress = Progress(epochs=11, batches=100)
    for done in (1, 100, 1001):
        clock.now += 60
        progress.batch(done, 1.0, 0.1)
    parts = capsys.readouterr().out.split("\r")
    longest = max(parts, key=lambda text: len(text.rstrip()))
    assert len(parts[-1].rstrip()) < len(longest.rstrip()) <= len(parts[-1])


def test_in_a_file_only_the_last_line_is_written(capsys, clock):
    progress = Progress(epochs=1, batches=2)
    for done in (1, 2):
        clock.now += 10
        progress.batch(done, 1.0, 0.5)
    progress.finish()
    assert capsys.readouterr().out == (
        "Trained for 1 epoch in 20 s: loss 1.000, accuracy on the training batches 50.0 %.\n"
    )


def test_the_line_is_renewed_at_most_five_times_a_second(monkeypatch, clock):
    progress = Progress(epochs=1, batches=1000)
    written = []
    monkeypatch.setattr(progress, "_write", written.append)
    for done in range(1, 1001):
        clock.now += 0.01
        progress.batch(done, 1.0, 0.5)
    assert 40 <= len(written) <= 50


def test_seconds_are_said_as_people_say_them():
    assert [duration(s) for s in (0.4, 89.4, 90, 125.4)] == [
        "0 s",
        "89 s",
        "1 min 30 s",
        "2 min 05 s",
    ]


# --- the file ----------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS)
def test_a_file_gives_back_what_was_saved(cell, tmp_path):
    weights, path = random_reader(cell), tmp_path / "mine.npz"
    reader.save(path, weights, {"command": "by hand", "accuracy": 0.5})
    back = reader.load(path)
    assert back.cell == cell
    assert back.about == {"command": "by hand", "accuracy": 0.5}
    for name in ("kernel", "recurrent_kernel", "bias", "head_kernel", "head_bias"):
        np.testing.assert_array_equal(getattr(back, name), getattr(weights, name))
        assert getattr(back, name).dtype == np.float32
    reader.save(tmp_path / "again.npz", back)
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def test_save_never_replaces_a_file_unasked(tmp_path):
    path = tmp_path / "mine.npz"
    path.write_text("precious")
    with pytest.raises(FileExistsError, match=r"mine\.npz is there already"):
        reader.save(path, random_reader())
    assert path.read_text() == "precious"
    reader.save(path, reader.to_keras(random_reader(seed=3)), overwrite=True)
    np.testing.assert_array_equal(reader.load(path).kernel, random_reader(seed=3).kernel)
    with pytest.raises(FileNotFoundError, match="no folder"):
        reader.save(tmp_path / "nowhere" / "mine.npz", random_reader())


def test_nothing_is_written_where_the_weights_or_about_are_unfit(tmp_path):
    path, good = tmp_path / "mine.npz", random_reader()
    bad = reader.ReaderWeights("gru", *(getattr(good, name) for name in reader.weights.ARRAYS))
    for wrong, about in ((bad, {}), (good, {"x": {1, 2}}), (good, "words")):
        with pytest.raises((ValueError, TypeError)):
            reader.save(path, wrong, about)
    assert not path.exists()


class Evil:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


def unreadable_files():
    good = random_reader()
    arrays = {name: getattr(good, name) for name in reader.weights.ARRAYS}
    whole = {"cell": "lstm", "about": json.dumps({}), **arrays}
    nan = np.full_like(good.kernel, np.nan)
    yield "another cell", whole | {"cell": "gru"}
    yield "an unknown cell", whole | {"cell": "transformer"}
    yield "a missing array", {name: array for name, array in whole.items() if name != "bias"}
    yield "a head of another size", whole | {"head_kernel": np.ones((7, 10), np.float32)}
    yield "a bias of another size", whole | {"head_bias": np.ones((1, 10), np.float32)}
    yield "not finite", whole | {"kernel": nan}
    yield "no numbers", whole | {"kernel": np.full(good.kernel.shape, "x")}
    yield "no JSON", whole | {"about": "{"}
    yield "about is a list", whole | {"about": "[]"}
    yield "a pickle", whole | {"about": np.array([Evil()], dtype=object)}


@pytest.mark.parametrize(("fault", "arrays"), list(unreadable_files()))
def test_load_refuses_a_foreign_file_by_name(fault, arrays, tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, **arrays)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"mine\.npz holds no reader .* repository again"):
        reader.load(path)
    assert path.read_bytes() == before


def test_load_refuses_a_damaged_file_and_names_a_missing_one(tmp_path):
    path = tmp_path / "mine.npz"
    reader.save(path, random_reader())
    whole = path.read_bytes()
    middle = len(whole) // 2
    for damaged in (
        b"",
        b"<!DOCTYPE html>",
        whole[:middle],
        whole[:middle] + bytes(200) + whole[middle + 200 :],
        b"\x93NUMPY" + bytes(20),
    ):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"mine\.npz holds no reader"):
            reader.load(path)
    np.save(tmp_path / "one.npy", np.ones(3))
    with pytest.raises(ValueError, match=r"one\.npy holds no reader"):
        reader.load(tmp_path / "one.npy")
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.npz"):
        reader.load(tmp_path / "none.npz")
    with pytest.raises(ValueError, match="'rnn', 'gru', 'lstm'"):
        reader.shipped("GRU")


# --- what is shipped ---------------------------------------------------------------------------


@pytest.mark.parametrize("cell", CELLS)
def test_shipped_weights_are_as_good_as_their_table_says(cell):
    weights = reader.shipped(cell)
    assert (weights.cell, weights.units, weights.features) == (cell, 128, 28)
    digits = small_digits()
    images = np.concatenate([digits.x_train, digits.x_test])
    labels = np.concatenate([digits.y_train, digits.y_test])
    about = weights.about
    # Keras, for its speed; tests/test_trace.py holds the reading in NumPy to the same logits.
    logits = reader.to_keras(weights).predict(images / np.float32(255), batch_size=500, verbose=0)
    assert (logits.argmax(1) == labels).mean() == pytest.approx(about["accuracy_bundled"], abs=5e-4)
    table = (ROOT / "helpers" / "data" / "README.md").read_text(encoding="utf-8")
    row = (
        f"| `reader_{cell}.npz` | `{about['command']}` | {about['data']} | {about['seed']} "
        f"| {about['epochs']} | {about['accuracy']:.2%} | {about['accuracy_bundled']:.2%} |"
    )
    assert row in table.splitlines()
    assert f"--cell {cell} --seed {about['seed']} --epochs {about['epochs']}" in about["command"]


def test_the_shipped_lstm_reads_better_than_992_in_a_thousand():
    assert reader.shipped("lstm").about["accuracy"] >= 0.992


# --- silence -----------------------------------------------------------------------------------


def run_python(source, **environment):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout, done.stderr


def test_importing_building_training_and_predicting_write_nothing_on_stderr():
    code, out, err = run_python("""
        import numpy as np
        from helpers import reader
        keras = reader.import_keras()
        assert reader.import_keras() is keras
        print(keras.backend.backend())
        model = reader.build_reader(units=4)
        images = np.zeros((40, 28, 28), np.uint8)
        reader.train_reader(model, images, np.zeros(40, int), epochs=1)
        model.predict(images / 255, verbose=0)
        plain = keras.Sequential([keras.layers.Input((28, 28)), keras.layers.LSTM(4)])
        plain.predict(images / 255, verbose=0)  # never compiled: Keras takes XLA
    """)
    assert (code, err) == (0, "")
    backend, device, trained = out.splitlines()
    assert backend == "tensorflow"
    assert re.fullmatch(
        r"Device: (GPU .+|CPU with \d+ cores?; no GPU found) \(Keras on .+\)\.", device
    )
    assert trained.startswith("Trained for 1 epoch")


def test_where_the_import_fails_its_own_words_are_shown(tmp_path):
    (tmp_path / "tensorflow.py").write_text(
        "import os\nos.write(2, b'the true reason\\n')\nraise ImportError('a library is missing')\n"
    )
    code, _, err = run_python(
        f"""
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        from helpers import reader
        reader.import_keras()
        """
    )
    assert code == 1
    assert "the true reason" in err
    assert err.rstrip().endswith("ImportError: a library is missing")


def test_a_missing_backend_is_named_with_what_to_do():
    code, _, err = run_python(
        """
        import sys
        sys.modules["tensorflow"] = None
        from helpers import reader
        reader.import_keras()
        """
    )
    assert code == 1
    assert "tensorflow is not installed in this Python" in err
    assert "python -m pip install tensorflow" in err


@pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="JAX is not installed")
def test_the_same_code_trains_on_jax():
    code, out, err = run_python(
        """
        import numpy as np
        from helpers import reader
        random = np.random.default_rng(0)
        images = random.integers(0, 255, (60, 28, 20), dtype=np.uint8)
        model = reader.build_reader(units=6, features=20)
        history = reader.train_reader(model, images, np.arange(60) % 10, epochs=3, batch_size=20)
        assert history["loss"][-1] < history["loss"][0]
        assert reader.weights_of(reader.to_keras(reader.weights_of(model))).units == 6
        """,
        KERAS_BACKEND="jax",
    )
    assert code == 0, err
    assert "(Keras on jax)" in out
