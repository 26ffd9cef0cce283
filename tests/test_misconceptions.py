"""docs/misconceptions.md says where each wrong idea is met; here it is held to the lessons."""

import re

import nbformat
import pytest

from helpers import checks
from helpers.checks import ANSWERS
from tests.notebook_tools import ROOT, lessons

PAGE = ROOT / "docs" / "misconceptions.md"
ROWS = [
    [cell.strip() for cell in line.strip("|\n").split(" | ")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if re.match(r"\| \d+ \|", line)
]


def sections(number):
    """Return a lesson's code by heading, as {heading: source of the code cells below it}."""
    [path] = [path for path in lessons() if path.name.startswith(f"{int(number):02}_")]
    found, heading = {}, None
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if match := re.match(r"#{2,} (.*)", line):
                    heading = match[1].strip()
                    found[heading] = ""
        elif heading:
            found[heading] += cell.source + "\n"
    return found


def test_all_fifteen_are_there():
    assert [int(row[0]) for row in ROWS] == list(range(1, 16))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip())
def test_each_is_met_by_an_experiment_and_an_exercise(row):
    _, _, experiment, exercise, check, says = row
    number, heading = experiment.split(", ", 1)
    assert sections(number)[heading].strip(), "the section has no code to run"
    number, heading = exercise.split(", ", 1)
    name = check.strip("`")
    called = f'checks.answer("{name}"' if name in ANSWERS else f"checks.{name}("
    assert called in sections(number)[heading]
    if name in ANSWERS:
        sentences = list(ANSWERS[name].wrong.values())
    else:
        [judged] = [one for one in checks.EXERCISES if one.name == name]
        sentences = [*(idea.sentence for idea in judged.wrong), *judged.stops.values()]
    assert any(says in sentence for sentence in sentences)
