"""Find the digit on a picture: a scan, a screenshot, or a photo of a sheet of paper.

The light changes over a photographed sheet, and more than the digit is seen on it. So the ink is
what is darker (or lighter) than the paper *around it*, and the digit is the region of ink that
looks most as if a pen had drawn it: all of one width, longer than wide, paper all around.
"""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image
from scipy import ndimage

from helpers.picture_file import load_picture

FINE, COARSE, TINY = 1600, 400, 200  # pixels of the longer side: to cut out, to search, too few
LEVELS = (0.05, 0.075, 0.11, 0.16, 0.23, 0.33, 0.47, 0.67)  # contrasts at which ink is cut out
BOX = 200  # pixels of the longer side of the ink that is handed on
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


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A region that may be the digit, on the picture that is searched."""

    mask: np.ndarray  # (height, width) of the picture that is searched
    dark: bool  # darker than the paper around it
    scale: float  # of the contrast in which it was found
    level: float
    contrast: float
    width: float  # of the pen
    edge: float  # how much of it lies along the picture's edge
    score: float

    @property
    def box(self):
        ys, xs = _frame(self.mask)
        return ys.start, ys.stop, xs.start, xs.stop

    @property
    def size(self):
        top, bottom, left, right = self.box
        return max(bottom - top, right - left)


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
    ImportError
        If scikit-image is not installed.
    """
    try:
        import skimage  # noqa: F401 (what needs it imports parts of it)
    except ImportError:
        raise ImportError(
            "To read a picture, install scikit-image (%pip install scikit-image)."
        ) from None
    picture, remark = load_picture(data, FINE)
    if max(picture.shape) < TINY:
        picture = _resized(picture, TINY * 1.5 / max(picture.shape[:2]))
    fine = _grey(picture)
    shrink = min(1, COARSE / max(fine.shape))
    candidates = _candidates(_resized(fine, shrink))
    if not candidates:
        raise ValueError(
            "Nothing on this picture looks like a digit: it needs dark ink on light paper."
        )
    best = candidates[0]
    ink, box = _cut_out(fine, best, shrink)
    doubts = [remark] if remark else []
    doubts += _doubts(candidates)
    return Found(ink, (255 * picture + 0.5).clip(0, 255).astype(np.uint8), box, doubts)


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
    stands_out = [np.percentile(_contrast(plane, 0.15, True), 99.5) for plane in planes]
    most = int(np.argmax(stands_out))
    return picture[..., most - 1] if stands_out[most] > 2 * stands_out[0] else grey


def _contrast(grey, scale, dark):
    """Return how much darker (or lighter) each pixel is than the paper around it, 0..1.

    `scale` is the largest width of a line, as a share of the picture's longer side: whatever is
    wider is paper (or desk, or shadow).
    """
    reach = max(3, round(scale * max(grey.shape)) | 1)
    if dark:
        paper = ndimage.grey_closing(grey, (reach, reach))
        return (paper - grey) / (paper + 0.04)
    paper = ndimage.grey_opening(grey, (reach, reach))
    return (grey - paper) / (grey + 0.04)


def _candidates(grey):
    """Return the regions that may be the digit, the likeliest first."""
    smooth = ndimage.gaussian_filter(grey, 0.7)
    found = []
    for dark in (True, False):
        for scale in (0.12, 0.5):
            contrast = _contrast(smooth, scale, dark)
            low, middle = np.percentile(contrast, [5, 25])
            floor = max(LEVELS[0], middle + 4 * (middle - low))  # the paper's grain
            top = contrast.max()
            for level in LEVELS:
                if floor <= level < 0.9 * top:
                    mask = contrast > level
                    for part in _masks(mask):
                        found += _regions(part, contrast, dark, scale, level)
    found.sort(key=lambda one: -one.score)
    return found


def _masks(mask):
    """Yield the mask, and where long straight lines cross it, the mask without them."""
    yield mask
    without = _without_lines(mask)
    if without is not None:
        yield without


def _without_lines(mask):
    """Take away straight lines that cross most of the picture; None if there are none."""
    return None


def _regions(mask, contrast, dark, scale, level):
    """Return the candidates among the regions of a mask."""
    parts = _parts(mask, contrast)
    candidates = []
    for part in sorted(parts, key=lambda one: -one["size"] * one["contrast"])[:3]:
        region = _joined(part, parts, mask.shape)
        made = _judged(region, contrast, dark, scale, level)
        if made is not None:
            candidates.append(made)
    return candidates


def _parts(mask, contrast):
    """Return the connected parts of a mask that may belong to a digit, the largest 60."""
    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    places = ndimage.find_objects(labels)
    parts = []
    for label in np.argsort(-areas)[:60]:
        if areas[label] < 4:
            break
        place = places[label - 1]
        own = labels[place] == label
        height, width = own.shape
        size = max(height, width)
        if _along_edge(own, place, mask.shape) > 0.6 * size:
            continue  # a desk beyond the paper, or the frame of a scan
        parts.append({
            "place": place, "mask": own, "size": size, "area": int(areas[label]),
            "contrast": float(np.percentile(contrast[place][own], 75)),
        })  # fmt: skip
    return parts


def _frame(mask):
    """Return the rows and the columns that a mask reaches over, as slices."""
    ys, xs = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(int(ys[0]), int(ys[-1]) + 1), slice(int(xs[0]), int(xs[-1]) + 1)


def _along_edge(own, place, shape):
    """Count the pixels of a part that lie on the picture's edge."""
    ys, xs = place
    count = 0
    for axis, at in ((0, ys), (1, xs)):
        if at.start == 0:
            count += own.take(0, axis).sum()
        if at.stop == shape[axis]:
            count += own.take(-1, axis).sum()
    return int(count)


def _joined(first, parts, shape):
    """Join what belongs to one digit: pieces of a broken line, the loose bar of a 5."""
    region = np.zeros(shape, bool)
    region[first["place"]] |= first["mask"]
    rest = [part for part in parts if part is not first]
    joined = True
    while joined and rest:
        joined = False
        ys, xs = _frame(region)
        height, width = ys.stop - ys.start, xs.stop - xs.start
        size = max(height, width)
        near_by = _widened((ys, xs), int(0.25 * size) + 2)
        depth = ndimage.distance_transform_edt(region[ys, xs])
        pen = 3 * depth[region[ys, xs]].mean()
        away = ndimage.distance_transform_edt(~region[near_by])
        for part in list(rest):
            gap = _gap(away, near_by, part)
            rows, columns = part["place"]
            beside = columns.start >= xs.stop or columns.stop <= xs.start
            tall = rows.stop - rows.start > 0.6 * height
            if beside and tall:  # another digit, unless the line is merely broken
                near = 0.05 * size
            elif part["size"] < 0.12 * size:  # a crumb of a broken line, or dust
                near = min(pen, 0.06 * size)
            else:
                near = max(min(2 * pen, 0.2 * size), 0.1 * size)
            if gap <= near + 1 and 0.5 < part["contrast"] / first["contrast"] < 2:
                region[part["place"]] |= part["mask"]
                rest.remove(part)
                joined = True
    return region


def _widened(place, reach):
    """Widen a pair of slices by `reach` to all sides."""
    return tuple(slice(max(0, one.start - reach), one.stop + reach) for one in place)


def _gap(away, window, part):
    """Return how far a part is from a region; `away` says it for each pixel of `window`."""
    inside, own = [], []
    for one, there, length in zip(part["place"], window, away.shape, strict=True):
        start, stop = max(one.start, there.start), min(one.stop, there.start + length)
        if start >= stop:
            return np.inf
        inside.append(slice(start - there.start, stop - there.start))
        own.append(slice(start - one.start, stop - one.start))
    mask = part["mask"][tuple(own)]
    return away[tuple(inside)][mask].min(initial=np.inf)


def _judged(region, contrast, dark, scale, level):
    """Return a region as a candidate with its score, or None if it is none."""
    from skimage.measure import euler_number
    from skimage.morphology import skeletonize

    ys, xs = _frame(region)
    height, width = ys.stop - ys.start, xs.stop - xs.start
    size, whole = max(height, width), max(region.shape)
    if size < max(6, 0.03 * whole):
        return None
    edge = _along_edge(region[ys, xs], (ys, xs), region.shape)
    own = np.pad(region[ys, xs], 1)
    depth = ndimage.distance_transform_edt(own)
    bones = skeletonize(own)
    depths = depth[bones]
    pen = 2 * depths.mean()
    length = bones.sum() / pen
    uneven = depths.std() / depths.mean()
    holes = 1 - euler_number(own, 2)
    strength = float(np.percentile(contrast[ys, xs][region[ys, xs]], 75))
    around, quiet = _around(region, contrast, ys, xs, pen, strength)
    centre = np.hypot(
        (ys.start + ys.stop) / region.shape[0] - 1, (xs.start + xs.stop) / region.shape[1] - 1
    )
    score = (
        np.log(strength / (strength + 0.2))
        + 0.6 * np.log(size / whole)
        + 2 * np.log(min(1, length / 3))
        - (uneven / 0.5) ** 2
        - 0.7 * max(0, holes - 2)
        - 2 * edge / size
        + 2 * np.log(max(quiet, 0.05))
        - 0.5 * np.log(level / (0.45 * strength)) ** 2
        - 0.5 * centre
        - 1.5 * (width > 1.7 * height)
        - 1.5 * (height > 9 * width)
    )
    return _Candidate(region, dark, scale, level, strength, pen, edge / size, float(score))


def _around(region, contrast, ys, xs, pen, strength):
    """Return the mean contrast around a region, and what share of it is paper."""
    reach = int(2 + pen) + 2
    window = _widened((ys, xs), reach)
    away = ndimage.distance_transform_edt(~region[window])
    ring = (away > 2) & (away <= reach)
    if not ring.any():
        return 0.0, 1.0
    values = contrast[window][ring]
    return float(values.mean()), float((values < 0.4 * strength).mean())


def _cut_out(fine, best, shrink):
    """Return the ink of the best candidate, of one side BOX, and its box on the picture."""
    from skimage.morphology import skeletonize

    grow = 1 / shrink
    top, bottom, left, right = best.box
    pen = best.width * grow
    margin = int(max(best.scale * max(fine.shape), 2 * pen)) + 4
    ys = slice(max(0, int(top * grow) - margin), int(bottom * grow) + margin)
    xs = slice(max(0, int(left * grow) - margin), int(right * grow) + margin)
    near = fine[ys, xs]
    smooth = ndimage.gaussian_filter(near, max(0.5, 0.7 * grow * 0.5))
    reach = max(3, round(best.scale * max(fine.shape)) | 1)
    how = ndimage.grey_closing if best.dark else ndimage.grey_opening
    paper = how(smooth, (reach, reach))
    ink = paper - smooth if best.dark else smooth - paper
    # The region, on the finer grid, and a little more: the search saw it blurred.
    rows = ((np.arange(near.shape[0]) + ys.start + 0.5) * shrink).astype(int)
    columns = ((np.arange(near.shape[1]) + xs.start + 0.5) * shrink).astype(int)
    region = best.mask[
        rows.clip(0, best.mask.shape[0] - 1)[:, None], columns.clip(0, best.mask.shape[1] - 1)
    ]
    if best.dark:
        share = ink / (paper + 0.04)
    else:
        share = ink
    full = np.percentile(share[region], 80)
    share = share / full
    where = ndimage.distance_transform_edt(~region) <= max(1.5 * grow, 0.3 * pen)
    mask = where & (share > 0.5)
    if not mask.any():
        mask = region
    inside = _frame(mask)
    box = (
        xs.start + inside[1].start, ys.start + inside[0].start,
        xs.start + inside[1].stop, ys.start + inside[0].stop,
    )  # fmt: skip
    share = np.where(where, share.clip(0, 1), 0)
    return _drawn(share[inside]), box


def _drawn(share):
    """Draw a digit anew with a pen that is neither much thinner nor thicker than MNIST's."""
    from skimage.morphology import skeletonize

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
    away -= (np.clip(pen, 2.2, 3.6) - pen) / 2 * UNIT
    return (0.5 - away / UNIT).clip(0, 1)


def _doubts(candidates):
    best = candidates[0]
    return []


def second_look(weights, digit):
    return []
