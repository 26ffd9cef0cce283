"""Pages that ask back: answers judged in the browser as in the lessons, predictions, ticks.

The pages are built from the lessons' saved outputs, so no lesson runs here.
"""

import json
import re

import pytest

from helpers.checks import ANSWERS, plain_answers
from helpers.course import LESSONS
from tests import browser_tools
from tests.notebook_tools import NOTEBOOKS, ROOT
from tests.test_checks_answers import SPELLINGS
from tests.test_site import build_saved
from tools import lesson_pages, predictions, questions

LESSON_1 = "01_the_hammered_iron_sheet"
# The theme asks for the browser's storage too, and has no answer to a no; axe, for style sheets.
EXCUSED = ("refused", "error in the browser's console")
HAMMER = ".course-ask[data-question='lesson 1: hammer']"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return build_saved([LESSONS[0], LESSONS[1], LESSONS[5]], tmp_path_factory.mktemp("ask") / "s")


@pytest.fixture
def opened(site, browser):
    with browser_tools.watched_pages(browser, excused=EXCUSED) as open_page:
        yield lambda *before, **how: open_page((site / f"{LESSON_1}.html").as_uri(), *before, **how)


# --- the judge ---------------------------------------------------------------------------------


def known_values(answer):
    for value in (*answer.right, *answer.wrong):
        listed = isinstance(value, (tuple, frozenset, set))
        yield ", ".join(map(str, value)) if listed else str(value)


def judged_in_browser(browser, cases):
    script = questions.questions_script({})
    script += (ROOT / "site/_static/typed_answers.js").read_text(encoding="utf-8")
    page, watch = browser_tools.new_page(browser)
    page.add_script_tag(content=f"{script}; window.Judge = Judge;")
    found = page.evaluate("cases => cases.map(([name, text]) => Judge.judge(name, text))", cases)
    page.context.close()
    assert not watch.faults()
    return found


@pytest.mark.deep
def test_a_browser_says_what_the_lessons_say(browser):
    """Each spelling and each known value, to its own question and to each other one."""
    hard = ["", "\u2026", "(" * 200, "9" * 200, "9**9**9**9", "--1", "1,000" * 30, "\U0001f528",
            "<script>", "__proto__", "constructor", "1e999", "1/0", "0**-1", "(-8)**0.5", "nan",
            "011", "1 # one", "\u0664\u0665", "\u2179", "\ufb00"]  # fmt: skip
    texts = hard + [text for _, text, _ in SPELLINGS]
    texts += [text for entry in ANSWERS.values() for text in known_values(entry)]
    cases = [(name, text) for name in ANSWERS for text in dict.fromkeys(texts)]
    for (name, text), found in zip(cases, judged_in_browser(browser, cases), strict=True):
        due = plain_answers.judge_answer(ANSWERS[name], text)
        if due.sentence.startswith("Your turn:"):
            assert not found["ok"] and found["sentence"].startswith("Your turn: write your answer")
        else:
            assert (found["ok"], found["sentence"]) == (due.ok, due.sentence), (name, text)


def test_a_sentence_cannot_end_the_script():
    script = questions.questions_script({"<": ["</script>"]})
    assert "<" not in script
    assert json.loads(script.removeprefix("const QUESTIONS = ").removesuffix(";\n"))["pages"]


# --- the pages ---------------------------------------------------------------------------------


def test_every_plain_question_has_its_place_and_every_function_its_line():
    placed, asked = [], []
    for lesson in LESSONS:
        book = predictions.read(NOTEBOOKS / f"{lesson.name}.ipynb")
        for cell in lesson_pages.as_page(book, lesson.name).cells:
            if cell.cell_type != "code" or not cell.outputs:
                continue
            asked += re.findall(r'checks\.answer\(\s*"(.+?)"', cell.source)
            first = cell.outputs[0].get("data", {}).get("text/html", "")
            placed += re.findall(r'class="course-ask" data-question="([^"]+)"', first)
            said = "".join(output.get("text", "") for output in cell.outputs)
            if said.startswith("Your turn:") and "checks.answer(" not in cell.source:
                assert "This exercise needs Python" in first and "mybinder.org" in first
    assert placed == asked
    assert len(set(placed)) == len(placed) >= len(ANSWERS) - 1


@pytest.mark.deep
def test_an_answer_by_keyboard_its_tick_and_its_count(opened):
    page = opened()
    count = page.locator(".course-tally > span").first
    total = int(re.fullmatch(r"0 of (\d+) questions answered", count.inner_text())[1])
    assert total == page.locator(".course-ask").count() > 1
    place = page.locator(HAMMER)
    field, says = place.get_by_label("Your answer: hammer"), place.get_by_role("status")
    assert place.evaluate("e => e.closest('.cell').innerText").count("run this check") == 0
    field.focus()
    page.keyboard.type("100")
    page.keyboard.press("Enter")
    says.get_by_text("Not yet: that counts the time steps").wait_for()
    field.fill(" ")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    says.get_by_text("Your turn: write your answer").wait_for()
    field.fill("3 584")
    page.keyboard.press("Enter")
    says.get_by_text("Right: 28 rows times 128 columns").wait_for()
    assert count.inner_text() == f"1 of {total} questions answered"
    page.reload()
    assert field.input_value() == "3 584"
    assert says.inner_text().startswith("Right:")
    page.goto(page.url.replace(LESSON_1, "index"))
    card = page.locator(".course-cards li", has=page.locator(f"a[href='{LESSON_1}.html']"))
    assert card.locator(".course-card-tally").inner_text() == f"1 of {total} questions answered"
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Clear all my answers and predictions").click()
    assert card.locator(".course-card-tally").inner_text() == f"0 of {total} questions answered"


@pytest.mark.deep
def test_what_happens_waits_for_the_prediction(opened):
    page = opened()
    form = page.locator(".course-predict").first
    cell = form.locator("xpath=following-sibling::div[1]")
    output, explained = cell.locator(".cell_output"), page.get_by_text("The old dent is still")
    assert cell.locator(".cell_input").is_visible()
    assert not output.is_visible() and not explained.is_visible()
    button = form.get_by_role("button")
    assert button.get_attribute("aria-expanded") == "false"
    form.get_by_label("Your prediction").fill("both dents")
    page.keyboard.press("Enter")
    assert output.is_visible() and explained.is_visible()
    assert button.inner_text() == "Hide what happens"
    page.reload()
    assert form.get_by_label("Your prediction").input_value() == "both dents"
    assert output.is_visible()
    button.press("Enter")  # the button alone, as a keyboard presses it
    assert not output.is_visible()
    page.get_by_label("Show all outputs at once").check()
    assert page.locator(".course-folded").count() == 0
    page.reload()
    assert page.locator(".course-folded").count() == 0
    page.get_by_label("Show all outputs at once").uncheck()
    assert not output.is_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Clear my answers and predictions").click()
    assert form.get_by_label("Your prediction").input_value() == ""


@pytest.mark.deep
def test_without_scripts_and_on_paper_everything_is_shown(opened, browser, site):
    page = opened()
    outputs = page.locator(".cell_output").count()
    page.emulate_media(media="print")
    assert page.locator(".cell_output:visible").count() == outputs
    assert page.locator(":is(.course-predict, .course-tally, .course-ask):visible").count() == 0
    assert page.get_by_text("Your turn: put your answer in").first.is_visible()
    plain = browser.new_page(java_script_enabled=False)
    plain.goto((site / f"{LESSON_1}.html").as_uri())
    assert plain.locator(".cell_output:visible").count() == outputs
    plain.close()


REFUSED = "Object.defineProperty(window, 'localStorage', { get() { throw Error('refused'); } });"
FULL = "Storage.prototype.setItem = () => { throw Error('refused: it is full'); };"


@pytest.mark.deep
@pytest.mark.parametrize("before", [REFUSED, FULL])
def test_a_browser_that_keeps_nothing_costs_a_sentence(opened, before):
    page = opened(before)
    place = page.locator(HAMMER)
    place.get_by_role("textbox").fill("3584")
    place.get_by_role("button").click()
    place.get_by_text("Right: 28 rows").wait_for()
    assert page.locator(".course-tally > span").first.inner_text().startswith("1 of ")
    assert page.get_by_text("This browser keeps nothing for these pages").is_visible()
    page.locator(".course-predict button").first.click()
    assert page.get_by_text("The old dent is still").is_visible()
