"""The projector's size: letters that the last row reads, on a page that nothing leaves."""

import itertools

import matplotlib as mpl
import pytest
from matplotlib.text import Text

from helpers import figures, projector
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
    monkeypatch.setattr(
        projector, "enlarge", lambda figure: (enlarge(figure), figures_seen.append(figure))
    )
    return figures_seen


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[pytest.mark.deep] * (n != "hand_frames")) for n in ARGUMENTS],
)
def test_every_picture_has_large_letters_and_cuts_none(name, large, seen):
    made = getattr(figures, name)(*ARGUMENTS[name])
    assert made.width <= projector.WIDTH + 1 and made.height <= projector.HEIGHT + 1
    assert made.width >= projector.WIDTH - 1 or made.height >= projector.HEIGHT - 1
    read_and_whole(made, *seen)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_every_picture_of_usual_size_cuts_no_letters(name, seen):
    getattr(figures, name)(*ARGUMENTS[name])
    for figure in seen:
        for text, box in drawn_texts(figure):
            assert box.x0 > -1 and box.x1 < figure.bbox.x1 + 1, (text.get_text(), box)
            assert box.y0 > -1 and box.y1 < figure.bbox.y1 + 1, (text.get_text(), box)


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


def test_on_and_off_are_said_and_off_is_as_before(capsys):
    def sheet():
        return figures.sheet_picture([0.1, 0.9], "Two dents.")

    usual = sheet()
    projector.projector()
    once = sheet()
    assert once.width > usual.width
    assert f"width:{once.width}px" in once._repr_mimebundle_()["text/html"]
    projector.projector(False)
    assert sheet().png == usual.png
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2 and "1280 x 720" in told[0] and "off" in told[1]
