"""What every player is: a live widget, a page of its own, and a picture where scripts are stripped.

Its script is made of the modules of ``static/`` one after the other.
"""

import base64
import contextlib
import html
import re
import uuid
from pathlib import Path

import traitlets

from rnnscope import atomic_write, validation

try:
    import anywidget
    import ipywidgets

    LIVE = int(ipywidgets.__version__.partition(".")[0]) >= 8
except ImportError:
    LIVE = False
# Without ipywidgets 8 (Colab has 7.7) a player is its HTML: all but the link to Python.
_Base = anywidget.AnyWidget if LIVE else traitlets.HasTraits
_STATIC = Path(__file__).parent / "static"


def script(*modules: str) -> str:
    """Return modules of ``static/`` as one text: without imports, as all of them share a room."""
    text = "\n".join((_STATIC / f"{name}.js").read_text(encoding="utf-8") for name in modules)
    return re.sub(r"^import .*;\n|^export (?!default)", "", text, flags=re.MULTILINE)


def style(*names: str) -> str:
    """Return style sheets of ``static/`` as one text."""
    return "\n".join((_STATIC / f"{name}.css").read_text(encoding="utf-8") for name in names)


# A player by itself. The policy holds the browser to it: whatever is not in the page is refused.
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
:root {{ color-scheme: light dark; background: Canvas; }}
body {{ max-width: 80rem; margin: 0 auto; padding: 1rem; font-family: system-ui, sans-serif; }}
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
here.</p></noscript>
</main>
<footer class="how">{how} All of it is in this one file.</footer>
</body>
</html>
"""


class Player(_Base):
    """Steps on a slider. A kind of player says what is shown: ``title``, `html` and `png`.

    Attributes
    ----------
    step : int
        The step on display, from 0. Set it from Python, or observe it.
    """

    HOW = ""  # said below a saved page: how it is used
    # Not echoed: a busy kernel would send an old step back and pull the slider with it.
    step = traitlets.Int(0).tag(sync=True, echo_update=False)

    def __init__(self):
        super().__init__()
        self._place = None  # where a player without a link to Python stands
        self._steps = None

    def _first_step(self, steps: int, start: int | None) -> int:
        """Return the step that is shown first, of so many; a negative one counts from the end."""
        if start is None:
            return min(self.step, steps - 1)
        if not -steps <= start < steps:
            raise IndexError(f"There are {steps} steps: start must be in 0..{steps - 1}.")
        return start % steps

    def _hand_over(self, steps: int, step: int, **state) -> None:
        """Hand over what is shown, in one message for each of `state`."""
        self._steps = steps
        with self.hold_sync() if LIVE else contextlib.nullcontext():
            self.set_trait("step", step)
            for name, value in state.items():
                self.set_trait(name, value)
        if self._place:
            from IPython.display import update_display

            update_display(self._faces(), raw=True, display_id=self._place)

    @traitlets.validate("step")
    def _within(self, proposal) -> int:
        return max(0, min((self._steps or proposal["value"] + 1) - 1, proposal["value"]))

    def __repr__(self) -> str:
        return f"{type(self).__name__} of {self._steps} steps: {self.title}"

    def save(self, path, *, overwrite: bool = False) -> Path:
        """Write it as one web page that plays anywhere: no network, no Python, no notebook.

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
        path = validation.path(path)
        if path.suffix.lower() not in (".html", ".htm"):
            raise ValueError(
                f"path is {str(path)!r}: give a name that ends in .html, such as "
                f"{path.name + '.html'!r}, or a browser will not open it."
            )
        title = html.escape(self.title)
        page = PAGE.format(title=title, player=self.html(), how=self.HOW)
        atomic_write.write(page.encode("utf-8"), path, "the replay", overwrite=overwrite)
        return path

    def _faces(self) -> dict:
        """Return the faces that need no kernel, by their type."""
        return {
            "text/plain": repr(self),
            "text/html": self.html(),
            "image/png": base64.b64encode(self.png()).decode("ascii"),
        }

    if LIVE:

        def _repr_mimebundle_(self, **kwargs):
            data, metadata = super()._repr_mimebundle_(**kwargs)
            return data | self._faces(), metadata

    else:

        def _ipython_display_(self):
            from IPython.display import display

            self._place = self._place or uuid.uuid4().hex
            display(self._faces(), raw=True, display_id=self._place)
