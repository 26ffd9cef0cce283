"""Train the network of PyTorch that lesson 9 opens, which says whether brackets are balanced.

    python benchmarks/train_brackets.py weights.npz

It needs PyTorch, and a minute. An LSTM of 8 units reads strings of 12 brackets and answers after
each. The file holds its state_dict as arrays; `helpers/data/brackets_torch.npz` came of it.
"""

import sys

import numpy as np
import torch

OPEN, SHUT = 1, 2


class Brackets(torch.nn.Module):
    """As lesson 9 has it."""

    def __init__(self):
        super().__init__()
        self.look_up = torch.nn.Embedding(3, 4)
        self.lstm = torch.nn.LSTM(4, 8, batch_first=True)
        self.fc = torch.nn.Linear(8, 2)

    def forward(self, tokens):
        """Answer after each bracket: logits (batch, steps, 2)."""
        states, _ = self.lstm(self.look_up(tokens))
        return self.fc(states)


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
    return torch.tensor(tokens), torch.tensor(balanced.astype(int))


def main():
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = Brackets()
    optimizer = torch.optim.Adam(network.parameters(), 0.01)
    x, y = strings(4000, rng)
    for _ in range(60):
        for rows in torch.randperm(len(x)).split(100):
            made = network(x[rows]).flatten(0, 1)
            loss = torch.nn.functional.cross_entropy(made, y[rows].flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    x, y = strings(2000, rng)
    right = (network(x).argmax(-1) == y).float().mean()
    print(f"right after {right:.2%} of the brackets of 2,000 new strings")
    arrays = {name: value.numpy() for name, value in network.state_dict().items()}
    np.savez_compressed(sys.argv[1], **arrays)


if __name__ == "__main__":
    main()
