"""The reader: its shapes, its training, its file, its silence; the weights that are shipped."""

import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from helpers import cells, reader, trace
from helpers.digits import small_digits
from helpers.reader import checked
from helpers.reader.status_line import Progress, duration
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


def another_model(name):
    """Give a model that has the layers of a reader and is none, or is one in another guise."""
    keras = reader.import_keras()
    layers = keras.layers
    lstm, head = layers.LSTM(6, name="reader"), layers.Dense(10, name="head")
    rows = layers.Input((7, 5))
    if name.startswith("recurrent "):
        setting = {
            "recurrent go_backwards=True": {"go_backwards": True},
            "recurrent activation='relu'": {"activation": "relu"},
            "recurrent recurrent_activation='hard_sigmoid'": {
                "recurrent_activation": "hard_sigmoid"
            },
            "recurrent use_bias=False": {"use_bias": False},
            "recurrent return_sequences=True": {"return_sequences": True},
        }[name]
        return keras.Sequential([rows, layers.LSTM(6, name="reader", **setting), head])
    if name == "reset_after=False":
        gru = layers.GRU(6, reset_after=False, name="reader")
        return keras.Sequential([rows, gru, head])
    if name == "activation='softmax'":
        return keras.Sequential([rows, lstm, layers.Dense(10, activation="softmax", name="head")])
    between = {
        "(Dense)": [rows, lstm, layers.Dense(6), head],
        "(Softmax)": [rows, lstm, head, layers.Softmax()],
        "(Masking)": [rows, layers.Masking(), lstm, head],
        "no recurrent layer named": [rows, layers.Bidirectional(lstm, name="reader"), head],
        "must be built": [lstm, head],
    }
    if name in between:
        return keras.Sequential(between[name])
    read = {
        "on random inputs": lambda x: head(lstm(keras.ops.flip(x, axis=1))),
        "it has 2 outputs": lambda x: [head(lstm(x)), lstm(x)],
        "Something besides them": lambda x: head(lstm(x)) * 1.1,
    }[name]
    return keras.Model(rows, read(rows))


@pytest.mark.parametrize(
    "name",
    [
        "recurrent go_backwards=True",
        "recurrent activation='relu'",
        "recurrent recurrent_activation='hard_sigmoid'",
        "recurrent use_bias=False",
        "recurrent return_sequences=True",
        "reset_after=False",
        "activation='softmax'",
        "(Dense)",
        "(Softmax)",
        "(Masking)",
        "no recurrent layer named",
        "must be built",
        "on random inputs",
        "it has 2 outputs",
        "Something besides them",
    ],
)
def test_weights_of_misreads_no_other_model(name):
    model = another_model(name)
    with pytest.raises(ValueError) as error:
        reader.weights_of(model)
    assert name.removeprefix("recurrent ") in str(error.value)


def test_weights_of_reads_what_does_the_same_outside_of_training():
    keras = reader.import_keras()
    layers = keras.layers
    images = np.random.default_rng(3).random((2, 7, 5)).astype(np.float32)
    for dtype, close in (("float32", 1e-5), ("float64", 1e-9), ("mixed_bfloat16", 0.2)):
        lstm = layers.LSTM(6, dropout=0.3, name="reader", dtype=dtype)
        head = layers.Dense(10, name="head", dtype=dtype)
        rows = layers.Input(batch_shape=(2, 7, 5))
        model = keras.Sequential([rows, lstm, layers.Dropout(0.5, dtype=dtype), head])
        read = reader.weights_of(model)
        ours = cells.last_state("lstm", images, read.cell_weights)[0] @ read.head_kernel
        theirs = keras.ops.convert_to_numpy(keras.ops.cast(model(images), "float64"))
        np.testing.assert_allclose(ours + read.head_bias, theirs, atol=close)


def test_weights_of_finds_the_two_layers_whatever_they_are_called():
    layers = reader.import_keras().layers
    images = np.random.default_rng(3).random((3, 7, 5)).astype(np.float32)
    rows = layers.Input((7, 5))
    for names in (
        ({}, {"name": "head"}),
        ({"name": "mine"}, {}),
        ({"name": "head"}, {"name": "reader"}),
    ):
        lstm, head = layers.LSTM(6, **names[0]), layers.Dense(10, **names[1])
        model = reader.import_keras().Sequential([rows, lstm, layers.Dropout(0.5), head])
        read = reader.weights_of(model)
        ours = cells.last_state("lstm", images, read.cell_weights)[0] @ read.head_kernel
        np.testing.assert_allclose(ours + read.head_bias, np.asarray(model(images)), atol=1e-5)
    backwards = layers.LSTM(6, go_backwards=True, name="mine")
    for wrong, says in (
        ([rows, backwards, layers.Dense(10)], "its layer 'mine' has go_backwards=True"),
        ([rows, layers.LSTM(6), layers.Dense(5), layers.Dense(10)], "nor one recurrent and one"),
        ([rows, layers.Masking(name="reader"), layers.LSTM(6), layers.Dense(10)], "Masking"),
    ):
        with pytest.raises(ValueError, match=says):
            reader.weights_of(reader.import_keras().Sequential(wrong))


def test_what_is_no_model_or_no_weights_is_named():
    weights = random_reader()
    for wrong in (weights, None, "mine.npz", reader.build_reader):
        with pytest.raises(TypeError, match="model is"):
            reader.weights_of(wrong)
    with pytest.raises(TypeError, match=r"weights_of\(model\)"):
        reader.to_keras(reader.to_keras(weights))
    with pytest.raises(TypeError, match=r"weights_of\(model\)"):
        trace.predict(reader.to_keras(weights), np.zeros((2, 7, 5)))
    with pytest.raises(TypeError, match=r"load\(path\)"):
        reader.to_keras("mine.npz")


@pytest.mark.parametrize(
    "wrong", [{"cell": "LSTM"}, {"units": 0}, {"units": 2.5}, {"features": True}]
)
def test_build_reader_names_what_is_wrong(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        reader.build_reader(**wrong)


# --- training ----------------------------------------------------------------------------------


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
    refuses(ValueError, "seed is -1", model, images, labels, seed=-1)
    refuses(TypeError, r"np.array\(labels\).astype", model, images, [str(n) for n in labels])
    batches = reader.training_batches(images, labels, 10)
    refuses(TypeError, "which gives batches: give the arrays", model, batches, labels)
    keras = reader.import_keras()
    for words, wrong in (
        ("callbacks is 'x': give a list", "x"),
        ("holds the class TerminateOnNaN itself", [keras.callbacks.TerminateOnNaN]),
        ("holds a function", [refuses]),
    ):
        refuses(TypeError, words, model, images, labels, callbacks=wrong)
    plateau = keras.callbacks.ReduceLROnPlateau()
    refuses(ValueError, "which sets the learning rate", model, images, labels, callbacks=plateau)
    early, saving = keras.callbacks.EarlyStopping, keras.callbacks.ModelCheckpoint
    for asks, callback in (
        ("EarlyStopping that asks for 'val_loss'", early()),
        ("ModelCheckpoint that asks for 'val_loss'", saving("x.keras", save_best_only=True)),
        ("ModelCheckpoint that asks for 'val_loss'", saving("{epoch}-{val_loss:.2f}.keras")),
    ):
        refuses(ValueError, asks, model, images, labels, callbacks=callback)
    seen = images, labels
    mistyped = {"validation": seen, "callbacks": early(monitor="val_acc")}
    refuses(ValueError, "'val_acc', and this training gives", model, images, labels, **mistyped)
    file = keras.callbacks.BackupAndRestore(__file__)
    refuses(ValueError, "which is a file: give a folder", model, images, labels, callbacks=file)
    cure = r"of the validation have .* with images\[\.\.\., 0\]"
    refuses(ValueError, cure, model, images, labels, validation=(images[..., None], labels))
    cure = r"\(images \* 255\)\.round\(\)\.astype\('uint8'\) makes them"
    refuses(TypeError, cure, model, images / 255, labels)
    refuses(TypeError, r"model\. images\.round\(\)\.astype", model, images * 1.0, labels)
    pixels = reader.build_reader("rnn", units=3, time_steps=560, features=1)
    refuses(ValueError, "augment=False", pixels, images.reshape(30, 560, 1), labels)
    np.testing.assert_array_equal(reader.weights_of(model).kernel, before.kernel)


def test_what_tensorboard_lacks_is_said_before_the_training(monkeypatch, tmp_path):
    images, labels = tall_digits(20)
    model = reader.build_reader("rnn", units=2, time_steps=28, features=20)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    board = reader.import_keras().callbacks.TensorBoard(str(tmp_path))
    with pytest.raises(ValueError, match="%pip install tensorboard"):
        reader.train_reader(model, images, labels, epochs=1, callbacks=[board])


def test_callbacks_that_ask_for_what_is_there_are_taken():
    callbacks = reader.import_keras().callbacks
    plain = callbacks.ModelCheckpoint("last.keras")  # it names val_loss, and never asks for it
    early = callbacks.EarlyStopping(monitor="loss")
    assert checked.checked_callbacks([plain, early], False) == [plain, early]
    best = callbacks.ModelCheckpoint("best.keras", "val_accuracy", save_best_only=True)
    named = callbacks.ModelCheckpoint("{epoch:02d}-{val_loss:.2f}.keras")
    early = callbacks.EarlyStopping()
    assert checked.checked_callbacks([best, named, early], True) == [best, named, early]


def network_that_ends(name):
    keras = reader.import_keras()
    layers = keras.layers
    rows, rnn = layers.Input((28, 20)), layers.SimpleRNN(3)
    states = layers.SimpleRNN(3, return_sequences=True)
    believing = keras.Sequential([layers.Dense(10), layers.Softmax()])
    fixed = layers.Input(batch_shape=(20, 28, 20))
    keeping = layers.Bidirectional(layers.SimpleRNN(3, stateful=True))
    frozen = [layers.SimpleRNN(3, trainable=False), layers.Dense(10, trainable=False)]
    by_hand = layers.Dense(10, activation=lambda x: keras.ops.softmax(x))
    believing_dense = layers.Dense(10, activation="softmax")

    class Own(keras.Model):
        def __init__(self, *line):
            super().__init__()
            self.line = line

        def call(self, x):
            for layer in self.line:
                x = layer(x)
            return x

    return {
        "with softmax": lambda: [rows, rnn, layers.Dense(10, activation="softmax")],
        "with softmax, after": lambda: [rows, rnn, layers.Dense(10), layers.Softmax()],
        "with softmax, inside": lambda: [rows, rnn, believing],
        "with softmax, by a function": lambda: [rows, rnn, by_hand],
        "with softmax, thinned": lambda: [rows, rnn, believing_dense, layers.Dropout(0.1)],
        "has stateful=True": lambda: [fixed, keeping, layers.Dense(10)],
        "no weights that can learn": lambda: [rows, *frozen],
        "with softmax, somewhere": lambda: Own(rnn, believing),
        "with sigmoid": lambda: [rows, rnn, layers.Dense(10), layers.Activation("sigmoid")],
        "(None, 5), but ten": lambda: [rows, rnn, layers.Dense(5)],
        "(None, 26), but ten": lambda: [rows, rnn, layers.Dense(26)],
        "(1, 5), but ten": lambda: Own(rnn, layers.Dense(5)),
        "after every time step": lambda: [rows, states, layers.Dense(10)],
        "has 2 outputs": lambda: keras.Model(rows, [layers.Dense(10)(rnn(rows)), rnn(rows)]),
        "ZeroDivisionError: division by zero": lambda: Own(lambda x: 1 / 0),
    }[name]()


@pytest.mark.parametrize(
    "name",
    [
        "with softmax",
        "with softmax, after",
        "with softmax, inside",
        "with softmax, by a function",
        "with softmax, thinned",
        "has stateful=True",
        "no weights that can learn",
        "with softmax, somewhere",
        "with sigmoid",
        "(None, 5), but ten",
        "(None, 26), but ten",
        "(1, 5), but ten",
        "after every time step",
        "has 2 outputs",
        "ZeroDivisionError: division by zero",
    ],
)
def test_a_network_whose_answers_are_no_ten_logits_is_refused_before_it_trains(name):
    images, labels = tall_digits(20)
    network = network_that_ends(name)
    if isinstance(network, list):
        network = reader.import_keras().Sequential(network)
    with pytest.raises(ValueError) as error:
        reader.train_reader(network, images, labels, epochs=1)
    says = name.partition(", ")[0] if name.startswith("with") else name
    assert says in str(error.value)
    assert "\x1b" not in str(error.value)


# --- the line of progress ----------------------------------------------------------------------


def scores(loss, accuracy):
    return {"loss": loss, "accuracy": accuracy}


class Clock:
    """Stands in for the module time: nothing here depends on how busy the computer is."""

    now = 1000.0

    def perf_counter(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("helpers.reader.status_line.time", clock)
    return clock


def test_in_a_terminal_one_line_is_overwritten_and_fits(capsys, monkeypatch, clock):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    progress = Progress(epochs=3, batches=40)
    clock.now += 3  # the first batch takes longer, and does not count for the time left
    progress.batch(1, scores(2.0, 0.1))
    clock.now += 28
    progress.batch(57, scores(0.5, 0.925))
    clock.now += 30
    progress.validation = 0.9
    progress.batch(120, scores(0.25, 0.95))
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
        progress.batch(done, scores(1.0, 0.1))
    parts = capsys.readouterr().out.split("\r")
    longest = max(parts, key=lambda text: len(text.rstrip()))
    assert len(parts[-1].rstrip()) < len(longest.rstrip()) <= len(parts[-1])


def test_in_a_file_only_the_last_line_is_written(capsys, clock):
    progress = Progress(epochs=1, batches=2)
    for done in (1, 2):
        clock.now += 10
        progress.batch(done, scores(1.0, 0.5))
    progress.finish()
    assert capsys.readouterr().out == (
        "Trained for 1 epoch in 20 s: loss 1.000, accuracy on the training batches 50.0 %.\n"
    )


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        (0, 4, "Trained for 4 epochs in 2 s: loss 1.000."),
        (0, 1, "Trained for 1 of 4 epochs in 2 s: loss 1.000."),
        (2, 4, "Trained for epochs 3 to 4 of 4 in 2 s: loss 1.000."),
        (3, 4, "Trained for epoch 4 of 4 in 2 s: loss 1.000."),
        (1, 3, "Trained for epochs 2 to 3 of 4 in 2 s: loss 1.000."),
    ],
)
def test_the_last_line_counts_the_epochs_that_were_trained(first, last, says, capsys, clock):
    progress = Progress(epochs=4, batches=2)
    for epoch in range(first, last):
        progress.begin(epoch)
        progress.batch(2 * epoch + 2, {"loss": 1.0})
        progress.whole = epoch + 1
    clock.now += 2
    progress.finish()
    assert capsys.readouterr().out == says + "\n"


def test_a_training_of_nothing_and_one_that_lost_its_weights_say_so(capsys, clock):
    Progress(epochs=4, batches=2).finish()
    assert capsys.readouterr().out == "Nothing was trained: of the 4 epochs none was left.\n"
    progress = Progress(epochs=1, batches=2)
    progress.batch(2, scores(float("nan"), 0.1))
    progress.finish()
    assert "loss nan, accuracy" in (out := capsys.readouterr().out)
    assert "The loss is no number any more" in out


def test_a_stop_after_the_last_batch_is_in_the_epoch_that_is_not_over(capsys, clock):
    progress = Progress(epochs=3, batches=2)
    for epoch, says in ((0, "epoch 1 of 3"), (1, "epoch 2 of 3")):
        progress.begin(epoch)
        progress.batch(2 * epoch + 2, scores(1.0, 0.5))
        progress.stop()  # while the validation images are read
        assert f"Stopped by you in {says}, after" in capsys.readouterr().out
        progress.whole = epoch + 1


def test_the_line_does_without_a_loss(capsys, clock):
    for reported, says in (({"accuracy": 0.5}, "accuracy on the"), ({"mine": 1}, "it reports no")):
        progress = Progress(epochs=1, batches=2)
        progress.batch(2, reported)
        progress.finish()
        assert f"Trained for 1 epoch in 0 s: {says}" in capsys.readouterr().out


def test_the_line_is_renewed_at_most_five_times_a_second(monkeypatch, clock):
    progress = Progress(epochs=1, batches=1000)
    written = []
    monkeypatch.setattr(progress, "_write", written.append)
    for done in range(1, 1001):
        clock.now += 0.01
        progress.batch(done, scores(1.0, 0.5))
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


def test_a_disk_that_is_full_costs_nothing(tmp_path, monkeypatch):
    path = tmp_path / "mine.npz"
    path.write_text("precious")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OSError, match=r"mine\.npz could not be written \(No space left"):
        reader.save(path, random_reader(), overwrite=True)
    assert path.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [path]


def test_paths_lose_their_quotes_and_say_where_they_were_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reader.save('"mine.npz"', random_reader())
    assert reader.load("'mine.npz'").units == 6
    with pytest.raises(FileNotFoundError) as error:
        reader.load("other.npz")
    assert f"no file other.npz in {tmp_path}" in str(error.value)
    arrays = (getattr(random_reader(), name).astype(float) for name in reader.weights.ARRAYS)
    wide = reader.ReaderWeights("lstm", *arrays)
    wide.kernel[0, 0] = 1e300  # infinite in the file's float32
    with pytest.raises(ValueError, match="kernel has numbers that are not finite"):
        reader.save("wide.npz", wide)
    assert not (tmp_path / "wide.npz").exists()


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


def test_load_says_what_opens_a_file_of_keras_and_never_to_trust_one(tmp_path):
    reader.build_reader("rnn", units=2, time_steps=3, features=4).save(tmp_path / "mine.keras")
    with pytest.raises(ValueError, match=r"keras\.models\.load_model opens it"):
        reader.load(tmp_path / "mine.keras")
    (tmp_path / "mine.npz").write_text("some words")
    with pytest.raises(ValueError, match="no file of NumPy arrays that save wrote") as error:
        reader.load(tmp_path / "mine.npz")
    assert "pickle" not in str(error.value)


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
        layer = keras.layers.LSTM(2)
        layer(np.zeros((1, 3, 2)), mask=np.array([[True, True, False]]))  # oneDNN logs of it
    """)
    assert (code, err) == (0, "")
    backend, device, trained = out.splitlines()
    assert backend == "tensorflow"
    assert re.fullmatch(
        r"Device: (GPU .+|CPU with \d+ cores?; no GPU found) \(Keras on .+\)\.", device
    )
    assert trained.startswith("Trained for 1 epoch")


def test_tensorflow_tells_of_warnings_and_no_less():
    reader.import_keras()  # TensorFlow 2.20 would tell in red of each pipeline's end
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "1"


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
