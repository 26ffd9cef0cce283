"""The dates of a table: found in whatever columns they are, and read for certain or refused."""

import re

import numpy as np

from helpers.sequences.written_numbers import Problem, is_missing, is_number

# With a hyphen for whatever stands between the parts, and three letters of a month's name.
FORMS = (
    "%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d", "%Y-%m", "%m-%Y",
    "%d-%b-%Y", "%b-%d-%Y", "%Y-%b-%d", "%d-%b-%y", "%b-%Y", "%b-%y",
)  # fmt: skip
# Hours, minutes, seconds, a or p (for AM and PM), the zone. Some days end with 24:00.
CLOCK = (
    r"([01]?\d|2[0-3]|24(?=:00)):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?"
    r"\s*([AaPp]?)\.?(?:[Mm]\.?)?\s*(Z|UTC|GMT|[-+]\d\d:?\d\d)?"
)
PARTS = {  # what columns are called that are a date together
    "year": r"year|yr|yyyy|jahr|ann[e\xe9]e|a\xf1o|\u5e74",
    "month": r"month|mon|mm|mo|monat|mois|mes|\u6708",
    "day": r"day|dd|tag|jour|d[i\xed]a|\u65e5",
    "doy": r"doy|yday|jday|day.?of.?(the.?)?year",
    "hour": r"hours?|hr|hh|he|hour.?ending|stunde|heure|hora|\u65f6|\u6642",
}
DATE = (
    r"(?i)(?:.*[\W_])?(?:date|day|time|time.?stamp|datum|zeit|zeitstempel|datetime|fecha|epoch|"
    r"unix|m?jd|julian|year|jahr|a\xf1o|ann[e\xe9]e|month|monat|\u65e5\u4ed8|\u5e74)(?:[\W_].*)?"
)
STEPS = {1: "daily", 7: "weekly", 30: "monthly", 31: "monthly", 365: "yearly", 366: "yearly"}


def find(frame, at):
    """Find the dates of a table's rows.

    Parameters
    ----------
    frame : pandas.DataFrame of text
    at : function that names the lines of rows

    Returns
    -------
    days : pandas.Series of datetime64, or None
    used : list of the names of their columns
    doubtful : list of the names of other columns that look like dates
    """
    days, used = _from_parts(frame, at)
    doubtful = []
    for place, (name, column) in enumerate(frame.items()):
        alone = place == 0 and frame.shape[1] > 1
        found, looks = (None, False) if name in used else _of_column(column, name, alone, at)
        if found is not None and days is None:
            days, used = found, [name]
        elif found is not None or looks:
            doubtful.append(name)
    if days is not None and (days == days.dt.normalize()).all():
        days, used = _with_times(days, used, frame, at)
    return days, used, doubtful


def _of_column(column, name, first, at):
    """Return the dates in a column, or None, and whether its numbers look like dates."""
    known = column[~is_missing(column)]
    if len(known) and known.str.fullmatch(r"-?\d+(?:[.,]\d*)?").all():
        values, named = known.str.replace(",", ".").astype(float), re.fullmatch(DATE, name)
        days = _from_digits(known, values, name, named or first)
        if days is not None and len(known) < len(column):
            raise Problem(f"the date in {at(column.index.difference(known.index))} is missing.")
        rising = (values.diff().iloc[1:] > 0).all()
        doubt = values.min() >= 1500 or known.str.match(r"0\d").any()
        return days, days is None and doubt and bool(named or (first and rising))
    if is_number(column).mean() > 0.5:
        return None, False
    readings = read(column, name, at)
    if len(readings) > 1 and (readings[0] != readings[1]).any():
        raise Problem(
            f"{column[readings[0] != readings[1]].iloc[0]} in {name} may be read in two ways (what "
            "comes first: day, month or year?), and no other date tells. Write dates as 2024-01-31."
        )
    return (readings[0] if readings else None), False


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
        if days.isna().mean() > 0.5:
            continue
        days = pd.to_datetime(day, format=form, errors="coerce")
        late = days > pd.Timestamp.now() + pd.DateOffset(years=10)
        if "%y" in form:  # 58 is 1958
            days = days.where(~late, days - pd.DateOffset(years=100))
        days = days + _clock(parts.iloc[:, 1:], parts[1].notna().any())
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


def _clock(parts, needed=True):
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


def _from_digits(column, values, name, likely):
    """Read 20240131, with a time of day or without, Unix time, and years; or return None."""
    import pandas as pd

    if column.str.fullmatch(r"(?:1[89]|20)\d{6}(?:\d\d){0,3}").all():
        clock = column.str[8:].str.pad(6, "right", "0").str.extract(r"(..)(..)(..)()()")
        days = pd.to_datetime(column.str[:8], format="%Y%m%d", errors="coerce") + _clock(clock)
        if days.notna().all() and (clock[0].max() <= "24") and clock[[1, 2]].max().max() < "60":
            return days
    for size in (1, 1e3, 1e6, 1e9):
        if likely and values.between(1e9 * size, 1.9e9 * size).all():
            return pd.to_datetime(values / size, unit="s").dt.round("us")
    return _months_or_years(column, values, name)


def _months_or_years(column, values, name):
    """Read 202401, 01.2024 and 2024, where their name or a zero says that they are dates."""
    import pandas as pd

    month = "(?:0[1-9]|1[0-2])"
    if re.fullmatch(DATE, name) and column.str.fullmatch(rf"(?:1[5-9]|20)\d\d\.?{month}").all():
        return pd.to_datetime(column.str.replace(".", ""), format="%Y%m")
    if column.str.fullmatch(rf"{month}\.(?:1[5-9]|20)\d\d").all() and (values < 2).any():
        return pd.to_datetime(column, format="%m.%Y")
    by_one = name == "column 1" and (values.diff().iloc[1:] == 1).all()
    if column.str.fullmatch(r"(?:1[5-9]|20)\d\d").all() and (re.fullmatch(DATE, name) or by_one):
        return pd.to_datetime(column, format="%Y")
    return None


def _from_parts(frame, at):
    """Return the dates that columns called year, month and day are together, or None."""
    import pandas as pd

    parts = {part: _called(frame, part) for part in PARTS}
    used = parts["year"] + parts["month"] + parts["day"]
    form = "%Y-%m-%d"
    if not parts["month"]:
        used, form = parts["year"] + parts["doy"], "%Y-%j"
    if not parts["year"] or len(used) < 2:
        return None, []
    if not frame[used[0]].str.fullmatch(r"(?:1[5-9]|2[01])\d\d").all():
        return None, []
    joined = frame[used].agg("-".join, axis=1)
    full = joined + "-1" if parts["month"] and not parts["day"] else joined
    if full.str.contains("[A-Za-z]{3}").any():
        full, form = full.str.replace(r"([A-Za-z]{3})\w*", r"\1", regex=True), "%Y-%b-%d"
    days = pd.to_datetime(full, format=form, errors="coerce")
    if days.isna().any():
        bad = joined[days.isna()]
        raise Problem(
            f"{', '.join(used)} in {at(bad.index[:1])} are no date: {bad.iloc[0]}. Correct it, or "
            "take the row out."
        )
    return days, used


def _called(frame, part):
    return [name for name in frame if re.fullmatch(PARTS[part], name.lower())][:1]


def _with_times(days, used, frame, at):
    """Add the times of day in a column of their own: 13:45, or an hour from 0 to 24."""
    hours = [name for name in _called(frame, "hour") if name not in used]
    frame = frame.replace(r"^(\d\d)\.(\d\d)\.(\d\d)$", r"\1:\2:\3", regex=True)
    clocks = [
        name for name in frame
        if name not in used and frame[name].str.fullmatch(CLOCK).all()
        and (re.fullmatch(DATE, name) or not days.is_unique)
    ]  # fmt: skip
    for name in (hours or clocks)[:1]:
        cells = frame[name].where(frame[name].str.contains(":"), frame[name] + ":00")
        bad = frame[name][~cells.str.fullmatch(CLOCK)]
        if len(bad):
            raise Problem(
                f"{bad.iloc[0]} in {at(bad.index[:1])} of {name} is no hour from 0 to 24: write "
                "times as 13:45."
            )
        return days + _clock(cells.str.extract(CLOCK)), [*used, name]
    return days, used


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
    if not len(wide):
        return []
    n = wide[0]
    more = f", and {len(wide) - 1} more such gaps" if len(wide) > 1 else ""
    return [
        f"Between {day(dates[n])} and {day(dates[n + 1])} rows are missing{more}: the network "
        "will take the two for neighbours."
    ]
