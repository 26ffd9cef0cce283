"""The projector's size: letters that the last row reads, on a page that nothing leaves."""

import io
import itertools

import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from matplotlib.text import Text
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from helpers import figures, projector
from helpers.replay import Replay
from tests import browser_tools
from tests.test_figures_given import ARGUMENTS


@pytest.fixture
def large():
    """Switch the projector's size on, and leave no trace of it."""
    projector.projector()
    yield
    projector.projector(False)


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    before = dict(mpl.rcParams)
    yield
    monkeypatch.undo()
    projector._chosen = None
    projector.settle()
    assert dict(mpl.rcParams) == before


# --- figures --------------------------------------------------------------------------------------


def drawn_texts(figure):
    """Yield what a figure writes, and where, in pixels."""
    hidden = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if not ax.axison or not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                    hidden |= {tick.label1, tick.label2}
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in hidden:
            box = text.get_window_extent()
            if box.width >= 1:
                yield text, box


@pytest.fixture
def seen(monkeypatch):
    """Return a list that takes up each figure as it is drawn."""
    figures_seen = []
    enlarge = projector.enlarge

    def look(figure):
        enlarge(figure)
        figures_seen.append(figure)

    monkeypatch.setattr(projector, "enlarge", look)
    return figures_seen


@pytest.mark.parametrize(
    "name", ["pair_frames", *(pytest.param(n, marks=pytest.mark.deep) for n in ARGUMENTS)]
)
def test_every_picture_has_large_letters_and_cuts_none(name, large, seen):
    made = getattr(figures, name)(*ARGUMENTS[name])
    assert made.width <= projector.WIDTH + 1 and made.height <= projector.HEIGHT + 1
    assert made.width >= projector.WIDTH - 1 or made.height >= projector.HEIGHT - 1
    read_and_whole(made, *seen)


def overlap(a, b):
    """Whether two boxes share more than the room above and below letters."""
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    return across > 2 and min(a.y1, b.y1) - max(a.y0, b.y0) > 5


def read_and_whole(made, figure):
    """Every text of a figure has letters to be read from afar, lies within it and over no other."""
    texts = list(drawn_texts(figure))
    pairs = itertools.combinations(texts, 2)
    over = [(a.get_text(), b.get_text()) for (a, one), (b, two) in pairs if overlap(one, two)]
    assert not over
    for text, box in texts:
        size = text.get_fontsize() * figure.dpi / 72
        assert size >= projector.LETTERS - 0.1, (text.get_text(), size)
        assert box.x0 > -1 and box.x1 < made.width + 1, (text.get_text(), box)
        assert box.y0 > -1 and box.y1 < made.height + 1, (text.get_text(), box)


def sheet():
    return figures.sheet_picture([0.1, 0.9], "Two dents.")


def test_twice_is_as_good_as_once_and_off_is_as_before(capsys):
    usual = sheet()
    projector.projector()
    once = sheet()
    projector.projector()
    assert sheet().png == once.png and once.width > usual.width
    assert f"width:{once.width}px" in once._repr_mimebundle_()["text/html"]
    projector.projector(False)
    assert sheet().png == usual.png
    projector.projector(False)
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 4 and all(len(line) < 170 for line in told)
    assert "1280 x 720" in told[0] and "off" in told[3]


@pytest.mark.parametrize(("value", "on"), [("1", True), ("on", True), ("0", False), ("", False)])
def test_the_setting_needs_no_call_and_a_call_goes_before_it(value, on, monkeypatch):
    monkeypatch.setenv("SHEET_PROJECTOR", value)
    assert projector.is_on() is on
    projector.projector(not on)
    assert projector.is_on() is not on


def test_a_replay_of_pictures_that_are_made_already_is_shown_large(large):
    frames = figures.Frames([_png(200, 100)] * 2, ["a", "b"], 200, 100, "Made before")
    replay = Replay(frames)
    assert replay.frames["height"] == projector.HEIGHT == replay.frames["width"] / 2
    assert replay.frames["letters"] == projector.LETTERS
    assert f'"letters": {projector.LETTERS}' in replay.html()


def _png(width, height):
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


# --- in JupyterLab --------------------------------------------------------------------------------

CELLS = [
    "from helpers.projector import projector\nprojector()",
    "from helpers.figures import Frames, every_gate_frames, learning_curve, sheet_frames\n"
    "from helpers.replay import Replay\nimport numpy as np\n"
    "learning_curve({'loss': [2, 1], 'val_loss': [2, 1], 'accuracy': [.5, .7],"
    " 'val_accuracy': [.5, .6]})",
    "sheet = sheet_frames(np.eye(4), np.eye(4), 'Four blows')\nreplay = Replay(sheet)\nreplay",
    "from IPython.display import HTML\nHTML(replay.html())",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('A title'); plt.show()",
    "projector(False)",
    "Replay(sheet_frames(np.eye(4), np.eye(4), 'Four blows'))",
]
LOOK = """
() => [...document.querySelectorAll('.jp-Cell-outputArea')].map((area) => {
  const image = area.querySelector('img.sheet-step') || area.querySelector('img');
  const words = area.querySelector('.sheet-words:not([aria-hidden]), figcaption');
  const root = area.querySelector('.sheet-replay');
  return {
    image: image && [image.getBoundingClientRect().width, image.naturalWidth],
    high: (root || image || area).getBoundingClientRect().height,
    words: words && parseFloat(getComputedStyle(words).fontSize),
    wide: area.scrollWidth <= area.clientWidth + 1,
  };
})
"""


@pytest.mark.deep
def test_in_jupyterlab_letters_are_large_and_nothing_is_wider_than_the_page(browser, tmp_path):
    path = tmp_path / "large.ipynb"
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)
    with browser_tools.jupyter_server(path) as server:
        page, watch = browser_tools.new_page(browser, width=1280, height=720)
        browser_tools.open_notebook(page, server, path.name)
        assert browser_tools.run_all(page), browser_tools.outputs(page)
        shown_by_cell = page.evaluate(LOOK)
        visible = page.locator(".jp-WindowedPanel-outer").first.bounding_box()["height"]
        assert not watch.faults()
    called, picture, live, player, plot, off, usual = shown_by_cell
    for shown in (picture, live, player, plot):
        across, natural = shown["image"]
        assert across >= natural - 1, "shown smaller than it is drawn: so are its letters"
        assert shown["wide"]
    for shown in (picture, live, player):
        assert shown["image"][1] >= projector.WIDTH - 1
        assert shown["words"] >= projector.LETTERS
    assert max(live["high"], player["high"], picture["high"]) < visible, "all of it is in view"
    assert 850 < plot["image"][0] <= projector.WIDTH
    assert usual["words"] < projector.LETTERS and usual["image"][0] < 800
    assert called["image"] is None and off["image"] is None
