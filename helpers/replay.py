"""Replay the steps of a sequence on a slider: in Jupyter, on a plain page, and as a filmstrip.

All pictures are made beforehand and handed to the browser at once, so that the slider never waits
for Python. The same player (``static/player.js``) serves the live widget and the plain page.
"""

import base64
import contextlib
import json
import uuid
from pathlib import Path

import numpy as np
import traitlets
from IPython.display import display, update_display

from helpers import controls
from helpers.figures.frames import Frames, figure_html, filmstrip, png

try:
    import anywidget
    import ipywidgets

    LIVE = int(ipywidgets.__version__.partition(".")[0]) >= 8
except ImportError:
    LIVE = False
# Without ipywidgets 8 (Colab has 7.7) a replay is its HTML player: all but the link to Python.
_Base = anywidget.AnyWidget if LIVE else traitlets.HasTraits
_STATIC = Path(__file__).parent / "static"
if LIVE:
    controls.prepare()


class Replay(_Base):
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

    _esm = _STATIC / "player.js"
    _css = _STATIC / "player.css"
    # One dictionary, so that a change of frames reaches the browser as one message.
    frames = traitlets.Dict().tag(sync=True)
    # Not echoed: a busy kernel would send an old step back and pull the slider with it.
    step = traitlets.Int(0).tag(sync=True, echo_update=False)

    def __init__(self, frames: Frames, *, start: int = 0):
        super().__init__()
        self._place = None  # where a player without a link to Python stands
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
        steps = len(frames)
        if start is None:
            start = min(self.step, steps - 1)
        elif not -steps <= start < steps:
            raise IndexError(f"Replay has {steps} steps: start must be in 0..{steps - 1}.")
        self._frames = frames
        with self.hold_sync() if LIVE else contextlib.nullcontext():
            self.frames = {
                "title": frames.title,
                "width": frames.width,
                "height": frames.height,
                "words": frames.words,
                # The ground lies under every layer; without one its size is 0.
                "sizes": [len(frames.ground or b""), *map(len, frames.layers)],
                "pngs": (frames.ground or b"") + b"".join(frames.layers),
            }
            self.step = start % steps
        if self._place:
            update_display(self._faces(), raw=True, display_id=self._place)

    @traitlets.validate("step")
    def _within(self, proposal) -> int:
        if not hasattr(self, "_frames"):
            return proposal["value"]
        return max(0, min(len(self._frames) - 1, proposal["value"]))

    def __repr__(self) -> str:
        return f"Replay of {len(self._frames)} steps: {self._frames.title}"

    def html(self) -> str:
        """Return the player as HTML that needs no kernel, no network and no other file."""
        frames, name = self._frames, f"sheet-{uuid.uuid4().hex[:12]}"
        data = {
            "title": frames.title,
            "width": frames.width,
            "height": frames.height,
            "words": frames.words,
            "ground": _url(frames.ground),
            "urls": [_url(png) for png in frames.layers],
        }
        script = (_STATIC / "player.js").read_text(encoding="utf-8").split("// --- the live")[0]
        css = (_STATIC / "player.css").read_text(encoding="utf-8")
        # Where scripts are stripped, the current step is still a picture with words.
        picture = png(np.asarray(frames.image(self.step)), 64)
        still = figure_html(picture, frames.words[self.step], frames.width)
        return (
            f'<style>{css}</style><div id="{name}" class="sheet-replay">{still}</div>'
            f"<script>(() => {{\n{script}\n"
            f'mount(document.getElementById("{name}")).show({_script_json(data)}, {self.step});'
            f"\n}})()</script>"
        )

    def _faces(self) -> dict:
        """Return the faces that need no kernel, by their type."""
        return {
            "text/plain": repr(self),
            "text/html": self.html(),
            "image/png": base64.b64encode(filmstrip(self._frames)).decode("ascii"),
        }

    if LIVE:

        def _repr_mimebundle_(self, **kwargs):
            data, metadata = super()._repr_mimebundle_(**kwargs)
            return data | self._faces(), metadata

    else:

        def _ipython_display_(self):
            self._place = self._place or uuid.uuid4().hex
            display(self._faces(), raw=True, display_id=self._place)


def _url(picture: bytes | None) -> str | None:
    """Return a PNG as an address that holds all of it."""
    return picture and "data:image/png;base64," + base64.b64encode(picture).decode("ascii")


def _script_json(data) -> str:
    """Return JSON that is safe inside a script element: no text in it can end the element."""
    text = json.dumps(data, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
