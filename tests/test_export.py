"""A lesson exported by the plain commands of a teacher, opened with every outside request refused.

``jupyter nbconvert --execute --to html``, in a folder that holds nothing but the notebook.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import ipywidgets as widgets
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers import controls
from tests import browser_tools
from tests.notebook_tools import NOTEBOOKS, ROOT, kernel_environment, notebooks, start_again
from tests.test_site import REPLAY, step_through

LESSON = "01_the_hammered_iron_sheet"
# Two requests are nbconvert's own: for formulas, and for widgets that our page does not have.
OF_NBCONVERT = re.compile(r"https://cdnjs\.cloudflare\.com/ajax/libs/(require\.js|mathjax)/")
NOTHING_FROM_ELSEWHERE = ("--HTMLExporter.mathjax_url=", "--HTMLExporter.require_js_url=")

SMALL = [
    """\
import numpy as np
from helpers import figures
from helpers.replay import Replay
from ipywidgets import Dropdown, IntSlider, interact""",
    "frames = figures.sheet_frames(np.eye(4).cumsum(0), np.eye(4), 'Four blows'); Replay(frames)",
    "replay = Replay(frames, start=1)",
    """\
menu = Dropdown(options=[0, 3])
menu.observe(lambda change: replay.show(frames, start=change.new), "value")
display(menu, replay)""",
    "bench = interact(lambda n: print('n is', n), n=IntSlider(2, 0, 5))",
]


def export(folder: Path, name: str, *options: str) -> str:
    """Run nbconvert from ``folder``, as a teacher does in a terminal; return what it said."""
    command = [sys.executable, "-m", "nbconvert", "--execute", *options, f"{name}.ipynb"]
    environment = kernel_environment(folder / "scratch") | {"PYTHONPATH": str(ROOT)}

    def run() -> str:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
        )
        if done.returncode:
            raise RuntimeError(f"{done.stderr[:1000]}\n...\n{done.stderr[-2000:]}")
        return done.stdout + done.stderr

    return start_again(run)


def small_notebook(folder: Path, sources=SMALL) -> None:
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "small.ipynb")


def opened(page, watch, path: Path, *, may_ask: bool) -> None:
    """Open an exported page, use all of its players, and see that it asks for no widgets."""
    page.goto(path.as_uri())
    for replay in page.locator(REPLAY).all():
        step_through(replay)
    assert page.locator("script[type*=widget]").count() == 0
    asked = [url for url in watch.outside if not (may_ask and OF_NBCONVERT.match(url))]
    assert asked == []
    refused = "net::ERR" if may_ask else "(nothing may be refused)"
    assert [line for line in watch.console if refused not in line] == [] == watch.uncaught


@pytest.mark.deep
def test_the_plain_command_keeps_every_replay_of_a_lesson(browser, tmp_path):
    shutil.copy(NOTEBOOKS / f"{LESSON}.ipynb", tmp_path)
    export(tmp_path, LESSON, "--to", "html")
    page, watch = browser_tools.new_page(browser)
    opened(page, watch, tmp_path / f"{LESSON}.html", may_ask=True)
    saved = (NOTEBOOKS / f"{LESSON}.ipynb").read_text(encoding="utf-8")
    assert page.locator(REPLAY).count() == len(re.findall(r'"Replay of \d+ steps', saved)) > 0
    page.context.close()


@pytest.mark.deep
def test_a_page_that_asks_nothing_of_anybody(browser, tmp_path):
    """The command for a room without a network; what is no replay leaves its words."""
    small_notebook(tmp_path)
    export(tmp_path, "small", "--to", "html", *NOTHING_FROM_ELSEWHERE)
    page, watch = browser_tools.new_page(browser)
    opened(page, watch, tmp_path / "small.html", may_ask=False)
    assert page.locator(REPLAY).count() == 2
    said = page.locator(".sheet-control").all_inner_texts()
    assert said == [
        "This menu works in the notebook, with Python running.",
        "This slider works in the notebook, with Python running.",
    ]
    text = page.locator("main").inner_text()
    assert "n is 2" in text, "what the slider's function printed at first stays"
    assert "Dropdown(options" not in text.split("display(menu, replay)")[1]
    page.context.close()


@pytest.mark.deep
@pytest.mark.parametrize(
    ("to", "left"),
    [("markdown", ("sheet-replay", "Four blows", "This menu works")), ("latex", ("png",))],
)
def test_other_forms_keep_a_picture_and_words(tmp_path, to, left):
    """LaTeX is what becomes a PDF: it gets the filmstrip, and a sentence for each control."""
    small_notebook(tmp_path)
    export(tmp_path, "small", "--to", to)
    (path,) = [each for each in tmp_path.glob("small.*") if each.suffix in (".md", ".tex")]
    text = path.read_text(encoding="utf-8")
    assert all(part in text for part in left)
    assert "A control stands here while the notebook runs." in text or to == "markdown"
    assert "Dropdown(" not in text.replace("Dropdown(options=[0, 3])", "").split("observe")[-1]


# --- the rules behind it --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("widget", "said"),
    [
        (widgets.Dropdown(), "This menu works"),
        (widgets.HBox([widgets.Dropdown(), widgets.BoundedIntText()]), "This menu works"),
        (widgets.VBox([widgets.IntSlider(), widgets.Dropdown()]), "This menu and slider work"),
        (widgets.Text(), "This control works"),
        (
            widgets.Box(
                [widgets.Button(), widgets.HBox([widgets.Select(), widgets.FloatSlider()])]
            ),
            "This menu, slider and button work",
        ),
    ],
)
def test_a_control_is_named_by_what_it_holds(widget, said):
    assert f'<p class="sheet-control">{said} in the notebook' in controls.sentence(widget)


class Shell:
    """As much of IPython as asks for a request: the one that runs a cell."""

    def __init__(self, **content):
        self.kernel = self
        self.get_parent = lambda channel: {"content": content}


@pytest.mark.parametrize(
    ("content", "software", "watched"),
    [
        ({"code": "", "allow_stdin": True}, "", True),  # JupyterLab, VS Code
        ({"code": "", "allow_stdin": False}, "", False),  # nbconvert, nbclient
        ({"code": "", "allow_stdin": False}, "voila/0.5.8", True),
        ({}, "", True),  # a message of a widget: somebody moved it
    ],
)
def test_who_watches(monkeypatch, content, software, watched):
    monkeypatch.setenv("SERVER_SOFTWARE", software)
    monkeypatch.setattr(controls, "_shell", lambda: Shell(**content))
    assert controls.watched() is watched


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_lesson_has_a_replay_before_its_first_control(path):
    """A replay's import is what gives controls their sentence: no widget may be made before it."""
    book = nbformat.read(path, as_version=4)
    sources = [cell.source for cell in book.cells if cell.cell_type == "code"]
    makes = re.compile(r"import .*(Dropdown|Slider|interact|digit_menu|drawing_pad)|ipywidgets")
    first = next((n for n, source in enumerate(sources) if makes.search(source)), None)
    if first is not None:
        assert any("helpers.replay import" in source for source in sources[: first + 1])
