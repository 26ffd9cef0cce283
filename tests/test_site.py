"""The course as pages, opened from the disk with every outside request refused.

Builds the pages of three lessons; name a folder in SHEET_SITE to test pages that are built already
(all of them: ``uv run python tools/build_site.py``, then ``SHEET_SITE=_site uv run pytest
tests/test_site.py``).
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import ipywidgets as widgets
import nbformat
import pytest

from helpers import address
from helpers.controls import CONTROL, sentence
from helpers.course import LESSONS
from tests import browser_tools
from tests.notebook_tools import ROOT
from tools import build_site

REPLAY = "div.sheet-replay"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if built := os.environ.get("SHEET_SITE"):
        return Path(built).resolve()
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "tools/build_site.py", "--only", "0", "1", "4", "--out", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "without encryption" not in done.stderr
    return folder


SHOWN = {"open": {lesson.name: "yes" for lesson in LESSONS}}  # no output waits for a prediction


def new_page(browser, **options):
    """Open a page on which every output is shown, as a reader may set it; see tests/test_ask.py."""
    page, watch = browser_tools.new_page(browser, **options)
    shown = f"localStorage.setItem('hammered-iron-sheet', {json.dumps(json.dumps(SHOWN))})"
    page.add_init_script(f"try {{ {shown} }} catch {{}}")
    return page, watch


def pages(site):
    apart = {"_static", "slides"}  # the slides: tests/test_slides.py
    found = sorted(site.rglob("*.html"))
    return [path for path in found if not apart & set(path.relative_to(site).parts[:-1])]


def course_pages(site):
    """Return the pages that Sphinx made: all but the reader."""
    return [path for path in pages(site) if path.parent.name != "reader"]


def lesson_pages(site):
    """Return the pages of lessons and solutions."""
    return [path for path in course_pages(site) if path.name[:2].isdigit()]


def lesson(site, number):
    return next(path for path in lesson_pages(site) if path.name.startswith(f"{number:02}"))


def test_every_page_works_from_the_disk_without_a_network(site, browser):
    seen = 0
    for path in pages(site):
        page, watch = new_page(browser)
        page.goto(path.as_uri())
        for replay in page.locator(REPLAY).all():
            step_through(replay)
            seen += 1
        assert not watch.faults(), (path.name, watch.faults())
        page.context.close()
    assert seen >= 5


def step_through(replay):
    """Move a player's slider with the keyboard, and see picture and words follow."""
    slider, image = replay.get_by_role("slider"), replay.locator("img.sheet-step")
    steps = int(slider.get_attribute("max"))
    slider.press("Home")
    first, size = image.get_attribute("src"), image.bounding_box()
    words = replay.locator("p.sheet-words").first.inner_text()
    assert image.get_attribute("alt") == words
    slider.press("End")
    assert replay.locator("output").inner_text() == f"{steps} / {steps}"
    if steps > 1:
        assert image.get_attribute("src") != first
        assert replay.locator("p.sheet-words").first.inner_text() != words
    after = image.bounding_box()
    assert (after["width"], after["height"]) == (size["width"], size["height"])


def test_players_on_one_page_do_not_disturb_each_other(site, browser):
    page, _ = new_page(browser)
    page.goto((site / "01_the_hammered_iron_sheet.html").as_uri())
    first, second = page.locator(REPLAY).nth(0), page.locator(REPLAY).nth(1)
    before = second.locator("output").inner_text()
    first.get_by_role("slider").press("End")
    assert second.locator("output").inner_text() == before
    page.context.close()


PLAYER = re.compile(r'class="sheet-replay">.*?</script>', re.DOTALL)


def test_no_player_is_heavy(site):
    """What 28 steps may weigh, pictures, words and player together; fewer steps no more."""
    players = 0
    for path in pages(site):
        for player in PLAYER.findall(path.read_text(encoding="utf-8")):
            players += 1
            steps = player.count("data:image/png") - 2  # less the ground, and what stands in
            room = 300_000 * max(1, steps / 28)
            assert len(player) <= room, f"{path.name}: {len(player):,} bytes for {steps} steps"
    assert players >= 5


# What is out of the page's width, cut off, or printed over something else; `text` in percent.
SPILLED = """
async (text) => {
  document.documentElement.style.fontSize = `${text}%`;
  for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);
  const whole = document.documentElement;
  const told = [];
  if (whole.scrollWidth > whole.clientWidth + 1) told.push(`page: ${whole.scrollWidth}`);
  const name = (part) => part.outerHTML.slice(0, 80);
  for (const part of document.querySelectorAll(
      ".sheet-replay :is(button, select, input, output, p)")) {
    const box = part.getBoundingClientRect();
    const root = part.closest(".sheet-replay").getBoundingClientRect();
    if (box.width && (box.right > root.right + 1 || part.scrollWidth > part.clientWidth + 2))
      told.push(name(part));
  }
  for (const part of document.querySelectorAll("article :is(h1, h2, h3)"))
    if (part.scrollWidth > part.clientWidth + 2) told.push(name(part));
  const seen = (part) => part.getBoundingClientRect().width && part.checkVisibility();
  for (const area of ["#pst-header", "footer", ".prev-next-area", "#pst-primary-sidebar"]) {
    const parts = [...document.querySelectorAll(
      `${area} :is(a, button), ${area} p:not(a p)`)].filter(seen);
    const boxes = parts.map((part) => part.getBoundingClientRect());
    parts.forEach((part, n) => {
      if (boxes[n].right > whole.clientWidth + 1 || boxes[n].left < -1) told.push(name(part));
      if (part.scrollWidth > part.clientWidth + 2 && part.clientWidth) told.push(name(part));
      parts.forEach((other, m) => {
        const over = (start, end) =>
          Math.min(boxes[n][end], boxes[m][end]) - Math.max(boxes[n][start], boxes[m][start]);
        if (m > n && !part.contains(other) && !other.contains(part)
            && over("left", "right") > 2 && over("top", "bottom") > 2)
          told.push(`${name(part)} over ${name(other)}`);
      });
    });
  }
  return told;
}
"""


@pytest.mark.parametrize("text", [100, 200])
def test_nothing_spills_on_phones_and_with_text_of_twice_the_size(site, browser, text):
    for path in course_pages(site):
        page, _ = new_page(browser)
        page.goto(path.as_uri())
        for width in (1280, 1024, 375, 320):
            page.set_viewport_size({"width": width, "height": 740})
            page.wait_for_function("width => innerWidth === width", arg=width)
            told = page.evaluate(SPILLED, text)
            assert not told, (path.name, width, told)
        page.context.close()


def test_two_hundred_fast_events(site, browser):
    page, watch = new_page(browser)
    page.goto((site / "01_the_hammered_iron_sheet.html").as_uri())
    replay = page.locator(REPLAY).last
    steps = int(replay.get_by_role("slider").get_attribute("max"))
    replay.evaluate(
        """root => { const slider = root.querySelector("input[type=range]");
        for (let n = 0; n < 200; n++) { slider.value = 1 + (n * 5) % slider.max;
            slider.dispatchEvent(new Event("input")); } }"""
    )
    assert replay.locator("output").inner_text() == f"{1 + (199 * 5) % steps} / {steps}"
    assert not watch.faults()
    page.context.close()


WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 1400), ("dark", 375)])
def test_axe_finds_no_violation(site, browser, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    for path in pages(site):
        page, _ = new_page(browser, width=width, scheme=scheme)
        page.goto(path.as_uri())
        # The corner of a table with heads on two sides is empty, and rightly so.
        options = {"runOnly": WCAG, "rules": {"empty-table-header": {"enabled": False}}}
        violations = Axe().run(page, options=options).response["violations"]
        told = [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in violations]
        assert not told, path.name + json.dumps(told, indent=1)
        page.context.close()


def style(locator, name):
    return locator.evaluate("(part, name) => getComputedStyle(part)[name]", name)


def test_dark_outputs_stand_on_the_pages_own_ground(site, browser):
    page, _ = new_page(browser, scheme="dark")
    page.goto(lesson(site, 0).as_uri())
    body = page.locator("body")
    for output in page.locator(".output.text_html").all():
        assert style(output, "backgroundColor") == "rgba(0, 0, 0, 0)"
        assert style(output, "color") == style(body, "color")
    assert style(body, "backgroundColor") != "rgb(255, 255, 255)"
    caption, picture = page.locator("figcaption").first, page.locator("figure img").first
    assert style(caption, "color") == style(body, "color")
    assert style(caption, "fontWeight") == "400"
    assert style(picture, "backgroundColor") == "rgb(255, 255, 255)"
    assert style(picture, "filter") == "none"
    page.context.close()


# --- links ----------------------------------------------------------------------------------------


class Links(HTMLParser):
    """The links and names of a page."""

    def __init__(self):
        super().__init__()
        self.links, self.names = [], {"", "top"}

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            if key in ("href", "src"):
                self.links.append(value)
            if key in ("id", "name"):
                self.names.add(value)


def links_of(path):
    links = Links()
    links.feed(path.read_text(encoding="utf-8"))
    return links


def test_every_local_link_leads_somewhere(site):
    read = {path: links_of(path) for path in pages(site)}
    built = {path.name for path in read}
    left_out = {f"{each.name}.html" for each in LESSONS} - built
    dead, followed = [], 0
    for path, links in read.items():
        for link in links.links:
            parts = urlsplit(link)
            page = (parts.path or parts.fragment).rpartition("/")[2].replace(".ipynb", ".html")
            if parts.scheme or page in left_out:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                dead.append((path.name, link))
            elif target in read and unquote(parts.fragment) not in read[target].names:
                dead.append((path.name, link, "no such place"))
            followed += 1
    assert not dead, dead
    assert followed > 200
    assert f"{LESSONS[1].name}.html" in read[lesson(site, 0)].links


def test_of_a_progress_bar_a_page_keeps_the_last_state_of_each_line():
    def printed(text, name="stdout"):
        return nbformat.v4.new_output("stream", name=name, text=text)

    bar = [
        "Epoch 1/2\n",
        "1/9 - loss: 3",
        "\b" * 13 + "\r" + "2/9 - loss: 2",
        "\b" * 13 + "9/9 - 1\n",
    ]
    value = nbformat.v4.new_output("display_data", {"text/plain": "a picture"})
    outputs = [*map(printed, bar), printed("red", "stderr"), value, printed("a\r\nb\rc\n")]
    texts = [output.get("text") for output in build_site.settled(outputs)]
    assert texts == ["Epoch 1/2\n9/9 - 1\n", "red", None, "a\r\nc\n"]


def test_a_link_to_a_notebook_becomes_a_link_to_its_page():
    def page_of(text):
        output = nbformat.v4.new_output("display_data", {"text/html": text})
        return build_site.as_page_output(output).data["text/html"]

    assert page_of('<a href="01_a.ipynb">') == '<a href="01_a.html">'
    assert page_of('<a href="../01_a.ipynb#b">') == '<a href="../01_a.html#b">'
    elsewhere = '<a href="https://example.org/a.ipynb">'
    assert page_of(elsewhere) == elsewhere


def test_a_link_to_a_file_that_is_no_page_leads_to_the_repository():
    files = f"{address.repository()}/blob/{address.tag()}"
    led = build_site.with_links_to_files
    data, page = "[b](../helpers/data/README.md#x)", "[c](../04_d.ipynb)"
    assert led(f"a {data}.", "08_a") == f"a [b]({files}/helpers/data/README.md#x)."
    assert led(f"a {page}.", "solutions/08_a") == f"a {page}."
    assert led("[b](../../README.md)", "solutions/08_a") == f"[b]({files}/README.md)"


def test_every_lesson_can_be_launched_from_its_page(site, browser):
    for path in lesson_pages(site):
        page, _ = new_page(browser)
        page.goto(path.as_uri())
        name = path.relative_to(site).with_suffix("").as_posix()
        line = page.locator("h1 + p.course-launch")
        links = [each.get_attribute("href") for each in line.get_by_role("link").all()]
        source = f"{address.repository()}/blob/{address.tag()}/notebooks/{name}.ipynb"
        assert links == [address.binder(name), address.colab(name), source]
        assert page.get_by_text("Run it:").count() == 1
        header = page.locator("#pst-header")
        repository = header.get_by_role("link", name="Source")
        assert repository.get_attribute("href") == address.repository()
        page.context.close()


def test_a_notebooks_own_launch_line_is_not_shown_twice():
    text = "# 1. A\n\nRun it: [Binder](https://b) | [Colab](https://c) <!-- launch -->\n\nWords."
    shown = build_site.with_launch_line(text, LESSONS[1].name)
    assert shown.count("Run it:") == 1
    assert "https://b" not in shown
    assert address.binder(LESSONS[1].name) in shown
    assert shown.startswith("# 1. A\n")
    assert shown.endswith("\n\nWords.")


# --- what only a kernel can show ------------------------------------------------------------------


def page_with(source, before="Words.", controls=(), name="07_a"):
    """Return what a page shows of a cell that displays `controls`."""
    cell = nbformat.v4.new_code_cell(source)
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data", {"text/html": sentence(control), "text/plain": CONTROL}
        )
        for control in controls or [widgets.Dropdown()]
    ]
    book = nbformat.v4.new_notebook()
    book.cells = [
        nbformat.v4.new_markdown_cell("# A"),
        nbformat.v4.new_code_cell("# On Colab, this cell fetches the course."),
        nbformat.v4.new_markdown_cell(before),
        cell,
    ]
    cells = build_site.as_page(book, name).cells
    assert len(cells) == 3
    return [output.data["text/html"] for output in cells[-1].outputs]


def test_a_widget_leaves_a_line_that_says_where_it_works():
    (said,) = page_with("display(menu)")
    assert "This menu works in the notebook, with Python running: " in said
    assert address.binder("07_a") in said and address.colab("07_a") in said
    (said,) = page_with("display(menu, s)", controls=(widgets.Dropdown(), widgets.IntSlider()))
    assert "This menu and slider work in the notebook" in said
    (said,) = page_with("display(menu)", before="The menu needs a running kernel.")
    assert "in the notebook" not in said and address.binder("07_a") in said
    (said,) = page_with("display(drawing_pad(f), m)", controls=(widgets.HBox(), widgets.HBox()))
    assert '<a href="reader/index.html">Draw on this page instead</a>' in said


def test_lines_in_place_of_widgets(site):
    text = lesson(site, 4).read_text(encoding="utf-8")
    assert text.count('<p class="course-note">') == 2
    full = [path for path in lesson_pages(site) if path.name.startswith("07")]
    if full:
        assert "Draw on this page instead" in full[0].read_text(encoding="utf-8")


# --- room -----------------------------------------------------------------------------------------

WIDTHS = """
() => [...document.querySelectorAll(".cell_output :is(figure img, img.sheet-step)")]
  .filter((image) => image.isConnected && image.getBoundingClientRect().width)
  .map((image) => [image.getBoundingClientRect().width,
    parseInt(image.style.width || image.getAttribute("width"))])
"""
CUT = """
() => [...document.querySelectorAll("article :is(pre, figure, .sheet-picture, .output, table)")]
  .filter((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth)
  .filter((part) => !/auto|scroll/.test(getComputedStyle(part).overflowX))
  .map((part) => part.outerHTML.slice(0, 100))
"""


def test_pictures_and_code_have_room(site, browser):
    page, _ = new_page(browser)
    seen = 0
    for path in lesson_pages(site):
        page.goto(path.as_uri())
        for width in (1920, 1280, 1024):
            page.set_viewport_size({"width": width, "height": 768})
            assert page.locator("article section").first.bounding_box()["width"] >= 800
            for shown, whole in page.evaluate(WIDTHS):
                seen += 1
                assert shown >= min(whole, 928) - 1, (path.name, width, shown, whole)
            assert not page.evaluate(CUT), (path.name, width)
    assert seen >= 30
    page.context.close()


def test_on_a_phone_wide_pictures_stay_readable_and_move(site, browser):
    page, _ = new_page(browser, width=375, height=740)
    for path in lesson_pages(site):
        page.goto(path.as_uri())
        for shown, whole in page.evaluate(WIDTHS):
            assert shown >= min(whole, 600) - 1, (path.name, shown, whole)
        assert not page.evaluate(CUT), path.name
    page.goto(lesson(site, 0).as_uri())
    for place in (page.locator("figure").first, page.locator(".sheet-picture").first):
        place.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("place => place.scrollLeft > 0", arg=place.element_handle())
    count = page.locator("output").first  # the arrows moved the picture, not the replay
    assert count.inner_text().startswith("1 /")
    page.context.close()


# --- finding one's way ----------------------------------------------------------------------------


def test_the_course_beside_every_lesson(site, browser):
    page, _ = new_page(browser)
    for path in lesson_pages(site):
        page.goto(path.as_uri())
        sidebar = page.get_by_role("navigation", name="Lessons and solutions")
        assert sidebar.locator("p.caption").all_inner_texts() == [
            "Lessons",
            "Solutions",
            "Beside the lessons",
        ]
        current = sidebar.locator("[aria-current=page]")
        assert current.count() == 1
        assert current.inner_text() in page.locator("h1").inner_text()
        assert sidebar.get_by_role("link", name="Solutions to").count() == 0
        assert sidebar.get_by_role("link").count() <= 24
    page.context.close()


def test_a_keyboard_can_skip_to_the_content(site, browser):
    page, _ = new_page(browser)
    page.goto(lesson(site, 1).as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = "document.querySelector('#main-content').contains(document.activeElement)"
    assert page.evaluate(inside)
    page.context.close()


@pytest.mark.parametrize("width", [375, 1280])
def test_bars_that_make_room_come_on_demand(site, browser, width):
    page, watch = new_page(browser, width=width, height=740)
    page.goto(lesson(site, 1).as_uri())
    page.get_by_role("button", name="On this page").click()
    contents = page.locator("#pst-page-toc-nav")
    contents.get_by_role("link").last.wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="hidden")
    if width < 1200:
        page.get_by_role("button", name="Site navigation").click()
        page.get_by_role("link", name="Draw a digit").wait_for()
        page.get_by_role("link", name="4. An LSTM step by hand").first.click()
        assert "4. An LSTM" in page.title()
    assert not watch.faults()
    page.context.close()


@pytest.mark.parametrize("width", [375, 1024, 1280])
def test_cards_on_the_first_page(site, browser, width):
    page, _ = new_page(browser, width=width, height=768)
    page.goto((site / "index.html").as_uri())
    cards = page.locator(".course-cards li")
    count = cards.count()
    assert count >= 4
    heights = set()
    for number, card in enumerate(cards.all()):
        assert card.get_by_role("link").count() == 1
        image = card.get_by_role("img")
        assert len(image.get_attribute("alt")) > 20
        assert image.evaluate("image => image.complete && image.naturalWidth > 100")
        if number:
            heights.add(round(card.locator(".course-card-picture").bounding_box()["height"]))
    assert len(heights) == 1
    assert "three networks" in cards.first.get_by_role("link").inner_text()
    box = cards.nth(2).bounding_box()  # anywhere on the card is its link
    cards.nth(2).click(position={"x": box["width"] - 5, "y": box["height"] - 5})
    assert "1. The hammered iron sheet" in page.title()
    page.context.close()


def test_search_works_from_the_disk(site, browser):
    page, watch = new_page(browser)
    page.goto((site / "search.html").as_uri() + "?q=hammer")
    page.get_by_role("link", name="The hammered iron sheet").first.wait_for(timeout=15_000)
    page.wait_for_function("!document.querySelector('#search-progress')?.innerText.includes('...')")
    page.wait_for_timeout(500)  # time for what it might fetch
    assert not watch.faults()
    page.context.close()


def test_the_way_to_the_reader_page(site, browser):
    page, _ = new_page(browser)
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="Draw a digit and watch three networks read it").click()
    assert "three networks" in page.title()
    page.goto(lesson_pages(site)[-1].as_uri())  # a solution: from a folder below
    page.locator("#pst-header").get_by_role("link", name="Draw a digit").click()
    assert "three networks" in page.title()
    page.context.close()


def test_no_page_is_empty(site):
    assert not (site / "genindex.html").exists()


def test_paper_is_light_and_has_no_controls(site, browser):
    page, _ = new_page(browser, scheme="dark")
    page.goto(lesson(site, 1).as_uri())
    page.emulate_media(media="print")
    assert style(page.locator("body"), "backgroundColor") == "rgb(255, 255, 255)"
    for part in ("article p >> nth=3", "h1", "pre >> nth=0", "pre span >> nth=0", "code >> nth=0"):
        red, *_ = map(int, re.findall(r"\d+", style(page.locator(part).first, "color")))
        assert red < 100, part
    hidden = (
        "#pst-header",
        "#pst-primary-sidebar",
        "#pst-secondary-sidebar",
        ".prev-next-area",
        ".course-launch",
        ".sheet-controls",
        ".bd-header-article",
    )
    for part in hidden:
        assert not page.locator(part).first.is_visible(), part
    assert page.locator(".sheet-picture").first.is_visible()
    page.context.close()


# --- how pages are built --------------------------------------------------------------------------


def test_a_formula_becomes_mathml():
    place = importlib.util.spec_from_file_location("site_conf", ROOT / "site" / "conf.py")
    conf = importlib.util.module_from_spec(place)
    place.loader.exec_module(conf)

    class Formula(list):
        text = r"c_t = f_t \odot c_{t-1} + i_t \odot \tanh(W x_t + U h_{t-1} + b)"
        body = property(lambda self: self)

        def astext(self):
            return self.text

    from docutils.nodes import SkipNode

    for renderer, display in ((conf._inline, "inline"), (conf._block, "block")):
        formula = Formula()
        with pytest.raises(SkipNode):
            renderer(formula, formula)
        shown = "".join(formula)
        assert f'display="{display}"' in shown
        assert "<msub><mi>c</mi><mi>t</mi></msub>" in shown
        assert "⊙" in shown or "&#x02299;" in shown
        assert "\\" not in shown
    Formula.text = r"\begin{aligned} a &= b \end{aligned}"  # latex2mathml would print the &
    with pytest.raises(ValueError, match="aligned"):
        conf._block(Formula(), Formula())


def test_one_line_of_stderr_is_left_out_and_no_other(capfd):
    with build_site.without_line("a secret"):
        subprocess.run(
            [sys.executable, "-c", "import os; os.write(2, b'one\\na secret 2\\nthree\\n')"]
        )
        print("four", file=sys.__stderr__, flush=True)
    print("five a secret", file=sys.stderr, flush=True)
    told = capfd.readouterr().err.splitlines()
    assert told[:2] == ["one", "three"]
    assert "a secret 2" not in told and told[-1] == "five a secret"


def test_a_build_takes_away_what_an_earlier_one_left_and_nothing_else(tmp_path):
    built, out = tmp_path / "built", tmp_path / "out"
    for names in (["old.html", "a/old.png", "index.html"], ["index.html", "a/new.png"]):
        shutil.rmtree(built, ignore_errors=True)
        for name in names:
            (built / name).parent.mkdir(parents=True, exist_ok=True)
            (built / name).write_text(name)
        out.mkdir(exist_ok=True)
        (out / "mine.txt").write_text("keep me")
        (out / ".buildinfo").touch()  # another Sphinx has built here
        build_site.put(built, out)
    left = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert left == [".buildinfo", ".built", "a/new.png", "index.html", "mine.txt"]
