"""The page of results and the README say what the committed measurements say, and no more."""

import json
import re
import sys

import pytest

from tests.notebook_tools import ROOT

BENCHMARKS = ROOT / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import page  # noqa: E402
import record  # noqa: E402

RESULTS = sorted((BENCHMARKS / "results").glob("*.json"))


def test_the_page_is_what_the_results_make():
    assert page.PAGE.read_text() == page.page(), "run: uv run python benchmarks/record.py"


def test_the_readme_shows_the_results_as_they_are():
    readme = page.README.read_text()
    assert page.with_block(readme) == readme, "run: uv run python benchmarks/record.py"
    assert readme.count("<!-- results -->") == 1


def test_every_picture_of_the_page_is_there_with_words():
    shown = re.findall(r"!\[([^]]*)\]\(([^)]+)\)", page.PAGE.read_text())
    files = sorted(path.name for path in page.PICTURES.glob("*.png"))
    assert sorted(link.split("/")[-1] for _, link in shown) == files
    assert all(len(words) > 40 for words, _ in shown)


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_result_says_where_when_and_with_what_it_was_measured(path):
    saved = json.loads(path.read_text())
    about = saved["about"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", about["date"])
    assert about["processor"]
    assert about["versions"]["numpy"]
    if "runs" not in saved:  # the ingredients keep their own file as they go
        script, *options = record.COMMANDS[path.stem]
        assert saved["command"] == " ".join(["python", f"benchmarks/{script}", *options])


def test_every_benchmark_that_is_recorded_is_a_script():
    for script, *_ in record.COMMANDS.values():
        assert (BENCHMARKS / script).is_file()


def test_the_weights_files_say_what_their_table_says():
    text = page.PAGE.read_text()
    readme = (ROOT / "helpers" / "data" / "README.md").read_text()
    import numpy as np

    for file in (ROOT / "helpers" / "data").glob("*.npz"):
        with np.load(file) as arrays:
            about = json.loads(arrays["about"].item())
        row = next(line for line in readme.splitlines() if f"`{file.name}`" in line)
        assert about["command"] in row
        assert f"{about['accuracy']:.2%}" in row
        assert f"{about['accuracy']:.2%}" in text
