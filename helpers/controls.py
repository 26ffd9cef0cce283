"""What a page shows where a menu, a slider or a button stood: a sentence, and players that play.

``jupyter nbconvert --execute --to html`` runs a lesson with nobody at the screen. Its page would
ask the network for the widgets' own scripts, and show nothing of them without it. So where nobody
watches, a kernel opens no widget: a replay shows its HTML player, a control leaves a sentence.
"""

import os
import re

VIEW = "application/vnd.jupyter.widget-view+json"
# The text of a control wherever pages have no HTML: a saved notebook, LaTeX, Markdown.
CONTROL = "(A control stands here while the notebook runs.)"
_KINDS = {
    "menu": r"Dropdown|Select",
    "slider": r"Slider",
    "paper": r"Canvas",
    "button": r"Button|FileUpload",
}


def prepare() -> None:
    """Give every widget of this kernel a face for pages; open none where nobody watches.

    Outside Jupyter it does nothing.
    """
    shell = _shell()
    if shell is None:
        return
    live = watched()
    if not live:
        import comm

        # Made to be replaced: it is how a kernel says where its widgets' messages go.
        comm.create_comm = comm.DummyComm

    def faces(widget, include=None, exclude=None):
        bundle = widget._repr_mimebundle_() if widget._repr_mimebundle_ else None
        if not bundle:  # closed, or never meant to be seen
            return {"text/plain": repr(widget)}
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if "text/html" not in data:
            data |= {"text/plain": CONTROL, "text/html": sentence(widget)}
        if not live:
            data.pop(VIEW, None)
        return data, metadata

    formatter = shell.display_formatter.mimebundle_formatter
    formatter.for_type_by_name("ipywidgets.widgets.widget", "Widget", faces)


def watched() -> bool:
    """Whether somebody may sit at the screen: the one who runs the cell can be asked for input.

    nbconvert, nbclient, Quarto and the like cannot. Voilà cannot either, but its readers watch.
    """
    kernel = getattr(_shell(), "kernel", None)
    request = kernel.get_parent("shell") if hasattr(kernel, "get_parent") else {}
    asked = (request or {}).get("content", {})
    voila = os.environ.get("SERVER_SOFTWARE", "").startswith("voila")
    return voila or bool(asked.get("allow_stdin", True))


def sentence(widget) -> str:
    """Return a paragraph for a page: what stood here, and where it works."""
    found = {kind for kind in _KINDS for name in _names(widget) if re.search(_KINDS[kind], name)}
    kinds = [kind for kind in _KINDS if kind in found] or ["control"]
    what = " and ".join([", ".join(kinds[:-1]), kinds[-1]] if kinds[1:] else kinds)
    verb = "work" if kinds[1:] else "works"
    return f'<p class="sheet-control">This {what} {verb} in the notebook, with Python running.</p>'


def _names(widget):
    """Yield the class names of a widget and of all that it holds."""
    yield type(widget).__name__
    for child in getattr(widget, "children", ()):
        yield from _names(child)


def _shell():
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()
