"""Find the digit on a picture: a scan, a screenshot, or a photo of a sheet of paper.

The light changes over a photographed sheet, and more than the digit is seen on it. So the ink is
what is darker (or lighter) than the paper *around it*, and the digit is the region of ink that
looks most as if a pen had drawn it (helpers/ink.py searches for it).
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from helpers import ink
from helpers.picture_file import load_picture
from helpers.trace import predict, trace

FINE, COARSE, TINY = 1600, 400, 200  # pixels of the longer side: to cut out, to search, too few
BOX = 200  # pixels of the longer side of the ink that is handed on
PENS = 1.8, 3.8  # pixels of an MNIST digit: the width of nine in ten of its lines
SURE = 0.9  # belief below which the reader's answer is called unsure
UNIT = BOX / 20  # of which one pixel of an MNIST digit is made


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

    Returns
    -------
    Found

    Raises
    ------
    ValueError
        If it is no picture that can be read, or nothing on it looks like a digit.
    """
    picture, remark = load_picture(data, FINE)
    tiny = max(picture.shape) < TINY
    if tiny:
        picture = _resized(picture, 1.5 * TINY / max(picture.shape[:2]))
    fine = _grey(picture)
    shrink = min(1, COARSE / max(fine.shape))
    candidates = ink.candidates(_resized(fine, shrink))
    if not candidates:
        raise ValueError(
            "Nothing stands out on this picture as a digit does: it needs dark ink on light paper."
        )
    best = candidates[0]
    share, box = _cut_out(fine, best, shrink)
    # On a picture of few pixels a line's grey edge is as much of it as its middle, as in MNIST.
    drawing = share if tiny else _drawn(share)
    doubts = [remark] if remark else []
    doubts += _doubts(candidates)
    return Found(drawing, (255 * picture + 0.5).clip(0, 255).astype(np.uint8), box, doubts)


def _resized(picture, scale):
    if scale == 1:
        return picture
    height, width = (max(1, round(n * scale)) for n in picture.shape[:2])
    how = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    planes = [
        np.asarray(Image.fromarray(plane).resize((width, height), how)).clip(0, 1)
        for plane in np.moveaxis(np.atleast_3d(picture), 2, 0)
    ]
    return planes[0] if picture.ndim == 2 else np.stack(planes, axis=2)


def _grey(picture):
    """Return the brightness, or the one colour in which something stands out far better."""
    grey = picture @ np.array([0.299, 0.587, 0.114], np.float32)
    small = _resized(picture, min(1, 200 / max(grey.shape)))
    planes = [small @ np.array([0.299, 0.587, 0.114], np.float32), *np.moveaxis(small, 2, 0)]
    stands_out = [np.percentile(ink.contrast_of(plane, 0.15, True), 99.5) for plane in planes]
    most = int(np.argmax(stands_out))
    return picture[..., most - 1] if stands_out[most] > 2 * stands_out[0] else grey


def _cut_out(fine, best, shrink):
    """Return the ink of the best candidate, 0..1, and its box on the picture."""
    grow = 1 / shrink
    top, bottom, left, right = best.box
    pen = best.width * grow
    margin = int(max(best.scale * max(fine.shape), 2 * pen)) + 4
    ys = slice(max(0, int(top * grow) - margin), int(bottom * grow) + margin)
    xs = slice(max(0, int(left * grow) - margin), int(right * grow) + margin)
    near = fine[ys, xs]
    smooth = ndimage.gaussian_filter(near, max(0.5, 0.7 * grow * 0.5))
    reach = ink.reach_of(best.scale, fine)
    how = ndimage.grey_closing if best.dark else ndimage.grey_opening
    paper = how(smooth, (reach, reach))
    # The region, on the finer grid, and a little more: the search saw it blurred.
    rows = ((np.arange(near.shape[0]) + ys.start + 0.5) * shrink).astype(int)
    columns = ((np.arange(near.shape[1]) + xs.start + 0.5) * shrink).astype(int)
    region = best.mask[
        rows.clip(0, best.mask.shape[0] - 1)[:, None], columns.clip(0, best.mask.shape[1] - 1)
    ]
    share = (paper - smooth) / (paper + 0.04) if best.dark else smooth - paper
    share = share / max(np.percentile(share[region], 80), 1e-6)
    where = ndimage.distance_transform_edt(~region) <= max(1.5 * grow, 0.3 * pen)
    mask = where & (share > 0.5)
    if not mask.any():
        mask = region
    inside = ink.frame(mask)
    box = (
        xs.start + inside[1].start, ys.start + inside[0].start,
        xs.start + inside[1].stop, ys.start + inside[0].stop,
    )  # fmt: skip
    share = np.where(where, share.clip(0, 1), 0)
    return share[inside], box


def _drawn(share):
    """Draw a digit anew with a pen that is neither much thinner nor thicker than MNIST's."""
    scale = BOX / max(share.shape)
    height, width = (max(1, round(n * scale)) for n in share.shape)
    how = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    large = np.asarray(Image.fromarray(share.astype(np.float32)).resize((width, height), how))
    pad = int(3 * UNIT)
    large = ndimage.gaussian_filter(np.pad(large, pad), max(0.3 * UNIT, 0.5 * scale))
    inside = large > min(0.5, 0.5 * large.max())
    depth = ndimage.distance_transform_edt(inside)
    away = ndimage.distance_transform_edt(~inside) - depth
    pen = 2 * np.median(depth[skeletonize(inside)]) / UNIT
    away -= (np.clip(pen, *PENS) - pen) / 2 * UNIT
    return (0.5 - away / UNIT).clip(0, 1)


def _doubts(candidates):
    """Say in sentences why the first candidate may not be the digit, or not the whole of it."""
    best = candidates[0]
    doubts = []
    if best.contrast < 0.12:
        doubts.append("The ink hardly differs from the paper.")
    if best.edge > 0:
        doubts.append("The digit touches the edge of the picture: a part of it may be missing.")
    for other in candidates[1:]:
        common, large = ink.common(best, other), other.size > 0.4 * best.size
        if other.dark == best.dark and common < 0.05 and large and other.score > best.score - 0.8:
            doubts.append(
                "More than one thing on this picture may be the digit: cut out the one you mean."
            )
            break
    for other in candidates[1:]:
        if 0.05 <= ink.common(best, other) < 0.7 and other.score > best.score - 0.4:
            doubts.append("It is not clear where the digit ends.")
            break
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
    changes = {
        "turned a little to the right": _bent(digit, turn=-9),
        "turned a little to the left": _bent(digit, turn=9),
        "a little more upright": _bent(digit, lean=0.15),
        "a little more slanted": _bent(digit, lean=-0.15),
        "a little wider": _bent(digit, wide=1.15),
        "a little narrower": _bent(digit, wide=0.85),
    }
    answers = predict(weights, np.stack(list(changes.values())))
    for how, answer in zip(changes, answers, strict=True):
        if answer != first:
            return [f"The reader is not sure: {how}, this would be read as {answer}."]
    return []


def _bent(digit, turn=0.0, lean=0.0, wide=1.0):
    """Turn (degrees), slant and stretch a digit around its middle."""
    c, s = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    matrix = np.array([[c, -s], [s, c]]) @ np.array([[1, 0], [lean, 1 / wide]])
    middle = (np.array(digit.shape) - 1) / 2
    return ndimage.affine_transform(digit, matrix, middle - matrix @ middle, order=1)
