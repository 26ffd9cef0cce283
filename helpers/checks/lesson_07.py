"""Lesson 7: the last sheet taken apart, one part for each row, and what pinned gates do."""

import numpy as np

from helpers.checks.plain_answers import GATES, STATE_NAMES, Answer
from helpers.checks.verdicts import Case, Exercise, Wrong


def _left_of(f):
    """Give the share of each row's dent that all later forget gates leave."""
    return np.append(np.cumprod(f[:0:-1], axis=0)[::-1], np.ones_like(f[:1]), axis=0)


def _parts(i, f, candidate, left_of=_left_of):
    return left_of(f) * i * candidate


def _with(left_of):
    return lambda i, f, candidate: _parts(i, f, candidate, left_of)


def _c_after_every_row(i, f, candidate):
    c, all_c = np.zeros(i.shape[1]), []
    for t in range(len(i)):
        c = f[t] * c + i[t] * candidate[t]
        all_c.append(c)
    return np.array(all_c)


def _cases():
    cases = []
    for seed, (time_steps, units) in enumerate([(5, 3), (4, 6)]):
        rng = np.random.default_rng(seed)
        i, f = rng.uniform(0.3, 0.9, size=(2, time_steps, units))
        candidate = rng.uniform(-1, 1, size=(time_steps, units))
        cases.append(Case((i, f, candidate), {"time steps": time_steps, "units": units}))
    return cases


PARTS_OF_SHEET = Exercise(
    name="parts_of_sheet",
    asks="what each row left on the LSTM's last sheet.",
    takes=("i", "f", "candidate"),
    gives={"parts": ("time steps", "units")},
    right=_parts,
    cases=_cases(),
    wrong=[
        Wrong(
            lambda i, f, candidate: i * candidate,
            "nothing is forgotten there: each blow is multiplied by all forget gates after it.",
        ),
        Wrong(
            lambda i, f, candidate: _left_of(f) * candidate,
            "the input gate is left out: what lands of a blow is i * candidate.",
        ),
        Wrong(
            lambda i, f, candidate: _left_of(f) * i,
            "the candidate is left out: what lands of a blow is i * candidate.",
        ),
        Wrong(
            lambda i, f, candidate: _left_of(f),
            "that is the share that is left; the part is that share of what landed, i * candidate.",
        ),
        Wrong(
            lambda i, f, candidate: f * i * candidate,
            "a row's own forget gate works before its blow lands: it is the later ones that count, "
            "and all of them.",
        ),
        Wrong(
            _with(lambda f: np.cumprod(f[::-1], axis=0)[::-1]),
            "each row's own forget gate is in its product: it works on the old sheet, before the "
            "row's blow lands, so only the later ones count.",
        ),
        Wrong(
            _with(lambda f: np.cumprod(f, axis=0)),
            "that multiplies the forget gates up to the row: a dent is changed by those after it.",
        ),
        Wrong(
            _with(lambda f: np.append(np.ones_like(f[:1]), np.cumprod(f, axis=0)[:-1], axis=0)),
            "that multiplies the forget gates before the row: a dent is changed by those after it.",
        ),
        Wrong(
            _with(lambda f: np.append(f[1:], np.ones_like(f[:1]), axis=0)),
            "only the next row's forget gate is in it: all later ones are multiplied.",
        ),
        Wrong(
            _with(lambda f: _left_of(1 - f)),
            "the forget gate works the wrong way round: at 1 it keeps all.",
        ),
        Wrong(
            _with(lambda f: _left_of(f.T).T),
            "that multiplies over the units: the time steps are the first axis.",
        ),
        Wrong(
            lambda i, f, candidate: _parts(i, f, candidate).sum(axis=0),
            "that is the last sheet itself, the sum: give each row's part, before they are added.",
        ),
        Wrong(
            lambda i, f, candidate: _parts(i, f, candidate).sum(axis=1),
            "that adds up the units: each part is a whole sheet, one number a unit.",
        ),
        Wrong(
            _c_after_every_row,
            "that is the sheet after each row: asked is what each row alone left on the last one.",
        ),
    ],
    look={"parts": "what lands of each row's blow, and which forget gates come after it"},
    praise="added up over the rows, your parts are the last sheet.",
    corners=[
        Case(tuple(np.array([[0.5, 0.2]]) for _ in range(3)), name="a single row"),
        Case(
            (np.full((3, 2), 0.5), np.array([[0.5, 0.2], [0, 0.9], [0.3, 0]]), np.ones((3, 2))),
            name="a forget gate at 0",
        ),
    ],
)


# --- plain answers -----------------------------------------------------------------------------

ANSWERS = {
    # Lesson 7 (misconceptions 7, 8, 13 and 15).
    "lesson 7: only the last row": Answer(
        right=[("f", 0)],
        wrong={
            ("f", 1): "it is the other way round: 1 keeps all, so every row is still there.",
            ("i", 0): "then no blow lands at all, that of the last row included.",
            ("i", 1): "then every blow lands in full, and what is left of the earlier ones stays.",
            ("o", 0): "the output gate comes after the sheet: it hides it and changes nothing on "
            "it.",
            ("o", 1): "the output gate comes after the sheet: it shows it and changes nothing on "
            "it.",
        },
        look="give a letter and a number: which gate decides what stays of the old sheet?",
        praise="c = 0 * c + i * candidate: 0 forgets all that was before.",
        same=GATES,
    ),
    "lesson 7: output gate shut": Answer(
        right=[{"h"}],
        wrong={
            **dict.fromkeys(
                (frozenset({"h", "c"}), frozenset({"c"}), frozenset({"c", "candidate"})),
                "c is made by f and i before o has its say: look at shut.c.",
            ),
            frozenset({"candidate", "h"}): "the candidate still reads the row, although no longer "
            "what was shown: look at shut.candidate.",
            frozenset({"candidate"}): "the candidate still reads the row: look at shut.candidate.",
            frozenset({"c", "h", "candidate"}): "the rows are read as before: look at "
            "shut.candidate and at shut.c.",
            frozenset(): "one of them is o times something.",
        },
        look="which of them is multiplied by o?",
        praise="h is o * tanh(c); the sheet goes on taking blows under its cover.",
        same=GATES | STATE_NAMES,
    ),
    "lesson 7: what shows forgetting": Answer(
        right=["after"],
        wrong={
            "hidden": "hidden rows are never read: what was not there cannot be forgotten.",
            "before": "before the digit nothing has been read that could be forgotten.",
            "shuffled": "shuffled rows are all read, in an order that it does not know: that is "
            "no loss of memory.",
            "none": "in one of them all rows of the digit are read as usual, nothing new comes, "
            "and the accuracy falls all the same.",
        },
        look="answer 'hidden', 'before', 'after', 'shuffled' or 'none'.",
        praise="all of it was read as usual, nothing spoke against it, and yet it was lost.",
        same=dict.fromkeys(("rows after", "empty rows after"), "after"),
    ),
    "lesson 7: shuffled": Answer(
        right=[{"sum"}],
        wrong={
            **dict.fromkeys(
                (
                    frozenset({"sum", "c"}),
                    frozenset({"sum", "c", "h"}),
                    frozenset({"sum", "c", "h", "belief"}),
                ),
                "c is no sum of the rows: what is left of a row depends on the gates after it.",
            ),
            frozenset({"sum", "h"}): "h is made from c, and c depends on the order.",
            frozenset({"sum", "belief"}): "the belief is made from h, which depends on the order.",
            frozenset({"c"}): "c is no sum of the rows: what is left of a row depends on the gates "
            "after it.",
            frozenset(): "one of the four does not ask which row came when.",
        },
        look="compare each of the four for an image and for the image with its rows shuffled.",
        praise="a sum does not carry the order; the state does.",
        same=STATE_NAMES | {"sum of the rows": "sum"},
    ),
}
