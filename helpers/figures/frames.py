"""Pictures once they are made: frames, their words, and how they are stored. No Matplotlib here."""

import base64
import functools
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from helpers import projector

# Okabe and Ito's palette, with a dark purple: told apart with every common colour-blindness (there
# is a test). Words in a picture are in ink: they need more contrast. Each name is used for
# one thing only, in every lesson; where two could meet in grey, line style or place differs too.
COLOURS = {
    "input": "#009E73",
    "forget": "#0072B2",
    "candidate": "#B07500",
    "output": "#8E2362",
    "cell": "#D55E00",
    "hidden": "#3A7CA5",
    "ink": "#1B1B1B",
    "muted": "#6B6B6B",
    "light": "#D9D9D9",
    "now": "#D55E00",
    "paper": "#FFFFFF",
}

# In a dark window a picture is turned over and its hues turned back: black on white is white on
# black there, and blue stays blue. What light falls on (`lit`) is turned once more: dents would be
# bumps. tests/test_colours.py does the same sums.
DARK = (Path(projector.__file__).parent / "static" / "dark.css").read_text(encoding="utf-8")

# A filmstrip's measures in pixels: a frame up to SMALL wide has room for another beside it.
SMALL, GAP, HEADING = 480, 20, 28


@dataclass(frozen=True)
class Frames:
    """The pictures of a replay, one a step, and the words of each step.

    Attributes
    ----------
    layers : list of bytes
        One PNG a step, all of one size. With a `ground`: what differs from it, the rest clear.
    words : list of str
        What a reader who cannot see the picture needs to know, one text a step.
    width, height : int
        Size of each picture in CSS pixels.
    title : str
        What is replayed; the name that a screen reader gives the player.
    ground : bytes, optional
        One PNG that lies under every layer: what all steps share is stored and sent once.
    keys : sequence of int, optional
        The telling steps, for pages that run no scripts; by default four, evenly spaced.
    lit : tuple of float, optional
        Where light falls on something: its left, top, right and bottom edge, as shares of the
        picture. It looks the same in a dark window.
    """

    layers: list[bytes]
    words: list[str]
    width: int
    height: int
    title: str
    ground: bytes | None = None
    keys: Sequence[int] | None = None
    lit: tuple[float, float, float, float] | None = None

    def __post_init__(self):
        for words in (self.title, *self.words):
            if not isinstance(words, str):
                raise TypeError(f"A title and words must be texts, not {type(words).__name__}.")
        if len(self.words) != len(self.layers) or not self.layers:
            raise ValueError(
                f"Frames needs one text for each picture, and at least one picture; "
                f"got {len(self.layers)} layers and {len(self.words)} words."
            )
        # Half a character (a lone surrogate) cannot be sent to a browser; a ? can.
        object.__setattr__(self, "title", _sendable(self.title))
        object.__setattr__(self, "words", [_sendable(words) for words in self.words])

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.layers)

    @property
    def nbytes(self) -> int:
        """What the pictures of all steps weigh together, in bytes."""
        return len(self.ground or b"") + sum(map(len, self.layers))

    @functools.cached_property
    def pngs(self) -> list[bytes]:
        """One whole picture a step: each layer on its ground."""
        if self.ground is None:
            return self.layers
        return [png(np.asarray(self.image(step)), 128) for step in range(len(self))]

    def image(self, step: int) -> Image.Image:
        """Return the whole picture of one step, RGBA."""
        layer = Image.open(io.BytesIO(self.layers[step])).convert("RGBA")
        if self.ground is None:
            return layer
        return Image.alpha_composite(Image.open(io.BytesIO(self.ground)).convert("RGBA"), layer)


@dataclass(frozen=True)
class Picture:
    """One still picture with its words: the alternative text and the line below it."""

    png: bytes
    words: str
    width: int
    height: int
    lit: tuple[float, float, float, float] | None = None  # as of `Frames`

    def __repr__(self) -> str:
        return f"Picture: {self.words}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        # The HTML carries the words to a screen reader: a bare image/png has none in Jupyter.
        return {
            "text/plain": repr(self),
            "text/html": figure_html(self.png, self.words, self.width, self.lit),
            "image/png": base64.b64encode(self.png).decode("ascii"),
        }


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def lit_html(lit) -> str:
    """Return the HTML of the place that a dark window leaves as it is: none where lit is None."""
    if lit is None:
        return ""
    left, top, right, bottom = (100 * share for share in lit)
    return (
        f'<div class="sheet-lit" style="left:{left:.2f}%;top:{top:.2f}%;'
        f'right:{100 - right:.2f}%;bottom:{100 - bottom:.2f}%"></div>'
    )


def figure_html(png: bytes, words: str, width: int, lit=None) -> str:
    """Return an HTML figure: the picture, with `words` as alternative text and as caption."""
    text, data = html.escape(words), base64.b64encode(png).decode("ascii")
    letters = ""
    if projector.is_on():
        pixels = Image.open(io.BytesIO(png)).size
        width = round(width * projector.times(width, width * pixels[1] / pixels[0]))
        letters = f";font-size:{projector.LETTERS}px"
    return (
        f'<style>{DARK}</style><figure style="margin:0"><div class="sheet-paper">'
        f'<img src="data:image/png;base64,{data}" alt="{text}" '
        f'style="width:{width}px;max-width:100%;height:auto">{lit_html(lit)}</div>'
        f'<figcaption style="max-width:{max(width, 480)}px{letters}">{text}</figcaption></figure>'
    )


def png(pixels: np.ndarray, colours: int) -> bytes:
    """Encode RGBA pixels as a palette PNG: a third of the size, in a third of the time."""
    image, palette = _indexed(Image.fromarray(pixels).convert("RGB"), colours)
    image.putpalette(palette)
    return _stored(image)


def layer(pixels: np.ndarray, ground: np.ndarray, smooth: bool = False) -> bytes:
    """Encode what differs from the ground, both RGBA, as a palette PNG that is clear elsewhere.

    With few colours, found quickly, a shade has rings; `smooth` takes four times as many.
    """
    pixels, ground = (np.ascontiguousarray(a).view(np.uint32)[..., 0] for a in (pixels, ground))
    changed = pixels != ground
    # And two pixels around it: where a page shows the picture smaller, the edge of a layer becomes
    # half clear, and what it covers must not shine through.
    for _ in range(2):
        before = changed.copy()
        changed[1:] |= before[:-1]
        changed[:-1] |= before[1:]
        changed[:, 1:] |= before[:, :-1]
        changed[:, :-1] |= before[:, 1:]
    clear = 250 if smooth else 63  # the index after the colours'
    indices, palette = np.full(changed.shape, clear, np.uint8), []
    places = np.flatnonzero(changed)
    if len(places):
        # Only what differs is given colours: one long row of pixels, put back in its places.
        row = pixels.ravel()[places].view(np.uint8).reshape(1, -1, 4)
        image, palette = _indexed(Image.fromarray(row).convert("RGB"), clear, smooth)
        indices.ravel()[places] = np.asarray(image)[0]
    image = Image.fromarray(indices)
    image.putpalette((palette + [255] * 3 * (clear + 1))[: 3 * (clear + 1)])
    return _stored(image, transparency=clear)


def _indexed(image: Image.Image, colours: int, smooth=False) -> tuple[Image.Image, list[int]]:
    # The quick way tells few greys apart.
    way = Image.Quantize.MEDIANCUT if smooth else Image.Quantize.FASTOCTREE
    image = image.quantize(colours, method=way, dither=Image.Dither.NONE)
    palette = np.array(image.getpalette())
    palette[palette > 247] = 255  # the palette's white is a shade off, and shows on a white page
    return image, palette.tolist()


def _stored(image: Image.Image, **how) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=5, **how)  # 6 takes half as long again, for 7 %
    return buffer.getvalue()


def filmstrip(
    frames: Frames, keys: Sequence[int] | None = None, columns: int | None = None
) -> bytes:
    """Return one PNG with the telling steps, each under its number, for pages without scripts.

    Parameters
    ----------
    frames : Frames
    keys : sequence of int, optional
        The steps to show; by default the frames' own, or four, evenly spaced, with both ends.
    columns : int, optional
        Pictures a row; by default one, or two of small ones: a page shows a wider strip smaller.
    """
    keys = frames.keys if keys is None else keys
    if keys is None:
        keys = sorted({round(k) for k in np.linspace(0, len(frames) - 1, 4)})
    columns = columns or (2 if frames.width <= SMALL else 1)
    columns = min(columns, len(keys))
    width, height = frames.width + GAP, frames.height + HEADING + GAP
    sheet = Image.new(
        "RGB", (columns * width - GAP, -(-len(keys) // columns) * height - GAP), COLOURS["paper"]
    )
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(HEADING * 0.6)
    for n, key in enumerate(keys):
        x, y = n % columns * width, n // columns * height
        heading = f"Step {key + 1} of {len(frames)}"
        pen.text((x + 4, y + HEADING / 2), heading, COLOURS["ink"], font, anchor="lm")
        pen.line([(x, y + HEADING - 2), (x + frames.width, y + HEADING - 2)], COLOURS["light"], 2)
        sheet.paste(frames.image(key).convert("RGB"), (x, y + HEADING))
    return png(np.asarray(sheet.convert("RGBA")), 64)
