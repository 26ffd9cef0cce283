"""The dates of a table: found where they are, and read for certain or refused."""

import re

from helpers.sequences.written_numbers import Problem, is_number

# With a hyphen for whatever stands between the parts, and three letters of a month's name.
FORMS = (
    "%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%Y-%m", "%m-%Y",
    "%d-%b-%Y", "%b-%d-%Y", "%Y-%b-%d", "%d-%b-%y", "%b-%Y", "%b-%y", "%Y-%j",
)  # fmt: skip
UNITS = {
    "excel": {"unit": "D", "origin": "1899-12-30"},
    "julian": {"unit": "D", "origin": "julian"},
    **{unit: {"unit": unit} for unit in ("s", "ms", "us", "ns")},  # since 1970
}
CLOCK = r"(?:(?:[01]?\d|2[0-3]):[0-5]\d|24:00)(?::[0-5]\d(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?"
PARTS = (  # what columns are called that are a date together
    r"year|yr|yyyy|jahr|ann[e\xe9]e|a\xf1o|\u5e74", r"month|mon|mm|mo|monat|mois|mes|\u6708",
    r"day|dd|tag|jour|d[i\xed]a|\u65e5|doy|yday|jday|day.?of.?(?:the.?)?year",
)  # fmt: skip
HOUR = r"hours?|hr|hh|he|hour.?ending|stunde|heure|hora|\u65f6|\u6642"
DATE = (
    r"(?i)(?:.*[\W_])?(?:date|day|time|period|time.?stamp|datum|zeit|zeitstempel|datetime|fecha|epoch|"
    r"unix|m?jd|julian|year|jahr|a\xf1o|ann[e\xe9]e|month|monat|\u65e5\u4ed8|\u5e74)(?:[\W_].*)?"
)
DIGITS = r"(?:1[89]|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d(?:\d\d){0,3}"  # 20240131, 202401311345


def find(frame, given, at):
    """Return the dates of a table, or None, and the columns in which they are.

    frame : pandas.DataFrame of text
    given : dict of a column and how it writes dates; empty where there are none; None if unknown
    at : function that names the lines of rows
    """
    if given is not None:
        told = [(_as_told(frame[name], form, at), [name]) for name, form in given.items()]
        return told[0] if told else (None, [])
    days, used = (
        None,
        [name for part in PARTS for name in frame if re.fullmatch(part, name.lower())],
    )
    if len(used) > 1 and frame[used[0]].str.fullmatch(r"(?:1[5-9]|2[01])\d\d").all():
        days = _read(frame[used].agg("-".join, axis=1), " ".join(used), at)
    for place, (name, column) in enumerate(frame.items()):
        if days is None:
            where = place if frame.shape[1] > 1 else None  # dates alone are no series
            days, used = _of_column(column, name, where, at), [name]
    if days is None:
        return None, []
    for name, column in frame.drop(columns=used).items():
        times = _times(column, name, days.is_unique, at)
        if times is not None and (days == days.dt.normalize()).all():
            return days + times, [*used, name]
    return days, used


def _as_told(column, form, at):
    """Return the dates in a column that are written as a learner says."""
    import pandas as pd

    days = _formed(column, form)
    if form in UNITS:
        counted = pd.to_numeric(column.str.replace(",", "."), "coerce")
        days = pd.to_datetime(counted, errors="coerce", **UNITS[form])
    bad = column[days.isna()]
    if len(bad):
        raise Problem(f"{bad.iloc[0]!r} in {at(bad.index[:1])} of {column.name} is not {form}.")
    return days.dt.round("us")


def _formed(column, form):
    """Return the dates that cells of a certain form are, NaT for others; 58 is 1958."""
    import pandas as pd

    days = pd.to_datetime(column, format=form, errors="coerce")
    late = days > pd.Timestamp.now() + pd.DateOffset(years=10)
    return days.where(~late, days - pd.DateOffset(years=100)) if "%y" in form else days


def _of_column(column, name, place, at):
    """Return the dates in a column, or None; refuse numbers that may be dates."""
    import pandas as pd

    named, first = re.fullmatch(DATE, name), place == 0
    plain = named or first or (column.str.len() != 10).all()  # 10 may be seconds since 1970
    if plain and column.str.fullmatch(DIGITS).all():
        day = column.str.replace(r"^(....)(..)(..)", r"\1-\2-\3 ", regex=True)
        column = day.str.replace(r" (..)(..)?(..)?$", r" \1:\2:\3", regex=True)
        column = column.str.replace("::", ":00", regex=False).str.strip(" :")
    elif named and column.str.fullmatch(r"(?:1[5-9]|20)\d\d").all():
        return pd.to_datetime(column, format="%Y")
    elif is_number(column).mean() > 0.5:
        values = pd.to_numeric(column.str.replace(",", "."), errors="coerce").dropna()
        big = values.min() >= 1500 or column.str.match(r"0\d").any()
        ordered = values.is_unique and (
            values.is_monotonic_increasing or values.is_monotonic_decreasing
        )
        if big and (named or (ordered and (first or (place and values.min() >= 10**9)))):
            raise Problem(
                f"the numbers of {name} ({column.iloc[0]}, ...) may be dates. Say how they are "
                f"written, as in dates={{{name!r}: '%d%m%Y'}} ('excel' or 'julian' for days that "
                "are counted, 's', 'ms', 'us' or 'ns' for Unix times), or dates={} if they are "
                "none."
            )
        return None
    return _read(column, name, at)


def _read(column, name: str, at):
    """Return a column of text as dates, or None; refuse what may mean two, or is none for once."""
    readings, best = _readings(column)
    if not readings and best.mean() >= 0.5:
        bad, good = column[~best], column[best]
        raise Problem(
            f"{bad.iloc[0]!r} in {at(bad.index[:1])} of {name} is no date written as the others "
            f"are, such as {good.iloc[0]} in {at(good.index[:1])}. Write all of them as "
            "2024-01-31, or take the row out."
        )
    if len(readings) > 1 and (readings[0] != readings[1]).any():
        raise Problem(
            f"{column[readings[0] != readings[1]].iloc[0]} in {name} may be read in two ways, and "
            "no other date tells. Write dates as 2024-01-31, or say what comes first, as in "
            f"dates={{{name!r}: '%d/%m/%Y'}}."
        )
    return readings[0] if readings else None


def _readings(column):
    """Return each way to read a column as dates, and which cells the best of all ways reads."""
    import pandas as pd

    cells = column.where(column.str.contains(r"\d"))  # pandas takes "today" for a date
    days = pd.to_datetime(cells, format="ISO8601", utc=True, errors="coerce").dt.tz_localize(None)
    best, readings = days.notna(), []
    if best.all():
        return [days], best
    parts = column.str.extract(rf"^(.*?\d.*?)(?:[T ,]\s*({CLOCK}))?$")
    day = parts[0].str.replace(r"([A-Za-z]{3})[a-z]*", r"\1", regex=True)
    day = day.str.replace(r"[-./,\s\u5e74\u6708\ub144\uc6d4]+", "-", regex=True)
    day, times = day.str.strip("-\u65e5\uc77c"), _clock(parts[1])
    dotted = column.str.contains(".", regex=False).any()
    for form in FORMS:
        if (dotted and form.startswith("%m-%d")) or (form == "%Y-%j" and readings):
            continue  # with points, the month never comes first
        days = _formed(day, form) + (times if times.notna().any() else pd.Timedelta(0))
        best = max(best, days.notna(), key=sum)
        readings += [days] if days.notna().all() else []
    rising = [days for days in readings if dotted and days.is_monotonic_increasing]
    return rising or readings, best


def _clock(cells):
    """Return how far into the day times are: 13:45, 1:45 pm, 24:00."""
    import pandas as pd

    half, noon = cells.str.extract(r"([AaPp])\.?[Mm]")[0].str.upper(), pd.Timedelta(hours=12)
    plain = cells.str.replace(r"\s*[A-Za-z.]+$", "", regex=True)
    times = pd.to_timedelta(plain.str.replace(r"^(\d+:\d+)$", r"\1:00", regex=True))
    return times.where(half.isna(), times % noon).where(half != "P", times % noon + noon)


def _times(column, name, apart, at):
    """Return the times of day in a column of their own, or None: 13:45, or hours to 24."""
    hours = re.fullmatch(HOUR, name.lower())
    cells = column.str.replace(r"^(\d\d)\.(\d\d)\.(\d\d)$", r"\1:\2:\3", regex=True)
    cells = cells.where(cells.str.contains(":") | (not hours), cells + ":00")
    bad = column[~cells.str.fullmatch(CLOCK)]
    if not len(bad) and (hours or re.fullmatch(DATE, name) or not apart):
        return _clock(cells)
    if hours:
        raise Problem(
            f"{bad.iloc[0]} in {at(bad.index[:1])} of {name} is no hour from 0 to 24: write times "
            "as 13:45."
        )
    return None
