"""A learner's own table, one row a time step: understood for certain, or refused in words."""

import collections
import csv
import re
from typing import NamedTuple

import numpy as np

from helpers.sequences import dates as calendar
from helpers.sequences import written_numbers as written
from helpers.sequences.decoding import text_of
from helpers.sequences.written_numbers import Problem

LEAST = 20  # rows that a series needs
STEPS = {1: "daily", 7: "weekly", 30: "monthly", 31: "monthly", 365: "yearly", 366: "yearly"}
VALUE = r"[\W\d_]*\d[\W\d_]*"  # what no name is
SERIES = (
    r"(?i)(?:.*[\W_])?(?:id|station|sensor|store|item|entity|device|city|country|symbol|"
    r"channel|node|site|location|meter|machine|engine|unit)"
)


class Table(NamedTuple):
    """A table of numbers, one row a time step.

    dates : datetime64 (rows,), or None
    columns : list of str, the names
    values : float64 (rows, columns)
    notes : list of str, what was noticed on the way
    """

    dates: np.ndarray | None
    columns: list
    values: np.ndarray
    notes: list

    def __repr__(self):
        """Say what is there, as a learner wants to see it."""
        said = "no dates"
        if self.dates is not None:
            said = f"{_day(self.dates[0])} to {_day(self.dates[-1])}"
            step = round(np.median(np.diff(self.dates) / np.timedelta64(1, "h")), 1)
            rhythm = "hourly" if step == 1 else STEPS.get(round(step / 24))
            said += f", {rhythm}" if rhythm else ""
        lines = [f"{len(self.values):,} rows, {said}"]
        for name, column in zip(self.columns, self.values.T, strict=True):
            low, mean, high = column.min(), column.mean(), column.max()
            lines.append(f"{name}: {low:.6g} to {high:.6g}, mean {mean:.6g}")
        return "\n".join(lines + self.notes)


def read_table(
    path, *, columns=None, dates=None, only=None, missing=None, fill: bool = False,
    sort: bool = False, decimal: str | None = None, encoding: str | None = None,
) -> Table:  # fmt: skip
    """Read a table of one's own: one row a time step, a date if there is one, numbers.

    What may mean two things is refused, and the sentence names the argument that decides it:
    ``dates={}``, ``only={}`` and ``missing=[]`` say that there are none.

    Parameters
    ----------
    path : str or path of a CSV, or pandas.DataFrame
        A line of names above; comma, semicolon, tab, bar or blanks between the cells.
    columns : list of names, optional
        Which columns of numbers to take; by default all.
    dates : dict, optional
        The column of dates, and how it writes them: ``{"day": "%d/%m/%Y"}``; ``"excel"`` and
        ``"julian"`` for days that are counted, ``"s"`` to ``"ns"`` for Unix times.
    only : dict, optional
        Of several series in one table, which to take: ``{"station": "North"}``.
    missing : list of numbers or words, optional
        What stands for a missing value, beside empty cells and NA: ``[-999]``.
    fill : bool
        Put a straight line between the neighbours of a missing value.
    sort : bool
        Sort the rows by their dates.
    decimal : "." or ",", optional
        The decimal sign, where the numbers do not tell.
    encoding : str, optional
        Where the file is neither UTF-8 nor marked: "cp1252", "gb18030", ...

    Returns
    -------
    Table

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        In a sentence, with the lines in the file (of a DataFrame: the rows, from 0) and what can
        be done.
    """
    import pandas as pd

    columns, missing = _listed(columns, "columns"), _listed(missing, "missing")
    for said, value in (("dates", dates), ("only", only)):
        if value is not None and not isinstance(value, dict):
            raise TypeError(f"{said} is {value!r}: give a dict, such as {said}={{'column': ...}}.")
    if decimal not in (None, ".", ","):
        raise ValueError(f"decimal is {decimal!r}: give '.' or ','.")
    name, notes = "the DataFrame", []
    try:
        if isinstance(path, pd.DataFrame):
            frame = _of_frame(path)
        else:
            path, text = text_of(path, "CSV (comma separated)", encoding)
            name = path.name
            frame = _of_text(text)
        _has(frame, [*(columns or []), *(dates or {}), *(only or {})])
        days, values, sign = _series(frame, columns, dates, only, sort, missing, decimal, notes)
        values = _whole(values, fill, notes)
    except Problem as problem:
        raise ValueError(f"{name}: {problem}") from None
    if sign == ",":
        notes.append("A comma in a number was read as the decimal sign.")
    for each in values.columns[values.min() == values.max()]:
        value = values[each].iloc[0]
        notes.append(f"{each} is {value:g} in every row: there is nothing to learn in it.")
    return Table(days, list(values), values.to_numpy(float), notes)


def _series(frame, columns, dates, only, sort, missing, decimal, notes):
    """Return the dates, or None, and the numbers, of one series and in order, NaN for missing."""
    frame = _only(frame, only or {})
    days, used = calendar.find(frame, dates, _at)
    free = frame.drop(columns=used)
    names = _all(free, used, notes) if columns is None else list(dict.fromkeys(columns))
    if not names or set(names) & set(used):
        raise Problem(f"choose columns of numbers; the dates are in {', '.join(used) or 'none'}.")
    if only is None:
        _refuse_several(free)
    sign = decimal or written.decimal_sign(free[names], _at)
    values = free[names].apply(_numbers, args=(sign, missing or []))
    if days is not None:
        days = _in_order(days, free, sort)
        values = values.loc[days.index]
        whole = (days == days.dt.floor("s")).all()
        days = days.to_numpy().astype("datetime64[s]" if whole else "datetime64[us]")
        notes += _gaps(days)
    if missing is None or missing:
        _marks(values, missing, notes)
    return days, values, sign


def _listed(given, name):
    if isinstance(given, (str, int, float)) and not isinstance(given, bool):
        return [given]
    if given is not None and not isinstance(given, (list, tuple, set)):
        raise TypeError(f"{name} is {given!r}: give a list, such as ['rain'] or [-999].")
    return given


def _of_frame(given):
    """Return a DataFrame's cells as text, its rows numbered from 0."""
    if given.index.nlevels > 1:
        given = given.reset_index()
    elif given.index.name or given.index.dtype.kind not in "iu":
        given = given.rename_axis(given.index.name or "date").reset_index()

    def text(value):
        cell = str(value).strip().removesuffix(".0")
        # A float has no thousands: 1.2340 can be read in one way only.
        return cell + "0" if isinstance(value, float) and "." in cell and "e" not in cell else cell

    frame = given.astype(object).where(given.notna(), "").map(text).astype(str)
    return _named(frame.reset_index(drop=True), map(str, given.columns), "row")


def _of_text(text):
    """Return the cells of a CSV as text, by the numbers of their lines."""
    import pandas as pd

    if text.lstrip()[:1] in "{<[":
        raise Problem("it is no CSV but JSON, HTML or XML: save it as CSV.")
    text = text.replace("\N{MINUS SIGN}", "-").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    lines = {n: line.strip(" ") for n, line in enumerate(text.split("\n"), start=1)}
    lines = {
        n: line
        for n, line in lines.items()
        if line.strip(" ;,|\t") and not line.startswith(("#", "sep="))
    }
    mark, width = max(((mark, *_width(lines, mark)) for mark in ";\t|, "), key=lambda m: m[2])[:2]
    rows = {n: _cut(line, mark) for n, line in lines.items()}
    odd = next((n for n, row in rows.items() if len(row) != width), None)
    if odd:
        raise Problem(
            f"line {odd} has {len(rows[odd])} cells where the others have {width}. Is it a heading "
            f"or a note? Put a # before it. Or does a cell hold the mark {mark!r} between cells, "
            "such as a decimal comma? Put the cell in quotation marks."
        )
    first = next(iter(rows), 1)
    names = rows.pop(first, [])
    if not rows or any(re.fullmatch(VALUE, name) for name in names):
        raise Problem(
            f"line {first} ({', '.join(names)[:60]}) ought to hold names, with rows of numbers "
            "below. Where names are numbers, write them with letters (y2001)."
        )
    return _named(pd.DataFrame([*rows.values()], list(rows), dtype=str), names, "line")


def _width(lines, mark):
    """Return into how many cells a mark cuts most lines, and how many lines those are."""
    counts = collections.Counter(len(_cut(line, mark)) for line in [*lines.values()][:50])
    width, times = counts.most_common(1)[0] if counts else (1, 0)
    return (width, times) if width > 1 else (1, 0.5 * (mark == ","))


def _cut(line, mark):
    """Return the cells of a line; where the mark is no comma, blanks may part thousands."""
    if mark == " ":
        line = " ".join(line.split())
    elif mark != ",":
        line = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))", "", line)
    [row] = csv.reader([line], delimiter=mark, skipinitialspace=True)
    return [cell.strip() for cell in row]


def _named(frame, names, rows):
    frame.columns = [name or f"column {n}" for n, name in enumerate(names, start=1)]
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise Problem(f"several columns are called {twice[0]}: give each a name of its own.")
    return frame.rename_axis(rows)


def _has(frame, names):
    for name in names:
        if name not in frame:
            raise Problem(f"it has no column {name!r}; its columns are {', '.join(frame)}.")


def _at(index) -> str:
    """Name lines of the file: the first few of many."""
    shown = [str(n) for n in index[:3]] + [f"{len(index) - 3:,} more"] * (len(index) > 3)
    if len(shown) == 1:
        return f"{index.name} {shown[0]}"
    return f"{index.name}s {', '.join(shown[:-1])} and {shown[-1]}"


def _day(date) -> str:
    return str(np.datetime64(date, "s")).removesuffix("T00:00:00").replace("T", " ")


def _only(frame, only):
    """Return the rows of one series, without the columns that name it."""
    for name, value in only.items():
        if str(value) not in set(frame[name]):
            raise Problem(f"{name} is never {value!r}; it is {', '.join(set(frame[name]))[:99]}.")
        frame = frame[frame[name] == str(value)]
    if len(frame) < LEAST:
        raise Problem(
            f"it has {len(frame)} rows{' of that series' if only else ''}. That is too few to "
            f"learn from: {LEAST} are the least, and some hundreds are better."
        )
    return frame.drop(columns=list(only))


def _all(free, used, notes):
    """Return the names of all columns from which something may be learned."""
    names = []
    for name, column in free.items():
        counts = name in ("column 1", "Unnamed: 0") and column.str.fullmatch(r"\d{1,9}").all()
        if counts and set(column.astype(int) - np.arange(len(column))) <= {0, 1}:
            notes.append(f"{name} only counts the rows and was left out.")
        elif written.is_missing(column).all():
            notes.append(f"{name} is empty and was left out.")
        else:
            names.append(name)
            if re.fullmatch(calendar.DATE, name) and written.is_number(column).any():
                notes.append(f"{name} was read as a number like others, and not as dates.")
    if free.shape[1] == 1 and not used and not written.is_number(column).any():
        raise Problem(
            f"it has one column of text ({name}: {column.iloc[0]!r}), and a table needs numbers. "
            "If it is a text to be read letter by letter, use read_text."
        )
    return names


def _repeats(column):
    return 1 < column.nunique() <= len(column) / 2


def _refuse_several(free):
    """Refuse words that repeat: the rows may be of several series."""
    for name, column in free.items():
        words = column.str[:1].str.isalpha().any() and not written.is_number(column).any()
        words = words and not re.fullmatch(calendar.DATE, name)
        if _repeats(column) and (words or re.fullmatch(SERIES, name)):
            raise Problem(
                f"{name} has {column.nunique()} different values: if they name several series, "
                f"read one, with only={{{name!r}: {column.iloc[0]!r}}}; if not, give only={{}}, "
                "and choose the columns of numbers, with columns=[...]."
            )


def _in_order(days, free, sort):
    """Return the dates, oldest first; refuse one that comes twice, and what is out of order."""
    twice = days.index[days == days[days.duplicated()].min()][:2]
    if len(twice):
        whole = [n for n in free if not free[n].str.contains(r"\d[.,]\d").any()]
        apart = [n for n in whole if _repeats(free[n]) and free[n][twice].nunique() > 1]
        name = min(apart, key=lambda n: free[n].nunique(), default="station")
        value = free[name].iloc[0] if apart else "North"
        raise Problem(
            f"{_day(days[twice[0]])} is there twice, in {_at(twice)}. One time step has one row: "
            f"leave one out; or, where clocks were put back, write the times in UTC; or, if the "
            f"rows are of several series, read one, as with "
            f"only={{{name!r}: {value!r}}}; or, if hours stand in a column, call it hour."
        )
    late = days.index[days.diff().dt.total_seconds() < 0]
    if len(late) and not sort:
        raise Problem(
            f"the dates are out of order: {_day(days[late[0]])} in {_at(late[:1])} comes after "
            f"{_day(days.shift()[late[0]])} in {_at(days.index[days.index < late[0]][-1:])}. Give "
            "sort=True to sort the rows by date."
        )
    return days.sort_values()


def _gaps(dates):
    """Say where the steps are wider than usual: then the rows are not equally far apart."""
    steps = np.diff(dates).astype(float)
    wide = np.flatnonzero(steps > 1.6 * np.median(steps))
    more = f", and {len(wide) - 1} more such gaps" if len(wide) > 1 else ""
    return [
        f"Between {_day(dates[n])} and {_day(dates[n + 1])} rows are missing{more}: the network "
        "will take the two for neighbours."
        for n in wide[:1]
    ]


def _numbers(column, sign, missing):
    """Return the numbers of a column, NaN where one is missing; refuse anything else."""
    values = written.parsed(column, sign)
    gone = written.is_missing(column) | column.isin([str(mark) for mark in missing])
    gone |= values.isin([mark for mark in missing if not isinstance(mark, str)])
    bad = column[~gone & ~np.isfinite(values)]
    if not len(bad):
        return values.where(~gone)
    raise Problem(
        f"{bad.iloc[0]!r} in {_at(bad.index[:1])} of {column.name} is no number: write numbers "
        "plainly (1200000 for 1.2M, 1234.5 for 1 234,5), all of a column in one unit, and dates as "
        f"2024-01-31 13:45; take out rows of units, sums or notes; give missing=[{bad.iloc[0]!r}] "
        "if that stands for none; or choose columns, with columns=[...]."
    )


def _marks(values, missing, notes):
    """Refuse numbers that files put where a value is missing, and note them where some are said."""
    found = {}
    for name, column in values.items():
        for mark in _suspects(column.dropna()):
            found.setdefault(mark, f"{mark:.10g} in {_at(column.index[column == mark])} of {name}")
    looks = f"{' and '.join(found.values())} looks like a mark for a missing value"
    if found and missing:
        notes.append(f"{looks}, too.")
    elif found:
        raise Problem(
            f"{looks}. Give missing=[{', '.join(f'{mark:.10g}' for mark in found)}] if it is one, "
            "and missing=[] if it is none."
        )


def _suspects(column):
    """Return the numbers of a column that may be marks, beginning with the farthest."""
    known, found = np.unique(column), []
    while len(known) > 3:
        ends = ((known[0], known[1:]), (known[-1], known[:-1]))
        marks = [mark for mark, others in ends if _is_mark(mark, others, (column == mark).sum())]
        known = np.setdiff1d(known, marks)
        found += marks
        if not marks:
            break
    return found


def _is_mark(mark, others, times):
    """Whether the least or greatest number of a column is nines, or whole, and far from all."""
    away = min(abs(mark - others[0]), abs(mark - others[-1]))
    far = away > np.ptp(others)
    alone = mark < 0 <= others[0]  # the only negative number
    nines = re.fullmatch(r"-?(9?99+|9)?\.?9+(\.25)?|-0\.99+", f"{mark:.10g}")
    if nines or mark in (-32768, 32767, 65535) or abs(mark) >= 1e20:
        return far or alone
    if mark % 1:
        return False
    return (far and (mark < 0 or times > 1)) or (alone and away > 5 * np.median(np.diff(others)))


def _whole(values, fill, notes):
    """Return the values without a hole, or say where the holes are."""
    holes = values.isna()
    number = int(holes.to_numpy().sum())
    if number and not fill:
        worst = holes.any().idxmax()
        at = holes.index[holes[worst]]
        what = "a value is missing" if len(at) == 1 else f"{len(at):,} values are missing"
        others = f" ({number - len(at):,} more in other columns)" if number > len(at) else ""
        raise Problem(
            f"{what} in {_at(at)} of {worst}{others}. Give fill=True to put a straight line "
            "between the neighbours, or correct the file."
        )
    values = values.interpolate(limit_area="inside")
    for name in values.columns[values.isna().any()]:
        raise Problem(
            f"{name} begins or ends with a missing value, and there is no neighbour to draw a line "
            "from: leave such rows out of the file, or the column."
        )
    if number:
        were = "value was" if number == 1 else "values were"
        notes.append(f"{number} missing {were} filled in: {number / values.size:.1%} of all.")
    return values
