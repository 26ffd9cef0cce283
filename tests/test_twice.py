"""A learner goes back and runs a cell again: every lesson survives each of its cells run twice."""

import copy

import nbformat
import pytest

from tests.notebook_tools import SLOW_TAG, execute, name_of, notebooks


def doubled(notebook):
    """Return a copy in which each code cell stands twice, but those that train."""
    cells = []
    for cell in notebook.cells:
        again = cell.cell_type == "code" and SLOW_TAG not in cell.metadata.get("tags", [])
        cells += [copy.deepcopy(cell), copy.deepcopy(cell)] if again else [copy.deepcopy(cell)]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number:03}"
    return nbformat.from_dict({**notebook, "cells": cells})


@pytest.mark.parametrize("path", notebooks(), ids=name_of)
def test_every_cell_runs_twice(path, tmp_path):
    twice = execute(doubled(nbformat.read(path, as_version=4)), path.parent, tmp_path)
    said = [
        f"{cell.source.splitlines()[0]} ...\n{output.text}"
        for cell in twice.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    ]
    assert not said, "warnings when run twice:\n" + "".join(said)


def test_a_cell_that_does_not_survive_is_found(tmp_path):
    once = nbformat.v4.new_code_cell("state = [1]"), nbformat.v4.new_code_cell("state = state[0]")
    with pytest.raises(Exception, match="not subscriptable"):
        execute(doubled(nbformat.v4.new_notebook(cells=list(once))), tmp_path, tmp_path)


def test_a_cell_that_trains_runs_once(tmp_path):
    cell = nbformat.v4.new_code_cell("a = 0", metadata={"tags": [SLOW_TAG]})
    assert len(doubled(nbformat.v4.new_notebook(cells=[cell])).cells) == 1
