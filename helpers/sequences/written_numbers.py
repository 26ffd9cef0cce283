"""Numbers as people write them in a table: which one a cell means, or that it may mean two."""

import re

MISSING = {
    *("", "na", "n/a", "n.a.", "nan", "null", "none", "nil", "-", "--", ".", "?", "missing"),
    *("<na>", "nat", "#n/a", "#value!", "#div/0!", "#ref!", "#num!"),
}


class Problem(ValueError):
    """What is wrong with a table, before the file's name is put before it."""


def grammar(sign: str) -> str:
    """Return the regular expression of a number whose decimal sign this is, a point or a comma."""
    by = "[,']" if sign == "." else "[.']"
    whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:{by}\d{{3}})+)"
    return rf"[-+]?(?:{whole}(?:[{sign}]\d*)?|[{sign}]\d+)(?:[eE][-+]?\d+)?"


def is_missing(cells):
    """Say of each cell of a column whether it tells that there is no value."""
    return cells.str.lower().isin(MISSING)


def is_number(cells):
    """Say of each cell of a column whether it is a number, whatever its decimal sign."""
    return cells.str.fullmatch(grammar(".")) | cells.str.fullmatch(grammar(","))


def parsed(cells, sign: str):
    """Return the numbers of a column as floats, NaN where a cell holds none."""
    plain = cells.where(cells.str.fullmatch(grammar(sign)), "nan")
    plain = plain.str.replace("[,']" if sign == "." else "[.']", "", regex=True)
    return plain.str.replace(",", ".").astype(float)


def decimal_sign(frame, at) -> str:
    """Return the decimal sign of a table's numbers, and refuse what may be two numbers.

    frame : the columns that may hold numbers, as text
    at : function that names the lines of rows
    """
    certain, doubtful = {}, []
    for name, column in frame.items():
        point, comma = (column.str.fullmatch(grammar(sign)) for sign in ".,")
        only = {".": column[point & ~comma], ",": column[comma & ~point]}
        either = column[point & comma & column.str.contains("[.,]")]
        for sign, cells in only.items():
            if len(cells):
                certain[sign] = f"{cells.iloc[0]} in {at(cells.index[:1])} of {name}"
        if len(either) and not any(map(len, only.values())):
            doubtful.append((name, either, column.str.fullmatch(r"[-+]?\d+").any()))
    if len(certain) == 2:
        raise Problem(
            f"it writes numbers in two ways: {certain['.']}, and {certain[',']}. Write all of them "
            "with a point."
        )
    for name, either, whole in doubtful:
        cell, used = either.iloc[0], re.search("[.,]", either.iloc[0])[0]
        # 990 before 1.000 is how thousands are written, whatever other columns say.
        if not certain or (whole and used in certain):
            first, second = cell.replace(used, "."), cell.replace(used, "")
            raise Problem(
                f"{cell} in {at(either.index[:1])} of {name} may be {first} or {second}. Give "
                f"decimal={used!r} if it is {first}, and decimal={',.'[used == ',']!r} if it is "
                f"{second}."
            )
    return next(iter(certain), ".")
