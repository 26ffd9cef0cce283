"""The sequences that come with the course: words of six languages, and carbon dioxide in the air.

helpers/data/README.md says where they are from; tools/sequence_data.py made the files.
"""

import csv
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data"
CO2_FILE = DATA / "co2.csv"  # for read_table: a file with all that files have, gaps among it


def load_words() -> tuple[list[str], list[str]]:
    """Return 3,862 words of 4 to 14 letters, and for each its language, one of six.

    Each word stands in the list of one language only. They come language by language: shuffle
    them before you set some aside.

    Returns
    -------
    words, languages : list of str
    """
    rows = _rows("words.csv")
    return [row["word"] for row in rows], [row["language"] for row in rows]


def load_co2() -> tuple[list[str], np.ndarray]:
    """Return the carbon dioxide in the air at Mauna Loa, month by month, 1958-03 to 2001-12.

    Each month is the mean of its weeks. Five months without a measurement lie on the straight
    line between their neighbours.

    Returns
    -------
    months : list of str, such as "1958-03"
    ppm : float64 (526,), parts per million
    """
    weeks = {}
    for row in _rows("co2.csv"):
        weeks.setdefault(row["week"][:7], []).append(float(row["ppm"] or "nan"))
    first, last = min(weeks), max(weeks)
    every = [f"{year}-{month:02}" for year in range(1958, 2002) for month in range(1, 13)]
    months = [month for month in every if first <= month <= last]
    known = {month: np.nanmean(ppm) for month, ppm in weeks.items() if not np.isnan(ppm).all()}
    places = [n for n, month in enumerate(months) if month in known]
    ppm = [known[months[n]] for n in places]
    return months, np.interp(np.arange(len(months)), places, ppm)


def _rows(name: str) -> list[dict]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
