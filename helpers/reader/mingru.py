"""The minGRU as a Keras layer (Feng and others, arXiv 2410.01201). Importing this imports Keras."""

from helpers.reader.backend import import_keras

keras = import_keras()
ops = keras.ops


def composed(first, second):
    """Make one step of two: each is (keep, blow), of state -> keep * state + blow."""
    (keep_1, blow_1), (keep_2, blow_2) = first, second
    return keep_1 * keep_2, blow_1 * keep_2 + blow_2


def scan(keep, blow):
    """Compose each step with all before it, (batch, time steps, units): in log2(steps) rounds.

    In each round every step takes in what stands `reach` before it, and reaches twice as far.
    """
    reach = 1
    while reach < keep.shape[1]:
        before = [
            ops.pad(part[:, :-reach], ((0, 0), (reach, 0), (0, 0)), constant_values=nothing)
            for part, nothing in ((keep, 1), (blow, 0))
        ]
        keep, blow = composed(before, (keep, blow))
        reach *= 2
    return keep, blow


@keras.saving.register_keras_serializable(package="hammered_iron_sheet")
class MinGRU(keras.layers.Layer):
    """A minGRU, all steps at once: `rnnscope.cells.mingru_step` gives the same numbers one by one.

    Gate and candidate read the input alone, so every step is known beforehand as a pair (keep,
    blow), and pairs of steps can be made one in any grouping: a parallel scan does so.

    Parameters
    ----------
    units : int
    return_sequences : bool
        Give h after every step, (batch, time steps, units), instead of the last, (batch, units).
    """

    def __init__(self, units, return_sequences=False, return_state=False, **options):
        super().__init__(**options)
        self.units, self.return_sequences = units, return_sequences
        self.return_state = return_state

    def build(self, shape):
        """Make kernel (features, 2 * units) and bias (2 * units,): the columns of z, then of h."""
        if shape[1] is None:
            raise ValueError("MinGRU scans a known number of steps: begin with Input((784, 1)).")
        self.kernel = self.add_weight((shape[-1], 2 * self.units), name="kernel")
        self.bias = self.add_weight((2 * self.units,), "zeros", name="bias")

    def call(self, x, initial_state=None):
        """Read x (batch, time steps, features), from the state h (batch, units) on, or from 0."""
        a_z, candidate = ops.split(ops.matmul(x, self.kernel) + self.bias, 2, axis=-1)
        z = ops.sigmoid(a_z)
        kept, h = scan(1 - z, z * candidate)
        if initial_state is not None:
            h = h + kept * ops.reshape(initial_state, (-1, 1, self.units))
        output = h if self.return_sequences else h[:, -1]
        return (output, h[:, -1]) if self.return_state else output

    def get_config(self):
        """Return what makes the layer again."""
        own = {"units": self.units, "return_sequences": self.return_sequences}
        return super().get_config() | own | {"return_state": self.return_state}
