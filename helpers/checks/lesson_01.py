"""Lesson 1: a sheet of iron that keeps a part of each dent; and lesson 0's question."""

from functools import partial

import numpy as np

from helpers.checks.verdicts import Case, Exercise, Wrong


def _leaky(state, blow, keep):
    return keep * state + blow


def _leaky_cases():
    rng = np.random.default_rng(1)
    return [Case(tuple(rng.uniform(0.55, 0.95, 3).round(2).tolist()), {}) for _ in range(4)]


LEAKY_IDEAS = [
    Wrong(
        lambda state, blow, keep: state + blow,
        "nothing fades: keep says how much of the old state is left when the new blow falls.",
    ),
    Wrong(
        lambda state, blow, keep: keep * (state + blow),
        "the new blow fades too: keep works on the old state alone, before the blow is added.",
    ),
    Wrong(
        lambda state, blow, keep: state + keep * blow,
        "keep stands at the blow: it belongs to the old state.",
    ),
    Wrong(
        lambda state, blow, keep: (1 - keep) * state + blow,
        "keep works the wrong way round: at 1 all of the old state stays, at 0 nothing.",
    ),
    Wrong(
        lambda state, blow, keep: keep * state + (1 - keep) * blow,
        "the blow is scaled by 1 - keep, as in a running mean: here it falls with its full weight.",
    ),
    Wrong(
        lambda state, blow, keep: blow,
        "the old state is not kept: the sheet forgets every earlier blow.",
    ),
    Wrong(
        lambda state, blow, keep: keep + state + blow,
        "keep is added: it is the part of the old state that stays, so multiply by it.",
    ),
]

LEAKY_STEP = Exercise(
    name="leaky_step",
    asks="one blow on a sheet that keeps a part of its dent.",
    takes=("state", "blow", "keep"),
    gives={"state": ()},
    right=_leaky,
    cases=_leaky_cases(),
    wrong=[
        *LEAKY_IDEAS,
        Wrong(
            lambda state, blow, keep: keep * state,
            "the blow is missing: add it to what is left of the old state.",
        ),
        Wrong(
            lambda state, blow, keep: keep * state * blow,
            "the blow is multiplied: it is added to what is left of the old state.",
        ),
    ],
    look={"state": "what is left of the old state, and at what the blow adds to it"},
    praise="the sheet keeps its part of the old dents and takes the new blow.",
    corners=[
        Case((0.0, 1.5, 0.5), name="a flat sheet"),
        Case((2.0, 1.5, 0.0), name="keep = 0"),
        Case((2.0, 1.5, 1.0), name="keep = 1"),
    ],
)


def _run_blows(blows, keeps, step=_leaky, state=0.0):
    states = []
    for blow, keep in zip(blows, keeps, strict=True):
        state = step(state, blow, keep)
        states.append(state)
    return np.array(states)


def _blows_cases():
    rng = np.random.default_rng(2)
    return [
        Case(
            (rng.uniform(0.5, 3, (n, spots)).round(2), rng.uniform(0.5, 0.9, n).round(2)),
            {"blows": n, "spots": spots},
        )
        for n, spots in ((5, 3), (4, 3), (7, 3))
    ]


def _flat_first(states):
    return np.concatenate([np.zeros_like(states[:1]), states])


RUN_BLOWS = Exercise(
    name="run_blows",
    asks="the states after each blow, from a flat sheet (0) on.",
    takes=("blows", "keeps"),
    gives={"states": ("blows", "spots")},
    right=_run_blows,
    cases=_blows_cases(),
    wrong=[
        Wrong(
            lambda blows, keeps: _run_blows(blows, keeps)[-1],
            "that is the last state alone: collect the state after every blow.",
        ),
        Wrong(
            lambda blows, keeps: _run_blows(blows, keeps)[:1],
            "there is one state only, that after the first blow: does return stand inside the "
            "loop?",
        ),
        Wrong(
            lambda blows, keeps: _flat_first(_run_blows(blows, keeps)),
            "the flat sheet at the start is in the list too: give the states after each blow, as "
            "many as there are blows.",
        ),
        Wrong(
            lambda blows, keeps: _flat_first(_run_blows(blows, keeps))[:-1],
            "each state stands one place late, as the list takes it before the blow falls: append "
            "it after the blow.",
        ),
        Wrong(
            lambda blows, keeps: _run_blows(blows, keeps)[::-1],
            "the states come last first: put each new state at the end of the list.",
        ),
        Wrong(
            lambda blows, keeps: _run_blows(blows[::-1], keeps),
            "the blows fall in the wrong order: begin with the first.",
        ),
        Wrong(
            lambda blows, keeps: _run_blows(blows, keeps, state=1.0),
            "the sheet starts at 1: it is flat before the first blow, so start at 0.",
        ),
        Wrong(
            lambda blows, keeps: np.repeat(_run_blows(blows, keeps)[-1:], len(blows), axis=0),
            "every entry is the last state: the list holds one object that changes under it, so "
            "append a new value at each blow.",
        ),
        Wrong(
            lambda blows, keeps: keeps[:, None] * _flat_first(blows)[:-1] + blows,
            "each state remembers one blow before it and no more: hand on the state, not the blow.",
        ),
        Wrong(
            lambda blows, keeps: _run_blows(blows, keeps[0] + 0 * keeps),
            "the first number of keeps is used at every blow: each blow has its own.",
        ),
        Wrong(
            lambda blows, keeps: _run_blows(blows, keeps[-1] + 0 * keeps),
            "the last number of keeps is used at every blow: each blow has its own.",
        ),
        Wrong(
            lambda blows, keeps: _run_blows(blows, np.append(keeps[1:], 1)),
            "each keep is used one blow early: the first belongs to the first blow, before which "
            "the sheet is flat.",
        ),
        Wrong(
            lambda blows, keeps: _run_blows(blows, np.append(1, keeps[:-1])),
            "each keep is used one blow late: the second says what the second blow leaves of the "
            "first dent.",
        ),
        Wrong(
            lambda blows, keeps: _run_blows(blows, keeps, state=blows[0]),
            "the first blow counts twice: the sheet is flat before it, so start at 0.",
        ),
        Wrong(
            lambda blows, keeps: np.zeros_like(blows),
            "the sheet stays flat: each blow is added to what is left of the state before it.",
        ),
        *(Wrong(partial(_run_blows, step=idea.function), idea.sentence) for idea in LEAKY_IDEAS),
    ],
    look={"states": "how the state is handed from one blow to the next"},
    praise="one state after every blow, and each is made from the one before.",
    corners=[Case((np.array([[1.5, 0.5, 2.0]]), np.array([0.7])), name="a single blow")],
)
