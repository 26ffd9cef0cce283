"""The saved solutions are right: nbval alone would hold a saved "Not yet" to be as it should."""

import nbformat
import pytest

from tests.notebook_tools import name_of, notebooks

SOLUTIONS = [path for path in notebooks() if path.parent.name == "solutions"]


@pytest.mark.parametrize("path", SOLUTIONS, ids=name_of)
def test_every_check_says_right(path):
    checks, verdicts = 0, []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            checks += cell.source.count("checks.") - cell.source.count("helpers.checks.")
            verdicts += [line for output in cell.outputs for line in verdicts_in(output)]
    assert checks and len(verdicts) >= checks
    assert [line for line in verdicts if not line.startswith("Right: ")] == []


def verdicts_in(output):
    lines = output.get("text", "").splitlines()
    return [line for line in lines if line.startswith(("Right: ", "Not yet: ", "Your turn: "))]
