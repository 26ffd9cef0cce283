"""Numbers on their way to a browser: as float32 from a kernel, in few bytes in a saved page.

In a saved page every number keeps three digits. An array is stored as its changes from step to step
or as its distance from each unit's mean, whichever is smaller, in two planes of bytes; an LSTM's
cell state as what its gates leave to be told of it; its h, where o * tanh(c) gives it, not at all.
`static/unpack.js` reads both.
"""

import zlib

import numpy as np


class Numbers:
    """Arrays that go to a browser together, each known by its place.

    Parameters
    ----------
    coarse : int
        A saved page keeps so many times less of them than three digits.

    Examples
    --------
    >>> numbers = Numbers()
    >>> numbers.add(np.zeros((28, 128)))
    0
    """

    def __init__(self, coarse: int = 1):
        self._coarse = coarse
        self._arrays = []  # each with what it is made of, if anything
        self._given = []  # as they were given: an array that comes twice is kept once

    @property
    def size(self) -> int:
        """How many numbers they are together."""
        return sum(values.size for values, _ in self._arrays)

    def add(self, values, made_of=None) -> int:
        """Keep (steps, units) or (n,) values; return their place.

        Parameters
        ----------
        values : ndarray
        made_of : tuple, optional
            ``("c", f, i, candidate, backwards)`` or ``("h", o, c)``: places of the arrays from
            which a saved page makes these.
        """
        for place, known in enumerate(self._given):
            if known is values:
                return place
        self._given.append(values)
        values = np.asarray(values, np.float32)
        values = values.reshape(len(values), -1) if values.ndim != 1 else values[np.newaxis]
        self._arrays.append((np.ascontiguousarray(values), made_of))
        return len(self._arrays) - 1

    def exact(self) -> tuple[list[dict], bytes]:
        """Return a description of every array, and all of them as float32."""
        about, parts, at = [], [], 0
        for values, _ in self._arrays:
            about.append({"rows": len(values), "columns": values.shape[1], "how": "exact"})
            parts.append(values.tobytes())
        for one, part in zip(about, parts, strict=True):
            one["at"], at = at, at + len(part)
        return about, b"".join(parts)

    def small(self) -> tuple[list[dict], bytes]:
        """Return a description of every array, and all of them in three digits."""
        about, parts, read, at = [], [], [], 0
        for values, made_of in self._arrays:
            one = {"rows": len(values), "columns": values.shape[1], "at": at}
            how, part, told = _smallest(values, made_of, read, self._coarse)
            read.append(told)
            about.append(one | how)
            parts.append(part)
            at += len(part)
        return about, b"".join(parts)


def compressed(data: bytes) -> bytes:
    """Deflate as a browser's ``DecompressionStream("deflate")`` reads it."""
    return zlib.compress(data, 6)


def digit(values) -> float:
    """Return the size of the last digit that is kept: 0.001, or more and less with the values."""
    largest = float(np.abs(values).max(initial=0))
    if not largest:
        return 0.001
    power = np.log10(largest)
    return float(10.0 ** ((np.floor(power) if largest > 1 else np.ceil(power)) - 3))


def _smallest(values, made_of, read, coarse):
    """Return how an array is stored, its bytes, and what a page will read of it."""
    if not values.size or not np.isfinite(np.nan_to_num(values, posinf=np.inf)).all():
        return {"how": "exact"}, values.tobytes(), values
    if made_of and made_of[0] == "h":
        o, c = (read[place] for place in made_of[1:])
        made = o * np.tanh(c)
        if np.allclose(made, values, rtol=0, atol=0.0015):
            return {"how": "h", "of": made_of[1:]}, b"", made
    unknown = np.isnan(values)
    step = digit(values[~unknown]) * coarse
    whole = np.rint(np.nan_to_num(values) / step).astype(np.int64)
    if made_of and made_of[0] == "c":
        left, told = _left_of_c(whole, step, made_of, read)
        how = {"how": "c", "of": made_of[1:4], "backwards": made_of[4], "step": step}
        return how, _planes(left), told
    mean = np.rint(whole.mean(0, keepdims=True)).astype(np.int64)
    if unknown.any():  # gates of masked steps, which the page knows by the mask
        whole = np.where(unknown, mean, whole)
    changes = np.diff(whole, axis=0, prepend=0)
    apart = np.concatenate([mean, whole - mean])
    by_change = np.abs(changes).sum() <= np.abs(apart).sum()
    told = (whole * step).astype(np.float32)
    how = {"how": "changes" if by_change else "mean", "step": step}
    return how, _planes(changes if by_change else apart), told


def _left_of_c(whole, step, made_of, read):
    """Return by how many digits f * c + i * candidate misses each c, and every c as it is read.

    Each step goes on from what the page has read so far, so that nothing adds up.
    """
    f, i, candidate = (read[place].astype(float) for place in made_of[1:4])
    new = i * candidate
    left, told = np.empty_like(whole), np.empty(whole.shape)
    before = np.zeros(whole.shape[1])
    for row in range(len(whole))[:: -1 if made_of[4] else 1]:
        expected = np.floor((f[row] * before + new[row]) / step + 0.5)
        left[row] = whole[row] - expected
        before = told[row] = whole[row] * step
    return left, told.astype(np.float32)


def _planes(whole) -> bytes:
    """Store whole numbers: signs last, then all low bytes, then all high ones."""
    pairs = np.where(whole < 0, -2 * whole - 1, 2 * whole).ravel().astype(np.uint16)
    return (pairs & 255).astype(np.uint8).tobytes() + (pairs >> 8).astype(np.uint8).tobytes()
