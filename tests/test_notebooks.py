"""The saved notebooks keep the rules of notebook_rules; the formatter keeps what all can use."""

import subprocess
import sys
from copy import deepcopy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests import notebook_rules as rules
from tests.notebook_tools import ROOT, lessons, name_of, notebooks
from tools.format_notebooks import CONTROL, METADATA, formatted

LESSONS = lessons()
ALL = notebooks()


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_notebook_keeps_the_rules(path):
    kept = rules.EVERY_LESSON if path in LESSONS else rules.EVERY_NOTEBOOK
    notebook = read(path)
    faults = [fault for rule in kept for fault in rule(notebook, path)]
    assert not faults, "\n".join([name_of(path), *faults])


@pytest.mark.parametrize("path", LESSONS, ids=name_of)
def test_the_straight_way_is_short(path):
    assert [*rules.has_a_short_way(read(path), path)] == []


# --- the formatter ------------------------------------------------------------------------------

WIDGET = "application/vnd.jupyter.widget-view+json"


def noisy_notebook():
    """Return a notebook with everything that JupyterLab and running cells leave in one."""
    title, first, second = new_markdown_cell("# Title"), new_code_cell("a"), new_code_cell()
    notebook = new_notebook(cells=[title, first, second], metadata=deepcopy(METADATA))
    notebook.metadata.update(widgets={"state": {}}, toc={"base": 1})
    notebook.metadata["language_info"]["version"] = "3.12.1"
    cell = notebook.cells[2]
    cell.source = "a = 1  \r\n\n\tx"
    cell.metadata.update(execution={"iopub.status.idle": "now"}, tags=["slow"], collapsed=True)
    stream = {"output_type": "stream", "name": "stdout"}
    cell.outputs = [
        new_output(**stream, text="epoch 1\r"),
        new_output(**stream, text="epoch 2\rdone\nnext\n"),
        new_output("display_data", data={WIDGET: {"model_id": "1"}, "text/plain": "HBox()"}),
        new_output(
            "display_data",
            data={"image/png": "AAAA\nBBBB\n", "text/html": "<b>", "text/plain": "P"},
            metadata={"image/png": {"alt": "words"}, "text/html": {"a": 1}, "isolated": True},
        ),
        new_output("display_data", data={"text/html": "<table></table>"}),
        new_output("display_data", data={WIDGET: {"model_id": "2"}}),
    ]
    return notebook


def test_formatting_keeps_what_everyone_can_use():
    noisy = noisy_notebook()
    tidy = nbformat.reads(formatted(nbformat.writes(noisy))[0], as_version=4)
    assert tidy.metadata == METADATA
    assert [cell.id for cell in tidy.cells] == [cell.id for cell in noisy.cells]
    assert [cell.source for cell in tidy.cells] == [cell.source for cell in noisy.cells]
    cell = tidy.cells[2]
    assert cell.metadata == {"tags": ["slow"]}
    assert formatted(nbformat.writes(tidy)) == (nbformat.writes(tidy) + "\n", None)
    stream, control, picture, table = cell.outputs
    assert stream.text == "done\nnext\n"
    assert control.data == {"text/plain": CONTROL}
    assert picture.data == {"image/png": "AAAABBBB", "text/plain": "P"}
    assert picture.metadata == {"image/png": {"alt": "words"}}
    assert table.data == {"text/html": "<table></table>"}


def saved(folder, *sources):
    path = folder / "a.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


@pytest.mark.deep
def test_execute_runs_offline_and_leaves_a_failing_notebook_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_NPZ", "somewhere.npz")
    asked = "import os\nos.environ['SHEET_OFFLINE'], os.environ.get('MNIST_NPZ')"
    slider = "import ipywidgets\nipywidgets.interact(lambda a: print('a', a), a=3);"
    path = saved(tmp_path, asked, slider)
    first, second = nbformat.reads(formatted(path.read_text(), run_in=tmp_path)[0], 4).cells
    assert first.outputs[0].data["text/plain"] == "('1', None)"
    assert [output.output_type for output in second.outputs] == ["stream", "display_data"]
    path = saved(tmp_path, "1 / 0")
    before = path.read_bytes()
    command = [sys.executable, ROOT / "tools" / "format_notebooks.py", "--execute", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr
    assert path.read_bytes() == before
