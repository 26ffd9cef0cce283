"""A notebook exported by the plain commands of a teacher, opened with outside requests refused.

``jupyter nbconvert --execute``, in a folder that holds nothing but the notebook.
"""

import subprocess
import sys

import pytest

from tests import browser_tools
from tests.browser_tools import REPLAY, step_through
from tests.notebook_tools import ROOT, kernel_environment, start_again, write_notebook

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


@pytest.mark.deep
def test_an_exported_page_plays_and_asks_nothing_of_anybody(browser, tmp_path):
    """The command for a room without a network; what is no replay leaves its words."""
    write_notebook(tmp_path / "small.ipynb", SMALL)
    command = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html"]
    environment = kernel_environment(tmp_path / "scratch") | {"PYTHONPATH": str(ROOT)}

    def run():
        done = subprocess.run(
            [*command, *NOTHING_FROM_ELSEWHERE, "small.ipynb"],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{done.stderr[:1000]}\n...\n{done.stderr[-2000:]}")

    start_again(run)
    page, watch = browser_tools.new_page(browser)
    page.goto((tmp_path / "small.html").as_uri())
    assert page.locator(REPLAY).count() == 2
    for replay in page.locator(REPLAY).all():
        step_through(replay)
    assert page.locator("script[type*=widget]").count() == 0 and watch.faults() == []
    assert page.locator(".sheet-control").all_inner_texts() == [
        "This menu works in the notebook, with Python running.",
        "This slider works in the notebook, with Python running.",
    ]
    text = page.locator("main").inner_text()
    assert "n is 2" in text, "what the slider's function printed at first stays"
    assert "Dropdown(options" not in text.split("display(menu, replay)")[1]
    page.context.close()
