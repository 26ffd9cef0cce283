"""How a plain answer is judged: a number, a word, a shape, a set, however it is written."""

import contextlib
import math
import re
from collections.abc import Mapping, Set
from typing import Any, NamedTuple

import numpy as np

from helpers.checks.numerals import ends, numbers, tidy
from helpers.checks.results import as_numpy, holds, is_array, is_listed, listed
from helpers.checks.spellings import items, word
from helpers.checks.verdicts import Verdict, quiet_numpy


class Answer(NamedTuple):
    """A plain answer: the values accepted, wrong ones with a sentence each, and where to look.

    Case and spaces do not count in texts; numbers may be off by ``tolerance`` (relative or
    absolute); lists, tuples, arrays and texts are alike; where a set is asked, order does not
    count.

    same : other words for the same thing, {synonym: word as it stands in right and wrong}
    names : the parts of a list by name, each with its synonyms; named parts come in any order
    percent : whether the number is asked in per cent
    """

    right: list
    wrong: Mapping[Any, str]
    look: str
    praise: str = "that is it."
    tolerance: float = 1e-6
    same: Mapping[str, str] = {}
    names: Mapping[str, tuple[str, ...]] = {}
    percent: bool = False


def judge_answer(answer, value):
    """Give the verdict on a plain answer."""
    try:
        with quiet_numpy():
            return _judge(answer, value)
    except Exception:  # an object that cannot even be looked at
        asked = _asked(answer)
        return Verdict(False, f"Not yet: this asks for {asked}, yours is {_named_type(value)}.")


def _judge(answer, value):
    if not is_array(value) and is_listed(value):
        value = (
            listed(value) if not isinstance(value, (list, tuple)) else value
        )  # a generator, once
    blank = isinstance(value, str) and tidy(value) in ("", "...", "?")
    if value is None or blank or holds(value, ...):
        return Verdict(False, "Your turn: put your answer in, then run this check again.")
    if any(_alike(answer, value, right) for right in answer.right):
        return Verdict(True, f"Right: {answer.praise}")
    for wrong, sentence in answer.wrong.items():
        if _alike(answer, value, wrong):
            return Verdict(False, f"Not yet: {sentence}")
    return Verdict(False, f"Not yet: {_about_kind(answer, value) or answer.look}")


# --- whether two are alike ---------------------------------------------------------------------


def _alike(answer, value, due, depth=0):
    """Tell whether a learner's value, or a part of it, can be read as what is due."""
    if isinstance(due, tuple) and not depth:
        return _alike_lists(answer, value, due)
    if isinstance(due, tuple):  # a pair in a list, as in ("output", ("h", "c"))
        return isinstance(value, (tuple, list)) and _alike_lists(answer, value, due)
    if isinstance(due, Set):
        return _alike_sets(answer, value, due)
    value = _only_part(value)
    if due is None:
        return value is None or (isinstance(value, str) and tidy(value) in _ANY_BATCH)
    if isinstance(due, str):
        return isinstance(value, str) and word(value, answer.same) == word(due, answer.same)
    if isinstance(due, bool):
        return isinstance(value, (bool, np.bool_)) and bool(value) == due
    if isinstance(value, (bool, np.bool_)):
        return depth > 0 and float(value) == due  # a gate may be True or False
    return _alike_numbers(answer, value, float(due), inside=depth > 0)


_ANY_BATCH = ("none", "batch", "batch size", "batch_size", "b", "n", "?")


def _only_part(value):
    """Return h where ["h"] or {"h"} is given for it, and a value of any other kind as it is."""
    if isinstance(value, (list, Set)) or (isinstance(value, tuple) and len(value) == 1):
        return next(iter(value)) if len(value) == 1 else value
    return value


def _alike_numbers(answer, value, due, inside):
    whole = all(_is_whole(right) for right in answer.right)
    if inside and not isinstance(value, str) and is_listed(value):
        return False

    def near(readings):
        return any(
            math.isclose(number, due, rel_tol=answer.tolerance, abs_tol=answer.tolerance)
            for number in readings
        )

    if isinstance(value, str) and (both := ends(value, whole, answer.percent)):
        return all(map(near, both))
    return near(numbers(value, whole, answer.percent))


def _is_whole(right):
    if isinstance(right, (tuple, Set)):
        return all(map(_is_whole, right))
    return not isinstance(right, float) or right.is_integer()


def _alike_lists(answer, value, due):
    parts = items(value, answer.names, _words_of(answer))
    if parts is None or len(parts) != len(due):
        return False
    of_words = [isinstance(part, str) for part in parts]
    if len({isinstance(one, str) for one in due}) > 1:  # a word and a number cannot change places
        parts = sorted(parts, key=lambda part: not isinstance(part, str))
    if isinstance(value, Set) and len(set(of_words)) < 2:
        return False  # a set has no order
    return all(_alike(answer, part, one, 1) for part, one in zip(parts, due, strict=True))


def _alike_sets(answer, value, due):
    parts = items(value, answer.names, _words_of(answer))
    if parts is None:
        parts = [value]
    return all(any(_alike(answer, part, one, 1) for one in due) for part in parts) and all(
        any(_alike(answer, part, one, 1) for part in parts) for one in due
    )


def _words_of(answer):
    """List the words that stand in an answer's lists and sets, and their synonyms."""
    found = set()
    for entry in (*answer.right, *answer.wrong):
        if isinstance(entry, (tuple, Set)):
            found |= {word(part, {}) for part in entry if isinstance(part, str)}
    return found | {word(alias, {}) for alias in answer.same} if found else found


# --- what to say of a value of another kind ----------------------------------------------------


def _asked(answer):
    return " or ".join(dict.fromkeys(map(_kind, answer.right)))


def _about_kind(answer, value):
    """Say that an answer is of another kind than what is asked, or nothing where it is not."""
    a_list = any(isinstance(right, (tuple, Set)) for right in answer.right)
    shape = getattr(value, "shape", None)
    if a_list and isinstance(shape, tuple) and len(shape) > 1:
        return "that is the array itself: its shape is asked, so write .shape behind it."
    whole = all(_is_whole(right) for right in answer.right)
    if not a_list and isinstance(value, str):
        if ends(value, whole, answer.percent):
            return "give one number, neither a range nor two of them."
        if whole and _is_thousandth(answer, value):
            return "a point is read as a decimal point: leave it out where it parts thousands."
    kinds = {_kind(right) for right in answer.right}
    parts = items(value, answer.names, _words_of(answer)) if a_list else None
    if "a set" in kinds and parts is not None:
        return ""
    kind = _kind(value, answer)
    if isinstance(value, str) and parts and len(parts) > 1:
        kind = f"a list of {len(parts)}"
    return "" if kind in kinds else f"this asks for {_asked(answer)}, yours is {kind}."


def _is_thousandth(answer, text):
    """Tell whether a text has a point where a right answer's thousands are parted: 22.410."""
    read = numbers(text, whole=True, percent=answer.percent)
    return bool(re.search(r"\d\.\d{3}(?!\d)", tidy(text))) and any(
        isinstance(right, (int, float)) and math.isclose(1000 * number, right)
        for right in answer.right
        for number in read
    )


def _kind(value, answer=None):
    if isinstance(value, (bool, np.bool_)):
        return "True or False"
    if isinstance(value, Set):
        return "a set"
    if isinstance(value, Mapping):
        return "a dict"
    if is_array(value):
        with contextlib.suppress(Exception):  # a tensor without numbers
            value = as_numpy(value)
            value = value.tolist()
    if isinstance(value, str) and answer is not None:
        whole = all(_is_whole(right) for right in answer.right)
        if numbers(value, whole, answer.percent):
            return "a number"
        parts = items(value) or []
        if len(parts) > 1 and all(numbers(part, True, False) for part in parts):
            return f"a list of {len(parts)}"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if numbers(value, whole=False, percent=False):
        return "a number"
    return "a text" if isinstance(value, str) else _named_type(value)


def _named_type(value):
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


# --- words that several questions know ---------------------------------------------------------

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
