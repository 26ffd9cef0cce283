"""Images that are shifted, turned, slanted and resized a little, on every backend alike."""

import numpy as np

from helpers.reader.backend import import_keras

DRAWS = 5  # random numbers that augment one image: down, right, turn, slant, size


def augmented(images, draws, *, shift=2, turn=12, slant=0.3, size=0.15, interpolation="bilinear"):
    """Shift, turn, slant and resize each image a little, as no two people write alike.

    Parameters
    ----------
    images : float (n, height, width), NumPy array or Keras tensor
    draws : float (n, 5), from -1 to 1
        How far each image goes down, right, round, aslant and up in size, as a share of the most.
    shift : float
        At most so many pixels, up or down and left or right; 0 comes in from outside the image,
        and what leaves on one side does not come back on the other.
    turn, slant, size : float
        At most so many degrees; so many pixels sideways for each pixel up; by such a factor.
    interpolation : "bilinear" or "nearest"
        Between pixels: mix the four around, or take the nearest one.

    Returns
    -------
    float32 (n, height, width), a Keras tensor
    """
    ops = import_keras().ops
    images, draws = ops.cast(images, "float32"), ops.cast(draws, "float32")
    shape, size_of_draws = tuple(images.shape), tuple(draws.shape)
    lengths = {*shape[:1], *size_of_draws[:1]} - {None}  # None in a graph, where it may be any
    if len(shape) != 3 or size_of_draws[1:] != (DRAWS,) or len(lengths) > 1:
        raise ValueError(
            f"images have the shape {shape} and draws {size_of_draws}: give images (n, height, "
            f"width), and for each of them {DRAWS} random numbers, (n, {DRAWS})."
        )
    _, height, width = shape
    most = np.array([shift, shift, np.deg2rad(turn), slant, np.log1p(size)], np.float32)
    moves = draws * most
    down, right, angle, lean, scale = (moves[:, k] for k in range(DRAWS))
    # Where each new pixel is looked up in the old image, seen from its middle:
    # column = a x + b y, row = c x + d y.
    a = d = ops.cos(angle) * ops.exp(scale)
    c = ops.sin(angle) * ops.exp(scale)
    b = lean - c
    x, y = (width - 1) / 2 + right, (height - 1) / 2 + down
    right_by, down_by = (width - 1) / 2 - a * x - b * y, (height - 1) / 2 - c * x - d * y
    flat = ops.zeros_like(a)  # nothing is seen in perspective
    places = ops.stack([a, b, right_by, c, d, down_by, flat, flat], axis=1)
    moved = ops.image.affine_transform(
        images[..., None], places, interpolation=interpolation, data_format="channels_last"
    )
    return moved[..., 0]
