"""Plain answers: one is read once, and compared with all that its question knows.

Read are the numbers, tuples, lists, sets and arrays of Python and NumPy, a framework's tensors and
shapes; of texts a number ("22,410", "38 %", "1/1024", "2**-10"), a list of such, and the words of
the question's own entry. No number words and no sentences. `site/_static/typed_answers.js` reads a
text in the same way.
"""

import functools
import math
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any, NamedTuple

from helpers.checks.results import as_numpy, holds, is_array, is_listed, listed
from helpers.checks.verdicts import Verdict, quiet_numpy


class Answer(NamedTuple):
    """A plain answer: the values accepted, wrong ones with a sentence each, and where to look.

    Case and spaces do not count in texts; numbers may be off by ``tolerance`` (relative or
    absolute); lists, tuples, arrays and texts are alike; in a set order does not count.

    same : other words for the same thing, {synonym: word as it stands in right and wrong}
    percent : whether the number is asked in per cent; elsewhere "38 %" is 0.38
    """

    right: list
    wrong: Mapping[Any, str]
    look: str
    praise: str = "that is it."
    tolerance: float = 1e-6
    same: Mapping[str, str] = {}
    percent: bool = False


def read_answers():
    """Read the answers of all lessons, {question: Answer}."""
    file = Path(__file__).with_name("answers.toml")
    questions = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: _answer(**entry) for name, entry in questions.items()}


def _answer(right, wrong, same=None, **others):
    said = {_value(value): sentence for sentence, *values in wrong for value in values}
    words = {other: word for word, others in (same or {}).items() for other in others}
    return Answer([_value(value) for value in right], said, same=words, **others)


def _value(value):
    """Make Python's value of one in the file."""
    if isinstance(value, dict):
        return frozenset(map(_value, value["set"])) if value else None
    return tuple(map(_value, value)) if isinstance(value, list) else value


class Given(NamedTuple):
    """What a learner's value is read as: a number, parts, a word, and all of these that fit."""

    kind: str
    number: float | None = None
    parts: list["Given"] | None = None
    word: str | None = None
    in_order: bool = True


def judge_answer(answer, value):
    """Give the verdict on a plain answer."""
    try:
        with quiet_numpy():
            return _judge(answer, listed(value))
    except Exception:  # an object that cannot even be looked at
        asked = " or ".join(kinds(answer))
        return Verdict(False, f"Not yet: this asks for {asked}, yours is {_a(value)}.")


def _judge(answer, value):
    blank = isinstance(value, str) and tidy(value) in ("", "...", "?")
    if value is None or blank or holds(value, ...):
        return Verdict(False, "Your turn: put your answer in, then run this check again.")
    given = _read(answer, value)
    if any(_alike(answer, given, right) for right in answer.right):
        return Verdict(True, f"Right: {answer.praise}")
    for wrong, sentence in answer.wrong.items():
        if _alike(answer, given, wrong):
            return Verdict(False, f"Not yet: {sentence}")
    return Verdict(False, f"Not yet: {_about_kind(answer, given, value) or answer.look}")


def _alike(answer, given, due):
    """Tell whether what a learner gave can be read as what is due."""
    if isinstance(due, tuple):
        fits = given.parts is not None and given.in_order and len(given.parts) == len(due)
        return fits and all(map(functools.partial(_alike, answer), given.parts, due))
    if isinstance(due, Set):
        found = [[_alike(answer, part, one) for one in due] for part in given.parts or ()]
        both = all(map(any, found)) and all(map(any, zip(*found, strict=True)))
        return given.parts is not None and both and bool(found) == bool(due)
    if due is None:
        return given.word in ANY_BATCH
    if isinstance(due, str):
        return given.word == word_of(due, answer.same)
    off = answer.tolerance
    return given.number is not None and math.isclose(given.number, due, rel_tol=off, abs_tol=off)


ANY_BATCH = ("none", "batch", "n", "?")

# --- a value, read -------------------------------------------------------------------------------


def _read(answer, value, inside=False):
    """Read any value; ``inside`` says that it is a part of a list or a set."""
    if isinstance(value, str):
        return _read_text(answer, tidy(value), inside)
    if is_array(value):
        value = as_numpy(value)
        value = value.item() if value.size == 1 else value.tolist()
    if isinstance(value, bool):  # a gate may be True or False
        return Given("True or False", float(value) if inside else None)
    if isinstance(value, Mapping) and len(value) == 1:  # {"f": 0}
        [value] = value.items()
    if isinstance(value, Set) or is_listed(value):
        return _read_parts(answer, value)
    if hasattr(type(value), "__float__") or hasattr(type(value), "__index__"):
        return Given("a number", float(value))
    return Given(_a(value), word="none" if value is None else None)


def _read_text(answer, text, inside):
    number, word = number_of(text, answer.percent), word_of(text, answer.same)
    texts = [] if inside else parts_of(text, answer)
    parts = None if inside else [_read(answer, part, inside=True) for part in texts]
    kind = "a text" if number is None else "a number"
    return Given(f"a list of {len(texts)}" if len(texts) > 1 else kind, number, parts, word)


def _read_parts(answer, value):
    parts = [_read(answer, part, inside=True) for part in listed(value)]
    number, word = (parts[0].number, parts[0].word) if len(parts) == 1 else (None, None)
    if type(value) is tuple and len(value) > 1 and all(type(n) is int and n for n in value[1:]):
        number = number_of(",".join(map(str, value)), answer.percent)  # 22,410 to Python
    if isinstance(value, Set):
        return Given("a set", number, parts, word, in_order=False)
    return Given(f"a list of {len(parts)}", number, parts, word)


def _a(value):
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


# --- a text, read --------------------------------------------------------------------------------

LONG = 200  # no answer is longer
SIGNS = {
    **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014", "-"),
    **dict.fromkeys('\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"`', "'"),
    **{"\u00d7": "x", "\u00b7": "*", "\u22c5": "*", "\u2044": "/", "\u00f7": "/", "\u2248": "~"},
}


def tidy(text):
    """Bring a text to lowercase, single spaces and plain signs."""
    text = unicodedata.normalize("NFKC", text[:LONG]).lower().translate(str.maketrans(SIGNS))
    return " ".join(text.split())


# Brackets around something without brackets, with or without a name: TensorShape([32, 14, 100])
_IN_BRACKETS = re.compile(r"[(\[{<]+([^()\[\]{}<>]*)[)\]}>]+")
_NAMED = re.compile(r"[a-z_. ]*=? ?" + _IN_BRACKETS.pattern)


def _bare(text, brackets=_IN_BRACKETS):
    """Take off what stands around an answer: a full stop, quotes, brackets."""
    text = text.rstrip(" .,;!?").strip(" '")
    inner = brackets.fullmatch(text)
    return inner[1].strip(" '") if inner else text


_GROUPS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}([,' _])\d{3}(?:\1\d{3})*(?![\d,])", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:e[+-]?\d+)?", re.ASCII)
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII)


def number_of(text, percent):
    """Return the number that a tidy text is, or None: digits, or a sum or product of them.

    A comma before three digits parts thousands; elsewhere it is a decimal comma.
    """
    text = _bare(text).lstrip("~=\u00b1 ")
    share = text.endswith("%") and not percent
    text = text.removesuffix("%").rstrip()
    text = _GROUPS.sub(lambda found: re.sub(r"\D", "", found[0]), text)
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    text = re.sub(r"(?<=[\d)]) ?x ?(?=[\d(])", "*", text).replace("^", "**")
    if not re.fullmatch(r"[\d.e+*/() -]+", text, re.ASCII) or re.search(r"//|--|\+\+", text):
        return None
    try:  # there is nothing in it but digits and signs; and of floats no power takes for ever
        number = float(eval(_NUMBER.sub(r"float('\g<0>')", text), {"float": float}))
    except Exception:
        return None
    return (number / 100 if share else number) if math.isfinite(number) else None


_ROUND_WORDS = re.compile(r"^(?:(?:it|the|only|just|both) )+|(?: (?:gate|only|alone))+$")


def word_of(text, same):
    """Bring a word or a phrase to one form, and a synonym to the word that it stands for."""
    known, text = synonyms(tuple(same.items())), _bare(tidy(text))
    plain = _squeezed(text)
    plain = plain if plain in known else _squeezed(_ROUND_WORDS.sub("", text))
    return known.get(plain, plain)


@functools.lru_cache(maxsize=64)
def synonyms(pairs):
    """Return {synonym: word}, both as they are compared."""
    return {_squeezed(tidy(alias)): _squeezed(tidy(name)) for alias, name in pairs}


def _squeezed(text):
    return re.sub(r"(?<=[a-z])-(?=[a-z])|[\s'_]", "", text)


def words_of(answer):
    """List the words that stand in an answer's lists and sets."""
    lists = (entry for entry in (*answer.right, *answer.wrong) if isinstance(entry, (tuple, Set)))
    return {word_of(part, answer.same) for entry in lists for part in entry if type(part) is str}


_BETWEEN = re.compile(r"[,;|&](?![^\[(]*[\])])|\band\b")
_CLOSE = re.compile(r"(?<=[\d ])x(?=[\d ])|[\s=:/]+")


def parts_of(text, answer):
    """List the texts of which a tidy text consists: "a, d", "32x14x100", "f = 0", "ad", "011"."""
    words = words_of(answer)
    if word_of(text, answer.same) in words:
        return [text]
    text = _bare(text, _NAMED)
    if text in ("", "none", "nothing"):
        return []
    parts = [part for part in _BETWEEN.split(text) if part.strip()]
    if len(parts) > 1 or word_of(text, answer.same) in words:
        return parts
    parts = [part for part in _CLOSE.split(text) if part]
    if len(parts) == 1 and re.fullmatch("[a-z]+|[01]+", parts[0]):
        parts = list(parts[0])
    return parts


# --- what to say of a value of another kind ------------------------------------------------------


def kinds(answer):
    """List what kinds of value are asked for, in words."""
    return list(dict.fromkeys(map(_kind, answer.right)))


def _kind(right):
    if isinstance(right, tuple):
        return f"a list of {len(right)}"
    return "a set" if isinstance(right, Set) else "a text" if type(right) is str else "a number"


def in_digits(answer):
    """Tell whether what is asked is a number, or are numbers."""
    return not words_of(answer) and "a text" not in kinds(answer)


def _about_kind(answer, given, value):
    """Say that an answer is of another kind than what is asked, or nothing where it is not."""
    asked, shape = kinds(answer), getattr(value, "shape", None)
    if "a list" in asked[0] and isinstance(shape, tuple) and len(shape) > 1:
        return "that is the array itself: its shape is asked, so write .shape behind it."
    if isinstance(value, (str, float)) and _is_thousandth(answer, given):
        return "a point is read as a decimal point: leave it out where it parts thousands."
    if isinstance(value, str) and in_digits(answer) and not _is_in_digits(given, asked):
        return f"this asks for {' or '.join(asked)}, in digits and nothing else."
    fitting = {given.kind, "a set" if given.parts is not None else ""}
    if isinstance(value, str) or given.number is not None:
        fitting.add("a text" if given.number is None else "a number")
    return (
        ""
        if fitting & set(asked)
        else f"this asks for {' or '.join(asked)}, yours is {given.kind}."
    )


def _is_thousandth(answer, given):
    """Tell whether a point stands where a right answer's thousands are parted: 22.410."""
    due = answer.right[0] if kinds(answer) == ["a number"] else 0
    return due >= 1000 and math.isclose(1000 * (given.number or 0), due)


def _is_in_digits(given, asked):
    """Tell whether a text is a number where one is asked, or else a list of nothing but numbers."""
    if "a number" in asked:
        return given.number is not None
    return all(part.number is not None or part.word in ANY_BATCH for part in given.parts)
