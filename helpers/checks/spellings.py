"""How words, lists, sets and shapes may be written, as text or as Python values.

Whatever is asked says how an answer is read: "22,410" is a number where a number is asked, and two
numbers where a shape is.
"""

import functools
import re
from collections.abc import Mapping, Set

from helpers.checks.numerals import NUMBER, tidy, without_brackets
from helpers.checks.results import as_numpy, is_array, is_listed, listed

# --- words -------------------------------------------------------------------------------------

_ROUND_WORDS = r"^(?:(?:it|the|only|just|both|a|an|gates?)\s+)+|(?:\s+(?:gates?|alone|only))+$"


def word(text, same):
    """Bring a word or a phrase to one form, and a synonym to the word that it stands for."""
    text = tidy(text).replace("c\u0303", "candidate").replace("c~", "candidate")
    known = _synonyms(tuple(same.items()))
    if _squeezed(text) in known:
        return known[_squeezed(text)]
    text = text.strip("'\".,;!? ")
    text = without_brackets(text) or text
    if (remark := re.fullmatch(r"(.*\S) \((.*)\)", text)) and remark[2] != text:
        one, other = word(remark[1], same), word(remark[2], same)  # forget gate (f)
        text = remark[1] if one == other else text
    text = text.rstrip(")") if "(" not in text else text  # a) and d)
    plain = _squeezed(re.sub(_ROUND_WORDS, "", text))
    return known.get(plain, plain)


@functools.lru_cache(maxsize=64)
def _synonyms(pairs):
    return {_squeezed(tidy(alias)): _squeezed(tidy(name)) for alias, name in pairs}


def _squeezed(text):
    text = re.sub(r"(?<=[a-z])-(?=[a-z])|[\s'\"_]", "", text)
    return text.strip(".,;:!?=")


# --- lists -------------------------------------------------------------------------------------


def items(value, names=None, known=()):
    """List the parts of an answer, or return None where it is no list.

    ``names`` gives each part a name, with synonyms, by which a dict or a text may put them in any
    order; ``known`` are the words that a text without commas may consist of.
    """
    if hasattr(type(value), "as_list"):  # TensorFlow's TensorShape
        return list(value.as_list())
    if isinstance(value, str):
        return _in_order(value, _chunks(value, known), names)
    if isinstance(value, Mapping):
        pairs = [(value[key], key) for key in value]
        if all(isinstance(part, bool) for part, _ in pairs) and not names:  # {"a": True, ...}
            return [key for part, key in pairs if part]
        if names and (found := _by_name(pairs, names)) is not None:
            return found
        return [key for _, key in pairs] + [part for part, _ in pairs] if len(pairs) == 1 else None
    if isinstance(value, Set):
        return list(value)
    if is_array(value):
        value = as_numpy(value)
        return value.tolist() if value.ndim else None
    return list(listed(value)) if is_listed(value) else None


_LISTS = r"(?:[a-z_]+ ?= ?)?(?:(?:frozen)?set|list|tuple|(?:np\.)?array)?"
_WORD_AND_NUMBER = re.compile(
    r"(?:(?:pin|set) )?(.*?[a-z'\"])\s*"
    rf"(?:=|:|->|(?:\bpinned )?\b(?:at|to)\b|\bis\b)?\s*({NUMBER})"
)


def _chunks(text, known):
    text = tidy(text).rstrip(".!?")
    called = _LISTS if known else r"[a-z_. ]*=?\s*"  # TensorShape([32, 14, 100]), shape = (3, 2)
    if unwrapped := without_brackets(re.sub(f"^{called}", "", text)):
        text = unwrapped
    while unwrapped := without_brackets(text):
        text = unwrapped
    text = re.sub(r"^(?:both|only|just) ", "", text)
    if text in ("", "none", "nothing", "()", "[]", "{}", "set()"):
        return []
    chunks = re.split(r"[,;|](?![^\[(]*[\])])|\b(?:and|or|plus|und)\b|&", text)
    chunks = [chunk.strip() for chunk in chunks if chunk.strip()]
    if len(chunks) > 1:
        return [without_brackets(chunk) or chunk for chunk in chunks]
    if known:  # words: "f = 0", "a d", "ad", "a/d", "a + d"
        if found := _WORD_AND_NUMBER.fullmatch(text):
            return list(found.groups())
        parts = [part for part in re.split(r"[\s/+]+", text) if part]
        if len(parts) > 1 and all(_squeezed(part) in known for part in parts):
            return parts
        if all(letter in known for letter in text):
            return list(text)
        return chunks
    for between in (r"\s*(?:(?<=[\d\s])x(?=[\d\s])|\*|\bby\b|/)\s*", r"\s+(?=[\d.+-])|\s+(?=none)"):
        parts = [part for part in re.split(between, text) if part]
        if len(parts) > 1 and all(re.search(r"\d|none|batch", part) for part in parts):
            return parts
    return list(text) if re.fullmatch(r"[01]{2,}", text) else chunks


def _in_order(text, chunks, names):
    """Put the parts of "14 time steps, 56 features" or "f = 1, i = 0" in the order of ``names``."""
    if not names:
        return chunks
    text = re.sub(r"['\"]", "", tidy(text))
    halves = [re.fullmatch(rf"(.*?)({NUMBER}|none)(.*)", chunk) for chunk in chunks]
    ways = [[(half[2], f"{half[1]} {half[3]}") for half in halves]] if all(halves) else []
    ways.append([(n, name) for name, n in re.findall(_NAME_FIRST, text)])
    ways.append(re.findall(_NUMBER_FIRST, text))
    for pairs in ways:
        pairs = [(n, _LITTLE_WORDS.sub(" ", name)) for n, name in pairs]
        if (parts := _by_name(pairs, names)) is not None:
            return parts
    places = _places(names)
    for place, half in enumerate(halves if all(halves) else []):
        name = _squeezed(_LITTLE_WORDS.sub(" ", f"{half[1]} {half[3]}"))
        strange = name not in places and "=" in half[1]
        if strange or places.get(name, place) != place:  # f = 1, i = 0, c = 0
            return []
    return chunks


_NAME_FIRST = re.compile(rf"(?<![a-z_ ])([a-z_ ]++)(?:=|:)?\s*+({NUMBER})")
_NUMBER_FIRST = re.compile(rf"({NUMBER}|none)[\s(]*+([a-z_ ]++)")
_LITTLE_WORDS = re.compile(r"\b(?:and|at|by|each|gate|in|is|of|shape|the|with)\b|[=:()'\"]")


def _by_name(pairs, names):
    places = _places(names)
    at = [places.get(_squeezed(tidy(key))) if isinstance(key, str) else None for _, key in pairs]
    if sorted(n for n in at if n is not None) != list(range(len(names))) or None in at:
        return None
    return [part for _, (part, _) in sorted(zip(at, pairs, strict=True), key=lambda one: one[0])]


def _places(names):
    return {
        _squeezed(tidy(alias)): place
        for place, (name, aliases) in enumerate(names.items())
        for alias in (name, *aliases)
    }
