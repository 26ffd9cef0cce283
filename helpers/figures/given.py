"""What a picture is given, judged before anything is drawn.

Each function returns what it got in the form in which the pictures draw it, or refuses it with a
TypeError or ValueError that names the argument and says what it should be.
"""

import operator
from collections.abc import Mapping

import numpy as np

from helpers import judge

ROUNDING = 1e-6  # of whoever divided


def array(values, name: str, *axes, low=None, high=None, finite: bool = True) -> np.ndarray:
    """Return numbers as float64.

    Parameters
    ----------
    values : array-like
    name : str
        The argument's, for the refusal.
    *axes : str, or (str, int)
        What each axis counts, and how many there must be of it; at least one in any case.
    low, high : float, optional
        Where the values must lie.
    finite : bool
        Whether nan and infinity are refused.
    """
    wanted = _shape_words(axes)
    found = judge.array(values, name)
    if found.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be numbers of the shape {wanted}, not {kind(values)}.")
    if not found.size:
        raise ValueError(f"{name} is empty: it must have the shape {wanted}.")
    sizes = [axis[1] if isinstance(axis, tuple) else None for axis in axes]
    if found.ndim != len(axes) or any(
        size not in (None, n) for size, n in zip(sizes, found.shape, strict=True)
    ):  # fmt: skip
        raise ValueError(f"{name} must have the shape {wanted}, not {found.shape}.")
    found = found.astype(float)
    if finite and not np.isfinite(found).all():
        place = tuple(int(n) for n in np.argwhere(~np.isfinite(found))[0])
        raise ValueError(
            f"{name} must be finite numbers; at {list(place)} it holds {found[place]:g}."
        )
    if (low is not None and np.nanmin(found) < low - ROUNDING) or (
        high is not None and np.nanmax(found) > high + ROUNDING
    ):
        raise ValueError(
            f"{name} must be numbers {_range_words(low, high)}; it reaches from "
            f"{np.nanmin(found):.4g} to {np.nanmax(found):.4g}."
        )
    return found


def counts(values, name: str, *axes, low: int = 0, high: int | None = None) -> np.ndarray:
    """Return whole numbers as integers; the parameters are those of `array`."""
    found = array(values, name, *axes, low=low, high=high)
    if (found != np.rint(found)).any():
        wrong = found[found != np.rint(found)][0]
        raise ValueError(f"{name} must be whole numbers; one of them is {wrong:g}.")
    return np.rint(found).astype(int)


def number(value, name: str, low=None, high=None) -> float:
    """Return one finite number."""
    try:
        return float(array(value, name, low=low, high=high))
    except TypeError:
        raise TypeError(f"{name} must be a number, not {kind(value)}.") from None
    except ValueError:
        said = kind(value) if isinstance(value, list | tuple | np.ndarray) else f"{value:g}"
        raise ValueError(
            f"{name} must be a number {_range_words(low, high)}, not {said}."
        ) from None


def whole(value, name: str, low: int, high: int | None = None) -> int:
    """Return one whole number from `low` to `high`, both included."""
    try:
        found = operator.index(value)
    except TypeError:
        found = None
    if found is None or isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be a whole number, not {kind(value)}.")
    if found < low or (high is not None and found > high):
        raise ValueError(f"{name} must be a whole number {_range_words(low, high)}, not {found}.")
    return found


def text(value, name: str, empty: bool = True) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, not {kind(value)}.")
    if not empty and not value.strip():
        raise ValueError(f"{name} is empty: it must be a text.")
    return value


def items(values, name: str) -> list:
    """Return what a list or another collection holds."""
    try:
        if not isinstance(values, str | bytes):
            return list(values)
    except TypeError:
        pass
    raise TypeError(f"{name} must be a list, not {kind(values)}.")


def texts(values, name: str, n: int, of: str) -> list[str]:
    """Return `n` texts, one for each `of`; a number among them is written out."""
    found = items(values, name)
    for value in found:
        if not isinstance(value, str | int | float | np.number):
            raise TypeError(f"{name} must hold one text for each {of}, not {kind(value)}.")
    if len(found) != n:
        raise ValueError(
            f"{name} must hold one text for each {of}, {n} in all; it has {len(found)}."
        )
    return [str(value) for value in found]


def named(values, name: str) -> dict:
    """Return a mapping of names, at least one, as a dict."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} must be a dictionary with a name for each, not {kind(values)}.")
    if not values:
        raise ValueError(f"{name} is empty: there is nothing to show.")
    return {text(key, f"each name in {name}", empty=False): value for key, value in values.items()}


def trace(value, name: str, *lstm: str):
    """Check a reader's trace.

    Parameters
    ----------
    value : helpers.trace.Trace
    name : str
        The argument's, for the refusal.
    *lstm : str
        What the picture shows that only an LSTM has: i, f, candidate, o, c; h may be among them.

    Returns
    -------
    Trace
        The same.
    """
    if not all(hasattr(value, part) for part in ("x", "belief")):
        raise TypeError(
            f"{name} must be a Trace, as helpers.trace.trace(weights, image) makes it, "
            f"not {kind(value)}."
        )
    x = array(value.x, f"{name}.x", "time steps", "features")
    steps = ("time steps", len(x))
    array(value.belief, f"{name}.belief", steps, "classes", low=0, high=1)
    lacks = [part for part in lstm if getattr(value, part, None) is None]
    if lacks:
        raise ValueError(
            f"{name} must be the trace of an LSTM: this picture shows its {lacks[0]}. "
            f"This is the trace of a {getattr(value, 'cell', 'network without it')!r}."
        )
    for part in lstm:
        array(getattr(value, part), f"{name}.{part}", steps, "units")
    return value


def same_image(traces: Mapping, name: str) -> None:
    """Check that several traces, by their names, have read the same image."""
    first, *others = traces.items()
    for other, seen in others:
        if seen.x.shape != first[1].x.shape or not np.allclose(seen.x, first[1].x, atol=ROUNDING):
            raise ValueError(
                f"{name} must have read the same image: that of {other!r} is another one than that "
                f"of {first[0]!r} (shapes {seen.x.shape} and {first[1].x.shape})."
            )


def image(values, name: str = "image") -> np.ndarray:
    """Return one image (rows, columns) from 0 to 1, which uint8 are made by dividing by 255."""
    found = array(values, name, "rows", "columns")
    pixels = judge.image(values, name, features=found.shape[1])
    return pixels / 255 if pixels.dtype == np.uint8 else found


def labels(values, n: int, high: int | None = None) -> np.ndarray:
    """Return what was written on each of n images, whatever the classes are; also of (n, 1)."""
    found = judge.array(values, "labels")
    if found.shape == (n, 1):
        values = found[:, 0]
    return counts(values, "labels", ("images", n), high=high)


def kind(value) -> str:
    """Say in a word or two what a value is."""
    if value is None:
        return "None"
    if isinstance(value, str):
        return "a text"
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def _shape_words(axes) -> str:
    said = [f"{axis[1]} {axis[0]}" if isinstance(axis, tuple) else axis for axis in axes]
    return f"({', '.join(said)}{',' * (len(said) == 1)})"


def _range_words(low, high) -> str:
    if low is None and high is None:
        return "that is finite"
    if high is None:
        return f"of at least {low:g}"
    if low is None:
        return f"of at most {high:g}"
    return f"from {low:g} to {high:g}"
