"""How a number may be written, as text or as a Python value; and texts brought to one form.

A text that can be read in several ways gives all of them: "7,030" is seven thousand and thirty,
and 7.03 with a decimal comma.
"""

import ast
import functools
import operator
import re
import unicodedata

from helpers.checks.results import as_numpy, is_array

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
        **dict.fromkeys("\u2192\u21a6", "->"),
        **dict.fromkeys("\u27e8\u2329", "<"),
        **dict.fromkeys("\u27e9\u232a", ">"),
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


def without_brackets(text):
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


_FILLER_WORDS = (
    "a about after all alone altogether answer approx approximately are around at be bias biases "
    "blow blows by ca circa column columns digit digits each entries entry equals exactly factor "
    "feature features fives for further gate has have image images in is it its just keep later "
    "learnable learned more number numbers of only open param parameter parameters params pixel "
    "pixels precisely replay roughly row rows sequence sequences some step steps the them there "
    "time times timestep timesteps together total trainable unit units value values weight weights "
    "window windows word words"
)
_FILLERS = frozenset(_FILLER_WORDS.split())
_PERCENT = re.compile(r"\s*(?:%(?: points?)?|per ?cent|pct|percentage points?)$")
_GROUPED = re.compile(r"([+-]?[1-9]\d{0,2})([,' _])\d{3}(?:\2\d{3})*(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:e[+-]?\d+)?")
_BOTH = re.compile(r"[+-]?[1-9]\d{0,2}(?:[. ]\d{3})+,\d+")  # 22.410,0
NUMBER = r"(?<![\d.])[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:e[+-]?\d++)?"
_BETWEEN = re.compile(r"(?<=[\d%)])\s*(?:-|\bto\b|\bor\b|\band\b|\.\.+)\s*(?=[\d.(])")


def numbers(value, whole, percent):
    """List the numbers as which an answer can be read, none or several.

    ``whole``: a whole number is asked, so a comma before three digits parts thousands and nothing
    else. ``percent``: the answer is asked in per cent; elsewhere "38 %" is 0.38.
    """
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if isinstance(value, str):
        return _from_text(value, whole, percent)
    if isinstance(value, bool):
        return []
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
    while unwrapped := without_brackets(text):
        text = unwrapped
    text = re.sub(r"^[a-z_][a-z_ ]*(?:=|:)\s*", "", text).removeprefix("=")
    if found := _one_number(text, whole, percent):
        return found
    if "=" in text:  # 21,760 + 650 = 22,410
        return _agreeing(text.split("=")[::-1], whole, percent)
    if remark := re.fullmatch(r"(.*\S) \((.*)\)", text):  # 0.93 (93 %)
        return _agreeing(remark.groups(), whole, percent)
    return []


def _agreeing(texts, whole, percent):
    """Read the first of some texts, unless another of them reads as another number."""
    first, *others = (_one_number(text, whole, percent) for text in texts)
    near = (abs(one - other[0]) <= 0.01 * abs(one) for one in first for other in others if other)
    return first if all(near) else []


def _one_number(text, whole, percent):
    text = text.strip(" ~'\"").rstrip(".")
    share = _PERCENT.search(text)
    text = _PERCENT.sub("", text)
    if percent:
        text = re.sub(r"^(?:\+ ?/? ?-|\u00b1|plus or minus)\s*", "", text)
    text = re.sub(r"\b(?:in all|in total|of them)\b", "", text).strip()
    text = re.sub(r"(?<=\d) (?:in|out of|of) (?=\d)|(?<=\d):(?=\d)", " / ", text)
    text = re.sub(r"^(?:1|one) in a (hundred|thousand)$", r"a \1th", text)
    text = re.sub(r"\ba single\b", "one", text)
    text = re.sub(r"(?<=[a-z])[-_](?=[a-z])", " ", text)  # time_steps, twenty-eight
    text = re.sub(r"^x\s*(?=[\d.])|(?<=\d)\s*x$|(?<=\d)(?:st|nd|rd|th)\b", "", text)
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
        found.append(float(re.sub(r"[. ]", "", text).replace(",", ".")))
    if found:
        return found
    try:
        return [float(text)]
    except ValueError:
        pass
    if _BETWEEN.search(text) and ends(text, whole, percent=False):
        return []
    text = re.sub(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])", lambda n: n[0].replace(",", ""), text)
    text = re.sub(r"(?<=[\d)])\s*x\s*(?=[\d(])|(?<=\d)(?=\()", "*", text).replace("^", "**")
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
    at = tokens.index("point") if "point" in tokens else len(tokens)
    tokens, decimals = tokens[:at], tokens[at + 1 :]
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
        elif re.fullmatch(NUMBER, word) and (len(tokens) > 1 or sign < 0) and not here:
            here = float(word)
        else:
            return []
    tail = "".join(str(_WORDS[word]) for word in decimals)
    return [sign * (total + here + float(f"0.{tail or 0}")) / share]
