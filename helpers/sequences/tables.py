"""A learner's own table: a CSV with one row a time step, understood rightly or refused in words."""

import collections
import csv
import re
from typing import NamedTuple

import numpy as np

from helpers.sequences import dates
from helpers.sequences import written_numbers as cells
from helpers.sequences.decoding import text_of
from helpers.sequences.written_numbers import Problem

LEAST = 20  # rows that a series needs
MOST_COLUMNS = 200
MOST_ROWS = 1_000_000
SHOWN = 3  # lines that are named, of many
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


def read_table(
    path, *, columns=None, fill: bool = False, sort: bool = False, missing=None
) -> Table:
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
    missing : list of numbers or words, optional
        What stands for a missing value, beside empty cells and NA: ``[-999]``. With ``[]`` no
        number is suspected to.

    Returns
    -------
    Table

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        In a sentence, with the numbers of the lines in the file and what can be done.
    """
    if isinstance(missing, (str, int, float)) and not isinstance(missing, bool):
        missing = [missing]
    if missing is not None and not isinstance(missing, (list, tuple, set)):
        raise TypeError(f"missing is {missing!r}: give a list of marks, such as [-999].")
    path, text, note = text_of(path, "CSV (comma separated)")
    if text.lstrip()[:1] in "{<[":
        raise ValueError(f"{path} is no CSV but JSON, HTML or XML: save it as CSV.")
    try:
        return _table(text, columns, fill, sort, missing, [note] if note else [])
    except Problem as problem:
        raise ValueError(f"{path.name}: {problem}") from None


def _table(text, columns, fill, sort, missing, notes) -> Table:
    lines, rows, heading = _rows(text)
    names, lines, rows = _names(lines, rows, heading, notes)
    if not rows:
        raise Problem("it has a line of names, and no row of numbers below it.")
    grid = list(zip(*rows, strict=True))
    days, places = dates.find(grid, names, lines)
    if days is not None and places[0] == 0 and names[0] == "column 1" and grid[0][0].isdigit():
        notes.append(f"The first column was read as dates: {grid[0][0]} is {dates.day(days[0])}.")
    free = [n for n in range(len(names)) if n not in places]
    comma = _decimal_comma([grid[n] for n in free], notes)
    _note_points(grid, names, free, notes)
    chosen = _chosen(columns, grid, names, places, comma, notes)
    values = np.array([_numbers(grid[n], names[n], lines, comma, missing) for n in chosen]).T
    names = [names[n] for n in chosen]
    if len(values) < LEAST:
        raise Problem(
            f"it has {len(values)} rows. That is too few to learn from: {LEAST} are the least, and "
            "some hundreds are better."
        )
    if days is not None:
        days, values, lines = dates.in_order(days, values, lines, sort)
    if missing is None:
        _suspect_marks(values, names, lines)
    values = _whole(values, names, lines, fill, notes)
    for name, column in zip(names, values.T, strict=True):
        if not np.ptp(column):
            notes.append(f"{name} is {column[0]:g} in every row: there is nothing to learn in it.")
    return Table(days, names, values, notes + (dates.gaps(days) if days is not None else []))


# --- lines and cells -----------------------------------------------------------------------------


def _rows(text):
    """Return the numbers of the lines that are not empty, their cells, and a heading behind a #.

    The heading is the last line that begins with a # above the first row, as cells: NumPy and
    many instruments write the names there. It is None where there is none.
    """
    kept, heading = [], None
    for n, line in enumerate(text.split("\n"), start=1):
        if line.startswith("#"):
            heading = heading if kept else line[1:]
        elif line.strip():
            kept.append((n, line))
    said = re.fullmatch(r"sep=(.)\s*", kept[0][1]) if kept else None  # Excel's own first line
    kept = kept[1:] if said else kept
    if not kept:
        raise Problem("it has no rows, only notes behind a #." if heading else "it has no rows.")
    if len(kept) > MOST_ROWS + 1:
        raise Problem(
            f"it has {len(kept):,} rows, and {MOST_ROWS:,} are the most that a lesson can take. "
            "Take a part of them, or means over longer times."
        )
    mark = said[1] if said else _mark([line for _, line in kept[:50]])
    if mark == "," and _in_blanks([line for _, line in kept]):
        mark = "\t"
        kept = [(n, re.sub(r"\s+", "\t", line.strip())) for n, line in kept]
        heading = heading and re.sub(r"\s+", "\t", heading.strip())
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
    if heading:
        heading = next(csv.reader([heading], delimiter=mark, skipinitialspace=True))
        heading = [cell.strip() for cell in heading] if 1 < len(heading) == width else None
    return numbers, rows, heading


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


def _names(lines, rows, heading, notes):
    """Return a name for each column, and the rows without the line that holds them."""
    if not _is_heading(rows, lines[0]):
        first = heading if heading and not all(map(_plain, heading)) else [""] * len(rows[0])
        if any(first):
            notes.append("The names of the columns were taken from the line behind a #.")
    else:
        first, lines, rows = rows[0], lines[1:], rows[1:]
        _refuse_second_heading(lines, rows)
        nameless = [n for n, cell in enumerate(first) if not cell]
        if nameless and nameless != [0]:  # pandas writes its count of the rows without a name
            notes.append(f"A column without a name is now called column {nameless[-1] + 1}.")
    names = []
    for n, cell in enumerate(first):
        name, count = cell or f"column {n + 1}", 1
        while name in names:
            count += 1
            name = f"{cell} ({count})"
        if count > 1:
            notes.append(f"Several columns are called {cell}; one of them is now {name}.")
        names.append(name)
    return names, lines, rows


def _refuse_second_heading(lines, rows):
    """Refuse a line of units, or a second one of names, below that of the names."""
    if len(rows) < 2 or any(re.search(r"\d", cell) for cell in rows[0]):
        return
    measured = [n for n in range(len(rows[0])) if any(re.search(r"\d", row[n]) for row in rows[1:])]
    said = [rows[0][n] for n in measured if not cells.is_missing(rows[0][n])]
    if said:
        raise Problem(
            f"line {lines[0]} holds no numbers ({said[0]!r}): is it a second line of names, or one "
            "of units? Take it out, or put a # before it."
        )


def _plain(cell):
    """Whether a cell holds what no name is: a number, a date, or nothing."""
    return (
        cells.number(cell, comma=True) is not None
        or dates.looks_like_a_date(cell)
        or cells.is_missing(cell)
    )


def _is_heading(rows, line):
    """Whether the first row holds names; refuses where a row of values would be lost."""
    first, below = rows[0], rows[1:101]
    if all(map(_plain, first)):
        return all(map(cells.is_missing, first))
    measured = [
        n for n in range(len(first)) if sum(_plain(row[n]) for row in below) > 0.5 * len(below)
    ]
    filled = [n for n in measured if first[n]]
    if not filled or not all(_plain(first[n]) for n in filled):
        return True
    # Numbers and dates stand in the first row where they stand below it, and beside them words.
    found = [cells.number(first[n], comma=True) for n in filled]
    if None in found or any(number % 1 for number in found):
        return False
    words = [n for n in range(len(first)) if n not in measured]
    if any(first[n] == row[n] for n in words for row in below):
        return False
    if len(found) > 1 and len(set(np.diff(found))) == 1 and found[0] != found[1]:
        return True  # such as years, one a column
    raise Problem(
        f"line {line} may be names or values: {', '.join(first)[:60]}. Put a line of names above "
        "the rows."
    )


def _decimal_comma(grid, notes):
    """Whether a comma in a number is the decimal sign in this file."""
    tidied = [cells.tidy(cell) for column in grid for cell in column]
    flat = [cell for cell in tidied if cells.COMMA.fullmatch(cell)]
    doubtful = all(re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", cell) for cell in flat)
    points = any(re.fullmatch(r"-?\d+\.\d+", cell) for cell in tidied)
    if flat and points and not doubtful:
        raise Problem(
            f"it writes numbers in two ways: {flat[0]} has a comma, and others have a point. Write "
            "all of them with a point."
        )
    if flat and doubtful:
        raise Problem(
            f"{flat[0]} may be {flat[0].replace(',', '.')} or {flat[0].replace(',', '')}: write it "
            "without the comma, or with a point."
        )
    if flat:
        notes.append("A comma in a number was read as the decimal sign.")
    return bool(flat)


def _note_points(grid, names, free, notes):
    """Say how 1.234 was read where every number has three digits behind its point."""
    for n in free:
        column = [cell for cell in grid[n] if not cells.is_missing(cell)]
        if column and all(re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", cell) for cell in column):
            notes.append(
                f"{column[0]} in {names[n]} was read with a decimal point. If it is "
                f"{column[0].replace('.', '')}, take the points out of the file."
            )


# --- numbers -------------------------------------------------------------------------------------


def _chosen(columns, grid, names, places, comma, notes):
    """Return the places of the columns to take."""
    if columns is None:
        free = [n for n in range(len(names)) if n not in places]
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
    for place in set(places) & set(chosen):
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


def _numbers(column, name, lines, comma, missing):
    out = np.full(len(column), np.nan)
    for n, cell in enumerate(column):
        value = cells.number(cell, comma)
        if missing and (cell in missing or value in missing):
            continue
        if value is None and cells.is_missing(cell):
            continue
        if value is None:
            if n >= len(column) - 2 and not re.search(r"\d", cell) and _has_numbers(column, comma):
                raise Problem(
                    f"{cell!r} in line {lines[n]} of {name} is no number, and the file ends there. "
                    "Is it a row of sums or a note? Take it out of the file."
                )
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
    return (
        f"{cell!r} in line {line} of {name} is no number. Correct it, leave the cell empty, or "
        "leave the column out, with columns=[...] and the names of the others."
    )


def _suspect_marks(values, names, lines):
    """Refuse numbers that files put where a value is missing: far from all others, nines mostly."""
    for name, column in zip(names, values.T, strict=True):
        known = np.unique(column[np.isfinite(column)])
        marks = [
            value
            for value in known
            if re.fullmatch(r"-?99+(\.9+)?|-9\.9+", f"{value:.10g}")
            or value in (-32768, 32767, 65535)
            or abs(value) >= 1e20
        ]
        others = np.setdiff1d(known, marks)
        if not len(others):
            continue
        room = max(np.ptp(others), 1e-9)
        for mark in marks:
            away = max(mark - others[-1], others[0] - mark)
            if away > room or (mark < 0 <= others[0]):
                at = np.flatnonzero(column == mark)
                raise Problem(
                    f"{mark:.10g} in {_lines(lines, at)} of {name} looks like a mark for a missing "
                    f"value. Give missing=[{mark:.10g}] if it is one, and missing=[] if it is none."
                )


def _lines(lines, at):
    """Name lines of the file: the first few of many."""
    shown = [str(lines[n]) for n in at[:SHOWN]]
    if len(at) == 1:
        return f"line {shown[0]}"
    if len(at) > SHOWN:
        return f"lines {', '.join(shown)} and {len(at) - SHOWN:,} more"
    return f"lines {', '.join(shown[:-1])} and {shown[-1]}"


def _whole(values, names, lines, fill, notes):
    """Return the values without a hole, or say where the holes are."""
    holes = np.isnan(values)
    if not holes.any():
        return values
    number = int(holes.sum())
    if not fill:
        worst = int(holes.any(axis=0).argmax())
        at = np.flatnonzero(holes[:, worst])
        rest = number - len(at)
        what = "a value is missing" if len(at) == 1 else f"{len(at):,} values are missing"
        others = f" ({rest:,} more in other columns)" if rest else ""
        raise Problem(
            f"{what} in {_lines(lines, at)} of {names[worst]}{others}. Give fill=True to put a "
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
