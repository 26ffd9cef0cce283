"""What the layers above the last recurrent layer make of each of its states."""

import numpy as np

from helpers.network.steps import Recurrent
from helpers.network.traces import beliefs

TOGETHER = "The network's head reads all steps together, so there is no answer for each of them."
KINDS = {"softmax": "classes", "logits": "classes", "numbers": "numbers"}


def answers(network, run, kind=None):
    """Apply the head to each state, and say what its numbers are.

    Parameters
    ----------
    network : Network
    run : Run
    kind : {"classes", "sigmoid", "numbers"}, optional
        By default what the network's end says. A last layer without activation gives logits or
        numbers, and nothing in it says which; a model compiled with ``from_logits=True`` does.

    Returns
    -------
    dict
        output, kind, outputs, outputs_are, order, note, logits and belief of `NetworkTrace`.
    """
    if kind not in (None, "classes", "sigmoid", "numbers"):
        raise ValueError(f"kind is {kind!r}: choose 'classes', 'sigmoid' or 'numbers'.")
    kind = kind or KINDS.get(network.ending, "sigmoid")
    output = network.end(run.values[network.output])[0]
    outputs, logits, are, note = _of_each_state(network, run, output)
    belief = None
    if kind == "numbers" or outputs is None:
        logits = None
    elif network.ending in ("softmax", "sigmoid") or _are_beliefs(output, kind):
        belief = outputs
    else:
        logits, belief = outputs, beliefs(outputs, kind)
    first = len(run.layers) - len(network.recurrent[-1].cells)
    return {
        "output": output,
        "kind": kind,
        "outputs": outputs,
        "outputs_are": are,
        "order": None if outputs is None else run.layers[first].order,
        "note": note,
        "logits": logits,
        "belief": belief,
    }


def _are_beliefs(output, kind):
    """Whether numbers that are said to be classes (or a sigmoid's) are beliefs already."""
    if (output < 0).any() or (output > 1).any():
        return False
    return kind == "sigmoid" or bool(np.allclose(output.sum(-1), 1, atol=1e-4))


def _of_each_state(network, run, output):
    """Give outputs, logits or None, outputs_are and the note."""
    place = max(n for n, step in enumerate(network.steps) if isinstance(step, Recurrent))
    last, rest = network.steps[place], network.steps[place + 1 :]
    found = _from_states(network, run, last, rest) or _from_states_so_far(network, run, rest)
    if found is not None:
        outputs, logits = found
        close = 1e-5 * max(1.0, float(np.abs(output).max(initial=0)))
        if outputs[-1].shape == output.shape and np.allclose(outputs[-1], output, 0, close):
            return outputs, logits, "states", _note(network, last)
        return None, None, None, TOGETHER
    if _answers_at_every_step(run, last, rest, output):
        logits = None
        if network.before_ending and rest:
            read = [run.values[number] for number in rest[-1].reads]
            logits = network.end(network.before_ending(*read)[0])[0]
        return output, logits, "steps", _every_step_note(network)
    return None, None, None, TOGETHER


def _from_states(network, run, last, rest):
    """Run the head on all states as one batch."""
    values = {
        number: last.leave([states])[0]
        for number, states in zip(last.writes, run.by_reading, strict=True)
        if states is not None
    }
    return _through(network, values, rest)


def _from_states_so_far(network, run, rest):
    """Run the head on what its pooling makes of the first 1, 2, 3, … states, as one batch."""
    for number, step in enumerate(rest):
        if step.so_far is not None:
            made = step.so_far(*(run.values[read] for read in step.reads))
            return _through(network, {step.writes[0]: made}, rest[number + 1 :])
        if not step.keeps_time:
            return None
    return None


def _through(network, values, rest):
    """Run steps on values that hold all states as one batch.

    Returns
    -------
    (outputs, logits or None), or None where the steps read something else than these values.
    """
    before = ()
    for step in rest:
        if any(number not in values for number in step.reads):
            return None
        before = [values[number] for number in step.reads]
        try:
            made = step.call(*before)
        except Exception:  # a layer may ask for the batch that the model was built with
            return None
        values.update(zip(step.writes, made, strict=True))
    if network.output not in values:
        return None
    logits = None
    if network.before_ending and before:
        logits = network.end(network.before_ending(*before)[0])
    return network.end(values[network.output]), logits


def _answers_at_every_step(run, last, rest, output):
    if not last.return_sequences or output.ndim < 2:
        return False
    steps = len(run.layers[-1].h)
    return len(output) == steps and all(step.keeps_time for step in rest)


def _note(network, last):
    forward, *others = last.directions
    if others and not last.return_sequences:
        return (
            f"What the head makes of the two states of {last.name} when each of its cells has read "
            "1, 2, 3, … steps: the one from the front, the other from the end."
        )
    way = ", which reads from the last step to the first," if forward.backwards else ""
    states = f"the states of {last.name}{way} up to each step"
    if not last.return_sequences:
        states = f"the state of {last.name}{way} after each step"
    return f"What the head makes of {states}." + _ahead(network, last)


def _every_step_note(network):
    return "The network itself answers at every step." + _ahead(network, None)


def _ahead(network, last):
    """Say which layer lets even the first answers know how the sequence goes on."""
    for step in network.recurrent:
        counts = step is not last or last.return_sequences
        if counts and any(direction.backwards for direction in step.directions):
            return (
                f" {step.name} reads the sequence from its end too, so every answer knows all of "
                "it already."
            )
    return ""
