"""Replay the steps of a sequence on a slider: in Jupyter, on a plain page, and as a filmstrip.

All pictures are made beforehand and handed to the browser at once, so that the slider never waits
for Python. The same player (``static/pictures.js``) serves the live widget and the plain page.
"""

import base64
import json
import uuid
from pathlib import Path

import numpy as np
import traitlets

from helpers import controls, projector
from helpers.figures.frames import DARK, Frames, figure_html, filmstrip, lit_html, png
from rnnscope import player

_STATIC = Path(__file__).parent / "static"
PLAYER = player.script("transport") + (_STATIC / "pictures.js").read_text(encoding="utf-8")
STYLE = player.style("transport") + (_STATIC / "pictures.css").read_text(encoding="utf-8") + DARK

if player.LIVE:
    controls.prepare()


class Replay(player.Player):
    """All steps of a sequence on a slider, with play, previous, next, and the words of each step.

    Parameters
    ----------
    frames : helpers.figures.Frames
        One picture and one text a step.
    start : int
        The step shown first; negative counts from the end.

    Attributes
    ----------
    step : int
        The step on display, from 0. Set it from Python, or observe it.

    Examples
    --------
    >>> Replay(belief_frames(trace))                                        # doctest: +SKIP
    """

    # As text: of a Path, anywidget's watcher would keep every replay alive after close().
    _esm = PLAYER
    _css = STYLE
    # One dictionary, so that a change of frames reaches the browser as one message.
    frames = traitlets.Dict().tag(sync=True)
    HOW = (
        "Drag the slider, or use the arrow keys, Page Up and Page Down, Home and End; the space "
        "bar plays."
    )

    def __init__(self, frames: Frames, *, start: int = 0):
        super().__init__()
        self.show(frames, start=start)

    def show(self, frames: Frames, *, start: int | None = None) -> None:
        """Swap the frames; the step stays where it is unless `start` is given.

        Raises
        ------
        TypeError
            If `frames` is not a Frames object.
        IndexError
            If `start` is not one of the steps.
        """
        if not isinstance(frames, Frames):
            raise TypeError(
                f"Replay needs Frames (a function of helpers.figures makes them), "
                f"not {type(frames).__name__}."
            )
        start = self._first_step(len(frames), start)
        self._frames, self._head, self.title = frames, _head(frames), frames.title
        # The ground lies under every layer; without one its size is 0.
        sizes = [len(frames.ground or b""), *map(len, frames.layers)]
        pngs = (frames.ground or b"") + b"".join(frames.layers)
        self._hand_over(len(frames), start, frames={**self._head, "sizes": sizes, "pngs": pngs})

    def html(self) -> str:
        """Return the player as HTML that needs no kernel, no network and no other file."""
        frames, name = self._frames, f"sheet-{uuid.uuid4().hex[:12]}"
        data = {
            **self._head,
            "ground": _url(frames.ground),
            "urls": [_url(png) for png in frames.layers],
        }
        script = PLAYER.split("// --- the live")[0]
        # Where scripts are stripped, the current step is still a picture with words.
        picture = png(np.asarray(frames.image(self.step)), 64)
        still = figure_html(picture, frames.words[self.step], frames.width, frames.lit)
        return (
            f'<style>{STYLE}</style><div id="{name}" class="sheet-replay">{still}</div>'
            f"<script>(() => {{\n{script}\n"
            f'mount(document.getElementById("{name}")).show({script_json(data)}, {self.step});\n'
            f'link(document.getElementById("{name}"));\n}})()</script>'
        )

    def png(self) -> bytes:
        """Return the telling steps as one picture."""
        return filmstrip(self._frames)


def _head(frames: Frames) -> dict:
    """Return what a player is told besides the pictures; on a projector, in what size."""
    larger = projector.times(frames.width, frames.height)
    return {
        "title": frames.title,
        "width": round(larger * frames.width),
        "height": round(larger * frames.height),
        "letters": projector.LETTERS if projector.is_on() else 0,
        "words": frames.words,
        "lit": lit_html(frames.lit),
    }


def _url(picture: bytes | None) -> str | None:
    """Return a PNG as an address that holds all of it."""
    return picture and "data:image/png;base64," + base64.b64encode(picture).decode("ascii")


def script_json(data) -> str:
    """Return JSON that is safe inside a script element: no text in it can end the element."""
    text = json.dumps(data, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
