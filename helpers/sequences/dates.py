"""The dates of a table: found, read in whatever form they are in, in order, without doubt."""

import datetime
import re

import numpy as np

from helpers.sequences import cells
from helpers.sequences.cells import Problem

STEPS = {1: "daily", 7: "weekly", 30: "monthly", 31: "monthly", 365: "yearly", 366: "yearly"}

FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d.%m.%y", "%Y-%m", "%Y/%m", "%m.%Y",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%b %Y", "%B %Y", "%b-%y",
    "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y%m%d",
)  # fmt: skip
DAY_FIRST = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")
_AM_PM = ("%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%y %I:%M %p")  # no doubt: American
MONTH_FIRST = ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S")


# --- a column -----------------------------------------------------------------------------------


def read(column: list[str], name: str) -> tuple[list[datetime.datetime] | None, int | None]:
    """Read a column as dates.

    Returns
    -------
    dates : list of datetime, or None where this column is no dates
    doubt : int or None
        The place of a cell whose day and month could change places, where no cell tells.
    """
    if all(cells.number(cell) is not None for cell in column):
        return _whole_numbers(column, name), None
    read = [_iso(cell) for cell in column]
    if all(read):
        return read, None
    for form in (*FORMS, *_AM_PM):
        read = [_by(form, cell) for cell in column]
        if all(read):
            return read, None
    ways = []
    for forms in (DAY_FIRST, MONTH_FIRST):
        for form in forms:
            read = [_by(form, cell) for cell in column]
            if all(read):
                ways.append(read)
    if len(ways) > 1:
        doubt = next((n for n, pair in enumerate(zip(*ways, strict=True)) if len(set(pair)) > 1), 0)
        return ways[0], doubt
    return (ways[0], None) if ways else (None, None)


def looks_like_a_date(cell: str) -> bool:
    """Whether this one cell can be read as a date, but for a plain number."""
    if cells.number(cell) is not None or cells.is_missing(cell):
        return False
    return bool(read([cell], "")[0])


def _whole_numbers(column, name):
    """Years, days as 20240131, or seconds since 1970: under a heading that says so, if in doubt."""
    column = [cell.strip() for cell in column]
    if all(re.fullmatch(r"(1[5-9]|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])", cell) for cell in column):
        read = [_by("%Y%m%d", cell) for cell in column]
        return read if all(read) else None
    if re.search(r"time|epoch|unix|date", name.lower()) and all(map(str.isdigit, column)):
        for unit, digits in ((1, 10), (1000, 13)):  # seconds, or milliseconds
            if all(len(cell) == digits for cell in column):
                start = datetime.datetime(1970, 1, 1)
                return [start + datetime.timedelta(seconds=int(cell) / unit) for cell in column]
    years = all(re.fullmatch(r"(1[0-9]|20|21)\d\d", cell) for cell in column)
    if years and re.search(r"year|date|time|jahr|ann|a\xf1o|\u5e74", name.lower()):
        return [datetime.datetime(int(cell), 1, 1) for cell in column]
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


# --- a table ------------------------------------------------------------------------------------


def find(grid, names, lines):
    """Return the dates and the place of their column; of two columns of dates, the first."""
    for place, column in enumerate(grid):
        sample = [cell for cell in column if not cells.is_missing(cell)]
        if not sample:
            continue
        found, doubt = read(sample, names[place])
        if found is None:
            _nearly_dates(column, names[place], lines)
            continue
        if len(sample) < len(column):
            empty = next(n for n, cell in enumerate(column) if cells.is_missing(cell))
            raise Problem(f"the date in line {lines[empty]} is missing.")
        if doubt is not None:
            raise Problem(
                f"{sample[doubt]} may be read with the day or with the month first, and no other "
                "date tells. Write dates as 2024-01-31."
            )
        return np.array(found, "datetime64[s]"), place
    return None, None


def with_times(dates, place, grid, names):
    """Add the times of day where they have a column of their own, and leave it out."""
    for n, column in enumerate(grid):
        times = [time_of_day(cell) for cell in column]
        if n != place and all(time is not None for time in times):
            dates = dates + np.array(times, "timedelta64[s]")
            grid = [*grid[:n], *grid[n + 1 :]]
            if n < place:
                raise Problem("the column of times stands before that of the dates: swap them.")
            return dates, grid, [*names[:n], *names[n + 1 :]]
    return dates, grid, names


def _nearly_dates(column, name, lines):
    """Refuse a column that is dates but for a cell: it would be taken for words."""
    are = [looks_like_a_date(cell) for cell in column]
    if sum(are) > 0.5 * len(column):
        bad = are.index(False)
        if not cells.is_missing(column[bad]):
            raise Problem(
                f"{column[bad]!r} in line {lines[bad]} of {name} is no date, while the others are. "
                "Write dates as 2024-01-31."
            )
        raise Problem(f"the date in line {lines[bad]} is missing.")
    if sum(are) == len(column):
        raise Problem(
            f"the dates of {name} are not all written in one way: {column[0]} and, somewhere, "
            f"{_other_form(column)}. Write dates as 2024-01-31."
        )


def _other_form(column):
    shape = re.sub(r"\d+", "0", column[0])
    return next((cell for cell in column if re.sub(r"\d+", "0", cell) != shape), column[-1])


def in_order(dates, values, lines, sort):
    """Return the rows, oldest first; refuse what is out of order, or there twice."""
    steps = np.diff(dates).astype(int)
    if sort:
        order = np.argsort(dates, kind="stable")
        dates, values, lines = dates[order], values[order], [lines[n] for n in order]
        steps = np.diff(dates).astype(int)
    elif (steps < 0).all():
        raise Problem("the newest row comes first. Give sort=True, and the oldest will.")
    elif (steps < 0).any():
        n = int(np.argmax(steps < 0))
        raise Problem(
            f"the dates are out of order: {day(dates[n + 1])} in line {lines[n + 1]} comes after "
            f"{day(dates[n])} in line {lines[n]}. Give sort=True to sort the rows by date."
        )
    if (steps == 0).any():
        n = int(np.argmax(steps == 0))
        raise Problem(
            f"{day(dates[n])} is there twice, in lines {lines[n]} and {lines[n + 1]}. One time "
            "step has one row: leave one out, or put several series into columns of their own."
        )
    return dates, values, lines


def day(date) -> str:
    """Return a date as it is shown: with its time only where it has one."""
    text = str(date)
    return text.removesuffix("T00:00:00").replace("T", " ")


def rhythm(dates) -> str:
    """Return how far the rows are apart, in a word, or nothing."""
    days = np.median(np.diff(dates).astype(float)) / 86_400
    said = STEPS.get(round(days)) if days >= 0.9 else "hourly" if round(24 * days) == 1 else None
    return f", {said}" if said else ""


def gaps(dates):
    """Say where the steps are wider than usual: then the rows are not equally far apart."""
    steps = np.diff(dates).astype(float)
    wide = np.flatnonzero(steps > 1.6 * np.median(steps))
    if not len(wide):
        return []
    n = wide[0]
    more = f", and {len(wide) - 1} more such gaps" if len(wide) > 1 else ""
    return [
        f"Between {day(dates[n])} and {day(dates[n + 1])} rows are missing{more}: the network "
        "will take the two for neighbours."
    ]
