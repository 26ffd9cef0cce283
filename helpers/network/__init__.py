"""Open anybody's recurrent network: read it, step it in NumPy, prove that it is the model's own.

`read` makes of a Keras model a plain list of steps (`recurrent` knows the recurrent layers, `own`
the model itself), `steps` runs it, `prove` compares with the model, `heads` says what the network
makes of each state, `traces` is what comes back, `gradients` differentiates; `torch` and `arrays`
make networks of arrays, `files` opens them. Keras is imported where a Keras model is given, PyTorch
never.
"""

from helpers.network.arrays import of_reader
from helpers.network.files import open_file
from helpers.network.gradients import gradient
from helpers.network.torch import from_torch
from helpers.network.traces import LayerTrace, NetworkTrace
from helpers.network.tracing import is_one, trace

__all__ = [
    "LayerTrace",
    "NetworkTrace",
    "from_torch",
    "gradient",
    "is_one",
    "of_reader",
    "open_file",
    "trace",
]
