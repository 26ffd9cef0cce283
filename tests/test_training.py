"""Training: the pipeline, the schedule, `compile` and `fit`, what stops a training, and the GPU."""

import re
import signal

import numpy as np
import pytest

from helpers import reader, trace
from helpers.reader import backend
from helpers.reader.augmentation import DRAWS
from tests.test_reader import tall_digits


def moved(images, draws, **most):
    settings = {"shift": 0, "turn": 0, "slant": 0, "size": 0} | most
    return np.asarray(reader.augmented(images, np.asarray(draws, float), **settings))


# --- augmentation -------------------------------------------------------------------------------


def test_images_are_shifted_both_ways_and_never_come_back_on_the_other_side():
    image = np.zeros((1, 19, 23), np.float32)
    image[0, 1, 20] = 0.75  # near the upper right corner
    shifts = np.array([(down, right) for down in range(-6, 7) for right in range(-6, 7)])
    draws = np.zeros((len(shifts), DRAWS))
    draws[:, :2] = shifts / 6
    many = moved(image.repeat(len(shifts), 0), draws, shift=6)
    assert many.dtype == np.float32
    assert many.shape == (169, 19, 23)
    for (down, right), seen in zip(shifts, many, strict=True):
        wide = np.zeros((19 + 12, 23 + 12))
        wide[6 + 1 + down, 6 + 20 + right] = 0.75
        np.testing.assert_allclose(seen, wide[6:-6, 6:-6], atol=1e-5)


# --- the pipeline ------------------------------------------------------------------------------


def numbered(n=60):
    """Images that tell their number in every pixel."""
    images = np.arange(n, dtype=np.uint8)[:, None, None].repeat(28, 1).repeat(20, 2)
    return images, (images[:, 0, 0] % 10).astype(np.int32)


def test_each_epoch_reads_every_image_once_in_a_new_order_with_its_own_label():
    images, labels = numbered()
    batches = reader.training_batches(images, labels, 20, seed=3, augment=False)
    epochs = []
    for _ in range(2):
        seen = []
        for x, y in batches:
            x, y = np.asarray(x), np.asarray(y)
            assert x.dtype == np.float32
            assert x.shape == (20, 28, 20)
            number = np.rint(x[:, 3, 4] * 255).astype(int)
            np.testing.assert_array_equal(y, number % 10)
            seen.extend(number)
        np.testing.assert_array_equal(np.sort(seen), np.arange(60))
        epochs.append(seen)
    assert epochs[0] != epochs[1]


def test_every_image_is_augmented_in_its_own_way_anew_in_every_epoch_and_repeats_with_its_seed():
    digit, labels = tall_digits(1)
    images, labels = digit.repeat(30, 0), labels.repeat(30)
    before = images.copy()

    def epochs(seed):
        batches = reader.training_batches(images, labels, 15, seed=seed)
        return np.array([[np.asarray(x) for x, _ in batches] for _ in range(2)])

    first, again, other = epochs(0), epochs(0), epochs(1)
    np.testing.assert_array_equal(images, before)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(np.unique(first.reshape(60, -1), axis=0)) == 60
    assert first.min() >= 0
    assert first.max() <= 1 + 1e-6


# --- the schedule -------------------------------------------------------------------------------


def test_the_learning_rate_goes_through_one_cycle():
    schedule = reader.one_cycle(0.01, 100)
    rates = np.array([float(schedule(step)) for step in range(101)])
    assert rates.argmax() == 30
    np.testing.assert_allclose(rates[[0, 30, 100]], [0.01 / 25, 0.01, 1e-6], rtol=1e-4)
    assert (np.diff(rates[:31]) > 0).all()
    assert (np.diff(rates[30:]) < 0).all()


def test_few_images_are_read_in_more_epochs_but_never_in_more_than_100():
    found = [reader.epochs_for(images, 256) for images in (9, 4000, 60_000)]
    assert found == [100, 74, 18] and reader.epochs_for(4000, 128) == 36


# --- compile and fit ---------------------------------------------------------------------------


def test_training_improves_repeats_with_its_seed_and_reports_the_validation():
    images, labels = tall_digits(200)

    def trained(seed):
        model = reader.build_reader("rnn", units=20, time_steps=28, features=20, seed=0)
        settings = {"epochs": 4, "batch_size": 20, "seed": seed, "peak_learning_rate": 0.03}
        seen = images[:70], labels[:70]
        return model, reader.train_reader(model, images, labels, validation=seen, **settings)

    model, history = trained(0)
    assert set(history) == {"loss", "accuracy", "seconds", "val_loss", "val_accuracy"}
    assert {len(entries) for entries in history.values()} == {4}
    assert all(type(entry) is float for entries in history.values() for entry in entries)
    assert history["loss"][-1] < history["loss"][0]
    assert history["val_accuracy"][-1] == pytest.approx(
        trace.accuracy(reader.weights_of(model), images[:70], labels[:70])
    )
    kernel = reader.weights_of(model).kernel
    np.testing.assert_array_equal(reader.weights_of(trained(0)[0]).kernel, kernel)
    # The same cell run twice: the same model trains on.
    more = reader.train_reader(model, images, labels, epochs=1, batch_size=20)
    assert more["loss"][0] < history["loss"][0]


# --- what stops a training ---------------------------------------------------------------------


@pytest.mark.deep
def test_an_interrupt_keeps_the_weights_and_says_so_in_one_line(capsys):
    class Interrupter(reader.import_keras().callbacks.Callback):
        seen = 0

        def on_train_batch_end(self, batch, logs=None):
            self.seen += 1
            if self.seen == 3:  # the stop button
                signal.raise_signal(signal.SIGINT)

    reader.training._say_device_once.cache_clear()
    # A test run that a shell started in the background would ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    images, labels = tall_digits(60)
    model = reader.build_reader("rnn", units=4, time_steps=28, features=20)
    start = reader.weights_of(model).kernel
    try:
        history = reader.train_reader(
            model, images, labels, epochs=5, batch_size=20, callbacks=[Interrupter()]
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(history["loss"]) == 2
    assert not np.array_equal(reader.weights_of(model).kernel, start)
    device, stopped = capsys.readouterr().out.splitlines()
    assert device.startswith("Device: ")
    assert re.match(r"Stopped by you in epoch [34] of 5, after \d+ s\. The model keeps", stopped)
    reader.train_reader(model, images, labels, epochs=1, batch_size=20)
    assert "Device" not in capsys.readouterr().out  # said at the first training alone


@pytest.mark.deep
def test_a_checkpoint_is_gone_on_from_named_where_it_cannot_be_and_takes_nothing_along(
    tmp_path, capsys
):
    callbacks = reader.import_keras().callbacks
    images, labels = tall_digits(40)
    folder = tmp_path / "backup"

    class PowerCut(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise RuntimeError("the power is off")

    def train(*further, cell="rnn", epochs=3):
        model = reader.build_reader(cell, units=2, time_steps=28, features=20)
        backup = callbacks.BackupAndRestore(str(folder))
        history = reader.train_reader(
            model, images, labels, epochs=epochs, batch_size=20, callbacks=[backup, *further]
        )
        return model, len(history.get("loss", [])), int(model.optimizer.iterations)

    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"more \(thesis.txt\), and at the end of the training"):
        train()
    (folder / "thesis.txt").rename(tmp_path / "thesis.txt")
    with pytest.raises(RuntimeError, match="the power is off"):
        train(PowerCut())
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ValueError, match="backup cannot be used: it is damaged, or of another"):
        train(cell="gru")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == kept
    capsys.readouterr()
    model, *counted = train()
    assert counted == [1, 6]
    assert capsys.readouterr().out.startswith("Trained for epoch 3 of 3 in")
    assert not folder.exists()
    # The same network trained further begins at its first epoch again.
    more = reader.train_reader(model, images, labels, epochs=2, batch_size=20)
    assert len(more["loss"]) == 2


# --- the GPU -----------------------------------------------------------------------------------


@pytest.fixture
def pretended_gpu(monkeypatch):
    """A computer with a GPU, as far as the course can see."""
    entered = []

    class Scope:
        def __enter__(self):
            entered.append("cpu:0")

    keras = reader.import_keras()
    monkeypatch.setattr(backend, "_gpu_names", lambda: ["GPU of this test"])
    monkeypatch.setattr(keras, "device", lambda name: Scope())
    monkeypatch.setitem(backend._state, "cpu", False)
    return entered


def test_a_gpu_that_fails_at_its_first_use_leaves_the_cpu_and_one_line(
    pretended_gpu, monkeypatch, capsys
):
    def too_old(keras):
        raise RuntimeError("CUDA driver version is insufficient for CUDA runtime version")

    monkeypatch.setattr(backend, "_touch_device", too_old)
    reader.import_keras.cache_clear()
    reader.import_keras()
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.startswith("The GPU cannot be used (CUDA driver version is insufficient")
    assert pretended_gpu == ["cpu:0"]
