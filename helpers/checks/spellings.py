"""How a plain answer may be written: its numbers, words and lists, as text or as Python values.

Whatever is asked says how an answer is read: "22,410" is a number where a number is asked, and two
numbers where a shape is. A text that can be read in several ways gives all of them.
"""

import ast
import functools
import operator
import re
import unicodedata
from collections.abc import Mapping, Set

from helpers.checks.results import as_numpy, is_array, is_listed, listed

LONG = 200  # no answer is longer, and Python's own parser need not be asked about a novel

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014", "-"),
        **dict.fromkeys("\u00d7\u2715\u2a2f", "x"),
        **dict.fromkeys("\u00b7\u22c5\u2217", "*"),
        **dict.fromkeys("\u2018\u2019\u201b\u2032`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2044\u2215\u00f7", "/"),
        **dict.fromkeys("\u2248\u223c\u2245", "~"),
    }
)
_SUPERSCRIPTS = "\u207a\u207b\u2070\u00b9\u00b2\u00b3\u2074-\u2079"


def tidy(text):
    """Bring a text to small letters, single spaces and plain signs."""
    return _tidied(str(text[:LONG]))


@functools.lru_cache(maxsize=4096)  # the same few synonyms are tidied for every comparison
def _tidied(text):
    text = re.sub(f"[{_SUPERSCRIPTS}]+", lambda power: f"^{power[0]}", text)
    text = "".join(map(_plain_sign, text))
    text = unicodedata.normalize("NFKC", text).casefold().translate(_SIGNS)
    return " ".join(text.split())


def _plain_sign(sign):
    if unicodedata.category(sign) == "Cf":  # marks of no width, such as a byte order mark
        return ""
    if unicodedata.decomposition(sign).startswith("<fraction>"):
        return f"({unicodedata.numeric(sign)})"
    return sign


# --- numbers -----------------------------------------------------------------------------------

_FILLER_WORDS = (
    "a about after all alone altogether answer approx approximately around at be bias biases blow "
    "blows by ca circa column columns digit digits entries entry equals exactly factor feature "
    "features fives for further gate image images in is it its just keep learnable learned more "
    "number numbers of only open param parameter parameters params pixel pixels precisely roughly "
    "row rows sequence sequences some step steps the them time timestep timesteps together total "
    "trainable unit units value values weight weights window windows word words"
)
_FILLERS = frozenset(_FILLER_WORDS.split())
_PERCENT = re.compile(r"\s*(?:%|per ?cent|pct|percentage points?)$")
_GROUPED = re.compile(r"([+-]?[1-9]\d{0,2})([,' _])\d{3}(?:\2\d{3})*(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:e[+-]?\d+)?")
_BOTH = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+,\d+")  # 22.410,0
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_BETWEEN = re.compile(r"(?<=[\d%)])\s*(?:-|\bto\b|\bor\b|\band\b|\.\.+)\s*(?=[\d.(])")


def numbers(value, whole, percent):
    """List the numbers as which an answer can be read, none or several.

    ``whole``: a whole number is asked, so a comma before three digits parts thousands and nothing
    else. ``percent``: the answer is asked in per cent; elsewhere "38 %" is 0.38.
    """
    if isinstance(value, (bool, str, bytes)):
        if isinstance(value, bytes):
            value = value.decode(errors="replace")
        return _from_text(value, whole, percent) if isinstance(value, str) else []
    if type(value) is tuple:  # 22,410 is one, to Python
        return _from_commas(value, whole)
    if is_array(value):
        value = as_numpy(value)
        value = value.item() if value.size == 1 and value.ndim < 2 else None
        plain = isinstance(value, (int, float, str)) and not isinstance(value, bool)
        return numbers(value, whole, percent) if plain else []
    if hasattr(type(value), "__float__") or hasattr(type(value), "__index__"):
        try:
            return [float(value)]
        except OverflowError:
            return [float("inf")]
        except (TypeError, ValueError):
            return []
    return []


def _from_commas(value, whole):
    """Read the tuple that Python makes of 22,410 or, with a decimal comma, of 0,38."""
    if len(value) < 2 or any(type(part) is not int for part in value):
        return []
    first, *groups = value
    text = f"{first},{','.join(map(str, groups))}"
    found = []
    if 0 < abs(first) < 1000 and all(group == 0 or 100 <= group < 1000 for group in groups):
        found.append(float(str(first) + "".join(f"{group:03}" for group in groups)))
    if not whole and len(groups) == 1 and groups[0] >= 0:
        found.append(float(text.replace(",", ".")))
    return found


def ends(text, whole, percent):
    """Return the two ends of a range such as "34 to 36", as readings each, or None."""
    text = re.sub(r"^(?:between|from)\b", "", tidy(text)).strip()
    if found := _BETWEEN.search(text):
        low, high = text[: found.start()], text[found.end() :]
        sign = _PERCENT.search(high)
        low += sign[0] if sign and not _PERCENT.search(low) else ""
        low, high = (_from_text(end, whole, percent) for end in (low, high))
        if low and high and low[0] < high[0]:
            return low, high
    return None


def _from_text(text, whole, percent):
    text = tidy(text).rstrip(".!?;, ").strip("'\" ")
    while unwrapped := _without_brackets(text):
        text = unwrapped
    text = re.sub(r"^[a-z_][a-z_ ]*(?:=|:)\s*", "", text)
    text = text.removeprefix("=").strip(" ~'\"").rstrip(".")
    share = _PERCENT.search(text)
    text = _PERCENT.sub("", text)
    if percent:
        text = re.sub(r"^(?:\+ ?/ ?-|\u00b1)\s*", "", text)
    text = re.sub(r"\b(?:in all|in total|of them)\b", "", text).strip()
    text = re.sub(r"(?<=\d) (?:in|out of|of) (?=\d)", " / ", text)
    text = re.sub(r"\ba single\b", "one", text)
    words = re.findall(r"[a-z']+", text)
    if words and all(word in _FILLERS for word in words):
        text = re.sub(r"\(\s*\)", "", re.sub(r"\b[a-z']+\b\.?", "", text))
    text = text.strip(" ~")
    found = _written(text, whole) or _spelt(text)
    return [number / 100 for number in found] if share and not percent else found


def _written(text, whole):
    """Read digits, with whatever parts their thousands and decimals, or sums and products."""
    found = []
    if _GROUPED.fullmatch(text):
        found.append(float(re.sub(r"[,' _]", "", text)))
    if _DECIMAL_COMMA.fullmatch(text) and not (whole and found):
        found.append(float(text.replace(",", ".")))
    if _BOTH.fullmatch(text):
        found.append(float(text.replace(".", "").replace(",", ".")))
    if found:
        return found
    try:
        return [float(text)]
    except ValueError:
        pass
    if _BETWEEN.search(text) and ends(text, whole, percent=False):
        return []
    text = re.sub(r"(?<=[\d)])\s*x\s*(?=[\d(])", "*", text).replace("^", "**")
    try:
        return [float(_evaluate(ast.parse(text, mode="eval").body))]
    except (ValueError, TypeError, SyntaxError, ArithmeticError, RecursionError, MemoryError):
        return []


_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def _evaluate(node):
    """Work out a sum, a product, a power of numbers; nothing else is run."""
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return float(node.value)  # as a float no power takes for ever
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            number = _evaluate(node.operand)
            return -number if isinstance(node.op, ast.USub) else number
        case ast.BinOp() if type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](_evaluate(node.left), _evaluate(node.right))
    raise ValueError


_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {name: number for number, name in enumerate(_ONES.split())}
_WORDS |= {name: 10 * number for number, name in enumerate(_TENS.split(), 2)}
_MANY = {"hundred": 100, "thousand": 1_000, "k": 1_000, "million": 1_000_000}
_PARTS = {
    "half": 2,
    "halves": 2,
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "tenth": 10,
    "hundredth": 100,
    "thousandth": 1_000,
}


def _spelt(text):
    """Read a number in words: ten thousand, zero point three eight, a half, minus four, 22.41k."""
    text = re.sub(r"(?<=\d)k$", " k", text)
    tokens = [word for word in re.split(r"[ ,-]+", text) if word not in _FILLERS]
    sign = 1.0
    if tokens and tokens[0] in ("minus", "negative"):
        sign, tokens = -1.0, tokens[1:]
    tokens, _, decimals = _cut(tokens, "point")
    share = 1
    if tokens and (part := _PARTS.get(tokens[-1]) or _PARTS.get(tokens[-1].removesuffix("s"))):
        share, tokens = part, tokens[:-1] or ["one"]
    if not tokens or any(word not in _WORDS for word in decimals):
        return []
    total = here = 0.0
    for word in tokens:
        if word in _WORDS:
            here += _WORDS[word]
        elif word == "hundred":
            here = (here or 1) * 100
        elif word in _MANY:
            total, here = total + (here or 1) * _MANY[word], 0.0
        elif word == "and":
            continue
        elif re.fullmatch(_NUMBER, word) and (len(tokens) > 1 or sign < 0) and not here:
            here = float(word)
        else:
            return []
    tail = "".join(str(_WORDS[word]) for word in decimals)
    return [sign * (total + here + float(f"0.{tail or 0}")) / share]


def _cut(tokens, word):
    at = tokens.index(word) if word in tokens else len(tokens)
    return tokens[:at], word, tokens[at + 1 :]


# --- words -------------------------------------------------------------------------------------

_ROUND_WORDS = r"^(?:(?:it|the|only|just|both|a|an)\s+)+|(?:\s+(?:gates?|alone|only))+$"


def word(text, same):
    """Bring a word or a phrase to one form, and a synonym to the word that it stands for."""
    text = tidy(text).replace("c\u0303", "candidate").replace("c~", "candidate")
    plain = _squeezed(text)
    same = {_squeezed(tidy(alias)): _squeezed(tidy(name)) for alias, name in same.items()}
    if plain in same:
        return same[plain]
    text = text.strip("'\".,;!? ")
    text = text.rstrip(")") if "(" not in text else text  # a) and d)
    plain = _squeezed(re.sub(_ROUND_WORDS, "", text))
    return same.get(plain, plain)


def _squeezed(text):
    text = re.sub(r"(?<=[a-z])-(?=[a-z])|[\s'\"_]", "", text)
    return text.strip(".,;:!?=")


# --- lists -------------------------------------------------------------------------------------


def _without_brackets(text):
    """Take off the brackets or quotes around a text, or return "" where there are none."""
    text = text.strip()
    if len(text) < 2 or text[0] + text[-1] not in ("()", "[]", "{}", "<>", "''", '""'):
        return ""
    depth = 0
    for sign in text[:-1]:
        depth += (sign in "([{<") - (sign in ")]}>")
        if depth == 0 and text[0] not in "'\"":  # (a) and (d): closed before the end
            return ""
    return text[1:-1].strip()


def items(value, names=None, known=()):
    """List the parts of an answer, or return None where it is no list.

    ``names`` gives each part a name, with synonyms, by which a dict or a text may put them in any
    order; ``known`` are the words that a text without commas may consist of.
    """
    if hasattr(type(value), "as_list"):  # TensorFlow's TensorShape
        return list(value.as_list())
    if isinstance(value, str):
        return _in_order(_chunks(value, known), names)
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


_LISTS = r"(?:[a-z_]+ = ?)?(?:(?:frozen)?set|list|tuple|(?:np\.)?array)?"
_WORD_AND_NUMBER = re.compile(rf"(?:pin )?(.*?[a-z'\"])\s*(?:=|:|\bat\b|\bto\b)?\s*({_NUMBER})")


def _chunks(text, known):
    text = tidy(text).rstrip(".!?")
    called = _LISTS if known else r"[a-z_. ]*=?\s*"  # TensorShape([32, 14, 100]), shape = (3, 2)
    if unwrapped := _without_brackets(re.sub(f"^{called}", "", text)):
        text = unwrapped
    while unwrapped := _without_brackets(text):
        text = unwrapped
    if text in ("", "none", "nothing", "()", "[]", "{}", "set()"):
        return []
    chunks = re.split(r"[,;|](?![^\[(]*[\])])|\b(?:and|or)\b|&", text)
    chunks = [chunk.strip() for chunk in chunks if chunk.strip()]
    if len(chunks) > 1:
        return [_without_brackets(chunk) or chunk for chunk in chunks]
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


def _in_order(chunks, names):
    """Put chunks such as "14 time steps" and "f = 1" in the order of ``names``."""
    if not names:
        return chunks
    pairs = []
    for chunk in chunks:
        number = re.search(_NUMBER + r"|\bnone\b", chunk)
        if number is None:
            return chunks
        rest = chunk[: number.start()] + " " + chunk[number.end() :]
        pairs.append((number[0], re.sub(r"[=:()]|\bat\b|\bof\b|\bgate\b|\bthe\b", " ", rest)))
    found = _by_name(pairs, names)
    return chunks if found is None else found


def _by_name(pairs, names):
    places = {_squeezed(tidy(alias)): n for n, (name, aliases) in enumerate(names.items())
              for alias in (name, *aliases)}  # fmt: skip
    at = [places.get(_squeezed(tidy(key))) if isinstance(key, str) else None for _, key in pairs]
    if sorted(n for n in at if n is not None) != list(range(len(names))) or None in at:
        return None
    return [part for _, (part, _) in sorted(zip(at, pairs, strict=True), key=lambda one: one[0])]
