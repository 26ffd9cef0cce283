"""Names that users give to steps, classes and features: judged, said in words, drawn if possible.

A picture has the letters of DejaVu Sans only. What it lacks (Chinese, Devanagari, most emoji) would
become empty boxes: then the picture has a number, and the words under it have the name.
"""

import functools
import unicodedata
from collections.abc import Iterable

from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font

SPACES = {" ": "\u2423", "\n": "\u23ce", "\t": "\u2192"}  # drawn as ␣, ⏎ and →
SAID = {" ": "space", "\n": "end of line", "\t": "tab", "": "nothing"}


def judged(names, count: int, what: str, of: str) -> list[str] | None:
    """Return names as text, as many as there are things to name, or say what is wrong.

    Parameters
    ----------
    names : iterable, or None
        Of text, numbers, dates; a single text is one name a letter.
    count : int
    what, of : str
        The argument's name, and what it names.

    Raises
    ------
    TypeError, ValueError
    """
    if names is None:
        return None
    if isinstance(names, bytes | dict | set) or not isinstance(names, Iterable):
        raise TypeError(f"{what} is a {type(names).__name__}: give a list of {count} names.")
    names = [str(name) for name in names]
    if len(names) != count:
        raise ValueError(f"{what} has {len(names)} names, but there are {count} {of}.")
    return names


def said(name: str) -> str:
    """Return a name as the words have it: in quotes, and a blank by its own name."""
    text = " ".join(name.split())
    return f"“{text}”" if text else SAID.get(name, "blank")


def drawn(name: str, instead: str, most: int = 18) -> str:
    """Return a name as a picture has it, its middle left out where it is long.

    Parameters
    ----------
    name : str
    instead : str
        What to draw where the name has letters that the picture's font lacks.
    most : int
        How many letters there is room for.
    """
    name = SPACES.get(name, " ".join(name.split()))
    if not name or not drawable(name):
        return instead
    if len(name) <= most:
        return name
    end = (most - 1) // 3
    return f"{name[: most - 1 - end]}…{name[-end:]}"


def drawable(text: str) -> bool:
    """Whether DejaVu Sans has every letter of a text, and Matplotlib sets them in their order."""
    if any(ord(letter) not in _letters() for letter in text):
        return False
    # Words from right to left would come out back to front, and Arabic letters unjoined.
    return len(text) == 1 or not any(
        unicodedata.bidirectional(letter) in ("R", "AL") for letter in text
    )


@functools.cache
def _letters() -> frozenset[int]:
    return frozenset(FT2Font(findfont("DejaVu Sans")).get_charmap())
