"""The saved notebooks keep the rules of notebook_rules, and each rule refuses what it is for."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tests import notebook_rules as rules
from tests.notebook_tools import (
    ROOT,
    lessons,
    name_of,
    notebooks,
)
from tools.format_notebooks import CONTROL, METADATA, final_text, formatted

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


def test_lessons_together_are_small():
    size = sum(path.stat().st_size for path in LESSONS)
    assert size <= 6 * rules.LARGEST_NOTEBOOK, f"the lessons have {size / 2**20:.1f} MB together"


# --- the rules themselves -----------------------------------------------------------------------


def good_notebook():
    """Return a notebook that keeps every rule; each test below breaks one thing in it."""
    table = new_output("execute_result", data={"text/plain": "2"}, execution_count=2)
    return new_notebook(
        metadata=METADATA,
        cells=[
            new_markdown_cell("# Title\n\n## Part\n\n![words](there.png) and 1/2/3 [a](#part)"),
            new_code_cell("import sys", execution_count=1),
            new_code_cell("1 + 1", execution_count=2, outputs=[table]),
        ],
    )


def put(cell, **changes):
    """Return an edit that changes the fields of one cell."""
    return lambda notebook: notebook.cells[cell].update(changes)


def add_output(kind, data):
    return lambda notebook: notebook.cells[2].outputs.append(
        new_output("display_data", data={kind: data})
    )


WIDGET = "application/vnd.jupyter.widget-view+json"
BROKEN = [
    (rules.has_one_title, put(0, source="# Title\n\n### Too deep")),
    (rules.was_run_in_order, put(2, execution_count=7)),
    (rules.saved_no_errors, put(2, outputs=[new_output("stream", name="stderr", text="x")])),
    (rules.describes_pictures, put(0, source='# Title\n<img alt="" src="there.png">')),
    (rules.describes_pictures, add_output("text/html", "<p><img src='data:image/png;base64,A'>")),
    (rules.asks_for_nothing_elsewhere, put(0, source="# T\n![a](https://example.org/a.png)")),
    (rules.asks_for_nothing_elsewhere, add_output("text/html", "<img alt='a' src='//b.org/a'>")),
    (rules.links_lead_somewhere, put(0, source="# Title\n[a](nowhere.ipynb)")),
    (rules.keeps_no_paths, put(2, source="open('/home/ada/x.npz')")),
    (rules.keeps_no_paths, put(2, source=r"open('C:\\Users\\ada')")),
    (rules.is_small, add_output("text/html", "x" * (rules.LARGEST_TEXT_OUTPUT + 1))),
    (rules.has_known_tags, put(2, metadata={"tags": ["nbval-ignore-ouput"]})),
    (rules.has_short_cells, put(2, source="x = 1\n" * 11)),
]


def saved(notebook, folder):
    (folder / "there.png").write_bytes(b"")
    path = folder / "a.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize("rule", rules.EVERY_LESSON, ids=lambda rule: rule.__name__)
def test_rule_accepts_a_good_notebook(rule, tmp_path):
    notebook = good_notebook()
    assert list(rule(notebook, saved(notebook, tmp_path))) == []


@pytest.mark.parametrize(("rule", "edit"), BROKEN, ids=[rule.__name__ for rule, _ in BROKEN])
def test_rule_refuses_a_broken_notebook(rule, edit, tmp_path):
    notebook = good_notebook()
    edit(notebook)
    assert list(rule(notebook, saved(notebook, tmp_path)))


def test_every_rule_is_seen_to_refuse():
    assert {rule for rule, _ in BROKEN} == set(rules.EVERY_LESSON)


# --- the formatter ------------------------------------------------------------------------------


def noisy_notebook():
    """Return a notebook with everything that JupyterLab and running cells leave in one."""
    notebook = good_notebook()
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


@pytest.mark.parametrize(
    ("written", "shown"),
    [("a\rb\n", "b\n"), ("ab\b\bc", "c"), ("50%\r100%\r\n", "100%\n"), ("a\rb\rcd\nx", "cd\nx")],
)
def test_progress_lines_end_in_their_last_state(written, shown):
    assert final_text(written) == shown


@pytest.mark.deep
def test_execute_runs_offline_and_leaves_a_failing_notebook_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_NPZ", "somewhere.npz")
    asked = "import os\nos.environ['SHEET_OFFLINE'], os.environ.get('MNIST_NPZ')"
    slider = "import ipywidgets\nipywidgets.interact(lambda a: print('a', a), a=3);"
    path = saved(new_notebook(cells=[new_code_cell(asked), new_code_cell(slider)]), tmp_path)
    first, second = nbformat.reads(formatted(path.read_text(), run_in=tmp_path)[0], 4).cells
    assert first.outputs[0].data["text/plain"] == "('1', None)"
    assert [output.output_type for output in second.outputs] == ["stream", "display_data"]
    path = saved(new_notebook(cells=[new_code_cell("1 / 0")]), tmp_path)
    before = path.read_bytes()
    command = [sys.executable, ROOT / "tools" / "format_notebooks.py", "--execute", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr
    assert path.read_bytes() == before
