"""Lesson 7: the last sheet taken apart, one part for each row, and what pinned gates do."""

import numpy as np

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
