"""How an exercise's answer is judged: the machinery behind `helpers.checks`.

A verdict is one plain sentence that begins with "Right:", "Not yet:" or "Your turn:". A learner's
function is called on random inputs and compared with the right function and, where it differs,
with functions that hold known wrong ideas, each of which has its own sentence. Nothing that the
learner's function does raises through.
"""

import ast
import contextlib
import copy
import dis
import inspect
import io
import linecache
import math
import numbers
import re
import textwrap
import traceback
import unicodedata
import warnings
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is right (its truth value), and the sentence that was printed about it."""

    ok: bool
    sentence: str

    def __bool__(self):
        return self.ok

    def _ipython_display_(self):
        """Show nothing as a cell's result: the sentence is printed already."""


class Case(NamedTuple):
    """One call: its arguments, and the sizes at work by name, no two of them alike."""

    arguments: tuple
    sizes: Mapping[str, int]


class Wrong(NamedTuple):
    """A wrong idea: a function that computes as one who holds it would, and what to tell them."""

    function: Callable
    sentence: str


class Exercise(NamedTuple):
    """A function to be written.

    takes : the arguments' names; gives : the results' names, each with the names of its axes
    right : the function itself; cases : the random inputs that it is tried on
    wrong : the known wrong ideas; look : for each result, where to look when none of them fits
    praise : what follows "Right: "
    stops : for errors that tell of a wrong idea: a pattern of their message, and what to tell
    """

    name: str
    takes: tuple[str, ...]
    gives: Mapping[str, tuple[str, ...]]
    right: Callable
    cases: list[Case]
    wrong: list[Wrong]
    look: Mapping[str, str]
    praise: str
    stops: Mapping[str, str] = {}


class Answer(NamedTuple):
    """A plain answer: the values accepted, wrong ones with a sentence each, and where to look.

    Case and spaces do not count in texts; numbers may be off by ``tolerance`` (relative or
    absolute); lists, tuples and arrays are alike; where a set is asked, order does not count.
    """

    right: list
    wrong: Mapping[Any, str]
    look: str
    praise: str = "that is it."
    tolerance: float = 1e-6


def say(verdict):
    """Print the verdict's sentence and hand the verdict on."""
    print(verdict.sentence)
    return verdict


class _NotYetError(Exception):
    """Carries the sentence about a wrong answer."""


class _YourTurnError(Exception):
    """The learner has not begun, or has left a ``...`` standing."""


# --- a function --------------------------------------------------------------------------------


def judge_function(exercise, function):
    """Give the verdict on a learner's function."""
    try:
        _check_is_a_function(exercise, function)
        results = []
        for case in exercise.cases:
            results.append(_call(exercise, function, case, quiet=bool(results)))
        if not _same([_call(exercise, function, exercise.cases[0], quiet=True)], results[:1]):
            raise _NotYetError(
                "your function gives two different results for the same arguments: something is "
                "random, or left over from one call to the next; use the arguments alone."
            )
        due = outcomes(exercise, exercise.right)
        if not _same(results, due):
            for idea in exercise.wrong:
                if _same(results, outcomes(exercise, idea.function)):
                    raise _NotYetError(idea.sentence)
            for check in (_check_shapes, _check_numbers):
                for case, found, expected in zip(exercise.cases, results, due, strict=True):
                    check(exercise, case, found, expected)
    except _YourTurnError:
        return Verdict(
            False, f"Your turn: fill in {_name(exercise, function)}, then run this check again."
        )
    except _NotYetError as wrong:
        return Verdict(False, f"Not yet: {wrong}")
    return Verdict(True, f"Right: {exercise.praise}")


def outcomes(exercise, function):
    """Give what a trusted function gives in each case, as lists of arrays."""
    return [_parts(exercise, function(*case.arguments)) for case in exercise.cases]


def _name(exercise, function):
    """Return the name that the learner gave the function, where it has one."""
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else exercise.name


def _check_is_a_function(exercise, function):
    if function is ... or function is None:
        raise _YourTurnError
    if not callable(function):
        raise _NotYetError(
            "this check takes your function itself, not what it returns: write its name alone, "
            f"as in checks.{exercise.name}(your_{exercise.name})."
        )
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C have none
        return
    try:
        signature.bind(*exercise.takes)
    except TypeError:
        raise _NotYetError(
            f"your function takes ({', '.join(signature.parameters)}), but it is called with "
            f"({', '.join(exercise.takes)}), in this order."
        ) from None


def _call(exercise, function, case, quiet):
    """Call the function on copies of a case's arguments and read its results as arrays."""
    arguments = copy.deepcopy(case.arguments)
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        if quiet:  # what a function prints is worth reading once
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        try:
            result = function(*arguments)
        except Exception as error:
            if isinstance(error, NotImplementedError) or _is_unfinished(function):
                raise _YourTurnError from None
            for pattern, sentence in exercise.stops.items():
                if re.search(pattern, str(error)):
                    raise _NotYetError(sentence) from None
            raise _NotYetError(_about_error(error, function, case)) from None
    gives = ", ".join(exercise.gives)
    if _holds(result, ...) or (result is None and _is_unfinished(function)):
        raise _YourTurnError
    if result is None:
        raise _NotYetError(f"your function returns None: does it end with a line return {gives}?")
    if _holds(result, None):
        raise _NotYetError(f"what your function returns has a None in it; it should be {gives}.")
    for name, before, after in zip(exercise.takes, case.arguments, arguments, strict=True):
        if not _untouched(before, after):
            raise _NotYetError(
                f"your function changes its argument {name} in place (by +=, *= or an assignment "
                "to its entries), but the caller still needs it: make a new value instead."
            )
    return _parts(exercise, result)


def _is_unfinished(function):
    """Tell whether a function's body is empty, or still has a ``...`` to be filled in."""
    if not hasattr(function, "__code__"):
        return False
    does = [i for i in dis.get_instructions(function) if i.opname not in ("RESUME", "NOP")]
    if all(i.opname in ("LOAD_CONST", "RETURN_CONST", "RETURN_VALUE") for i in does):
        return True
    with contextlib.suppress(OSError, TypeError, SyntaxError):
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        indices = [n.slice for n in ast.walk(tree) if isinstance(n, ast.Subscript)]  # x[..., 0]
        allowed = {id(n) for index in indices for n in ast.walk(index)}
        return any(
            isinstance(n, ast.Constant) and n.value is ... and id(n) not in allowed
            for n in ast.walk(tree)
        )
    return False


def _holds(result, thing):
    if isinstance(result, (tuple, list)):
        return any(_holds(part, thing) for part in result)
    if isinstance(result, np.ndarray) and result.dtype == object:
        return any(part is thing for part in result.flat)
    return result is thing


def _untouched(before, after):
    if isinstance(before, tuple):
        return all(map(_untouched, before, after))
    return np.array_equal(before, after)


def _parts(exercise, result):
    """Read a result as arrays, as many as the function gives back."""
    first, *others = exercise.gives.items()
    if others:  # a list, or one array with a further axis in front, is as good as a tuple
        several = isinstance(result, (tuple, list))
        several |= isinstance(result, np.ndarray) and result.ndim == 1 + len(first[1])
    else:  # and a tuple of numbers may be a single row of them
        several = isinstance(result, tuple) and _ndim(result) != len(first[1])
        if several and len(result) == 1:
            raise _NotYetError(
                f"your function returns a tuple with {first[0]} in it: take away the comma after "
                f"it, so that {first[0]} comes back by itself."
            )
    return [_as_array(part) for part in (result if several else [result])]


def _ndim(result):
    try:
        return np.ndim(result)
    except ValueError:  # its parts have different shapes
        return None


def _as_array(part):
    try:
        array = np.asarray(part)
        if array.dtype.kind == "c":  # NumPy would drop the imaginary part with a warning
            raise TypeError
        return array if array.dtype.kind in "fiu" else np.asarray(part, dtype=float)
    except (TypeError, ValueError, RuntimeError):
        raise _NotYetError(
            f"what your function returns (a {type(part).__name__}) cannot be read as an array of "
            "numbers whose rows have one length."
        ) from None


def _same(results, others):
    return all(
        len(found) == len(other) and all(map(_equal_arrays, found, other))
        for found, other in zip(results, others, strict=True)
    )


def _equal_arrays(a, b):
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-5, atol=1e-6, equal_nan=True)


def _about_error(error, function, case):
    """Say what stopped the function, at which of its lines, and what such an error means."""
    message = " ".join(str(error).split()).rstrip(".")
    sizes = ", ".join(f"{name} {size}" for name, size in case.sizes.items() if "*" not in name)
    advice = ""
    if "matmul" in message and (found := re.search(r"size (\d+) is different from (\d+)", message)):
        message = f"an @ has size {found[2]} on its left and {found[1]} on its right"
    if " @ " in message or "not aligned" in message:
        advice = f"; a @ b needs as many columns in a as rows in b, and here {sizes}"
    elif "could not be broadcast together" in message:
        advice = f"; + and * go entry by entry, the matrix product is @, and here {sizes}"
    elif isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        advice = "; if another cell makes it, run that cell first"
    where = ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == getattr(getattr(function, "__code__", None), "co_filename", None):
            line = linecache.getline(frame.filename, frame.lineno).split("  #")[0]
            where = f', at the line "{" ".join(line.split())}"' if line else ""
    what = ": ".join(filter(None, [type(error).__name__, message[:200].rstrip()]))
    return f"your function stops with {what}{where}{advice}."


def _check_shapes(exercise, case, found, due):
    if len(found) != len(due):
        things = "one thing" if len(found) == 1 else f"{len(found)} things"
        names = ", ".join(exercise.gives) + (" alone" if len(due) == 1 else "")
        raise _NotYetError(f"your function returns {things}; it should return {names}.")
    for (name, axes), array, expected in zip(exercise.gives.items(), found, due, strict=True):
        if array.shape == expected.shape:
            continue
        if not axes:
            raise _NotYetError(f"{name} has shape {array.shape}; it should be a single number.")
        meaning = ", ".join(f"{axis} {n}" for axis, n in zip(axes, expected.shape, strict=True))
        reason = ""
        if sorted(array.shape) == sorted(expected.shape):
            reason = ": its axes are swapped"
        else:
            names = {size: size_name for size_name, size in case.sizes.items()}
            strange = [n for n in array.shape if n in names and n not in expected.shape]
            if strange:
                reason = f"; {strange[0]} is the size of {names[strange[0]]} here"
        raise _NotYetError(
            f"{name} has shape {array.shape}; it should be {expected.shape}, that is "
            f"{meaning}{reason}."
        )


def _check_numbers(exercise, case, found, due):
    by_name = dict(zip(exercise.gives, zip(found, due, strict=True), strict=True))
    wrong = [name for name, pair in by_name.items() if not _equal_arrays(*pair)]
    if not wrong:
        return
    name = wrong[0]
    array, expected = by_name[name]
    if not np.isfinite(array).all():
        raise _NotYetError(
            f"{name} has entries that are not finite (NaN or inf): look for a division by zero, or "
            "an exp, log or square root of what it cannot take."
        )
    look = f"look at {exercise.look[name]}"
    if array.ndim == 0:
        given = [a.tolist() if isinstance(a, np.ndarray) else a for a in case.arguments]
        called = f"for ({', '.join(map(str, given))}) your function"
        raise _NotYetError(f"{called} gives {_pair(array, expected)}; {look}.")
    # Where the axis is one of time, the fault lies at the first step that differs.
    axes = exercise.gives[name]
    time = next((n for n, axis in enumerate(axes) if axis in ("time steps", "blows")), None)
    differ = np.argwhere(~np.isclose(array, expected, rtol=1e-5, atol=1e-6)).tolist()
    entry = tuple(min(differ, key=lambda place: place[time or 0]))
    right = [other for other in by_name if other not in wrong]
    so_far = "the shape is right, but"
    if right:
        so_far = f"{' and '.join(right)} {'is' if len(right) == 1 else 'are'} right, but"
    elif time is not None and entry[time] > 0:
        so_far = f"{name} is right until index {entry[time]} of its {axes[time]}, where"
    place = ", ".join(map(str, entry))
    raise _NotYetError(
        f"{so_far} {name}[{place}] is {_pair(array[entry], expected[entry])}; {look}."
    )


def _pair(found, due):
    shown = [f"{number:.4f}".rstrip("0").rstrip(".") for number in (found, due)]
    if shown[0] == shown[1]:
        shown = [f"{number:.9g}" for number in (found, due)]
    return f"{shown[0]} and should be {shown[1]}"


# --- a plain answer ----------------------------------------------------------------------------


def judge_answer(answer, value):
    """Give the verdict on a plain answer."""
    if value is None or _holds(value, ...):
        return Verdict(False, "Your turn: put your answer in, then run this check again.")
    value = _plain(value)
    accepted = [_plain(right) for right in answer.right]
    several = any(isinstance(right, frozenset | tuple) for right in accepted)
    if not several and isinstance(value, frozenset | tuple) and len(value) == 1:
        [value] = value  # {"h"} where "h" is asked
    if any(_alike(value, right, answer.tolerance) for right in accepted):
        return Verdict(True, f"Right: {answer.praise}")
    for wrong, sentence in answer.wrong.items():
        if _alike(value, _plain(wrong), answer.tolerance):
            return Verdict(False, f"Not yet: {sentence}")
    kinds = list(dict.fromkeys(map(_kind, accepted)))
    if _kind(value) not in kinds:
        asked = " or ".join(kinds)
        return Verdict(False, f"Not yet: this asks for {asked}, yours is {_kind(value)}.")
    return Verdict(False, f"Not yet: {answer.look}")


def _plain(value):
    """Bring an answer to a form that can be compared: number, text, tuple, frozenset or bool."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, numbers.Real):
        return float(value)
    if isinstance(value, str):
        text = "".join(unicodedata.normalize("NFKC", value).casefold().split())
        text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        with contextlib.suppress(ValueError):
            return float(text)
        return text.strip(".'\"")
    if isinstance(value, Mapping):  # {"f": 0} is as good as ("f", 0)
        return _plain(next(iter(value.items())) if len(value) == 1 else list(value.items()))
    if isinstance(value, Set):
        return frozenset(map(_plain, value))
    if isinstance(value, (list, tuple, range)):
        return tuple(map(_plain, value))
    if hasattr(value, "__array__"):
        return _plain(np.asarray(value).tolist())
    return value


def _alike(a, b, tolerance):
    if isinstance(b, frozenset) and isinstance(a, tuple):  # a set may be given as a list
        a = frozenset(a)
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(
            _alike(one, other, tolerance) for one, other in zip(a, b, strict=True)
        )
    return a == b


def _kind(value):
    if isinstance(value, tuple):
        return f"a list of {len(value)}"
    kinds = {float: "a number", bool: "True or False", str: "a text", frozenset: "a set"}
    return kinds.get(type(value), f"a {type(value).__name__}")
