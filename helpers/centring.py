"""From a drawing to a digit as MNIST has it.

MNIST's makers fitted the ink of each digit into a box of 20 x 20 pixels and put its centre of mass
into the middle of an image of 28 x 28 (Y. LeCun, C. Cortes, C. J. C. Burges, the MNIST database).
A reader trained on such digits reads a drawing well only if it is laid out alike.
"""

import numpy as np

SIZE, BOX = 28, 20
ROUNDING = 1e-6  # of whoever made the ink


def centre_digit(ink: np.ndarray) -> np.ndarray:
    """Lay a drawing out as MNIST does.

    Parameters
    ----------
    ink : ndarray (height, width)
        0 is paper; the largest value that the type allows (255, or 1.0) is full ink.

    Returns
    -------
    ndarray (28, 28) of uint8

    Raises
    ------
    ValueError
        If `ink` is not a grey image of such values, or nothing is drawn on it.
    """
    ink = np.asarray(ink)
    if ink.ndim != 2:
        raise ValueError(f"A drawing is one grey image (height, width); got the shape {ink.shape}.")
    if ink.dtype != np.uint8 and not (
        ink.dtype.kind in "bf" and ((ink >= -ROUNDING) & (ink <= 1 + ROUNDING)).all()
    ):
        raise ValueError(
            "The ink of a drawing is uint8, 255 is full ink, or floats from 0 to 1, 1 is full ink; "
            f"these are {ink.dtype} that do not all lie there. Divide by the largest that can be."
        )
    ink = ink / 255 if ink.dtype == np.uint8 else ink.astype(float)
    inked = ink > 0.05
    if not inked.any():
        raise ValueError("Nothing is drawn: draw a digit first.")
    ys, xs = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
    ink = ink[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    rows, columns = (max(1, _round(BOX * n / max(ink.shape))) for n in ink.shape)
    small = _shares(ink.shape[0], rows) @ ink @ _shares(ink.shape[1], columns).T
    digit = np.zeros((SIZE, SIZE))
    down = _shift(small.sum(1))
    over = _shift(small.sum(0))
    digit[down : down + rows, over : over + columns] = small
    return np.floor(255 * digit.clip(0, 1) + 0.5).astype(np.uint8)


def _shares(source: int, target: int) -> np.ndarray:
    """Return how much each of `source` pixels counts in each of `target` cells: area averaging."""
    edges = np.linspace(0, source, target + 1)
    left, right = np.arange(source), np.arange(1, source + 1)
    covered = np.minimum(edges[1:, None], right) - np.maximum(edges[:-1, None], left)
    return covered.clip(0) * target / source


def _shift(mass: np.ndarray) -> int:
    """Return where the ink must start for its centre of mass to fall on pixel 14, as in MNIST."""
    middle = (mass * np.arange(len(mass))).sum() / mass.sum()
    return int(np.clip(_round(SIZE / 2 - middle), 0, SIZE - len(mass)))


def _round(value: float) -> int:
    """Round half up, as JavaScript does (web/digit.js takes the same steps)."""
    return int(np.floor(value + 0.5))
