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
    whole = rf"(?:\d+|[1-9]\d{{0,2}}(?P<by>{by})(?:\d{{2,3}}(?P=by))*\d{{3}})"
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


def decimal_sign(frame, mark: str, at, notes: list) -> str:
    """Return the decimal sign of a table's numbers, and refuse what may be two numbers.

    frame : the columns that may hold numbers, as text
    mark : what stands between the cells; where it is a comma, a point hardly parts thousands
    at : function that names the lines of rows
    """
    certain, doubtful = {}, []
    for name, column in frame.items():
        only, either = _evidence(column)
        certain |= {
            sign: f"{found.iloc[0]} in {at(found.index[:1])} of {name}"
            for sign, found in only.items()
        }
        if len(either) and not only:
            doubtful.append((name, either, column.str.fullmatch(r"[-+]?\d+").any()))
    if len(certain) == 2:
        raise Problem(
            f"it writes numbers in two ways: {certain['.']}, and {certain[',']}. Write all of them "
            "with a point."
        )
    for name, either, whole in doubtful:
        cell, used = either.iloc[0], re.search("[.,]", either.iloc[0])[0]
        first, second = cell.replace(used, "."), cell.replace(used, "")
        if not certain and used == "." and mark == "," and not whole:
            notes.append(
                f"{cell} in {name} was read with a decimal point. If it is {second}, give "
                "decimal=','."
            )
        # 990 before 1.000 is how thousands are written, whatever other columns say.
        elif not certain or (whole and used in certain):
            raise Problem(
                f"{cell} in {at(either.index[:1])} of {name} may be {first} or {second}. Give "
                f"decimal={used!r} if it is {first}, and decimal={',.'[used == ',']!r} if it is "
                f"{second}."
            )
    if "," in certain:
        notes.append("A comma in a number was read as the decimal sign.")
    return next(iter(certain), ".")


def _evidence(column):
    """Return the cells that can be read with one decimal sign only, by that, and with either."""
    point, comma = (column.str.fullmatch(grammar(sign)) for sign in ".,")
    only = {".": column[point & ~comma], ",": column[comma & ~point]}
    either = column[point & comma & column.str.contains("[.,]")]
    return {sign: found for sign, found in only.items() if len(found)}, either
