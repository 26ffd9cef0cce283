"""The checks: right answers pass in any style, wrong ones are told why, and nothing raises."""

import inspect
import itertools

import numpy as np
import pytest

from helpers import cells, checks
from helpers.cells import sigmoid
from helpers.checks import plain_answers as answers
from helpers.checks import verdicts
from helpers.reader import import_keras

BY_NAME = {exercise.name: exercise for exercise in checks.EXERCISES}
EVERY_EXERCISE = pytest.mark.parametrize("exercise", checks.EXERCISES, ids=lambda e: e.name)
EVERY_IDEA = pytest.mark.parametrize(
    ("exercise", "idea"),
    [
        pytest.param(exercise, idea, id=f"{exercise.name}-{number}")
        for exercise in checks.EXERCISES
        for number, idea in enumerate(exercise.wrong)
    ],
)


def said(name, function):
    """The sentence of a check that refuses, without its first words."""
    verdict = verdicts.judge_function(BY_NAME[name], function)
    assert not verdict
    assert verdict.sentence.startswith("Not yet: ")
    assert_is_one_sentence(verdict.sentence)
    return verdict.sentence.removeprefix("Not yet: ")


def assert_is_one_sentence(sentence):
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    assert not sentence.endswith("..")
    assert "Traceback" not in sentence
    assert "  " not in sentence


# --- the tables of wrong ideas -----------------------------------------------------------------


@EVERY_EXERCISE
def test_the_right_function_passes(exercise):
    verdict = verdicts.judge_function(exercise, exercise.right)
    assert verdict
    assert verdict.sentence == f"Right: {exercise.praise}"
    assert_is_one_sentence(verdict.sentence)


@EVERY_IDEA
def test_each_wrong_idea_is_told_its_own_sentence(exercise, idea):
    verdict = verdicts.judge_function(exercise, idea.function)
    assert not verdict
    assert verdict.sentence == f"Not yet: {idea.sentence}"
    assert_is_one_sentence(verdict.sentence)


@EVERY_IDEA
def test_each_wrong_idea_differs_from_the_right_one_in_every_case_but_one(exercise, idea):
    """One case may be the usual one (a forget bias of 1), in which a wrong idea goes unseen."""
    passed = 0
    for case in exercise.cases:
        alone = exercise._replace(cases=[case], wrong=[])
        verdict = verdicts.judge_function(alone, idea.function)
        assert_is_one_sentence(verdict.sentence)  # there is a plain one where no idea is known
        passed += verdict.ok
    assert passed <= (len(exercise.cases) > 2)


@EVERY_EXERCISE
def test_no_case_is_square_constant_or_symmetric(exercise):
    for case in exercise.cases:
        assert len(set(case.sizes.values())) == len(case.sizes)
        for argument in case.arguments:
            arrays = argument if isinstance(argument, (tuple, list)) else [argument]
            for array in map(np.asarray, arrays):
                if array.dtype.kind == "f":
                    assert len(np.unique(array)) > 0.5 * array.size
                assert array.size == 1 or len(np.unique(array)) > 1
                assert array.ndim != 2 or not np.array_equal(array, array.T)
    assert len({str(case.arguments) for case in exercise.cases}) == len(exercise.cases) > 1


@EVERY_EXERCISE
def test_every_result_has_a_place_to_look(exercise):
    assert set(exercise.look) == set(exercise.gives)
    for name in exercise.gives:
        assert not exercise.look[name].endswith(".")
    assert len(inspect.signature(exercise.right).parameters) >= len(exercise.takes)
    assert callable(getattr(checks, exercise.name))


# --- lesson 1 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda state, blow, keep: state * keep + blow,
        lambda state, blow, keep: np.float32(keep * state + blow),
        lambda state, blow, keep: np.array(blow - state * -keep),
        lambda s, b, k: sum([s * k, b]),
    ],
)
def test_a_leaky_step_passes_in_any_style(function):
    assert verdicts.judge_function(checks.LEAKY_STEP, function)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda state, blow, keep: state + blow, "nothing fades"),
        (lambda state, blow, keep: (state + blow) * keep, "the new blow fades too"),
        (lambda state, blow, keep: state - keep * state + blow, "keep works the wrong way round"),
        (lambda state, blow, keep: blow, "the old state is not kept"),
        (lambda state, blow, keep: state * keep, "the blow is missing"),
        (lambda state, blow, keep: 1.5, "look at what is left of the old state"),
        (lambda state, blow, keep: [state * keep + blow], "shape (1,); it should be a single num"),
    ],
)
def test_a_wrong_leaky_step_is_told_why(function, says):
    assert says in said("leaky_step", function)


def test_a_wrong_number_can_be_made_again_by_the_learner():
    def mine(state, blow, keep):
        return keep * state + 2 * blow

    state, blow, keep = checks.LEAKY_STEP.cases[0].arguments
    gives, due = round(keep * state + 2 * blow, 4), round(keep * state + blow, 4)
    sentence = said("leaky_step", mine)
    expected = f"for ({state}, {blow}, {keep}) your function gives {gives:g} and should be {due:g}"
    assert expected in sentence


def run_blows_as_array(blows, keeps):
    states = np.zeros(np.shape(blows))
    for n, blow in enumerate(blows):
        states[n] = keeps[n] * (states[n - 1] if n else 0) + blow
    return states


def run_blows_as_sums(blows, keeps):
    return tuple(
        sum(np.prod(keeps[k + 1 : n + 1]) * blows[k] for k in range(n + 1))
        for n in range(len(blows))
    )


def run_blows_with_a_leftover(blows, keeps, states=[]):  # noqa: B006
    states.extend(run_blows_as_array(blows, keeps))
    return states


def run_blows_in_place(blows, keeps):
    for n in range(1, len(blows)):
        blows[n] += keeps[n] * blows[n - 1]
    return blows


def test_running_the_blows_passes_in_any_style():
    for function in (run_blows_as_array, run_blows_as_sums):
        assert verdicts.judge_function(checks.RUN_BLOWS, function)
    as_list = verdicts.judge_function(checks.RUN_BLOWS, lambda b, k: list(run_blows_as_sums(b, k)))
    assert as_list


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda b, k: [0 * b[0], *run_blows_as_sums(b, k)], "the flat sheet at the start"),
        (lambda b, k: run_blows_as_sums(b, k)[-1], "the last state alone"),
        (lambda b, k: [b[0]], "does return stand inside the loop"),
        (lambda b, k: np.cumsum(b, axis=0), "nothing fades"),
        (lambda b, k: b, "the old state is not kept"),
        (lambda b, k: run_blows_as_array(b, 0 * k + k[0]), "the first number of keeps is used"),
        (lambda b, k: run_blows_as_array(b, 0 * k + k[-1]), "the last number of keeps is used"),
        (lambda b, k: run_blows_as_array(b, [*k[1:], 1]), "one blow early"),
        (lambda b, k: run_blows_as_array(b, [1, *k[:-1]]), "one blow late"),
        (
            lambda b, k: run_blows_as_array(np.vstack([b[0] * (1 + k[0]), b[1:]]), k),
            "the first blow counts twice",
        ),
        (run_blows_in_place, "changes its argument blows in place"),
        (
            lambda b, k: run_blows_as_array(b, k)[:, None],
            "shape (5, 1, 3); it should be (5, 3), that is",
        ),
        (
            lambda b, k: run_blows_as_array(b, k) + np.arange(len(b))[:, None],
            "right until index 1 of its bl",
        ),
    ],
)
def test_wrong_runs_of_blows_are_told_why(function, says):
    assert says in said("run_blows", function)


def test_a_function_that_remembers_its_last_call_is_told_so():
    assert "two different results for the same arguments" in said(
        "run_blows", run_blows_with_a_leftover
    )


# --- lessons 3, 4 and 8: steps by hand, each written afresh --------------------------------------


def rnn_in_one_product(x_t, h, weights):
    kernel, recurrent_kernel, bias = weights
    both = np.concatenate([x_t, h], axis=1) @ np.concatenate([kernel, recurrent_kernel])
    return np.tanh(both + bias)


def rnn_one_image_at_a_time(x_t, h, weights):
    W, U, b = weights
    return [[np.tanh(W[:, u] @ x + U[:, u] @ s + b[u]) for u in range(len(U))]
            for x, s in zip(x_t, h, strict=True)]  # fmt: skip


def test_an_rnn_step_passes_in_any_style():
    for function in (
        rnn_in_one_product,
        rnn_one_image_at_a_time,
        lambda x, h, w: rnn_in_one_product(x, h, w).astype("float32"),
        lambda x_t, h, w: np.tanh(np.dot(x_t, w[0]) + np.einsum("bu,uv->bv", h, w[1]) + w[2]),
    ):
        assert verdicts.judge_function(checks.RNN_STEP, function)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda x, h, w: x @ w.kernel + h @ w[1] + w.bias, "the tanh is missing"),
        (lambda x, h, w: sigmoid(x @ w[0] + h @ w[1] + w[2]), "a sigmoid stands"),
        (lambda x, h, w: np.tanh(x @ w[0] + h @ w[1]), "the bias is left out"),
        (lambda x, h, w: np.tanh(x @ w[0] + w[2]), "the old state has no say"),
        (lambda x, h, w: np.tanh(h @ w[1] + w[2]), "the input has no say"),
        (lambda x, h, w: np.tanh(x @ w[0] + (w[1] @ h.T).T + w[2]), "used transposed"),
        (lambda x, h, w: np.tanh(x @ w[0] + h @ w[1] + w[2]).T, "its axes are swapped"),
        (
            lambda x, h, w: np.tanh(x @ w[0] + h @ w[1] + w[2]).mean(0),
            "should be (7, 4), that is b",
        ),
        (lambda x, h, w: np.tanh(x), "5 is the size of features here"),
        (lambda x, h, w: (rnn_in_one_product(x, h, w), h), "returns 2 things; it should return h"),
        (lambda x, h, w: (rnn_in_one_product(x, h, w),), "take away the comma"),
        (lambda x, h, w: (rnn_in_one_product(x, h, w),) * 2, "returns h twice"),
        (lambda x, h, w: np.zeros_like(h), "look at the sum inside tanh"),
        (lambda x, h, w: np.ones((7, 4)), "should be (3, 6), that is batch 3, units 6"),
        (lambda x, h, w: rnn_in_one_product(x, h, w) / (h * 0), "not finite (NaN or inf)"),
        (lambda x, h, w: np.log(rnn_in_one_product(x, h, w)), "not finite (NaN or inf)"),
        (lambda x, h, w: rnn_in_one_product(x, h[:, ::-1], w), "h[0, 0] is"),
    ],
)
def test_a_wrong_rnn_step_is_told_why(function, says):
    assert says in said("rnn_step", function)


def hidden_states(x, weights):
    batch, time_steps, _ = x.shape
    h, states = np.zeros((batch, len(weights.recurrent_kernel))), []
    for t in range(time_steps):
        h = rnn_in_one_product(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)


def hidden_states_filled_in(x, weights):
    states = np.zeros((*x.shape[:2], weights.kernel.shape[1]))
    h = states[:, 0]
    for t in range(x.shape[1]):
        h = states[:, t] = rnn_in_one_product(x[:, t], h, weights)
    return states


def hidden_states_by_sequence(x, weights):
    return [hidden_states(one[np.newaxis], weights)[0].tolist() for one in x]


def over_the_first_axis(x, weights):
    """The bug that gives no error: the loop runs over the batch, and the state through it."""
    h, states = np.zeros(len(weights.recurrent_kernel)), []
    for rows in x:
        h = np.tanh(rows @ weights.kernel + h @ weights.recurrent_kernel + weights.bias)
        states.append(h)
    return np.array(states)


def over_the_first_axis_with_a_batch(x, weights):
    h, states = np.zeros((len(x), len(weights.recurrent_kernel))), []
    for x_t in x:
        h = np.tanh(x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias)
        states.append(h)
    return np.stack(states, axis=1)


def over_the_first_axis_stacked_along_the_second(x, weights):
    return over_the_first_axis(x, weights).swapaxes(0, 1)


def one_h_that_changes(x, weights):
    h, states = np.zeros((len(x), len(weights.recurrent_kernel))), []
    for t in range(x.shape[1]):
        h[:] = rnn_in_one_product(x[:, t], h, weights)
        states.append(h)
    return np.stack(states, axis=1)


def test_unrolling_passes_in_any_style():
    for function in (hidden_states, hidden_states_filled_in, hidden_states_by_sequence):
        assert verdicts.judge_function(checks.UNROLL, function)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (over_the_first_axis, "the state walks through the batch"),
        (over_the_first_axis_with_a_batch, "the state walks through the batch"),
        (over_the_first_axis_stacked_along_the_second, "the state walks through the batch"),
        (one_h_that_changes, "every entry is the last h"),
        (lambda x, w: list(hidden_states(x, w).swapaxes(0, 1)), "the time steps come first"),
        (lambda x, w: hidden_states(x, w)[:, -1], "the last h alone"),
        (
            lambda x, w: rnn_in_one_product(x[:, 0], np.zeros((len(x), len(w[1]))), w),
            "inside the l",
        ),
        (lambda x, w: np.tanh(x @ w.kernel + w.bias), "each step starts from zeros"),
        (lambda x, w: (hidden_states(x, w), hidden_states(x, w)[:, -1]), "returns 2 things"),
        (lambda x, w: hidden_states(x, w).swapaxes(1, 2), "its axes are swapped"),
        (
            lambda x, w: np.where(np.arange(x.shape[1])[:, None] < 2, 1, 2) * hidden_states(x, w),
            "h is right until index 2 of its time steps, where h[0, 2, 0] is",
        ),
    ],
)
def test_a_wrong_unrolling_is_told_why(function, says):
    assert says in said("unroll", function)


def gates_by_slices(x_t, h, weights, order="ifco"):
    """The four gates, with the blocks of columns taken in any order."""
    units = h.shape[1]
    sums = x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias
    at = {name: sums[:, n * units : (n + 1) * units] for n, name in enumerate(order)}
    squash = {"i": sigmoid, "f": sigmoid, "c": np.tanh, "o": sigmoid}
    return tuple(squash[name](at[name]) for name in "ifco")


def test_the_gates_pass_in_any_style():
    assert verdicts.judge_function(checks.LSTM_GATES, gates_by_slices)
    for style in (list, np.array, lambda gates: [gate.tolist() for gate in gates]):
        assert verdicts.judge_function(
            checks.LSTM_GATES, lambda x, h, w, style=style: style(gates_by_slices(x, h, w))
        )


@pytest.mark.parametrize("order", ["".join(p) for p in itertools.permutations("ifco")][1:])
def test_every_other_order_of_the_columns_is_seen(order):
    spelt = ", ".join("candidate" if name == "c" else name for name in order)
    sentence = said("lstm_gates", lambda x, h, w: gates_by_slices(x, h, w, order))
    assert f"as if the columns were in the order {spelt}" in sentence
    step = said("lstm_step", lambda x, h, c, w: step_by_hand(x, h, c, w, order=order))
    assert f"as if the columns were in the order {spelt}" in step
    assert "Keras keeps them as i, f, candidate, o" in step


def test_the_known_orders_are_named():
    assert "TensorFlow 1" in said("lstm_gates", lambda *a: gates_by_slices(*a, "icfo"))
    assert "ONNX" in said("lstm_gates", lambda *a: gates_by_slices(*a, "iofc"))
    assert "PyTorch" in said("gru_step", lambda *a: gru_by_hand(*a, first="r"))


def gates_squashed(f_i, f_f, f_c, f_o):
    def gates(x_t, h, weights):
        a = np.split(x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias, 4, axis=1)
        return f_i(a[0]), f_f(a[1]), f_c(a[2]), f_o(a[3])

    return gates


def every_fourth_column(x_t, h, weights):
    sums = x_t @ weights.kernel + h @ weights.recurrent_kernel + weights.bias
    i, f, c, o = np.moveaxis(sums.reshape(*h.shape, 4), -1, 0)
    return sigmoid(i), sigmoid(f), np.tanh(c), sigmoid(o)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (gates_squashed(sigmoid, sigmoid, sigmoid, sigmoid), "the candidate goes through sigmoid"),
        (gates_squashed(*[np.tanh] * 4), "the gates go through tanh"),
        (gates_squashed(sigmoid, sigmoid, sigmoid, np.tanh), "tanh stands at the fourth block"),
        (gates_squashed(*[np.positive] * 4), "the sums are not squashed"),
        (gates_squashed(sigmoid, sigmoid, np.positive, sigmoid), "candidate is not squashed"),
        (gates_squashed(sigmoid, lambda a: sigmoid(-a), np.tanh, sigmoid), "at 1 it keeps all"),
        (every_fourth_column, "side by side"),
        (
            lambda x, h, w: [gates_by_slices(x, h, w)[n] for n in (0, 2, 1, 3)],
            "you return i, candi",
        ),
        (
            lambda x, h, w: gates_by_slices(x, h, w)[:3],
            "returns 3 things; it should return i, f, c",
        ),
        (lambda x, h, w: gates_by_slices(x, h, w)[0], "returns one thing; it should return i, f,"),
        (
            gates_squashed(sigmoid, sigmoid, np.cos, sigmoid),
            "i and f and o are right, but candidate[0, 0] is",
        ),
    ],
)
def test_wrong_gates_are_told_why(function, says):
    assert says in said("lstm_gates", function)


def step_by_hand(x_t, h, c, weights, order="ifco", then=None):
    """An LSTM step, with room for another way from the gates and the old c to what is returned."""
    i, f, g, o = gates_by_slices(x_t, h, weights, order)
    if then:
        return then(i, f, g, o, c)
    c = f * c + i * g
    return o * np.tanh(c), c


def step_in_loops(x_t, h, c, weights):
    W, U, b = weights
    units, new_h, new_c = len(U), h.copy(), c.copy()
    for n in range(len(x_t)):
        for u in range(units):
            a = [x_t[n] @ W[:, u + k * units] + h[n] @ U[:, u + k * units] + b[u + k * units]
                 for k in range(4)]  # fmt: skip
            new_c[n, u] = sigmoid(a[1]) * c[n, u] + sigmoid(a[0]) * np.tanh(a[2])
            new_h[n, u] = sigmoid(a[3]) * np.tanh(new_c[n, u])
    return [new_h, new_c]


def test_an_lstm_step_passes_in_any_style():
    for function in (
        step_by_hand,
        step_in_loops,
        cells.lstm_step,
        lambda *arguments: np.array(step_by_hand(*arguments)),
        lambda *arguments: tuple(part.astype("float32") for part in step_by_hand(*arguments)),
    ):
        assert verdicts.judge_function(checks.LSTM_STEP, function)


def test_keras_itself_passes():
    keras = import_keras()

    def step(x_t, h, c, weights):
        cell = keras.layers.LSTMCell(h.shape[1], dtype="float64")
        cell.build(x_t.shape)
        cell.set_weights(list(weights))
        return cell(x_t, [h, c])[1]

    assert verdicts.judge_function(checks.LSTM_STEP, step)


@pytest.mark.parametrize(
    ("then", "says"),
    [
        (lambda i, f, g, o, c: (o * (f * c + i * g), f * c + i * g), "h is o times c itself"),
        (lambda i, f, g, o, c: (np.tanh(f * c + i * g), f * c + i * g), "output gate is left out"),
        (lambda i, f, g, o, c: (o * np.tanh(c), f * c + i * g), "h is made from the old c"),
        (lambda i, f, g, o, c: (np.tanh(o * (f * c + i * g)), o * (f * c + i * g)), "goes into c"),
        (
            lambda i, f, g, o, c: (o * np.tanh(f * c + o * g), f * c + o * g),
            "the output gate lets the candidate into c",
        ),
        (
            lambda i, f, g, o, c: (o * np.tanh((1 - f) * c + i * g), (1 - f) * c + i * g),
            "your forget gate works the wrong way round: at 1 it keeps all",
        ),
        (
            lambda i, f, g, o, c: (o * np.tanh(i * c + f * g), i * c + f * g),
            "i and f have changed places",
        ),
        (lambda i, f, g, o, c: (o * np.tanh(i * g), i * g), "the old c is not kept"),
        (lambda i, f, g, o, c: (o * np.tanh(c + i * g), c + i * g), "the forget gate is left out"),
        (
            lambda i, f, g, o, c: (f * c + i * g, o * np.tanh(f * c + i * g)),
            "return h, c in this o",
        ),
        (lambda i, f, g, o, c: o * np.tanh(f * c + i * g), "you return h alone"),
        (lambda i, f, g, o, c: (o * np.tanh(f * c + i * g), c), "the c that you return is the old"),
        (
            lambda i, f, g, o, c: (o, o * np.tanh(f * c + i * g), f * c + i * g),
            "returns 3 things; it should return h, c",
        ),
        (
            lambda i, f, g, o, c: (*[o * np.tanh(f * c + i * g)] * 2, f * c + i * g),
            "as a whole Keras layer does with return_state=True",
        ),
        (
            lambda i, f, g, o, c: (o * np.sin(f * c + i * g), f * c + i * g),
            "c is right, but h[0, 0] is",
        ),
        (
            lambda i, f, g, o, c: (o * np.tanh(f * c + i * g), f * c + i * g * 1.01),
            "h is right, but c[0, 0] is",
        ),
        (
            lambda i, f, g, o, c: (o.T, f * c),
            "h has shape (4, 7); it should be (7, 4), that is batch 7, units 4: its axes are swap",
        ),
    ],
)
def test_a_wrong_lstm_step_is_told_why(then, says):
    assert says in said("lstm_step", lambda *arguments: step_by_hand(*arguments, then=then))


def test_gates_that_read_the_wrong_state_are_seen():
    def from_c(x_t, h, c, weights):
        i, f, g, o = gates_by_slices(x_t, c, weights)
        return o * np.tanh(f * c + i * g), f * c + i * g

    def o_from_new_c(x_t, h, c, weights):
        i, f, g, _ = gates_by_slices(x_t, h, weights)
        c = f * c + i * g
        o = gates_by_slices(x_t, c, weights)[3]
        return o * np.tanh(c), c

    assert "the gates read c" in said("lstm_step", from_c)
    assert "the output gate reads the new c" in said("lstm_step", o_from_new_c)


def test_weights_that_are_read_wrongly_are_seen():
    def with_bias(change):
        return lambda x, h, c, w: step_by_hand(x, h, c, w._replace(bias=change(w.bias)))

    def turned(x, h, c, w):
        blocks = np.split(w.recurrent_kernel, 4, axis=1)
        recurrent = np.concatenate([block.T for block in blocks], axis=1)
        return step_by_hand(x, h, c, w._replace(recurrent_kernel=recurrent))

    assert "the bias is left out" in said("lstm_step", with_bias(np.zeros_like))
    assert "the bias is added twice" in said("lstm_step", with_bias(lambda b: b + b))
    assert "used transposed" in said("lstm_step", turned)


def gru_by_hand(x_t, h, weights, first="z", reset_after=True):
    units = h.shape[1]
    parts = [slice(n * units, (n + 1) * units) for n in range(3)]
    (W, U, (b, d)), (z, r, n) = weights, parts if first == "z" else (parts[1], parts[0], parts[2])
    z = sigmoid(x_t @ W[:, z] + b[z] + h @ U[:, z] + d[z])
    r = sigmoid(x_t @ W[:, r] + b[r] + h @ U[:, r] + d[r])
    read = r * (h @ U[:, n] + d[n]) if reset_after else (r * h) @ U[:, n] + d[n]
    return z * h + (1 - z) * np.tanh(x_t @ W[:, n] + b[n] + read)


def gru_upside_down(x_t, h, weights):
    z, _, candidate = cells.gru_gates(x_t, h, weights)
    return z * candidate + (1 - z) * h


def test_a_gru_step_passes_and_wrong_ones_are_told_why():
    assert verdicts.judge_function(checks.GRU_STEP, gru_by_hand)
    assert "z works the wrong way round" in said("gru_step", gru_upside_down)
    assert "reset_after=True" in said("gru_step", lambda *a: gru_by_hand(*a, reset_after=False))
    assert "z and r have changed places" in said("gru_step", lambda *a: gru_by_hand(*a, first="r"))
    assert "second row of the bias" in said(
        "gru_step",
        lambda x, h, w: gru_by_hand(x, h, w._replace(bias=np.stack([w.bias[0], 0 * w.bias[0]]))),
    )
    assert "shapes (7,12) (2,12)" in said("gru_step", lambda x, h, w: x @ w.kernel + w.bias)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda n, u: u * (n + u + 1), "one gate's share"),
        (lambda n, u: 4 * (n * u + u * u), "the biases are missing"),
        (lambda n, u: 4 * (n * u + u), "the recurrent kernel is missing"),
        (lambda n, u: 28 * 4 * (n * u + u * u + u), "every step uses the same weights"),
        (lambda n, u: n * 4 * (n * u + u * u + u), "every step uses the same weights"),
        (lambda n, u: 4 * (n * u + u * u + 2 * u), "PyTorch keeps two, Keras one"),
        (lambda n, u: 3 * (n * u + u * u + u), "you count three sets"),
        (lambda n, u: 80384, "for (5, 3) your function gives 80384 and should be 108"),
        (lambda n, u: 4 * (n * u + u * u + u) + 1, "gives 80385 and should be 80384"),
    ],
)
def test_a_wrong_count_of_parameters_is_told_why(function, says):
    assert says in said("parameter_count", function)


def test_a_right_count_of_parameters_passes_as_any_number():
    for kind in (int, float, np.int64):
        assert verdicts.judge_function(
            checks.PARAMETER_COUNT, lambda n, u, kind=kind: kind(4 * (n * u + u * u + u))
        )


# --- whatever a learner's function does ---------------------------------------------------------


def stub(x_t, h, c, weights):
    """Give the new h and c."""
    ...


def stub_with_pass(x_t, h, c, weights):
    pass


def stub_that_returns(x_t, h, c, weights):
    return ...


def stub_that_returns_a_pair(x_t, h, c, weights):
    c = ...
    h = ...
    return h, c


def stub_that_raises(x_t, h, c, weights):
    raise NotImplementedError("write me")


def stub_that_cannot_go_on(x_t, h, c, weights):
    c = ...
    h = np.tanh(c)
    return h, c


def stub_that_lacks_a_line(x_t, h, c, weights):
    gates = cells.lstm_gates(x_t, h, weights)  # noqa: F841
    ...  # two lines: c, then h


def stub_with_names_to_come(x_t, h, c, weights):
    i = ...
    c = f * c + i * candidate  # noqa: F821
    return h, c


@pytest.mark.parametrize(
    "function",
    [
        ...,
        None,
        stub,
        stub_with_pass,
        stub_that_returns,
        stub_that_returns_a_pair,
        stub_that_raises,
        stub_that_cannot_go_on,
        stub_that_lacks_a_line,
        stub_with_names_to_come,
        lambda x_t, h, c, weights: None,
        lambda x_t, h, c, weights: np.array([..., ...]),
    ],
)
def test_an_exercise_not_yet_done_is_the_learners_turn(function, capsys):
    verdict = checks.lstm_step(function)
    assert not verdict
    name = getattr(function, "__name__", "lstm_step").replace("<lambda>", "lstm_step")
    assert capsys.readouterr().out == f"Your turn: fill in {name}, then run this check again.\n"


def test_dots_in_an_index_are_no_gap():
    def forgot_to_return(x_t, h, weights):
        h = np.tanh(x_t[..., :] @ weights.kernel + h @ weights.recurrent_kernel)

    assert "returns None: does it end with a line return h?" in said("rnn_step", forgot_to_return)


def forgot_to_return(x_t, h, c, weights):
    h, c = cells.lstm_step(x_t, h, c, weights)


def misspelt(x_t, h, c, weights):
    i, f, _, o = cells.lstm_gates(x_t, h, weights)
    c = f * c + i * candidat  # noqa: F821
    return o * np.tanh(c), c


def used_too_early(x_t, h, c, weights):
    new_c = old_c * 2  # noqa: F821, F841
    old_c = c
    return h, old_c


def entry_by_entry(x_t, h, c, weights):
    return x_t * weights.kernel, c


def wrong_way_round(x_t, h, c, weights):
    return weights.kernel @ x_t, c


def swapped_by_dot(x_t, h, c, weights):
    return np.dot(weights.kernel, x_t), c


def message_of_many_lines(x_t, h, c, weights):
    raise RuntimeError("first line\nsecond   line.\n" + 50 * "more and ")


def divides(x_t, h, c, weights):
    return 1 / 0


def asserts(x_t, h, c, weights):
    raise AssertionError


def for_ever(x_t, h, c, weights):
    return for_ever(x_t, h, c, weights)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (forgot_to_return, "your function returns None: does it end with a line return h, c?"),
        (lambda x, h, c, w: (h, None), "has a None in it; it should be h, c"),
        (misspelt, "NameError: name 'candidat' is not defined"),
        (
            misspelt,
            'at the line "c = f * c + i * candidat"; if another cell makes it',
        ),
        (used_too_early, "UnboundLocalError"),
        (entry_by_entry, "ValueError: operands could not be broadcast together"),
        (entry_by_entry, "the matrix product is @, and here batch 7, features 5, units 4"),
        (wrong_way_round, "an @ has size 16 on its left and 7 on its right"),
        (wrong_way_round, "as many columns in a as rows in b"),
        (swapped_by_dot, "as many columns in a as rows in b"),
        (message_of_many_lines, "RuntimeError: first line second line. more and more"),
        (divides, 'ZeroDivisionError: division by zero, at the line "return 1 / 0".'),
        (asserts, 'stops with AssertionError, at the line "raise AssertionError".'),
        (for_ever, "RecursionError"),
        (
            lambda x, h, c: (h, c),
            "your function takes (x, h, c), but it is called with (x_t, h, c,",
        ),
        (lambda: 1, "your function takes (), but it is called with"),
        (np.zeros((7, 4)), "takes your function itself"),
        ((np.zeros(3), np.zeros(3)), "as in checks.lstm_step(your_lstm_step)"),
        (lambda x, h, c, w: ("h", "c"), "(a str) holds text: return the numbers"),
        (lambda x, h, c, w: ([[1], [1, 2]], c), "(a list) cannot be read"),
        (lambda x, h, c, w: {"h": h, "c": c}, "the shape is right, but h[0, 0] is"),
        (lambda x, h, c, w: {"new h": h}, "a dict that holds new h; it should return h, c"),
        (lambda x, h, c, w: {}, "a dict that holds nothing; it should return h, c"),
        (lambda x, h, c, w: (h, c)[:0], "returns 0 things; it should return h, c"),
        (lambda x, h, c, w: np.random.default_rng().random((2, *h.shape)), "random, or left over"),
        (print, "returns None"),
    ],
)
def test_a_function_that_goes_wrong_is_told_how(function, says):
    assert says in said("lstm_step", function)


def test_a_small_difference_is_shown_with_digits_enough():
    sentence = said("leaky_step", lambda state, blow, keep: keep * state + blow + 2e-5)
    state, blow, keep = checks.LEAKY_STEP.cases[0].arguments
    due = keep * state + blow
    assert f"gives {due + 2e-5:.9g} and should be {due:.9g}; look" in sentence


def test_a_local_name_used_too_early_needs_no_other_cell():
    assert "run that cell" not in said("lstm_step", used_too_early)


def test_a_function_without_a_signature_is_called_all_the_same():
    with pytest.raises(ValueError):
        inspect.signature(max)
    assert "your function stops with" in said("rnn_step", max)


def h_in_place(x_t, h, c, weights):
    c *= 1
    h += 1
    return cells.lstm_step(x_t, h - 1, c, weights)


def bias_in_place(x_t, h, c, weights):
    h_and_c = cells.lstm_step(x_t, h, c, weights)
    weights.bias[0] = 7
    return h_and_c


def test_a_function_that_changes_what_it_is_given_is_told_so():
    assert "changes its argument h in place" in said("lstm_step", h_in_place)
    assert "changes its argument weights in place" in said("lstm_step", bias_in_place)
    for case in checks.LSTM_STEP.cases:  # and the check's own inputs are as they were
        assert verdicts.judge_function(checks.LSTM_STEP._replace(cases=[case]), cells.lstm_step)


def test_what_a_function_prints_is_seen_once_and_its_warnings_never(capsys, recwarn):
    def talkative(x_t, h, weights):
        print("h is", h.shape)
        np.log(-1.0 - h**2)
        return rnn_in_one_product(x_t, h, weights)

    assert checks.rnn_step(talkative)
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0] == "h is (7, 4)"
    assert captured.out.splitlines()[1].startswith("Right: ")
    assert len(captured.out.splitlines()) == 2
    assert captured.err == ""
    assert not recwarn.list


def test_being_right_in_one_case_is_not_enough():
    for exercise in checks.EXERCISES:
        for lucky, case in enumerate(exercise.cases):

            def only_here(*arguments, case=case, exercise=exercise):
                outcome = exercise.right(*arguments)
                if str(arguments) == str(case.arguments):
                    return outcome
                return tuple(2 * a for a in outcome) if len(exercise.gives) > 1 else 2 * outcome

            assert not verdicts.judge_function(exercise, only_here), (exercise.name, lucky)


def test_two_readings_that_squares_or_constants_would_let_pass_are_refused():
    """On square, constant or symmetric inputs each of these is right."""

    def mean_of_the_batch(x_t, h, weights):
        return rnn_in_one_product(0 * x_t + x_t.mean(0), 0 * h + h.mean(0), weights)

    def first_of_the_batch(x_t, h, weights):
        return np.repeat(rnn_in_one_product(x_t[:1], h[:1], weights), len(h), axis=0)

    def units_mixed(x_t, h, weights):
        return rnn_in_one_product(x_t, 0 * h + h.mean(1, keepdims=True), weights)

    def one_bias(x_t, h, weights):
        return rnn_in_one_product(x_t, h, weights._replace(bias=weights.bias[:1]))

    for function in (mean_of_the_batch, first_of_the_batch, units_mixed, one_bias):
        assert "should be" in said("rnn_step", function)


# --- what a check shows ------------------------------------------------------------------------


@EVERY_EXERCISE
def test_a_check_prints_one_line_and_returns_its_verdict(exercise, capsys):
    check = getattr(checks, exercise.name)
    for function in (exercise.right, exercise.wrong[0].function, lambda *arguments: "?", ..., 3):
        verdict = check(function)
        assert capsys.readouterr().out == verdict.sentence + "\n"
        assert verdict.sentence.startswith("Right: " if verdict else ("Not yet: ", "Your turn: "))


def test_a_verdict_shows_nothing_more_in_a_notebook():
    formatter = pytest.importorskip("IPython.core.formatters").DisplayFormatter()
    verdict = verdicts.Verdict(True, "Right: yes.")
    assert formatter.format(verdict) == ({}, {})
    assert verdict
    assert not verdicts.Verdict(False, "Not yet: no.")


# --- plain answers -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", checks.ANSWERS)
def test_every_plain_answer_is_taken_and_every_known_wrong_one_explained(name, capsys):
    entry = checks.ANSWERS[name]
    for value in entry.right:
        verdict = checks.answer(name, value)
        assert verdict
        assert verdict.sentence == f"Right: {entry.praise}"
    for value, sentence in entry.wrong.items():
        verdict = checks.answer(name, value)
        assert not verdict
        assert verdict.sentence == f"Not yet: {sentence}"
    out = capsys.readouterr().out.splitlines()
    assert len(out) == len(entry.right) + len(entry.wrong)
    for line in (*out, f"Not yet: {entry.look}"):
        assert_is_one_sentence(line)


SHAPE = answers.Answer(right=[(14, 56)], wrong={(56, 14): "swapped."}, look="count rows.")
NUMBER = answers.Answer(right=[0.25], wrong={4: "upside down."}, look="halve.", tolerance=0.01)
TEXT = answers.Answer(right=["keeps all", "keeps"], wrong={"forgets all": "no."}, look="think.")
SET = answers.Answer(right=[{"f", "i"}], wrong={frozenset({"o"}): "no o."}, look="two.")
TRUTH = answers.Answer(right=[True], wrong={False: "it is so."}, look="yes or no.")


@pytest.mark.parametrize(
    ("entry", "values"),
    [
        (SHAPE, [(14, 56), [14, 56], np.array([14, 56]), (14.0, "56"), np.zeros((14, 56)).shape]),
        (NUMBER, [0.25, "0.25", " .25 ", np.float32(0.25), np.array(0.252), 0.249, "０.２５"]),
        (TEXT, ["keeps all", "Keeps  ALL ", "ｋｅｅｐｓ", "keepsall.", "KEEPS"]),
        (SET, [{"f", "i"}, ["i", "f"], ("F", "I "), frozenset("if"), {"f": 1, "i": 2}.keys()]),
        (TRUTH, [True, np.bool_(True), 2 > 1]),
    ],
)
def test_a_plain_answer_is_taken_however_it_is_written(entry, values):
    for value in values:
        assert answers.judge_answer(entry, value), value


@pytest.mark.parametrize(
    ("entry", "value", "sentence"),
    [
        (SHAPE, [56, 14], "swapped."),
        (SHAPE, (14, 55), "count rows."),
        (SHAPE, (14, 56, 1), "this asks for a list of 2, yours is a list of 3."),
        (SHAPE, 784, "this asks for a list of 2, yours is a number."),
        (NUMBER, 4.01, "upside down."),
        (NUMBER, 0.27, "halve."),
        (NUMBER, float("nan"), "halve."),
        (NUMBER, "a few", "this asks for a number, yours is a text."),
        (NUMBER, True, "this asks for a number, yours is True or False."),
        (NUMBER, print, "this asks for a number, yours is a builtin_function_or_method."),
        (TEXT, "Forgets all", "no."),
        (TEXT, "explodes", "think."),
        (TEXT, {"keeps", "forgets"}, "this asks for a text, yours is a set."),
        (SET, ["o"], "no o."),
        (SET, {"f"}, "two."),
        (TRUTH, 0, "this asks for True or False, yours is a number."),
        (TRUTH, False, "it is so."),
    ],
)
def test_a_wrong_plain_answer_is_told_why(entry, value, sentence):
    verdict = answers.judge_answer(entry, value)
    assert not verdict
    assert verdict.sentence == f"Not yet: {sentence}"


@pytest.mark.parametrize("value", [..., None, (..., 56), [14, ...]])
def test_a_plain_answer_not_given_is_the_learners_turn(value):
    verdict = answers.judge_answer(SHAPE, value)
    assert not verdict
    assert verdict.sentence == "Your turn: put your answer in, then run this check again."


def test_a_question_that_is_not_there_is_named_with_one_like_it():
    with pytest.raises(ValueError, match=r"no question 'forget gate at one'; did you mean forget"):
        checks.answer("forget gate at one", 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lesson 7: what shows forgetting", {"after"}),
        ("lesson 7: what shows forgetting", ("after",)),
        ("lesson 7: only the last row", {"f": 0}),
        ("lesson 7: only the last row", ("f", False)),
        ("lesson 8: which is better", "can\N{RIGHT SINGLE QUOTATION MARK}t tell"),
    ],
)
def test_a_right_answer_in_another_dress_is_taken(name, value):
    assert checks.answer(name, value)


def test_complex_numbers_are_refused_without_a_warning(recwarn):
    verdict = verdicts.judge_function(
        checks.RNN_STEP, lambda x_t, h, w: rnn_in_one_product(x_t, h, w) + 0j
    )
    assert "cannot be read as an array of numbers" in verdict.sentence
    assert not recwarn.list


@pytest.mark.parametrize("exercise", checks.EXERCISES, ids=lambda exercise: exercise.name)
def test_a_sentence_about_an_error_is_whole(exercise):
    for sentence in exercise.stops.values():
        assert sentence.endswith((".", ")")) and sentence[0].islower()
