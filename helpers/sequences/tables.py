"""A learner's own table, one row a time step: understood for certain, or refused in words."""

import collections
import csv
import re
from typing import NamedTuple

import numpy as np

from helpers.sequences import dates
from helpers.sequences import written_numbers as written
from helpers.sequences.decoding import text_of
from helpers.sequences.written_numbers import Problem

LEAST = 20  # rows that a series needs
MOST_COLUMNS = 200
MOST_ROWS = 1_000_000
VALUE = r"[\W\d_]*\d[\W\d_]*"  # what no name is
CALENDAR = (
    r"(?i)(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*"
)
SERIES = r"(?i)(?:.*[\W_])?(?:id|station|sensor|store|item|entity|device|city|country|symbol)"


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
        rows = len(self.values)
        if self.dates is None:
            lines = [f"{rows:,} rows, no dates"]
        else:
            first, last = (dates.day(date) for date in self.dates[[0, -1]])
            lines = [f"{rows:,} rows, {first} to {last}{dates.rhythm(self.dates)}"]
        for name, column in zip(self.columns, self.values.T, strict=True):
            low, mean, high = column.min(), column.mean(), column.max()
            lines.append(f"{name}: {low:.6g} to {high:.6g}, mean {mean:.6g}")
        return "\n".join(lines + self.notes)


def read_table(
    path, *, columns=None, only=None, fill: bool = False, sort: bool = False, missing=None,
    decimal: str | None = None, encoding: str | None = None,
) -> Table:  # fmt: skip
    """Read a table of one's own: one row a time step, a date if there is one, numbers.

    Parameters
    ----------
    path : str or path of a CSV, or pandas.DataFrame
        A line of names above; comma, semicolon, tab, bar or blanks between the cells.
    columns : list of names, or numbers from 0, optional
        Which columns of numbers to take; by default all.
    only : dict, optional
        Of several series in one table, which to take: ``{"station": "North"}``.
    fill : bool
        Put a straight line between the neighbours of a missing value.
    sort : bool
        Sort the rows by their dates.
    missing : list of numbers or words, optional
        What stands for a missing value, beside empty cells and NA: ``[-999]``. With ``[]`` no
        number is suspected to.
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

    if isinstance(missing, (str, int, float)) and not isinstance(missing, bool):
        missing = [missing]
    if missing is not None and not isinstance(missing, (list, tuple, set)):
        raise TypeError(f"missing is {missing!r}: give a list of marks, such as [-999].")
    if decimal not in (None, ".", ","):
        raise ValueError(f"decimal is {decimal!r}: give '.' or ','.")
    name, notes, text = "the DataFrame", [], None
    if not isinstance(path, pd.DataFrame):
        path, text = text_of(path, "CSV (comma separated)", encoding)
        name = path.name
    try:
        frame, mark = _of_text(text) if text else (_of_frame(path), ";")
        days, values = _series(frame, mark, columns, only or {}, sort, missing, decimal, notes)
        values = _whole(values, fill, notes)
    except Problem as problem:
        raise ValueError(f"{name}: {problem}") from None
    for each in values.columns[values.min() == values.max()]:
        value = values[each].iloc[0]
        notes.append(f"{each} is {value:g} in every row: there is nothing to learn in it.")
    if days is not None:
        whole = (days == days.dt.floor("s")).all()
        days = days.to_numpy().astype("datetime64[s]" if whole else "datetime64[us]")
        notes += dates.gaps(days)
    return Table(days, list(values), values.to_numpy(float), notes)


def _series(frame, mark, columns, only, sort, missing, decimal, notes):
    """Return the dates, or None, and the numbers, of one series and in order, NaN for missing."""
    frame = _only(frame, only)
    if len(frame) < LEAST:
        raise Problem(
            f"it has {len(frame)} rows. That is too few to learn from: {LEAST} are the least, and "
            "some hundreds are better."
        )
    days, used, doubtful = dates.find(frame, _at)
    names = _chosen(frame, columns, used, doubtful, notes)
    free = frame.drop(columns=used)
    sign = decimal or written.decimal_sign(free, mark, _at, notes)
    values = free[names].apply(_numbers, args=(sign, missing or []))
    _refuse_several(free, [name for name in free if name not in names], days, only, notes)
    if days is not None:
        days = _in_order(days, sort)
        values = values.loc[days.index]
    if missing is None or len(missing):
        _marks(values, missing, notes)
    return days, values


def _of_frame(given):
    """Return a DataFrame's cells as text, its rows numbered from 0."""
    if given.index.name or given.index.dtype.kind not in "iu":
        given = given.rename_axis(given.index.name or "date").reset_index()

    def text(value):
        cell = str(value).strip().removesuffix(".0")
        # A float has no thousands: 1.2340 can be read in one way only.
        return cell + "0" if isinstance(value, float) and "." in cell and "e" not in cell else cell

    frame = given.astype(object).where(given.notna(), "").map(text).astype(str)
    frame.columns = _names([str(name) for name in given.columns])
    return frame.reset_index(drop=True).rename_axis("row")


def _of_text(text):
    """Return the cells of a CSV as text, by the numbers of their lines, and the mark between."""
    import pandas as pd

    if text.lstrip()[:1] in "{<[":
        raise Problem("it is no CSV but JSON, HTML or XML: save it as CSV.")
    text = text.replace("\N{MINUS SIGN}", "-").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    lines = {n: line.strip(" ") for n, line in enumerate(text.split("\n"), start=1)}
    lines = {n: line for n, line in lines.items() if line.strip(" ;,|\t") and line[0] != "#"}
    if not 0 < len(lines) <= MOST_ROWS + 1:
        raise Problem(f"it has {len(lines):,} rows, and a lesson can take 1 to {MOST_ROWS:,}.")
    mark = _mark([*lines.values()][:50])
    rows = {n: _cut(line, mark, n) for n, line in lines.items()}
    width = collections.Counter(map(len, rows.values())).most_common(1)[0][0]
    odd = next((n for n, row in rows.items() if len(row) != width), None)
    if odd:
        raise Problem(
            f"line {odd} has {len(rows[odd])} cells where the others have {width}. Is it a heading "
            f"or a note? Put a # before it. Or does a cell hold the mark {mark!r} between cells, "
            "such as a decimal comma? Put the cell in quotation marks."
        )
    if width > MOST_COLUMNS:
        raise Problem(
            f"it has {width:,} columns. One row is one time step, so a table is mostly long and "
            "narrow: does yours lie on its side?"
        )
    first = next(iter(rows))
    names = rows.pop(first)
    if any(re.fullmatch(VALUE, name) for name in names):
        raise Problem(
            f"line {first} holds values ({', '.join(names)[:60]}), and no names. Put a line of "
            "names above the rows; where names are numbers, write them with letters (y2001)."
        )
    if not rows:
        raise Problem("it has a line of names, and no row of numbers below it.")
    frame = pd.DataFrame([*rows.values()], list(rows), _names(names), dtype=str)
    return frame.rename_axis("line"), mark


def _mark(lines):
    """Return what stands between the cells: what cuts most lines into equally many."""
    best, score = ",", 0
    for mark in ";\t|, ":
        counts = [len(next(csv.reader([line], delimiter=mark))) for line in lines]
        usual, times = collections.Counter(counts).most_common(1)[0]
        if usual > 1 and times > score:
            best, score = mark, times
    return best


def _cut(line, mark, n):
    """Return the cells of a line; where the mark is no comma, blanks may part thousands."""
    if mark == " ":
        line = " ".join(line.split())
    elif mark != ",":
        line = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))", "", line)
    try:
        [row] = csv.reader([line], delimiter=mark, skipinitialspace=True, strict=True)
    except csv.Error as error:
        raise Problem(f'line {n} has a single quotation mark ("): {error}.') from None
    return [cell.strip() for cell in row]


def _names(cells):
    names = [cell or f"column {n}" for n, cell in enumerate(cells, start=1)]
    name, times = collections.Counter(names).most_common(1)[0]
    if times > 1:
        raise Problem(f"{times} columns are called {name}: give each a name of its own.")
    return names


def _at(index) -> str:
    """Name lines of the file: the first few of many."""
    shown = [str(n) for n in index[:3]] + [f"{len(index) - 3:,} more"] * (len(index) > 3)
    if len(shown) == 1:
        return f"{index.name} {shown[0]}"
    return f"{index.name}s {', '.join(shown[:-1])} and {shown[-1]}"


def _only(frame, only):
    """Return the rows of one series, without the columns that name it."""
    for name, value in only.items():
        if name not in frame:
            raise Problem(f"it has no column {name!r}; its columns are {', '.join(frame)}.")
        if str(value) not in set(frame[name]):
            raise Problem(f"{name} is never {value!r}; it is {', '.join(set(frame[name]))[:99]}.")
        frame = frame[frame[name] == str(value)]
    return frame.drop(columns=list(only))


def _chosen(frame, columns, used, doubtful, notes):
    """Return the names of the columns to take."""
    if columns is None:
        return _all(frame, used, doubtful, notes)
    if isinstance(columns, (str, int)) and not isinstance(columns, bool):
        columns = [columns]
    if not isinstance(columns, (list, tuple)) or not columns:
        raise TypeError(f"columns is {columns!r}: give a list of names, such as ['rain'].")
    names, chosen = list(frame), []
    for wanted in columns:
        place = names.index(wanted) if wanted in names else wanted
        if not isinstance(place, int) or not -len(names) <= place < len(names):
            raise Problem(f"it has no column {wanted!r}; its columns are {', '.join(names)}.")
        if names[place] in used:
            raise Problem(f"{names[place]} holds the dates: choose columns of numbers.")
        chosen.append(names[place])
    return list(dict.fromkeys(chosen))


def _all(frame, used, doubtful, notes):
    """Return the names of all columns of numbers; refuse what may be no numbers of a series."""
    left_out = _left_out(frame.drop(columns=used), doubtful if used else [])
    notes += [f"{name} {why} and was left out." for name, why in left_out.items()]
    free = [name for name in frame if name not in (*used, *left_out)]
    if not free:
        raise Problem("it has dates and no column of numbers.")
    if frame.shape[1] == 1 and not written.is_number(frame[free[0]]).any():
        raise Problem(
            f"it has one column of text ({free[0]}: {frame[free[0]].iloc[0]!r}), and a table needs "
            "numbers. If it is a text to be read letter by letter, use read_text."
        )
    _refuse_dates(frame[free], doubtful)
    for name in free:
        if re.fullmatch(dates.DATE, name) and written.is_number(frame[name]).any():
            notes.append(f"{name} was read as a number like others, and not as dates.")
    return free


def _refuse_dates(frame, doubtful):
    """Refuse numbers that may be dates, and dates that stand side by side."""
    doubt = next((name for name in frame if name in doubtful), None)
    if doubt:
        raise Problem(
            f"the numbers of {doubt} ({frame[doubt].iloc[0]}) may be dates, in a form that cannot "
            "be told for certain. Write dates as 2024-01-31; or choose the columns to take, with "
            "columns=[...], and this one among them if it holds no dates."
        )
    wide = [name for name in frame if re.fullmatch(VALUE, name) or re.fullmatch(CALENDAR, name)]
    if len(wide) > 2:
        raise Problem(
            f"its columns ({', '.join(wide[:3])}, ...) are called like dates. One row is one time "
            "step: turn the table (read_table(pandas.read_csv(path, index_col=0).T) does, or "
            "pandas.melt), or choose columns=[...]."
        )


def _left_out(frame, dated):
    """Return the columns that hold nothing to learn from, and why."""
    left_out = dict.fromkeys(dated, "looks like dates, too,")
    for name, column in frame.items():
        if written.is_missing(column).all():
            left_out[name] = "is empty"
        elif name in ("column 1", "Unnamed: 0") and column.str.fullmatch(r"\d{1,9}").all():
            counted = column.astype(int) - np.arange(len(column))
            left_out |= {name: "only counts the rows"} if set(counted) <= {0, 1} else {}
    return left_out


def _repeats(column):
    return 1 < column.nunique() <= len(column) / 2


def _refuse_several(free, left, days, only, notes):
    """Refuse rows of several series: a date comes twice, or words in a column take turns."""
    cures = {
        name: f"read one, with only={only | {name: column.iloc[0]}}"
        for name, column in free.items()
        if _repeats(column)
    }
    if days is not None and days.duplicated().any():
        _refuse_twice(free, days, cures)
    for name, cure in cures.items():
        column = free[name]
        number, new = column.nunique(), column != column.shift()
        words = name in left and not written.is_number(column).any()
        words = words and not re.fullmatch(dates.DATE, name)
        if not (words or re.fullmatch(SERIES, name)) or column.str.fullmatch(CALENDAR).all():
            continue
        said = f"{name} has {number} different values"
        if (column == column.shift(number)).iloc[number:].all():
            said += ", which take turns"
        elif new.sum() == number:
            said += f", one after the other, the second from {_at(new.index[new][1:2])}"
        else:
            notes.append(f"{said}: if they name several series, these are mixed; {cure}.")
            continue
        raise Problem(
            f"{said}: if they name several series, {cure}; if not, take the column out of the file."
        )


def _refuse_twice(free, days, cures):
    """Refuse a date that two rows have, and say which column may tell them apart."""
    twice = days.index[days == days[days.duplicated()].iloc[0]][:2]
    apart = [name for name in cures if free[name].groupby(days).nunique().max() > 1]
    apart.sort(key=lambda name: (not re.fullmatch(SERIES, name), free[name].nunique()))
    cure = cures[apart[0]] if apart else "put each into columns of its own"
    raise Problem(
        f"{dates.day(days[twice[0]])} is there twice, in {_at(twice)}. One time step has one row: "
        f"leave one out; or, if the rows are of several series, {cure}; or, if hours stand in a "
        "column of their own, call it hour."
    )


def _in_order(days, sort):
    """Return the dates, oldest first; refuse what is out of order."""
    if sort or days.is_monotonic_increasing:
        return days.sort_values()
    if days.is_monotonic_decreasing:
        raise Problem("the newest row comes first. Give sort=True, and the oldest will.")
    n = int(np.argmax(days.diff().dt.total_seconds() < 0))
    raise Problem(
        f"the dates are out of order: {dates.day(days.iloc[n])} in {_at(days.index[n : n + 1])} "
        f"comes after {dates.day(days.iloc[n - 1])} in {_at(days.index[n - 1 : n])}. Give "
        "sort=True to sort the rows by date."
    )


def _numbers(column, sign, missing):
    """Return the numbers of a column, NaN where one is missing; refuse anything else."""
    values = written.parsed(column, sign)
    gone = written.is_missing(column) | column.isin([str(mark) for mark in missing])
    gone |= values.isin([mark for mark in missing if not isinstance(mark, str)])
    bad = column[~gone & ~np.isfinite(values)]
    if not len(bad):
        return values.where(~gone)
    cell = bad.iloc[0]
    words = _repeats(column) and not written.is_number(column).any() and cell[:1].isalpha()
    if words and not re.fullmatch(dates.DATE, column.name):
        cure = (
            f"if such words name several series, read one, with only={{{column.name!r}: {cell!r}}};"
            " if not, choose the columns of numbers, with columns=[...]."
        )
    else:
        cure = (
            "write numbers plainly (1200000 for 1.2M, 1234.5 for 1 234,5), all of a column in one "
            "unit, and dates as 2024-01-31 13:45; take out rows of units, sums or notes; give "
            f"missing=[{cell!r}] if that stands for none; or choose columns, with columns=[...]."
        )
    raise Problem(f"{cell!r} in {_at(bad.index[:1])} of {column.name} is no number: {cure}")


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
    if (
        re.fullmatch(r"-?(9?99+|9)?\.?9+(\.25)?|-0\.99+", f"{mark:.10g}")
        or mark in (-32768, 32767, 65535)
        or abs(mark) >= 1e20
    ):
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
        end = "begins" if np.isnan(values[name].iloc[0]) else "ends"
        raise Problem(
            f"{name} {end} with a missing value, and there is no neighbour to draw a line from: "
            "leave such rows out of the file, or the column."
        )
    if number:
        were = "value was" if number == 1 else "values were"
        notes.append(f"{number} missing {were} filled in: {number / values.size:.1%} of all.")
    return values
