"""Look whether pictures are what a set of digits should hold; doubt is said, never acted on."""

import functools
from pathlib import Path

import numpy as np

from helpers import cells

READER = Path(__file__).parent.parent / "data" / "reader_lstm.npz"
LOOKED_AT = 50  # pictures of each part: enough to tell reading from guessing, in some 10 ms
READ = 0.7  # the share read rightly of what is in order: a guess is 0.1, a hard handwriting 0.8


def _exchanged(images):
    return images.transpose(0, 2, 1)


# What may have happened to pictures, and what undoes it: in the learner's words, and here.
CHANGES = {
    "with rows and columns exchanged": ("images.transpose(0, 2, 1)", _exchanged),
    "with paper and ink exchanged": ("255 - images", lambda x: 255 - x),
    "with paper and ink, and rows and columns, exchanged": (
        "255 - images.transpose(0, 2, 1)",
        lambda x: 255 - _exchanged(x),
    ),
    "mirrored from left to right": ("images[:, :, ::-1]", lambda x: x[:, :, ::-1]),
    "mirrored from top to bottom": ("images[:, ::-1]", lambda x: x[:, ::-1]),
    "turned by half a turn": ("images[:, ::-1, ::-1]", lambda x: x[:, ::-1, ::-1]),
    "turned to the left": (
        "images.transpose(0, 2, 1)[:, :, ::-1]",
        lambda x: _exchanged(x)[:, :, ::-1],
    ),
    "turned to the right": (
        "images.transpose(0, 2, 1)[:, ::-1]",
        lambda x: _exchanged(x)[:, ::-1],
    ),
}


def doubt(x_train, y_train, x_test, y_test):
    """Say in one sentence what looks wrong with a set.

    The reader that comes with the course reads some pictures of each part. A handwriting that it
    reads badly is no fault; pictures that it cannot read at all may be no digits.

    Parameters
    ----------
    x_train, x_test : uint8 (n, 28, 28)
    y_train, y_test : uint8 (n,)

    Returns
    -------
    str or None
    """
    said = {}
    for part, images, labels in (("train", x_train, y_train), ("test", x_test, y_test)):
        some = np.linspace(0, len(labels) - 1, LOOKED_AT).astype(int)
        if words := _doubt_of(images[some], labels[some]):
            said.setdefault(words, []).append(part)
    for words, parts in said.items():
        which = "its pictures" if len(parts) == 2 else f"its pictures to {parts[0]} on"
        return f"{which} {words}"
    return None


def _doubt_of(images, labels):
    share = _share_read(images, labels)
    if share < READ:
        undone = {words: _share_read(undo(images), labels) for words, (_, undo) in CHANGES.items()}
        words = max(undone, key=undone.get)
        if undone[words] >= max(READ, share + 0.2):
            return (
                f"look like digits {words}. They are used as they are; to undo it, save them as "
                f"{CHANGES[words][0]}."
            )
        read = f"the course's reader reads {share:.0%} of some of them rightly (a guess: 10 %)"
        if images.mean() > 127:
            return (
                f"hold more ink than paper (bright is ink), and {read}. They are used as they are; "
                "if the paper is bright, save 255 - images."
            )
        return (
            f"may be no digits, or have the labels of others: {read}. They are used as they are. "
            "Fashion-MNIST and KMNIST have files of the same names."
        )
    if len(np.unique(images)) <= 2:
        return "have two tones, where MNIST has 256. They are used as they are."
    return None


def _share_read(images, labels):
    """Return the share of pictures that the shipped reader reads as their labels say, 0..1."""
    reader = _reader()
    if reader is None:  # then nothing can be said
        return 1.0
    weights, head, head_bias = reader
    x = np.divide(images, 255, dtype=np.float32)
    last = cells.unroll("lstm", x, weights).h[:, -1]
    return float(((last @ head + head_bias).argmax(1) == labels).mean())


@functools.cache
def _reader():
    """Return the shipped LSTM's weights and its head, or None where the file cannot be read."""
    try:
        with np.load(READER, allow_pickle=False) as file:
            weights = [file[name] for name in cells.Weights._fields]
            return cells.Weights(*weights), file["head_kernel"], file["head_bias"]
    except Exception:  # a second look at data must never stand in the way of the data
        return None
