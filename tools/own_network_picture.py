"""Train a small network of one's own, and draw the picture of docs/own_network.md.

    uv run python tools/own_network_picture.py

An LSTM of 8 units learns in a minute whether brackets are balanced. The picture is its replay over
one string of brackets, at three steps; its words become the picture's alternative text.
"""

import re
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.figures.frames import filmstrip  # noqa: E402
from helpers.reader import import_keras  # noqa: E402
from helpers.replay import replay_network  # noqa: E402
from tools import arguments  # noqa: E402

PAGE = ROOT / "docs" / "own_network.md"
PICTURE = PAGE.with_suffix(".png")
TEXT = "(()(()))"
KEYS = (2, 5, 7)
MARKED = re.compile(r"(<!-- picture -->\n).*(\n<!-- /picture -->)", re.DOTALL)


def main() -> None:
    """Train, draw, and write the picture and its words."""
    arguments.new_parser(__doc__).parse_args()
    model, accuracy = trained()
    print(f"It tells {accuracy:.1%} of new strings rightly.")
    replay = replay_network(model, encoded(TEXT), steps=TEXT, classes=["open", "balanced"])
    frames = replay._frames
    PICTURE.write_bytes(filmstrip(frames, keys=KEYS, columns=1))
    words = " ".join(frames.words[key].split(" Mean over")[0] + " " + answer(frames.words[key])
                     for key in KEYS)  # fmt: skip
    alt = (
        f"Three steps of a replay: an LSTM reads the brackets {TEXT} one by one; beside it every "
        f"gate and state of its 8 units, below it what it would say. {words}"
    )
    page = PAGE.read_text(encoding="utf-8")
    line = f"![{alt}](own_network.png)"
    arguments.write_text(PAGE, MARKED.sub(lambda found: found[1] + line + found[2], page))


def answer(words: str) -> str:
    """Return the sentence of a step's words that says what the network says."""
    return re.search(r"(?:Stopped here, the|The) network (?:would say|says)[^.]*\.", words)[0]


def encoded(text: str):
    """Return a string of brackets as numbers: 1 opens, 2 closes."""
    return np.array([1 if letter == "(" else 2 for letter in text])


def trained():
    """Train the network; return it, and its accuracy on strings that it has not seen."""
    keras = import_keras()
    keras.utils.set_random_seed(1)
    random = np.random.default_rng(1)
    steps, x, y = 12, [], []
    while len(x) < 8000:
        length = int(random.integers(1, steps + 1))
        home = length % 2 == 0 and random.random() < 0.7  # the others go where they will
        depth, text = 0, []
        for left in range(length, 0, -1):
            close = depth > 0 and (random.random() < 0.5 or (home and depth == left))
            depth += -1 if close else 1
            text.append(2 if close else 1)
        x.append([0] * (steps - length) + text)
        y.append(depth == 0)
    x, y = np.array(x), np.array(y, "float32")
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((None,), dtype="int32"), layers.Embedding(3, 2, mask_zero=True),
         layers.LSTM(8), layers.Dense(1, activation="sigmoid")]
    )  # fmt: skip
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"],
                  jit_compile=False)  # fmt: skip
    model.fit(x[1000:], y[1000:], batch_size=64, epochs=12, verbose=0)
    return model, model.evaluate(x[:1000], y[:1000], verbose=0)[1]


if __name__ == "__main__":
    main()
