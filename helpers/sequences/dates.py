"""The dates of a table: found, read in whatever form they are in, in order, without doubt."""

import datetime
import re

import numpy as np

from helpers.sequences import written_numbers as cells
from helpers.sequences.written_numbers import Problem

STEPS = {1: "daily", 7: "weekly", 30: "monthly", 31: "monthly", 365: "yearly", 366: "yearly"}

FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d.%m.%y", "%Y-%m", "%Y/%m", "%m.%Y",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%b %Y", "%B %Y", "%b-%y",
    "%d-%b-%y", "%d %b %y", "%b %d %Y", "%Y-%b-%d", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S",
    "%d.%m.%y %H:%M", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%d-%b-%Y %H:%M:%S",
    "%d %b %Y %H:%M", "%m/%Y", "%Y\u5e74%m\u6708%d\u65e5", "%Y\u5e74%m\u6708",
)  # fmt: skip
# The day first, or the month: where the numbers do not tell, nobody can.
_EITHER = ("{}/%Y", "{}/%y", "{}-%Y")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
DAY_FIRST, MONTH_FIRST = (
    tuple(either.format(pair.replace("/", either[2])) + time for either in _EITHER
          for time in _TIMES)
    for pair in ("%d/%m", "%m/%d")
)  # fmt: skip
MONTHS = r"(0[1-9]|1[0-2])"
# Columns that are a date together, as weather services write it.
PARTS = {
    "year": r"year|yr|yyyy|jahr|ann[e\xe9]e|a\xf1o|\u5e74",
    "month": r"month|mon|mm|mo|monat|mois|mes|\u6708",
    "day": r"day|dd|tag|jour|d[i\xed]a|\u65e5",
    "hour": r"hour|hr|hh|stunde|heure|hora|\u65f6",
}


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
    found = _iso_all(column)
    if found:
        return found, None
    for form in FORMS:
        found = _all(form, column)
        if found:
            return found, None
    ways = [found for form in (*DAY_FIRST, *MONTH_FIRST) if (found := _all(form, column))]
    if len(ways) > 1:
        doubt = next((n for n, pair in enumerate(zip(*ways, strict=True)) if len(set(pair)) > 1), 0)
        return ways[0], doubt
    return (ways[0], None) if ways else (None, None)


def looks_like_a_date(cell: str) -> bool:
    """Whether this one cell can be read as a date, but for a plain number."""
    if not re.search(r"\d", cell) or cells.number(cell) is not None or cells.is_missing(cell):
        return False
    return bool(read([cell], "")[0])


def _forms(cell):
    """Return the forms in which a cell can be read."""
    forms = {form for form in (*FORMS, *DAY_FIRST, *MONTH_FIRST) if _by(form, cell)}
    return forms | ({"iso"} if _iso(cell) else set())


def _whole_numbers(column, name):
    """Years, months as 01.2024, days as 20240131, or seconds since 1970; by their heading, too."""
    column = [cell.strip() for cell in column]

    def every(form):
        return all(re.fullmatch(form, cell) for cell in column)

    if every(rf"(1[5-9]|20)\d\d{MONTHS}([0-2]\d|3[01])"):
        return _all("%Y%m%d", column)
    if every(rf"(1[5-9]|20)\d\d{MONTHS}([0-2]\d|3[01])([01]\d|2[0-3])[0-5]\d"):
        return _all("%Y%m%d%H%M", column)
    # A zero before the month: no number is written so.
    if every(rf"{MONTHS}\.(1[5-9]|20|21)\d\d") and any(cell[0] == "0" for cell in column):
        return _all("%m.%Y", column)
    said = name.lower()
    if re.search(r"month|monat|mois|mes|date|time|\u6708", said) and every(
        rf"(1[5-9]|20|21)\d\d(\.{MONTHS}|{MONTHS})"
    ):
        return _all("%Y%m", [cell.replace(".", "") for cell in column])
    if re.search(r"time|epoch|unix|date", said) and every(r"\d+"):
        for unit, digits in ((1, 10), (1000, 13)):  # seconds, or milliseconds
            if every(rf"\d{{{digits}}}"):
                start = datetime.datetime(1970, 1, 1)
                return [start + datetime.timedelta(seconds=int(cell) / unit) for cell in column]
    if not every(r"(1[0-9]|20|21)\d\d"):
        return None
    years = [int(cell) for cell in column]
    # Without a name: four digits that go up one by one are years, where they can be.
    rising = years[0] >= 1500 and years[-1] <= 2100 and (np.diff(years) == 1).all()
    if re.search(r"year|date|time|jahr|ann|a\xf1o|jaar|rok|\xe5r|\u5e74", said) or (
        said == "column 1" and rising
    ):
        return [datetime.datetime(year, 1, 1) for year in years]
    return None


def time_of_day(cell: str) -> datetime.timedelta | None:
    """Return how far into the day a cell such as 13:45 or 1:45 PM is, or None."""
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?", cell.strip())
    if found:
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    for form in ("%I:%M %p", "%I:%M:%S %p"):
        time = _by(form, cell)
        if time:
            return time - datetime.datetime(time.year, time.month, time.day)
    return None


def _iso(cell):
    quarter = re.fullmatch(r"(\d{4})[- ]?Q([1-4])|Q([1-4])[- ](\d{4})", cell.strip())
    if quarter:
        year, which = quarter[1] or quarter[4], int(quarter[2] or quarter[3])
        return datetime.datetime(int(year), 3 * which - 2, 1)
    try:
        read = datetime.datetime.fromisoformat(cell.strip())
    except ValueError:
        return None
    return read if "-" in cell[:8] or "T" in cell else None


def _iso_all(column):
    """Read a column as ISO writes dates; where the offset from UTC changes, all as UTC."""
    found = []
    for cell in column:
        each = _iso(cell)
        if each is None:
            return None
        found.append(each)
    offsets = {each.utcoffset() for each in found}
    if len(offsets) > 1 and None not in offsets:  # summer and winter
        found = [each.astimezone(datetime.UTC) for each in found]
    return [each.replace(tzinfo=None) for each in found]


def _all(form, column):
    """Read a whole column in one form, or nothing of it."""
    found = []
    for cell in column:
        each = _by(form, cell)
        if each is None:
            return None
        found.append(each)
    return found


def _by(form, cell):
    try:
        found = datetime.datetime.strptime(cell.strip(), form)
    except ValueError:
        return None
    if "%y" in form and found.year > datetime.date.today().year + 10:
        return found.replace(year=found.year - 100)  # Python takes 58 for 2058
    return found


# --- a table ------------------------------------------------------------------------------------


def find(grid, names, lines):
    """Return the dates and the places of their columns; of two columns of dates, the first.

    A time of day may have a column of its own, and so may the year, the month and the day.
    """
    days, places = _from_parts(grid, names)
    if days is not None:
        return days, places
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
            raise Problem(_no_date(lines[empty]))
        if doubt is not None:
            raise Problem(
                f"{sample[doubt]} may be read with the day or with the month first, and no other "
                "date tells. Write dates as 2024-01-31."
            )
        return _with_times(np.array(found, "datetime64[s]"), place, grid)
    return None, []


def _from_parts(grid, names):
    """Return the dates that columns called year, month, day and hour are together, or None."""
    places = []
    for pattern in PARTS.values():
        place = next((n for n, name in enumerate(names) if re.fullmatch(pattern, name.lower())), -1)
        if place < 0:
            break
        places.append(place)
    parts = [[cells.number(cell) for cell in grid[place]] for place in places]
    if len(parts) < 2 or any(each is None or each % 1 for part in parts for each in part):
        return None, []
    try:  # the day is 1 where it has no column
        found = [
            datetime.datetime(*[int(each) for each in row], *([1] if len(row) == 2 else []))
            for row in zip(*parts, strict=True)
        ]
    except ValueError:
        return None, []
    return np.array(found, "datetime64[s]"), places


def _with_times(days, place, grid):
    """Add the times of day where they have a column of their own."""
    for n, column in enumerate(grid):
        if n == place or time_of_day(column[0]) is None:
            continue
        times = [time_of_day(cell) for cell in column]
        if all(time is not None for time in times):
            return days + np.array(times, "timedelta64[s]"), [place, n]
    return days, [place]


def _nearly_dates(column, name, lines):
    """Refuse a column that is dates but for a cell: it would be taken for words."""
    known = {cell: looks_like_a_date(cell) for cell in set(column)}
    are = [known[cell] for cell in column]
    if all(are):
        n = _other_form(column)
        raise Problem(
            f"the dates of {name} are not all written in one way: {column[0]} in line {lines[0]}, "
            f"and {column[n]} in line {lines[n]}. Write all of them as 2024-01-31."
        )
    if sum(are) > 0.5 * len(column):
        bad = are.index(False)
        if bad >= len(column) - 2 and not re.search(r"\d", column[bad]) and column[bad]:
            raise Problem(
                f"{column[bad]!r} in line {lines[bad]} of {name} is no date, while the others are. "
                "Is it a row of sums or a note? Take it out of the file."
            )
        if not cells.is_missing(column[bad]):
            raise Problem(
                f"{column[bad]!r} in line {lines[bad]} of {name} is no date, while the others are. "
                "Write dates as 2024-01-31."
            )
        raise Problem(_no_date(lines[bad]))


def _no_date(line):
    return f"the date in line {line} is missing. Write it, or take the row out."


def _other_form(column):
    """Return the place of the first cell that has no form in common with all before it."""
    common = _forms(column[0])
    for n, cell in enumerate(column):
        common = common & _forms(cell)
        if not common:
            return n
    return len(column) - 1


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
