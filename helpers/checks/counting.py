"""Counting an LSTM's parameters."""

from helpers.checks.verdicts import Case, Exercise, Wrong


def _lstm_parameters(features, units):
    return 4 * units * (features + units + 1)


PARAMETER_COUNT = Exercise(
    name="parameter_count",
    takes=("features", "units"),
    gives={"count": ()},
    right=_lstm_parameters,
    cases=[Case((n, u), {"features": n, "units": u}) for n, u in ((28, 128), (5, 3), (20, 64))],
    wrong=[
        Wrong(
            lambda n, u: u * (n + u + 1),
            "that is one gate's share: an LSTM has four such sets, for i, f, the candidate and o.",
        ),
        Wrong(
            lambda n, u: 3 * u * (n + u + 1),
            "you count three sets: beside the three gates the candidate has weights too.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n + u),
            "the biases are missing: one for each unit in each of the four sets.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n + 1),
            "the recurrent kernel is missing: each unit also reads all units of the old h.",
        ),
        Wrong(
            lambda n, u: 4 * u * (u + 1),
            "the input's kernel is missing: each unit also reads all features.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n + u + 2),
            "there is one bias too many in each set: PyTorch keeps two, Keras one.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n + u) + u,
            "each of the four sets has its own bias: four for every unit, not one.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n + u) + 4,
            "there is a bias for each unit in each of the four sets, not one for the set.",
        ),
        Wrong(
            lambda n, u: 4 * (u * n + n * n + u),
            "the recurrent kernel goes from units to units: it has units times units entries, "
            "whatever the number of features.",
        ),
        Wrong(
            lambda n, u: 4 * u * (n * u + 1),
            "features and units are multiplied inside: a unit reads features and units side by "
            "side, so their numbers add.",
        ),
        *(
            Wrong(
                lambda n, u, steps=steps: _lstm_parameters(n, u) * (n if steps is None else steps),
                "that is multiplied by the time steps: every step uses the same weights, so the "
                "count does not depend on how many steps there are.",
            )
            for steps in (28, 14, 56, None)
        ),
    ],
    look={"count": "one gate first: its kernel, its recurrent kernel, its bias"},
    praise="four sets of weights, and as many for one time step as for a thousand.",
)
