"""ONNX models, run by onnxruntime and watched at their nodes LSTM, GRU and RNN."""

import numpy as np

from rnnscope import passes, validation
from rnnscope.adapters import Ending, Seen
from rnnscope.passes import RELU, TANH, Call, Cell
from rnnscope.validation import Weights

# Where ONNX's blocks of rows stand among Keras's: its LSTM has i, o, f, c for Keras's i, f, c, o.
ORDER = {"RNN": (0,), "GRU": (0, 1, 2), "LSTM": (0, 2, 3, 1)}
ACTIVATIONS = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}
INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P")
PLAIN = {"activations", "direction", "hidden_size", "linear_before_reset"}
ENDINGS = {"Softmax": "softmax", "Sigmoid": "sigmoid"}


class OnnxModel:
    """An ONNX file as an `Adapter`, in which nothing can be pinned or differentiated."""

    caveat = ""

    def __init__(self, path):
        import onnx
        import onnxruntime

        self.name, model = path.stem, onnx.load(path)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors
        cpu = ["CPUExecutionProvider"]
        self.session = onnxruntime.InferenceSession(path, options, providers=cpu)
        graph, self.layers = model.graph, {}
        self.outputs = [output.name for output in graph.output]
        self.constants = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
        for number, node in enumerate(graph.node):
            if node.op_type in ORDER:
                parts = [part for part in node.name.split("/") if part not in ("", node.op_type)]
                name = ".".join(parts)
                if not name or name in self.layers:
                    name += f"{node.op_type.lower()}_{number}"
                node.output.extend([""] * (2 + (node.op_type == "LSTM") - len(node.output)))
                for place, output in enumerate(node.output):
                    node.output[place] = output or f"{name}: output {place}"
                read = onnx.helper.get_attribute_value
                self.layers[name] = node, {one.name: read(one) for one in node.attribute}
        made_by = {name: node for node in graph.node for name in node.output}
        last = made_by.get(self.outputs[0])
        self.ending = last if last is not None and last.op_type in ENDINGS else None
        watched = [name for node, _ in self.layers.values() for name in (*node.input, *node.output)]
        watched += self.ending.input if self.ending else []
        self.watched = [n for n in dict.fromkeys(watched) if n and n not in self.constants]
        for name in self.watched:
            if name not in self.outputs:
                graph.output.append(onnx.ValueInfoProto(name=name))
        text = model.SerializeToString()
        self.watching = onnxruntime.InferenceSession(text, options, providers=cpu)

    def prepare(self, x, kwargs):
        """Judge the inputs: one array, several in their order, or by name."""
        inputs = {one.name: one for one in self.session.get_inputs()}
        several = x if isinstance(x, tuple) else () if x is None else (x,)
        x = x if isinstance(x, dict) else dict(zip(inputs, several, strict=False))
        x = {**x, **kwargs}
        if set(x) != set(inputs):
            raise ValueError(f"{self.name} takes {', '.join(inputs)}; given are {', '.join(x)}.")
        args = []
        for name, source in inputs.items():
            value, sizes = validation.array(x[name], name), source.shape
            fixed = zip(value.shape, sizes, strict=False)
            if value.ndim != len(sizes) or any(isinstance(n, int) and n != m for m, n in fixed):
                raise ValueError(f"{name} has shape {value.shape}; its model takes {tuple(sizes)}.")
            dtype = source.type.removeprefix("tensor(").removesuffix(")")
            args.append(value.astype({"float": "float32", "double": "float64"}.get(dtype, dtype)))
        return tuple(args), {}

    def _run(self, session, names, args):
        inputs = self.session.get_inputs()
        try:
            return session.run(names, {n.name: arg for n, arg in zip(inputs, args, strict=True)})
        except Exception as error:  # onnxruntime's own kinds
            why = " ".join(str(error).split())[:300]
            raise ValueError(f"The model {self.name!r} itself cannot run this x: {why}") from error

    def run(self, args, kwargs):
        """Run the model as it is."""
        return self._run(self.session, self.outputs, args)

    def watch(self, args, kwargs, *, row=0, changes=None, stops=None):
        """Run the model, and open its recurrent nodes."""
        if changes is not None or stops is not None:
            raise ValueError(
                f"In {self.name}, which onnxruntime runs, no gate can be pinned and no unit "
                "silenced: give the model in PyTorch or Keras."
            )
        names = [*self.outputs, *self.watched]
        found = dict(zip(names, self._run(self.watching, names, args), strict=True))
        calls = [
            _call(name, *layer, self.constants | found, row) for name, layer in self.layers.items()
        ]
        ending = Ending()
        if self.ending:
            ending = Ending(ENDINGS[self.ending.op_type], found[self.ending.input[0]])
        return Seen([found[name] for name in self.outputs], calls, ending)

    def gradient(self, args, kwargs, pick):
        """Refuse: onnxruntime does not differentiate."""
        raise ValueError("onnxruntime makes no gradients: give the model in PyTorch or Keras.")


def _call(name, node, options, values, row):
    """Recompute one node, and compare it with what the node gave."""
    kind, call = node.op_type, Call(name)
    read = {part: values[one] for part, one in zip(INPUTS, node.input, strict=False) if one}
    x = read["X"].swapaxes(0, 1)
    if x.dtype == np.float16:
        call.closed = f"{name} computes in float16: export it in float32."
        return call
    activations = [one.decode().title() for one in options.get("activations", ())]
    relu, ways = kind == "RNN" and set(activations) == {"Relu"}, len(read["W"])
    odd = [one for one, value in options.items() if value and one not in PLAIN]
    odd += ["peepholes"] * ("P" in read)
    if not relu and activations not in ([], ACTIVATIONS[kind] * ways):
        odd.append(f"activations {', '.join(activations)}")
    if odd:
        call.closed = f"{name} has {', '.join(odd)}, of which its gates are not made here."
        return call
    mask, call.apart = None, 0.0
    if "sequence_lens" in read:
        mask = np.arange(x.shape[1]) < read["sequence_lens"][:, np.newaxis]
    for way in range(ways):
        cell = _cell(name, kind, read, way, ways, options.get("linear_before_reset", 0), relu)
        parts = [read[part][way] for part in ("initial_h", "initial_c") if part in read]
        states = passes.first_state(cell, len(x), x.dtype)
        states = (*parts, *states[len(parts) :])
        backwards = (ways == 2 and way == 1) or options.get("direction") == b"reverse"
        h = values[node.output[0]][:, way].swapaxes(0, 1)
        history, apart = passes.run_beside(cell, x, h, mask, states, backwards)
        call.records.append(passes.record(cell, name, history, x, mask, backwards, row))
        ends = passes.ends(history, cell, backwards)
        call.first, call.last = call.first + history.initial_state, call.last + ends
        own = [values[one][way] for one in node.output[1:]]
        call.apart = max(call.apart, apart, passes.apart(ends, own))
    return call


def _cell(name, kind, read, way, ways, reset_after, relu):
    """Make the cell of one direction, its gates in Keras's order."""
    order = list(ORDER[kind])

    def turned(rows):
        return np.concatenate([np.split(rows, len(order))[number] for number in order])

    kernel, recurrent = (turned(read[part][way]).T for part in ("W", "R"))
    both = read["B"][way] if "B" in read else np.zeros(2 * kernel.shape[1], kernel.dtype)
    bias = np.stack([turned(one) for one in np.split(both, 2)])
    bias = bias if kind == "GRU" else bias.sum(0)
    place = name if ways == 1 else f"{name}/{('forward', 'backward')[way]}"
    weights = validation.cell_weights(kind.lower(), Weights(kernel, recurrent, bias))
    activation = RELU if relu else TANH
    return Cell(place, kind.lower(), weights, activation, reset_after=bool(reset_after))
