"""One still picture of a view, for pages where scripts are stripped: its maps as a PNG."""

import struct
import zlib

import numpy as np

from rnnscope import words
from rnnscope.layout import Laid

WIDE, HIGH, HEADING, BETWEEN, ACROSS = 264, 150, 20, 12, 3
SHADES = 24  # what is told apart; more would only weigh
NOW, INK, HATCH = (213, 94, 0), (27, 27, 27), (217, 217, 217)
# Matplotlib's Greys and PuOr_r, at even distances: the lessons draw with them.
GATE = [(v, v, v) for v in (255, 240, 217, 189, 150, 115, 82, 37, 0)]
STATE = [(45, 0, 75), (84, 39, 136), (128, 115, 172), (178, 171, 210), (216, 218, 235),
         (247, 247, 247), (254, 224, 182), (253, 184, 99), (224, 130, 20), (179, 88, 6),
         (127, 59, 8)]  # fmt: skip


def still(records, step: int) -> bytes:
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
    sheet = np.full((lines * tall, across * (WIDE + BETWEEN) - BETWEEN, 3), 255, np.uint8)
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
    """Return (HIGH, WIDE, 3) colours of (steps, units) values, and the ends of their scale."""
    known = values[np.isfinite(values)]
    gate = gate and not ((known < 0) | (known > 1)).any()
    size = 1.0 if gate else float(np.abs(known).max(initial=0)) or 1.0
    cells = coarse(coarse(values, WIDE).T, HIGH)
    rows = np.arange(HIGH) * len(cells) // HIGH
    columns = np.arange(WIDE) * cells.shape[1] // WIDE
    shares = cells[np.ix_(rows, columns)] if gate else (cells[np.ix_(rows, columns)] / size + 1) / 2
    shares = np.round(shares * SHADES) / SHADES
    stops = np.array(GATE if gate else STATE, float)
    places = np.linspace(0, 1, len(stops))
    colours = np.stack([np.interp(shares, places, stop) for stop in stops.T], -1)
    colours[np.isnan(shares)] = HATCH
    return colours.astype(np.uint8), "0 to 1" if gate else f"±{size:.2g}"


def _lettered(sheet, headings):
    """Write over the maps what they are."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        return sheet
    image = Image.fromarray(sheet)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    for x, y, text in headings:
        pen.text((x, y + HEADING / 2), text, INK, font, anchor="lm")
    return np.asarray(image)


def png(pixels) -> bytes:
    """Encode (height, width, 3) bytes as a PNG."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    # What is like the row above costs nothing: most rows of a map of few units are.
    rows[1:, 1:] -= pixels.reshape(height, -1)[:-1]
    rows[1:, 0] = 2
    made = b"\x89PNG\r\n\x1a\n"
    for kind, data in (
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes(), 4)),
        (b"IEND", b""),
    ):
        made += struct.pack(">I", len(data)) + kind + data
        made += struct.pack(">I", zlib.crc32(kind + data))
    return made
