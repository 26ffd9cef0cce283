"""From the bytes of a picture file to colours: whatever kind, depth and transparency it has."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

NO_PICTURE = "This file is no picture that can be read: try a PNG or a JPEG."


def load_picture(data: bytes, side: int) -> tuple[np.ndarray, str]:
    """Read a picture file, upright and no larger than `side`.

    Parameters
    ----------
    data : bytes
        A file of any kind that Pillow reads.
    side : int
        Pixels of the longer side at most.

    Returns
    -------
    ndarray (height, width, 3) of float32
        0 is black, 1 is white. What is transparent is filled so that what is not stands out.
    str
        What was not read of it, as a sentence; empty if all was.

    Raises
    ------
    TypeError
        If `data` is no bytes.
    ValueError
        If it is no picture that can be read, or too large.
    """
    if not isinstance(data, bytes):
        raise TypeError(
            "find_digit() reads the bytes of a picture file, as of pathlib.Path(...).read_bytes(); "
            f"got {type(data).__name__}."
        )
    if data[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"):
        raise ValueError("This is a HEIC photo, which cannot be read here: save it as a JPEG.")
    try:
        with warnings.catch_warnings():
            # Pillow warns of what may be an attack, from 90 megapixels; phones take 108.
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data))
            more = getattr(image, "is_animated", False) and image.format != "MPO"
            image.draft(image.mode, (side, side))  # a large JPEG is decoded smaller, and so faster
            colours = _colours(ImageOps.exif_transpose(image), side)
    except Image.DecompressionBombError:
        raise ValueError("This picture is too large to be read here: make it smaller.") from None
    except Exception:  # decoders raise what they like at a file that is not as it should be
        raise ValueError(NO_PICTURE) from None
    return colours, "The file holds several pictures; the first is read." if more else ""


def _colours(image, side):
    """Return an image of any mode as (height, width, 3), 0..1."""
    if image.mode.startswith(("I", "F")):  # 16 or 32 bits, or floats: as bright as they reach
        values = np.asarray(image).astype(np.float32)
        values -= min(0, values.min())
        image = Image.fromarray(255 * values / values.max()).convert("L")
    image = image.convert("RGBA")
    image.thumbnail((side, side), Image.Resampling.BOX)
    colours, opacity = np.split(np.asarray(image, np.float32) / 255, [3], axis=2)
    # What is transparent becomes white or black, so that what is not stands out.
    paper = np.float32(opacity.max() < 0.5 or np.median(colours[opacity[..., 0] >= 0.5]) < 0.5)
    return colours * opacity + paper * (1 - opacity)
