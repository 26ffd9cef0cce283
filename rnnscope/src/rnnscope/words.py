"""The words of a view: the names that users give, and for every step what is read and done."""

from collections.abc import Iterable

import numpy as np

HEADINGS = {
    "f": "forget gate f", "i": "input gate i", "candidate": "candidate", "c": "cell state c",
    "o": "output gate o", "h": "hidden state h", "z": "update gate z", "r": "reset gate r",
}  # fmt: skip
PARTS = {
    "lstm": ("f", "i", "candidate", "c", "o", "h"),
    "gru": ("z", "r", "candidate", "h"),
    "rnn": ("h",),
}
_SAID = {" ": "space", "\n": "end of line", "\t": "tab", "": "nothing"}


# --- names -------------------------------------------------------------------------------------


def judged(names, count: int, what: str, of: str) -> list[str] | None:
    """Return names as text, as many as there are things to name, or say what is wrong.

    Parameters
    ----------
    names : iterable, or None
        Of text, numbers, dates; a single text is one name a letter.
    count : int
    what, of : str
        The argument's name, and what it names.

    Raises
    ------
    TypeError, ValueError
    """
    if names is None:
        return None
    if isinstance(names, bytes | dict | set) or not isinstance(names, Iterable):
        raise TypeError(f"{what} is a {type(names).__name__}: give a list of {count} names.")
    # Half a character (a lone surrogate) cannot be sent to a browser; a ? can.
    names = [str(name).encode("utf-8", "replace").decode("utf-8") for name in names]
    if len(names) != count:
        raise ValueError(f"{what} has {len(names)} names, but there are {count} {of}.")
    return names


def said(name: str) -> str:
    """Return a name as the words have it: in quotes, and a blank by its own name."""
    text = " ".join(name.split())
    return f"“{text}”" if text else _SAID.get(name, "blank")


def two(value: float) -> str:
    """Write a number with two digits behind the point, or two that count where it is small."""
    return f"{value:.2f}" if abs(value) >= 0.095 or not value else f"{value:.2g}"


# --- what is read ------------------------------------------------------------------------------


def read_words(x, columns: int, steps, features) -> list[str]:
    """Say for each step what is read there, "" where the input has other steps than the layer."""
    if len(x) != columns:
        return [""] * columns
    text = is_text(x, steps)
    rows = x.reshape(columns, -1)
    return [_read(rows[k], steps[k] if steps else "", text, features) for k in range(columns)]


def is_text(x, steps) -> bool:
    """Whether the input is best shown as text: tokens, or named steps that are one-hot."""
    if x.ndim == 1:
        return True
    rows = x.reshape(len(x), -1)
    one_hot = rows.shape[1] > 1 and np.isin(rows, (0, 1)).all() and (rows.sum(1) <= 1).all()
    return bool(steps and one_hot)


def _read(row, name, text, features) -> str:
    name = said(name) if name else ""
    if text:
        return name or (f"token {row[0]:g}" if len(row) == 1 else "")
    told = _numbers(row, features)
    return f"{name}, {told}" if name else told


def _numbers(row, features) -> str:
    """Say the numbers of a step: all of a few, else the least and the largest."""
    if len(row) == 1:
        return f"the number {row[0]:.3g}"
    if len(row) <= 4:
        told = [f"{value:.3g}" for value in row]
        if features:
            told = [f"{said(n)} {text}" for n, text in zip(features, told, strict=True)]
        return f"the numbers {', '.join(told)}"
    low, high = int(row.argmin()), int(row.argmax())
    if row[low] == row[high]:
        return f"{len(row)} numbers, all {row[low]:.3g}"
    ends = [f"{row[n]:.3g}{f' ({said(features[n])})' if features else ''}" for n in (low, high)]
    return f"{len(row)} numbers from {ends[0]} to {ends[1]}"


# --- what the cells do -------------------------------------------------------------------------


def cell_words(laid) -> list[str]:
    """Say for each step how far the gates are open, how large states are, which unit moved most.

    Parameters
    ----------
    laid : rnnscope.view_layout.Laid
    """
    record, mask = laid.record, laid.of("mask")
    gates = [name for name in PARTS[record.cell] if name in record.gates]
    states = ("c", "h") if record.cell == "lstm" else ("h",)
    state = laid.of(states[0])
    step = -1 if laid.backwards else 1
    along = state[::step]
    before = np.vstack([record.initial_state[-1][np.newaxis], along[:-1]])[::step]
    moved = np.abs(np.nan_to_num(state - before)).argmax(1)
    every = np.arange(len(state))
    columns = [
        *(laid.of(gate).mean(1).tolist() for gate in gates),
        *(np.abs(laid.of(name)).mean(1).tolist() for name in states),
    ]
    start = f"mean over {record.units} units" if record.units > 1 else "of its one unit"
    most = "The unit that moves most is" if record.units > 1 else "Its course is"
    told = []
    for k, unit, old, new in zip(
        every, moved.tolist(), before[every, moved].tolist(), state[every, moved].tolist(),
        strict=True,
    ):  # fmt: skip
        if not mask[k]:
            told.append("masked, so it is not read, and the states stay as they are.")
            continue
        means = [f"{HEADINGS[gate]} {columns[n][k]:.2f}" for n, gate in enumerate(gates)]
        sizes = [f"{two(columns[len(gates) + n][k])} of {name}" for n, name in enumerate(states)]
        means.append(f"size {' and '.join(sizes)}")
        course = f"{states[0]}[{unit}], from {two(old)} to {two(new)}"
        told.append(f"{start}: {', '.join(means)}. {most} {course}.")
    return told


# --- what the network says ---------------------------------------------------------------------


def answer_words(answer, k: int) -> str:
    """Say in a sentence what a network says after step k; "" where it says nothing.

    Parameters
    ----------
    answer : rnnscope.view_layout.Answer
    k : int
        A row of its values.
    """
    row = answer.values[k]
    if not np.isfinite(row).all():
        return "What the network says is not a number." if np.isnan(row).any() else ""
    would = answer.stopped and k < len(answer.values) - 1
    start = "Stopped here, the network would say" if would else "The network says"
    if answer.kind == "classes" and len(row) > 1:
        first = int(row.argmax())
        second = int(np.where(np.arange(len(row)) == first, -np.inf, row).argmax())
        return (
            f"{start} {answer.name(first)} ({row[first]:.0%}), then {answer.name(second)} "
            f"({row[second]:.0%})."
        )
    if answer.kind != "numbers" and len(row) == 1:
        return f"{start} {answer.name(0)} with {row[0]:.0%}."
    if answer.kind == "sigmoid":
        return f"{start} {_above_a_half(answer, row)}."
    if len(row) == 1 and not answer.names:
        return f"{start} {row[0]:.3g}."
    if len(row) <= 4:
        return f"{start} {', '.join(f'{answer.name(n)} {v:.3g}' for n, v in enumerate(row))}."
    low, high = int(row.argmin()), int(row.argmax())
    return (
        f"{start} {len(row)} numbers, from {row[low]:.3g} ({answer.name(low)}) to {row[high]:.3g} "
        f"({answer.name(high)})."
    )


def _above_a_half(answer, row) -> str:
    """Name the three most likely of several sigmoids that are above a half."""
    best = [n for n in np.argsort(-row, kind="stable")[:3] if row[n] > 0.5]
    more = int((row > 0.5).sum()) - len(best)
    told = ", ".join(f"{answer.name(n)} ({row[n]:.0%})" for n in best)
    return f"{told or 'none of them above 50%'}{f' and {more} more' * (more > 0)}"


def note_words(note: str) -> str:
    """Make a whole sentence of a trace's note."""
    return f"Its answers are w{note[1:]}" if note.startswith("What ") else note
