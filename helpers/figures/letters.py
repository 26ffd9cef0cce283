"""What a free text looks like in a picture: drawn as it is, in letters that are there, cut to fit.

The words of a picture carry every name in full.
"""

import bisect
import functools

from matplotlib import font_manager
from PIL import ImageFont

OURS = "DejaVu Sans"  # comes with Matplotlib
# Fonts with Chinese, Japanese and Korean letters that systems bring along.
FURTHER = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei",
    "Arial Unicode MS",
)  # fmt: skip


def legible(text: str, inches: float = float("inf"), size: float = 10.5) -> str:
    """Return a text as a picture can show it.

    Parameters
    ----------
    text : str
        Any; also with $, which Matplotlib would take for the begin of a formula.
    inches : float
        Room for its longest line; what does not fit is cut, and "…" says so.
    size : float
        Of the letters, in points.
    """
    known = _known()
    drawn = "".join(
        letter if letter == "\n" or letter in known else " " if letter.isspace() else "□"
        for letter in text
    )
    lines = [_cut(line, 72 * max(inches, 0.3), size) for line in drawn.split("\n")]
    return "\n".join(lines).replace("$", r"\$")


def _cut(line: str, points: float, size: float) -> str:
    room = points / size * _font().size
    if _font().getlength(line[:400]) <= room:
        return line[:400]
    fits = bisect.bisect_right(
        range(1, min(len(line), 400)), room, key=lambda n: _font().getlength(line[:n] + "…")
    )
    return line[: max(fits, 1)].rstrip() + "…"


@functools.cache
def family() -> tuple[str, ...]:
    """Return the fonts of a picture: the course's own, and what else this computer has."""
    there = set(font_manager.fontManager.get_font_names())
    return (OURS, *(name for name in FURTHER if name in there))


@functools.cache
def _known() -> frozenset[str]:
    paths = [font_manager.findfont(name) for name in family()]
    return frozenset(
        chr(code) for path in paths for code in font_manager.get_font(path).get_charmap()
    )


@functools.cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_manager.findfont(OURS), 100)
