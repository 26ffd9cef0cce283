"""Plain answers in many spellings: a right one is taken however it is written, and no wrong one is.

Each list is what a learner may well type for the question, as text or as Python makes of it.
"""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from helpers.checks import ANSWERS
from helpers.checks import plain_answers as answers

# fmt: off
RIGHT = {
    "lesson 0: steps": [
        28, 28.0, "28", np.int8(28), np.array(28), np.array([28]), [28], (28,), {28}, "28 rows",
        "28 steps", "28.", "'28'", "\uff12\uff18", "twenty-eight", "Twenty eight", "4*7",
        "28 time steps", "steps = 28", "+28", "28,0", "28.0", "about 28", "= 28", b"28",
        Fraction(28), Decimal(28), "\u2009 28\u00a0rows", "\u0662\u0668", "it is 28", "28!",
        "28 (rows)", "(28)",
        "28 ROWS", "~ 28", "twenty eight rows", "28.00", "28 time-steps", "28 time_steps",
        "28 steps.", "\u201c28\u201d", "n = 28", "steps: 28", "28;", "28,", "28 each", "<28>",
        "28 rows of the image", "The replay has 28 steps.", "It has 28 steps", "there are 28",
        "28 steps in total", "exactly 28 rows", "0b11100", "28th",
    ],
    "lesson 1: hammer": [
        3584, (3, 584), "3,584", "3 584", "3\u202f584", "3\u2009584", "3_584", "3'584",
        "3\u2019584", "28*128", "28 x 128", "28 \u00d7 128", "28\u00b7128", "3584 numbers",
        "3584 weights", "3.584,0", "3584.00", "three thousand five hundred eighty-four",
        "three thousand, five hundred and eighty-four", "3584e0", "3.584e3", "3.584k",
        "3,584 numbers in all", "a total of 3584",
    ],
    "lesson 1: equal sheets": [
        [0, 1], (1, 0), {0, 1}, "0 and 1", "0, 1", "[0, 1]", "0 & 1", "{0, 1}", "0 1", "0.0, 1.0",
        np.array([0, 1]), [0.0, 1.0], ["0","1"], {0:"x",1:"y"}.keys(), range(2), "1 and 0",
        "zero and one", "keep = 0 and keep = 1", [False, True], "at 0 and at 1", "0 or 1",
        "0 and 1.", "only 0 and 1", "both 0 and 1", "keep=0, keep=1", "{0,1}", "0; 1", "0/1",
        [0, 1.0], "0 und 1", "at keep 0 and keep 1", "[0,1]", "0, 1 (not 0.5)",
        ["keep = 0", "keep = 1"],
    ],
    "lesson 1: half after ten": [
        0.93, "0.93", "0,93", (0, 93), "93 %", "93%", "93 percent", "93 per cent", "0.5 ** 0.1",
        "0.5^(1/10)", "0.5**(1/10)", 0.5**.1, np.float16(.933), np.float32(.933), "~0.93",
        "\u2248 0.933", "about 93 %", "0.93-0.935", "0.93 to 0.935", "keep = 0.93", ".93",
        "\uff19\uff13\uff05", "0.933.",
        "0.933", "0.9330", "93.3 %", "about 0.93", "0.93 (93 %)", "0.5**0.1 = 0.933", "2**-0.1",
        "2^(-1/10)", "2^-0.1", "between 0.93 and 0.935", "0.93 - 0.935", (0, 933),
    ],
    "lesson 1: keeps": [
        [0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 0, 1], "0 0 0 0 0 1", "000001", "0,0,0,0,0,1",
        "[1, 1, 1, 1, 0, 1]", [True, True, True, True, False, True], np.array([1, 1, 1, 1, 0, 1]),
        "(1,1,1,1,0,1)", "1 1 1 1 0 1", (1.0, 0, 0, 0, 0, 1), ["1","1","1","1","0","1"],
        np.array([1, 1, 1, 1, 0, 1], bool),
    ],
    "lesson 2: dense parameters": [
        78500, (78, 500), "78,500", "78 500", "784*100+100", "784 * 100 + 100", "(784 + 1) * 100",
        "78.5k", "78,500 parameters", "785 x 100", "78.5 thousand", "7.85e4", "7.85\u00b710^4",
        "7.85 \u00d7 10\u2074",
    ],
    "lesson 2: rnn parameters": [
        "5,952", (5, 952), "28*64 + 64*64 + 64", "5952 params", "5\u2019952",
    ],
    "lesson 2: shape of states": [
        (3, 28, 12), "3x28x12", "(3, 28, 12)", "3, 28, 12", "3 \u00d7 28 \u00d7 12", "[3,28,12]",
        np.array([3, 28, 12]), "3 by 28 by 12", "3*28*12", "(batch 3, time steps 28, units 12)",
        {"batch":3,"time steps":28,"units":12}, {"units":12,"batch":3,"time steps":28},
        "batch=3, time_steps=28, units=12", "12 units, 3 images, 28 rows", "(3,28,12,)",
        "3 28 12", "shape (3, 28, 12)", ["3","28","12"], "3;28;12",
        "\uff13\u00d7\uff12\uff18\u00d7\uff11\uff12",
    ],
    "lesson 3: left after ten": [
        0.5**10, "1/1024", "0.5**10", "0.5 ** 10", "2^-10", "2\u207b\u00b9\u2070", "0.001",
        "1e-3", "9.8e-4", "0,00098", "0.098 %", "0.1%", "1 in 1024", "one thousandth",
        "a thousandth", "about 0.001", "(1/2)^10", "0.5^10", Fraction(1, 1024), "1e\u22123",
        "9.77 * 10^-4", "9,8e-4", "9.8\u00b710\u207b\u2074",
        "about 0.001", "0.1 %", "0.0009765625", "1/1,024", "one in a thousand", "1 in a thousand",
        "a thousandth", "\u2248 10\u207b\xb3", "10^-3", "1:1024", "(1/2)**10", "0.5\xb9\u2070",
        "\xbd^10", "2**(-10)", "9.765625e-4", "\u22481/1000", "0.000977", "0.098%",
    ],
    "lesson 3: one factor": [
        0.38, "38 %", "0,38", (0, 38), "38%", "~38%", "about 38 %", "2*(1-0.9**2)", "2 * 0.19",
        "0.38.", Decimal("0.38"), np.float16(.38), "19/50", "+0.38", "by 0.38",
        "a factor of 0.38", "factor 0.38", "2*(1-0.81)", "\"0.38\"", "38 per cent",
        "thirty-eight percent", "zero point three eight",
        "0.38x", "x0.38", "\xd70.38", "38/100", "0.380", "0.38 (shrinks)", "\u22480.38",
        "38 out of 100", "38 of 100", "38:100", ".38", "0.38 times", "38%.", "2\xb70.19",
        "2 \xd7 (1 \u2212 0.9\xb2)", "2*(1-0.9^2)", "2(1-0.9^2)", "approx. 0.38", "ca. 0,38",
        "3.8e-1", "3,8e-1", "(0.38)", "[0.38]", "0,380", "0.3800001",
    ],
    "lesson 4: covered": [
        (1, 0, 0), "1, 0, 0", "100", "(1,0,0)", [True, False, False], {"f":1,"i":0,"o":0},
        {"o":0,"f":1,"i":0}, "f=1, i=0, o=0", "f = 1, o = 0, i = 0",
        "forget gate 1, input gate 0, output gate 0", "1 0 0", "f=1 and i=0 and o=0",
        {"f": True, "i": False, "o": False},
        "f=1,i=0,o=0", "1/0/0", "f 1, i 0, o 0", "f1 i0 o0", "(1.0, 0.0, 0.0)", "1,0,0.",
        "one, zero, zero", ("1", "0", "0"), "f: 1, i: 0, o: 0", "f=1; i=0; o=0", "1 | 0 | 0",
        "{f: 1, i: 0, o: 0}", "{'f': 1, 'i': 0, 'o': 0}", "f=1 i=0 o=0",
    ],
    "lesson 4: input gate": [
        0.5, "1/2", "half", "a half", "one half", "50 %", "\u00bd", "0,5", (0, 5), "0.50",
        "half open", "50%",
    ],
    "lesson 4: kernel shape": [
        (20, 256), "20x256", "(20, 256)", "20 \u00d7 256", [20, 256], "20, 256", "20 by 256",
        "(20, 4*64)", "20 rows, 256 columns", "20 * 256", "20 256",
        "(20, 4 * 64)", "20 rows and 256 columns", "20 rows by 256 columns",
        "256 columns, 20 rows", "(features=20, 256)", "[20 256]",
    ],
    "lesson 4: forget bias": [
        3.65, "3,65", (3, 65), "3.65", "\u22483.65", "3.650", "3,650", "about 3.65", "+3.65",
    ],
    "lesson 4: half forgotten": [
        35, "35 steps", "35", "thirty-five", "after 35 steps", "35 further steps",
        "35th", "after 35", "35 more steps", "at step 35", "n = 35", "35 steps later", "35,0",
        "about 35", ">= 35",
    ],
    "lesson 6: updates": [
        785, 785.0, "785", "157 * 5", "seven hundred eighty-five", np.int64(785),
    ],
    "lesson 6: who may choose": [
        "set aside", "Set aside", "SET ASIDE", "validation", "the set aside", " set aside.",
    ],
    "lesson 6: parameters": [
        22410, (22, 410), "22,410", "22 410", "22'410", "22_410", "22.41k",
        "4*64*(20+64+1) + 64*10 + 10", "22,410 numbers", "22.410,00", 22410.0, np.float32(22410),
        "22 410 parameters", "22,410.", "22410 parameters", "22,410 trainable parameters",
        "22410 params in total", "21760 + 650", "21,760 + 650 = 22,410", "22,410 (21,760 + 650)",
        "twenty-two thousand four hundred ten", "22 thousand 410", "2.241e4", "2.241 \xd7 10^4",
        "4*(20*64+64*64+64)+64*10+10", "4\xb764\xb7(20+64+1)+650", "22 410", "22\u200b410",
        "22\xa0410", "\u224822,410", "22,410 numbers.", "22 410,0", "22,410 learnable parameters",
        "4 * 64 * 85 + 650",
    ],
    "lesson 6: confusion": [
        3, "3", "three", "three of them", "3 fives", "3 digits",
    ],
    "lesson 6: one batch": [
        0.78, "0.78 %", "0.8 %", "0,8", "0.8%", "\u00b1 0.8 %", "\u00b10.8",
        "0.8 percentage points", "0.8 percent", "+/- 0.8 %", (0, 8), "about 0.8 %",
        "0.78 per cent", "0.8 pct", "0.776",
        "0.78%", "~0.8 %", "0.8 per cent", "0.8 percentage point", "\xb10.78", "0.8 % points",
        "0,78 %", "(0.8)", "0.8 (per cent)", "+-0.8 %", "+- 0.8", "plus or minus 0.8 %",
        "0.78 %.", "0.7757",
    ],
    "lesson 7: only the last row": [
        ("f",0), ("F",0), {"f":0}, "f, 0", "f = 0", "f=0", "('f', 0)", "f 0", "forget gate at 0",
        ["f",0.0], ("f_t",0), ("forget gate",0), ("the forget gate",0), {"f",0}, (0,"f"),
        "f at 0", "f: 0", "pin f at 0", ("f","0"), ("f",False), "forget, 0", {"forget":0},
        '("f", 0)', "the forget gate at 0", "f0", "{'f': 0}", "forget gate = 0",
        "f to 0", "set f to 0", "pin f to 0", "f\u21920", "f -> 0", "f:0", "(f, 0)", "f, 0.0",
        "forget gate, 0", "forget gate: 0", "f pinned at 0", "ablate={'f': 0}", 'ablate={"f": 0}',
        "f is 0", "forget_gate = 0", "F=0", {"f": [0]}, "pin the forget gate at 0",
        "the forget gate, at 0", np.array(['f', '0']), "f=0.",
    ],
    "lesson 7: output gate shut": [
        {"h"}, "h", ["h"], ("h",), "H", "h_t", "the hidden state", "hidden state", "only h",
        "just h", "{'h'}", "h only", {"h":True,"c":False,"candidate":False},
        "h.", "{h}", "h (hidden state)", "the h", "h alone", "just the hidden state", ["h_t"],
    ],
    "lesson 7: what shows forgetting": [
        "after", "After", "'after'", "empty rows after", {"after"}, "empty rows after it",
        "rows after",
        "after the digit", "rows after", "empty rows after the digit", "the empty rows after it",
        "after.", "(after)",
    ],
    "lesson 7: shuffled": [
        {"sum"}, "sum", "the sum", "SUM", ["sum"], "sum of the rows", "only the sum",
        "the sum of the rows", {"the sum"},
    ],
    "what return_state gives": [
        ("output","h","c"), ["output","h","c"], "output, h, c", '("output", "h", "c")',
        "output h c", ("Output","H","C"), "output, h and c", np.array(["output","h","c"]),
        "[output, h, c]",
        '["output","h","c"]', "output,h,c", "output; h; c", "(output, h, c)", "output + h + c",
        "'output', 'h', 'c'", "output, h, and c",
    ],
    "gates that make c": [
        {"f","i"}, ["f","i"], "f, i", "f and i", "fi", "if", "{f, i}", {"forget","input"},
        {"forget gate","input gate"}, "the forget gate and the input gate", {"f_t","i_t"},
        "f & i", "f/i", "f + i", ("I","F"), "forget and input", "i and f", ["forget gate","i"],
        {"f":1,"i":2}.keys(), "forget gate, input gate", "both f and i", "F, I", "f i",
        np.array(["f","i"]), {"f":True,"i":True,"o":False}, "forget and input gates",
        "the forget and input gates",
        "f,i", "forget_gate and input_gate", "Forget-Gate, Input-Gate", "the f and i gates",
        "f and i gates", "gates f and i", "{'f','i'}", "set(['f','i'])", "f plus i", "f;i", "f|i",
        "'f', 'i'", "forget & input", "input, forget", "i,f.", "f, i.", "f und i",
        "forget gate (f), input gate (i)", "f (forget) and i (input)",
        "forget gate f and input gate i", "both the forget and the input gate", "i & f only",
        ["f_t", "i_t"], ("forget gate", "input gate"), {"the input gate", "the forget gate"},
        "F I", "f\ni",
    ],
    "forget gate at 1": [
        "keeps all", "Keeps all.", "it keeps all", "keeps everything", "keep", "keeps-all",
        "keeps_all", "kept", "\u201ckeeps all\u201d", "forgets nothing", "It keeps everything!",
        "keeps it all", "  KEEPS   ALL ",
        "keep all of it", "keeps all dents", "It keeps all of the sheet", "keeps the dents",
        "keep everything", '"keeps all"', "keeps all!", "remember everything",
        "retains everything", "preserves all", "leaves all", "does not forget anything",
        "forgets nothing at all",
    ],
    "lesson 5: last h": [
        {"a","d"}, "ad", "a, d", "a and d", "A, D", ["d","a"],
        {"outputs[:, -1]","final_state[1]"}, "outputs[:, -1] and final_state[1]", "a d", "a & d",
        "da", ("a","d"), {"a":True,"b":False,"c":False,"d":True}, "a) and d)", "(a) and (d)",
        "a/d", "\"a\", \"d\"",
        "a+d", "{a,d}", "a, d.", "only a and d", "A & D", "a ; d", "'a' and 'd'", "both a and d",
        "a und d",
    ],
    "lesson 5: rows read": [
        28, "all 28", "28 rows", "all 28 rows",
    ],
    "lesson 5: rows that count": [
        (28, 14, 28), "28, 14, 28", [28, 14, 28], "(28, 14, 28)", "28 14 28", "28, 14 and 28",
        "28/14/28",
    ],
    "lesson 5: outputs of 14x56": [
        (32, 14, 100), "32x14x100", "(32, 14, 100)", "32 \u00d7 14 \u00d7 100", (None, 14, 100),
        "(None, 14, 100)", "None, 14, 100", "32\u00d714\u00d7100", [32, 14, 100], "[32, 14, 100]",
        "TensorShape([32, 14, 100])", "torch.Size([32, 14, 100])", "32, 14, 100",
        "32 by 14 by 100", np.array((32, 14, 100)), "batch 32, time steps 14, units 100",
        "(batch, 14, 100)", "shape=(32, 14, 100)", "(None,14,100)", "NONE x 14 x 100",
        "32 x 14 x 100",
        "(32,14,100)", "32,14,100", "32*14*100", "32X14X100", "[32 14 100]", "(32, 14, 100).",
        "tf.TensorShape([32, 14, 100])", "torch.Size([32,14,100])", "it is (32, 14, 100)",
        "The shape is (32, 14, 100)", "(batch=32, steps=14, units=100)",
        "batch=32 steps=14 units=100", "32 \xd7 14 x 100", "32, 14 and 100", "(32 14 100)",
        "<32, 14, 100>", "TensorShape([None, 14, 100])", "(batch_size, 14, 100)", "(?, 14, 100)",
        "\u27e832,14,100\u27e9", "32/14/100", "(32, 14, 100)\n", ("32", 14, "100"),
        "batch: 32, time steps: 14, units: 100", "32 images, 14 rows, 100 units",
        "32 images of 14 rows with 100 units", "100 units, 14 steps, 32 batch", "(N, 14, 100)",
        "(B, 14, 100)",
    ],
    "lesson 8: gru parameters": [
        16512, (16, 512), "16,512", "16 512", "3*64*(20+64+2)",
    ],
    "lesson 8: which is better": [
        "cannot tell", "can't tell", "can\u2019t tell", "Cannot tell.", "can not tell",
        "cant tell", "One cannot tell", "we can't tell", "cannot say", "it cannot be told",
        "cannot tell!", "can\u2019t tell.", "you can't tell", "We cannot tell", "cannot-tell",
        "cannot_tell", "can not be told", "one can not tell", "it's impossible to tell",
        "can't be told", "unclear", "I can't tell",
    ],
    "lesson 8: forget bias for 784 steps": [
        7.03, "7.03", "7,03", "7,030", "~7.03",
    ],
    "lesson 8: cudnn": [
        {"a","c"}, "a, c", "ac", "a and c", "A and C", ["c","a"],
        {"LSTM(64)","GRU(64, dropout=0.2)"}, "{a, c}", "LSTM(64) and GRU(64, dropout=0.2)",
        {"a":True,"b":False,"c":True,"d":False,"e":False},
        "a & c", "LSTM(64), GRU(64, dropout=0.2)", "a,c.", "a) and c)", "(a, c)",
        ["LSTM(64)", "GRU(64,dropout=0.2)"],
    ],
    "lesson 9: embedding": [
        270, "270", "27*10", "27 x 10", "(26 + 1) * 10", np.int64(270), 270.0,
    ],
    "lesson 9: the bag at best": [
        15, "15", "fifteen", 15.0, np.int64(15), "15.", "30/2",
    ],
    "lesson 9: stateful": [
        {"b", "c", "d"}, "b, c, d", "bcd", ["d", "c", "b"], "b, c and d", "B C D",
        {"a": False, "b": True, "c": True, "d": True, "e": False},
    ],
    "sequences in one image": [
        1, "one", "1", "one sequence", "1 sequence", "a single sequence", "just one",
        "exactly one",
        "1 (one)", "One.", "one only", "only one", "just 1",
    ],
    "time steps and features of 14x56": [
        (14, 56), "14x56", "14, 56", "14 time steps, 56 features", "56 features, 14 time steps",
        "14 and 56", "14 \u00d7 56", "(14, 56)", {"time steps":14,"features":56},
        {"features":56,"time_steps":14}, "14 steps and 56 features",
        "14 time steps and 56 features", "time steps 14, features 56", "14 rows of 56 pixels",
        "14/56", "14 56",
        "14 steps of 56 features", "14 rows with 56 features each",
        "14 time steps of 56 features each", "(time_steps=14, features=56)",
        "steps 14 features 56", "56 features and 14 steps", "14time steps,56features",
    ],
    "lesson 3: numbers for the head": [
        64, "64", "64 numbers", "sixty-four", "64 units",
    ],
    "lesson 2: rnn parameters, 100 rows": [
        5952, "5,952", (5, 952), "28*64+64*64+64",
    ],
    "lesson 2: shape of sentences": [
        (32, 12, 50), "32x12x50", "32 sentences, 12 words, 50 numbers",
        "50 features, 12 time steps, batch 32",
    ],
    "lesson 4: overwritten": [
        (0, 1, 1), "011", "f=0, i=1, o=1", (False, True, True), {"i":1,"f":0,"o":1},
    ],
    "shape of 100 images of 28x20": [
        (100, 28, 20), "100x28x20", "100 images, 28 rows, 20 columns",
    ],
    "lesson 2: window parameters": [
        520, "20*26", "20 * (25 + 1)", "520 weights", "20*(5*5+1)", "five hundred and twenty",
        "520 parameters",
    ],
}

# Near misses of what is read above: other separators, other signs, too much, too little.
WRONG = {
    "lesson 0: steps": [
        "28 %", "28,000", "28k", "2,8", "28 - 1", "not 28", "less than 28", "more than 28",
        "28 or 27", "27-29", "28 hundred", "2 8", "28 thousand", "0.28", "-28",
        "28 steps per row", "28x28", (28, 28), [28, 28], {28, 27}, True, "28 28", "28/2",
        "minus 28", "twenty-seven", "28**2", "28j", "(2, 8)", (2, 8), np.array([28, 28]),
        "28 million", "IIXX", "1/28", "28\u00b2", "28 dozen", "28!7", "0x1c0",
        "28 (56)", "28 = 27", "27 = 28 - 1", "28 x 2", "28:2", "1 in 28", "0 (28)", "27 (28)",
        "28(2)", "28 times 28", "x", "28e", "28th of 784", "28 each of 3", "a hundredth",
    ],
    "lesson 1: hammer": [
        "3.584", 3.584, (35, 84), "35,84", (3, 58), "3,58", "3,5840", (3, 5840), (3, 584, 0),
        "28+128", "28,128", (28, 128), [3, 584], "28 and 128", "3584 %", "3,584 thousand",
        "28 by 1288", "3584 per step",
    ],
    "lesson 1: equal sheets": [
        {0}, {1}, {0, .5, 1}, [0, .5], "0", "1", "0.5", "0.1", "0 and 0.5", "01.5", {0, 1, 2},
        "0 to 1", "0-1", [0, 1, 1.5], [True], (0, 10), "neither",
    ],
    "lesson 1: half after ten": [
        "93", 93, "0.9", "9.3", "93.0", "7 %", "0,9", (0, 9), (93, 0), "0.93 %", "0.92-0.95",
        "0.9 to 1", "0.5", "1/10", "5 %", "0.093", (9, 3), "0.5/10", "half", "9,3 %", "930",
        "0.93 (0.5)", "0.5**0.1 = 0.5", "93",
    ],
    "lesson 2: dense parameters": [
        "78.500", 78.5, (78, 50), "78,50", "78,5000", "784*100", "784x100+1", (78, 500, 0),
        (785, 0, 0), "785,00",
    ],
    "lesson 2: shape of states": [
        "3x12x28", (28, 3, 12), "3,28", "3x28x12x1", "12, 28, 3", "32812", "3 28", {3, 28, 12},
        "batch 28, time steps 3, units 12", {"batch":28,"time steps":3,"units":12}, "3*(28*12)",
        1008, "(3, 28, 20)", (None, 28, 12), np.zeros((3, 28, 12)), "28 units, 3 images, 12 rows",
        "(None, 28, 12)", (3, 28, 12, 1),
        "28 rows, 12 images, 3 units", "batch 12, steps 28, units 3",
        "12 images of 28 rows with 3 units", "3 28 (12)", "3, 28", "batch 3 units 12",
        "batch 3, batch 28, units 12", "3 28 12 1",
    ],
    "lesson 3: left after ten": [
        "0.01", "1 %", "1/1000000", "0.5*10", "5", "1e3", "0.5/10", "10^-2", "2^10", "1024",
        "2\u207b\u2079", "0.001 %", "1 in 100", "1e-2", (0, 1), "0,01", "98e-4", "0.0098", 0.098,
        "0.0095", "0.001-0.01",
        "one in a hundred", "1:100", "10th", "1 in a million",
    ],
    "lesson 3: one factor": [
        "38", 38, "3.8", "380 %", "0.38 %", "3,8", (3, 8), (38, 0), "0.37-0.39", "0.4", "3.8 %",
        "19 %", "2 %", "0.038", "-0.38", "1/38", "0.38 or 2", "minus 0.38", "38 per mille",
        "0.38 (38)", "0.38 = 38", "38 = 0.38", "38 (0.38)", "1 in a hundred", "38 points",
        "2(0.38)", "0.38(2)", "38 x", "x 38", "0.3800 (3.8 %)",
    ],
    "lesson 4: covered": [
        "011", "0, 0, 1", {1, 0}, {"f":0,"i":1,"o":1}, "f=0, i=1, o=1", "10", "1,0", "1000",
        (1, 0), "i=1, f=0, o=0", [False, True, True], "1 0 1", {"i":1,"f":0,"o":0},
        "f0 i1 o1", "f=0 i=0 o=1", "o=1, i=0, f=0", "f=1 i=1 o=0", "{'f': 0, 'i': 0, 'o': 1}",
        "f=1 i=0", "f=10 i=0 o=0", "f=1, i=0, c=0",
    ],
    "lesson 4: input gate": [
        "5", "50", "0.05", "2/1", "1/4", "a quarter", "0.5 %", "5 %", (5, 0), "1-0.4",
    ],
    "lesson 4: kernel shape": [
        5120, "5120", "256x20", "256, 20", "20x64", "(20, 4)", "84 x 256", "columns 256, rows 84",
        "20256", {20, 256},
        "256 rows, 20 columns", "20 columns, 256 rows",
    ],
    "lesson 4: forget bias": [
        "365", 365, "3.6", "36,5", "3,6", "-3.65", "-3,65", (-3, 65), (3, 6), "3.65 %", "36.5",
        "3.5-3.8",
    ],
    "lesson 4: half forgotten": [
        "34", "35 %", "350", "3,5", "inf", "never", "infinity", "\u221e", "34-36", "35 or never",
        "35 rows of 28 pixels", (3, 5),
    ],
    "lesson 6: parameters": [
        "22.410", 22.41, (22, 41), "22,41", "2,2410", (2, 2410), "224,10", "22.41", "22,4100",
        "22410 %", "22k", "22.4k", "2241", "22,410k", (22, 410, 0), (22,"410"), [22, 410],
        "21,760 + 65", "22 41", "-22,410", (22, -410), (22, 4, 10), "22.410.000", "21,760",
        "22,410 (21,760)", "21,760 = 22,410", "22,41 0", "22,410 = 3", "21,760 (22,410)",
    ],
    "lesson 6: confusion": [
        "3 %", "4", "3 or 4", "8", "three hundred", "0.3", "1/3", "a third", "30",
    ],
    "lesson 6: one batch": [
        0.0078, "0.0078", "78", "78 %", "7.8 %", "0.08", "0.08 %", "0.0078 %", "99.2 %", "1",
        "0.7-0.9", (0, 7), "8 %", (78, 0), "0.5-1",
        "+-8", "plus or minus 78 %", "0.8 (80 %)",
    ],
    "lesson 7: only the last row": [
        ("f",1), "f=1", "i = 0", ("i",0), {"f":1}, {"o":0}, ("f",0,1), "f", 0, "f, i", "f0.5",
        ("f",0.5), "f 10", "g 0", ("h",0), "forget gate at 1", "input gate at 0", ("f",True),
        {"f":0,"i":0}, "c = 0", ("f","i"), (0, 0),
        "set f to 1", "f -> 1", "ablate={'f': 1}", "f is 1", "i is 0", "o pinned at 0",
        "f at 0.5", "set o to 0", "f at 0 and i at 0", "not f 0",
    ],
    "lesson 7: output gate shut": [
        {"h","c"}, "h and c", "c", "h, c", "hc", "candidate", {"o"}, "none", "not h", set(), [],
        "the cell state", "h c", "all", "hidden rows", {"h":True,"c":True},
    ],
    "lesson 7: what shows forgetting": [
        "before", "hidden", "none", "shuffled", {"after","before"}, "not after",
        "before and after", "after all", "before it",
    ],
    "lesson 7: shuffled": [
        "sum, c", {"sum","h"}, "c", "h", "sum and belief", "none", "all", set(), "sum of c",
    ],
    "what return_state gives": [
        "output, c, h", ("h","c"), "h, c, output", "output, state", "output",
        ("output",("h","c")), {"output","h","c"}, "h h c", "outputs h c", ("o","h","c"),
    ],
    "gates that make c": [
        "f", "i", "f, o", "fio", "f, i, o", {"f","o"}, "all", "o and i", "forget",
        "forget and output", "f not i", {"f","i","o"}, "f, i, candidate", "c", "input", "ff",
        "f, f", "fi o", {"f":True,"i":True,"o":True}, "fic",
        "f (output) and i", "forget gate (o), input gate (i)", "gates f and o", "gates",
        "f plus o", "output gate o and forget gate f", "f (forget)",
    ],
    "forget gate at 1": [
        "forgets all", "keeps nothing", "keep nothing", "does not keep all", "forgets",
        "forgets everything", "all is forgotten", "keeps half", "keeps all or forgets all",
        "doesn't keep", "never keeps", "nothing is kept",
        "keeps nothing at all", "does not keep", "loses all", "wipes everything", "erases it",
        "forget everything", "keeps nothing (all is forgotten)", "leaves nothing", "keeps some",
        "lose the sheet", "retains half",
    ],
    "lesson 5: last h": [
        "a", "d", "ab", "abd", "a, c", "b and d", "acd", "abcd", {"outputs[-1]","final_state[1]"},
        "c d", {"a":True,"d":False}, "outputs[-1] and final_state[0]", "ad c",
    ],
    "lesson 5: rows that count": [
        "28, 28, 28", (28, 14), (14, 28, 28), "14, 28, 28", "28-14-28", "28, 14", {28, 14},
        "281428",
    ],
    "lesson 5: outputs of 14x56": [
        "32x14x56", (None, 100, 14), "(None, 56, 100)", "14x100", (14, 100), (32, None, 100),
        (None, None, 100), "32x100", "(32, 14, None)", {"batch":14,"time steps":32,"units":100},
        "TensorShape([32, 100])", np.zeros((32, 14, 100)), 44800, "32, 141, 00", "3214100",
        (None, 14), "(None, 14)", (32, 14, 1), "14, 32, 100", "32x14x1x100",
        "(batch, 14, 56)", "(N, 100, 14)", "32 images of 100 rows with 14 units",
        "batch=14 steps=32 units=100", "n, n, n", "(14, N, 100)",
    ],
    "lesson 8: gru parameters": [
        "16.512", (16, 51), "165,12", "16,51",
    ],
    "lesson 8: which is better": [
        "GRU", "LSTM", "LSTM is better", "both", "GRU cannot tell", "neither", "I can tell",
        "equal", "can tell", "the RNN",
        "I can", "unclear GRU", "GRU is better (cannot tell)", "it can tell",
    ],
    "lesson 8: forget bias for 784 steps": [
        "7", "703", (7, 3), "7,3", "70,3", "7.0", "0.703", "7.03 %", "7.02", "-7,03",
    ],
    "lesson 8: cudnn": [
        "a", "ab", "abc", "acd", "c", "LSTM(64)", "a, c, e", "abcde", {"a":True}, "GRU(64)",
        "ace", {"a":True,"b":False,"c":False},
    ],
    "sequences in one image": [
        "28", "1 %", "10", "1 or 28", "1/2", "-1", "1.5", "1 in 28", "1,000", (1, 0),
        "one hundred", "twenty-one", "ones", "1 to 28", "no one", True,
    ],
    "time steps and features of 14x56": [
        "56x14", "56, 14", "56 time steps, 14 features", "14 features and 56 time steps", 784,
        "14*56=784", {14, 56}, "1456", "14.56", 14.56, "14", {"time steps":56,"features":14},
        "(1, 14, 56)", "14, 5, 6", (None, 14, 56),
        "56 rows of 14 features", "14 rows, 56 rows", "steps 56 features 14",
    ],
}
# fmt: on


def each(table):
    return [
        pytest.param(name, value, id=f"{name}-{number}")
        for name, values in table.items()
        for number, value in enumerate(values)
    ]


def test_every_question_is_tried():
    assert set(RIGHT) == set(ANSWERS)


@pytest.mark.parametrize(("name", "value"), each(RIGHT))
def test_a_right_answer_is_taken_in_any_spelling(name, value):
    verdict = answers.judge_answer(ANSWERS[name], value)
    assert verdict, (value, verdict.sentence)


@pytest.mark.parametrize(("name", "value"), each(WRONG))
def test_a_near_miss_is_refused_in_a_sentence(name, value):
    verdict = answers.judge_answer(ANSWERS[name], value)
    assert not verdict, value
    assert verdict.sentence.startswith("Not yet: ")
    assert verdict.sentence.endswith((".", "?"))


@pytest.mark.parametrize("name", ANSWERS)
def test_a_known_wrong_answer_hears_its_sentence_as_text_too(name):
    entry = ANSWERS[name]
    for wrong, sentence in entry.wrong.items():
        if isinstance(wrong, (tuple, frozenset)) and not all(
            isinstance(part, (int, str)) and not isinstance(part, bool) for part in wrong
        ):
            continue
        if isinstance(wrong, frozenset) and len(wrong) == 0:
            continue
        is_list = isinstance(wrong, (tuple, frozenset))
        text = ", ".join(map(str, wrong)) if is_list else repr(wrong)
        assert answers.judge_answer(entry, text).sentence == f"Not yet: {sentence}", text


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("lesson 6: parameters", "22.410", "a point is read as a decimal point"),
        ("lesson 6: parameters", "21.760-22.410", "neither a range nor two"),
        ("lesson 6: parameters", "21,760", "that is the LSTM alone"),
        ("lesson 6: parameters", (21, 760), "that is the LSTM alone"),
        ("lesson 3: one factor", "19 %", "the slope of tanh alone"),
        ("lesson 5: outputs of 14x56", np.zeros((32, 14, 100)), "write .shape behind it"),
        ("lesson 2: shape of states", (None, 28, 12), "here the batch is known"),
        ("gates that make c", "the output gate", "before it has a say"),
        ("lesson 4: covered", "f=0, i=0, o=0", "at 1 it keeps all"),
        ("lesson 7: only the last row", "f = 1", "the other way round"),
    ],
)
def test_a_wrong_answer_in_another_spelling_is_told_why(name, value, says):
    assert says in answers.judge_answer(ANSWERS[name], value).sentence


@pytest.mark.parametrize("blank", ["", "  ", "...", "\u2026", "?", ..., None])
def test_an_answer_not_given_is_the_learners_turn(blank):
    verdict = answers.judge_answer(ANSWERS["lesson 0: steps"], blank)
    assert verdict.sentence == "Your turn: put your answer in, then run this check again."
