"""The view of a trace: maps that one can point at, drawn in the browser from the trace's numbers.

The same view is a live widget in Jupyter, an HTML player on a plain page, and a still picture
where scripts are stripped.
"""

import base64
import html
import json
import struct
import uuid

import numpy as np
import traitlets

from rnnscope import packing, validation, view_layout, words
from rnnscope.player import LIVE, Player, script, style
from rnnscope.records import NetworkTrace
from rnnscope.still import maps_picture

MODULES = ("transport", "unpack", "scale", "charts", "maps", "unit", "panels", "mount")
SCRIPT = script(*MODULES)
ON_A_PAGE = SCRIPT.split("// --- the live")[0]  # which no kernel stands behind
STYLE = style("transport", "view")
# Numbers in the arrays of a view from which a notebook keeps a still picture instead of the
# player: its file would grow by megabytes, and Jupyter's server drops messages of that size.
MOST_IN_A_NOTEBOOK = 400_000
MOST_WEIGHTS = 150_000  # that a saved page takes along, in two digits: those of 150 units or so


class View(Player):
    """A network's trace to point at: input, every gate and state, output, step by step.

    Parameters
    ----------
    trace : rnnscope.records.NetworkTrace
    other : NetworkTrace, optional
        A second one, to stand beside the first with their difference.
    steps, classes, features, layer, sort, title
        As `rnnscope.replay` takes them.
    names : two str
        Of the two traces.
    parts : list of str, optional
        Which maps, such as ``["c", "h"]``; by default all that the cell has.
    findings, writes : optional
        What a diagnosis and a split of the answer found, for the panels that show them.
    start : int
        The step shown first; negative counts from the end.

    Attributes
    ----------
    step : int
        The step on display, from 0. Set it from Python, or observe it.
    """

    # As text: of a Path, anywidget's watcher would keep every view alive after close().
    _esm = SCRIPT
    _css = STYLE
    letters = 0  # pixels; 0 for the page's own size
    # Each is one dictionary, so that a change reaches the browser as one message. The weights are
    # apart: from input to input they stay.
    data = traitlets.Dict().tag(sync=True)
    weights = traitlets.Dict().tag(sync=True)
    HOW = (
        "Point at a map for its numbers, click for the whole course of a unit, drag over a part to "
        "look closer. In a map the arrow keys move the cross, Enter opens the unit, + and − look "
        "closer and further; elsewhere they move the step, and the space bar plays. Numbers have "
        "three digits here, weights two."
    )

    def __init__(self, trace, other=None, *, start: int = 0, **how):
        super().__init__()
        self._how = {"sort": "change", "names": ("a", "b")}
        self.show(trace, other, start=start, **how)

    def show(self, trace, other=None, *, start: int | None = None, **how) -> None:
        """Swap the traces; step and names stay, but for those of the steps, unless they are given.

        Raises
        ------
        TypeError, ValueError
            Where it is no trace, or names do not fit in number.
        IndexError
            If `start` is not one of the steps.
        """
        traces = [trace] if other is None else [trace, other]
        how = {**self._how, "steps": None, "findings": None, "writes": None, **how}
        head, numbers, weights = _described(traces, **how)
        start = self._first_step(head["steps"], start)
        self._how, self._head, self._traces, self._drawn = how, head, traces, None
        self._numbers, self._weights, self.title = numbers, weights, head["title"]
        arrays, data = numbers.exact()
        own, more = weights.exact()
        # As text: of thousands of words ipywidgets would look into each.
        told = {"head": json.dumps({**head, "arrays": arrays}), "bytes": data}
        self._hand_over(head["steps"], start, weights={"arrays": own, "bytes": more}, data=told)

    def html(self) -> str:
        """Return the view as HTML that needs no kernel, no network and no other file."""
        name, still = f"sheet-{uuid.uuid4().hex[:12]}", self._still()
        return (
            f'<style>{STYLE}</style><div id="{name}" class="sheet-replay">{still}</div>'
            f"<script>(() => {{\n{ON_A_PAGE}\n"
            f'onPage(document.getElementById("{name}"), "{self._packed()}", {self.step});\n'
            "})()</script>"
        )

    def _packed(self) -> str:
        """Return all that a page needs, deflated, in base64: the length of the head, head, arrays.

        Base64 has no letter that could end a script, whatever the names are.
        """
        arrays, data = self._numbers.small()
        weights, more = self._weights.small() if self._weights.size <= MOST_WEIGHTS else ([], b"")
        for one in weights:
            one["at"] += len(data)
        head = json.dumps({**self._head, "arrays": arrays, "weights": weights}).encode()
        packed = packing.compressed(struct.pack("<I", len(head)) + head + data + more)
        return base64.b64encode(packed).decode("ascii")

    def _words(self) -> str:
        """Return the words of the step on display."""
        told, step = self._head["traces"][0], self.step
        texts = [f"Step {step + 1:,} of {self._head['steps']:,}."]
        texts += [told["layers"][n]["words"][step] for n in self._head["shown"]]
        said = (told["answer"] or {}).get("words", [])
        texts += [said[step]] if len(said) == self._head["steps"] else said[-1:]
        return " ".join(text[:1].upper() + text[1:] for text in [*texts, told["caveat"]] if text)

    def png(self) -> bytes:
        """Return a picture of the maps, the step marked."""
        if self._drawn is None or self._drawn[0] != self.step:  # two faces have it
            records = [trace.layers[n] for trace in self._traces for n in self._head["shown"]]
            self._drawn = self.step, maps_picture(records, self.step)
        return self._drawn[1]

    def _still(self) -> str:
        data, text = base64.b64encode(self.png()).decode("ascii"), html.escape(self._words())
        return (
            f'<figure style="margin:0"><img src="data:image/png;base64,{data}" alt="{text}" '
            f'style="max-width:100%;height:auto"><figcaption>{text}</figcaption></figure>'
        )

    def _faces(self) -> dict:
        if not LIVE or self._numbers.size <= MOST_IN_A_NOTEBOOK:
            return super()._faces()
        more = "<p>The whole view can be saved as a page of its own, with its method save().</p>"
        picture = base64.b64encode(self.png()).decode("ascii")
        return {"text/plain": repr(self), "text/html": self._still() + more, "image/png": picture}


def _described(
    traces, *, steps, names, findings, writes, sort, layer=None, title=None, parts=None, **how
):
    """Return what a view is told of its traces, their arrays, and those of their weights."""
    for trace in traces:
        if not hasattr(trace, "layers"):
            raise TypeError(
                f"A view needs a trace, rnnscope.trace(model, x), not {validation.what(trace)}."
            )
    shown = view_layout.chosen(traces[0], layer, sort)
    records = [traces[0].layers[n] for n in shown]
    known = {part for record in records for part in words.PARTS[record.cell]}
    if parts is not None and not known.intersection(parts):
        raise ValueError(f"parts is {parts!r}: choose of {', '.join(map(repr, sorted(known)))}.")
    parts = parts and [part for part in parts if part in known]
    numbers, weights = packing.Numbers(), packing.Numbers(coarse=10)
    # Of two sequences each may have names for its own steps.
    two = len(traces) == 2 and isinstance(steps, tuple | list) and len(steps) == 2
    each = steps if two and len(traces[0].x) != 2 else [steps] * len(traces)
    if title is None:
        of = " and ".join(record.name for record in records)
        title = f"Inside {traces[0].model}: {of}"
    told = [
        view_layout.told(trace, numbers, steps=own, weights=weights, **how)
        for trace, own in zip(traces, each, strict=True)
    ]
    if writes:
        answer, of = told[0]["answer"], int(writes["of"].split()[-1])
        names = dict(zip(answer["kept"], answer["said"], strict=True))  # of many not all are sent
        units = {int(step): units for step, units in writes["units"].items()}
        writes = {**writes, "of": names.get(of, writes["of"]), "units": units}
    alike = [(one.cell, one.units) for one in traces[0].layers]
    for trace in traces[1:]:
        if [(one.cell, one.units) for one in trace.layers] != alike:
            raise ValueError("The two traces are of networks with other layers: compare like ones.")
    return (
        {
            "title": title,
            "letters": View.letters,
            "names": list(map(str, names)) if len(traces) == 2 else [],
            "steps": max(len(trace.layers[shown[0]].h) for trace in traces),
            "shown": shown,
            "sort": sort,
            "parts": parts,
            "traces": told,
            "findings": findings or [],
            "writes": writes,
        },
        numbers,
        weights,
    )


def replay(
    model,
    x=None,
    *,
    steps=None,
    classes=None,
    features=None,
    layer=None,
    sort: str = "change",
    title: str | None = None,
    panels: bool | None = None,
    **for_trace,
) -> View:
    """Open a recurrent network over one sequence: input, gates, states and output, to point at.

    Parameters
    ----------
    model : model of PyTorch or Keras, or NetworkTrace
        Whatever `rnnscope.trace` takes; or a trace that is made already.
    x : ndarray
        One sequence as the model takes it; a trace needs none.
    steps : list of (time steps,) names, or a text of as many letters, optional
        What is read at each step: words, letters, dates. Where steps are masked, names for those
        that are read will do.
    classes : list of (outputs,) names, optional
        Of the outputs; of a single sigmoid its name, or two names, for no and yes.
    features : list of (features,) names, optional
        Of the numbers in one step of the input.
    layer : str, int or a list of two, optional
        Which recurrent layer to show first, by name or by its number from 0, negative from the
        end. By default the last one; the view has a menu of all.
    sort : {"change", "mean", "units", "similarity"}
        The order of the units at first: by how much their state changes in all, by its mean, as
        they are in the model, or the like beside each other.
    title : str, optional
    panels : bool, optional
        Whether what `rnnscope.diagnose` and `rnnscope.writes` say stands below the maps. By
        default where it takes no second.
    **for_trace
        Handed to `rnnscope.trace`, such as ``kind="classes"``.

    Returns
    -------
    View

    Raises
    ------
    TypeError, ValueError
        Where the model cannot be traced, x does not fit, or there are not as many names as things
        to name.

    Examples
    --------
    >>> replay(model, x, steps="chien", classes=languages)                  # doctest: +SKIP
    >>> replay(model, x, layer=0).save("my_replay.html")                    # doctest: +SKIP
    """
    if not hasattr(model, "layers") or not hasattr(model, "outputs_are"):
        from rnnscope import trace

        model = trace(model, x, **for_trace)
    elif for_trace:
        raise ValueError(
            f"{next(iter(for_trace))} belongs to the trace: give it to trace(), then replay."
        )
    elif x is not None and not np.array_equal(np.asarray(x), model.x):
        raise ValueError(
            "x is another sequence than the one that was traced: leave x out, or give the model "
            "itself."
        )
    if panels is None:
        panels = sum(record.h.size for record in model.layers) < 50_000
    more = _panels(model) if panels else {}
    return View(
        model, steps=steps, classes=classes, features=features, layer=layer, sort=sort,
        title=title, **more,
    )  # fmt: skip


def _panels(trace) -> dict:
    """Ask what is wrong with a network, and why it answers so, where that can be said."""
    from rnnscope import diagnose, writes

    try:
        split = writes(trace)
    except ValueError:  # not an LSTM, or no linear head
        split = None
    return {"findings": [one.as_dict() for one in diagnose(trace)], "writes": split}


def compare(a: NetworkTrace, b: NetworkTrace, *, names=("a", "b"), **how) -> View:
    """Show two traces beside each other with their difference, with one cross and one scale.

    Parameters
    ----------
    a, b : NetworkTrace
        Of two inputs, two checkpoints, or with and without a pinned gate; of networks with the
        same layers. The steps are laid beside each other from the first.
    names : two str
    **how
        steps (one list, or two), classes, features, layer, sort and title, as of `replay`.

    Returns
    -------
    View
    """
    return View(a, b, names=names, **how)
