"""How a learner's function is judged: the machinery behind `helpers.checks`.

A verdict is one plain sentence that begins with "Right:", "Not yet:" or "Your turn:". A learner's
function is called on random inputs and compared with the right function and, where it differs,
with functions that hold known wrong ideas, each of which has its own sentence. Nothing that the
learner's function does raises through, but the learner's own interrupt.
"""

import contextlib
import copy
import inspect
import io
import linecache
import re
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers import progress
from helpers.checks.results import UnreadableError, close, equal, holds, is_array, listed, parts


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
    """One call: its arguments, and the sizes at work by name, no two of them alike.

    Of a corner that is tried when all else is right, ``name`` says which it is: "a length of 0".
    """

    arguments: tuple
    sizes: Mapping[str, int] = {}
    name: str = ""


class Wrong(NamedTuple):
    """A wrong idea: a function that computes as one who holds it would, and what to tell them."""

    function: Callable
    sentence: str


class Exercise(NamedTuple):
    """A function to be written.

    asks : what it is to do
    takes : the arguments' names; gives : the results' names, each with the names of its axes
    right : the function itself; cases : the random inputs that it is tried on
    wrong : the known wrong ideas; look : for each result, where to look when none of them fits
    praise : what follows "Right: "
    stops : for errors that tell of a wrong idea: a pattern of their message, and what to tell
    as_array : where a list of the right numbers will not do, what to tell of it
    corners : what a right function must stand too, but wrong ideas may: one step, a length of 0
    """

    name: str
    asks: str
    takes: tuple[str, ...]
    gives: Mapping[str, tuple[str, ...]]
    right: Callable
    cases: list[Case]
    wrong: list[Wrong]
    look: Mapping[str, str]
    praise: str
    stops: Mapping[str, str] = {}
    as_array: str = ""
    corners: Sequence[Case] = ()


def say(verdict, name):
    """Print the verdict's sentence, keep that the exercise is done, and hand the verdict on."""
    print(verdict.sentence)
    if verdict:
        progress.keep(name)
    return verdict


@contextlib.contextmanager
def quiet_numpy():
    """Keep warnings, and errors that somebody has made of them, out of what is judged."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


class _NotYetError(Exception):
    """Carries the sentence about a wrong answer."""


class _Returned(NamedTuple):
    """What a call gave back: arrays, the argument that it changed, and whether it was no list."""

    arrays: list[np.ndarray]
    changed: str | None
    was_array: bool


class _StoppedError(_NotYetError):
    """Carries the sentence about a function that raised an error."""


class _YourTurnError(Exception):
    """The learner has not begun, or has left a ``...`` standing: there is nothing to judge yet."""


# --- a function --------------------------------------------------------------------------------


def judge_function(exercise, function):
    """Give the verdict on a learner's function."""
    try:
        with quiet_numpy():
            _check_is_a_function(exercise, function)
            _check_results(exercise, function)
    except _YourTurnError:
        return Verdict(
            False, f"Your turn: fill in {_name(exercise, function)}, then run this check again."
        )
    except (_NotYetError, UnreadableError) as wrong:
        return Verdict(False, f"Not yet: {_about_order(exercise, function) or wrong}")
    except Exception:  # an object that cannot even be looked at
        gives = ", ".join(exercise.gives)
        return Verdict(
            False, f"Not yet: what your function returns cannot be read; it should be {gives}."
        )
    return Verdict(True, f"Right: {exercise.praise}")


def _check_results(exercise, function):
    """Raise the sentence about what is wrong with the results, if anything is."""
    in_32_bits = False
    try:
        results = _called(exercise, function, exercise.cases)
    except _StoppedError as stopped:  # TensorFlow and PyTorch do not mix 64 bits with their 32
        in_32_bits = True
        try:
            results = _called(exercise, function, map(_in_32_bits, exercise.cases), quiet=True)
        except Exception:
            raise stopped from None  # what was said first
    found = [returned.arrays for returned in results]
    again = map(_in_32_bits, exercise.cases[:1]) if in_32_bits else exercise.cases[:1]
    if not _same([_called(exercise, function, again, quiet=True)[0].arrays], found[:1]):
        raise _NotYetError(
            "your function gives two different results for the same arguments: something is "
            "random, or left over from one call to the next; use the arguments alone."
        )
    due = outcomes(exercise, exercise.right)
    _check_unchanged(results, _same(found, due))
    if not _same(found, due):
        for idea in exercise.wrong:
            if _same(found, outcomes(exercise, idea.function)):
                raise _NotYetError(idea.sentence)
        _check_against(exercise, exercise.cases, found, due)
    if exercise.as_array and not results[0].was_array:
        raise _NotYetError(exercise.as_array)
    _check_corners(exercise, function, in_32_bits)


def _check_unchanged(results, is_right):
    changed = next((returned.changed for returned in results if returned.changed), None)
    if changed:
        so_far = "the numbers are right, but " if is_right else ""
        raise _NotYetError(
            f"{so_far}your function changes its argument {changed} in place (by +=, *= or an "
            "assignment to its entries), but the caller still needs it: make a new value instead."
        )


def _check_corners(exercise, function, in_32_bits):
    for corner in exercise.corners:
        case = _in_32_bits(corner) if in_32_bits else corner
        try:
            [returned] = _called(exercise, function, [case], quiet=True)
            expected = parts(exercise.gives, exercise.right(*corner.arguments))
            _check_against(exercise, [corner], [returned.arrays], [expected])
        except (_NotYetError, UnreadableError) as fault:
            raise _NotYetError(f"it is right so far, but with {corner.name}, {fault}") from None


def _called(exercise, function, cases, quiet=False):
    """Call the function in each case; what it prints is worth reading once."""
    return [_call(exercise, function, case, quiet or n > 0) for n, case in enumerate(cases)]


def _check_against(exercise, cases, found, due):
    for check in (_check_shapes, _check_numbers):
        for case, arrays, expected in zip(cases, found, due, strict=True):
            check(exercise, case, arrays, expected)


def outcomes(exercise, function):
    """Give what a trusted function gives in each case, as lists of arrays."""
    return [parts(exercise.gives, function(*case.arguments)) for case in exercise.cases]


def _in_32_bits(case):
    return case._replace(arguments=tuple(map(_argument_in_32_bits, case.arguments)))


def _argument_in_32_bits(argument):
    if isinstance(argument, tuple):  # a layer's weights
        return argument._make(map(_argument_in_32_bits, argument))
    if isinstance(argument, np.ndarray) and argument.dtype.itemsize == 8:
        return argument.astype(f"{argument.dtype.kind}4")
    return argument


def _name(exercise, function):
    """Return the name that the learner gave the function, where it has one."""
    name = getattr(function, "__name__", "")
    return name if isinstance(name, str) and name.isidentifier() else exercise.name


def _check_is_a_function(exercise, function):
    if function is ... or function is None:
        raise _YourTurnError
    if not callable(function):
        raise _NotYetError(
            "this check takes your function itself, not what it returns: write its name alone, "
            f"as in checks.{exercise.name}(your_{exercise.name})."
        )
    signature = _signature(function)
    if signature and not _binds(signature, exercise.takes):
        raise _NotYetError(_about_parameters(exercise, signature))


def _signature(function):
    try:
        return inspect.signature(function)
    except Exception:  # some functions written in C have none
        return None


def _binds(signature, arguments):
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True


def _about_parameters(exercise, signature):
    return (
        f"your function takes ({', '.join(signature.parameters)}), but it is called with "
        f"({', '.join(exercise.takes)}), in this order."
    )


def _about_order(exercise, function):
    """Say that the parameters have the right names in another order, where this is so."""
    if not callable(function) or not (signature := _signature(function)):
        return ""
    names = list(signature.parameters)[: len(exercise.takes)]
    moved = tuple(names) != exercise.takes and sorted(names) == sorted(exercise.takes)
    return _about_parameters(exercise, signature) if moved else ""


def _call(exercise, function, case, quiet):
    """Call the function on copies of a case's arguments, and look at what it has done."""
    arguments = copy.deepcopy(case.arguments)
    with contextlib.redirect_stdout(io.StringIO()) if quiet else contextlib.nullcontext():
        try:
            result = listed(function(*arguments))  # a generator runs only now
        except (KeyboardInterrupt, UnreadableError):
            raise
        except BaseException as error:  # exit() is one too
            if isinstance(error, NotImplementedError) or "ellipsis" in _message(error):
                raise _YourTurnError from None
            for pattern, sentence in exercise.stops.items():
                if re.search(pattern, _message(error)):
                    raise _StoppedError(sentence) from None
            raise _StoppedError(_about_error(error, case)) from None
    gives = ", ".join(exercise.gives)
    if holds(result, ...):
        raise _YourTurnError
    if result is None:
        raise _NotYetError(f"your function returns None: does it end with a line return {gives}?")
    if inspect.iscoroutine(result):
        result.close()
        raise _NotYetError("your function is an async def: write def alone.")
    if holds(result, None):
        raise _NotYetError(f"what your function returns has a None in it; it should be {gives}.")
    compared = zip(exercise.takes, case.arguments, arguments, strict=True)
    changed = [name for name, before, after in compared if not _untouched(before, after)]
    arrays = parts(exercise.gives, result)
    return _Returned(arrays, changed[0] if changed else None, is_array(result))


def _untouched(before, after):
    if isinstance(before, (tuple, list)):  # a layer's weights; lists of different lengths
        return len(before) == len(after) and all(map(_untouched, before, after))
    return np.array_equal(before, after)


def _same(results, others):
    return all(
        len(found) == len(other) and all(map(equal, found, other))
        for found, other in zip(results, others, strict=True)
    )


def _message(error):
    try:
        return str(error)
    except Exception:  # an error class of the learner's own, half written
        return ""


def _short(text):
    return text if len(text) <= 100 else f"{text[:99]}\N{HORIZONTAL ELLIPSIS}"


def _about_error(error, case):
    """Say what stopped the function, at which of its lines, and what such an error means."""
    message = " ".join(_message(error).split()).rstrip(".")
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
    here = str(Path(__file__).parent)
    frames = [one for one in traceback.extract_tb(error.__traceback__) if here not in one.filename]
    for frame in frames:
        if frame.filename == frames[0].filename:  # the function's own file, or its cell
            line = linecache.getline(frame.filename, frame.lineno).split("  #")[0]
            where = f', at the line "{_short(" ".join(line.split()))}"' if line else ""
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
    wrong = [name for name, pair in by_name.items() if not equal(*pair)]
    if not wrong:
        return
    name = wrong[0]
    array, expected = by_name[name]
    if not np.isfinite(array.astype(float)).all():
        raise _NotYetError(
            f"{name} has entries that are not finite (NaN or inf): look for a division by zero, or "
            "an exp, log or square root of what it cannot take."
        )
    look = f"look at {exercise.look[name]}"
    if array.ndim == 0:
        given = [a.tolist() if isinstance(a, np.ndarray) else a for a in case.arguments]
        called = f"for ({', '.join(map(str, given))}) your function"
        raise _NotYetError(f"{called} gives {_pair(array, expected)}; {look}.")
    right = [other for other in by_name if other not in wrong]
    entry, so_far = _first_wrong(name, exercise.gives[name], ~close(array, expected))
    if right:
        so_far = f"{' and '.join(right)} {'is' if len(right) == 1 else 'are'} right, but"
    place = ", ".join(map(str, entry))
    raise _NotYetError(
        f"{so_far} {name}[{place}] is {_pair(array[entry], expected[entry])}; {look}."
    )


def _first_wrong(name, axes, differ):
    """Find an entry that differs and say what is right; on an axis of time, the first step."""
    time = next((n for n, axis in enumerate(axes) if axis in ("time steps", "blows")), None)
    entry = tuple(min(np.argwhere(differ).tolist(), key=lambda place: place[time or 0]))
    if time is not None and entry[time] > 0:
        return entry, f"{name} is right until index {entry[time]} of its {axes[time]}, where"
    return entry, "the shape is right, but"


def _pair(found, due):
    shown = [f"{float(number):.4f}".rstrip("0").rstrip(".") for number in (found, due)]
    if shown[0] == shown[1]:
        shown = [f"{float(number):.9g}" for number in (found, due)]
    return f"{shown[0]} and should be {shown[1]}"
