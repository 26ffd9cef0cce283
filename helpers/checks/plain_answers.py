"""Plain answers: numbers, texts, shapes, sets. One entry a question."""

import itertools

from helpers.checks import old_lines, sequences, three_cells
from helpers.checks.answers import Answer

# Other words for the parts of a shape, and for the gates and what they work on.
BATCH = ("batch size", "images", "sentences", "sequences", "samples")
TIME_STEPS = ("steps", "timesteps", "time step", "time", "rows", "words", "sequence length")
FEATURES = ("feature", "pixels", "columns", "inputs", "numbers")
STATES = {"batch": BATCH, "time steps": TIME_STEPS, "units": ("unit", "state size", "hidden units")}
INPUTS = {"batch": BATCH, "time steps": TIME_STEPS, "features": FEATURES}
F_I_O = {
    "f": ("f_t", "forget", "forget gate", "forget gate f"),
    "i": ("i_t", "input", "input gate", "input gate i"),
    "o": ("o_t", "output", "output gate", "output gate o"),
}
GATES = {
    **{alias: letter for letter, aliases in F_I_O.items() for alias in aliases},
    **dict.fromkeys(("g", "g_t", "candidate_t", "cell candidate"), "candidate"),
}
STATE_NAMES = {
    **dict.fromkeys(("h_t", "hidden state", "h (the hidden state)", "the last h", "last h"), "h"),
    **dict.fromkeys(("c_t", "cell state", "cell", "sheet", "the last c", "last c"), "c"),
}
KEEPS = ("keep", "keeps", "remember", "remembers", "retains", "preserves", "leaves")
LOSES = ("forget", "forgets", "lose", "loses", "wipe", "wipes", "erases", "deletes")
ALL = (
    *("all", "all of it", "everything", "it", "it all", "100 %", "all dents", "the dents"),
    *("the sheet", "the old sheet", "the whole sheet", "all of the sheet", "all of the old sheet"),
    *("the cell state", "the old cell state", "all of the old cell state", "the state"),
)
UNKNOWN_BATCH = "None is Keras's sign for a batch of any size: here the batch is known."

ANSWERS = {
    "lesson 0: steps": Answer(
        right=[28],
        wrong={
            27: "the first row is a step too: count the rows, not the moves between them.",
            784: "784 is the number of pixels: at each step a whole row is read.",
            10: "ten is the number of beliefs: how many rows are read?",
            1: "the replay of one digit has more than one step: see the figures by the slider.",
        },
        look="move the slider to its right end, and read the two numbers beside it.",
        praise="one step for each row of the image.",
    ),
    # Lesson 1 (misconceptions 6 and 13).
    "lesson 1: hammer": Answer(
        right=[3584],
        wrong={
            358400: "that is a hammer for each of the 100 time steps: one is used 100 times.",
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
        right=[{0, 1}],
        wrong={
            frozenset({1}): "1 is one of two: what is left of the first two words at keep = 0?",
            frozenset(
                {0}
            ): "0 is one of two: at which keep is the sheet just the sum of its words?",
            **dict.fromkeys(
                map(frozenset, ({0, 0.5, 1}, {0, 0.5}, {0.5, 1}, {0.5})),
                "at 0.5 the first word is halved twice and the second once: not equal.",
            ),
            frozenset(): "there are two: at 0 only the last word is left, and at 1 the sheet is a "
            "sum.",
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
            0.94: "close, but 0.94 ** 10 is 0.54: a little more must go.",
            0.92: "close, but 0.92 ** 10 is 0.43: a little more must stay.",
            0.9: "close, but 0.9 ** 10 is 0.35: a little more must stay.",
        },
        look="find the number whose tenth power is 0.5: try keep ** 10, or 0.5 ** (1 / 10).",
        praise="0.93 to the power of 10 is about a half.",
    ),
    "lesson 1: keeps": Answer(
        right=[(*early, 0, 1) for early in itertools.product((0, 1), repeat=4)],
        wrong={
            (1, 1, 1, 1, 1, 1): "nothing is wiped there: all six words are left.",
            (1, 1, 1, 0, 1, 1): "that leaves the last three words: wipe one blow later.",
            (1, 1, 1, 1, 1, 0): "the old dents go before the new blow lands: only the last word is "
            "left.",
            (0, 0, 0, 0, 0, 0): "a sheet that keeps nothing holds the last word alone.",
            (0, 0, 0, 0, 1, 1): "the old dents go before the new blow lands: the fourth word is "
            "left too.",
            (1, 1, 1, 1, 0, 0): "the last 0 wipes the fifth word as well.",
        },
        look="give six numbers, each 0 or 1; a 0 wipes what is there before its own blow lands.",
        praise="wiped just before the fifth word lands, and kept from then on.",
    ),
    # Lesson 2 (misconceptions 1, 2 and 6).
    "lesson 2: dense parameters": Answer(
        right=[78500],
        wrong={
            78400: "the biases are missing: one for each unit.",
            78401: "every unit has a bias of its own: 100 of them, not one.",
            79184: "a bias belongs to a unit, not to a feature: there are 100 of them.",
            884: "weights are the entries of a table, 784 rows times 100 columns: multiply.",
            785: "that is one unit: there are 100 of them.",
            7850: "that is the layer with ten units that we had above: this one has 100.",
        },
        look="a table with a row for each pixel and a column for each unit, and a bias a unit.",
        praise="784 times 100 weights, and 100 biases.",
    ),
    "lesson 2: window parameters": Answer(
        right=[520],
        wrong={
            500: "the biases are missing: one for each window.",
            501: "every window has a bias of its own: 20 of them, not one.",
            25: "that is one window without its bias: there are 20 of them.",
            26: "that is one window: there are 20 of them.",
            299520: "the places do not come into it: a window has the same weights wherever it is.",
            288000: "the places do not come into it: a window has the same weights wherever it is.",
            407680: "the pixels of the image do not come into it: a window has 25 weights.",
        },
        look="one window has 5 times 5 weights and a bias, and there are 20 windows.",
        praise="20 times 26, whatever the size of the image.",
    ),
    "lesson 2: rnn parameters": Answer(
        right=[5952],
        wrong={
            166656: "that is multiplied by the 28 time steps: each step uses the same three "
            "tables, so count them once.",
            5888: "the biases are missing: one for each unit.",
            5889: "every unit has a bias of its own: 64 of them, not one.",
            5916: "a bias belongs to a unit, not to a feature: there are 64 of them.",
            6016: "there is one bias a unit, not two.",
            1856: "the recurrent kernel is missing: it takes 64 units to 64 units.",
            1792: "that is the kernel alone: the recurrent kernel and the biases are missing.",
            4160: "the kernel is missing: it turns a row of 28 pixels into 64 numbers.",
            2640: "the recurrent kernel goes from units to units: it is 64 times 64.",
            50240: "it reads one row at a time: its kernel has 28 rows, not 784.",
            54336: "it reads one row at a time: its kernel has 28 rows, not 784.",
            23808: "that is four sets of weights, an LSTM's: the plain RNN has one.",
        },
        look="three tables: features times units, units times units, and a bias for each unit.",
        praise="28 * 64 + 64 * 64 + 64, once, for all time steps.",
    ),
    "lesson 2: rnn parameters, 100 rows": Answer(
        right=[5952],
        wrong={
            595200: "that is multiplied by the 100 time steps: each step uses the same three "
            "tables, so their size stays as it was.",
            166656: "that is multiplied by 28 time steps: each step uses the same three tables.",
            10560: "the 100 rows are time steps, not features: a row still has 28 pixels.",
            21257: "more time steps need no more weights: the tables stay as they were.",
        },
        look="what in the three tables depends on how many rows there are?",
        praise="as many as before: the time steps do not come into it.",
    ),
    "lesson 2: shape of states": Answer(
        right=[(3, 28, 12)],
        wrong={
            (None, 28, 12): UNKNOWN_BATCH,
            (3, 28, 20): "20 is the number of features: a state is as wide as there are units.",
            (3, 28, 28): "a state is as wide as there are units, whatever the number of rows.",
            (3, 20, 12): "20 is the number of features: there is a state for each time step.",
            (3, 12, 28): "time steps and units are swapped: (batch, time steps, units).",
            (28, 3, 12): "the time steps come first there: (batch, time steps, units).",
            (3, 12, 12): "12 is the number of units: there is a state for each of 28 time steps.",
            (3, 12): "those are the last states alone: there is one for every time step.",
            (28, 12): "the batch is missing: (batch, time steps, units).",
            (3, 28, 20, 12): "the features have gone into the kernel: (batch, time steps, units).",
        },
        look="write (batch, time steps, units).",
        praise="batch and time steps from the input, units from the network.",
        names=STATES,
    ),
    "lesson 2: shape of sentences": Answer(
        right=[(32, 12, 50)],
        wrong={
            (None, 12, 50): UNKNOWN_BATCH,
            (32, 12, 64): "64 is the number of units: it belongs to the network, not to the input.",
            (32, 50, 12): "time steps and features are swapped: 12 words come one after the other.",
            (12, 32, 50): "the batch comes first: (batch, time steps, features).",
            (50, 12, 32): "the batch comes first: (batch, time steps, features).",
            (12, 50): "the batch is missing: (batch, time steps, features).",
            (32, 12): "the features are missing: a word is a vector of 50 numbers.",
            (32, 50): "the time steps are missing: 12 words come one after the other.",
            (384, 50): "batch and time steps are one axis there: keep the sentences apart.",
            (32, 600): "time steps and features are one axis there: keep the words apart.",
            (32, 12, 50, 64): "64 is the number of units: it belongs to the network, not to the "
            "input.",
        },
        look="write (batch, time steps, features): sentences, words, numbers of a word.",
        praise="32 sentences, 12 time steps, 50 features; the units do not show.",
        names=INPUTS,
    ),
    # Lesson 3 (misconception 4).
    "lesson 3: numbers for the head": Answer(
        right=[64],
        wrong={
            1792: "those are all 28 states: the arrows to the right are no answers, and for one "
            "answer only the last state is read.",
            28: "28 is the number of time steps: one state is read, the last, and it has 64 units.",
            1: "one state is read, and it has 64 numbers.",
            10: "10 is what the head gives, one number a digit; how many does it read?",
            640: "that is how many weights the head has; how many numbers does it read?",
            784: "the head does not read the image: it reads the last state.",
            92: "the head reads the state alone, not the row: the state has seen the rows.",
        },
        look="which of the states are read for one answer, and how wide is a state?",
        praise="the 64 units of the last state, which has seen all rows.",
    ),
    "lesson 3: left after ten": Answer(
        right=[0.5**10],
        wrong={
            5: "the factors of the steps are multiplied, not added.",
            0.5: "that is one step: each of the ten multiplies by 0.5.",
            0.05: "each step multiplies by 0.5: that is 0.5 ** 10, not 0.5 / 10.",
            0.5**9: "that is nine steps.",
            0.5**11: "that is eleven steps.",
            0: "nearly, but not quite: multiply 0.5 by itself ten times.",
            0.375: "where the state is close to 0 the slope of tanh is 1: only w is left.",
            0.375**10: "where the state is close to 0 the slope of tanh is 1: only w is left.",
        },
        look="w * (1 - h ** 2) is 0.5 where h is close to 0; take it ten times.",
        praise="0.5 ** 10, about a thousandth.",
        tolerance=3e-5,
    ),
    "lesson 3: one factor": Answer(
        right=[0.38],
        wrong={
            2: "that is w alone: near 0.9 tanh is flat, and its slope counts too.",
            0.19: "that is the slope of tanh alone: w counts too.",
            0.2: "the square is missing: the slope is 1 - h ** 2.",
            1.8: "w is multiplied by the slope of tanh, 1 - h ** 2, not by h.",
            1.62: "the slope is 1 - h ** 2, not h ** 2.",
            -0.62: "w multiplies the slope as a whole: 2 * (1 - 0.9 ** 2).",
            0.1: "the slope is 1 - h ** 2, and w is multiplied by it.",
            2 * (1 - 0.7162978701990245**2): "0.9 is the state, already behind tanh: its slope is "
            "1 - 0.9 ** 2.",
        },
        look="w * (1 - h ** 2), with w = 2 and h = 0.9.",
        praise="0.38: a state near 1 lets so little through that a nudge shrinks even with w = 2.",
        tolerance=1e-3,
    ),
    # Lesson 4 (misconceptions 1, 6, 8 and 15).
    "lesson 4: covered": Answer(
        right=[(1, 0, 0)],
        wrong={
            (0, 0, 0): "a forget gate of 0 wipes the sheet: at 1 it keeps all.",
            (1, 1, 0): "an input gate of 1 lets the blow land.",
            (1, 0, 1): "an output gate of 1 shows the sheet.",
            (0, 1, 0): "that wipes the sheet and lets the blow land: it is the other way round.",
            (0, 0, 1): "a forget gate of 0 wipes the sheet, and an output gate of 1 shows it.",
            (0, 1, 1): "all three are the wrong way round.",
            (1, 1, 1): "the gates for keeping are right; now shut the two others.",
        },
        look="give three numbers, (f, i, o), each 0 or 1.",
        praise="kept whole, left alone, and covered.",
        names=F_I_O,
    ),
    "lesson 4: overwritten": Answer(
        right=[(0, 1, 1)],
        wrong={
            (1, 1, 1): "a forget gate of 1 keeps the old sheet under the blow: at 0 nothing stays.",
            (1, 0, 1): "that keeps the old sheet and lets no blow land.",
            (0, 0, 1): "the sheet is wiped, but no blow lands: open the input gate.",
            (0, 1, 0): "the sheet is right, but covered: open the output gate.",
            (1, 0, 0): "all three are the wrong way round.",
            (1, 1, 0): "a forget gate of 1 keeps the old sheet under the blow, and it is covered.",
            (0, 0, 0): "the sheet is wiped, but no blow lands, and it is covered.",
        },
        look="give three numbers, (f, i, o), each 0 or 1.",
        praise="wiped, hit in full, and shown.",
        names=F_I_O,
    ),
    "lesson 4: input gate": Answer(
        right=[0.5],
        wrong={
            0: "that is the sum; the gate is its sigmoid.",
            0.982: "that leaves out what was shown: the sum is 8 * x - 8 * h - 4.",
            4: "that leaves out what was shown, and sigmoid: the sum is 8 * x - 8 * h - 4.",
            1: "the weight of what was shown is -8, not 8: the sum is 8 * x - 8 * h - 4.",
            8: "the weight of what was shown is -8, and the gate is the sigmoid of the sum.",
            0.018: "the hit is left out: x is 1, so the sum is 8 * 1 - 8 * h - 4.",
        },
        look="the sum is 8 * x - 8 * h - 4, and the gate is its sigmoid.",
        praise="8 - 4 - 4 is 0, and sigmoid makes a half of it.",
        tolerance=0.002,
    ),
    "lesson 4: kernel shape": Answer(
        right=[(20, 256)],
        wrong={
            (28, 256): "28 is the number of time steps: the kernel has a row for each feature.",
            (20, 64): "that is the kernel of one gate: there are four blocks side by side.",
            (28, 64): "28 is the number of time steps, and 64 columns are one gate of four.",
            (20, 192): "that is three blocks: beside the three gates there is the candidate.",
            (20, 80): "the width is four times the units, which are free to choose, not four times "
            "the features.",
            (20, 112): "the width is four times the units, not four times the time steps.",
            (28, 112): "the units are free to choose: they are neither the time steps nor the "
            "size of one input.",
            (256, 20): "that is PyTorch's way: Keras has a row for each feature.",
            (64, 256): "that is the recurrent kernel, which has a row for each unit.",
            (84, 256): "that is both kernels, one on top of the other, as TensorFlow 1 kept them.",
        },
        look="it has a row for each feature, and four blocks of columns as wide as the state.",
        praise="a row for each of the 20 features, four blocks of 64 columns.",
        names={"rows": ("row", "features", "inputs"), "columns": ("column", "units")},
    ),
    "lesson 4: forget bias": Answer(
        right=[3.65],
        wrong={
            0.9747: "that is the gate; the bias is the number from which sigmoid makes it.",
            0: "a bias of 0 makes a gate of 0.5: half is left after one step.",
            1: "a bias of 1 makes a gate of 0.73: after 27 steps 0.0002 of the blow is left.",
            -3.65: "the sign is wrong: a negative bias shuts the gate.",
            3.6: "close: sigmoid(3.6) ** 27 is 0.483, a little less than a half.",
            3.7: "close: sigmoid(3.7) ** 27 is 0.517, a little more than a half.",
            4: "close: sigmoid(4) ** 27 is 0.61, more than a half.",
            3: "a bias of 3 leaves 0.27: a little more is needed.",
        },
        look="which gate f has f ** 27 = 0.5, and of which number is it the sigmoid?",
        praise="sigmoid makes 0.975 of it, and 0.975 to the power of 27 is a half.",
        tolerance=0.003,
    ),
    "lesson 4: half forgotten": Answer(
        right=[35],
        wrong={
            34: "close, but 0.98 ** 34 is 0.503, still more than a half.",
            25: "not the same amount goes at each step but the same share of what is left: "
            "0.98 ** 25 is 0.60.",
            50: "not the same amount goes at each step but the same share of what is left: "
            "after 50 steps 0.36 is left.",
            1: "after one step 0.98 is left: the forget gate says what stays, not what goes.",
            **dict.fromkeys(
                ("never", "infinity", "\N{INFINITY}", float("inf")),
                "an LSTM forgets too: less than 1 is left of every dent, and at each step again.",
            ),
        },
        look="what is left after n steps is 0.98 ** n: when does it fall below 0.5?",
        praise="0.98 ** 35 is 0.493; of a picture read pixel by pixel, that is little more than "
        "one row.",
    ),
    # Lesson 6 (misconceptions 1, 6 and 14).
    "lesson 6: parameters": Answer(
        right=[22410],
        wrong={
            21504: "that is the LSTM alone, and its biases are missing.",
            21760: "that is the LSTM alone: the dense layer behind it has weights too.",
            650: "that is the dense layer alone: the LSTM before it has weights too.",
            22400: "the dense layer's ten biases are missing.",
            22154: "the LSTM's biases are missing: one for each unit in each of its four sets.",
            6090: "that is one set of weights: the LSTM has four, for i, f, the candidate and o.",
            24458: "28 is the number of time steps: one input, a row, has 20 features.",
            627480: "that is multiplied by the 28 time steps: every step uses the same weights.",
            609930: "that is multiplied by the 28 time steps: every step uses the same weights.",
            77578: "64 is the number of units here, not 128.",
            81674: "that is the reader of the lesson: this one has 64 units and rows of 20 pixels.",
        },
        look="work out the LSTM and the head apart, as for the reader above: which is off?",
        praise="21,760 in the LSTM and 650 behind it; the 28 rows do not come into it.",
    ),
    "lesson 6: who may choose": Answer(
        right=[
            "set aside",
            "aside",
            "digits set aside",
            "validation",
            "validation data",
            "validation set",
            "validation digits",
            "val",
        ],
        wrong={
            **dict.fromkeys(
                ("test", "test digits", "test set", "test data"),
                "whoever chooses by the test digits picks the luckiest, and has no digits left "
                "that could say how good it is.",
            ),
            **dict.fromkeys(
                ("training", "training digits", "training set", "training data", "train"),
                "those it has learned from: one that knows them by heart would win.",
            ),
        },
        look='write "training", "set aside" or "test", in quotes.',
        praise="the network has not learned from them, and the test digits stay untouched.",
    ),
    "lesson 6: updates": Answer(
        right=[785],
        wrong={
            780: "that leaves out the last batch of each epoch: it has 16 digits, and its update "
            "counts.",
            **dict.fromkeys(
                (781, 781.25, 782),
                "each epoch ends with a batch of its own, smaller than the others: round up before "
                "you multiply by 5.",
            ),
            157: "that is one epoch: there are 5.",
            156: "that is one epoch, and its last batch is missing: there are 5.",
            5: "that is the number of epochs: an epoch has an update for each batch.",
            50000: "that is an update for every digit: a batch of 64 shares one.",
            640: "64 is the number of digits in a batch: how many batches are there?",
            320: "64 is the number of digits in a batch: how many batches are there?",
        },
        look="count the batches of one epoch, the last and smaller one too, and multiply by 5.",
        praise="157 in an epoch, the last of them with 16 digits, five times.",
    ),
    "lesson 6: confusion": Answer(
        right=[3],
        wrong={
            4: "that is how many 8s were read as a 5: the row says what was written.",
            41: "that is how many 5s were read rightly.",
            6: "that is how many 5s were read as a 3.",
            1: "that is how many 3s were read as something else: take the row of the 5.",
            7: "that adds both directions: a 5 read as an 8, not an 8 read as a 5.",
            9: "that is all 5s that were misread: how many of them as an 8?",
        },
        look="the row of what was written, 5, and the column of what was answered, 8.",
        praise="the row says what was written, the column what was answered.",
    ),
    "lesson 6: one batch": Answer(
        right=[0.78],
        tolerance=0.03,
        wrong={
            0.0078: "too small: the root gives 0.0078 as a share, a hundred times that in per "
            "cent.",
            0.6: "the root is missing: sqrt(p * (1 - p) / n).",
            8.8: "that is the spread of a single digit: divide by the root of 128.",
            0.09: "that would be with 10,000 digits: this score comes from 128.",
            0.28: "that would be with 1,000 digits: this score comes from 128.",
            1.55: "that is two standard errors: give one.",
            99.2: "that is the score: how far may it be off?",
            4.42: "that takes p to be a half, as for the coin: here it is 127 / 128.",
            1: "about that, but one decimal was asked for.",
        },
        look="ask the formula above: which p, which n, and how much is it in per cent?",
        praise="so the true figure may well be 98 % or 99.9 %: one batch cannot tell.",
        percent=True,
    ),
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
        same={
            **dict.fromkeys(
                ("after it", "rows after", "empty rows after", "after the digit"), "after"
            ),
            **dict.fromkeys(("empty rows after it", "empty rows after the digit"), "after"),
            **dict.fromkeys(("before it", "rows before", "empty rows before"), "before"),
            **dict.fromkeys(("shuffle", "shuffled rows", "rows shuffled"), "shuffled"),
            **dict.fromkeys(("hidden rows", "hide", "rows hidden"), "hidden"),
        },
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
        same=STATE_NAMES
        | dict.fromkeys(
            ("sum of the rows", "the sum of the rows", "sum of rows", "rows' sum"), "sum"
        ),
    ),
    # Reading an image row by row: three sizes, three names (misconceptions 1 and 2).
    "time steps and features of 14x56": Answer(
        right=[(14, 56)],
        wrong={
            (None, 14, 56): "leave the batch out: only time steps and features are asked for.",
            (56, 14): "the two are swapped: the rows come one after the other, so the 14 rows are "
            "the time steps, and one row's 56 pixels are the features.",
            (28, 28): "28 x 28 is another picture's size: this one has 14 rows of 56 pixels.",
            784: "give two numbers, time steps and features; 784 is how many pixels there are.",
            (1, 14, 56): "leave the batch out: only time steps and features are asked for.",
        },
        look="count how many rows come one after the other, and how many pixels one row brings.",
        praise="14 rows come one after the other, each brings 56 pixels.",
        names={"time steps": TIME_STEPS, "features": FEATURES},
    ),
    "shape of 100 images of 28x20": Answer(
        right=[(100, 28, 20)],
        wrong={
            (None, 28, 20): UNKNOWN_BATCH,
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
        names=INPUTS,
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
            ("output", ("h", "c")): "that is PyTorch's form: Keras gives three things in a row.",
            ("output", "c", "h"): "the pair comes as h, c.",
            **dict.fromkeys(
                (("outputs", "h", "c"), ("output", "state_h", "state_c"), ("outputs", "state")),
                'use the names given: "output", "state", "h" and "c".',
            ),
            ("h", "h", "c"): "the first equals h, but is called output: with "
            "return_sequences=True it would be h after every row.",
        },
        look="run a small layer with return_state=True and count what comes back.",
        praise="output, h, c, and h repeats the output of the last step.",
    ),
    # Misconception 7.
    "gates that make c": Answer(
        right=[{"f", "i"}],
        wrong={
            frozenset({"o"}): "the output gate makes h from c; c is made before it has a say.",
            frozenset({"f", "i", "o"}): "the output gate has no part in c: it makes h from it.",
            frozenset({"f"}): "the forget gate is one of two: another lets the candidate in.",
            frozenset({"i"}): "the input gate is one of two: another says what stays of the old c.",
            frozenset({"f", "o"}): "the output gate has no part in c: it makes h from it.",
            frozenset({"i", "o"}): "the output gate has no part in c: it makes h from it.",
            **dict.fromkeys(
                (frozenset({"f", "i", "candidate"}), frozenset({"f", "i", "candidate", "c"})),
                "the candidate is what is let in; it is no gate. Give the two gates alone.",
            ),
        },
        look="which letters of gates stand in the line that makes c? Give them as a set.",
        praise="the forget gate and the input gate; the output gate makes h.",
        same=GATES,
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
        praise="at 1 the old sheet stays whole, at 0 nothing of it.",
        same={
            **{f"{verb} {what}": "keeps all" for verb, what in itertools.product(KEEPS, ALL)},
            **{f"{verb} {what}": "forgets all" for verb, what in itertools.product(LOSES, ALL)},
            **{f"{verb} nothing": "keeps all" for verb in LOSES},
            **{f"{verb} nothing": "forgets all" for verb in KEEPS},
            **dict.fromkeys(
                (
                    *("kept", "all is kept", "everything is kept", "nothing is forgotten"),
                    *("forgets nothing at all", "does not forget anything"),
                ),
                "keeps all",
            ),
            **dict.fromkeys(("all is forgotten", "nothing is kept"), "forgets all"),
        },
    ),
    **old_lines.ANSWERS,
    **three_cells.ANSWERS,
    **sequences.ANSWERS,
}
