"""What is wrong with it? What a doctor of recurrent networks looks for, in a network's traces.

The limits were set on small networks, trained soundly and badly; see benchmarks/diagnoses.py.
"""

import numpy as np

from rnnscope import cells
from rnnscope.findings import chart, say
from rnnscope.records import beliefs

SHUT, OPEN, END = 0.1, 0.9, 0.98
FAR = 10  # inputs: -5 to 5 is usual
GAIN, BIAS = 6, 2.5  # of recurrent weights, see `_too_large`, and of biases, root mean square
FORGETS = -2.5  # the mean bias of a gate that keeps; Keras starts an LSTM's at 1, PyTorch at 0
SAME = 0.2  # standard deviation of a belief over sequences


def diagnose(trace, *more_traces, gradient=None):
    """Look through a network's traces for what usually goes wrong, and say it with its numbers.

    Parameters
    ----------
    trace, *more_traces : NetworkTrace
        Of one network. Of four sequences or more it is also asked whether all get one answer.
    gradient : ndarray (steps, features), optional
        What `rnnscope.gradient` gives; else that of the last layer's h is computed from its record.

    Returns
    -------
    list of Finding
        The most serious first, without what comes of it; the last has the other numbers, or says
        that nothing was found. Nothing is known of the labels: what went wrong with them, or with
        a training too short, need not leave a mark.
    """
    traces = (trace, *more_traces)
    if len({tuple((r.name, r.cell, r.units) for r in one.layers) for one in traces}) > 1:
        raise ValueError("The traces are of different networks: give traces of one.")
    layers = [_Layer(records) for records in zip(*(one.layers for one in traces), strict=True)]
    gradient = _gradient(layers[-1].records[0]) if gradient is None else gradient
    reach = np.linalg.norm(np.reshape(gradient, (len(gradient), -1)), axis=1)
    early = float(reach[: (len(reach) + 1) // 2].max() / max(reach.max(), 1e-300))
    found = {}
    for look in (_equal, _far_inputs, _dead, _too_large, _forgetting, _untrained):
        for layer in layers[: 1 if look is _far_inputs else None]:
            if layer.name not in found and (finding := look(layer)):
                found[layer.name] = finding  # the gravest: what else the layer has comes of it
    found = [*found.values(), *filter(None, [_exploding(reach)])]
    others = (_one_answer(traces, early), *map(_growing, layers), *map(_stuck, layers))
    found = found or [*filter(None, others)]
    return [*found, _numbers(layers, reach, early, len(traces), "numbers" if found else "nothing")]


class _Layer:
    """One layer's records over several sequences, and what is counted in all of them."""

    def __init__(self, records):
        self.records, first = records, records[0]
        self.name, self.cell, self.units = first.name, first.cell, first.units
        self.relu, self.weights, self.gates = first.activation == "relu", first.weights, first.gates
        self.keeps = {"lstm": "f", "gru": "z"}.get(first.cell)  # the gate that does
        ends = [np.abs(2 * self.all(gate) - 1) for gate in self.gates]
        ends.append(np.abs(self.all("h" if self.cell == "rnn" else "candidate")))
        self.at_end = float(ends[-1].max() > 50 if self.relu else (np.stack(ends) > END).mean())
        self.shares = [(g, (self.all(g) < SHUT).mean(), (self.all(g) > OPEN).mean())
                       for g in self.gates]  # fmt: skip
        if self.keeps:
            kept = np.log(np.maximum(self.all(self.keeps), 1e-30)).mean(0)
            self.half = float(np.median(np.log(0.5) / np.minimum(kept, -1e-9)))

    def all(self, name):
        """Give a gate or state, (steps of all sequences, units)."""
        return np.concatenate([getattr(record, name)[record.mask] for record in self.records])

    def chart(self):
        """Draw which share of each gate's values is shut, and open."""
        labels = [f"{gate} {what}" for gate in self.gates for what in ("shut", "open")]
        return chart([share for _, *both in self.shares for share in both], labels)


# --- the layers: each gives a finding or None ----------------------------------------------------


def _equal(layer):
    kernel, h = layer.weights.kernel, layer.all("h")
    apart = np.ptp(kernel.reshape(len(kernel), -1, layer.units), axis=-1).max()
    if layer.units > 1 and max(apart, np.ptp(h, axis=1).max()) < 1e-6:
        return say("equal", layer=layer.name, units=layer.units, size=np.abs(h).max())


def _far_inputs(layer):
    x = np.abs(layer.all("x"))
    sizes = np.quantile(x, 0.95, axis=0)
    if sizes.max() > FAR and layer.at_end > 0.5:
        told = {"layer": layer.name, "most": x.max(), "at_end": layer.at_end}
        return say("inputs", chart(sizes), **told)


def _dead(layer):
    active = (layer.all("h") > 0).mean(axis=0)
    dead = (active == 0).sum()
    if layer.relu and layer.cell == "rnn" and dead > layer.units / 2:
        told = {"share": dead / layer.units, "dead": dead, "units": layer.units}
        return say("dead", chart(np.sort(active)[::-1]), layer=layer.name, **told)


def _too_large(layer):
    _, recurrent, bias = layer.weights
    gain = np.sqrt((recurrent**2).mean() * layer.units)
    # The biases of i and f, or z, may have been set for a long memory: these are not asked.
    blocks = np.atleast_2d(bias).reshape(-1, recurrent.shape[1] // layer.units, layer.units)
    bias = np.sqrt((blocks[:, {"lstm": 2, "gru": 1, "rnn": 0}[layer.cell] :] ** 2).mean())
    if gain > GAIN or bias > BIAS or (gain > GAIN / 2 and layer.at_end > 0.8 and not layer.relu):
        name, told = "rate" if bias > 0.5 else "start", {"gain": gain, "bias": bias}
        return say(name, layer.chart(), layer=layer.name, at_end=layer.at_end, **told)


def _forgetting(layer):
    for gate, shut, _ in layer.shares:
        block = np.atleast_2d(layer.weights.bias).sum(0)[layer.units * (layer.cell == "lstm") :]
        bias = block[: layer.units].mean()
        if gate == layer.keeps and bias < FORGETS and shut > 0.4:
            gate = {"f": "forget", "z": "update"}[gate]
            told = {"shut": shut, "limit": SHUT, "bias": bias, "half": layer.half}
            return say("forgets", layer.chart(), layer=layer.name, gate=gate, **told)


def _untrained(layer):
    kernel, recurrent, bias = layer.weights
    own, bound = np.abs(np.hstack([kernel.ravel(), recurrent.ravel()])), layer.units**-0.5
    torch = 0.98 < own.max() / bound < 1.00001 and abs(own.mean() / bound - 0.5) < 0.05
    keras = np.abs(bias - np.round(bias)).max() < 1e-3 and np.allclose(
        recurrent @ recurrent.T, np.eye(len(recurrent)), atol=1e-3
    )
    if own.size > 200 and not layer.relu and (torch or keras):
        return say("untrained", layer=layer.name, library="PyTorch" if torch else "Keras")


def _growing(layer):
    state, limit = ("c", 15) if layer.cell == "lstm" else ("h", 100)
    sizes = [np.abs(getattr(r, state)[r.order[r.mask[r.order]]]) for r in layer.records]
    ends, halves = (np.stack([one[len(one) // n - 1 :][0] for one in sizes]) for n in (1, 2))
    share = ((ends > limit) & (ends > 1.5 * halves)).mean()
    if share > 0.4:
        told = {"share": share, "state": state, "limit": limit, "most": ends.max()}
        return say("growing", chart(sizes[0].mean(1), kind="line"), layer=layer.name, **told)


def _stuck(layer):
    still = (np.ptp(layer.all("h"), axis=0) < 0.01).mean()
    if still > 0.5 or layer.at_end > 0.9:
        return say("stuck", layer.chart(), layer=layer.name, still=still, at_end=layer.at_end)


# --- the answers, and the gradient ---------------------------------------------------------------


def _one_answer(traces, early):
    first = traces[0]
    if first.output is None or len(traces) < 4:
        return None
    said = [np.atleast_1d(one.output) for one in traces]  # at every step, maybe
    said = np.concatenate([one.reshape(-1, one.shape[-1]) for one in said])
    told = {"count": len(traces), "spread": said.std(axis=0).max()}
    if first.kind == "numbers":
        differ = told["spread"] > 1e-3 * np.abs(said).mean()
        return None if differ else say("number", number=said[0, 0], **told)
    belief = beliefs(said, first.kind) if first.ends_in_logits else said
    mean, same = belief.mean(axis=0), np.ptp(belief.argmax(axis=1)) == 0
    told |= {"spread": belief.std(axis=0).max(), "early": _told(early), "belief": mean.max()}
    if told["spread"] < SAME:
        lost = early < 1e-3 and mean.max() < 1 / len(mean) + 0.1  # and it guesses
        told["same"] = "the same" if same else "nearly the same"
        return say("memory" if lost else "answer", chart(mean), top=mean.argmax(), **told)


def _exploding(reach):
    if reach.max() > 1e3:
        told = {"step": reach.argmax(), "most": reach.max(), "last": reach[-1]}
        return say("exploding", chart(reach, kind="line"), **told)


def _gradient(record):
    """Give the gradient of a mix of the last h by what each step read; nan where it is not made."""
    functions = record.activation, record.recurrent_activation, record.reset_after
    rows, made = record.order[record.mask[record.order]], np.full(record.x.shape, np.nan)
    d = np.random.default_rng(0).normal(size=record.h.shape[1])
    if record.cell == "rnn" and record.activation == "relu":
        for t in rows[::-1]:
            d = d * (record.h[t] > 0)
            made[t], d = record.weights.kernel @ d, record.weights.recurrent_kernel @ d
        return np.nan_to_num(made)
    if functions != ("tanh", "sigmoid", True) or record.units != len(d) or not len(rows):
        return made
    names = {"h", *cells.BLOCKS[record.cell], *["c"] * (record.cell == "lstm")}
    kept = {name: getattr(record, name)[np.newaxis, rows] for name in names}
    history = cells.History(tuple(part[np.newaxis] for part in record.initial_state), **kept)
    d_h = np.zeros_like(kept["h"])
    d_h[0, -1] = d
    x = record.x[np.newaxis, rows]
    made[rows] = cells.backward(record.cell, x, record.weights, history, d_h).x[0]
    return np.nan_to_num(made)


def _told(early):
    told = f"The gradient in the first half of the steps is at most {early:.1g} of the largest."
    return "" if np.isnan(early) else told


def _numbers(layers, reach, early, count, name):
    told = []
    for layer in layers:
        ends = "gates and candidates" if layer.gates else "h"
        told.append(f"In {layer.name} {layer.at_end:.0%} of {ends} stand at an end.")
        if layer.keeps:
            shares = ", ".join(f"{gate} {shut:.0%} and {on:.0%}" for gate, shut, on in layer.shares)
            told[-1] += f" Below {SHUT} and above {OPEN} are {shares}; half of what a unit holds "
            told[-1] += f"is gone after {layer.half:.2g} steps (median)."
    drawn = None if np.isnan(early) else chart(reach, kind="line")
    sequences = "In one sequence" if count == 1 else f"In {count} sequences"
    return say(name, drawn, sequences=sequences, told=" ".join([*told, _told(early)]))
