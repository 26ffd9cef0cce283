"""Find the digit on a picture: a scan, a screenshot, or a photo of a sheet of paper.

The light changes over a photographed sheet, and more than the digit is seen on it. So the ink is
what is darker (or lighter) than the paper *around it*, and the digit is the region of ink that
looks most as if a pen had drawn it (helpers/ink.py searches for it).
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.color import rgb2gray
from skimage.morphology import skeletonize
from skimage.transform import resize, resize_local_mean

from helpers import ink
from helpers.picture_file import load_picture
from helpers.trace import predict, trace

FINE, COARSE, TINY = 1600, 400, 200  # pixels of the longer side: to cut out, to search, too few
BOX = 200  # pixels of the longer side of the ink that is handed on
PENS = 1.8, 3.8  # pixels of an MNIST digit: the width of nine in ten of its lines
SURE = 0.9  # belief below which the reader's answer is called unsure
UNIT = BOX / 20  # of which one pixel of an MNIST digit is made
# Degrees, slant and width of the little changes that alter no digit that is read surely.
CHANGES = (-9, 0, 1), (9, 0, 1), (0, 0.15, 1), (0, -0.15, 1), (0, 0, 1.15), (0, 0, 0.85)


@dataclass(frozen=True, eq=False)
class Found:
    """A digit that was found on a picture.

    Attributes
    ----------
    ink : ndarray (height, width)
        0 is paper, 1 is full ink; nothing but the digit.
    picture : ndarray (height, width, 3) of uint8
        The picture, upright, 1,600 pixels at most.
    box : tuple of int
        Where on `picture` the digit lies: left, top, right, bottom.
    doubts : list of str
        Why it may not be the digit that was meant, in sentences; empty if nothing speaks for it.
    """

    ink: np.ndarray
    picture: np.ndarray
    box: tuple[int, int, int, int]
    doubts: list[str]


def find_digit(data: bytes) -> Found:
    """Find the digit on a picture of one, dark on light or light on dark.

    Parameters
    ----------
    data : bytes
        A picture file, such as a PNG, a scan of 16 bits or a photograph.

    Raises
    ------
    ValueError
        If it is no picture that can be read, or nothing on it looks like a digit.
    """
    picture, remark = load_picture(data, FINE)
    tiny = max(picture.shape) < TINY
    if tiny:
        picture = _resized(picture, 1.5 * TINY / max(picture.shape[:2]))
    fine = rgb2gray(picture)
    candidates = ink.candidates(_resized(fine, min(1, COARSE / max(fine.shape))))
    if not candidates:
        raise ValueError(
            "Nothing stands out on this picture as a digit does: it needs dark ink on light paper."
        )
    share, (ys, xs) = _cut_out(fine, candidates[0])
    # On a picture of few pixels a line's grey edge is as much of it as its middle, as in MNIST.
    drawing = share if tiny else _drawn(share)
    doubts = [remark] * bool(remark) + _doubts(candidates)
    box = xs.start, ys.start, xs.stop, ys.stop
    return Found(drawing, (255 * picture + 0.5).clip(0, 255).astype(np.uint8), box, doubts)


def _resized(picture, scale):
    shape = [max(1, round(n * scale)) for n in picture.shape[:2]]
    made = resize_local_mean(picture, shape) if scale < 1 else resize(picture, shape, order=3)
    return made.astype(np.float32)


def _cut_out(fine, best):
    """Return the ink of the best candidate, 0..1, and its place on the picture."""
    grow = max(fine.shape) / max(best.mask.shape)
    pen = best.width * grow
    smooth = ndimage.gaussian_filter(fine, max(0.5, 0.35 * grow))
    share = ink.contrast_of(smooth if best.dark else 1 - smooth, best.scale, True)
    # The region, on the finer grid, and a little more: the search saw it blurred.
    region = resize(best.mask, fine.shape, order=0)
    margin = int(2 * pen) + 4
    near = tuple(slice(max(0, at.start - margin), at.stop + margin) for at in _place(region))
    share, region = share[near], region[near]
    share = share / max(np.percentile(share[region], 80), 1e-6)
    where = ndimage.distance_transform_edt(~region) <= max(1.5 * grow, 0.3 * pen)
    inside = _place(where & (share > 0.5))
    box = [slice(a.start + b.start, a.start + b.stop) for a, b in zip(near, inside, strict=True)]
    return (where * share.clip(0, 1))[inside], box


def _place(mask):
    """Return the rows and the columns that a mask reaches over, as slices."""
    return ndimage.find_objects(mask.view(np.uint8))[0]


def _drawn(share):
    """Draw a digit anew with a pen that is neither much thinner nor thicker than MNIST's."""
    scale = BOX / max(share.shape)
    pad = int(3 * UNIT)
    large = ndimage.gaussian_filter(np.pad(_resized(share, scale), pad), max(0.3 * UNIT, scale / 2))
    inside = large > min(0.5, 0.5 * large.max())
    depth = ndimage.distance_transform_edt(inside)
    away = ndimage.distance_transform_edt(~inside) - depth
    pen = 2 * np.median(depth[skeletonize(inside)]) / UNIT
    away -= (np.clip(pen, *PENS) - pen) / 2 * UNIT
    return (0.5 - away / UNIT).clip(0, 1)


def _doubts(candidates):
    """Say in sentences why the first candidate may not be the digit, or not the whole of it."""
    best, *others = candidates
    doubts = []
    if best.contrast < 0.12:
        doubts.append("The ink hardly differs from the paper.")
    if best.edge > 0:
        doubts.append("The digit touches the edge of the picture: a part of it may be missing.")
    large = [one for one in others if one.mask.sum() > 0.2 * best.mask.sum()]
    if any(ink.common(best, one) < 0.05 and one.score > best.score - 0.8 for one in large):
        doubts.append(
            "More than one thing on this picture may be the digit: cut out the one you mean."
        )
    if any(0.05 <= ink.common(best, one) < 0.7 and one.score > best.score - 0.4 for one in others):
        doubts.append("It is not clear where the digit ends.")
    return doubts


def second_look(weights, digit: np.ndarray) -> list[str]:
    """Say why a reader's answer may be wrong: it is not sure, or a little change alters it.

    Parameters
    ----------
    weights : helpers.reader.ReaderWeights
    digit : ndarray (28, 28) of uint8

    Returns
    -------
    list of str
        Sentences; empty if nothing speaks against the answer.
    """
    belief = trace(weights, digit).belief[-1]
    second, first = (int(n) for n in belief.argsort()[-2:])
    if belief[first] < SURE:
        return [
            f"The reader is not sure: it believes {first} with {belief[first]:.0%}, "
            f"{second} with {belief[second]:.0%}."
        ]
    for answer in predict(weights, np.stack([_bent(digit, *change) for change in CHANGES])):
        if answer != first:
            return [
                "The reader is not sure: turned, slanted or stretched a little, this would be read "
                f"as {answer}."
            ]
    return []


def _bent(digit, turn, lean, wide):
    """Turn (degrees), slant and stretch a digit around its middle."""
    c, s = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    matrix = np.array([[c, -s], [s, c]]) @ np.array([[1, 0], [lean, 1 / wide]])
    middle = (np.array(digit.shape) - 1) / 2
    return ndimage.affine_transform(digit, matrix, middle - matrix @ middle, order=1)
