"""Plain answers: numbers, texts, shapes, sets. One entry a question."""

from helpers.checks import old_lines
from helpers.checks.verdicts import Answer

ANSWERS = {
    # Lesson 1 (misconceptions 6 and 13).
    "lesson 1: hammer": Answer(
        right=[3584],
        wrong={
            358400: "that is a hammer for each of the 100 time steps: there is one, used 100 times.",
            100: "that counts the time steps; the hammer has a row a feature and a column a unit.",
            128: "that is one row of the hammer: it has one for each of the 28 features.",
            28: "that is one column of the hammer: it has one for each of the 128 units.",
            2800: "the time steps do not come into it: a row a feature, a column a unit.",
            12800: "the time steps do not come into it: a row a feature, a column a unit.",
            156: "28 and 128 are multiplied, not added: a table of 28 rows and 128 columns.",
        },
        look="it is a table with one row for each feature and one column for each unit.",
        praise="28 rows times 128 columns, however long the sequence is.",
    ),
    "lesson 1: equal sheets": Answer(
        right=[{0, 1}, (0, 1), (1, 0)],
        wrong={
            **dict.fromkeys(
                (frozenset({1}), (1,), 1),
                "1 is one of two: what is left of the first two words at keep = 0?",
            ),
            **dict.fromkeys(
                (frozenset({0}), (0,), 0),
                "0 is one of two: at which keep is the sheet just the sum of its words?",
            ),
            **dict.fromkeys(
                ((0, 0.5, 1), (0.5,), 0.5),
                "at 0.5 the first word is halved twice and the second once: not equal.",
            ),
            (): "there are two: at 0 only the last word is left, and at 1 the sheet is a sum.",
        },
        look="run both sentences at 0, at 0.5 and at 1, and compare their last states.",
        praise="at 0 only the last word is left, and at 1 the sheet is a bag.",
    ),
    "lesson 1: half after ten": Answer(
        right=[0.5**0.1],
        tolerance=0.006,
        wrong={
            0.5: "0.5 halves the dent at every blow: after 10 blows 0.001 of it is left.",
            0.05: "keep multiplies at every blow: with 0.05 next to nothing is left after two.",
            0.95: "close, but 0.95 ** 10 is 0.60: a little more must go.",
            0.9: "close, but 0.9 ** 10 is 0.35: a little more must stay.",
        },
        look="find the number whose tenth power is 0.5: try keep ** 10, or 0.5 ** (1 / 10).",
        praise="0.93 to the power of 10 is about a half.",
    ),
    # Reading an image row by row: three sizes, three names (misconceptions 1 and 2).
    "time steps and features of 14x56": Answer(
        right=[(14, 56)],
        wrong={
            (56, 14): "the two are swapped: the rows come one after the other, so the 14 rows are "
            "the time steps, and one row's 56 pixels are the features.",
            (28, 28): "28 x 28 is another picture's size: this one has 14 rows of 56 pixels.",
            784: "give two numbers, time steps and features; 784 is how many pixels there are.",
        },
        look="count how many rows come one after the other, and how many pixels one row brings.",
        praise="14 rows come one after the other, each brings 56 pixels.",
    ),
    "shape of 100 images of 28x20": Answer(
        right=[(100, 28, 20)],
        wrong={
            (100, 20, 28): "time steps and features are swapped: 28 rows come one after the other, "
            "each of 20 pixels.",
            (28, 100, 20): "the time steps come first, as time_major=True once had it: in Keras "
            "the batch does.",
            (28, 20, 100): "the batch comes first: (batch, time steps, features).",
            (28, 20): "the batch is missing: (batch, time steps, features).",
            (2800, 20): "the batch and the time steps are one axis there: keep them apart.",
        },
        look="write (batch, time steps, features).",
        praise="(batch, time steps, features).",
    ),
    # Misconception 3.
    "sequences in one image": Answer(
        right=[1],
        wrong={
            28: "28 is the number of time steps: one image is one sequence of 28 steps.",
            784: "784 is the number of pixels: one image is one sequence of 28 steps.",
        },
        look="think of how often the state starts again from zero while one image is read.",
        praise="one sequence, of 28 steps of 28 features.",
    ),
    # Misconception 5.
    "what return_state gives": Answer(
        right=[("output", "h", "c")],
        wrong={
            ("output", "state"): "it gives three things: the state of an LSTM is a pair.",
            ("h", "c"): "the output comes first, before the pair (and equals h).",
            ("output", "c", "h"): "the pair comes as h, c.",
        },
        look="run a small layer with return_state=True and count what comes back.",
        praise="output, h, c, and h repeats the output of the last step.",
    ),
    # Misconception 7.
    "gates that make c": Answer(
        right=[{"f", "i"}, {"forget", "input"}],
        wrong={
            frozenset({"o"}): "the output gate makes h from c; c is made before it has a say.",
            frozenset({"f", "i", "o"}): "the output gate has no part in c: it makes h from it.",
            frozenset({"f"}): "the forget gate is one of two: another lets the candidate in.",
            frozenset({"i"}): "the input gate is one of two: another says what stays of the old c.",
            frozenset({"f", "o"}): "the output gate has no part in c: it makes h from it.",
            frozenset({"i", "o"}): "the output gate has no part in c: it makes h from it.",
        },
        look="give the gates' letters as a set, such as {'a', 'b'}.",
        praise="the forget gate and the input gate; the output gate makes h.",
    ),
    # Misconception 8.
    "forget gate at 1": Answer(
        right=["keeps all", "keeps", "keep", "keeps everything", "keep all"],
        wrong=dict.fromkeys(
            ("forgets all", "forgets", "forget", "forgets everything", "forget all"),
            "it is the other way round: the old cell state is multiplied by the gate, and times 1 "
            "leaves it whole.",
        ),
        look="answer with 'keeps all' or 'forgets all': the old cell state is multiplied by f.",
        praise="at 1 the old cell state stays whole, and hence the forget bias of 1 at the start.",
    ),
    **old_lines.ANSWERS,
}
