"""Trace a network: run it watched, prove what was seen, and ask it about the steps on the way."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from rnnscope import cells, prefixes, validation
from rnnscope.adapters import leaves
from rnnscope.keras_models import KerasModel, is_keras
from rnnscope.passes import TOLERANCE, apart, padded
from rnnscope.records import NetworkTrace, beliefs
from rnnscope.torch_modules import TorchModule, is_torch

KINDS = {
    None: "numbers",
    "softmax": "classes",
    "logits": "classes",
    "sigmoid": "sigmoid",
    "sigmoid logits": "sigmoid",
}
STEPS = "The network itself answers at every step."
STOPPED = "What the network itself says of the first 1, 2, 3, … steps alone."


def trace(
    model, x=None, *, run=None, row=0, ablate=None, kind=None, output=0, answers=True, **kwargs
):  # fmt: skip
    """Open a recurrent network: every gate, candidate and state while it reads one sequence.

    Parameters
    ----------
    model : torch.nn.Module, keras.Model, or what `rnnscope.open` gives
        It runs as it is, in evaluation mode, and stays as it is.
    x : array, tensor; a tuple of them for several inputs; or a dict
        As the model takes it, with the batch axis. A Keras model takes one sequence without it too.
    run : function, optional
        Runs the model where ``model(x, **kwargs)`` will not do; x is not needed then.
    row : int
        Which sequence of the batch is shown.
    ablate : dict, optional
        Gates to pin and units to silence, by the record's name:
        ``{"lstm": {"f": 1.0, "units": [3, 5]}}``; with one recurrent layer ``{"f": 1.0}`` will do.
        The rest of the model goes on from what is changed.
    kind : {"classes", "sigmoid", "numbers"}, optional
        What the output is, where the network does not say so itself: ``"classes"`` for logits.
    output : int
        Which of several outputs, counted as they come.
    answers : bool or "each"
        Whether to ask what the network says of the first 1, 2, 3, … steps; ``"each"`` for cutting
        the sequence step by step however long it takes.
    **kwargs
        Further arguments of the model's call, such as ``lengths=…``.

    Returns
    -------
    NetworkTrace
        Each record is proved: recomputed by `rnnscope.cells`, it is what the layer gave, to 1e-5.

    Raises
    ------
    TypeError, ValueError
        Where nothing recurrent ran, x does not fit, or what was recomputed is not what ran.
    """
    adapter, args, kwargs, row = _begun(model, x, run, kwargs, row, kind)
    own = adapter.run(args, kwargs)
    seen = adapter.watch(args, kwargs, row=row)
    _check(adapter, seen, own)
    caveat = adapter.caveat or _stale(adapter, seen, own, "called as usual")
    if not caveat and (compiled := getattr(adapter, "compiled", None)):
        caveat = _stale(adapter, seen, compiled(args, kwargs) or own, "asked by predict()")
    place = prefixes.layout(adapter, args, kwargs, seen.calls)
    changes = _changes(ablate, seen.calls)
    if changes is not None:
        seen = adapter.watch(args, kwargs, row=row, changes=changes)
    shown, said, axis = None, {}, None
    if seen.outputs:
        which = validation.count(output, "output", least=0, most=len(seen.outputs) - 1)
        axis = prefixes.answers_axis(adapter, args, kwargs, place, seen, row=row, which=which)
        place = place and place._replace(answers=axis)
        shown = prefixes.row_of(seen.outputs[which], axis, row)
        said = _said(
            adapter, (args, kwargs), place, seen, shown, row=row, which=which, changes=changes,
            answers=answers, run=run,
        )  # fmt: skip
        said |= _meaning(said, seen, shown, kind, axis, row, which)
    layers = _timed(seen.calls, place)
    notes = [said.pop("note", ""), *(call.note for call in seen.calls)]
    batch = prefixes.batch_of(place, seen.calls)
    notes += _of_other_batches(seen.calls, batch, row)
    if np.ndim(shown) and axis is None and batch > 1:
        notes.append(f"No axis of its output stands for the {batch} sequences: all of it is given.")
    return NetworkTrace(
        model=adapter.name,
        x=_read(args, kwargs, place, layers, row),
        layers=tuple(layers),
        output=shown,
        note=" ".join(note for note in notes if note),
        head=seen.ending.head if output == 0 else None,
        proved=not caveat,
        caveat=caveat,
        closed={call.layer: call.closed for call in seen.calls if call.closed},
        **said,
    )


def _begun(model, x, run, kwargs, row, kind):
    """Judge what was given; return what watches the model, args and kwargs of its call, the row."""
    if kind not in (None, "classes", "sigmoid", "numbers"):
        raise ValueError(f"kind is {kind!r}: choose 'classes', 'sigmoid' or 'numbers'.")
    if x is None and run is None and not kwargs:
        raise TypeError("x is missing: give what the network is to read.")
    adapter, row = adapter_of(model, run), validation.count(row, "row", least=0)
    args, kwargs = ((), {}) if run is not None else adapter.prepare(x, kwargs)
    return adapter, args, kwargs, row


def adapter_of(model, run=None):
    """Make what watches a model of this kind."""
    if is_keras(model):  # on the backend PyTorch it is a torch.nn.Module, too
        return KerasModel(model, run)
    if is_torch(model):
        return TorchModule(model, run)
    if all(hasattr(model, name) for name in ("prepare", "watch", "gradient")):
        return model
    raise TypeError(
        f"model is {validation.what(model)}: give a torch.nn.Module, a keras.Model, or what "
        "rnnscope.open makes of a file, or from_torch of a state_dict."
    )


# --- what was seen -----------------------------------------------------------------------------


def _check(adapter, seen, own):
    """Refuse a run of which nothing can be shown."""
    if not seen.calls:
        raise ValueError(
            f"The model {adapter.name!r} called no recurrent layer (LSTM, GRU, RNN or their "
            "cells), so there are no gates or states to show. A recurrence that is built of other "
            "layers, quantized, or run by another program (SavedModel) cannot be watched."
        )
    for call in seen.calls:
        if call.apart > TOLERANCE:
            raise ValueError(
                f"The trace and the model part at the layer {call.layer!r}: recomputed, it differs "
                f"by up to {call.apart:.2g}. What would be shown is not what the model does, so "
                "nothing is shown."
            )
    if all(call.closed for call in seen.calls):
        reasons = dict.fromkeys(call.closed for call in seen.calls)
        raise ValueError(f"No layer of {adapter.name!r} can be opened: {' '.join(reasons)}")
    if any(not np.isfinite(one).all() for one in own if one.dtype.kind == "f"):
        raise ValueError(
            f"The model {adapter.name!r} itself gives numbers that are not finite for this "
            "sequence, so there is nothing to show: look at its weights and at the scale of x."
        )


def _stale(adapter, seen, own, how):
    """Say so where the model, run as usual, gives something else than its layers as they stand."""
    if apart(seen.outputs, own) <= TOLERANCE:
        return ""
    return (
        f"Not proved: {adapter.name!r} {how} gives another answer than its layers run one by one. "
        "A function that was compiled before a layer was changed does that, and so does a model "
        "that draws lots."
    )


def _timed(calls, place):
    """Say of each record which steps of the input its rows stand for."""
    timed = []
    for call, record in [(one, record) for one in calls for record in one.records]:
        if call.padded and place is not None:
            record = padded(record, place.steps)
        times = None
        if place is not None and len(record.h) == place.steps:
            times = np.arange(place.steps)
            below = (one for one in timed if one.backwards and one.h.shape == record.x.shape)
            if any(np.allclose(one.h[::-1], record.x, atol=1e-6) for one in below):
                times = times[::-1]  # a layer that goes backwards hands its steps on turned round
        timed.append(replace(record, times=times))
    return timed


def _read(args, kwargs, place, layers, row):
    """Give the sequence as the network took it."""
    for value in leaves((args, kwargs)):
        if place is not None and place.has(value):
            return value if place.batch_axis is None else value.take(row, axis=place.batch_axis)
    return layers[0].x


# --- what it says ------------------------------------------------------------------------------


def _said(adapter, call, place, seen, shown, *, row, which, changes, answers, run):
    """Give outputs, what they are, and the note."""
    opened = [one for one in seen.calls if not one.closed]
    last = opened[-1].records[-1]
    if shown.ndim > 1 and len(shown) == len(last.h):
        return {"outputs": shown, "outputs_are": "steps", "note": STEPS + _ahead(opened)}
    why = "it was not asked for (answers=False)"
    if run is not None:
        why = "it was run by a function of your own, which takes no shorter sequence"
    elif place is None:
        why = "its input has no axis of as many steps as a recurrent layer reads"
    elif answers:
        outputs, logits, why = prefixes.said(
            adapter, *call, place, seen, row=row, which=which, changes=changes,
            each=answers == "each",
        )  # fmt: skip
        if outputs is not None:
            together = sum(place.has(value) for value in leaves(call)) > 1
            note = STOPPED + f" All inputs of {place.steps} steps are cut together." * together
            return {"outputs": outputs, "outputs_are": "stopped", "note": note, "logits": logits}
    return {"note": f"What the network would say of fewer steps is not shown: {why}."}


def _ahead(calls):
    """Say which layer lets even the first answers know how the sequence goes on."""
    for call in calls:
        if any(record.backwards for record in call.records):
            return (
                f" {call.layer} reads the sequence from its end too, so every answer knows all of "
                "it already."
            )
    return ""


def _meaning(said, seen, shown, kind, axis, row, which):
    """Say what the numbers are: kind, logits and belief."""
    ending = seen.ending if which == 0 else type(seen.ending)()
    outputs = said.get("outputs")
    with np.errstate(over="ignore"):
        sums_to_one, are_logs = _looks_like_beliefs(shown), _looks_like_beliefs(np.exp(shown))
    if kind is None and ending.kind is None and (sums_to_one or are_logs):
        kind = "classes"
    kind = kind or KINDS[ending.kind]
    if outputs is None or kind == "numbers":
        return {"kind": kind, "logits": None}
    logits = said.get("logits")
    if said["outputs_are"] == "steps" and ending.logits is not None:
        logits = prefixes.row_of(ending.logits, axis, row)
    in_range = shown.min() >= 0 and shown.max() <= 1
    if sums_to_one if kind == "classes" else in_range:
        return {"kind": kind, "logits": logits, "belief": outputs}
    return {"kind": kind, "logits": outputs, "belief": beliefs(outputs, kind)}


def _looks_like_beliefs(values):
    if values.ndim == 0 or values.shape[-1] < 2 or values.min() < 0:
        return False
    return bool(np.allclose(values.sum(-1), 1, atol=1e-4))


def _of_other_batches(calls, batch, row):
    """Say which layers read other sequences than the batch has: words of its sentences, beams."""
    for call in calls:
        if not call.closed and len(call.last[0]) != batch:
            yield (
                f"{call.layer} reads {len(call.last[0])} sequences where the batch has {batch}: "
                f"shown is its sequence {row}."
            )


# --- changes, and the gradient -----------------------------------------------------------------


def _changes(ablate, calls):
    """Make of ``ablate`` a function of a cell that gives its change or None."""
    if ablate is None:
        return None
    if not isinstance(ablate, Mapping):
        raise TypeError(
            f'ablate is {validation.what(ablate)}: give a dict, such as {{"f": 1.0}} or '
            '{"units": [3, 5]}.'
        )
    known = {r.name: r for call in calls for r in call.records if " call " not in r.name}
    if not any(name in known for name in ablate) and len(known) == 1:
        ablate = dict.fromkeys(known, ablate)
    changes = {}
    for name, wanted in ablate.items():
        if name not in known or not isinstance(wanted, Mapping):
            raise ValueError(
                f"ablate has {name!r}: give a dict for each recurrent layer by its name, for "
                f'instance {{{next(iter(known))!r}: {{"units": [0]}}}}. The names are '
                f"{', '.join(map(repr, known))}."
            )
        changes[name] = cells.pin(known[name].cell, known[name].units, wanted)
    return lambda cell: changes.get(cell.name)


def gradient(model, x, of=None, step=None, *, row=0, kind=None, **kwargs):
    """Return the gradient of one output by the input, feature by feature at every step.

    Parameters
    ----------
    model, x, row, kind, **kwargs : as for `trace`
    of : int, optional
        Which output (class, number); by default the winning one, or the only one.
    step : int, optional
        Of a network that answers at every step: whose answer; by default the last.

    Returns
    -------
    ndarray (time steps, features)
        By the framework's own differentiation. Of an output before its softmax or sigmoid where
        the network ends in such a layer, as the gradient of a belief near 0 or 1 says nothing. Of
        a network that looks up whole numbers it is the gradient by the Embedding's vectors.

    Raises
    ------
    TypeError, ValueError
        Where the model cannot be read, x does not fit, or there is no such output.
    """
    adapter, args, kwargs, row = _begun(model, x, None, kwargs, row, kind)
    seen = adapter.watch(args, kwargs, row=row)
    _check(adapter, seen, seen.outputs)
    if not seen.outputs:
        raise ValueError(f"{adapter.name!r} has no output to differentiate: name its head.")
    place, shape = prefixes.layout(adapter, args, kwargs, seen.calls), seen.outputs[0].shape
    axis = prefixes.answers_axis(adapter, args, kwargs, place, seen, row=row, which=0)
    shown = prefixes.row_of(seen.outputs[0], axis, row)
    kind = _meaning({}, seen, shown, kind, axis, row, 0)["kind"]
    picked = _place(shown, kind, of, step)
    rows = np.arange(int(np.prod(shape))).reshape(shape)
    flat = prefixes.row_of(rows, axis, row)[picked or ...]
    made = adapter.gradient(args, kwargs, np.unravel_index(int(np.ravel(flat)[0]), shape))
    return made if place is None or place.batch_axis is None else made.take(row, place.batch_axis)


def _place(output, kind, of, step):
    """Say where the output is that is meant: an index into the network's output."""
    output = np.atleast_1d(output)
    if output.ndim > 1:
        step = len(output) - 1 if step is None else validation.count(step, "step", least=0)
        if step >= len(output):
            raise ValueError(
                f"step is {step}, but the network answers at {len(output)} steps, 0 to "
                f"{len(output) - 1}."
            )
        place = (step,)
    elif step is not None:
        raise ValueError("step is given, but the network answers once, not at every step.")
    else:
        place = ()
    at_step = output[place]
    if of is None and kind == "numbers" and len(at_step) > 1:
        raise ValueError(
            f"of is not given, and the network gives {len(at_step)} numbers: say which, 0 to "
            f"{len(at_step) - 1}."
        )
    of = int(at_step.argmax()) if of is None else validation.count(of, "of", least=0)
    if of >= len(at_step):
        raise ValueError(f"of is {of}, but the outputs are 0 to {len(at_step) - 1}.")
    return (*place, of)
