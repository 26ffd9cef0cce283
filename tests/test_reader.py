"""The reader: its shapes, its training, its file, its silence; the weights that are shipped."""

import os
import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from helpers import reader, trace
from helpers.digits import small_digits
from helpers.reader.status_line import Progress
from rnnscope import cells
from tests.notebook_tools import ROOT

CELLS = ("rnn", "gru", "lstm", "mingru")
keras = reader.import_keras()
layers = keras.layers


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


def rows():
    return layers.Input((28, 20))


def lstm(**settings):
    return layers.LSTM(6, name="reader", **settings)


def head(**settings):
    return layers.Dense(10, name="head", **settings)


def flipped():
    x = rows()
    return keras.Model(x, head()(lstm()(keras.ops.flip(x, axis=1))))


def two_outputs():
    x = rows()
    h = lstm()(x)
    return keras.Model(x, [head()(h), h])


MISREAD = [  # each has the layers of a reader and is none
    ([rows(), lstm(go_backwards=True), head()], "its layer 'reader' has go_backwards=True"),
    ([rows(), lstm(activation="relu"), head()], "has activation='relu'"),
    ([rows(), layers.GRU(6, reset_after=False, name="reader"), head()], "has reset_after=False"),
    ([rows(), lstm(), head(activation="softmax")], "its layer 'head' has activation='softmax'"),
    ([rows(), lstm(), layers.Dense(6), head()], "(Dense)"),
    ([rows(), layers.Bidirectional(lstm(), name="reader"), head()], "no recurrent layer named"),
    (flipped, "on random inputs it gives logits that lie up to"),
    (two_outputs, "it has 2 outputs"),
]


def made(model):
    return keras.Sequential(model) if isinstance(model, list) else model()


@pytest.mark.parametrize(("model", "words"), MISREAD, ids=[words for _, words in MISREAD])
def test_weights_of_misreads_no_other_model(model, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        reader.weights_of(made(model))


# --- training ----------------------------------------------------------------------------------


def test_train_reader_names_what_is_wrong(tmp_path):
    images, labels = tall_digits(30)
    callbacks = keras.callbacks
    model = reader.build_reader("rnn", units=3, time_steps=28, features=20)
    before = reader.weights_of(model)
    (tmp_path / "thesis.txt").write_text("mine")

    def refuses(words, *arguments, **settings):
        with pytest.raises((TypeError, ValueError)) as error:
            reader.train_reader(*(arguments or (model, images, labels)), **settings)
        assert words in str(error.value)

    refuses("float64: give uint8", model, images / 255, labels)
    pixels = reader.build_reader("rnn", units=3, time_steps=560, features=1)
    refuses("augment=False", pixels, images.reshape(30, 560, 1), labels)
    refuses("epochs is 0", epochs=0)
    refuses("labels of the validation", validation=(images, labels[1:]))
    refuses("give a pair, validation=", validation=images)
    refuses("sets the learning rate", callbacks=callbacks.ReduceLROnPlateau())
    backup = callbacks.BackupAndRestore(tmp_path)
    refuses("in which there is more (thesis.txt), and at the end of", callbacks=backup)
    assert (tmp_path / "thesis.txt").read_text() == "mine"
    np.testing.assert_array_equal(reader.weights_of(model).kernel, before.kernel)


class Broken(keras.Model):
    def call(self, x):
        return 1 / 0


def small(**settings):
    return layers.SimpleRNN(3, **settings)


BELIEVING = [layers.Dense(10), layers.Softmax()]
FIXED = layers.Input(batch_shape=(20, 28, 20))
REFUSED = [
    ([rows(), small(), head(activation="softmax"), layers.Dropout(0.1)], "as after softmax or sig"),
    ([rows(), small(), keras.Sequential(BELIEVING)], "as after softmax or sigmoid"),
    ([FIXED, layers.Bidirectional(small(stateful=True)), head()], "has stateful=True"),
    ([rows(), small(), layers.Dense(5)], "(None, 5), but ten digits need ten logits"),
    ([rows(), small(return_sequences=True), head()], "(None, 28, 10), but ten digits need ten "
     "logits for each image: leave out return"),
    (two_outputs, "has 2 outputs"),
    (Broken, "cannot read images, an array of shape (20, 28, 20): ZeroDivisionError: division by"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "words"), REFUSED, ids=range(len(REFUSED)))
def test_a_network_whose_answers_are_no_ten_logits_is_refused_before_it_trains(model, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        reader.train_reader(made(model), *tall_digits(20), epochs=1)


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


def test_the_line_says_how_far_it_is_and_at_the_end_what_came_of_it(capsys, monkeypatch, clock):
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
    assert last == (
        "Trained for 3 epochs in 61 s: loss 0.250, accuracy on the training batches 95.0 %, "
        "on the validation images 90.0 %."
    )


def test_a_training_of_nothing_and_one_that_lost_its_weights_say_so(capsys, clock):
    Progress(epochs=4, batches=2).finish()
    assert capsys.readouterr().out == "Nothing was trained: of the 4 epochs none was left.\n"
    progress = Progress(epochs=1, batches=2)
    progress.batch(2, scores(float("nan"), 0.1))
    progress.finish()
    assert "loss nan, accuracy" in (out := capsys.readouterr().out)
    assert "The loss is no number any more" in out


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
    with pytest.raises(FileNotFoundError, match=r"no file none\.npz in"):
        reader.load("none.npz")


class Evil:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


def unreadable_files():
    good = random_reader()
    whole = {name: getattr(good, name) for name in reader.weights.ARRAYS}
    whole |= {"cell": "lstm", "about": "{}"}
    yield whole | {"cell": "gru"}
    yield whole | {"kernel": np.full_like(good.kernel, np.nan)}
    yield whole | {"about": np.array([Evil()], dtype=object)}


def test_load_refuses_a_foreign_or_damaged_file_by_name(tmp_path):
    path = tmp_path / "mine.npz"
    reader.save(path, random_reader())
    whole = path.read_bytes()
    middle = len(whole) // 2
    bad = [b"", b"some words", whole[:middle], whole[:middle] + bytes(99) + whole[middle + 99 :]]
    for arrays in unreadable_files():
        np.savez(path, **arrays)
        bad.append(path.read_bytes())
    for content in bad:
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"mine\.npz holds no reader .* repository again"):
            reader.load(path)
        assert path.read_bytes() == content
    reader.build_reader("rnn", units=2, time_steps=3, features=4).save(tmp_path / "mine.keras")
    with pytest.raises(ValueError, match=r"keras\.models\.load_model opens it"):
        reader.load(tmp_path / "mine.keras")


# --- what is shipped ---------------------------------------------------------------------------


@pytest.mark.deep
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
    assert f"--cell {cell} --seed {about['seed']} --epochs {about['epochs']}" in about["command"]


# --- silence -----------------------------------------------------------------------------------


def run_python(source, **environment):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)], cwd=ROOT, env=os.environ | environment,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_a_missing_backend_is_named_with_what_to_do():
    code, _, err = run_python("""
        import sys
        sys.modules["tensorflow"] = None
        from helpers import reader
        reader.import_keras()
    """)
    assert code == 1 and "tensorflow is not installed in this Python" in err
    assert "python -m pip install tensorflow" in err
