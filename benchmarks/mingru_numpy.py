"""Train minGRU layers that read an image's 784 pixels one by one, forward and backward in NumPy.

The equations are those of `rnnscope.cells`. Here they are laid out for speed: time comes first, the
784 steps go through all layers an image row at a time, so that what is computed with stays in the
processor's cache, and only h = keep * h + write is done step by step. A compiled scan in JAX took
three times as long (465 against 157 ms for 100 digits and two layers). One core does the work.
"""

import time

import numpy as np
from threadpoolctl import threadpool_limits

from helpers.reader.pixel_reader import PixelReader
from rnnscope.cells import Weights

F4, SIDE = np.float32, 28
PIXELS, EVERY = SIDE * SIDE, 7  # the upper layers take a step after every 7th pixel
WARM_UP, FALLS, CHECK = 1000, 0.7, 540  # updates; share of them after which the rate falls; updates


class Layer:
    """One layer in training: its weights, and what it made at each step of a batch."""

    def __init__(self, kernel, bias, steps, chunk, batch):
        self.kernel, self.bias, self.units = kernel, bias, len(bias) // 2
        self.z = np.empty((steps, batch, self.units), F4)
        self.h = np.zeros((steps + 1, batch, self.units), F4)  # before the first step, after each
        self.room = np.empty((3, chunk, batch, self.units), F4)
        self.ones = np.ones(chunk * batch, F4)

    def begin(self):
        """Lay the weights as they are now where each product is one of whole arrays."""
        w_z, w_c = (part.copy() for part in np.split(self.kernel, 2, axis=1))
        b_z, b_c = (np.tile(part, (len(self.ones), 1)) for part in np.split(self.bias, 2))
        self.products = (-w_z, -b_z), (w_c, b_c)
        self.back = w_z.T.copy(), w_c.T.copy()
        self.d_kernel, self.d_bias = np.zeros_like(self.kernel), np.zeros_like(self.bias)
        self.d_later = np.zeros_like(self.h[0])

    def gates(self, x, z, write):
        """Make z, and what it lets in of the candidate."""
        x = x.reshape(-1, len(self.kernel))
        for (w, b), out in zip(self.products, (z, write), strict=True):
            out = out.reshape(-1, self.units)
            np.matmul(x, w, out=out)
            out += b
        np.exp(z, out=z)
        z += 1
        np.divide(1, z, out=z)
        write *= z

    def forward(self, x, t):
        """Take the steps from t on that x (steps, batch, features) has; return h after each."""
        z, h = self.z[t : t + len(x)], self.h[t : t + len(x) + 1]
        keep, write, _ = self.room
        self.gates(x, z, write)
        np.subtract(1, z, out=keep)
        for old, new, kept, written in zip(h[:-1], h[1:], keep, write, strict=True):
            np.multiply(old, kept, new)
            np.add(new, written, new)
        return h[1:]

    def backward(self, x, t, d_h, every, lowest):
        """Take the same steps back; return the gradient by x, where a layer lies below.

        d_h is the gradient by the state after every `every`-th step; by the others it is 0.
        """
        n = len(x)
        z, h, later = self.z[t : t + n], self.h[t : t + n + 1], self.d_later
        keep, d, moved = self.room
        np.subtract(1, z, out=keep)
        for k in reversed(range(n)):
            if d_h is not None and (k + 1) % every == 0:
                np.add(later, d_h[k // every], d[k])
            else:
                d[k] = later
            np.multiply(d[k], keep[k], later)
        np.multiply(d, z, out=z)  # by the candidate
        keep *= d
        np.subtract(h[1:], h[:-1], out=moved)
        keep *= moved  # by the sum in the gate: d * z * (1 - z) * (candidate - h)
        x = x.reshape(-1, len(self.kernel))
        if lowest:
            x = x / F4(255)
        for part, d_a in zip((slice(self.units), slice(self.units, None)), (keep, z), strict=True):
            d_a = d_a.reshape(-1, self.units)
            self.d_kernel[:, part] += x.T @ d_a
            self.d_bias[part] += self.ones @ d_a
        if lowest:
            return None
        d_x = keep.reshape(-1, self.units) @ self.back[0]
        d_x += z.reshape(-1, self.units) @ self.back[1]
        return d_x.reshape(n, -1, len(self.kernel))


class Lowest(Layer):
    """The layer that reads pixels: each of 256 greys has its gates, made once and looked up."""

    def begin(self):
        """Make the gates of all greys."""
        super().begin()
        sums = np.arange(256, dtype=F4)[:, np.newaxis] / F4(255) @ self.kernel + self.bias
        z = 1 / (1 + np.exp(-sums[:, : self.units]))
        self.table = z, z * sums[:, self.units :]

    def gates(self, x, z, write):
        """Look up z, and what it lets in of the candidate."""
        for table, out in zip(self.table, (z, write), strict=True):
            np.take(table, x.reshape(-1), 0, out.reshape(-1, self.units), mode="clip")


class Training:
    """The layers and the dense layer above, for batches of one size."""

    def __init__(self, arrays, batch):
        self.arrays = arrays
        self.layers = [
            (Layer if k else Lowest)(
                arrays[f"kernel_{k}"], arrays[f"bias_{k}"],
                PIXELS // (EVERY if k else 1), SIDE // (EVERY if k else 1), batch,
            )
            for k in range(layers_of(arrays))
        ]  # fmt: skip

    def logits(self, x):
        """Read pixels, uint8 (784, batch, 1)."""
        for layer in self.layers:
            layer.begin()
        for t in range(0, PIXELS, SIDE):
            states = self.layers[0].forward(x[t : t + SIDE], t)
            states = states[EVERY - 1 :: EVERY].copy()
            for layer in self.layers[1:]:
                states = layer.forward(states, t // EVERY)
        return self.layers[-1].h[-1] @ self.arrays["head_kernel"] + self.arrays["head_bias"]

    def loss_and_gradients(self, x, labels):
        """Return the mean loss of a batch, and its gradient by each array."""
        belief = self.logits(x)
        belief = np.exp(belief - belief.max(axis=1, keepdims=True))
        belief /= belief.sum(axis=1, keepdims=True)
        each, lowest, top = np.arange(len(labels)), self.layers[0], self.layers[-1]
        loss = -np.log(belief[each, labels] + 1e-9).mean()
        belief[each, labels] -= 1
        belief /= len(labels)
        found = {"head_kernel": top.h[-1].T @ belief, "head_bias": belief.sum(axis=0)}
        top.d_later += belief @ self.arrays["head_kernel"].T
        for t in reversed(range(0, PIXELS, SIDE)):
            d_h, at, n = None, t // EVERY, SIDE // EVERY
            for k in reversed(range(1, len(self.layers))):
                below = self.layers[k - 1].h[1:]
                below = below[EVERY - 1 :: EVERY] if k == 1 else below
                d_h = self.layers[k].backward(below[at : at + n].copy(), at, d_h, 1, False)
            lowest.backward(x[t : t + SIDE], t, d_h, EVERY, True)
        for k, layer in enumerate(self.layers):
            found |= {f"kernel_{k}": layer.d_kernel, f"bias_{k}": layer.d_bias}
        return loss, found


def layers_of(arrays):
    return sum(name.startswith("kernel_") for name in arrays)


def new_arrays(units, layers, seed):
    """Return weights to start from: each unit forgets over a time span of its own."""
    rng, arrays, features = np.random.default_rng(seed), {}, 1
    for k in range(layers):
        most = np.sqrt(6 / (features + units)) if k else 1
        spans = np.exp(rng.uniform(0, np.log(PIXELS // (EVERY if k else 1)), units))
        arrays[f"kernel_{k}"] = rng.uniform(-most, most, (features, 2 * units))
        arrays[f"bias_{k}"] = np.concatenate([-np.log(spans), rng.uniform(-0.1, 0.1, units)])
        features = units
    most = np.sqrt(6 / (units + 10))
    arrays |= {"head_kernel": rng.uniform(-most, most, (units, 10)), "head_bias": np.zeros(10)}
    return {name: array.astype(F4) for name, array in arrays.items()}


def as_steps(images):
    """Images uint8 (n, 28, 28) -> (784, n, 1)."""
    return np.ascontiguousarray(images.reshape(-1, PIXELS).T)[..., np.newaxis]


def shifted(images, rng, most=1):
    """Shift each image by up to `most` pixels, up or down and left or right."""
    wide = np.pad(images, ((0, 0), (most, most), (most, most)))
    seen = np.lib.stride_tricks.sliding_window_view(wide, images.shape[1:], axis=(1, 2))
    down, right = rng.integers(0, 2 * most + 1, (2, len(images)))
    return seen[np.arange(len(images)), down, right]


def share_right(arrays, images, labels, batch):
    """Return the share that is read rightly; the number of images must be batches of that size."""
    training, right = Training(arrays, batch), 0
    for k in range(0, len(images), batch):
        said = training.logits(as_steps(images[k : k + batch])).argmax(axis=1)
        right += (said == labels[k : k + batch]).sum()
    return right / len(images)


def rate_of(done, total, peak):
    """Return the learning rate: it rises, stays, and falls to 0 over the last three tenths."""
    past = max(0, done / total - FALLS) / (1 - FALLS)
    return peak * min(1, done / WARM_UP) * (1 + np.cos(np.pi * past)) / 2


@threadpool_limits.wrap(1, "blas")
def train(images, labels, watched, given):
    """Train with Adam, and return a PixelReader of the mean of the last thousand updates' weights.

    Parameters
    ----------
    images, labels : uint8 (n, 28, 28) and (n,)
    watched : images and labels that are counted on the way, and choose nothing
    given : argparse.Namespace
        With seed, units, layers, epochs, batch and peak.

    Returns
    -------
    PixelReader
        Its ``about`` holds "seconds", the processor's, and "on_the_way": of every few hundred
        updates [updates, seconds, share of the watched images read rightly, mean loss].
    """
    arrays = new_arrays(given.units, given.layers, given.seed)
    first, second, mean = ({n: np.zeros_like(a) for n, a in arrays.items()} for _ in range(3))
    groups = arrays, first, second, mean
    an_epoch = len(images) // given.batch
    total, done, told = an_epoch * given.epochs, 0, []
    training, losses, began = Training(arrays, given.batch), [], time.process_time()
    for epoch in range(given.epochs):
        rng = np.random.default_rng([given.seed, epoch])
        order = rng.permutation(len(images))
        for k in range(an_epoch):
            some = order[k * given.batch : (k + 1) * given.batch]
            x = as_steps(shifted(images[some], rng))
            loss, found = training.loss_and_gradients(x, labels[some])
            losses.append(float(loss))
            done += 1
            update(groups, found, done, rate_of(done, total, given.peak))
            if done % CHECK == 0 or done == total:
                right = share_right(mean, *watched, given.batch)
                seconds = time.process_time() - began
                told.append([done, round(seconds), round(float(right), 4),
                             round(float(np.mean(losses)), 4)])  # fmt: skip
                losses = []
                print(f"{done} of {total} updates, {seconds:.0f} s of the processor: loss "
                      f"{told[-1][3]:.4f}, {right:.2%} of those watched", flush=True)  # fmt: skip
    layers = tuple(
        Weights(mean[f"kernel_{k}"], np.zeros((given.units, 0), F4), mean[f"bias_{k}"])
        for k in range(given.layers)
    )
    about = {"seconds": round(seconds), "on_the_way": told}
    return PixelReader(layers, mean["head_kernel"], mean["head_bias"], EVERY, about)


def update(groups, found, done, rate):
    """Take one step of Adam, with the gradient cut to a length of 1, and renew the mean."""
    now, first, second, mean = groups
    length = np.sqrt(sum(float((a * a).sum()) for a in found.values()))
    for n, a in found.items():
        a = a / F4(max(1.0, length))
        first[n] += F4(0.1) * (a - first[n])
        second[n] += F4(0.001) * (a * a - second[n])
        scale = np.sqrt(second[n] / F4(1 - 0.999**done)) + F4(1e-7)
        now[n] -= F4(rate) * (first[n] / F4(1 - 0.9**done)) / scale
        mean[n] += F4(max(0.001, 1 / done)) * (now[n] - mean[n])
