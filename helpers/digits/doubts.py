"""Look whether pictures are what a set of digits should hold; doubt is said, never acted on."""

import numpy as np

LOOKED_AT = 50  # pictures of each part: enough to tell reading from guessing, in some 10 ms
READ = 0.7  # the share read rightly of what is in order: a guess is 0.1, a hard handwriting 0.8

# What undoes the two usual faults, dark ink on bright paper, and EMNIST's exchanged rows and
# columns: in the learner's words, and here.
CURES = {
    "255 - images": lambda images: 255 - images,
    "images.transpose(0, 2, 1)": lambda images: images.transpose(0, 2, 1),
}


def doubt(images, labels):
    """Say in one sentence what looks wrong with digits.

    The reader that comes with the course reads some of them. A handwriting that it reads badly is
    no fault; pictures that it cannot read at all may be no digits.

    Parameters
    ----------
    images : uint8 (n, 28, 28)
    labels : uint8 (n,)

    Returns
    -------
    str or None
    """
    from helpers.reader import shipped  # seldom needed
    from helpers.trace import accuracy

    some = np.linspace(0, len(labels) - 1, LOOKED_AT).astype(int)
    images, labels, weights = images[some], labels[some], shipped()
    share = accuracy(weights, images, labels)
    if share >= READ:
        return None
    for cure, undo in CURES.items():
        if accuracy(weights, undo(images), labels) >= READ:
            return f"they look like digits after {cure}. They are used as they are; save them so."
    return (
        f"the course's reader reads {share:.0%} of some of them rightly (a guess: 10 %). They may "
        "be turned, be no digits, or have the labels of others (Fashion-MNIST has files of the "
        "same names). They are used as they are."
    )
