"""One long series made into many short sequences, each with what comes next."""

import numpy as np

from helpers import judge


def windows(values, past: int, ahead: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series into all windows of so many steps, and keep what follows each.

    Parameters
    ----------
    values : (n,), or (n, features)
        One row a time step, oldest first.
    past, ahead : int
        How many steps a window has, and how many that follow it are kept.

    Returns
    -------
    x : (n - past - ahead + 1, past), or (..., past, features)
        Window k begins at step k, so it has seen steps k to k + past - 1 and none later.
    y : (n - past - ahead + 1, ahead), or (..., ahead, features)

    Raises
    ------
    ValueError
        Where the series is shorter than one window and what follows it.
    """
    values = np.asarray(values)
    judge.count(past, "past")
    judge.count(ahead, "ahead")
    if values.ndim not in (1, 2):
        raise ValueError(
            f"values has the shape {values.shape}: a series is (n,) or (n, features), one row a "
            "time step."
        )
    if len(values) < past + ahead:
        raise ValueError(
            f"values has {len(values)} steps: a window of {past} and {ahead} after it need "
            f"{past + ahead}. Take a shorter window, or a longer series."
        )
    cut = np.lib.stride_tricks.sliding_window_view(values, past + ahead, axis=0)
    cut = np.moveaxis(cut, -1, 1)
    return cut[:, :past].copy(), cut[:, past:].copy()
