"""Tell which array is which, and make a training and a test set that the lessons can use."""

import re

import numpy as np

from helpers.digits import forms
from helpers.digits.packed import SAVE

KEYS = ("x_train", "y_train", "x_test", "y_test")
LEAST = (800, 200)  # digits to train on and to test on; lesson 6 works with no fewer
MNIST = (60_000, 10_000)
PARTS = {"train": "train", "training": "train", "tr": "train"}
PARTS |= {"test": "test", "testing": "test", "te": "test", "t10k": "test"}

_PART = f"({'|'.join(PARTS)}|)"
_KINDS = {"x": "images", "y": "labels"}
_KINDS |= dict.fromkeys(("images", "image", "imgs", "img", "data", "pixels", "features"), "images")
_KINDS |= dict.fromkeys(("labels", "label", "targets", "target", "classes"), "labels")
_KEY = re.compile(f"(?:mnist)?{_PART}(?:set)?({'|'.join(_KINDS)}){_PART}")
_WORDS = {"images": "pictures", "labels": "labels", "all": ""}
_WORDS |= {"train": " to train on", "test": " to test on"}


def named(names, load):
    """Make the set of an npz: names of arrays, and a function that reads one.

    Returns
    -------
    arrays : list of x_train, y_train, x_test, y_test, in the course's form (see `forms`)
    remarks : list of str
        What was decided on the way and the learner should know.

    Raises
    ------
    ValueError
        An array is missing or not what it should be, or the set is too small for the lessons.
    """
    if all(re.fullmatch(r"arr_\d+", name) for name in names):
        return _unnamed(names, load)
    roles = {}
    for name in names:
        match = _KEY.fullmatch(re.sub(r"[^a-z0-9]", "", name.lower()))
        if match and not (match[1] and match[3]):
            part = PARTS.get(match[1] or match[3], "all")
            roles.setdefault((part, _KINDS[match[2]]), []).append(name)
    held = f"it holds {', '.join(names)}. Save the set with {SAVE}."
    return whole(roles, load, str, held)


def _unnamed(names, load):
    """Tell apart the arrays of a set that was saved without names, by their shapes."""
    unclear = f"whose arrays have no names. Save the set with {SAVE}."
    if len(names) not in (2, 4):
        raise ValueError(f"it is an npz of {len(names)} arrays, {unclear}")
    arrays = {name: np.atleast_1d(load(name)) for name in names}
    pictures = [name for name in names if arrays[name].size >= forms.PIXELS * LEAST[1]]
    labels = [name for name in names if name not in pictures]
    if len(pictures) != len(labels):
        raise ValueError(f"it is an npz of {len(pictures)} arrays of pictures, {unclear}")
    # As many labels as pictures in each pair, and more to train on than to test on.
    pictures.sort(key=lambda name: -arrays[name].size)
    labels.sort(key=lambda name: -len(arrays[name]))
    parts = ("train", "test") if len(names) == 4 else ("all",)
    roles = {(part, "images"): [name] for part, name in zip(parts, pictures, strict=True)}
    roles |= {(part, "labels"): [name] for part, name in zip(parts, labels, strict=True)}
    return whole(roles, arrays.__getitem__, str, unclear)


def whole(roles, load, name_of, held):
    """Make the set of arrays whose roles are known; returns and raises as `named` does.

    Parameters
    ----------
    roles : dict of lists
        {(part, kind): [what may be it, ...]} for the parts "train", "test" or "all" and the kinds
        "images" and "labels".
    load, name_of : functions that give the array, and its name for an error
    held : str, said where one is missing
    """
    given = {part for part, _ in roles}
    parts = ["train", "test"] if "test" in given else ["train"] if "train" in given else ["all"]
    chosen = {}
    for role in [(part, kind) for part in parts for kind in ("labels", "images")]:
        names = roles.get(role, [])
        if len(names) > 1:  # Keras's own names go before any other
            names = [name for name in names if name in KEYS] or names
        if not names:
            raise ValueError(f"it lacks the {_WORDS[role[1]]}{_WORDS[role[0]]}: {held}")
        if len(names) > 1:
            raise ValueError(
                f"{name_of(names[0])} and {name_of(names[1])} could both be the "
                f"{_WORDS[role[1]]}{_WORDS[role[0]]}. Save the set with {SAVE}."
            )
        chosen[role] = names[0]
    result = {}
    for part in parts:
        of_images, of_labels = chosen[part, "images"], chosen[part, "labels"]
        labels = forms.labels(load(of_labels), name_of(of_labels))
        images = forms.images(load(of_images), name_of(of_images), len(labels))
        result[part] = images, labels
    return _usable(result)


def _usable(pairs):
    """Make a training and a test set of what was read, and see that the lessons can use them."""
    remarks = []
    if "test" not in pairs:
        ((images, labels),) = pairs.values()
        pairs = _split(images, labels, remarks)
    (x_train, y_train), (x_test, y_test) = pairs["train"], pairs["test"]
    for labels, use in ((y_train, "to train on"), (y_test, "to test on")):
        if missing := [digit for digit in range(10) if digit not in labels]:
            raise ValueError(
                f"among the digits {use} there is no {missing[0]}. The lessons show digits of "
                "every kind: add some of each."
            )
    if len(y_train) < LEAST[0] or len(y_test) < LEAST[1]:
        raise ValueError(
            f"it has {len(y_train):,} digits to train on and {len(y_test):,} to test on. The "
            f"lessons need {LEAST[0]} and {LEAST[1]}, or {sum(LEAST):,} in one set: add some."
        )
    # Lesson 6 sets the last digits aside, and they must not all be nines.
    if len(np.unique(y_train[-len(y_train) // 10 :])) < 10:
        mixed = np.random.RandomState(0).permutation(len(y_train))
        x_train, y_train = x_train[mixed], y_train[mixed]
        remarks.append("those to train on came sorted and were mixed")
    return [x_train, y_train, x_test, y_test], remarks


def _split(images, labels, remarks):
    if len(labels) == sum(MNIST) and len(np.unique(labels[MNIST[0] :])) == 10:
        remarks.append("they came in one set, of which the first 60,000 are to train on")
        test = np.arange(len(labels)) >= MNIST[0]
    else:
        remarks.append(
            "they came in one set, of which every fifth of each kind is to test on (if they are "
            "MNIST's, the weights that the course carries have seen most of them in training)"
        )
        test = np.zeros(len(labels), bool)
        test[np.argsort(labels, kind="stable")[4::5]] = True
    return {"train": (images[~test], labels[~test]), "test": (images[test], labels[test])}
