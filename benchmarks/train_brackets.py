"""Train the network of PyTorch that lesson 9 opens, which says whether brackets are balanced.

    python benchmarks/train_brackets.py weights.npz

It needs PyTorch, and a minute. An LSTM of 8 units reads strings of 12 brackets and answers after
each. The file holds its state_dict as arrays; `helpers/data/brackets_torch.npz` came of it.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import arguments

OPEN, SHUT = 1, 2


def brackets_network(torch):
    """Make the network as lesson 9 has it."""

    class Brackets(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.look_up = torch.nn.Embedding(3, 4)
            self.lstm = torch.nn.LSTM(4, 8, batch_first=True)
            self.fc = torch.nn.Linear(8, 2)

        def forward(self, tokens):
            states, _ = self.lstm(self.look_up(tokens))
            return self.fc(states)

    return Brackets()


def strings(n, rng, steps=12):
    """Draw strings, every other one without a fault, and whether each beginning is balanced."""
    tokens = rng.integers(OPEN, SHUT + 1, (n, steps))
    for row in range(0, n, 2):
        depth = 0
        for t in range(steps):
            opens = depth < steps - t and (depth == 0 or rng.random() < 0.5)
            tokens[row, t] = OPEN if opens else SHUT
            depth += 1 if opens else -1
    depth = np.where(tokens == OPEN, 1, -1).cumsum(axis=1)
    balanced = (depth == 0) & (np.minimum.accumulate(depth, axis=1) >= 0)
    return tokens, balanced.astype(int)


def main():
    parser = arguments.new_parser(__doc__)
    parser.add_argument("path", help="where to write the weights, a .npz that is not there yet")
    given = parser.parse_args()
    import torch

    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = brackets_network(torch)
    optimizer = torch.optim.Adam(network.parameters(), 0.01)
    x, y = map(torch.tensor, strings(4000, rng))
    for _ in range(60):
        for rows in torch.randperm(len(x)).split(100):
            made = network(x[rows]).flatten(0, 1)
            loss = torch.nn.functional.cross_entropy(made, y[rows].flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    x, y = map(torch.tensor, strings(2000, rng))
    right = (network(x).argmax(-1) == y).float().mean()
    print(f"right after {right:.2%} of the brackets of 2,000 new strings")
    arrays = {name: value.numpy() for name, value in network.state_dict().items()}
    with Path(given.path).open("xb") as file:
        np.savez_compressed(file, **arrays)


if __name__ == "__main__":
    main()
