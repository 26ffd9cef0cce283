"""The sequences that come with the course: words of six languages, and carbon dioxide in the air.

helpers/data/README.md says where they are from, and what was taken.
"""

from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "data"
CO2_FILE = DATA / "co2.csv"  # for read_table: a file with all that files have, gaps among it
BRACKETS_FILE = DATA / "brackets_torch.npz"  # the state_dict of a network of PyTorch


def load_words() -> tuple[list[str], list[str]]:
    """Return 3,862 words of 4 to 14 letters, and for each its language, one of six.

    Each word stands in the list of one language only. They come language by language: shuffle
    them before you set some aside.

    Returns
    -------
    words, languages : list of str
    """
    lines = (DATA / "words.csv").read_text(encoding="utf-8").split()[1:]
    languages, words = zip(*(line.split(",") for line in lines), strict=True)
    return list(words), list(languages)


def load_co2() -> tuple[list[str], np.ndarray]:
    """Return the carbon dioxide in the air at Mauna Loa, month by month, 1958-03 to 2001-12.

    Each month is the mean of its weeks. Five months without a measurement lie on the straight
    line between their neighbours.

    Returns
    -------
    months : list of str, such as "1958-03"
    ppm : float64 (526,), parts per million
    """
    import pandas as pd

    weeks = pd.read_csv(CO2_FILE, index_col="week", parse_dates=True)["ppm"]
    months = weeks.resample("MS").mean().interpolate()
    return months.index.strftime("%Y-%m").tolist(), months.to_numpy()
