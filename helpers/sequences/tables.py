"""A learner's own table: a CSV with one row a time step, understood rightly or refused in words."""

import collections
import csv
import re
from typing import NamedTuple

import numpy as np

from helpers.sequences import cells, dates
from helpers.sequences.cells import Problem
from helpers.sequences.decoding import text_of

LEAST = 20  # rows that a series needs
MOST_COLUMNS = 200
DIALECTS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


class Table(NamedTuple):
    """A table of numbers, one row a time step.

    dates : datetime64[s] (rows,), or None
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


def read_table(path, *, columns=None, fill: bool = False, sort: bool = False) -> Table:
    """Read a CSV of one's own: one row a time step, a date if there is one, numbers.

    Parameters
    ----------
    path : str or path
        Comma, semicolon, tab or bar between the cells; with or without a line of names.
    columns : list of names, or numbers from 0, optional
        Which columns of numbers to take; by default all.
    fill : bool
        Put a straight line between the neighbours of a missing value.
    sort : bool
        Sort the rows by their dates.

    Returns
    -------
    Table

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        In a sentence, with the numbers of the lines in the file and what can be done.
    """
    path, text, note = text_of(path, "CSV (comma separated)")
    if text.lstrip()[:1] in "{<[":
        raise ValueError(f"{path} is no CSV but JSON, HTML or XML: save it as CSV.")
    try:
        return _table(text, columns, fill, sort, [note] if note else [])
    except Problem as problem:
        raise ValueError(f"{path.name}: {problem}") from None


def _table(text, columns, fill, sort, notes) -> Table:
    lines, rows = _rows(text)
    names, lines, rows = _names(lines, rows, notes)
    if not rows:
        raise Problem("it has a line of names, and no row of numbers below it.")
    grid = list(zip(*rows, strict=True))
    comma = _decimal_comma(grid, notes)
    days, place = dates.find(grid, names, lines)
    if days is not None:
        days, grid, names = dates.with_times(days, place, grid, names)
    _note_points(grid, names, place, notes)
    chosen = _chosen(columns, grid, names, place, lines, comma, notes)
    values = np.array([_numbers(grid[n], names[n], lines, comma) for n in chosen]).T
    names = [names[n] for n in chosen]
    if len(values) < LEAST:
        raise Problem(
            f"it has {len(values)} rows. That is too few to learn from: {LEAST} are the least, and "
            "some hundreds are better."
        )
    if days is not None:
        days, values, lines = dates.in_order(days, values, lines, sort)
    values = _whole(values, names, lines, fill, notes)
    for name, column in zip(names, values.T, strict=True):
        if not np.ptp(column):
            notes.append(f"{name} is {column[0]:g} in every row: there is nothing to learn in it.")
    return Table(days, names, values, notes + (dates.gaps(days) if days is not None else []))


# --- lines and cells -----------------------------------------------------------------------------


def _rows(text):
    """Return the rows that are not empty, each with its number in the file, and the mark."""
    kept = [
        (n, line)
        for n, line in enumerate(text.split("\n"), start=1)
        if line.strip() and not line.startswith("#")
    ]
    said = re.fullmatch(r"sep=(.)\s*", kept[0][1])  # Excel's own first line
    kept = kept[1:] if said else kept
    if not kept:
        raise Problem("it has no rows.")
    mark = said[1] if said else _mark([line for _, line in kept[:50]])
    if mark == "," and _in_blanks([line for _, line in kept]):
        mark = "\t"
        kept = [(n, re.sub(r"\s+", "\t", line.strip())) for n, line in kept]
    reader = csv.reader((line for _, line in kept), delimiter=mark, skipinitialspace=True)
    try:
        rows = [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        raise Problem(f"the cells of a line cannot be told apart ({error}).") from None
    if len(rows) != len(kept):
        raise Problem('a quotation mark is opened and not closed in its line: look for a single ".')
    numbers = [n for n, _ in kept]
    while all(len(row) > 1 and row[-1] == "" for row in rows):
        rows = [row[:-1] for row in rows]  # each line ends with the mark
    width, _ = collections.Counter(map(len, rows)).most_common(1)[0]
    for number, row in zip(numbers, rows, strict=True):
        if len(row) != width and number == numbers[0] and len(row) == 1:
            raise Problem(
                f"line {number} is a heading ({row[0][:40]!r}), and no row of the table: take such "
                "lines out, or put a # before them."
            )
        if len(row) != width:
            raise Problem(
                f"line {number} has {len(row)} cells where the others have {width}. The cells are "
                f"told apart by the {DIALECTS[mark]}; put text that holds one in quotation marks."
            )
    if width > MOST_COLUMNS:
        raise Problem(
            f"it has {width:,} columns. One row is one time step, so a table is mostly long and "
            "narrow: does yours lie on its side?"
        )
    return numbers, rows


def _in_blanks(lines):
    """Whether blanks alone stand between the numbers, as in many measured files."""
    parts = [line.split() for line in lines]
    numbers = sum(all(cells.number(cell) is not None for cell in row) for row in parts)
    return (
        len(parts[0]) > 1
        and len({len(row) for row in parts}) == 1
        and (numbers >= len(lines) - 1 and not any("," in line or '"' in line for line in lines))
    )


def _mark(lines):
    """Return what stands between the cells: what cuts most lines into equally many."""
    best, score = ",", 0
    for mark in (";", "\t", "|", ","):
        counts = [len(row) - 1 for row in csv.reader(lines, delimiter=mark)]
        usual, times = collections.Counter(counts).most_common(1)[0]
        if usual and times > score:
            best, score = mark, times
    return best


def _names(lines, rows, notes):
    first = rows[0]
    plain = [
        cells.number(cell, comma=True) is not None
        or dates.looks_like_a_date(cell)
        or cells.is_missing(cell)
        for cell in first
    ]
    if all(plain) and not all(map(cells.is_missing, first)):
        return [f"column {n + 1}" for n in range(len(first))], lines, rows
    names, seen = [], collections.Counter()
    for n, cell in enumerate(first):
        name = cell or f"column {n + 1}"
        seen[name] += 1
        if seen[name] > 1:
            notes.append(f"Two columns are called {name}; the second one is now {name} (2).")
            name = f"{name} ({seen[name]})"
        names.append(name)
    return names, lines[1:], rows[1:]


def _decimal_comma(grid, notes):
    """Whether a comma in a number is the decimal sign in this file."""
    flat = [cell for column in grid for cell in column if cells.COMMA.fullmatch(cell)]
    points = any(re.fullmatch(r"-?\d+\.\d+", cell) for column in grid for cell in column)
    if flat and points and not all(re.fullmatch(r"-?\d{1,3},\d{3}", cell) for cell in flat):
        raise Problem(
            f"it writes numbers in two ways: {flat[0]} has a comma, and others have a point. Write "
            "all of them with a point."
        )
    if flat and all(re.fullmatch(r"-?\d{1,3},\d{3}", cell) for cell in flat):
        raise Problem(
            f"{flat[0]} may be {flat[0].replace(',', '.')} or {flat[0].replace(',', '')}: write it "
            "without the comma, or with a point."
        )
    if flat:
        notes.append("A comma in a number was read as the decimal sign.")
    return bool(flat)


def _note_points(grid, names, place, notes):
    """Say how 1.234 was read where every number has three digits behind its point."""
    for n, column in enumerate(grid):
        if n != place and all(re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", cell) for cell in column):
            notes.append(
                f"{column[0]} in {names[n]} was read with a decimal point. If it is "
                f"{column[0].replace('.', '')}, take the points out of the file."
            )


# --- numbers -------------------------------------------------------------------------------------


def _chosen(columns, grid, names, place, lines, comma, notes):
    """Return the places of the columns to take."""
    if columns is None:
        free = [n for n in range(len(names)) if n != place]
        free = [n for n in free if not _is_count(grid[n], names[n], n, len(free), notes)]
        free = [n for n in free if not _is_empty(grid[n], names[n], notes)]
        if not free:
            raise Problem("it has dates and no column of numbers.")
        words = [n for n in free if not _has_numbers(grid[n], comma)]
        odd = next((cell for cell in grid[free[0]] if re.search(r"\d", cell)), None)
        if len(words) == len(free) and odd:
            raise Problem(
                f"{odd!r} in {names[free[0]]} is no plain number: leave units, signs of money and "
                "brackets out of the cells, and write the decimals with a point."
            )
        if len(words) == len(free):
            what = "one column of text" if len(free) == 1 else "columns of text alone"
            raise Problem(
                f"it has {what} ({names[free[0]]}: {grid[free[0]][0]!r}), and a table needs "
                "numbers. If it is a text to be read letter by letter, use read_text."
            )
        return free
    if isinstance(columns, (str, int)) and not isinstance(columns, bool):
        columns = [columns]
    if not isinstance(columns, (list, tuple)) or not columns:
        raise TypeError(f"columns is {columns!r}: give a list of names, such as {names[-1:]!r}.")
    chosen = []
    for wanted in columns:
        if isinstance(wanted, str) and wanted in names:
            chosen.append(names.index(wanted))
        elif (
            isinstance(wanted, int)
            and not isinstance(wanted, bool)
            and (-len(names) <= wanted < len(names))
        ):
            chosen.append(wanted % len(names))
        else:
            raise Problem(f"it has no column {wanted!r}; its columns are {', '.join(names)}.")
    if place in chosen:
        raise Problem(f"{names[place]} holds the dates: choose columns of numbers.")
    return chosen


def _has_numbers(column, comma):
    return any(cells.number(cell, comma) is not None for cell in column)


def _is_empty(column, name, notes):
    if not all(map(cells.is_missing, column)):
        return False
    notes.append(f"{name} is empty and was left out.")
    return True


def _is_count(column, name, place, free, notes):
    """Whether a first column only counts the rows, as pandas writes it."""
    if place or free < 2 or not re.fullmatch(r"column 1|unnamed: 0|index|id|no\.?|#", name.lower()):
        return False
    found = [cells.number(cell) for cell in column]
    if None in found or not (np.diff(found) == 1).all():
        return False
    notes.append(f"The first column ({name}) only counts the rows and was left out.")
    return True


def _numbers(column, name, lines, comma):
    out = np.full(len(column), np.nan)
    for n, cell in enumerate(column):
        value = cells.number(cell, comma)
        if value is None and cells.is_missing(cell):
            continue
        if value is None:
            raise Problem(_no_number(cell, column, name, lines[n], comma))
        if not np.isfinite(value):
            raise Problem(f"{cell} in line {lines[n]} of {name} is no finite number.")
        out[n] = value
    return out


def _no_number(cell, column, name, line, comma):
    unit = cells.with_unit(cell)
    if unit:
        return (
            f"{cell!r} in line {line} of {name} has its unit with it: write the number alone, and "
            "the unit into the column's name."
        )
    if not _has_numbers(column, comma):
        return (
            f"the column {name} holds words ({cell!r} in line {line}): leave it out, with "
            "columns=[...] and the names of those that hold numbers."
        )
    return f"{cell!r} in line {line} of {name} is no number. Correct it, or leave the cell empty."


def _whole(values, names, lines, fill, notes):
    """Return the values without a hole, or say where the holes are."""
    for name, column in zip(names, values.T, strict=True):
        for mark in (
            np.unique(column[np.isfinite(column)])[[0, -1]] if np.isfinite(column).any() else ()
        ):
            others = column[np.isfinite(column) & (column != mark)]
            nines = re.fullmatch(r"-?99+(\.9+)?", f"{mark:g}")
            if (
                nines
                and len(others)
                and np.abs(others - mark).min() > 3 * max(np.ptp(others), 1e-9)
            ):
                raise Problem(
                    f"{mark:g} in line {lines[int(np.argmax(column == mark))]} of {name} looks "
                    "like a mark for a missing value. Leave such cells empty."
                )
    holes = np.isnan(values)
    if not holes.any():
        return values
    number, place = int(holes.sum()), int(holes.any(axis=1).argmax())
    name = names[int(holes[place].argmax())]
    if not fill:
        others = "" if number == 1 else f", and {number - 1} more"
        raise Problem(
            f"a value is missing in line {lines[place]} of {name}{others}. Give fill=True to put a "
            "straight line between the neighbours, or correct the file."
        )
    for n, column in enumerate(values.T):
        known = np.flatnonzero(~holes[:, n])
        if not len(known) or known[0] > 0 or known[-1] < len(column) - 1:
            end = "begins" if not len(known) or known[0] > 0 else "ends"
            raise Problem(
                f"{names[n]} {end} with a missing value, and there is no neighbour to draw a line "
                "from: leave such rows out of the file."
            )
        values[:, n] = np.interp(np.arange(len(column)), known, column[known])
    one = number == 1
    notes.append(
        f"{number} missing value{'' if one else 's'} {'was' if one else 'were'} filled in: "
        f"{number / values.size:.1%} of all."
    )
    return values
