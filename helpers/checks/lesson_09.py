"""Lesson 9: words of different lengths, states carried on, and series cut into windows."""

import numpy as np

from helpers.checks.verdicts import Case, Exercise, Wrong

# --- words of different lengths, side by side ----------------------------------------------------


def _pad(codes, length, *, left=False, with_=0, keep_end=False, shift=0):
    out = np.full((len(codes), length), with_)
    for row, code in zip(out, codes, strict=True):
        code = np.asarray(code)[-length:] if keep_end else np.asarray(code)[:length]
        start = length - len(code) if left else 0
        row[start : start + len(code)] = code + shift
    return out


def _word_cases():
    rng = np.random.default_rng(9)
    cases = []
    for words, length, longest in ((4, 7, 7), (3, 9, 6), (5, 6, 5)):  # none may fill its row
        sizes = rng.permutation(np.r_[longest, 1, rng.integers(2, longest, words - 2)])
        codes = [rng.integers(1, 40, size).tolist() for size in sizes]
        cases.append(Case((codes, length), {"words": words, "length": length}))
    return cases


PAD_RIGHT = Exercise(
    name="pad_right",
    asks="lists as (words, length), zeros on the right.",
    takes=("codes", "length"),
    gives={"padded": ("words", "length")},
    right=_pad,
    cases=_word_cases(),
    wrong=[
        Wrong(
            lambda codes, length: _pad(codes, length, left=True),
            "the zeros stand on the left: the word comes first, then the padding. Keras's "
            'pad_sequences pads on the left unless you say padding="post".',
        ),
        Wrong(
            lambda codes, length: _pad(codes, length, with_=-1),
            "the padding is -1: the number kept free for it is 0, which mask_zero leaves out.",
        ),
        Wrong(
            lambda codes, length: _pad(codes, length, with_=1),
            "the padding is 1, which is a letter: the number kept free for it is 0.",
        ),
        Wrong(
            lambda codes, length: _pad(codes, length, shift=1),
            "the letters have moved by 1: their numbers begin at 1 already.",
        ),
        Wrong(
            lambda codes, length: _pad(codes, length, shift=-1),
            "the letters have moved by 1, so that one of them became the padding's 0: leave the "
            "numbers as they are.",
        ),
        Wrong(
            lambda codes, length: _pad(codes, length).T,
            "that is (length, words): one row a word, one column a time step.",
        ),
        Wrong(
            lambda codes, length: _pad(codes, max(map(len, codes))),
            "the array is as wide as the longest word: it has `length` columns, also where no word "
            "is so long.",
        ),
        Wrong(
            lambda codes, length: np.stack([np.resize(code, length) for code in codes]),
            "the short words are repeated: fill up with zeros.",
        ),
        Wrong(
            lambda codes, length: _pad([code[::-1] for code in codes], length),
            "the words are read backwards: keep the order of their letters.",
        ),
    ],
    look={"padded": "an array of zeros (words, length), and put each word in at the start of its "
          "row"},
    praise="words of any length, in one array; the zeros stand on the right.",
    corners=[
        Case(([[5, 2], [], [7]], 3), name="a word without letters"),
        Case(([[5, 2, 9]], 3), name="a single word"),
    ],
)  # fmt: skip


# --- how often an answer turned ------------------------------------------------------------------


def _said(beliefs):
    return beliefs.argmax(1)


def _belief_cases():
    rng = np.random.default_rng(4)
    cases = []
    for steps, classes, turns in ((8, 5, 3), (6, 4, 2), (11, 3, 5)):
        said = np.zeros(steps, int)
        for place in rng.choice(np.arange(1, steps), turns, replace=False):
            said[place:] += rng.integers(1, classes)
        beliefs = rng.dirichlet(np.ones(classes), steps)
        best, wanted = beliefs.argmax(1), said % classes
        rows = np.arange(steps)
        beliefs[rows, best], beliefs[rows, wanted] = beliefs[rows, wanted], beliefs[rows, best]
        cases.append(Case((beliefs,), {"steps": steps, "classes": classes}))
    return cases


TURNS = Exercise(
    name="turns",
    asks="how often the answer changed; beliefs is (steps, classes).",
    takes=("beliefs",),
    gives={"turns": ()},
    right=lambda beliefs: (np.diff(_said(beliefs)) != 0).sum(),
    cases=_belief_cases(),
    wrong=[
        Wrong(
            lambda beliefs: len(set(_said(beliefs))) - 1,
            "that counts how many different answers there were: one that comes back is a turn "
            "again.",
        ),
        Wrong(
            lambda beliefs: len(set(_said(beliefs))),
            "that counts the different answers; the first is no turn, and one that comes back is.",
        ),
        Wrong(
            lambda beliefs: (np.diff(_said(beliefs)) != 0).sum() + 1,
            "one too many: the first answer is no turn.",
        ),
        Wrong(
            lambda beliefs: (_said(beliefs) != _said(beliefs)[-1]).sum(),
            "that counts the steps whose answer is not the last one: count the places where two "
            "neighbours differ.",
        ),
        Wrong(
            lambda beliefs: np.diff(_said(beliefs)).sum(),
            "that adds the differences up, so that some cancel out: count those that are not 0.",
        ),
        Wrong(
            lambda beliefs: np.abs(np.diff(_said(beliefs))).sum(),
            "that adds up how far apart the classes' numbers are: count the differences that are "
            "not 0.",
        ),
        Wrong(
            lambda beliefs: (np.diff(beliefs.argmax(0)) != 0).sum(),
            "the axes are the wrong way round: beliefs is (steps, classes), so argmax goes along "
            "axis 1.",
        ),
        Wrong(
            lambda beliefs: (np.diff(beliefs.max(1)) != 0).sum(),
            "that asks whether the largest belief changes its size: ask which class has it, with "
            "argmax.",
        ),
    ],
    look={"turns": "beliefs.argmax(1), and at how often it differs from the one before"},
    praise="argmax says the answer at each step, and two neighbours that differ are a turn.",
    corners=[
        Case((np.array([[0.2, 0.8]]),), name="a single step"),
        Case((np.array([[0.2, 0.8], [0.1, 0.9], [0.4, 0.6]]),), name="an answer that never turns"),
    ],
)


# --- a series cut into windows -------------------------------------------------------------------


def _cut(values, past, *, shift=0, number=0, first=0):
    n = len(values) - past + number
    starts = range(first, n)
    return (
        np.array([values[k : k + past] for k in starts]),
        np.array([values[min(k + past + shift, len(values) - 1)] for k in starts]),
    )


def _seen(values, past):
    """Every window there is, each with its own last number."""
    windows = np.lib.stride_tricks.sliding_window_view(values, past)
    return windows, values[past - 1 :]


def _series_cases():
    rng = np.random.default_rng(6)
    return [
        Case((rng.normal(size=n), past), {"values": n, "past": past, "windows": n - past})
        for n, past in ((11, 3), (9, 5), (14, 4))
    ]


WINDOWS = Exercise(
    name="windows",
    asks="all windows x (windows, past), and what follows each, y.",
    takes=("values", "past"),
    gives={"x": ("windows", "past"), "y": ("windows",)},
    right=_cut,
    cases=_series_cases(),
    wrong=[
        Wrong(
            lambda values, past: _cut(values, past, shift=-1),
            "y is the last number of the window itself: the network would be asked for what it "
            "has just read. What follows window k is values[k + past].",
        ),
        Wrong(
            lambda values, past: _seen(values, past),
            "x has a window too many, the one whose answer is not known, and y begins a step too "
            "early: what follows window k is values[k + past].",
        ),
        Wrong(
            lambda values, past: _cut(values, past, shift=1),
            "y lies one step too late: what follows window k is values[k + past].",
        ),
        Wrong(
            lambda values, past: _cut(values, past, number=-1),
            "the last window is missing: there are len(values) - past of them.",
        ),
        Wrong(
            lambda values, past: _cut(values, past, first=1),
            "the first window is missing: it begins at step 0.",
        ),
        Wrong(
            lambda values, past: _cut(values, past, number=1),
            "there is one window too many: what would follow the last one is not known. There are "
            "len(values) - past of them.",
        ),
        Wrong(
            lambda values, past: (_cut(values, past)[0][:, ::-1], _cut(values, past)[1]),
            "the windows run backwards: the oldest number comes first.",
        ),
        Wrong(
            lambda values, past: (_cut(values, past)[0].T, _cut(values, past)[1]),
            "x is (past, windows): one row a window, one column a time step.",
        ),
        Wrong(
            lambda values, past: (
                values[: (len(values) - 1) // past * past].reshape(-1, past),
                values[past::past][: (len(values) - 1) // past],
            ),
            "the windows stand side by side: let the next one begin one step later, so that every "
            "step but the first ones is somebody's future.",
        ),
        Wrong(
            lambda values, past: _cut(values, past)[0],
            "that is x alone: return y, too, as the pair x, y.",
        ),
        Wrong(
            lambda values, past: _cut(values, past)[::-1],
            "the pair is the wrong way round: return x, then y.",
        ),
    ],
    look={"x": "values[k : k + past] for every k that leaves one value after it",
          "y": "values[k + past], the first one that window k has not seen"},
    praise="each window with what follows it, and no window has seen its own answer.",
    corners=[
        Case((np.array([0.5, 2.0, 1.0, 4.0]), 1), name="past = 1"),
        Case((np.array([0.5, 2.0, 1.0, 4.0]), 3), name="room for one window alone"),
    ],
)  # fmt: skip


# --- scaling without looking ahead ---------------------------------------------------------------


def _scaled(values, until, *, part=lambda values, until: values[:until]):
    known = part(values, until)
    return (values - known.mean()) / known.std()


def _long_cases():
    rng = np.random.default_rng(2)
    return [
        Case((10 + np.arange(n) + rng.normal(size=n), until), {"values": n})
        for n, until in ((13, 8), (10, 7), (17, 5))
    ]


SCALED = Exercise(
    name="scaled",
    asks="mean 0 and spread 1 of the part before step until.",
    takes=("values", "until"),
    gives={"scaled": ("values",)},
    right=_scaled,
    cases=_long_cases(),
    wrong=[
        Wrong(
            lambda values, until: _scaled(values, until, part=lambda values, until: values),
            "mean and spread come from all values, those set aside among them: so the training "
            "knows something of what is to come. Take them from values[:until].",
        ),
        Wrong(
            lambda values, until: _scaled(values, until, part=lambda values, until: values[until:]),
            "mean and spread come from the values set aside, which the training may not know: "
            "take them from values[:until].",
        ),
        Wrong(
            lambda values, until: _scaled(
                values, until, part=lambda values, until: values[: until + 1]
            ),
            "one value too many: values[:until] ends before step until, which is set aside.",
        ),
        Wrong(
            lambda values, until: _scaled(
                values, until, part=lambda values, until: values[: until - 1]
            ),
            "one value too few: values[:until] has all steps before step until.",
        ),
        Wrong(
            lambda values, until: np.r_[
                (values[:until] - values[:until].mean()) / values[:until].std(),
                (values[until:] - values[until:].mean()) / values[until:].std(),
            ],
            "each part has a scale of its own: then the same number means two things. Use that of "
            "values[:until] for all.",
        ),
        Wrong(
            lambda values, until: values - values[:until].mean(),
            "the division by the spread is missing.",
        ),
        Wrong(lambda values, until: values / values[:until].std(), "the mean is not taken away."),
        Wrong(
            lambda values, until: (values - values[:until].mean()) / values[:until].var(),
            "that divides by the variance: the spread is its root, std().",
        ),
        Wrong(
            lambda values, until: _scaled(values, until)[:until],
            "only the first part came back: scale all values, with the scale of that part.",
        ),
        Wrong(
            lambda values, until: _scaled(values, until)[until:],
            "only the part set aside came back: scale all values.",
        ),
        Wrong(
            lambda values, until: (values - values[:until].min()) / np.ptp(values[:until]),
            "that puts the part before `until` between 0 and 1; asked for is its mean at 0 and "
            "its spread at 1.",
        ),
    ],
    look={"scaled": "(values - mean) / std, both of values[:until] alone"},
    praise="the scale knows nothing of the values set aside.",
    corners=[Case((np.array([0.5, 2.0, 1.0, 4.0]), 4), name="nothing set aside")],
)
