"""Replay the steps of a sequence on a slider: in Jupyter, on a plain page, and as a filmstrip.

All pictures are made beforehand and handed to the browser at once, so that the slider never waits
for Python. The same player (``static/player.js``) serves the live widget and the plain page.
"""

import base64
import contextlib
import html
import json
import uuid
from pathlib import Path

import numpy as np
import traitlets
from IPython.display import display, update_display

from helpers import controls, judge, projector
from helpers.figures.frames import DARK, Frames, figure_html, filmstrip, lit_html, png
from rnnscope import view, writing

try:
    import anywidget
    import ipywidgets

    LIVE = int(ipywidgets.__version__.partition(".")[0]) >= 8
except ImportError:
    LIVE = False
# Without ipywidgets 8 (Colab has 7.7) a replay is its HTML player: all but the link to Python.
_Base = anywidget.AnyWidget if LIVE else traitlets.HasTraits
_STATIC = Path(__file__).parent / "static"
PLAYER = view.script("transport") + (_STATIC / "player.js").read_text(encoding="utf-8")
STYLE = view.style("transport") + (_STATIC / "player.css").read_text(encoding="utf-8") + DARK

# A replay by itself. The policy holds the browser to it: whatever is not in the page is refused.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline';
  script-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 60rem; margin: 0 auto; padding: 1rem; font-family: system-ui, sans-serif; }}
h1 {{ font-size: 1.4rem; }}
.how {{ font-size: 0.9rem; }}
@media print {{ .sheet-controls, .how {{ display: none !important; }} }}
</style>
</head>
<body class="sheet-page">
<main>
<h1>{title}</h1>
{player}
<noscript><p>This browser runs no scripts, so one step is shown; with scripts, all of them are
here to be played.</p></noscript>
</main>
<p class="how">Drag the slider, or use the arrow keys, Page Up and Page Down, Home and End; the
space bar plays. All of it is in this one file.</p>
</body>
</html>
"""
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

    # As text: of a Path, anywidget's watcher would keep every replay alive after close().
    _esm = PLAYER
    _css = STYLE
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
        self._frames, self._head = frames, _head(frames)
        with self.hold_sync() if LIVE else contextlib.nullcontext():
            self.frames = {
                **self._head,
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

    def save(self, path, *, overwrite: bool = False) -> Path:
        """Write the replay as one web page that plays anywhere: no network, no Python, no notebook.

        Parameters
        ----------
        path : path to a file, ending in .html
        overwrite : bool
            Replace a file that is there; else FileExistsError.

        Returns
        -------
        pathlib.Path
            Where the page is.

        Raises
        ------
        ValueError
            Where the name does not end in .html, which a browser goes by.
        OSError
            Where the file cannot be written (no folder, no room, no permission); what was there
            stays as it was, and nothing half written is left.
        """
        path = judge.path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(
                f"path is {str(path)!r}: give a name that ends in .html, such as "
                f"{path.name + '.html'!r}, or a browser will not open it."
            )
        writing.write(self._page().encode("utf-8"), path, "the replay", overwrite=overwrite)
        return path

    def _page(self) -> str:
        """Return a whole web page with the player on it."""
        title = html.escape(self._frames.title)
        return PAGE.format(title=title, player=self.html())

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
