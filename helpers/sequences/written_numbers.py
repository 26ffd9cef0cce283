"""What stands in a cell of a table: a number, nothing, or a word."""

import re

MISSING = {
    *("", "na", "n/a", "n.a.", "nan", "null", "none", "nil", "-", "--", ".", "?", "missing"),
    *("<na>", "nat", "#n/a", "#value!", "#div/0!", "#ref!", "#num!"),
}
POINT = re.compile(r"[-+\N{MINUS SIGN}]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
COMMA = re.compile(r"[-+\N{MINUS SIGN}]?\d+,\d+")
# A thousands separator is one for certain where it comes twice, or beside a decimal sign.
THOUSANDS = re.compile(r"[-+\N{MINUS SIGN}]?\d{1,3}(?:,\d{3})+\.\d+|[-+]?\d{1,3}(?:,\d{3}){2,}")
DOTS = re.compile(r"[-+\N{MINUS SIGN}]?\d{1,3}(?:\.\d{3})+,\d+|[-+]?\d{1,3}(?:\.\d{3}){2,}")
UNIT = re.compile(r"(.*\d)\s*(%|\N{DEGREE SIGN}\s?[CF]?|[A-Za-z\N{MICRO SIGN}/\N{EURO SIGN}$]+\d?)")


class Problem(ValueError):
    """What is wrong with a table, before the file's name is put before it."""


def is_missing(cell: str) -> bool:
    """Whether the cell says that there is no value."""
    return cell.strip().lower() in MISSING


def tidy(cell: str) -> str:
    """Take the blanks, or the Swiss apostrophes, out of a number that has them by thousands."""
    cell = re.sub(r"[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", cell.strip())
    cell = cell.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if re.fullmatch(r"[-+\N{MINUS SIGN}]?\d{1,3}(( \d{3})+|('\d{3})+)([.,]\d+)?", cell):
        return re.sub("[ ']", "", cell)
    return cell


def number(cell: str, comma: bool = False) -> float | None:
    """Return the number in a cell, or None where there is none for certain.

    comma : whether a single comma is the decimal sign in this file
    """
    cell = tidy(cell)
    if THOUSANDS.fullmatch(cell):
        cell = cell.replace(",", "")
    elif DOTS.fullmatch(cell):
        cell = cell.replace(".", "").replace(",", ".")
    elif COMMA.fullmatch(cell) and comma:
        cell = cell.replace(",", ".")
    if POINT.fullmatch(cell):
        return float(cell.replace("\N{MINUS SIGN}", "-"))
    if re.fullmatch(r"[-+]?inf(inity)?", cell, re.IGNORECASE):
        return float("inf")
    return None


def with_unit(cell: str) -> str:
    """Return the unit behind a number, or nothing."""
    found = UNIT.fullmatch(cell.strip())
    return found[2] if found and number(found[1].strip(), comma=True) is not None else ""
