"""Why this answer: an LSTM's logit, split into what each step wrote into the cell state."""

import numpy as np

from rnnscope import cells, validation
from rnnscope.records import beliefs

MOST = 5  # units that are named of each step
WRITE = ("i", "f", "candidate")


def writes(trace, of=None, head=None):
    """Split an output's number exactly into what each step wrote and the forget gates let through.

    c_T is the sum over the steps t of i_t * candidate_t * f_(t+1) * ... * f_T; of h_T each write
    gets the share that is left of it in c_T, and the linear head weighs the shares. What a step
    did to later gates, through h, counts as the later steps' own.

    Parameters
    ----------
    trace : NetworkTrace
        Of a network whose output, before a softmax or sigmoid, is linear in an LSTM's last h.
    of : int, optional
        Which output; by default the winning class or the only one. Of answers at every step it is
        the last that is split.
    head : (kernel (units, outputs), bias (outputs,)), optional
        Where the trace shows none. A ValueError says why an output cannot be split.

    Returns
    -------
    dict
        ``of``: which output. ``parts``: a number for each step of the input, 0 for padding.
        ``rest``: the bias and what is left of the initial c. ``total``: their sum, the logit.
        ``units``: {step: [[unit, value], ...]}, the largest of each part. ``decides``: the steps
        without whose write the answer turns: their part is greater than the winner's lead over
        ``against`` (of a sigmoid, than the logit), and the cell, run again with the input gate
        shut at that step alone, answers otherwise.
    """
    head = head or trace.head
    if head is None:
        raise ValueError(
            "The trace shows no linear layer at the network's end: give its arrays as "
            "head=(kernel (units, outputs), bias (outputs,))."
        )
    kernel, bias = (
        validation.floats(part, f"head[{n}]").astype(float) for n, part in enumerate(head)
    )
    record, rows, logits = _read_by(trace, kernel, bias)
    if of is None and trace.kind == "numbers" and len(logits) > 1:
        raise ValueError(f"of is not given: say which of {len(logits)} numbers, from 0.")
    of = logits.argmax() if of is None else of
    of = validation.count(of, "of", least=0, most=len(logits) - 1)
    shares, first = _shares(record, rows)
    by_unit = np.zeros((len(record.h), record.units))
    by_unit[rows] = shares * kernel[:, of]
    largest = np.argsort(-np.abs(by_unit), axis=1)[:, :MOST].tolist()
    what = "class" if trace.kind == "classes" else "output"
    told = {
        "of": f"{what} {of}",
        "parts": by_unit.sum(1).tolist(),
        "rest": float(bias[of] + first @ kernel[:, of]),
        "total": float(logits[of]),
        "units": {t: [[u, by_unit[t, u].item()] for u in largest[t]] for t in sorted(rows)},
    }
    if trace.kind == "classes":
        against, winner = np.argsort(logits)[-2:]
        weigh = kernel[:, winner] - kernel[:, against]
        tried = rows[shares @ weigh > logits[winner] - logits[against]]
        turned = _silenced(record, rows, tried, kernel, bias).argmax(1) != winner
        told["against"] = f"class {against}"
    elif trace.kind == "sigmoid":
        tried = rows[shares @ kernel[:, of] / logits[of] > 1]
        turned = _silenced(record, rows, tried, kernel, bias)[:, of] * logits[of] < 0
    return told if trace.kind == "numbers" else {**told, "decides": sorted(tried[turned].tolist())}


def _read_by(trace, kernel, bias):
    """Find the LSTM that the head reads, its rows in the order of reading, and the logits."""
    said = None if trace.output is None else np.atleast_1d(trace.output)
    said = said[-1] if said is not None and said.ndim > 1 else said
    for record in reversed(trace.layers):
        functions = record.activation, record.recurrent_activation
        rows = record.order[record.mask[record.order]]
        if record.cell != "lstm" or functions != ("tanh", "sigmoid") or not len(rows):
            continue
        if kernel.shape == (record.h.shape[1], len(bias)) and record.units == len(kernel):
            logits = record.h[rows[-1]] @ kernel + bias
            believed = logits if trace.kind == "numbers" else beliefs(logits, trace.kind)
            made = (logits, believed, np.log(np.abs(believed) + 1e-300))
            if said is None or any(np.allclose(said, one, 1e-4, 1e-4) for one in made):
                return record, rows, logits
    raise ValueError(
        "The answer cannot be split into writes: that takes an LSTM with tanh and sigmoid, without "
        f"projection, whose last h times the head's kernel, here {kernel.shape}, and its bias are "
        "the output. Where another layer stands between, or the head reads more, it is not so."
    )


def _shares(record, rows):
    """Split the last h into what is left of each write, (steps, units), and of the initial c."""
    i, f, candidate = (getattr(record, name)[rows].astype(float) for name in WRITE)
    kept = np.cumprod(np.vstack([np.ones(record.units), f[:0:-1]]), axis=0)[::-1]
    left, first = i * candidate * kept, record.initial_state[1] * kept[0] * f[0]
    c = left.sum(0) + first
    # Near 0, where h / c would be 0 / 0, tanh(c) is c, and o alone stands before it.
    small = np.abs(c) < 1e-6
    scale = np.where(small, record.o[rows[-1]], record.h[rows[-1]] / np.where(small, 1, c))
    return left * scale, first * scale


def _silenced(record, rows, tried, kernel, bias):
    """Run the cell again for each of some steps, its input gate shut there: logits (steps, n)."""
    at = iter(rows)

    def shut(made):
        return {**made, "i": np.where((tried == next(at))[:, np.newaxis], 0, made["i"])}

    parts = (record.x[rows], *record.initial_state)
    x, *first = (np.repeat(part[np.newaxis], len(tried), axis=0) for part in parts)
    functions = {"activation": np.tanh, "recurrent_activation": cells.sigmoid}
    made = cells.run("lstm", x, record.weights, tuple(first), functions, change=shut)
    return made.h[:, -1] @ kernel + bias
