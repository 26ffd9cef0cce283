"""Pictures once they are made: frames, their words, and how they are stored. No Matplotlib here."""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

# Okabe and Ito's palette: told apart with every common colour-blindness. Each name is used for
# one thing only, in every lesson; where two could meet in grey, line style or place differs too.
COLOURS = {
    "input": "#009E73",
    "forget": "#0072B2",
    "candidate": "#B07500",
    "output": "#AA4499",
    "cell": "#D55E00",
    "hidden": "#3A7CA5",
    "ink": "#1B1B1B",
    "muted": "#6B6B6B",
    "light": "#D9D9D9",
    "now": "#D55E00",
    "paper": "#FFFFFF",
}


@dataclass(frozen=True)
class Frames:
    """The pictures of a replay, one a step, and the words of each step.

    Attributes
    ----------
    pngs : list of bytes
        One PNG a step, all of one size.
    words : list of str
        What a reader who cannot see the picture needs to know, one text a step.
    width, height : int
        Size of each picture in CSS pixels.
    title : str
        What is replayed; the name that a screen reader gives the player.
    """

    pngs: list[bytes]
    words: list[str]
    width: int
    height: int
    title: str

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.pngs)


@dataclass(frozen=True)
class Picture:
    """One still picture with its words: the alternative text and the line below it."""

    png: bytes
    words: str
    width: int
    height: int

    def __repr__(self) -> str:
        return f"Picture: {self.words}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        # The HTML carries the words to a screen reader: a bare image/png has none in Jupyter.
        return {
            "text/plain": repr(self),
            "text/html": figure_html(self.png, self.words, self.width),
            "image/png": base64.b64encode(self.png).decode("ascii"),
        }


def figure_html(png: bytes, words: str, width: int) -> str:
    """Return an HTML figure: the picture, with `words` as alternative text and as caption."""
    text, data = html.escape(words), base64.b64encode(png).decode("ascii")
    return (
        f'<figure style="margin:0"><img src="data:image/png;base64,{data}" alt="{text}" '
        f'style="width:{width}px;max-width:100%;height:auto">'
        f'<figcaption style="max-width:{max(width, 480)}px">{text}</figcaption></figure>'
    )


def png(pixels: np.ndarray, colours: int) -> bytes:
    """Encode RGBA pixels as a palette PNG: a third of the size, in a third of the time."""
    image = Image.fromarray(pixels).convert("RGB")
    image = image.quantize(colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = np.array(image.getpalette())
    palette[palette > 247] = 255  # the palette's white is a shade off, and shows on a white page
    image.putpalette(palette.tolist())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=5)  # 6 takes half as long again, for 7 %
    return buffer.getvalue()


def filmstrip(frames: Frames, keys: Sequence[int] | None = None, columns: int = 2) -> bytes:
    """Return one PNG with the telling steps side by side, for pages that run no scripts.

    Parameters
    ----------
    frames : Frames
    keys : sequence of int, optional
        The steps to show; by default four, evenly spaced, the first and the last among them.
    columns : int
        Pictures a row.
    """
    if keys is None:
        keys = sorted({round(k) for k in np.linspace(0, len(frames) - 1, 4)})
    tiles = [Image.open(io.BytesIO(frames.pngs[k])).convert("RGB") for k in keys]
    rows = -(-len(tiles) // columns)
    gap = 8
    sheet = Image.new(
        "RGB",
        (
            min(columns, len(tiles)) * (frames.width + gap) - gap,
            rows * (frames.height + gap) - gap,
        ),
        COLOURS["paper"],
    )
    for n, tile in enumerate(tiles):
        row, column = divmod(n, columns)
        sheet.paste(tile, (column * (frames.width + gap), row * (frames.height + gap)))
    return png(np.asarray(sheet.convert("RGBA")), 64)
