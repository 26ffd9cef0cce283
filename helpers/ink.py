"""Search a picture for what a pen may have drawn: regions of ink, the likeliest digit first.

Ink is what differs from the paper around it. How much it must differ, and how wide a line may be,
no one knows before; so the picture is cut at several contrasts, and what comes out is scored: a
digit is all of one width, longer than wide, with paper all around.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.measure import label, regionprops
from skimage.morphology import skeletonize

LEVELS = (0.05, 0.075, 0.11, 0.16, 0.23, 0.33, 0.47, 0.67)  # contrasts at which ink is cut out
SCALES = (0.12, 0.5)  # of the picture's longer side: the largest widths of a line
GAP = 0.04, 0.3  # half of what may lie between the pieces of a digit, of its size; less downwards


@dataclass(frozen=True, eq=False)
class Candidate:
    """A region that may be the digit, on the picture that is searched."""

    mask: np.ndarray  # bool, (height, width) of that picture
    place: tuple[slice, slice]  # the rows and columns that it reaches over
    dark: bool  # darker than the paper around it
    scale: float  # of the contrast in which it was found
    contrast: float  # 0..1
    width: float  # of the pen, in pixels
    edge: float  # what lies along the picture's edge, as a share of its size
    score: float


def candidates(grey):
    """Return the regions that may be the digit, the likeliest first."""
    smooth = ndimage.gaussian_filter(grey, 0.7)
    found = []
    for dark, scale in itertools.product((True, False), SCALES):
        contrast = contrast_of(smooth, scale, dark)
        low, middle = np.percentile(contrast, [5, 25])
        floor = max(LEVELS[0], middle + 4 * (middle - low))  # the paper's grain
        for level in LEVELS:
            if floor <= level < 0.9 * contrast.max():
                regions = _regions(contrast > level, contrast)
                found += [_judged(one, grey, contrast, dark, scale, level) for one in regions]
    return sorted(found, key=lambda one: -one.score)


def contrast_of(grey, scale, dark):
    """Return how much darker (or lighter) each pixel is than the paper around it, 0..1.

    `scale` is the largest width of a line, as a share of the picture's longer side: whatever is
    wider is paper (or desk, or shadow).
    """
    reach = max(3, round(scale * max(grey.shape)) | 1)  # odd
    if dark:
        paper = ndimage.grey_closing(grey, (reach, reach))
        return (paper - grey) / (paper + 0.04)
    paper = ndimage.grey_opening(grey, (reach, reach))
    return (grey - paper) / (grey + 0.04)


def _regions(mask, contrast):
    """Return the three most striking regions of a mask, each with the pieces that belong to it."""
    parts = regionprops(label(mask, connectivity=2), contrast)
    parts = sorted((part for part in parts if part.area > 3), key=lambda one: -one.area)[:60]
    parts = [part for part in parts if not _of_the_paper(part, mask.shape)]
    parts = [part for part in parts if not _frames(part, parts)]
    ink = np.zeros(mask.shape, bool)
    for part in parts:
        ink[part.slice] |= part.image
    # What lies beside a digit is another one; the bar of a 5 lies above it.
    away = ndimage.distance_transform_edt(~ink, sampling=(GAP[1], 1))
    for part in sorted(parts, key=lambda one: -max(one.image.shape) * one.intensity_mean)[:3]:
        size = max(part.image.shape)
        if size >= max(6, 0.03 * max(mask.shape)):
            near = label(away <= GAP[0] * size)
            yield ink & (near == near[tuple(part.coords[0])])


def _of_the_paper(part, shape):
    """Say whether a part is a desk beyond the paper, the frame of a scan or a printed line."""
    size, thin, edge = max(part.image.shape), min(part.image.shape), _along_edge(part, shape)
    return edge > 0.6 * size or (edge > 0 and size > 0.3 * max(shape) and thin < 0.06 * size)


def _frames(part, others):
    """Say whether a part is a ring around another one: a printed frame, a drawn circle."""
    for other in others:
        if other is not part and max(other.image.shape) > 0.25 * max(part.image.shape):
            at = other.coords - part.bbox[:2]
            inside = (at >= 0).all() and (at < part.image.shape).all()
            if inside and part.image_filled[tuple(at.T)].all():
                return True
    return False


def _along_edge(part, shape):
    """Count the pixels of a part that lie on the picture's edge."""
    return int(((part.coords == 0) | (part.coords == np.array(shape) - 1)).sum())


def _judged(region, grey, contrast, dark, scale, level):
    """Return a region as a candidate with its score."""
    (part,) = regionprops(region.astype(np.uint8))
    height, width = part.image.shape
    size = max(height, width)
    edge = _along_edge(part, region.shape) / size
    own = np.pad(part.image, 1)
    bones = skeletonize(own)
    depths = ndimage.distance_transform_edt(own)[bones]
    pen = 2 * depths.mean()
    length = bones.sum() / pen
    uneven = depths.std() / depths.mean()
    pieces = label(own, connectivity=2).max()
    holes = pieces - part.euler_number
    strength = float(np.percentile(contrast[region], 75))
    quiet = _quiet(region, grey, part.slice, 4 + int(pen))
    aside = 2 * np.array(part.centroid) / region.shape - 1
    wide = part.axis_minor_length > 0.4 * part.axis_major_length
    score = (
        np.log(strength / (strength + 0.2))
        + 0.8 * np.log(size / max(region.shape))
        + 2 * np.log(min(1, length / 3))
        - (uneven / 0.5) ** 2
        - 0.7 * max(0, holes - 2)
        - 0.3 * max(0, pieces - 2)
        - 2 * edge
        + 2 * np.log(max(quiet, 0.05))
        - 0.5 * np.log(level / (0.45 * strength)) ** 2
        - 0.5 * np.hypot(*aside)
        - 1.2 * (width > 1.7 * height or height > 9 * width)
        - 2 * (wide and part.solidity > 0.85)  # a sheet of paper
    )
    return Candidate(region, part.slice, dark, scale, strength, pen, edge, float(score))


def _quiet(region, grey, place, reach):
    """Return what share of the surroundings of a region is of one tone, as paper is, 0..1."""
    window = tuple(slice(max(0, at.start - reach), at.stop + reach) for at in place)
    away = ndimage.distance_transform_edt(~region[window])
    tone = grey[window][(away > 2) & (away <= reach)] + 0.05
    # A shadow is up to 40 % darker than the sheet; a desk is more.
    return np.mean(abs(np.log(tone / np.median(tone))) < 0.6) if tone.size else 1.0


def common(one, other):
    """Return the area that two candidates' boxes share, by the area of both together."""
    shared = np.prod([
        max(0, min(a.stop, b.stop) - max(a.start, b.start))
        for a, b in zip(one.place, other.place, strict=True)
    ])  # fmt: skip
    areas = [np.prod([at.stop - at.start for at in each.place]) for each in (one, other)]
    return shared / (sum(areas) - shared)
