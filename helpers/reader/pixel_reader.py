"""Layers of minGRUs that read an image pixel by pixel: load them, run them, open them in Keras."""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from helpers import judge
from rnnscope import atomic_write
from rnnscope.cells import Weights, softmax, unroll

SHIPPED = Path(__file__).parent.parent / "data" / "reader_pixels_mingru.npz"


@dataclass(frozen=True, eq=False)
class PixelTrace:
    """What the lowest layer kept at each pixel, and what the network believed then.

    x is (pixels, 1), belief (pixels, 10); h and the gate z of the lowest layer are (pixels, units).
    """

    x: np.ndarray
    belief: np.ndarray
    h: np.ndarray
    z: np.ndarray
    cell: str = "mingru"


@dataclass(frozen=True, eq=False)
class PixelReader:
    """minGRU layers on top of each other, and a dense layer on the last state of the uppermost.

    The lowest layer reads one pixel a step. The ones above take a step after every `every`-th
    pixel, and read the state of the layer below at that moment.
    """

    layers: tuple[Weights, ...] = field(repr=False)
    head_kernel: np.ndarray = field(repr=False)  # (units, classes)
    head_bias: np.ndarray = field(repr=False)
    every: int = 1
    about: dict = field(default_factory=dict)

    def trace(self, image):
        """Read one image (height, width) of uint8, or of floats from 0 to 1.

        Returns
        -------
        PixelTrace
            Between two steps of the upper layers the belief stays what it was.
        """
        x = judge.rows(judge.image(image)).astype(np.float32).reshape(1, -1, 1)
        lowest, *_, top = self._run(x)
        states = np.concatenate([np.zeros_like(top.h[0, :1]), top.h[0]])
        belief = softmax(states @ self.head_kernel + self.head_bias)
        steps_made = np.arange(1, x.shape[1] + 1) // self.every
        return PixelTrace(x[0], belief[steps_made], lowest.h[0], lowest.z[0])

    def predict(self, images, batch_size=50):
        """Return the digit that is answered for each image (n, height, width), (n,)."""
        images = judge.images(images)
        answers = []
        for start in range(0, len(images), judge.count(batch_size, "batch_size")):
            x = judge.rows(images[start : start + batch_size]).astype(np.float32)
            last = self._run(x.reshape(len(x), -1, 1))[-1].h[:, -1]
            answers.append((last @ self.head_kernel + self.head_bias).argmax(axis=1))
        return np.concatenate(answers)

    def _run(self, x):
        """Run the layers over pixels (batch, pixels, 1), and return each one's History."""
        histories = []
        for weights in self.layers:
            if len(histories) == 1:
                x = x[:, self.every - 1 :: self.every]
            histories.append(unroll("mingru", x, weights))
            x = histories[-1].h
        return histories

    def to_keras(self):
        """Build the Keras model with these weights: (batch, 784, 1), from 0 to 1 -> logits."""
        units = [len(weights.recurrent_kernel) for weights in self.layers]
        model = build_pixel_reader(units, self.every)
        arrays = [part for layer in self.layers for part in (layer.kernel, layer.bias)]
        model.set_weights([*arrays, self.head_kernel, self.head_bias])
        return model


def build_pixel_reader(units, every=7, pixels=784):
    """Build the Keras network of a PixelReader, untrained: `units` lists those of each layer."""
    from helpers.reader.mingru import MinGRU, keras

    h = x = keras.layers.Input((pixels, 1))
    for number, width in enumerate(units):
        if number == 1:
            h = h[:, every - 1 :: every]
        h = MinGRU(width, return_sequences=number + 1 < len(units))(h)
    return keras.Model(x, keras.layers.Dense(10, name="head")(h))


def shipped_pixel_reader(path=SHIPPED):
    """Load the weights that come with the course, or a file of benchmarks/train_pixels.py."""
    with np.load(path, allow_pickle=False) as file:
        layers = tuple(
            judge.cell_weights("mingru", [file[f"kernel_{k}"], file[f"bias_{k}"]])
            for k in range(sum(name.startswith("kernel_") for name in file))
        )
        head, about = (file["head_kernel"], file["head_bias"]), json.loads(file["about"].item())
        return PixelReader(layers, *head, int(file["every"]), about)


def save_pixel_reader(path, reader, about):
    """Write a PixelReader to a new file of NumPy arrays (float32, compressed, no pickle)."""
    arrays = {"head_kernel": reader.head_kernel, "head_bias": reader.head_bias}
    for k, layer in enumerate(reader.layers):
        arrays |= {f"kernel_{k}": layer.kernel, f"bias_{k}": layer.bias}
    arrays = {name: np.asarray(array, np.float32) for name, array in arrays.items()}
    data = io.BytesIO()
    np.savez_compressed(data, every=reader.every, about=json.dumps(about), **arrays)
    atomic_write.write(data.getvalue(), judge.path(path), "the reader")
