"""Lesson 6's checks: right answers in any style, and wrong ones as a learner would write them."""

import numpy as np
import pytest

from helpers import checks
from helpers.reader import import_keras


@pytest.mark.parametrize(
    "function",
    [
        lambda belief, digit: -np.log(belief[digit]),
        lambda belief, digit: np.log(1 / belief[digit]),
        lambda belief, digit: -(np.eye(10)[digit] * np.log(belief)).sum(),
        lambda b, d: -np.log(b)[d],
    ],
)
def test_a_cross_entropy_passes_in_any_style(function):
    assert checks.cross_entropy(function)


def accuracy_in_a_loop(right, sizes):
    good = many = 0
    for r, n in zip(right, sizes, strict=True):
        good, many = good + r, many + n
    return good / many


@pytest.mark.parametrize(
    "function",
    [
        accuracy_in_a_loop,
        lambda right, sizes: sum(right) / sum(sizes),
        lambda right, sizes: np.average(right / sizes, weights=sizes),
    ],
)
def test_an_overall_accuracy_passes_in_any_style(function):
    assert checks.overall_accuracy(function)


@pytest.mark.parametrize(
    "function",
    [
        lambda images: images.transpose(0, 2, 1),
        lambda images: np.array([image.T for image in images]),
        lambda images: [list(zip(*image, strict=True)) for image in images],
        lambda images: np.einsum("ncr->nrc", images),
    ],
)
def test_rows_first_passes_in_any_style(function):
    assert checks.rows_first(function)


def settles_from_the_end(answers):
    row = len(answers)
    while row > 1 and answers[row - 2] == answers[-1]:
        row -= 1
    return row


def settles_forwards(answers):
    row = 1
    for n in range(1, len(answers)):
        if answers[n] != answers[n - 1]:
            row = n + 1
    return row


@pytest.mark.parametrize("function", [settles_from_the_end, settles_forwards])
def test_settles_at_passes_in_any_style(function):
    assert checks.settles_at(function)
    assert function([3, 7, 3, 7, 7]) == 4


@pytest.mark.parametrize(
    ("check", "function", "says"),
    [
        (checks.cross_entropy, lambda belief, digit: np.log(belief[digit]), "minus sign"),
        (checks.cross_entropy, lambda belief, digit: -np.log(belief), "each of the ten digits"),
        (
            checks.overall_accuracy,
            lambda right, sizes: np.mean([r / n for r, n in zip(right, sizes, strict=True)]),
            "small batch counts for more",
        ),
        (checks.overall_accuracy, lambda right, sizes: right[0] / sizes[0], "first batch alone"),
        (
            checks.rows_first,
            lambda images: np.reshape(images, (-1, images.shape[2], images.shape[1])),
            "torn the rows apart",
        ),
        (checks.rows_first, lambda images: images, "columns before rows"),
        (checks.settles_at, lambda answers: list(answers).index(answers[-1]) + 1, "from the end"),
        (checks.settles_at, lambda answers: settles_forwards(answers) - 1, "counts from 0"),
        (
            checks.settles_at,
            lambda answers: np.flatnonzero(answers != answers[-1])[-1] + 2,
            "stays from row 1 on, but your function stops with IndexError: index",
        ),
        (
            checks.settles_at,
            lambda answers: max([n + 2 for n, a in enumerate(answers) if a != answers[-1]] or [0]),
            "for ([4, 4, 4, 4]) your function gives 0 and should be 1",
        ),
        (checks.settles_at, lambda answers: 3, "your function gives 3 and should be 7"),
    ],
)
def test_a_wrong_idea_is_told_why(check, function, says, capsys):
    assert not check(function)
    assert says in capsys.readouterr().out


def my_unfinished(*arguments):
    return ...


@pytest.mark.parametrize(
    "check", [checks.cross_entropy, checks.overall_accuracy, checks.rows_first, checks.settles_at]
)
def test_an_exercise_not_begun_is_no_mistake(check, capsys):
    assert not check(my_unfinished)
    assert capsys.readouterr().out.startswith("Your turn: ")


@pytest.mark.parametrize(
    ("name", "right", "wrong", "says"),
    [
        ("lesson 6: parameters", 22_410, 21_760, "dense layer behind it"),
        ("lesson 6: parameters", 22_410, 21_504, "its biases are missing"),
        ("lesson 6: parameters", 22_410, 31_370, "which is off?"),
        ("lesson 6: parameters", 22_410, 22_410 * 28, "every step uses the same weights"),
        ("lesson 6: confusion", 3, 4, "8s were read as a 5"),
        ("lesson 6: one batch", 0.8, 0.09, "with 10,000 digits"),
        ("lesson 6: one batch", 0.776, 0.0078, "as a share"),
        ("lesson 6: one batch", 0.8, 4.4, "as for the coin"),
        ("lesson 6: one batch", 0.8, 1, "one decimal"),
        ("lesson 6: who may choose", "set aside", "test", "picks the luckiest"),
        ("lesson 6: who may choose", "Set aside", "training", "by heart"),
        ("lesson 6: who may choose", "validation data", "test digits", "picks the luckiest"),
        ("lesson 6: who may choose", "the digits set aside", "training digits", "by heart"),
        ("lesson 6: who may choose", "set aside", "the best", "in quotes"),
        ("lesson 6: updates", 785, 780, "leaves out the last batch"),
        ("lesson 6: updates", 785, 10_000 / 64 * 5, "round up"),
        ("lesson 6: updates", 785, 157, "one epoch"),
        ("lesson 6: updates", 785, 5, "an update for each batch"),
        ("lesson 0: steps", 28, 27, "first row"),
    ],
)
def test_plain_answers(name, right, wrong, says, capsys):
    assert checks.answer(name, right)
    assert not checks.answer(name, wrong)
    assert says in capsys.readouterr().out


def test_the_answers_are_what_their_questions_ask_for():
    assert 4 * 64 * (20 + 64 + 1) + 64 * 10 + 10 == 22_410
    assert 5 * -(-10_000 // 64) == 785
    p = 127 / 128
    assert checks.answer("lesson 6: one batch", 100 * np.sqrt(p * (1 - p) / 128))


# --- a network of one's own --------------------------------------------------------------------


def network(*layers, rows=(28, 28)):
    keras = import_keras()
    given = [keras.layers.Input(rows)] if rows else []
    return keras.Sequential([*given, *layers])


def layer(kind, *arguments, **settings):
    return getattr(import_keras().layers, kind)(*arguments, **settings)


def lstm(units=64, **settings):
    return layer("LSTM", units, **settings)


def states(kind="LSTM"):
    return layer(kind, 64, return_sequences=True)


def bidirectional(inner):
    return layer("Bidirectional", inner)


def keeps_its_states():
    rows = import_keras().layers.Input(batch_shape=(128, 28, 28))
    return network(rows, states(), lstm(stateful=True), layer("Dense", 10), rows=None)


def side_by_side():
    keras = import_keras()
    x = keras.layers.Input((28, 28))
    return keras.Model(x, layer("Dense", 10)(layer("Add")([lstm()(x), lstm()(x)])))


def test_two_layers_pass_in_any_style():
    keras = import_keras()
    assert checks.two_layers(network(states(), lstm(), layer("Dense", 10)))
    assert checks.two_layers(network(states("GRU"), lstm(), layer("Dense", 10)))
    dropped = network(states(), layer("Dropout", 0.2), lstm(), layer("Dense", 10))
    assert checks.two_layers(dropped)
    x = keras.layers.Input((28, 28))
    assert checks.two_layers(keras.Model(x, layer("Dense", 10)(lstm()(states()(x)))))


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: network(lstm(), layer("Dense", 10)), "has 1 recurrent layer;"),
        (lambda: network(states(), states(), lstm(), layer("Dense", 10)), "has 3 recurrent"),
        (lambda: network(states(), lstm(), layer("Dense", 10), rows=None), "Input((28, 28))"),
        (lambda: network(states(), lstm(), layer("Dense", 10), rows=(28, 20)), "(28, 20)"),
        (lambda: network(states(), states(), layer("Dense", 10)), "answer 28 times"),
        (lambda: network(states(), lstm(), layer("Dense", 1)), "shape (1,)"),
        (lambda: network(states(), lstm(10)), "ends with a recurrent layer"),
        (lambda: network(states(), lstm(), layer("Dense", 10, "softmax")), "done twice"),
        (lambda: network(states(), lstm(), layer("Dense", 10), layer("Softmax")), "done twice"),
        (lambda: network(states(), lstm(), layer("Dense", 10, "relu")), "ends with relu"),
        (lambda: network(states(), lstm(32), layer("Dense", 10)), "have 64 and 32 units"),
        (lambda: keeps_its_states(), "has stateful=True and would begin each batch"),
        (
            lambda: network(bidirectional(states()), bidirectional(lstm()), layer("Dense", 10)),
            "is a Bidirectional layer: two LSTM layers",
        ),
        (lambda: side_by_side(), "hands on its last state alone"),
        (
            lambda: network(lstm(), layer("RepeatVector", 28), lstm(), layer("Dense", 10)),
            "hands on its last state alone",
        ),
        (lambda: import_keras().Sequential, "got the class Sequential"),
        (lambda: lstm(), "got LSTM."),
        (lambda: ..., "Your turn: "),
    ],
)
def test_a_network_that_is_not_asked_for_is_told_why(build, says, capsys):
    assert not checks.two_layers(build())
    assert says in capsys.readouterr().out
