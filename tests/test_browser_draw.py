"""Draw a digit with the mouse, upload one, choose one by the keyboard: the replay reads each."""

import io
import math

import nbformat
import pytest
from nbformat.v4 import new_notebook
from PIL import Image, ImageDraw

from tests import browser_tools
from tests.notebook_rules import code_cells
from tests.notebook_tools import NOTEBOOKS
from tests.test_browser import faults_in, opened, server  # noqa: F401 (fixtures)
from tools.format_notebooks import METADATA

LESSON = NOTEBOOKS / "07_inside_the_trained_network.ipynb"


@pytest.fixture
def drawing(browser, server, tmp_path):  # noqa: F811
    """Open and run the cells of lesson 7 with which a learner draws, and what they need."""
    cells = code_cells(nbformat.read(LESSON, as_version=4))
    imports = cells[1]
    pad = [cell for cell in cells if "mine" in cell.source]
    assert "drawing_pad" in pad[-1].source and len(pad) == 2
    notebook = new_notebook(cells=[imports, *pad], metadata=METADATA)
    nbformat.write(notebook, server.root / "draw.ipynb")
    with opened(browser, server, "draw.ipynb", tmp_path) as (page, watch):
        assert browser_tools.run_all(page)
        yield page
        assert faults_in(page) + watch.faults() == []


def replay_says(page, words, timeout=20_000):
    """Wait until the replay's words begin so."""
    page.wait_for_function(
        """words => [...document.querySelectorAll('div.sheet-replay .sheet-words')]
        .some(said => said.textContent.startsWith(words))""",
        arg=words,
        timeout=timeout,
    )


def drag(page, points):
    """Press the mouse at the first point of the paper (0..1 across and down), and draw on."""
    canvas = page.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for number, (across, down) in enumerate(points):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        if number == 0:
            page.mouse.down()
        page.wait_for_timeout(8)
    page.mouse.up()


def line(start, end, steps=12):
    return [tuple(a + (b - a) * n / steps for a, b in zip(start, end, strict=True))
            for n in range(steps + 1)]  # fmt: skip


def ring(steps=36):
    turns = [2 * math.pi * n / steps for n in range(steps + 1)]
    return [(0.5 - 0.22 * math.sin(turn), 0.5 - 0.36 * math.cos(turn)) for turn in turns]


def wait_for_paper(page, dark):
    """Wait until the paper has what the kernel drew; return its number of dark pixels."""
    return page.wait_for_function(
        f"""() => {{ const canvas = document.querySelector("canvas");
        const {{ data }} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const dark = data.filter((value, n) => n % 4 === 0 && value < 100).length;
        return {dark} && dark + 1; }}"""
    ).json_value()


def test_a_drawn_digit_is_read_and_replayed(drawing):
    replay_says(drawing, "After row 28 of 28 the reader believes 7")  # before anything is drawn
    drag(drawing, ring())
    replay_says(drawing, "After row 28 of 28 the reader believes 0")
    with_ring = wait_for_paper(drawing, "dark > 2000")
    drag(drawing, line((0.5, 0.15), (0.5, 0.85)))  # a second stroke comes on top of the first
    wait_for_paper(drawing, f"dark > {with_ring + 200}")
    drawing.get_by_role("button", name="Clear the paper").click()
    wait_for_paper(drawing, "dark < 50")
    drag(drawing, line((0.5, 0.2), (0.5, 1.3)))  # one that leaves the paper
    replay_says(drawing, "After row 28 of 28 the reader believes 1")


def upload(page, name, data):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload a picture").click()
    chooser.value.set_files({"name": name, "mimeType": "image/png", "buffer": data})


@pytest.mark.deep
def test_a_picture_is_uploaded(drawing):
    picture = Image.new("RGB", (300, 400), "white")
    ImageDraw.Draw(picture).ellipse((90, 80, 210, 320), outline=(20, 20, 90), width=24)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    upload(drawing, "zero.png", buffer.getvalue())
    replay_says(drawing, "After row 28 of 28 the reader believes 0")
    found = drawing.get_by_role("img", name="Framed on the picture: what was taken for the digit.")
    found.wait_for()
    # Beside the paper, not below it: whoever uploads sees at once what was found.
    box, paper = found.bounding_box(), drawing.locator("canvas").first.bounding_box()
    assert box["width"] > 200 and box["x"] > paper["x"] + paper["width"]
    assert box["y"] < paper["y"] + paper["height"]

    upload(drawing, "zero.png", b"no picture")
    drawing.get_by_text("This file is no picture that can be read").wait_for()
    assert found.count() == 0


@pytest.mark.deep
def test_a_digit_is_chosen_by_the_keyboard(drawing):
    drawing.get_by_label("Digit", exact=True).focus()
    drawing.keyboard.press("0")
    replay_says(drawing, "After row 28 of 28 the reader believes 0")
    words = drawing.locator("div.sheet-replay .sheet-words").first
    before = words.text_content()
    drawing.get_by_label("Number", exact=True).focus()
    drawing.keyboard.press("ArrowUp")
    drawing.wait_for_function(
        "([words, before]) => words.textContent !== before", arg=[words.element_handle(), before]
    )
