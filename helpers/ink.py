"""Search a picture for what a pen may have drawn: regions of ink, the likeliest digit first.

Ink is what differs from the paper around it. How much it must differ, and how wide a line may be,
no one knows before; so the picture is cut at several contrasts, and what comes out is scored: a
digit is all of one width, longer than wide, with paper all around.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull
from skimage.measure import euler_number
from skimage.morphology import skeletonize
from skimage.transform import hough_line, hough_line_peaks

LEVELS = (0.05, 0.075, 0.11, 0.16, 0.23, 0.33, 0.47, 0.67)  # contrasts at which ink is cut out
SCALES = (0.12, 0.5)  # of the picture's longer side: the largest widths of a line
HOLDERS = 12  # candidates, from the likeliest, that are looked at as frames


@dataclass(frozen=True, eq=False)
class Candidate:
    """A region that may be the digit, on the picture that is searched."""

    mask: np.ndarray  # bool, (height, width) of that picture
    dark: bool  # darker than the paper around it
    scale: float  # of the contrast in which it was found
    contrast: float  # 0..1
    width: float  # of the pen, in pixels
    edge: float  # what lies along the picture's edge, as a share of its size
    score: float

    @property
    def box(self):
        """The first row, the row after the last, and the same of the columns."""
        ys, xs = frame(self.mask)
        return ys.start, ys.stop, xs.start, xs.stop

    @property
    def size(self):
        """The longer side of the box."""
        top, bottom, left, right = self.box
        return max(bottom - top, right - left)


def candidates(grey):
    """Return the regions that may be the digit, the likeliest first."""
    smooth = ndimage.gaussian_filter(grey, 0.7)
    found = []
    for dark in (True, False):
        for scale in SCALES:
            contrast = contrast_of(smooth, scale, dark)
            low, middle = np.percentile(contrast, [5, 25])
            floor = max(LEVELS[0], middle + 4 * (middle - low))  # the paper's grain
            top = contrast.max()
            for level in LEVELS:
                if floor <= level < 0.9 * top:
                    mask = contrast > level
                    for seen in (mask, _without_lines(mask)):
                        if seen is not None:
                            found += _regions(seen, grey, contrast, dark, scale, level)
    found.sort(key=lambda one: -one.score)
    found = [one for one in found if one.score > found[0].score - 3]
    holders = [one for one in found[:HOLDERS] if _holds_another(one, found)]
    return [one for one in found if one not in holders] or found


def contrast_of(grey, scale, dark):
    """Return how much darker (or lighter) each pixel is than the paper around it, 0..1.

    `scale` is the largest width of a line, as a share of the picture's longer side: whatever is
    wider is paper (or desk, or shadow).
    """
    reach = reach_of(scale, grey)
    if dark:
        paper = ndimage.grey_closing(grey, (reach, reach))
        return (paper - grey) / (paper + 0.04)
    paper = ndimage.grey_opening(grey, (reach, reach))
    return (grey - paper) / (grey + 0.04)


def reach_of(scale, grey):
    """Return an odd number of pixels, which a line is less wide than."""
    return max(3, round(scale * max(grey.shape)) | 1)


def _holds_another(one, others):
    """Say whether a region is a frame, a ring or a sheet of paper around what is written."""
    top, bottom, left, right = one.box
    place = slice(top, bottom), slice(left, right)
    filled = ndimage.binary_fill_holes(one.mask[place])
    if filled.sum() == one.mask[place].sum():
        return False
    for other in others:
        high, low, west, east = other.box
        if other.size < 0.25 * one.size or not (
            top <= high and low <= bottom and left <= west and east <= right
        ):
            continue
        inner = other.mask[place]
        # The two may share the grey rim between ink and paper.
        if (inner & ~filled).any() or (inner & one.mask[place]).sum() > 0.4 * inner.sum():
            continue
        # Inside a 0 there is paper, of its own form; inside a sheet there is ink.
        if other.dark == one.dark or _rectangular(one.mask) > 0.88:
            return True
    return False


def _rectangular(mask):
    """Return what share the hull of a region fills of the smallest rectangle around it."""
    hull = ConvexHull(np.argwhere(mask))
    corners = hull.points[hull.vertices]
    sides = np.roll(corners, -1, axis=0) - corners
    areas = []
    for down, right in sides / np.linalg.norm(sides, axis=1, keepdims=True):
        turned = corners @ np.array([[down, right], [right, -down]])
        areas.append(np.prod(np.ptp(turned, axis=0)))
    return hull.volume / min(areas)


def _without_lines(mask):
    """Take away straight lines that cross the picture, as on ruled paper; None if there are none.

    What a line crosses stays: there is ink on both its sides, or on one.
    """
    height, width = mask.shape
    if not (mask.any(0).mean() > 0.8 or mask.any(1).mean() > 0.8) or mask.mean() > 0.3:
        return None
    near = np.deg2rad(np.arange(-15, 15.1, 0.5))
    directions = np.concatenate([near, near + np.pi / 2])
    votes, angles, distances = hough_line(mask, directions)
    peaks = hough_line_peaks(votes, angles, distances, 4, 4, 0.5 * min(height, width), num_peaks=60)
    rows, columns = np.nonzero(mask)
    left = mask.copy()
    for angle, distance in zip(*peaks[1:], strict=True):
        across = columns * np.cos(angle) + rows * np.sin(angle) - distance
        along = rows * np.cos(angle) - columns * np.sin(angle)
        band = abs(across) <= 4
        places = np.unique(along[band].astype(int))
        chord = height / np.cos(angle) if abs(angle) < np.pi / 4 else width / abs(np.sin(angle))
        if len(places) < 0.7 * chord:
            continue
        thick = band.sum() / len(places)
        if thick > 6:  # a band, not a line
            continue
        beside = thick / 2 + 2.5
        band = abs(across) <= thick / 2 + 1.5
        on = np.zeros(band.sum(), bool)
        for side in (-beside, beside):
            y = (rows[band] + (side - across[band]) * np.sin(angle)).round().astype(int)
            x = (columns[band] + (side - across[band]) * np.cos(angle)).round().astype(int)
            on |= mask[y.clip(0, height - 1), x.clip(0, width - 1)]
        left[rows[band][~on], columns[band][~on]] = False
    return None if left.sum() == mask.sum() else left


def _regions(mask, grey, contrast, dark, scale, level):
    """Return the candidates among the regions of a mask."""
    parts = _parts(mask, contrast)
    candidates = []
    for part in sorted(parts, key=lambda one: -one["size"] * one["contrast"])[:3]:
        region = _joined(part, parts, mask.shape)
        made = _judged(region, grey, contrast, dark, scale, level)
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
        touches = _along_edge(own, place, mask.shape) > 0
        if touches and size > 0.3 * max(mask.shape) and min(height, width) < 0.06 * size:
            continue  # a line on the paper
        parts.append({
            "place": place, "mask": own, "size": size, "area": int(areas[label]),
            "contrast": float(np.percentile(contrast[place][own], 75)),
        })  # fmt: skip
    return [part for part in parts if not _frames(part, parts)]


def _frames(part, others):
    """Say whether a part is a ring around another one: a printed frame, a drawn circle."""
    inner = [
        other["place"]
        for other in others
        if 0.25 * part["size"] < other["size"] < part["size"]
        and all(
            out.start <= at.start and at.stop <= out.stop
            for at, out in zip(other["place"], part["place"], strict=True)
        )
    ]
    if not inner:
        return False
    filled = ndimage.binary_fill_holes(part["mask"])
    (ys, xs) = part["place"]
    return any(
        filled[row.start - ys.start : row.stop - ys.start, at.start - xs.start : at.stop - xs.start]
        .all()
        for row, at in inner
    )  # fmt: skip


def frame(mask):
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
    """Join what belongs to one digit: pieces of a broken line, the loose bar of a 5.

    From whichever piece one starts, the same pieces are joined.
    """
    region = np.zeros(shape, bool)
    region[first["place"]] |= first["mask"]
    rest = [part for part in parts if 0.5 < part["contrast"] / first["contrast"] < 2]
    rest = [part for part in rest if part is not first]
    joined = True
    while joined and rest:
        joined = False
        place = frame(region)
        high, size = place[0].stop - place[0].start, max(at.stop - at.start for at in place)
        near_by = _widened(place, int(0.3 * max(size, *(part["size"] for part in rest))) + 2)
        away = ndimage.distance_transform_edt(~region[near_by])
        for part in list(rest):
            if _gap(away, near_by, part) <= 1 + _reach(region.sum(), high, size, place, part):
                region[part["place"]] |= part["mask"]
                rest.remove(part)
                joined = True
    return region


def _reach(area, high, size, place, part):
    """Return how far a part may lie from a region and yet belong to the same digit."""
    rows, columns = part["place"]
    longer, shorter = max(size, part["size"]), min(size, part["size"])
    high, low = max(high, rows.stop - rows.start), min(high, rows.stop - rows.start)
    beside = columns.start >= place[1].stop or columns.stop <= place[1].start
    pens = area / size, part["area"] / part["size"]
    if shorter < 0.12 * longer:  # a crumb of a broken line, or dust
        return min(2 * max(pens), 0.06 * longer)
    if low > 0.6 * high:  # another digit, unless the line is merely broken
        return 0.05 * longer if beside else 0.12 * longer
    return 0.3 * longer if max(pens) < 3 * min(pens) else 0.1 * longer


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


def _judged(region, grey, contrast, dark, scale, level):
    """Return a region as a candidate with its score, or None if it is none."""
    ys, xs = frame(region)
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
    pieces = ndimage.label(own, np.ones((3, 3)))[1]
    holes = pieces - euler_number(own, 2)
    strength = float(np.percentile(contrast[ys, xs][region[ys, xs]], 75))
    quiet = _quiet(region, grey, contrast, ys, xs, pen, strength)
    centre = np.hypot(
        (ys.start + ys.stop) / region.shape[0] - 1, (xs.start + xs.stop) / region.shape[1] - 1
    )
    score = (
        np.log(strength / (strength + 0.2))
        + 0.6 * np.log(size / whole)
        + 2 * np.log(min(1, length / 3))
        - (uneven / 0.5) ** 2
        - 0.7 * max(0, holes - 2)
        - 0.3 * max(0, pieces - 2)
        - 2 * edge / size
        + 2 * np.log(max(quiet, 0.05))
        - 0.5 * np.log(level / (0.45 * strength)) ** 2
        - 0.5 * centre
        - 1.5 * (width > 1.7 * height)
        - 1.5 * (height > 9 * width)
    )
    return Candidate(region, dark, scale, strength, pen, edge / size, float(score))


def _quiet(region, grey, contrast, ys, xs, pen, strength):
    """Return what share of the surroundings of a region is paper, 0..1."""
    reach = int(2 + pen) + 2
    window = _widened((ys, xs), reach)
    away = ndimage.distance_transform_edt(~region[window])
    ring = (away > 2) & (away <= reach)
    if not ring.any():
        return 1.0
    tone = grey[window][ring]
    tone = (tone + 0.05) / (np.median(tone) + 0.05)
    # A shadow is up to 40 % darker than the sheet; a desk is more.
    paper = (contrast[window][ring] < 0.4 * strength) & (tone > 0.55) & (tone < 1.8)
    return float(paper.mean())


def common(one, other):
    """Return the area that two candidates' boxes share, by the area of both together."""
    (top, bottom, left, right), (top2, bottom2, left2, right2) = one.box, other.box
    high = max(0, min(bottom, bottom2) - max(top, top2))
    wide = max(0, min(right, right2) - max(left, left2))
    areas = (bottom - top) * (right - left) + (bottom2 - top2) * (right2 - left2)
    return high * wide / (areas - high * wide)
