"""Every lesson in a real JupyterLab in a real browser, used as a learner uses it.

Every cell is run, and run again; every replay is stepped and played, every slider, menu, button and
canvas is used once; nothing may raise, warn, jump, or ask for anything outside this computer.
"""

import contextlib
import copy
import io
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from helpers.figures import Frames
from helpers.replay import Replay
from tests import browser_tools
from tests.browser_tools import REPLAY
from tests.notebook_tools import NOTEBOOKS, SLOW_TAG, lessons, name_of, write_notebook

# An output as the notebook itself shows it; one inside a widget's own output area is not counted.
OUTPUT = ".jp-Cell-outputArea > .jp-OutputArea-child > .jp-OutputArea-output"
# The player on a plain page looks the same but is HTML; it is not live.
LIVE_REPLAY = f"{OUTPUT}:not(.jp-RenderedHTMLCommon) {REPLAY}"
NESTED_REPLAY = f".jp-OutputArea-output .jp-OutputArea-output {REPLAY}"


@pytest.fixture(scope="module")
def server():
    with browser_tools.jupyter_server(NOTEBOOKS) as server:
        yield server


@contextlib.contextmanager
def opened(browser, server, name, folder):
    """Open a notebook in a page of its own; on failure leave a picture of it in ``folder``."""
    page, watch = browser_tools.new_page(browser)
    try:
        browser_tools.open_notebook(page, server, name)
        yield page, watch
    except BaseException:
        with contextlib.suppress(Exception):
            page.screenshot(path=folder / "page.png")
        print(f"a picture of {name} is in {folder}; seen meanwhile: {watch.faults()}")
        raise
    finally:
        page.context.close()
        server.close_kernels()


# Trainings as they are in the lesson are run by nbval.
FEWER_DIGITS = """\
from helpers import reader
reader.train_reader = lambda model, x, y, *, whole=reader.train_reader, **how: whole(
    model, x[:400], y[:400], **how)"""


def doubled(notebook):
    """Return a copy in which each code cell that does not train runs before its own place, too.

    A learner goes back and runs a cell again. What the first run shows is not kept.
    """
    trains = any("train_reader(" in cell.source for cell in notebook.cells)
    cells = [new_code_cell(FEWER_DIGITS)] if trains else []
    for cell in notebook.cells:
        magic = cell.source.startswith(("%", "!"))
        if cell.cell_type == "code" and not magic and SLOW_TAG not in cell.metadata.get("tags", []):
            cells.append(new_code_cell(f"%%capture\n{cell.source}"))
        cells.append(copy.deepcopy(cell))
    return new_notebook(cells=cells, metadata=notebook.metadata)


QUICK = "00_start_here"
LESSONS = [
    pytest.param(path, marks=[] if path.stem == QUICK else [pytest.mark.deep], id=name_of(path))
    for path in lessons()
]


@pytest.mark.parametrize("path", LESSONS)
def test_lesson_works_in_jupyterlab_and_each_cell_twice(path, browser, server, tmp_path):
    nbformat.write(doubled(nbformat.read(path, as_version=4)), server.root / path.name)
    with opened(browser, server, path.name, tmp_path) as (page, watch):
        browser_tools.run_all(page)
        assert faults_in(page) == []
        replays = live_replays(page)
        use_controls(page)
        assert faults_in(page) == []
        for replay in replays:
            use_replay(page, replay)
        browser_tools.settle(page)
        assert faults_in(page) + watch.faults() == []


def faults_in(page) -> list[str]:
    """Return what the notebook's outputs show that no learner should meet."""
    faults = []
    for kind in ("error", "stderr"):
        red = page.locator(f'[data-mime-type="application/vnd.jupyter.{kind}"]')
        faults += [f"{kind}: {text.strip()[-500:]}" for text in red.all_inner_texts()]
    faults += [
        f"a widget that does not come up: {text[:200]}"
        for text in page.locator(OUTPUT).all_inner_texts()
        if re.search(r"Error (displaying|creating) widget|model not found", text)
    ]
    faults += [f"a question: {text}" for text in page.locator(".jp-Dialog").all_inner_texts()]
    return faults


def live_replays(page) -> list:
    """Return every replay on the page, after a look that each saved by the kernel is live."""
    promised = sum(
        len(
            re.findall(
                r"\b(?:Replay|View) of \d+ steps?\b", "".join(output["data"].get("text/plain", ""))
            )
        )
        for output in browser_tools.outputs(page)
        if "data" in output
    )
    live = page.locator(LIVE_REPLAY).count() - page.locator(NESTED_REPLAY).count()
    assert live == promised, f"{live} live replays on the page, {promised} in the outputs"
    return page.locator(REPLAY).all()


def use_replay(page, replay) -> None:
    """Step and play one replay; every step has its picture, its words and its size."""
    assert re.match(r"Replay: \S", replay.get_attribute("aria-label") or "")
    steps = browser_tools.step_through(replay)
    assert steps >= 2
    count, slider = replay.locator("output"), replay.get_by_label("Time step")
    replay.get_by_label("Previous step").click()
    assert count.inner_text() == f"{steps - 1} / {steps}"
    replay.get_by_label("Next step").click()
    assert count.inner_text() == f"{steps} / {steps}"
    slider.fill(slider.get_attribute("min"))
    assert count.inner_text() == f"1 / {steps}"

    speed, play = replay.get_by_label("Speed"), replay.get_by_label("Play")
    speed.select_option(index=speed.locator("option").count() - 1)
    play.click()
    page.wait_for_function(
        "root => !root.querySelector('output').textContent.startsWith('1 ')",
        arg=replay.element_handle(),
    )
    with contextlib.suppress(Exception):  # a short replay may have come to its end by now
        replay.get_by_label("Pause").click(timeout=1000)
    play.wait_for()
    stopped = count.inner_text()
    page.wait_for_timeout(400)
    assert count.inner_text() == stopped, "it goes on after Pause"


def use_controls(page) -> None:
    """Use every slider, menu, box, button and canvas of the lesson's widgets once."""
    for handle in page.locator(f"{OUTPUT} [role=slider]").all():
        before = handle.get_attribute("aria-valuenow")
        handle.focus()
        for key in ("ArrowRight", "ArrowLeft"):  # the second where it stood at its end
            if handle.get_attribute("aria-valuenow") == before:
                page.keyboard.press(key)
        _let_it_answer(page)
        assert handle.get_attribute("aria-valuenow") != before, "a slider does not move"

    for menu in page.locator(f"{OUTPUT} .widget-dropdown select").all():
        menu.select_option(index=menu.locator("option").count() - 1)
        _let_it_answer(page)

    for box in page.locator(
        f"{OUTPUT} .jupyter-widgets input:is([type=checkbox], [type=radio])"
    ).all():
        box.click()
        _let_it_answer(page)

    for canvas in page.locator(f"{OUTPUT} canvas").all():
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        at = [
            (box["x"] + box["width"] * part, box["y"] + box["height"] * part) for part in (0.3, 0.7)
        ]
        page.mouse.move(*at[0])
        page.mouse.down()
        page.mouse.move(*at[1], steps=8)
        page.mouse.up()
        _let_it_answer(page)

    for button in page.locator(f"{OUTPUT} button.jupyter-button").all():
        button.click()
        _let_it_answer(page)


def _let_it_answer(page) -> None:
    # The message is on its way before the kernel is seen to be busy.
    page.wait_for_timeout(200)
    browser_tools.settle(page)


MAKE = """\
import io
from PIL import Image
from helpers.figures import Frames
from helpers.replay import Replay
buffer = io.BytesIO()
Image.new("RGB", (300, 100)).save(buffer, "PNG")
replay = Replay(Frames([buffer.getvalue()] * 28, [f"step {k}" for k in range(28)], 300, 100, "toy"))
replay"""


def run_cell(page, number):
    """Run one cell of the open notebook and wait for its end."""
    panel = "window.jupyterapp.shell.currentWidget"
    page.evaluate(f"{panel}.content.activeCellIndex = {number}")
    run = "window.jupyterapp.commands.execute('notebook:run-cell')"
    browser_tools.finish(page, run, 120, f"cell {number}")
    browser_tools.settle(page)


@pytest.mark.deep
def test_a_replay_shown_twice_and_with_a_kernel_that_died(browser, server, tmp_path):
    cells = (MAKE, "replay", "import os\nos.kill(os.getpid(), 9)")
    write_notebook(server.root / "died.ipynb", cells)  # in a copy of the learner's folder
    with opened(browser, server, "died.ipynb", tmp_path) as (page, _):
        for number in (0, 1):
            run_cell(page, number)
        one, two = page.locator(REPLAY).all()
        one.get_by_label("Time step").press("End")
        assert one.locator("output").inner_text() == "28 / 28"
        page.wait_for_timeout(500)  # the word to the kernel waits for 80 ms
        browser_tools.settle(page)
        assert two.locator("output").inner_text() == "28 / 28", "they share their step"

        one.get_by_label("Play", exact=True).click()
        one.get_by_label("Pause", exact=True).wait_for()
        two.get_by_label("Play", exact=True).click()
        one.get_by_label("Play", exact=True).wait_for()  # who pressed Play last plays
        two.get_by_label("Pause", exact=True).click()

        page.evaluate(
            "() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 2;"
            " window.jupyterapp.commands.execute('notebook:run-cell') }"
        )
        dialog = page.locator(".jp-Dialog")
        dialog.wait_for()
        dialog.get_by_role("button").last.click()
        one.get_by_label("Time step").focus()
        page.keyboard.press("Home")  # all pictures are in the browser
        assert one.locator("output").inner_text() == "1 / 28"
        assert one.locator("img.sheet-step").get_attribute("alt") == "step 0"


def a_replay(words, colours, title="toy"):
    pngs = []
    for colour in colours:
        buffer = io.BytesIO()
        Image.new("RGB", (300, 100), (colour, 90, 30)).save(buffer, "PNG")
        pngs.append(buffer.getvalue())
    return Replay(Frames(layers=pngs, words=words, width=300, height=100, title=title))


def test_a_saved_replay_plays_alone_from_the_disk(browser, tmp_path):
    """Its own policy lets it ask for nothing, and without scripts one step is still there."""
    path = a_replay(list("abcdefg"), range(0, 210, 30)).save(tmp_path / "my replay é.html")
    page, watch = browser_tools.new_page(browser)
    page.goto(path.as_uri())
    assert page.title() == "toy" and page.locator("h1").inner_text() == "toy"
    use_replay(page, page.locator(REPLAY))
    assert watch.faults() == []
    with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        page.evaluate(
            "document.body.append(Object.assign(new Image(), {src: 'https://example.org/'}))"
        )
    page.context.close()
    bare = browser.new_context(java_script_enabled=False).new_page()
    bare.goto(path.as_uri())
    assert bare.locator(f"{REPLAY} img").get_attribute("alt") == "a"
    assert "runs no scripts" in bare.locator("main").inner_text()
    bare.context.close()


def test_a_film_of_a_replay_on_a_plain_page(browser):
    """It waits for a hand at the knob, a held key is one press, and a voice tells its end alone."""
    film, watch = browser_tools.new_page(browser)
    film.set_content(a_replay(list("abcdef"), range(6)).html())
    browser_tools.stop_clock(film)
    voices = """() => [...document.querySelectorAll(".sheet-words:not([aria-hidden]), output")]
        .map((said) => said.ariaLive)"""
    film.get_by_label("Time step").focus()
    for _ in range(4):
        film.keyboard.down(" ")
    film.keyboard.up(" ")
    box = film.get_by_label("Time step").bounding_box()
    film.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)  # where the knob is
    film.mouse.down()
    film.clock.run_for(3 * 250)
    assert film.locator("output").inner_text() == "1 / 6"
    film.mouse.up()
    film.get_by_label("Play", exact=True).click()
    film.clock.run_for(4 * 250)
    assert film.evaluate(voices) == ["off", "off"]
    film.clock.run_for(250)
    assert film.evaluate(voices) == ["polite", "polite"]
    assert film.locator("output").inner_text() == "6 / 6"
    assert film.get_by_label("Play", exact=True).count() == 1
    assert watch.faults() == []
    film.context.close()
