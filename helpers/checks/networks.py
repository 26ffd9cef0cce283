"""Lesson 6: a Keras network of the learner's own, judged by its layers (Keras is not imported)."""

from helpers.checks.verdicts import Verdict


def judge_two_layers(network):
    """Give the verdict on a network of two recurrent layers and a head of ten logits."""
    if network is ... or network is None:
        return Verdict(False, "Your turn: build my_network, then run this check again.")
    fault = _fault(network)
    if fault:
        return Verdict(False, f"Not yet: {fault}")
    return Verdict(
        True,
        "Right: the first layer hands on a state for every row, the second reads them all and "
        "hands on its last.",
    )


def _fault(network):
    """Say in a sentence what the network is not, or nothing."""
    if isinstance(network, type) or not hasattr(network, "layers"):
        got = (
            f"the class {network.__name__}" if isinstance(network, type) else type(network).__name__
        )
        return f"this asks for a network, keras.Sequential([...]), and got {got}."
    recurrent = [layer for layer in network.layers if hasattr(layer, "return_sequences")]
    if len(recurrent) != 2:
        many = f"{len(recurrent)} recurrent layer{'s' * (len(recurrent) != 1)}"
        return f"it has {many}; two are asked for, one after the other."
    if not network.built:
        return "it does not know yet what comes in: begin with keras.layers.Input((28, 28))."
    came, given = tuple(network.input_shape[1:]), tuple(network.output_shape[1:])
    if came != (28, 28):
        return f"it takes inputs of shape {came}; a digit is 28 rows of 28 pixels."
    if not recurrent[0].return_sequences:
        return (
            "its first recurrent layer hands on its last state alone, so the second does not read "
            "the first's states, one for every row: the first needs return_sequences=True."
        )
    if recurrent[-1].return_sequences:
        return (
            "its second recurrent layer hands on a state for every row, so the head would answer "
            "28 times: only the first needs return_sequences=True."
        )
    if recurrent[-1] is network.layers[-1]:
        return "it ends with a recurrent layer: the head, Dense(10), makes ten logits of its state."
    if given != (10,):
        return f"it gives an output of shape {given}; the head gives ten logits, Dense(10)."
    head = network.layers[-1]
    activation = getattr(getattr(head, "activation", None), "__name__", "linear")
    if type(head).__name__ == "Softmax" or activation == "softmax":
        return (
            "its head ends with softmax, and the loss of this lesson does the softmax itself "
            "(from_logits=True), so it would be done twice: leave it out."
        )
    if activation != "linear":
        return f"its head ends with {activation}; logits may be of any size and sign: leave it out."
    for layer in recurrent:
        if not hasattr(layer, "units"):
            kind = type(layer).__name__
            return f"its layer {layer.name!r} is a {kind} layer: two LSTM layers are asked for."
        if layer.stateful:
            return (
                f"its layer {layer.name!r} has stateful=True and would begin each batch in the "
                "states that other digits have left: leave it out."
            )
    sizes = [layer.units for layer in recurrent]
    if sizes != [64, 64]:
        return f"its recurrent layers have {sizes[0]} and {sizes[1]} units; 64 each are asked for."
    return None
