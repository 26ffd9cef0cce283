"""One still picture of a view, for pages where scripts are stripped: its maps as a PNG."""

import struct
import zlib

import numpy as np

from rnnscope import words
from rnnscope.view_layout import Laid

WIDE, HIGH, HEADING, BETWEEN, ACROSS = 240, 96, 20, 12, 3
# Matplotlib's Greys and PuOr_r, at even distances: the lessons draw with them.
GATE = [(v, v, v) for v in (255, 240, 217, 189, 150, 115, 82, 37, 0)]
STATE = [(45, 0, 75), (84, 39, 136), (128, 115, 172), (178, 171, 210), (216, 218, 235),
         (247, 247, 247), (254, 224, 182), (253, 184, 99), (224, 130, 20), (179, 88, 6),
         (127, 59, 8)]  # fmt: skip
SHADES = 16  # of each of the two, told apart
# The palette: both, then what marks the step, what is masked, and eight greys for letters.
NOW, MASKED, LETTERS, WHITE = 2 * SHADES, 2 * SHADES + 1, 2 * SHADES + 2, 2 * SHADES + 9


def _palette() -> bytes:
    at = np.linspace(0, 1, SHADES)
    made = [
        np.stack([np.interp(at, np.linspace(0, 1, len(stops)), part) for part in stops.T], -1)
        for stops in (np.array(GATE), np.array(STATE))
    ]
    greys = np.linspace(27, 255, 8)[:, np.newaxis].repeat(3, 1)
    return (
        np.concatenate([*made, [[213, 94, 0], [217, 217, 217]], greys]).astype(np.uint8).tobytes()
    )


def maps_picture(records, step: int) -> bytes:
    """Draw the maps of some records, the step marked; headings where Pillow is installed.

    Parameters
    ----------
    records : list of rnnscope.records.LayerTrace
    step : int
        A column of the maps.
    """
    maps = [(Laid(one), part) for one in records for part in words.PARTS[one.cell]]
    lines, tall = -(-len(maps) // ACROSS), HIGH + HEADING + BETWEEN
    across = min(len(maps), ACROSS)
    sheet = np.full((lines * tall, across * (WIDE + BETWEEN) - BETWEEN), WHITE, np.uint8)
    headings = []
    for n, (laid, part) in enumerate(maps):
        y, x = n // ACROSS * tall + HEADING, n % ACROSS * (WIDE + BETWEEN)
        values = laid.of(part)
        shades, ends = _shades(values, part in laid.record.gates)
        sheet[y : y + HIGH, x : x + WIDE] = shades
        at = x + round((step + 0.5) / len(values) * WIDE)
        sheet[y : y + HIGH, max(at - 1, x) : at + 1] = NOW
        headings.append((x, y - HEADING, f"{words.HEADINGS[part]}  {ends}"))
    return png(_lettered(sheet, headings))


def coarse(values, most: int) -> np.ndarray:
    """Make at most `most` rows of (rows, n): means of an even number of neighbours, nan left out.

    As `static/maps.js` does it. An even number, so that what goes up and down from row to row
    becomes its mean.
    """
    if len(values) <= most:
        return values
    each = 2 * -(-len(values) // (2 * most))
    edges = np.arange(0, len(values), each)
    known = np.isfinite(values)
    number = np.add.reduceat(known.astype(int), edges)
    total = np.add.reduceat(np.where(known, values, 0), edges)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _shades(values, gate: bool):
    """Return the (HIGH, WIDE) colours of (steps, units) values, and the ends of their scale."""
    low, high = np.nanmin(values, initial=0), np.nanmax(values, initial=0)
    gate = gate and low >= 0 and high <= 1
    size = 1.0 if gate else float(np.nan_to_num(max(-low, high))) or 1.0
    cells = coarse(coarse(values, WIDE).T, HIGH)
    shares = np.clip(cells if gate else (cells / size + 1) / 2, 0, 1)
    colours = np.rint(np.nan_to_num(shares) * (SHADES - 1)) + (0 if gate else SHADES)
    colours[np.isnan(shares)] = MASKED
    rows = np.arange(HIGH) * len(cells) // HIGH
    columns = np.arange(WIDE) * cells.shape[1] // WIDE
    ends = "0 to 1" if gate else f"±{size:.2g}"
    return colours.astype(np.uint8)[np.ix_(rows, columns)], ends


def _lettered(sheet, headings):
    """Write over the maps what they are."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        return sheet
    image = Image.new("L", sheet.shape[::-1], 255)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    for x, y, text in headings:
        pen.text((x, y + HEADING / 2), text, 0, font, anchor="lm")
    letters = np.asarray(image)
    return np.where(letters < 255, LETTERS + letters // 32, sheet).astype(np.uint8)


def png(sheet) -> bytes:
    """Encode (height, width) places in the palette as a PNG."""
    height, width = sheet.shape
    rows = np.zeros((height, 1 + width), np.uint8)
    rows[:, 1:] = sheet
    made = b"\x89PNG\r\n\x1a\n"
    for kind, data in (
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", _palette()),
        (b"IDAT", zlib.compress(rows.tobytes(), 6)),
        (b"IEND", b""),
    ):
        made += struct.pack(">I", len(data)) + kind + data
        made += struct.pack(">I", zlib.crc32(kind + data))
    return made
