"""Every lesson in a real JupyterLab in a real browser, used as a learner uses it.

Every cell is run, and run again; every replay is stepped and played, every slider, menu, button and
canvas is used once; nothing may raise, warn, jump, or ask for anything outside this computer.
"""

import base64
import contextlib
import copy
import io
import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from helpers.figures import Frames
from helpers.replay import PLAYER, Replay
from tests import browser_tools
from tests.notebook_tools import NOTEBOOKS, SLOW_TAG, lessons, name_of

REPLAY = "div.sheet-replay"
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
    """Open a notebook in a page of its own; on failure leave pictures of it in ``folder``."""
    page, watch = browser_tools.new_page(browser)
    try:
        browser_tools.open_notebook(page, server, name)
        yield page, watch
    except BaseException:
        with contextlib.suppress(Exception):
            page.screenshot(path=folder / "page.png")
            browser_tools.screenshots(page, folder, "notebook")
        print(f"pictures of {name} are in {folder}; seen meanwhile: {watch.faults()}")
        raise
    finally:
        page.context.close()
        server.close_kernels()


def doubled(notebook):
    """Return a copy in which each code cell that does not train runs before its own place, too.

    A learner goes back and runs a cell again. What the first run shows is not kept.
    """
    cells = []
    for cell in notebook.cells:
        magic = cell.source.startswith(("%", "!"))
        if cell.cell_type == "code" and not magic and SLOW_TAG not in cell.metadata.get("tags", []):
            cells.append(new_code_cell(f"%%capture\n{cell.source}"))
        cells.append(copy.deepcopy(cell))
    return new_notebook(cells=cells, metadata=notebook.metadata)


QUICK = "01_the_hammered_iron_sheet"
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
        len(re.findall(r"\bReplay of \d+ steps?\b", "".join(output["data"].get("text/plain", ""))))
        for output in browser_tools.outputs(page)
        if "data" in output
    )
    live = page.locator(LIVE_REPLAY).count() - page.locator(NESTED_REPLAY).count()
    assert live == promised, f"{live} live replays on the page, {promised} in the outputs"
    return page.locator(REPLAY).all()


def state_of(replay) -> dict:
    """Return what a reader meets at this step: picture, its words, count, and the size of all."""
    return replay.evaluate(
        """root => {
        const image = root.querySelector('img.sheet-step'), box = root.getBoundingClientRect();
        const canvas = document.createElement('canvas');
        canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
        for (const part of root.querySelectorAll('img')) {
            canvas.getContext('2d').drawImage(part, 0, 0);
        }
        return {
            pixels: canvas.toDataURL(), alt: image.alt,
            shown: [image.getBoundingClientRect().width, image.getBoundingClientRect().height],
            words: root.querySelector('.sheet-words:not([aria-hidden])').textContent,
            count: root.querySelector('output').textContent,
            size: [box.width, box.height],
        }}"""
    )


def use_replay(page, replay) -> None:
    """Step, slide and play one replay; every step has its picture, its words and its size."""
    label = replay.get_attribute("aria-label") or ""
    assert re.match(r"Replay: \S", label), f"a replay without a name: {label!r}"
    slider = replay.get_by_label("Time step")
    previous, following = (replay.get_by_label(f"{way} step") for way in ("Previous", "Next"))
    steps = int(state_of(replay)["count"].split("/")[1])
    assert steps >= 2, f"{label} has {steps} step"
    seen = {}

    def expect(step, done):
        count = f"{step} / {steps}"
        page.wait_for_function(
            "([root, count]) => root.querySelector('output').textContent === count"
            " && [...root.querySelectorAll('img')].every(image => image.complete)",
            arg=[replay.element_handle(), count],
        )
        now = seen[step] = state_of(replay)
        assert now["words"].strip() and now["alt"] == now["words"], f"{label}, {count}: no words"
        assert min(now["shown"]) > 20, f"{label}, {count}: no picture to see"
        assert len({str(one["size"]) for one in seen.values()}) == 1, f"{label} jumps at {done}"

    slider.focus()
    page.keyboard.press("Home")
    expect(1, "Home")
    page.keyboard.press("ArrowRight")
    expect(2, "arrow right")
    page.keyboard.press("End")
    expect(steps, "End")
    page.keyboard.press("ArrowLeft")
    expect(steps - 1, "arrow left")
    lowest, middle = int(slider.get_attribute("min")), steps // 2
    slider.fill(str(lowest + middle))
    expect(middle + 1, "the slider")
    previous.click()
    expect(middle, "the button back")
    following.click()
    expect(middle + 1, "the button on")

    speed = replay.get_by_label("Speed")
    speed.select_option(index=speed.locator("option").count() - 1)
    slider.focus()
    page.keyboard.press("Home")
    # The page keeps the button's names itself: a short replay is at its end before we look.
    play = replay.get_by_label("Play")
    heard = play.evaluate_handle(
        """play => {
        const heard = [];
        new MutationObserver(() => heard.push(play.getAttribute('aria-label')))
            .observe(play, {attributes: true, attributeFilter: ['aria-label']});
        return heard;
        }"""
    )
    play.click()
    page.wait_for_function("heard => heard[0] === 'Pause'", arg=heard)
    page.wait_for_function(
        "root => !root.querySelector('output').textContent.startsWith('1 ')",
        arg=replay.element_handle(),
    )
    pause = replay.get_by_label("Pause")
    if pause.count():  # a short replay may have come to its end by now
        with contextlib.suppress(Exception):
            pause.click(timeout=1000)
    play.wait_for()
    stopped = state_of(replay)["count"]
    page.wait_for_timeout(400)
    assert state_of(replay)["count"] == stopped, f"{label} goes on after Pause"

    for now in ("pixels", "words"):
        assert seen[1][now] != seen[2][now], f"{label}: steps 1 and 2 have the same {now}"
        assert seen[1][now] != seen[steps][now], f"{label}: first and last have the same {now}"


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


def write_notebook(server, name, *sources):
    """Write a notebook into the server's folder, a copy: nothing of the learner's is written to."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, server.root / name)


def run_cell(page, number):
    """Run one cell of the open notebook and wait for its end."""
    panel = "window.jupyterapp.shell.currentWidget"
    page.evaluate(f"{panel}.content.activeCellIndex = {number}")
    run = "window.jupyterapp.commands.execute('notebook:run-cell')"
    browser_tools.finish(page, run, 120, f"cell {number}")
    browser_tools.settle(page)


HINDER = """\
import random, threading, time
busy = True
def work():
    while busy:
        sum(range(random.randrange(10_000_000)))  # no other thread runs meanwhile
        time.sleep(0.05 * random.random())
threading.Thread(target=work, daemon=True).start()"""


@pytest.mark.deep
def test_two_hundred_events_a_second_end_where_they_should(browser, server, tmp_path):
    """A hand shakes the slider, and a busy kernel hears of it late and says old steps again."""
    write_notebook(server, "fast.ipynb", MAKE, HINDER, "busy = False", "replay.step")
    with opened(browser, server, "fast.ipynb", tmp_path) as (page, _):
        for number in (0, 1):
            run_cell(page, number)
        wrong = page.evaluate(
            """async selector => {
            const root = document.querySelector(selector), slider = root.querySelector('input');
            const count = root.querySelector('output'), wrong = [];
            const look = () => {
                const wanted = `${slider.value} / 28`;
                if (count.textContent !== wanted) wrong.push([count.textContent, wanted]);
            };
            for (let sent = 0; sent < 1200; sent++) {
                slider.value = 1 + (sent * 5) % 28;
                slider.dispatchEvent(new Event('input'));
                look();
                if (sent % 5 < 4) continue;
                await new Promise(done => setTimeout(done, 25));
                look();
            }
            return wrong;
            }""",
            REPLAY,
        )
        step = (1199 * 5) % 28
        assert wrong == [] and page.locator(f"{REPLAY} output").inner_text() == f"{step + 1} / 28"
        page.wait_for_timeout(500)  # the last word to the kernel waits for 80 ms
        for number in (2, 3):
            run_cell(page, number)
        assert browser_tools.outputs(page)[-1]["data"]["text/plain"] == str(step)


@pytest.mark.deep
def test_a_replay_plays_on_when_its_kernel_is_gone(browser, server, tmp_path):
    """All pictures are in the browser: a killed kernel takes the link to Python, not the replay."""
    write_notebook(server, "killed.ipynb", MAKE, "import os\nos.kill(os.getpid(), 9)")
    with opened(browser, server, "killed.ipynb", tmp_path) as (page, _):
        run_cell(page, 0)
        page.evaluate(
            "() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1;"
            " window.jupyterapp.commands.execute('notebook:run-cell') }"
        )
        dialog = page.locator(".jp-Dialog")
        dialog.wait_for()
        assert "restart" in dialog.inner_text(), "JupyterLab says what happened"
        dialog.get_by_role("button").last.click()
        replay = page.locator(REPLAY)
        slider = replay.get_by_label("Time step")
        slider.focus()
        page.keyboard.press("End")
        assert replay.locator("output").inner_text() == "28 / 28"
        assert replay.locator("img.sheet-step").get_attribute("alt") == "step 27"
        browser_tools.settle(page)  # the new kernel is there: the lesson can be run again
        run_cell(page, 0)
        assert page.locator(f"{REPLAY} output").inner_text() == "1 / 28"


@pytest.mark.deep
def test_the_drawing_is_there_and_goes_on_after_the_page_is_loaded_anew(browser, server, tmp_path):
    """The kernel lives on, but the new page's ipycanvas has never heard of the paper."""
    source = "from helpers.draw import drawing_pad\ndrawing_pad(lambda image: None)"
    write_notebook(server, "pad.ipynb", source)

    def draw(height):
        canvas = page.locator(f"{OUTPUT} canvas")
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + 60, box["y"] + height)
        page.mouse.down()
        page.mouse.move(box["x"] + 220, box["y"] + height, steps=8)
        page.mouse.up()
        _let_it_answer(page)

    def darkness():
        """Return the mean of the paper, 0 white to 1 black, once half a second brings no more."""
        return page.locator(f"{OUTPUT} canvas").evaluate(
            """async canvas => {
            const look = () => {
                const {data} = canvas.getContext('2d')
                    .getImageData(0, 0, canvas.width, canvas.height);
                return data.reduce((sum, value, n) => n % 4 ? sum : sum + 1 - value / 255, 0)
                    / (data.length / 4);
            };
            let seen = 0;
            for (const start = performance.now(); performance.now() - start < 20000;) {
                const before = seen;
                await new Promise(done => setTimeout(done, 500));
                seen = look();
                if (seen > 0 && seen === before) break;
            }
            return seen;
            }"""
        )

    with opened(browser, server, "pad.ipynb", tmp_path) as (page, watch):
        browser_tools.run_all(page)
        draw(80)
        one_stroke = darkness()
        assert 0.02 < one_stroke < 0.2
        page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        browser_tools.open_notebook(page, server, "pad.ipynb")
        page.locator(f"{OUTPUT} canvas").wait_for()
        browser_tools.settle(page)
        assert darkness() == one_stroke, "the drawing is lost"
        draw(200)
        assert darkness() == pytest.approx(2 * one_stroke, rel=0.1), "a new stroke is not seen"
        assert watch.faults() == []


# --- the test itself ----------------------------------------------------------------------------


@pytest.mark.deep
def test_a_bad_notebook_is_found_bad(browser, server, tmp_path):
    """All that the test above looks for is seen when it is there."""
    cells = [
        "from IPython.display import HTML, Javascript",
        "HTML('<img src=\"https://example.org/a.png\">')",
        'Javascript(\'console.error("said"); setTimeout(() => { throw Error("thrown") }, 1)\')',
        "import sys; print('warned', file=sys.stderr)",
        "class Fake:\n    def __repr__(self): return 'Replay of 3 steps: none'\nFake()",
        "1 / 0",
    ]
    write_notebook(server, "bad.ipynb", *cells)
    with opened(browser, server, "bad.ipynb", tmp_path) as (page, watch):
        assert not browser_tools.run_all(page)
        shown, seen = "\n".join(faults_in(page)), "\n".join(watch.faults())
        assert "ZeroDivisionError" in shown and "warned" in shown
        assert "https://example.org/a.png" in seen and "said" in seen and "thrown" in seen
        with pytest.raises(AssertionError, match="0 live replays on the page, 1 in the outputs"):
            live_replays(page)


def a_replay(words, colours, title="toy"):
    pngs = []
    for colour in colours:
        buffer = io.BytesIO()
        Image.new("RGB", (300, 100), (colour, 90, 30)).save(buffer, "PNG")
        pngs.append(buffer.getvalue())
    return Replay(Frames(layers=pngs, words=words, width=300, height=100, title=title))


WORDS = ["one", "two, which takes a line more than one does. " * 4, "three"]


@pytest.mark.parametrize(
    ("replay", "spoil", "fault"),
    [
        ((["same", "same", "three"], [10, 100, 200]), "", "steps 1 and 2 have the same words"),
        ((WORDS, [10, 10, 200]), "", "steps 1 and 2 have the same pixels"),
        ((WORDS, [10, 100, 200]), "root.querySelector('.sheet-longest').remove()", "jumps"),
    ],
)
def test_a_bad_replay_is_found_bad(browser, replay, spoil, fault):
    page, _ = browser_tools.new_page(browser)
    page.set_content(a_replay(*replay).html())
    page.locator(REPLAY).evaluate(f"root => {{ {spoil} }}")
    with pytest.raises(AssertionError, match=fault):
        use_replay(page, page.locator(REPLAY))
    page.context.close()


def test_cells_that_do_not_survive_a_second_run_are_found():
    train = new_code_cell("a = 0", metadata={"tags": [SLOW_TAG]})
    once = new_code_cell("state = state[0]")
    assert [cell.source for cell in doubled(new_notebook(cells=[train, once])).cells] == [
        "a = 0", "%%capture\nstate = state[0]", "state = state[0]",
    ]  # fmt: skip


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


# What anywidget gives to each view of one replay: the state is shared, and who asks hears of it.
SHOWN_TWICE = """
async ([source, state]) => {
  const { default: widget } =
    await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const bytes = Uint8Array.from(atob(state.frames.pngs), (letter) => letter.charCodeAt(0));
  state.frames.pngs = new DataView(bytes.buffer);
  const heard = [];
  const model = {
    get: (name) => state[name],
    set(name, value) {
      if (state[name] === value) return;
      state[name] = value;
      for (const [event, told] of heard) if (event === `change:${name}`) told();
    },
    on: (event, told) => heard.push([event, told]),
    off() {},
    save_changes() {},
  };
  for (const id of ["one", "two"]) {
    const el = document.body.appendChild(Object.assign(document.createElement("div"), { id }));
    widget.render({ model, el });
  }
}
"""


def test_a_replay_that_is_moved_from_elsewhere_stops_its_own_film(browser):
    """The same replay shown twice in JupyterLab shares its step: who pressed Play last plays."""
    replay = a_replay(list("abcdef"), range(6))
    frames = replay.frames | {"pngs": base64.b64encode(replay.frames["pngs"]).decode()}
    page, watch = browser_tools.new_page(browser)
    page.evaluate(SHOWN_TWICE, [PLAYER, {"frames": frames, "step": 0}])
    one, two = page.locator("#one"), page.locator("#two")
    two.get_by_label("Speed").select_option("16")
    browser_tools.stop_clock(page)
    one.get_by_label("Play", exact=True).click()
    page.clock.run_for(250)
    assert two.locator("output").inner_text() == "2 / 6"
    two.get_by_label("Play", exact=True).click()
    assert one.get_by_label("Pause", exact=True).count() == 0, "both play"
    page.clock.run_for(2 * 1000 / 16)
    assert two.get_by_label("Pause", exact=True).count() == 1
    assert one.locator("output").inner_text() == two.locator("output").inner_text() == "4 / 6"
    one.get_by_label("Next step").click()
    assert two.locator("output").inner_text() == "5 / 6"
    assert two.get_by_label("Play", exact=True).count() == 1
    assert watch.faults() == []
    page.context.close()


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
