"""What stands in a cell of a table: a number, a date, nothing, or a word."""

import datetime
import re

MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "--", ".", "?", "#n/a", "missing"}
POINT = re.compile(r"[-+\N{MINUS SIGN}]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
COMMA = re.compile(r"[-+\N{MINUS SIGN}]?\d+,\d+")
# A thousands separator is one for certain where it comes twice, or beside a decimal sign.
THOUSANDS = re.compile(r"[-+\N{MINUS SIGN}]?\d{1,3}(?:,\d{3})+\.\d+|[-+]?\d{1,3}(?:,\d{3}){2,}")
DOTS = re.compile(r"[-+\N{MINUS SIGN}]?\d{1,3}(?:\.\d{3})+,\d+|[-+]?\d{1,3}(?:\.\d{3}){2,}")
UNIT = re.compile(r"(.*\d)\s*(%|\N{DEGREE SIGN}\s?[CF]?|[A-Za-z\N{MICRO SIGN}/\N{EURO SIGN}$]+\d?)")

FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d.%m.%y", "%Y-%m", "%Y/%m", "%m.%Y",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%b %Y", "%B %Y", "%b-%y",
    "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y%m%d",
)  # fmt: skip
DAY_FIRST = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")
_AM_PM = ("%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%y %I:%M %p")  # no doubt: American
MONTH_FIRST = ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S")


def is_missing(cell: str) -> bool:
    """Whether the cell says that there is no value."""
    return cell.strip().lower() in MISSING


def number(cell: str, comma: bool = False) -> float | None:
    """Return the number in a cell, or None where there is none for certain.

    comma : whether a single comma is the decimal sign in this file
    """
    cell = re.sub(r"[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", cell.strip())
    if re.fullmatch(r"[-+\N{MINUS SIGN}]?\d{1,3}( \d{3})+([.,]\d+)?", cell):
        cell = cell.replace(" ", "")
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


def dates(cells: list[str], name: str) -> tuple[list[datetime.datetime] | None, int | None]:
    """Read a column as dates.

    Returns
    -------
    dates : list of datetime, or None where this column is no dates
    doubt : int or None
        The place of a cell whose day and month could change places, where no cell tells.
    """
    if all(number(cell) is not None for cell in cells):
        return _whole_numbers(cells, name), None
    read = [_iso(cell) for cell in cells]
    if all(read):
        return read, None
    for form in (*FORMS, *_AM_PM):
        read = [_by(form, cell) for cell in cells]
        if all(read):
            return read, None
    ways = []
    for forms in (DAY_FIRST, MONTH_FIRST):
        for form in forms:
            read = [_by(form, cell) for cell in cells]
            if all(read):
                ways.append(read)
    if len(ways) > 1:
        doubt = next((n for n, pair in enumerate(zip(*ways, strict=True)) if len(set(pair)) > 1), 0)
        return ways[0], doubt
    return (ways[0], None) if ways else (None, None)


def looks_like_a_date(cell: str) -> bool:
    """Whether this one cell can be read as a date, but for a plain number."""
    if number(cell) is not None or is_missing(cell):
        return False
    return bool(dates([cell], "")[0])


def _whole_numbers(cells, name):
    """Years, days as 20240131, or seconds since 1970: under a heading that says so, if in doubt."""
    cells = [cell.strip() for cell in cells]
    if all(re.fullmatch(r"(1[5-9]|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])", cell) for cell in cells):
        read = [_by("%Y%m%d", cell) for cell in cells]
        return read if all(read) else None
    if re.search(r"time|epoch|unix|date", name.lower()) and all(map(str.isdigit, cells)):
        for unit, digits in ((1, 10), (1000, 13)):  # seconds, or milliseconds
            if all(len(cell) == digits for cell in cells):
                start = datetime.datetime(1970, 1, 1)
                return [start + datetime.timedelta(seconds=int(cell) / unit) for cell in cells]
    years = all(re.fullmatch(r"(1[0-9]|20|21)\d\d", cell) for cell in cells)
    if years and re.search(r"year|date|time|jahr|ann|a\xf1o|\u5e74", name.lower()):
        return [datetime.datetime(int(cell), 1, 1) for cell in cells]
    return None


def time_of_day(cell: str) -> datetime.timedelta | None:
    """Return how far into the day a cell such as 13:45 is, or None."""
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?", cell.strip())
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _iso(cell):
    quarter = re.fullmatch(r"(\d{4})[- ]?Q([1-4])|Q([1-4])[- ](\d{4})", cell.strip())
    if quarter:
        year, which = quarter[1] or quarter[4], int(quarter[2] or quarter[3])
        return datetime.datetime(int(year), 3 * which - 2, 1)
    try:
        read = datetime.datetime.fromisoformat(cell.strip())
    except ValueError:
        return None
    return read.replace(tzinfo=None) if "-" in cell[:8] else None


def _by(form, cell):
    try:
        return datetime.datetime.strptime(cell.strip(), form)
    except ValueError:
        return None
