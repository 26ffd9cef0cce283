"""Words, a curve, windows; and a learner's own files, understood rightly or refused in words."""

import csv
import datetime
import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import sequences
from helpers.sequences import dates, read_table, read_text
from tests.notebook_tools import ROOT

# --- what comes with the course ------------------------------------------------------------------


def test_words_are_six_languages_apart():
    words, languages = sequences.load_words()
    assert len(words) == len(languages) == len(set(words)) == 3862
    assert set(languages) == {"English", "Finnish", "French", "German", "Indonesian", "Spanish"}
    assert all(re.fullmatch(r"[^\W\d_]{4,14}", word) and word.islower() for word in words)
    assert languages[words.index("zwischen")] == "German"
    assert languages[words.index("mutta")] == "Finnish"


def test_the_months_of_carbon_dioxide_are_the_means_of_their_weeks():
    months, ppm = sequences.load_co2()
    assert len(months) == len(ppm) == len(set(months)) == 526
    assert (months[0], months[-1]) == ("1958-03", "2001-12")
    with sequences.CO2_FILE.open(encoding="utf-8") as file:
        weeks = [row for row in csv.DictReader(file) if row["week"].startswith("1990-07")]
    mean = np.mean([float(row["ppm"]) for row in weeks])
    assert ppm[months.index("1990-07")] == pytest.approx(mean)
    hole = months.index("1964-03")  # from February to April nothing was measured
    assert np.ptp(np.diff(ppm[hole - 2 : hole + 3])) < 1e-9  # on one line, January to May


def test_the_data_name_where_they_are_from():
    text = (ROOT / "helpers" / "data" / "README.md").read_text(encoding="utf-8")
    for name in ("words.csv", "co2.csv", "stopwords-iso", "MIT", "Keeling", "public domain"):
        assert name in text


# --- windows -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "past", "ahead"), [(11, 3, 1), (9, 5, 2), (6, 5, 1)])
@pytest.mark.parametrize("features", [(), (2,)])
def test_windows_are_followed_by_what_they_have_not_seen(n, past, ahead, features):
    values = np.random.default_rng(n).normal(size=(n, *features))
    x, y = sequences.windows(values, past, ahead)
    assert x.shape == (n - past - ahead + 1, past, *features)
    assert y.shape == (n - past - ahead + 1, ahead, *features)
    for k, (seen, after) in enumerate(zip(x, y, strict=True)):
        np.testing.assert_array_equal(np.concatenate([seen, after]), values[k : k + past + ahead])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((np.zeros(5), 5), "has 5 steps: a window of 5 and 1 after it need 6"),
        ((np.zeros(5), 0), "past is 0"),
        ((np.zeros(5), 2, 1.5), "ahead is 1.5"),
        ((np.zeros((5, 2, 2)), 2), r"shape \(5, 2, 2\)"),
    ],
)
def test_windows_that_cannot_be_are_refused(arguments, says):
    with pytest.raises((TypeError, ValueError), match=says):
        sequences.windows(*arguments)


# --- a table of one's own ------------------------------------------------------------------------


def days(n, form="%Y-%m-%d", first=datetime.date(2024, 1, 28)):
    return [(first + datetime.timedelta(k)).strftime(form) for k in range(n)]


def numbers(n, seed=0):
    return np.random.default_rng(seed).normal(50, 9, n).round(2).tolist()


def lines(n=30, head="day,rain", form="%Y-%m-%d", mark=",", point="."):
    rows = [
        f"{day}{mark}{str(value).replace('.', point)}"
        for day, value in zip(days(n, form), numbers(n), strict=True)
    ]
    return [head.replace(",", mark), *rows] if head else rows


def written(tmp_path, content, name="mine.csv", encoding="utf-8"):
    path = tmp_path / name
    data = content if isinstance(content, bytes) else "\n".join(content).encode(encoding)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "dialect",
    [
        {},
        {"mark": ";"},
        {"mark": ";", "point": ","},
        {"mark": "\t"},
        {"mark": "|"},
        {"head": ""},
        {"form": "%d.%m.%Y"},
        {"form": "%d/%m/%Y"},
        {"form": "%m/%d/%Y"},
        {"form": "%Y/%m/%d"},
        {"form": "%Y%m%d"},
        {"form": "%d %b %Y"},
        {"form": "%Y-%m-%d %H:%M:%S"},
        {"form": "%Y-%m-%dT%H:%M"},
        {"form": "%d.%m.%Y", "mark": ";", "point": ",", "head": ""},
    ],
    ids=str,
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_same_table_in_every_dialect(tmp_path, dialect, encoding):
    table = read_table(written(tmp_path, lines(**dialect), encoding=encoding))
    assert table.values[:, 0].tolist() == numbers(30)
    assert table.dates.astype("datetime64[D]").astype(str).tolist() == days(30)
    assert table.columns == (["rain"] if dialect.get("head", "x") else ["column 2"])


@given(
    st.integers(20, 40), st.integers(1, 4), st.sampled_from(",;\t|"), st.booleans(),
    st.sampled_from([1e-3, 1.0, 1e5]), st.integers(0, 99),
)  # fmt: skip
def test_any_table_comes_back(tmp_path_factory, n, columns, mark, dated, scale, seed):
    values = (scale * np.random.default_rng(seed).normal(size=(n, columns))).round(6)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark)
    names = [f"\u00fc {k}, {mark}" for k in range(columns)]
    writer.writerow(["day", *names] if dated else names)
    for day, row in zip(days(n), values, strict=True):
        writer.writerow([day, *row] if dated else row)
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    table = read_table(path)
    np.testing.assert_allclose(table.values, values)
    assert table.columns == [name.strip() for name in names]
    assert (table.dates is not None) == dated


def changed(line, text, n=30, **how):
    made = lines(n, **how)
    made[line - 1] = text
    return made


REFUSED = {
    "missing": (changed(9, "2024-02-04,"), "a value is missing in line 9 of rain. Give fill=True"),
    "n/a": (changed(9, "2024-02-04,n/a"), "a value is missing in line 9"),
    "two": (
        [line.replace(",5", ",").split(".")[0] if k in (7, 8) else line
         for k, line in enumerate(changed(8, "2024-02-03,"))],
        "a value is missing in line 8 of rain",
    ),
    "order": (
        [*lines()[:10], lines()[20], *lines()[10:20], *lines()[21:]],
        "the dates are out of order: 2024-02-06 in line 12 comes after 2024-02-16 in line 11. Give "
        "sort=True",
    ),
    "newest first": ([lines()[0], *lines()[:0:-1]], "the newest row comes first. Give sort=True"),
    "twice": (changed(9, lines()[7]), "2024-02-03 is there twice, in lines 8 and 9"),
    "text": (["weather", *["rain", "sun"] * 15], r"it has one column of text \(weather: 'rain'\)"),
    "plain text": (["It rained all day, and then", "the sun came out"] * 15, "text"),
    "three rows": (lines(3), "it has 3 rows. That is too few"),
    "header only": (lines(0), "a line of names, and no row"),
    "words": (
        [f"{line},{'sky' if k == 0 else 'grey'}" for k, line in enumerate(lines())],
        r"the column sky holds words \('grey' in line 2\): leave it out, with columns",
    ),
    "a word": (changed(5, "2024-01-31,much"), "'much' in line 5 of rain is no number"),
    "unit": (changed(5, "2024-01-31,12 \u00b0C"), "'12 \u00b0C' in line 5 of rain has its unit"),
    "per cent": (changed(5, "2024-01-31,12%"), "has its unit"),
    "inf": (changed(5, "2024-01-31,inf"), "inf in line 5 of rain is no finite number"),
    "no date": (changed(5, "yesterday,12.5"), "'yesterday' in line 5 of day is no date"),
    "30 February": (changed(5, "2024-02-30,12.5"), "'2024-02-30' in line 5 of day is no date"),
    "date gone": (changed(5, ",12.5"), "date in line 5 is missing. Write it, or take the row out"),
    "doubt": (
        ["day,rain", *[f"{k:02}/{k + 1:02}/2024,{v}" for k, v in enumerate(numbers(11), start=1)],
         *[f"{k:02}/{k + 1:02}/2025,{v}" for k, v in enumerate(numbers(11), start=1)]],
        "01/02/2024 may be read with the day or with the month first",
    ),
    "longer line": (changed(7, "2024-02-02,1.5,2"), "line 7 has 3 cells where the others have 2"),
    "comma": (
        ["n;a", *[f"{k};1,{k:03}" for k in range(100, 130)]], "1,100 may be 1.100 or 1100",
    ),
    "both": (["a;b", *[f"{k},25;{k}.5" for k in range(30)]], "writes numbers in two ways"),
    "sentinel": (changed(9, "2024-02-04,-999"), "-999 in line 9 of rain looks like a mark"),
    "sentinel with a point": (changed(9, "2024-02-04,-999.9"), "-999.9 in line 9"),
    "sentinel above": (changed(9, "2024-02-04,9999"), "9999 in line 9 of rain looks like a mark"),
    "money": (["day,price", *[f"{day},${k}.5" for k, day in enumerate(days(30))]],
              r"'\$0.5' in price is no plain number"),
    "title": (["Station North", *lines()], "line 1 is a heading"),
    "total": (
        [*lines(), "Total,99"],
        "'Total' in line 32 of day is no date, while the others are. Is it a row of sums",
    ),
    "wide": ([",".join(map(str, range(300)))] * 30, "it has 300 columns"),
    "dates only": (["day", *days(30)], "dates and no column of numbers"),
    "quote": (changed(9, '2024-02-04,"12'), "quotation mark"),
    "two forms": (
        ["day,rain", *[f"{day},{v}" for day, v in zip(days(15), numbers(15), strict=True)],
         *[f"{day},{v}" for day, v in zip(days(15, "%d.%m.%Y"), numbers(15), strict=True)]],
        "the dates of day are not all written in one way: 2024-01-28 in line 2, and 28.01.2024 in "
        "line 17",
    ),
    "day and month first": (
        ["day,rain", *[f"{k:02}/01/2024,{k}" for k in range(13, 30)],
         *[f"02/{k:02}/2024,{k}" for k in range(13, 20)]],
        "not all written in one way: 13/01/2024 in line 2, and 02/13/2024 in line 19",
    ),
    "a month by its name": (changed(9, "4 Feb 2024,7"), "'4 Feb 2024'|4 Feb 2024 in line 9"),
    "notes only": (["# measured by hand", "# in 2024"], "it has no rows, only notes behind a #"),
    "sep only": (["sep=;"], "it has no rows"),
    "AM or PM": (
        ["when,x", *[f"{k}/5/2023 11:00 PM,{k}" for k in range(1, 13)],
         *[f"{k}/6/2023 1:00 AM,{k}" for k in range(1, 13)]],
        "1/5/2023 11:00 PM may be read with the day or with the month first",
    ),
    "names or values": (
        ["first,3", *[f"{word},{k}" for k, word in enumerate("abcdefghijklmnopqrstuvw")]],
        "line 1 may be names or values: first, 3. Put a line of names above",
    ),
    "sentinel among large": (
        ["x", *[str(200 * k) for k in range(25)], "-9999", "-9999", "4900"],
        r"-9999 in lines 27 and 28 of x looks like a mark .* missing=\[-9999\] if it is one, and "
        r"missing=\[\] if it is none",
    ),
    "sentinel among both signs": (
        ["t", *[f"{k - 12}.5" for k in range(25)], "-99.9"], "-99.9 in line 27 of t looks like",
    ),
    "two sentinels": (
        ["x", *[str(3 * k % 17) for k in range(25)], "-999", "9999"], "-999 in line 27 of x looks",
    ),
    "sentinel of a map": (["x", *map(str, range(25)), "1e+30"], r"1e\+30 in line 27 of x looks"),
    "small sentinel": (["x", *[f"0.{k}" for k in range(10, 35)], "-9.99"], "-9.99 in line 27 of x"),
    "sum without dates": (
        ["x", *map(str, range(25)), "Total"],
        "'Total' in line 27 of x is no number, and the file ends there. Is it a row of sums",
    ),
    "units": (
        ["day,t", "[d],deg C", *lines()[1:]],
        r"line 2 holds no numbers \('\[d\]'\): is it a second line of names, or one of units",
    ),
    "sentinel of 16 bits": (["x", *map(str, range(25)), "-32768"], "-32768 in line 27 of x looks"),
    "five missing": (
        [f"{line.split(',')[0]}," if k in (4, 7, 9, 12, 20) else line
         for k, line in enumerate(lines())],
        "5 values are missing in lines 5, 8, 10 and 2 more of rain",
    ),
    "missing in two columns": (
        [f"{line},{'y' if not k else '' if k in (3, 6) else k}" if k != 9 else "2024-02-05,,"
         for k, line in enumerate(lines())],
        r"a value is missing in line 10 of rain \(3 more in other columns\)",
    ),
    "a word offers columns": (
        changed(5, "2024-01-31,much"), r"leave the column out, with columns=\[...\]",
    ),
    "text in columns": (["a,b", *["sun,rain", "fog,snow"] * 15], "columns of text alone"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_with_a_table_is_said(tmp_path, name):
    content, says = REFUSED[name]
    path = written(tmp_path, content)
    with pytest.raises(ValueError, match=says) as raised:
        read_table(path)
    assert "mine.csv" in str(raised.value)
    assert str(raised.value)[-1] in ".?"


BYTES = {
    "xlsx": (b"PK\x03\x04" + bytes(99), "a packed file, such as Excel's xlsx"),
    "pdf": (b"%PDF-1.7 abc", "is a PDF, and no text"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(99), "is a picture"),
    "zeros": (bytes(5000), "is no text"),
    "noise": (bytes(range(1, 32)) * 40, "is no text"),
    "empty": (b"", "is empty"),
    "blank": (b"\n \n\n", "is empty"),
    "half": ("a,b".encode("utf-16") + b"\0", "begins as utf-16 and does not go on so"),
}


@pytest.mark.parametrize("read", [read_table, read_text])
@pytest.mark.parametrize("name", BYTES)
def test_what_is_no_text_is_refused_by_both(tmp_path, name, read):
    content, says = BYTES[name]
    with pytest.raises(ValueError, match=says):
        read(written(tmp_path, content))


@pytest.mark.parametrize("read", [read_table, read_text])
def test_a_path_that_leads_nowhere(tmp_path, read):
    written(tmp_path, lines(), "measured.csv")
    with pytest.raises(FileNotFoundError, match=r"Did you mean measured\.csv"):
        read(tmp_path / "measurd.csv")
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere either"):
        read(tmp_path / "nowhere" / "a.csv")
    with pytest.raises(ValueError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(TypeError, match="path is"):
        read(7)


def test_json_is_no_table(tmp_path):
    with pytest.raises(ValueError, match="no CSV but JSON, HTML or XML"):
        read_table(written(tmp_path, ['{"a": [1, 2]}']))


def test_holes_are_filled_with_a_straight_line_and_only_when_told(tmp_path):
    content = lines()
    content[8], content[9] = "2024-02-04,", "2024-02-05,NA"
    table = read_table(written(tmp_path, content), fill=True)
    left, right = numbers(30)[6], numbers(30)[9]
    assert table.values[7:9, 0] == pytest.approx([(2 * left + right) / 3, (left + 2 * right) / 3])
    assert "2 missing values were filled in: 6.7% of all." in table.notes
    for line in (1, -1):
        content = lines()
        content[line] = content[line].split(",")[0] + ","
        with pytest.raises(ValueError, match="with a missing value, and there is no neighbour"):
            read_table(written(tmp_path, content), fill=True)


def test_rows_are_sorted_when_told(tmp_path):
    shuffled = np.random.default_rng(1).permutation(lines()[1:]).tolist()
    table = read_table(written(tmp_path, ["day,rain", *shuffled]), sort=True)
    assert table.values[:, 0].tolist() == numbers(30)


def test_columns_are_chosen_by_name_and_number(tmp_path):
    content = [f"{line},{n if n else 'count'},{'grey' if n else 'sky'}"
               for n, line in enumerate(lines())]  # fmt: skip
    path = written(tmp_path, content)
    for columns in (["count", "rain"], [2, 1], (-2, "rain")):
        table = read_table(path, columns=columns)
        assert table.columns == ["count", "rain"]
        np.testing.assert_array_equal(table.values[:, 0], np.arange(1, 31))
    assert read_table(path, columns="rain").columns == ["rain"]
    for columns, says in ((["Rain"], "no column 'Rain'; its columns are day, rain, count, sky"),
                          ([9], "no column 9"), (["day"], "day holds the dates"),
                          (["sky"], "holds words")):  # fmt: skip
        with pytest.raises(ValueError, match=says):
            read_table(path, columns=columns)
    with pytest.raises(TypeError, match="columns is"):
        read_table(path, columns=[])


def test_times_in_a_column_of_their_own(tmp_path):
    hours = [f"2024-03-05,{k // 2:02}:{k % 2 * 30:02},{v}" for k, v in enumerate(numbers(30))]
    table = read_table(written(tmp_path, ["date,time,x", *hours]))
    assert table.columns == ["x"]
    assert str(table.dates[3]) == "2024-03-05T01:30:00"
    assert "2024-03-05 to 2024-03-05 14:30:00" in repr(table)


@pytest.mark.parametrize(
    ("first", "second", "due"),
    [
        ("1990-Q1", "1990-Q2", "1990-04-01T00:00:00"),
        ("Q4 1990", "Q1 1991", "1991-01-01T00:00:00"),
        ("1/25/2023 11:00 PM", "1/26/2023 1:00 AM", "2023-01-26T01:00:00"),
        ("25/01/2023 11:00 PM", "26/01/2023 1:00 AM", "2023-01-26T01:00:00"),
        ("31-Jan-24", "01-Feb-24", "2024-02-01T00:00:00"),
        ("2024-W05", "2024-W06", "2024-02-05T00:00:00"),
        ("Jan-58", "Feb-58", "1958-02-01T00:00:00"),
        ("30.01.58", "31.01.58", "1958-01-31T00:00:00"),
        ("01/30/24", "01/31/24", "2024-01-31T00:00:00"),
        ("2024\u5e741\u670831\u65e5", "2024\u5e742\u67081\u65e5", "2024-02-01T00:00:00"),
        ("20240131T2330", "20240201T0030", "2024-02-01T00:30:00"),
        ("202401312330", "202402010030", "2024-02-01T00:30:00"),
        ("2024-10-27T02:00+02:00", "2024-10-27T02:00+01:00", "2024-10-27T01:00:00"),
        ("2024-10-27T02:00+02:00", "2024-10-27T03:00+02:00", "2024-10-27T03:00:00"),
        ("1672900000", "1672900060", "2023-01-05T06:27:40"),
        ("1672900000000", "1672900060000", "2023-01-05T06:27:40"),
    ],
)
def test_dates_as_programs_write_them(first, second, due):
    read, doubt = dates.read([first, second], "timestamp")
    assert doubt is None
    assert read[1].isoformat() == due


def months(n, form="%m.%Y"):
    return [datetime.date(2019 + k // 12, k % 12 + 1, 1).strftime(form) for k in range(n)]


@pytest.mark.parametrize("form", ["%m.%Y", "%Y-%m", "%m/%Y", "%Y/%m", "%b %Y", "%Y%m", "%Y.%m"])
def test_months_are_dates(tmp_path, form):
    rows = [f"{month};{v}".replace(".", ",") if form == "%b %Y" else f"{month};{v}"
            for month, v in zip(months(30, form), numbers(30), strict=True)]  # fmt: skip
    table = read_table(written(tmp_path, ["month;x", *rows]))
    assert table.columns == ["x"]
    assert table.values[:, 0].tolist() == numbers(30)
    assert table.dates.astype("datetime64[M]").astype(str).tolist() == months(30, "%Y-%m")


def test_months_with_a_point_beside_decimal_commas(tmp_path):
    rows = [f"{month};{str(v).replace('.', ',')}"
            for month, v in zip(months(30), numbers(30), strict=True)]  # fmt: skip
    table = read_table(written(tmp_path, ["Monat;x", *rows]))
    assert table.values[:, 0].tolist() == numbers(30)
    assert str(table.dates[13]) == "2020-02-01T00:00:00"


def test_years_without_a_name(tmp_path):
    rows = [f"{1990 + k},{v}" for k, v in enumerate(numbers(30))]
    table = read_table(written(tmp_path, rows))
    assert table.columns == ["column 2"]
    assert str(table.dates[-1]) == "2019-01-01T00:00:00"
    assert "The first column was read as dates: 1990 is 1990-01-01." in table.notes
    assert "counts the rows" not in " ".join(table.notes)


@pytest.mark.parametrize("parts", [2, 3, 4])
def test_a_date_in_columns_of_its_own(tmp_path, parts):
    step = (30, 28, 1)[parts - 2]
    start = datetime.datetime(2024, 1, 1)
    due = [start + datetime.timedelta(**{"hours" if parts == 4 else "days": step * k})
           for k in range(30)]  # fmt: skip
    if parts == 2:
        due = [datetime.datetime(2020 + k // 12, k % 12 + 1, 1) for k in range(30)]
    rows = [
        ",".join(map(str, [7 * k, *(when.year, when.month, when.day, when.hour)[:parts], v]))
        for k, (when, v) in enumerate(zip(due, numbers(30), strict=True))
    ]
    head = ["station", *("Year", "Month", "Day", "Hour")[:parts], "x"]
    table = read_table(written(tmp_path, [",".join(head), *rows]))
    assert table.columns == ["station", "x"]
    assert table.dates.astype(datetime.datetime).tolist() == due
    with pytest.raises(ValueError, match="Month holds the dates"):
        read_table(written(tmp_path, [",".join(head), *rows]), columns=["x", "Month"])


def test_columns_that_are_no_date_together_are_numbers(tmp_path):
    rows = [f"{k},{k},{k + 1}" for k in range(30)]
    assert read_table(written(tmp_path, ["year,month,x", *rows])).columns[-1] == "x"


def test_a_time_before_its_date(tmp_path):
    hours = [f"{k % 12 + 1 - k % 12 * 0}:30 {'PM' if k > 11 else 'AM'},2024-03-05,{v}"
             for k, v in enumerate(numbers(24))]  # fmt: skip
    table = read_table(written(tmp_path, ["time,date,x", *hours]), sort=True)
    assert table.columns == ["x"]
    assert str(table.dates[0]) == "2024-03-05T00:30:00"


def test_a_table_without_names_loses_no_row(tmp_path):
    sky = ["sunny", "grey", "fog"]
    rows = [f"{day},{v},{sky[k % 3]}"
            for k, (day, v) in enumerate(zip(days(30), numbers(30), strict=True))]  # fmt: skip
    table = read_table(written(tmp_path, rows), columns=["column 2"])
    assert table.values[:, 0].tolist() == numbers(30)
    # Without dates or points, a word that comes again says that the row is none of names.
    rows = [f"{k % 7},{sky[k % 3]}" for k in range(30)]
    assert len(read_table(written(tmp_path, rows), columns=[0]).values) == 30
    # Years, one a column, are names.
    rows = [f"{k},{3 * k},{k + 5},land {k}" for k in range(30)]
    table = read_table(written(tmp_path, ["2001,2002,2003,country", *rows]), columns=["2002"])
    assert table.values[:, 0].tolist() == [3.0 * k for k in range(30)]
    rows = [f"{day},,{k}.5,grey" if k < 2 else f"{day},{k},{k}.5,grey"
            for k, day in enumerate(days(30))]  # fmt: skip
    with pytest.raises(ValueError, match="2 values are missing in lines 1 and 2"):
        read_table(written(tmp_path, rows), columns=[1])


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (["# t,x"], ["t", "x"]),
        (["# by hand", "#t, x"], ["t", "x"]),
        (["#,x"], ["column 1", "x"]),
        (["# Measured in the garden"], ["column 1", "column 2"]),
        (["# 1,2"], ["column 1", "column 2"]),
    ],
)
def test_names_behind_a_hash(tmp_path, head, names):
    rows = [f"{2 * k},{v}" for k, v in enumerate(numbers(30))]
    table = read_table(written(tmp_path, [*head, *rows, "# the end, of it"]))
    assert table.columns == names
    assert len(table.values) == 30
    assert any("behind a #" in note for note in table.notes) == ("column 2" not in names)
    # With a line of names, the notes above it are notes.
    table = read_table(written(tmp_path, ["# a,b", "t,x", *rows]))
    assert table.columns == ["t", "x"]


def test_numpys_own_heading(tmp_path):
    values = np.random.default_rng(2).normal(size=(25, 3)).round(3)
    np.savetxt(tmp_path / "a.txt", values, header="u v w", fmt="%.3f")
    table = read_table(tmp_path / "a.txt")
    assert table.columns == ["u", "v", "w"]
    np.testing.assert_allclose(table.values, values)


@pytest.mark.parametrize("zero", ["0,123", "-0,123"])
def test_a_zero_before_the_comma_says_what_it_is(tmp_path, zero):
    rows = [f"{k};{zero if k == 4 else f'{k},{200 + k}'}" for k in range(1, 31)]
    table = read_table(written(tmp_path, ["n;a", *rows]), columns=["a"])
    assert table.values[3, 0] == float(zero.replace(",", "."))
    assert table.values[4, 0] == 5.205


def test_numbers_with_blanks_and_apostrophes(tmp_path):
    rows = [f"1 {200 + k},5;1'{200 + k};2\u2019{200 + k}" for k in range(30)]
    table = read_table(written(tmp_path, ["a;b;c", *rows]))
    assert table.values[1].tolist() == [1201.5, 1201, 2201]


@pytest.mark.parametrize("missing", [-999, [-999], (-999.0, "gap"), {"gap", -999}])
def test_marks_for_missing_values_are_given(tmp_path, missing):
    content = changed(9, "2024-02-04,-999")
    if not isinstance(missing, int | list):
        content[20] = content[20].split(",")[0] + ",gap"
    table = read_table(written(tmp_path, content), missing=missing, fill=True)
    assert table.values[7, 0] == pytest.approx(np.mean([numbers(30)[6], numbers(30)[8]]))
    with pytest.raises(TypeError, match=r"missing is True: give a list of marks, such as \[-999\]"):
        read_table(written(tmp_path, content), missing=True)


def test_a_number_that_is_no_mark_can_be_said_to_be_none(tmp_path):
    table = read_table(written(tmp_path, changed(9, "2024-02-04,-999")), missing=[])
    assert table.values[7, 0] == -999
    # Within the others, 99 is a number like them.
    values = [str(k) for k in range(80, 120)]
    assert read_table(written(tmp_path, ["x", *values])).values[19, 0] == 99


def test_names_that_come_twice_or_not_at_all(tmp_path):
    rows = [f"{k},{2 * k},{3 * k},{4 * k},{5 * k}" for k in range(30)]
    table = read_table(written(tmp_path, ["a,a,a (2),a,", *rows]))
    assert table.columns == ["a", "a (2)", "a (2) (2)", "a (3)", "column 5"]
    notes = " ".join(table.notes)
    assert "Several columns are called a; one of them is now a (3)." in notes
    assert "A column without a name is now called column 5." in notes


def test_too_many_rows_and_letters_are_named(tmp_path, monkeypatch):
    from helpers.sequences import decoding, tables, texts

    path = written(tmp_path, lines())
    monkeypatch.setattr(tables, "MOST_ROWS", 29)
    with pytest.raises(ValueError, match="it has 31 rows, and 29 are the most"):
        read_table(path)
    monkeypatch.setattr(texts, "MOST", 300)
    with pytest.raises(ValueError, match="letters: 300 are the most"):
        read_text(path, at_least=9)
    monkeypatch.setattr(decoding, "LARGEST", 100)
    for read in (read_table, read_text):
        with pytest.raises(ValueError, match=r"more than \d+ MB is too much for a lesson"):
            read(path)


def test_a_date_that_comes_twice_is_found_after_sorting(tmp_path):
    content = [*lines(), lines()[5]]
    with pytest.raises(ValueError, match="2024-02-01 is there twice, in lines 6 and 32"):
        read_table(written(tmp_path, content), sort=True)


def test_two_bytes_a_letter_without_a_mark(tmp_path):
    path = written(tmp_path, lines(), encoding="utf-16-le")
    assert read_table(path).notes[0] == "It was read as UTF-16."
    broken = written(tmp_path, "a,b\n".encode("utf-16-le") + b"\x00\xd8\x41\x00", "half.csv")
    with pytest.raises(ValueError, match="is no text: save it as CSV"):
        read_table(broken)


@pytest.mark.parametrize("first", [["sep=;"], []])
def test_excels_first_line_names_the_mark(tmp_path, first):
    table = read_table(written(tmp_path, [*first, *lines(mark=";", point=",")]))
    assert table.values[:, 0].tolist() == numbers(30)


def test_blanks_between_numbers(tmp_path):
    rows = [f" {k}   {v}" for k, v in enumerate(numbers(30))]
    table = read_table(written(tmp_path, ["t  x", *rows]))
    assert table.values[:, 1].tolist() == numbers(30)


def test_a_point_that_may_be_one_of_thousands_is_noted(tmp_path):
    rows = [f"{k + 1}.{200 + k};{k}" for k in range(30)]
    table = read_table(written(tmp_path, ["people;k", *rows]))
    assert "1.200 in people was read with a decimal point. If it is 1200" in " ".join(table.notes)


def test_what_was_noticed_is_noted(tmp_path):
    content = [line for n, line in enumerate(lines(40)) if n not in (12, 13)]
    content = [f"{n - 1 if n else ''},{line},7" for n, line in enumerate(content)]
    table = read_table(written(tmp_path, content))
    notes = " ".join(table.notes)
    assert "only counts the rows and was left out" in notes
    assert "Between 2024-02-07 and 2024-02-10 rows are missing" in notes
    assert "is 7 in every row" in notes
    assert notes in " ".join(repr(table).splitlines())
    assert "38 rows, 2024-01-28 to 2024-03-07, daily" in repr(table)


def test_numbers_as_people_write_them(tmp_path):
    content = ["a|b", *[f"1,234,{k:03}.5|{k}e-3" for k in range(100, 130)]]
    table = read_table(written(tmp_path, content))
    np.testing.assert_allclose(table.values[:, 0], 1_234_000.5 + np.arange(100, 130))
    np.testing.assert_allclose(table.values[:, 1], np.arange(100, 130) / 1000)


# --- a text of one's own -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding", "noted"),
    [
        ("Fr\u00fch \u00e0 l'\u00e9t\u00e9, na\u00efve. ", "utf-8", ""),
        ("Fr\u00fch \u00e0 l'\u00e9t\u00e9, na\u00efve. ", "utf-16", ""),
        ("Fr\u00fch \u00e0 l'\u00e9t\u00e9, na\u00efve. ", "cp1252", "cp1252"),
        ("\u6211\u770b\u5230\u4e00\u53ea\u72d7\u3002", "gb18030", "GB18030"),
        ("2024\u5e741\u67083\u65e5: 12\u5ea6. ", "gb18030", "GB18030"),
        ("\u6211\u770b\u5230\u4e00\u53ea\u72d7\u3002", "utf-8", ""),
        ("Stra\u00dfe, Gr\u00fc\u00dfe, 20 \u00b0C, 5 m\u00b2. ", "cp1252", "cp1252"),
        ("plain ascii, all of it. ", "ascii", ""),
    ],
)
def test_a_text_in_any_encoding(tmp_path, capsys, text, encoding, noted):
    path = written(tmp_path, (300 * text + "\r\nend").encode(encoding), "mine.txt")
    assert read_text(path) == 300 * text + "\nend"
    said = capsys.readouterr().out
    assert (noted in said) if noted else said == ""


def test_letters_are_composed(tmp_path):
    path = written(tmp_path, ("u\u0308" * 2000).encode(), "mine.txt")
    assert set(read_text(path)) == {"\u00fc"}


def test_a_text_that_is_too_short(tmp_path):
    path = written(tmp_path, b"a few words", "mine.txt")
    with pytest.raises(ValueError, match=r"mine\.txt has 11 letters: .* 1,000 or more are needed"):
        read_text(path)
    assert read_text(path, at_least=5) == "a few words"
