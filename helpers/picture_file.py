"""From the bytes of a picture file to colours: whatever kind, depth and transparency it has."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

SMALLEST = 6  # pixels; the digits of scikit-learn have 8 by 8
NO_PICTURE = "This file is no picture that can be read: try a PNG or a JPEG."


def load_picture(data: bytes, side: int) -> tuple[np.ndarray, str]:
    """Read a picture file, upright and no larger than `side`.

    Parameters
    ----------
    data : bytes
        A file of any kind that Pillow reads, or a TIFF that tifffile reads.
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
        If it is no picture that can be read, or too small or too large to be one.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(
            "find_digit() reads the bytes of a picture file, as of pathlib.Path(...).read_bytes(); "
            f"got {type(data).__name__}."
        )
    data = bytes(data)
    if not data:
        raise ValueError("This file is empty: choose the picture again.")
    if data[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc"):
        raise ValueError("This is a HEIC photo, which cannot be read here: save it as a JPEG.")
    remark = ""
    try:
        with warnings.catch_warnings():
            # Pillow warns of what may be an attack, from 90 megapixels; phones take 108.
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data))
            if getattr(image, "is_animated", False) and image.format != "MPO":
                remark = f"The file holds {image.n_frames} pictures; the first is read."
            bits = image.tag_v2.get(258, ()) if image.format == "TIFF" else ()
            if len(bits) > 1 and max(bits) > 8:
                raise ValueError("Pillow takes 16 bits a colour for something else")
            image.draft(image.mode, (side, side))  # a large JPEG is decoded smaller, and so faster
            colours = _colours(_upright(image), side)
    except Image.DecompressionBombError:
        raise ValueError("This picture is too large to be read here: make it smaller.") from None
    except Exception:  # decoders raise what they like at a file that is not as it should be
        colours = _tiff(data, side)
    if min(colours.shape[:2]) < SMALLEST:
        raise ValueError(
            f"This picture is too small: {colours.shape[1]} by {colours.shape[0]} pixels; "
            f"a digit needs at least {SMALLEST} by {SMALLEST}."
        )
    return colours, remark


def _upright(image):
    """Turn a photo as the camera says it was held."""
    try:
        return ImageOps.exif_transpose(image)
    except (ValueError, TypeError, KeyError, SyntaxError, OSError):
        if not image.getexif():
            raise
        image.load()  # what is broken is the note, or the picture too
        return image


def _colours(image, side):
    """Return an image of any mode as (height, width, 3), 0..1."""
    if image.mode.startswith(("I", "F")):  # 16 or 32 bits, or floats
        return _of_numbers(np.asarray(image).astype(np.float64), side)
    if image.mode == "LAB":
        image = image.getchannel(0)
    clear = image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info
    if image.mode in ("RGBa", "La"):
        image = image.convert({"RGBa": "RGBA", "La": "LA"}[image.mode])
    image = image.convert("RGBA" if clear else "RGB")
    image.thumbnail((side, side), Image.Resampling.BOX)
    colours = np.asarray(image, np.float32) / 255
    return _on_paper(colours[..., :3], colours[..., 3]) if clear else colours


def _of_numbers(values, side):
    """Return numbers of any range as grey: the least is black only if it lies below 0."""
    known = np.isfinite(values)
    if not known.any():
        raise ValueError("no number in it")
    values = np.where(known, values, np.median(values[known]))
    low = min(0, values.min())
    grey = ((values - low) / max(values.max() - low, 1e-12)).astype(np.float32)
    return np.repeat(_shrunk(grey, side)[..., None], 3, axis=2)


def _shrunk(grey, side):
    image = Image.fromarray(grey)
    image.thumbnail((side, side), Image.Resampling.BOX)
    return np.asarray(image)


def _on_paper(colours, opacity):
    """Fill what is transparent: with the paper that is there, or so that the ink stands out."""
    seen = opacity > 0.5
    if not seen.any():
        return np.ones_like(colours)
    grey = colours.mean(2)
    low, high = np.percentile(grey[seen], [2, 98])
    if high - low < 0.2 or seen.mean() < 0.5:  # a pen on nothing
        paper = np.float32(1 if np.median(grey[seen]) < 0.5 else 0)
    else:
        paper = np.median(colours[seen], axis=0)
    return colours * opacity[..., None] + paper * (1 - opacity[..., None])


def _tiff(data, side):
    """Read what Pillow does not: a TIFF with 16 bits a colour, or with floats of 64."""
    try:
        import tifffile  # comes with scikit-image

        values = np.asarray(tifffile.imread(io.BytesIO(data), key=0))
        if values.ndim == 3 and values.shape[0] in (3, 4) and values.shape[2] > 4:
            values = np.moveaxis(values, 0, 2)  # colour by colour
        if values.ndim == 3 and values.shape[2] >= 3:
            values = values[..., :3].astype(float).mean(2)
        return _of_numbers(np.squeeze(values).astype(float), side)
    except Exception:
        raise ValueError(NO_PICTURE) from None
