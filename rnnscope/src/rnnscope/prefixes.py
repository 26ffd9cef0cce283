"""What a network says of the first 1, 2, 3, … steps alone: its input cut there, and run again.

In one batch, each row stopped later, where that gives what true cuts give; else cut by cut.
"""

import textwrap
import time
from typing import NamedTuple

import numpy as np

from rnnscope.adapters import leaves, mapped
from rnnscope.passes import TOLERANCE, Stops, apart

AT_MOST = 20.0  # seconds for cutting, unless it is asked for
ROOM = 8_000_000  # numbers in one batch of stopped rows: 32 MB of float32


class Layout(NamedTuple):
    """Where batch and time lie in a model's input: axes, None for a batch that is not there.

    ``answers`` is the axis of the batch in the output that is shown, None where it has none.
    """

    batch_axis: int | None
    time_axis: int
    batch: int
    steps: int
    answers: int | None = None

    def has(self, value):
        """Whether this is an array with these axes."""
        shape = getattr(value, "shape", ())
        fits = len(shape) > self.time_axis and shape[self.time_axis] == self.steps
        return fits and (self.batch_axis is None or shape[self.batch_axis] == self.batch)


def layout(adapter, args, kwargs, calls):
    """Find the axes of the input that stand for batch and steps, or None.

    They are those that the first recurrent layer which reads as many steps reads.
    """
    arrays = [value for value in leaves((args, kwargs)) if isinstance(value, np.ndarray)]
    for number, call in enumerate(calls):
        if call.closed:
            continue
        batch, steps = len(call.last[0]), len(call.records[0].h)
        for array in arrays:
            found = [
                Layout(*axes, batch, array.shape[axes[1]])
                for axes in ((0, 1), (1, 0))
                if array.ndim > 1 and array.shape[axes[0]] == batch
                if array.shape[axes[1]] == steps or (call.padded and array.shape[axes[1]] > steps)
            ]
            if len(found) == 2 and batch > 1:  # a square
                cut = (one for one in found if _goes_on(adapter, args, kwargs, one, number))
                return next(cut, found[0])
            if found:
                return found[0]
            if batch == 1 and array.ndim and array.shape[0] == steps:
                return Layout(None, 0, 1, steps)
    return None


def _goes_on(adapter, args, kwargs, place, number):
    """Whether the batch stays as it is where the input is cut by a step."""
    try:
        calls = adapter.watch(*_cut((args, kwargs), place, place.steps - 1)).calls
        return len(calls[number].last[0]) == place.batch
    except Exception:  # whatever a model raises of a shorter input
        return False


def answers_axis(adapter, args, kwargs, place, seen, *, row, which):
    """Find the axis of an output that stands for the batch, or None where it has none."""
    shape = seen.outputs[which].shape
    if place is not None and place.batch_axis is None:  # it may make a batch of one itself
        return 0 if len(shape) > 1 and shape[0] == 1 else None
    axes = [axis for axis, size in enumerate(shape[:2]) if size == batch_of(place, seen.calls)]
    if len(axes) < 2 or shape[0] == 1 or place is None:
        return axes[0] if axes else None
    try:
        one = adapter.run(*_rows((args, kwargs), place, [row], place.steps))[which].shape
        return one[:2].index(1)
    except Exception:  # it may take no other batch
        return int(place.batch_axis == 1 and len(shape) > 2)


def batch_of(place, calls):
    """Say how many sequences are read at once: as the input tells, or the first layer."""
    opened = [call for call in calls if not call.closed]
    return len(opened[0].last[0]) if place is None else place.batch


def row_of(output, axis, row):
    """Take one row of the batch out of an output with this axis of the batch, or None."""
    return output if axis is None else output.take(row if output.shape[axis] > 1 else 0, axis=axis)


def said(adapter, args, kwargs, place, seen, *, row, which, changes=None, each=False):
    """Run the model on the first 1, 2, 3, … steps.

    Parameters
    ----------
    adapter, args, kwargs : the model, and what its call is given
    place : Layout
    seen : Seen
        Of the run that was not stopped, with the same changes.
    row, which : int
        The row of the batch, and which of the outputs.
    each : bool
        Whether to cut step by step however long it takes.

    Returns
    -------
    outputs : ndarray (steps, ...) or None
    logits : ndarray (steps, ...) or None
    why : str
        Where there are none.
    """

    def cut(steps):
        cut_args, cut_kwargs = _cut((args, kwargs), place, steps)
        if changes is None and seen.ending.logits is None:
            return row_of(adapter.run(cut_args, cut_kwargs)[which], place.answers, row), None
        made = adapter.watch(cut_args, cut_kwargs, row=row, changes=changes)
        return _one(made, place, row, which)

    tries, began = {place.steps: _one(seen, place, row, which)}, time.monotonic()
    try:
        for steps in {1, place.steps // 2} - {0, place.steps}:
            tries[steps] = cut(steps)
    except Exception as error:  # whatever a model raises of a shorter input
        return None, None, f"it cannot run its first {steps} steps alone ({_short(error)})"
    if len({one.shape for one, _ in tries.values()}) > 1:
        return None, None, "of fewer steps it gives an answer of another shape"
    quick = _in_one_batch(adapter, args, kwargs, place, seen, row, which, changes)
    if quick is not None and all(
        apart([quick[0][steps - 1]], [one]) <= TOLERANCE for steps, (one, _) in tries.items()
    ):
        return *quick, ""
    needed = (time.monotonic() - began) / 2 * place.steps
    if needed > AT_MOST and not each:
        why = f"cutting it at each of {place.steps} steps would take about {needed:.0f} s"
        return None, None, f'{why}: answers="each" does it'
    found = [tries.get(steps) or cut(steps) for steps in range(1, place.steps + 1)]
    outputs, logits = zip(*found, strict=True)
    return np.stack(outputs), None if logits[0] is None else np.stack(logits), ""


def _one(made, place, row, which):
    logits = made.ending.logits
    return row_of(made.outputs[which], place.answers, row), (
        None if logits is None or which else row_of(logits, place.answers, row)
    )


def _cut(values, place, steps):
    """Cut every array that has these axes, and lengths with it."""

    def cut(value):
        if place.has(value):
            index = [slice(None)] * value.ndim
            index[place.time_axis] = slice(steps)
            return value[tuple(index)]
        if _are_lengths(value, place):
            return np.minimum(value, steps).astype(value.dtype)
        return value

    return mapped(cut, values)


def _are_lengths(value, place):
    return (
        isinstance(value, np.ndarray)
        and value.shape == (place.batch,)
        and value.dtype.kind in "iu"
        and value.max(initial=0) <= place.steps
    )


def _rows(values, place, rows, steps):
    """Take rows of the batch, each as often as it is named, and their first steps."""

    def take(value):
        if place.has(value):
            return value.take(rows, axis=place.batch_axis).take(range(steps), axis=place.time_axis)
        if _are_lengths(value, place):
            return np.minimum(value[rows], steps).astype(value.dtype)
        for axis in (0, 1):  # others of the batch, such as initial states
            if isinstance(value, np.ndarray) and value.shape[axis : axis + 1] == (place.batch,):
                return value.take(rows, axis=axis)
        return value

    return mapped(take, values)


def _in_one_batch(adapter, args, kwargs, place, seen, row, which, changes):
    """Let row n of a batch stop after n + 1 steps; None where the model takes no such batch."""
    if place.batch_axis is None or any(call.closed for call in seen.calls):
        return None
    width = max(
        max(record.x.shape[-1], record.h.shape[-1])
        for call in seen.calls
        for record in call.records
    )
    many = max(1, ROOM // (place.steps * width))
    found = []
    for first in range(0, place.steps, many):
        stops = np.arange(first, min(first + many, place.steps)) + 1
        longest = place._replace(batch=len(stops), steps=int(stops[-1]))

        try:
            made = adapter.watch(
                *_rows((args, kwargs), place, [row] * len(stops), longest.steps),
                changes=changes,
                stops=Stops(stops, seen.calls),
            )
            found += [_one(made, longest, n, which) for n in range(len(stops))]
        except Exception:  # it may ask for the batch that it was built with
            return None
    outputs, logits = zip(*found, strict=True)
    if len({one.shape for one in outputs}) > 1:
        return None
    return np.stack(outputs), None if logits[0] is None else np.stack(logits)


def _short(error):
    return textwrap.shorten(str(error), 160, placeholder=" …")
