"""Open any recurrent network by watching it run: every gate and state, proved against the model.

``trace`` runs a model and gives all that its recurrent layers computed, ``replay`` and ``compare``
show it, ``diagnose`` says what is wrong with it, ``writes`` splits an answer into what each step
wrote, ``gradient`` differentiates a model, and `rnnscope.cells` holds the equations in NumPy.
"""

import importlib

_WHERE = {
    "trace": "tracing",
    "gradient": "tracing",
    "open": "files",
    "from_torch": "weights_alone",
    "LayerTrace": "records",
    "NetworkTrace": "records",
    "View": "view",
    "replay": "view",
    "compare": "view",
    "diagnose": "doctor",
    "Finding": "findings",
    "writes": "why",
}
__all__ = [name for name in _WHERE if name != "open"]  # * must not hide Python's own


def __getattr__(name):
    """Import what is asked for: nothing heavy comes with the package itself."""
    if name not in _WHERE:
        raise AttributeError(f"module 'rnnscope' has no attribute {name!r}")
    return getattr(importlib.import_module(f"rnnscope.{_WHERE[name]}"), name)
