"""Write torch_recurrent.npz: weights, inputs and outputs of PyTorch's recurrent modules.

Run with a Python that has PyTorch and NumPy: `python tests/data/make_torch_arrays.py`. Every
module gives the arrays "NAME|weights|ENTRY" (its state_dict), "NAME|x" (time steps, features) and
"NAME|output"; the last one is an LSTM and a Linear in a module of their own, which torch_tagger.pt
holds in a checkpoint as well.
"""

from pathlib import Path

import numpy as np
import torch

MODULES = {
    "lstm": (torch.nn.LSTM, {}),
    "lstm, 3 layers both ways": (torch.nn.LSTM, {"num_layers": 3, "bidirectional": True}),
    "lstm without bias": (torch.nn.LSTM, {"bias": False, "batch_first": True}),
    "gru": (torch.nn.GRU, {"batch_first": True}),
    "gru, 2 layers both ways": (torch.nn.GRU, {"num_layers": 2, "bidirectional": True}),
    "gru without bias": (torch.nn.GRU, {"bias": False}),
    "rnn tanh": (torch.nn.RNN, {"num_layers": 2}),
    "rnn relu both ways": (torch.nn.RNN, {"nonlinearity": "relu", "bidirectional": True}),
    "lstm float64": (torch.nn.LSTM, {"dtype": torch.float64}),
}


class Tagger(torch.nn.Module):
    """An LSTM and a Linear on every step."""

    def __init__(self):
        super().__init__()
        self.reads = torch.nn.LSTM(5, 4, bidirectional=True, batch_first=True)
        self.fc = torch.nn.Linear(8, 3)

    def forward(self, x):
        """Run both."""
        return self.fc(self.reads(x)[0])


def arrays(name, module, x):
    """Give a module's arrays under its name."""
    with torch.no_grad():
        made = module(x)
    made = made[0] if isinstance(made, tuple) else made
    kept = {f"{name}|weights|{entry}": t.numpy() for entry, t in module.state_dict().items()}
    return {**kept, f"{name}|x": x.numpy(), f"{name}|output": made.numpy()}


if __name__ == "__main__":
    torch.manual_seed(20261125)
    kept = {}
    for name, (kind, options) in MODULES.items():
        module = kind(3, 4, **options)
        for parameter in module.parameters():
            torch.nn.init.normal_(parameter, std=0.6)
        kept |= arrays(name, module, torch.randn(6, 3, dtype=next(module.parameters()).dtype))
    tagger = Tagger()
    kept |= arrays("tagger", tagger, torch.randn(7, 5))
    checkpoint = {"epoch": 3, "model_state_dict": tagger.state_dict(), "loss": torch.tensor(0.5)}
    torch.save(checkpoint, Path(__file__).with_name("torch_tagger.pt"))
    np.savez_compressed(Path(__file__).with_name("torch_recurrent.npz"), **kept)
