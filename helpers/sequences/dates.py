"""The dates of a table: found in whatever columns they are, and read for certain or refused."""

import re

import numpy as np

from helpers.sequences.written_numbers import Problem, is_missing, is_number

# With a hyphen for whatever stands between the parts, and three letters of a month's name.
FORMS = (
    "%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%Y-%m", "%m-%Y",
    "%d-%b-%Y", "%b-%d-%Y", "%Y-%b-%d", "%d-%b-%y", "%b-%Y", "%b-%y", "%Y-%j",
)  # fmt: skip
# Hours, minutes, seconds, a or p (for AM and PM), the zone. Some days end with 24:00.
CLOCK = (
    r"([01]?\d|2[0-3]|24(?=.00)):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?"
    r"\s*([AaPp]?)\.?(?:[Mm]\.?)?\s*(Z|UTC|GMT|[-+]\d\d:?\d\d)?"
)
PARTS = (  # what columns are called that are a date together
    r"year|yr|yyyy|jahr|ann[e\xe9]e|a\xf1o|\u5e74", r"month|mon|mm|mo|monat|mois|mes|\u6708",
    r"day|dd|tag|jour|d[i\xed]a|\u65e5|doy|yday|jday|day.?of.?(?:the.?)?year",
)  # fmt: skip
HOUR = r"hours?|hr|hh|he|hour.?ending|stunde|heure|hora|\u65f6|\u6642"
DATE = (
    r"(?i)(?:.*[\W_])?(?:date|day|time|time.?stamp|datum|zeit|zeitstempel|datetime|fecha|epoch|"
    r"unix|m?jd|julian|year|jahr|a\xf1o|ann[e\xe9]e|month|monat|\u65e5\u4ed8|\u5e74)(?:[\W_].*)?"
)
STEPS = {1: "daily", 7: "weekly", 30: "monthly", 31: "monthly", 365: "yearly", 366: "yearly"}


def find(frame, at):
    """Return the dates of a table, or None, their columns, and others that look like dates.

    frame : pandas.DataFrame of text
    at : function that names the lines of rows
    """
    days, used = None, [name for part in PARTS for name in _called(frame, part)]
    if len(used) > 1 and frame[used[0]].str.fullmatch(r"(?:1[5-9]|2[01])\d\d").all():
        days, _ = _of_column(frame[used].agg("-".join, axis=1), " ".join(used), False, at)
    used, doubtful = used if days is not None else [], []
    for place, (name, column) in enumerate(frame.drop(columns=used).items()):
        found, looks = _of_column(column, name, place == 0 and frame.shape[1] > 1, at)
        if found is not None and days is None:
            days, used = found, [name]
        elif found is not None or looks:
            doubtful.append(name)
    if days is not None and (days == days.dt.normalize()).all():
        for name, times in _times(frame.drop(columns=used), days, at):
            days, used = days + times, [*used, name]
    return days, used, doubtful


def _called(frame, part):
    return [name for name in frame if re.fullmatch(part, name.lower())][:1]


def _of_column(column, name, first, at):
    """Return the dates in a column, or None, and whether its numbers look like dates."""
    known = column[~is_missing(column)]
    text, looks, readings = _separated(known, name), False, []
    if not len(known):
        return None, False
    if text is not None:
        readings = read(text, name, at)
    elif known.str.fullmatch(r"-?\d+(?:[.,]\d*)?").all():
        readings, looks = _from_numbers(known, name, first)
    elif is_number(column).mean() <= 0.5:
        readings = read(column, name, at)
    if readings and len(readings[0]) < len(column):
        raise Problem(f"the date in {at(column.index.difference(known.index))} is missing.")
    if len(readings) > 1 and (readings[0] != readings[1]).any():
        raise Problem(
            f"{column[readings[0] != readings[1]].iloc[0]} in {name} may be read in two ways (what "
            "comes first: day, month or year?), and no other date tells. Write dates as 2024-01-31."
        )
    return (readings[0] if readings else None), looks


def _separated(column, name):
    """Return 20240131, 202401312359, 202401 or 01.2024 with hyphens between, or None."""
    if column.str.fullmatch(r"(?:1[89]|20)\d\d(?:0\d|1[0-2])[0-3]\d(?:\d\d){0,3}").all():
        day = column.str.replace(r"^(....)(..)(..).*", r"\1-\2-\3", regex=True)
        times = column.str[8:].str.pad(6, "right", "0")
        return day + times.str.replace(r"(..)(..)(..)", r" \1:\2:\3", regex=True)
    month = "(0[1-9]|1[0-2])"
    if re.fullmatch(DATE, name) and column.str.fullmatch(rf"(?:1[5-9]|20)\d\d\.?{month}").all():
        return column.str.replace(r"^(....)\.?", r"\1-", regex=True)
    if column.str.fullmatch(rf"{month}\.(?:1[5-9]|20)\d\d").all() and column.str[0].eq("0").any():
        return column.str.replace(".", "-")
    return None


def _from_numbers(column, name, first):
    """Return the dates that Unix times or years are, and whether others look like dates."""
    import pandas as pd

    values, named = column.str.replace(",", ".").astype(float), re.fullmatch(DATE, name)
    size = next((size for size in (1e9, 1e6, 1e3) if values.min() >= 1e9 * size), 1)
    if (named or first) and values.between(1e9 * size, 1.9e9 * size).all():
        return [pd.to_datetime(values / size, unit="s").dt.round("us")], False
    if named and column.str.fullmatch(r"(?:1[5-9]|20)\d\d").all():
        return [pd.to_datetime(column, format="%Y")], False
    rising = first and (values.diff().iloc[1:] > 0).all()
    looks = values.min() >= 1500 or column.str.match(r"0\d").any()
    return [], bool(looks and (named or rising))


def read(column, name: str, at) -> list:
    """Return each way in which a whole column can be read as dates: of most columns none or one."""
    import pandas as pd

    parts = column.str.extract(rf"^(.*?\d.*?)(?:[T ,]\s*{CLOCK})?$")
    day = parts[0].str.replace(r"([A-Za-z]{3})[a-z]*", r"\1", regex=True)
    day = day.str.replace(r"[-./,\s\u5e74\u6708\ub144\uc6d4]+", "-", regex=True)
    day = day.str.strip("-\u65e5\uc77c")
    dotted = column.str.contains(".", regex=False).any()
    best, readings = column.isna(), []
    for form in FORMS:
        if dotted and form.startswith("%m-%d"):
            continue  # with points, the month never comes first
        days = pd.to_datetime(day.iloc[:30], format=form, errors="coerce")
        if days.isna().mean() > 0.5 or (form == "%Y-%j" and readings):
            continue
        days = pd.to_datetime(day, format=form, errors="coerce")
        late = days > pd.Timestamp.now() + pd.DateOffset(years=10)
        if "%y" in form:  # 58 is 1958
            days = days.where(~late, days - pd.DateOffset(years=100))
        days = days + clock(parts.iloc[:, 1:], parts[1].notna().any())
        best = max(best, days.notna(), key=sum)
        readings += [days] if days.notna().all() else []
    if not readings and best.mean() >= 0.5:
        bad, good = column[~best], column[best]
        raise Problem(
            f"{bad.iloc[0]!r} in {at(bad.index[:1])} of {name} is no date written as the others "
            f"are, such as {good.iloc[0]} in {at(good.index[:1])}. Write all of them as "
            "2024-01-31, or take the row out."
        )
    return [days for days in readings if dotted and days.is_monotonic_increasing] or readings


def clock(parts, needed: bool = True):
    """Return how far into the day times are, from the groups of CLOCK."""
    import pandas as pd

    hours, minutes, seconds = (parts.iloc[:, n].astype(float) for n in range(3))
    half, zones = parts.iloc[:, 3].fillna("").str.lower(), parts.iloc[:, 4]
    hours = hours.where(half == "", hours % 12 + 12 * (half == "p"))
    if zones.nunique(dropna=False) > 1:  # summer and winter: all in UTC
        zones = zones.replace(["Z", "UTC", "GMT"], "+0000").str.replace(":", "")
        hours = hours - zones.str[:3].astype(float)
        minutes = minutes - (zones.str[0] + zones.str[3:]).astype(float)
    seconds = 3600 * hours + 60 * minutes + seconds.fillna(0)
    return pd.to_timedelta(seconds if needed else seconds.fillna(0), unit="s").dt.round("us")


def _times(frame, days, at):
    """Return the times of day in a column of their own, with its name: 13:45, or hours to 24."""
    hours = _called(frame, HOUR)
    for name in hours or frame:
        cells = frame[name].str.replace(r"^(\d\d)\.(\d\d)\.(\d\d)$", r"\1:\2:\3", regex=True)
        cells = cells.where(cells.str.contains(":") | (not hours), cells + ":00")
        bad = frame[name][~cells.str.fullmatch(CLOCK)]
        if not len(bad) and (hours or re.fullmatch(DATE, name) or not days.is_unique):
            return [(name, clock(cells.str.extract(CLOCK)))]
        if hours:
            raise Problem(
                f"{bad.iloc[0]} in {at(bad.index[:1])} of {name} is no hour from 0 to 24: write "
                "times as 13:45."
            )
    return []


def day(date) -> str:
    """Return a date as it is shown: with its time only where it has one."""
    text = re.sub(r"\.0+$", "", str(np.datetime64(date)))
    return text.removesuffix("T00:00:00").replace("T", " ")


def rhythm(dates) -> str:
    """Return how far the rows are apart, in a word, or nothing."""
    days = np.median(np.diff(dates) / np.timedelta64(1, "D"))
    said = STEPS.get(round(days)) if days >= 0.9 else "hourly" if round(24 * days) == 1 else None
    return f", {said}" if said else ""


def gaps(dates) -> list[str]:
    """Say where the steps are wider than usual: then the rows are not equally far apart."""
    steps = np.diff(dates).astype(float)
    wide = np.flatnonzero(steps > 1.6 * np.median(steps))
    more = f", and {len(wide) - 1} more such gaps" if len(wide) > 1 else ""
    return [
        f"Between {day(dates[n])} and {day(dates[n + 1])} rows are missing{more}: the network "
        "will take the two for neighbours."
        for n in wide[:1]
    ]
