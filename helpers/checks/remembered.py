"""The questions with which a lesson opens: what was learned two lessons back and before."""

from helpers.checks.plain_answers import Answer

ANSWERS = {
    "lesson 2: again, steps": Answer(
        right=[20],
        wrong={
            28: "28 is the number of pixels in a row: at each step one row is read.",
            560: "560 is the number of pixels: at each step a whole row is read.",
            19: "the first row is a step, too.",
        },
        look="a replay has one step for each row that is read.",
        praise="one step for each row, however long a row is.",
    ),
    "lesson 2: again, unread": Answer(
        right=[18],
        wrong={
            0: "it has read no further than row 10: what comes below is not known to it yet.",
            10: "these are read already: how many of the 28 are still to come?",
            17: "row 10 itself is read.",
            28: "the rows down to row 10 are read already.",
        },
        look="after row 10 of 28, how many rows are still to come?",
        praise="at row 10 it answers from what it has seen so far.",
    ),
    "lesson 2: again, reads": Answer(
        right=["row"],
        wrong={
            "pixel": "then there would be 784 steps, one for each pixel: the replay has 28.",
            "image": "then there would be a single step: how far did the replay move at each?",
            "column": "the digit was read from the top to the bottom.",
        },
        look="the replay of lesson 0 goes down in 28 steps: what is new at each of them?",
        praise="a row at a time, from the top.",
        same={
            **dict.fromkeys(("a row", "one row", "rows", "whole row", "a whole row"), "row"),
            **dict.fromkeys(("a pixel", "one pixel", "pixels"), "pixel"),
            **dict.fromkeys(("the image", "an image", "the whole image", "digit"), "image"),
            **dict.fromkeys(("a column", "one column", "columns"), "column"),
        },
    ),
    "lesson 3: again, dent": Answer(
        right=[1],
        wrong={
            4: "that is the sheet after the first blow: at each later step half of it stays.",
            2: "that is after two steps: the third halves it once more.",
            0.5: "three steps, but the first of them lands the blow: it is halved twice.",
            0: "no blow does not mean no dent: keep times the old sheet stays.",
        },
        look="work out state = 0.5 * state + blow three times, from a flat sheet.",
        praise="4, then 2, then 1.",
    ),
    "lesson 3: again, bag": Answer(
        right=[1],
        wrong={
            0: "at 0 only the last word is left: which keep adds all of them up?",
            0.5: "at 0.5 an early word weighs less than a late one, so their order is seen.",
        },
        look="at which keep is the sheet the plain sum of its blows?",
        praise="a plain sum does not know what came first.",
    ),
    "lesson 3: again, hammer": Answer(
        right=[3584],
        wrong={
            7168: "the same hammer strikes at every step: a longer sentence needs no second one.",
            1792: "the number of steps does not come into it.",
        },
        look="how many hammers does a sentence need?",
        praise="one hammer, whatever the number of steps.",
    ),
    "lesson 4: again, shape": Answer(
        right=[(5, 20, 14)],
        wrong={
            (5, 14, 20): "rows are the time steps, and the pixels of a row are its features.",
            (20, 5, 14): "the batch comes first.",
            (5, 280): "that is for a dense layer, which takes all pixels at once.",
        },
        look="(batch, time steps, features): how many images, how many rows, how long is a row?",
        praise="five sequences of 20 steps, 14 features each.",
    ),
    "lesson 4: again, fade": Answer(
        right=[0.729],
        tolerance=0.0015,
        wrong={
            0.7: "0.1 is not taken away each time: keep multiplies.",
            0.81: "that is after two further blows.",
            0.9: "that is after one further blow.",
            2.7: "keep multiplies, three times over.",
        },
        look="keep multiplies at each of the three steps: 0.9 ** 3.",
        praise="0.9 times 0.9 times 0.9.",
    ),
    "lesson 4: again, dense": Answer(
        right=[7850],
        wrong={
            7840: "the biases are missing: one for each unit.",
            7841: "every unit has a bias of its own.",
            794: "a table has 784 rows times 10 columns: multiply.",
        },
        look="a table with a row for each pixel and a column for each unit, and a bias a unit.",
        praise="784 times 10 weights, and 10 biases.",
    ),
    "lesson 5: again, rnn": Answer(
        right=[32],
        wrong={
            28: "the biases are missing: one for each of the 4 units.",
            16: "that is the kernel and the bias: the old state is read as well.",
            12: "that is the kernel alone.",
            128: "that is four sets, as in an LSTM: the plain RNN has one.",
        },
        look="3 times 4 for the input, 4 times 4 for the old state, and 4 biases.",
        praise="12 and 16 and 4.",
    ),
    "lesson 5: again, gradient": Answer(
        right=[0.0625],
        tolerance=0.001,
        wrong={
            2: "the factors are multiplied, not added.",
            0.125: "that is after three steps.",
            0.5: "that is after one step: each of the four multiplies.",
        },
        look="the gradient is a product of one factor a step: 0.5 ** 4.",
        praise="0.5 four times: it vanishes.",
    ),
    "lesson 5: again, answer": Answer(
        right=["last"],
        wrong={
            "first": "the first state has seen one step only.",
            "all": "all states can be read, but one of them has seen everything.",
            "mean": "some networks take the mean, but one state alone has seen everything.",
        },
        look="which of the states has seen the whole sequence?",
        praise="only the last state has seen all of it.",
        same={
            **dict.fromkeys(
                ("the last", "the last state", "last state", "the last h", "final"), "last"
            ),
            **dict.fromkeys(("the first", "the first state", "first state"), "first"),
            **dict.fromkeys(("all of them", "every state", "all states"), "all"),
            **dict.fromkeys(("the mean", "average", "the average"), "mean"),
        },
    ),
    "lesson 6: again, lstm": Answer(
        right=[180],
        wrong={
            45: "that is one of the four: three gates and the candidate.",
            160: "the biases are missing: one for each unit of each of the four.",
            60: "what was shown is read as well: 5 units beside the 3 features.",
            135: "three gates and the candidate: there are four sets.",
        },
        look="4 times 5 units times (3 features + 5 units + 1 bias).",
        praise="four sets of 5 times 9.",
    ),
    "lesson 6: again, sheet": Answer(
        right=[0],
        wrong={
            1: "half of the old sheet goes, and a blow of -1 lands: both, not one of them.",
            2: "the blow comes from below: its candidate is -1.",
            -1: "half of the old sheet of 2 stays.",
        },
        look="c = f * c + i * candidate.",
        praise="1 of the old sheet stays, and -1 lands.",
    ),
    "lesson 6: again, hidden": Answer(
        right=["o"],
        wrong={
            "f": "the forget gate stands in c = f * c + i * candidate.",
            "i": "the input gate stands in c = f * c + i * candidate.",
            "candidate": "the candidate is no gate, and it stands in c = f * c + i * candidate.",
        },
        look="which of the three does not occur in c = f * c + i * candidate?",
        praise="it makes h, and leaves the sheet as it is.",
        same={
            **dict.fromkeys(("output", "output gate", "the output gate", "o_t"), "o"),
            **dict.fromkeys(("forget", "forget gate", "the forget gate", "f_t"), "f"),
            **dict.fromkeys(("input", "input gate", "the input gate", "i_t"), "i"),
        },
    ),
    "lesson 7: again, block": Answer(
        right=["f"],
        wrong={
            "i": "the input gate comes first.",
            "candidate": "the candidate comes third in Keras; second it was in the old lines.",
            "o": "the output gate comes last.",
        },
        look="Keras lays the four out as i, f, c, o.",
        praise="i, f, c, o in Keras; i, j, f, o in the old lines.",
        same={
            **dict.fromkeys(("forget", "forget gate", "the forget gate"), "f"),
            **dict.fromkeys(("input", "input gate", "the input gate"), "i"),
            **dict.fromkeys(("output", "output gate", "the output gate"), "o"),
            **dict.fromkeys(("c", "j", "g", "cell", "the candidate"), "candidate"),
        },
    ),
    "lesson 7: again, state": Answer(
        right=["h"],
        wrong={
            "c": "that is the third: the old final_state begins with c, Keras with h.",
            "outputs": "that is the first: h after every step, if they are asked for.",
        },
        look="Keras gives outputs, then the state that is shown, then the sheet.",
        praise="outputs, h, c.",
        same={
            **dict.fromkeys(
                ("hidden state", "the hidden state", "h_t", "last h", "the last h"), "h"
            ),
            **dict.fromkeys(("cell state", "the cell state", "sheet", "the sheet"), "c"),
            **dict.fromkeys(("output", "the outputs"), "outputs"),
        },
    ),
    "lesson 7: again, left": Answer(
        right=[0.9**28],
        tolerance=0.004,
        wrong={
            0.9: "that is what one step leaves: the gate multiplies at each of the 28.",
            0: "little is left, but not nothing: 0.9 ** 28.",
            25.2: "the gate multiplies 28 times: 0.9 ** 28.",
        },
        look="the gate multiplies at every row: 0.9 ** 28.",
        praise="about a twentieth.",
    ),
    "lesson 8: again, loss": Answer(
        right=[0.6931],
        tolerance=0.006,
        wrong={
            0.5: "that is the belief: the loss is minus its logarithm.",
            -0.6931: "the logarithm of 0.5 is below zero, and the loss is minus that.",
            1: "that is the logarithm to the base of 2: the loss takes the natural one.",
            2.3026: "that is the loss of a belief of 0.1, a guess among ten.",
            0.301: "that is the logarithm to the base of 10: the loss takes the natural one.",
        },
        look="the loss is minus the natural logarithm of the belief: -np.log(0.5).",
        praise="-log(0.5).",
    ),
    "lesson 8: again, rows": Answer(
        right=[80384],
        wrong={
            160768: "the same weights serve at every step: the number of rows does not come in.",
            40192: "the number of rows does not come into it.",
        },
        look="do the 28 rows come into 4 * 128 * (28 + 128 + 1)? The 28 there are a row's pixels.",
        praise="as many: the features count, not the steps.",
    ),
    "lesson 8: again, shut": Answer(
        right=[0],
        wrong={
            1: "h is the output gate times tanh of the sheet: 0 times something.",
            0.9: "that may be the sheet: what is shown is the output gate times its tanh.",
        },
        look="h = o * tanh(c), with o at 0.",
        praise="nothing is shown, whatever the sheet holds.",
    ),
    "lesson 9: again, padding": Answer(
        right=["right"],
        wrong={
            "left": "on the left it is read first, and the fast kernel would refuse its mask.",
            "both": "on one side only: where is a mask that the fast kernel takes?",
        },
        look="the sequence comes first, and what only fills up comes after it.",
        praise="behind the sequence, with a mask that says so.",
        same={
            **dict.fromkeys(
                ("on the right", "behind", "after", "end", "at the end", "post"), "right"
            ),
            **dict.fromkeys(("on the left", "before", "in front", "start", "pre"), "left"),
            **dict.fromkeys(("both sides", "on both sides"), "both"),
        },
    ),
    "lesson 9: again, product": Answer(
        right=[0.4],
        wrong={
            1.3: "what is left is a product of the gates, not their sum.",
            0.5: "the gate of row 3 multiplies what row 2 has left.",
            0.8: "the gate of row 2 has multiplied it before.",
            0.65: "what is left is a product of the gates, not their mean.",
        },
        look="what is left of a row is the product of the forget gates after it.",
        praise="0.5 times 0.8.",
    ),
    "lesson 9: again, swapped": Answer(
        right=["none"],
        wrong={
            "error": "28 fits either way, so nothing is wrong as far as Keras can tell.",
        },
        look="what does Keras say where both axes have the same length?",
        praise="no message at all: try your code on images that are not square.",
        same={
            **dict.fromkeys(("no", "nothing", "no error", "no message", "no error at all"), "none"),
            **dict.fromkeys(("an error", "a message", "yes", "ValueError"), "error"),
        },
    ),
}
