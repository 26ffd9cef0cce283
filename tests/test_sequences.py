"""Words, a curve, windows; and a learner's own files, read rightly or refused with a cure."""

import csv
import datetime
import re

import numpy as np
import pandas as pd
import pytest

from helpers import sequences
from helpers.sequences import read_table, read_text

# --- what comes with the course ------------------------------------------------------------------


def test_the_months_of_carbon_dioxide_are_the_means_of_their_weeks():
    months, ppm = sequences.load_co2()
    assert len(months) == len(ppm) == len(set(months)) == 526
    assert (months[0], months[-1]) == ("1958-03", "2001-12")
    with sequences.CO2_FILE.open(encoding="utf-8") as file:
        weeks = [row for row in csv.DictReader(file) if row["week"].startswith("1990-07")]
    assert ppm[months.index("1990-07")] == pytest.approx(np.mean([float(w["ppm"]) for w in weeks]))
    hole = months.index("1964-03")  # from February to April nothing was measured
    assert np.ptp(np.diff(ppm[hole - 2 : hole + 3])) < 1e-9  # on one line, January to May


@pytest.mark.parametrize(("n", "past", "ahead"), [(11, 3, 1), (9, 5, 2)])
@pytest.mark.parametrize("features", [(), (2,)])
def test_windows_are_followed_by_what_they_have_not_seen(n, past, ahead, features):
    values = np.random.default_rng(n).normal(size=(n, *features))
    x, y = sequences.windows(values, past, ahead)
    assert len(x) == n - past - ahead + 1 and y.shape[1:] == (ahead, *features)
    for k, (seen, after) in enumerate(zip(x, y, strict=True)):
        np.testing.assert_array_equal(np.concatenate([seen, after]), values[k : k + past + ahead])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((np.zeros(5), 5), "has 5 steps: a window of 5 and 1 after it need 6"),
     ((np.zeros(5), 0), "past is 0"), ((np.zeros(5), 2, 1.5), "ahead is 1.5"),
     ((np.zeros((5, 2, 2)), 2), r"shape \(5, 2, 2\)")],
)  # fmt: skip
def test_windows_that_cannot_be_are_refused(arguments, says):
    with pytest.raises((TypeError, ValueError), match=says):
        sequences.windows(*arguments)


# --- a table of one's own: read rightly ----------------------------------------------------------

NUMBERS = np.random.default_rng(0).normal(50, 9, 30).round(2).tolist()
START = datetime.datetime(2024, 1, 28)
DAYS = [START + datetime.timedelta(k) for k in range(30)]
HOURS = [START + datetime.timedelta(hours=k) for k in range(30)]
MONTHS = [datetime.datetime(2019 + k // 12, k % 12 + 1, 1) for k in range(30)]
YEARS = [datetime.datetime(1980 + k, 1, 1) for k in range(30)]


def rows(column, numbers=NUMBERS, mark=","):
    return [f"{cell}{mark}{number}" for cell, number in zip(column, numbers, strict=True)]


def lines(form="%Y-%m-%d", head="day,rain", mark=",", point="."):
    made = rows([day.strftime(form) for day in DAYS], [str(n).replace(".", point) for n in NUMBERS],
                mark)  # fmt: skip
    return [head.replace(",", mark), *made]


def written(tmp_path, content, name="mine.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else "\n".join(content).encode(encoding))
    return path


@pytest.mark.parametrize(
    "dialect",
    [
        *({"mark": mark} for mark in ",;\t| "),
        *({"form": form} for form in (
            "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d %b %Y", "%d.%m.%y", "%B %d %Y", "%Y-%m-%dT%H:%M",
            "%d-%b-%y", "%Y%m%d%H%M", "%Y\u5e74%m\u6708%d\u65e5", "%Y-%m-%dT%H:%M:%SZ",
        )),
        {"form": "%d.%m.%Y", "mark": ";", "point": ",", "head": "sep=;\nday,rain"},
    ],
    ids=str,
)  # fmt: skip
def test_the_same_table_in_every_dialect(tmp_path, dialect):
    encoding = ("utf-8", "utf-8-sig", "utf-16")[len(str(dialect)) % 3]
    table = read_table(written(tmp_path, lines(**dialect), encoding=encoding))
    assert table.values[:, 0].tolist() == NUMBERS
    assert table.dates.astype(datetime.datetime).tolist() == DAYS
    assert table.columns == ["rain"]


def stamps(form, of=None):
    return [form(day) if callable(form) else day.strftime(form) for day in of or HOURS]


def ending(hour, form):  # of the hour that ends then: 24, on the day before
    before = hour - datetime.timedelta(hours=1)
    return before.strftime(form.replace("%H", f"{before.hour + 1:02}"))


UNIX = [int(hour.replace(tzinfo=datetime.UTC).timestamp()) for hour in HOURS]
TWO_COLUMNS = [f"{month.year},{month.month}" for month in MONTHS]


@pytest.mark.parametrize(
    ("head", "column", "due"),
    [
        ("time", stamps("%Y%m%d%H"), HOURS),  # was the year 2034
        ("time", stamps(lambda hour: ending(hour, "%Y%m%d%H")), HOURS),
        ("timestamp", stamps("%Y%m%d%H%M%S"), HOURS),
        ("when", stamps(lambda hour: ending(hour, "%Y-%m-%d %H:00")), HOURS),  # 24:00
        ("when", stamps("%d/%m/%Y %I:%M %p"), HOURS),
        ("date,time", stamps("%Y-%m-%d,%H:%M"), HOURS),
        ("Date,Time", stamps("%d/%m/%Y,%H.%M.%S"), HOURS),
        (",YYYYMMDD", [f"{k},{day:%Y%m%d}" for k, day in enumerate(DAYS)], DAYS),
        ("time,date", stamps("%I:%M %p,%Y-%m-%d"), HOURS),
        ("DeliveryDate,HourEnding", stamps(lambda hour: ending(hour, "%m/%d/%Y,%H:00")), HOURS),
        ("YYYYMMDD,HH", stamps(lambda hour: ending(hour, "%Y%m%d,%H")), HOURS),
        ("Year,Month,Day,Hour", stamps(lambda hour: ending(hour, "%Y,%m,%d,%H")), HOURS),
        ("year,mon,day", stamps("%Y,%b,%d", DAYS), DAYS),
        ("year,doy", stamps("%Y,%j", DAYS), DAYS),
        ("Year,Month", TWO_COLUMNS, MONTHS),
        *(("month", stamps(form, MONTHS), MONTHS) for form in (
            "%Y-%m", "%m/%Y", "%b %Y", "%b-%y")),
        ("year", stamps("%Y", YEARS), YEARS),
    ],
)  # fmt: skip
def test_dates_as_programs_write_them(tmp_path, head, column, due):
    content = rows(column)
    table = read_table(written(tmp_path, [f"{head},x", *content]))
    assert table.values[:, 0].tolist() == NUMBERS
    assert table.values.shape[1] == 1
    assert table.dates.astype(datetime.datetime).tolist() == due


def test_summer_and_winter_are_in_utc_and_tenths_of_seconds_stay(tmp_path):
    hours = [f"2024-10-27T{k - (k > 2):02}:00+0{1 if k > 2 else 2}:00" for k in range(24)]
    table = read_table(written(tmp_path, ["t,x", *rows(hours, NUMBERS[:24])]))
    ends = table.dates[[0, -1]].astype(str).tolist()
    assert ends == ["2024-10-26T22:00:00", "2024-10-27T21:00:00"]
    tenths = [f"2024-10-27 10:00:{k / 10:04}" for k in range(30)]
    table = read_table(written(tmp_path, ["t,x", *rows(tenths)]))
    assert np.ptp(np.diff(table.dates).astype(int)) == 0


@pytest.mark.parametrize(
    ("column", "how", "due"),
    [
        (["1.234,5", "950,5"], {}, [1234.5, 950.5]), (["1 234,5", "950,5"], {}, [1234.5, 950.5]),
        (["1\u202f234,5", "950,5"], {}, [1234.5, 950.5]), (["1\u2019234", "950"], {}, [1234, 950]),
        (["1'234.5", "950.5"], {}, [1234.5, 950.5]), (["\u22125", "+7"], {}, [-5, 7]),
        (["1,234,567", "950"], {}, [1234567, 950]), (["1.234.567", "1.234"], {}, [1234567, 1234]),
        (["0,123", "1,234"], {}, [0.123, 1.234]), (["0.123", "1.234"], {}, [0.123, 1.234]),
        (["1.000", "990"], {"decimal": "."}, [1, 990]), (["1e3", "-2.5E-3"], {}, [1000, -0.0025]),
    ],
    ids=str,
)  # fmt: skip
def test_numbers_as_people_write_them(tmp_path, column, how, due):
    content = [f"x{k};{column[k % 2]}" for k in range(30)]
    table = read_table(written(tmp_path, ["n;a", *content]), columns="a", **how)
    np.testing.assert_allclose(table.values[:2, 0], due)


def test_a_dataframe_is_read_like_a_file(tmp_path):
    frame = pd.DataFrame({"rain": NUMBERS, "k": range(30)}, pd.DatetimeIndex(DAYS))
    table = read_table(frame)
    assert table.columns == ["rain", "k"]
    np.testing.assert_array_equal(table.values, frame.to_numpy())
    assert table.dates.astype(datetime.datetime).tolist() == DAYS
    parts = frame.rename_axis("day").set_index("k", append=True)  # two columns of the index
    assert read_table(parts).columns == ["k", "rain"]
    thirds = pd.DataFrame({"x": np.arange(1.111, 4.011, 0.1).round(3)})  # no thousands
    np.testing.assert_array_equal(read_table(thirds).values, thirds)
    frame.loc[DAYS[4], "rain"] = np.nan
    with pytest.raises(ValueError, match="the DataFrame: a value is missing in row 4 of rain"):
        read_table(frame)
    with pytest.raises(ValueError, match="'much' in row 7 of rain is no number"):
        read_table(pd.DataFrame({"rain": [*NUMBERS[:7], "much", *NUMBERS[8:]]}))


# --- refused, and what the cure does -------------------------------------------------------------


def changed(line, text, **how):
    made = lines(**how)
    made[line - 1] = text
    return made


def day(column, name="x"):
    return [f"day,{name}", *rows([day.date() for day in DAYS], column)]


def cycle(*cells):
    return [cells[k % len(cells)] for k in range(30)]


SMALL = [*range(12), *range(18)]
SENSORS = ["id,state,t", *[f"{which},2024-01-28 {k:02}:{m}" for k in range(24)
                           for which, m in (("s.t,21", "00"), ("s.u,50", "09"))]]  # fmt: skip
LONG = [f"{day.date()},{shop},{k % 7 + shop}" for shop in (1, 2) for k, day in enumerate(DAYS)]
EXCEL = [45658 + k for k in range(30)]
FRACTIONS = [f"{1958 + (k + 0.5) / 12:.4f}" for k in range(30)]
DOTS = [f"{950 + 10 * k:,}".replace(",", ".") for k in range(30)]
CHANNELS = ["channel,x", *[f"{channel},{k}" for channel in (3, 4) for k in range(25)]]
OBEYED = {  # what is said, the cure that it names, and the first number after it
    "thousands": (day(DOTS), "1.000 in line 7 of x may be 1.000 or 1000", {"decimal": ","}, 950),
    "comma": (["n;a", *[f"x{k};1,{k}" for k in range(100, 130)]], "1,100 in line 2 of a may be",
              {"decimal": ".", "columns": ["a"]}, 1100),
    "missing": (changed(9, "2024-02-04,"), "a value is missing in line 9 of rain", {"fill": True}),
    "order": ([*lines()[:10], lines()[20], *lines()[10:20], *lines()[21:]],
              "2024-02-06 in line 12 comes after 2024-02-16 in line 11", {"sort": True}),
    **{f"mark {mark}": (day([*SMALL[:3], mark, *SMALL[4:]]),
                        rf"{mark} in line 5 of x looks like a mark .* Give missing=\[{mark}\]",
                        {"missing": [mark], "fill": True}, 0)
       for mark in (-200, 9999, -99.9, 65535)},
    "marks": (day([*SMALL[:3], -999, 9999, *SMALL[5:]]), r"Give missing=\[-999, 9999\]",
              {"missing": [-999, 9999], "fill": True}, 0),
    "no mark": (day([*SMALL[:3], -999, *SMALL[4:]]), r"if it is none", {"missing": []}, 0),
    "-1": (day([k / 10 if k % 8 else -1 for k in range(1, 31)]), "-1 in lines 9, 17 and 25",
           {"missing": -1, "fill": True}, 0.1),
    "word": (changed(5, "2024-01-31,off"), r"=\['off'\]", {"missing": "off", "fill": True}),
    "words": ([f"{line},{f'a{k}' if k else 'sky'}" for k, line in enumerate(lines())],
              "'a1' in line 2 of sky is no number", {"columns": ["rain"]}),
    "sensors": (SENSORS, "only={'id': 's.t'}", {"only": {"id": "s.t"}}, 21),
    "sensors, chosen": (SENSORS, "id has 2", {"only": {"id": "s.t"}, "columns": ["state"]}, 21),
    "epoch, second": (["x,t", *rows(NUMBERS, UNIX)], "numbers of t .* may be dates",
                      {"dates": {"t": "s"}}),
    "blocks": (CHANNELS, "only={'channel': '3'}", {"only": {"channel": 3}}, 0),
    "blocks with dates": (["date,shop,x", *LONG], "2024-01-28 is there twice, in lines 2 and 32.*"
                          "only={'shop': '1'}", {"only": {"shop": "1"}}, 1),
    **{f"{name} {column[0]}": ([f"{name},x", *rows(column)], "numbers of .* may be dates",
                               {"dates": {name or "column 1": form}})
       for name, column, form in (
           ("Date", EXCEL, "excel"), ("Datum", [f'"{k},25"' for k in EXCEL], "excel"),
           ("", EXCEL, "excel"),
           ("date", stamps("%d%m%Y", DAYS), "%d%m%Y"), ("timestamp", UNIX, "s"),
           ("a", [t * 1000 for t in UNIX], "ms"),
           *(("month", stamps(form, MONTHS), form) for form in ("%m.%Y", "%Y%m", "%Y.%m")))},
    **{f"{name}, no dates": ([f"{name},x", *rows(FRACTIONS)], "numbers of .* may be dates",
                             {"dates": {}, "columns": ["x"]}) for name in ("year", "n")},
    "no date": (["date,x", *rows([f"day {k}" for k in range(30)])],
                "'day 0' in line 2 of date is no number: .* dates as 2024", {"columns": ["x"]}),
}  # fmt: skip


@pytest.mark.parametrize("name", OBEYED)
def test_a_cure_works_when_it_is_obeyed(tmp_path, name):
    content, says, cure, *first = OBEYED[name]
    path = written(tmp_path, content)
    told = {key: cure[key] for key in ("columns",) if "chosen" in name}
    with pytest.raises(ValueError, match=says):
        read_table(path, **told)
    assert read_table(path, **cure).values[0, 0] == (first or NUMBERS)[0]


DOUBT = [f"{k:02}/{k + 1:02}/{year}" for year in (2024, 2025) for k in range(1, 12)]
REFUSED = {
    "twice": (changed(9, lines()[7]), "2024-02-03 is there twice, in lines 8 and 9"),
    "text": (["weather", *["rain", "sun"] * 15], r"it has one column of text \(weather: 'rain'\)"),
    "header only": (lines()[:1], "ought to hold names, with rows of numbers below"),
    "1.2M": (day(cycle("1.2M", "950.1K")), r"'1.2M' in line 2 of x .*plainly \(1200000 for 1.2M"),
    "inf": (changed(5, "2024-01-31,inf"), "'inf' in line 5 of rain is no number"),
    "no date": (changed(5, "today,12.5"), "'today' in line 5 of day is no date"),
    "29 February": (["year,month,day,x", *rows([f"2023,2,{k}" for k in range(1, 31)])],
                    "'2023-2-29' in line 30 of year month day is no date"),
    "no hour": (["date,hour,x", *rows([f"2024-01-01,{100 * k}" for k in range(30)])],
                "100 in line 3 of hour is no hour from 0 to 24"),
    "doubt": (["day,rain", *rows(DOUBT, NUMBERS[:22])], "01/02/2024 in day may be read"),
    "two-figure years": (lines("%y-%m-%d"), "24-01-28 in day may be read in two ways"),
    "two forms": ([*lines()[:16], *lines("%d.%m.%Y")[16:]], "'12.02.2024' in line 17 of day is no "
                  "date written as the others are, such as 2024-01-28 in line 2"),
    "units": ([lines()[0], "[d],mm", *lines()[1:]], r"'\[d\]' in line 2 of day is no date"),
    "title": (["Station North", *lines()], "line 1 has 1 cells .* Put a # before it"),
    "both": (["a;b", *[f"{k},25;{k}.5" for k in range(30)]], "writes numbers in two ways: 0.5 in"),
    "no names": (lines()[1:], "line 1 .* ought to hold names"),
    "years side by side": (["land,1990,1991", *rows(cycle("A", "B"), cycle("1,2"))],
                           r"line 1 .* with letters \(y2001\)"),
    "names twice": (["a,a", *rows(SMALL)], "several columns are called a"),
    "json": (['{"a": [1, 2]}'], "no CSV but JSON, HTML or XML"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_with_a_table_is_said(tmp_path, name):
    content, says = REFUSED[name]
    with pytest.raises(ValueError, match=says) as raised:
        read_table(written(tmp_path, content))
    assert str(raised.value).startswith("mine.csv: ") and str(raised.value)[-1] in ".?"


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"columns": ["Rain"]}, "no column 'Rain'; its columns are day, rain"),
        ({"columns": [9]}, "no column 9"), ({"columns": ["day"]}, "the dates are in day"),
        ({"columns": []}, "choose columns of numbers"), ({"dates": {"t": "s"}}, "no column 't'"),
        ({"dates": {"day": "%d.%m.%Y"}}, "'2024-01-28' in line 2 of day is not %d.%m.%Y"),
        ({"only": {"town": 1}}, "no column 'town'"),
        ({"only": {"day": "2024-01-28"}}, "it has 1 rows of that series"),
        ({"only": {"rain": "x"}}, "rain is never 'x'"), ({"decimal": ";"}, "decimal is ';'"),
        ({"missing": True}, "missing is True: give a list"),
        ({"dates": "day"}, "dates is 'day': give a dict"), ({"only": "rain"}, "only is 'rain'"),
        ({"encoding": "latin-99"}, "encoding is 'latin-99'"),
        ({"encoding": "utf-32"}, "is not utf-32: save it"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_said(tmp_path, how, says):
    with pytest.raises((TypeError, ValueError), match=says):
        read_table(written(tmp_path, lines()), **how)


def test_what_was_noticed_is_noted(tmp_path):
    content = [*lines()[:12], *lines()[14:]]
    content = [f"{n - 1},{line},7,{n if n % 7 - 2 else 'k'}" for n, line in enumerate(content)]
    content[0] = ",day,rain,time,k"
    table = read_table(written(tmp_path, content), missing=["k"], fill=True, columns=None)
    notes = " ".join(table.notes)
    for note in ("column 1 only counts the rows and was left out", "time is 7 in every row",
                 "02-07 and 2024-02-10 rows are missing", "read as a number"):  # fmt: skip
        assert note in notes
    assert notes in " ".join(repr(table).splitlines())
    assert "28 rows, 2024-01-28 to 2024-02-26, daily" in repr(table)


def test_holes_are_on_a_straight_line_and_ends_have_none(tmp_path):
    content = lines()
    content[8], content[9] = "2024-02-04,", "2024-02-05,NA"
    table = read_table(written(tmp_path, content), fill=True)
    left, right = NUMBERS[6], NUMBERS[9]
    assert table.values[7:9, 0] == pytest.approx([(2 * left + right) / 3, (left + 2 * right) / 3])
    assert "2 missing values were filled in: 6.7% of all." in table.notes
    for end in ([*lines()[:-1], "2024-02-26,"], [lines()[0], "2024-01-28,", *lines()[2:]]):
        with pytest.raises(ValueError, match="with a missing value, and there is no neighbour"):
            read_table(written(tmp_path, end), fill=True)


@pytest.mark.parametrize(
    ("column", "form", "due"),
    [
        ([45319 + k for k in range(30)], "excel", DAYS),
        ([2460337.5 + k for k in range(30)], "julian", DAYS),
        ([time * 10**9 for time in UNIX], "ns", HOURS),
        (stamps("%m.%Y", MONTHS), "%m.%Y", MONTHS),
    ],
)  # fmt: skip
def test_dates_are_read_as_told(tmp_path, column, form, due):
    table = read_table(written(tmp_path, ["t,x", *rows(column)]), dates={"t": form})
    assert table.dates.astype(datetime.datetime).tolist() == due


# --- a file, and the text in it ------------------------------------------------------------------

SAID = [
    ("\u5e73\u5747\u6c17\u6e29", "cp932"),
    ("\u0442\u0435\u043c\u043f\u0435\u0440\u0430\u0442\u0443\u0440\u0430", "cp1251"),
    ("\uae30\uc628", "cp949"), ("\u6eab\u5ea6", "big5"), ("Temp\u00e9rature", "cp1252"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "encoding"), SAID)
def test_an_encoding_in_doubt_is_chosen_by_who_can_read_it(tmp_path, name, encoding):
    path = written(tmp_path, lines(head=f"day,{name}"), encoding=encoding)
    with pytest.raises(ValueError, match="is not utf-8: give the encoding") as raised:
        read_table(path)
    [right] = re.findall(rf"(\w+) \('{name}'\)", str(raised.value))
    assert read_table(path, encoding=right).columns == [name]
    text = written(tmp_path, (300 * f"{name}. ").encode(encoding), "mine.txt")
    with pytest.raises(ValueError, match="Or save it as plain text in UTF-8"):
        read_text(text)
    assert read_text(text, encoding=encoding) == 300 * f"{name}. "


@pytest.mark.parametrize("read", [read_table, read_text])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04" + bytes(99), "is no text, but a packed or binary file"),
        (b"%PDF-1.7 abc", "is no text, but a packed or binary file"),
        (bytes(5000), "is no text"), (bytes(range(1, 32)) * 40, "is no text"), (b"", "is empty"),
        (b"\n \n\n", "is empty"), ("a,b".encode("utf-16") + b"\0", "is not utf-16"),
        (("day,rain\n" * 99).encode("utf-16-le"), "give encoding='utf-16-le'"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_by_both(tmp_path, read, content, says):
    with pytest.raises(ValueError, match=says):
        read(written(tmp_path, content))


@pytest.mark.parametrize("read", [read_table, read_text])
def test_a_path_that_leads_nowhere(tmp_path, read, monkeypatch):
    path = written(tmp_path, lines(), "measured.csv")
    for wrong, says in (
        (tmp_path / "measurd.csv", r"Did you mean measured\.csv"),
        (tmp_path / "nowhere" / "a.csv", r"There is no folder .*nowhere either"),
        (tmp_path, "is a folder"),
        (7, "path is"),
    ):
        with pytest.raises((OSError, ValueError, TypeError), match=says):
            read(wrong)
    monkeypatch.setattr(sequences.decoding, "LARGEST", 100)
    with pytest.raises(ValueError, match=r"more than \d+ MB is too much for a lesson"):
        read(path)


def test_a_text_has_plain_newlines_composed_letters_and_a_length(tmp_path):
    path = written(
        tmp_path, (300 * "Fru\u0308h ist es.\r\n" + "\rend").encode("utf-16"), "mine.txt"
    )
    assert read_text(path) == 300 * "Fr\u00fch ist es.\n" + "\nend"
    short = written(tmp_path, b"a few words", "short.txt")
    with pytest.raises(ValueError, match=r"short\.txt has 11 letters: .* 1,000 or more are needed"):
        read_text(short)
    assert read_text(short, at_least=5) == "a few words"
