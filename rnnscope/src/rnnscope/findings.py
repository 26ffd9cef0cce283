"""What a doctor of networks says: a finding, and the sentences of all, whole, with named gaps."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """A title, sentences with the numbers, and maybe a chart.

    ``chart`` is {"kind": "bars" or "line", "values": [...], "labels": [...]}, or None.
    """

    title: str
    text: str
    chart: dict | None = None

    def as_dict(self):
        """Return it as a dict, without the chart where there is none."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def say(name, chart=None, **numbers):
    """Make the finding of that name in ``WORDS``."""
    title, text = (part.format(**numbers) for part in WORDS[name])
    return Finding(title, text, chart)


def chart(values, labels=None, kind="bars"):
    """Make a chart, labelled 0, 1, 2, … where nothing else is said; of many bars, a line."""
    labels, kind = labels or range(len(values)), "line" if len(values) > 20 else kind
    return {"kind": kind, "values": [float(v) for v in values], "labels": [*map(str, labels)]}


WORDS = {
    "equal": (
        "All units of {layer} do the same: its weights began equal",
        "Its {units} units have equal weights (zeros, for instance), so they get equal "
        "gradients and stay equal; |h| is at most {size:.2g}. Start with random weights.",
    ),
    "inputs": (
        "The inputs are not scaled: they go up to {most:.4g}",
        "That is far beyond -5 to 5, and {at_end:.0%} of the gates and candidates of {layer} "
        "stand at an end, where they neither tell inputs apart nor learn. Subtract each "
        "feature's mean and divide by its standard deviation, both of the training data "
        "(pixels: divide by 255), and train again.",
    ),
    "dead": (
        "{share:.0%} of the ReLU units of {layer} are dead",
        "{dead} of {units} units are 0 at every step of the sequences given. A unit that is 0 "
        "for all sequences gets no gradient and does not come back. Too large a learning rate, "
        "inputs that are not scaled or biases far below 0 do that. Train again with a smaller "
        "rate and clipped gradients, or take tanh.",
    ),
    "rate": (
        "The weights of {layer} are far too large: was the learning rate too large?",
        "The recurrent weights' root mean square, times the root of the units, is {gain:.1f} "
        "(fresh 0.5 to 1, soundly trained up to 3.5), that of the biases {bias:.1f}, and "
        "{at_end:.0%} of gates and candidates stand at an end. Biases start near 0, so learning "
        "took them there in steps too large. Train again with a tenth of the rate (Adam: 0.001 "
        "to 0.01) and clipped gradients.",
    ),
    "start": (
        "The weights of {layer} are far too large: did they begin so?",
        "The recurrent weights' root mean square, times the root of the units, is {gain:.1f} "
        "(fresh 0.5 to 1, soundly trained up to 3.5), and {at_end:.0%} of gates and candidates "
        "stand at an end. The biases are small, {bias:.1f}, so it was hardly learning that made "
        "the rest large. Start with the layer's own random weights; if you did, the learning "
        "rate was too large.",
    ),
    "forgets": (
        "The {gate} gates of {layer} are shut: it forgets at once",
        "{shut:.0%} of their values are below {limit}, as their biases are {bias:.1f} on "
        "average: half of what a unit holds is gone after {half:.2g} steps (median). Start "
        "these biases at 1 or more and train again. Where the last step or two are all that "
        "counts it may do no harm.",
    ),
    "untrained": (
        "{layer} looks untrained: its weights are as {library} starts them",
        "Was it frozen (trainable, requires_grad), left out of the optimizer, trained at a rate "
        "near 0, or were the trained weights not loaded? If it is meant to be so, all is well.",
    ),
    "exploding": (
        "The gradient explodes on its way back through the steps",
        "At step {step} it is {most:.3g}, at the last {last:.3g}: a small change early turns "
        "everything that comes after. Clip gradients, and start with smaller recurrent weights.",
    ),
    "number": (
        "Every sequence gets the same number, {number:.4g}",
        "Over {count} sequences it differs by at most {spread:.2g}. It has learned a mean "
        "alone: look at the learning rate, and whether each target belongs to its sequence.",
    ),
    "answer": (
        "Every sequence gets {same} answer: was the data shuffled, are its labels right?",
        "Over {count} sequences no belief's standard deviation is above {spread:.2g}; class {top} "
        "has {belief:.2f} on average. If the sequences are not all of one class, it was trained on "
        "data in the order of its classes, not shuffled (the last ones win), on labels that are "
        "nearly all alike or belong to other sequences, or too little; or its memory is too short. "
        "{early}",
    ),
    "memory": (
        "Every sequence gets {same} answer: what it read early does not reach the end",
        "Over {count} sequences no belief's standard deviation is above {spread:.2g}; class {top} "
        "has {belief:.2f} on average. {early} What stood there cannot be learned. Take an LSTM or "
        "GRU, start its gates open (a forget bias of 1 or more), or shorten the sequences. If all "
        "that counts comes late: was the data shuffled?",
    ),
    "growing": (
        "The state of {layer} grows without end",
        "In {share:.0%} of the units |{state}| ends beyond {limit} and half as large again as "
        "in the middle, at most {most:.3g}. Gates that all stand open do that, and recurrent "
        "weights of a ReLU layer above 1: clip gradients, use a smaller rate, and (ReLU) start "
        "with the identity. A unit that counts grows too, and does no harm.",
    ),
    "stuck": (
        "Most units of {layer} are stuck",
        "{still:.0%} of the units never move by 0.01, and {at_end:.0%} of gates and candidates "
        "stand at an end, where no gradient passes. Look at the scale of the inputs, at the "
        "initial weights and at the learning rate: which it was the numbers do not say.",
    ),
    "nothing": (
        "Nothing wrong found",
        "{sequences}: {told} Whether the answers are right only labels can say, and "
        "only of four sequences or more is it asked whether all get the same answer.",
    ),
    "numbers": ("Its numbers", "{sequences}: {told}"),
}
