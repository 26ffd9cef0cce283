"""The guided tour of the reader page: what each stop says is so, and it goes by keyboard alone."""

import re

import pytest

from helpers import reader, trace
from helpers.digits import small_digits
from tests.test_links import state
from tests.test_web_reader import (  # noqa: F401
    axe_finds,
    built,
    draw_line,
    inked,
    open_page,
    page,
    shown,
)

pytestmark = pytest.mark.deep
STOPS = 11


def title(page):  # noqa: F811
    return page.locator("#tour-title").inner_text()


def words(page):  # noqa: F811
    return page.locator("#tour-words").inner_text()


def begin(page, stop=1):  # noqa: F811
    page.locator("#tour-start").click()
    for _ in range(stop - 1):
        page.get_by_role("button", name="Next", exact=True).last.click()
    assert title(page).startswith(f"Stop {stop} of {STOPS}: ")


def numbers(text):
    return [float(number.replace("−", "-")) for number in re.findall(r"−?\d+(?:\.\d+)?", text)]


# --- what is said is so ---------------------------------------------------------------------------


def of(label, cell="lstm", **more):
    image = small_digits().x_test[small_digits().y_test == label][0]
    return trace.trace(reader.shipped(cell), image, **more)


def near(value, places=2):
    return pytest.approx(value, abs=0.51 * 10**-places)


def settled(seen):
    answers = seen.belief.argmax(1).tolist()
    while len(answers) > 1 and answers[-2] == answers[-1]:
        answers.pop()
    return len(answers)


def believed(seen, row):
    belief = seen.belief[row - 1]
    return f"{belief.argmax()} ({belief.max():.0%})"


def test_each_stop_says_what_the_trace_says(page):  # noqa: F811
    seen, said = of(3), []
    begin(page)
    for stop in range(1, STOPS + 1):
        assert title(page).startswith(f"Stop {stop} of {STOPS}: ")
        said.append((state(page), words(page)))
        page.locator("#tour-next").click()
    ink = int((seen.x > 0).any(1).argmax())

    now, text = said[0]
    assert now["digit"] is None and numbers(text) == [128, 0]

    now, text = said[1]
    unit = int(abs(seen.c[0]).argmax())
    assert not seen.x[0].any() and (now["digit"], now["row"], now["unit"]) == (3, 1, unit)
    assert numbers(text) == [1, 28, unit, near(seen.c[0, unit])]

    now, text = said[2]
    change = seen.c[ink] - seen.c[ink - 1]
    unit = int(abs(change).argmax())
    assert (now["row"], now["unit"]) == (ink + 1, unit)
    expected = [ink + 1, (seen.x[ink] > 0).sum(), 28, unit, *seen.c[[ink - 1, ink], unit]]
    assert numbers(text) == [near(value) for value in expected]

    now, text = said[3]
    assert now["open"] == "lstm-c"
    expected = [unit, *(getattr(seen, part)[ink, unit] for part in ("f", "i", "candidate", "c"))]
    assert numbers(text) == [near(value) for value in expected]

    now, text = said[4]
    weights = reader.shipped("lstm")
    W, U, b = weights.kernel[:, unit], weights.recurrent_kernel[:, unit], weights.bias[unit]
    largest = int(abs(seen.x[ink] * W).argmax())
    assert f"The largest, pixel {largest + 1}," in text
    sum_ = seen.x[ink] @ W + seen.h[ink - 1] @ U + b
    expected = [unit, 157, 28, 128, largest + 1, (seen.x[ink] * W)[largest], sum_]
    assert numbers(text) == [near(value) for value in [*expected, seen.i[ink, unit]]]

    now, text = said[5]
    row, unit = now["row"], now["unit"]
    gates = seen.f[row - 8 : row, unit]
    held, least = seen.c[row - 9, unit], int(100 * gates.min()) / 100
    kept = round(100 * gates.prod())
    assert numbers(text) == [row - 8, unit, near(held), 8, least, kept, row]
    assert kept >= 70 and abs(held) > 1

    now, text = said[6]
    turn = settled(seen)
    assert now["row"] == turn > 1
    assert f"After row {turn - 1} the LSTM believed {believed(seen, turn - 1)}." in text
    assert f"now it believes {believed(seen, turn)}" in text

    now, text = said[7]
    digit = seen.belief[turn - 1].argmax()
    assert now["open"] == f"lstm-logit-{digit}"
    belief = round(100 * seen.belief[turn - 1, digit])
    assert numbers(text) == [digit, 129, near(seen.logits[turn - 1, digit]), belief]

    now, text = said[8]
    assert now["pins"]["lstm"] == {"f": 0}
    assert f"free the LSTM believes {believed(seen, 28)} after row 28;" in text
    assert f"pinned so, it believes {believed(of(3, ablate={'f': 0}), 28)}." in text

    now, text = said[9]
    three = {cell: of(now["digit"], cell) for cell in ("lstm", "gru", "rnn")}
    assert now["row"] == settled(three["rnn"]) - 1 and now["pins"]["lstm"] == {}
    for cell in ("lstm", "rnn"):
        assert believed(three[cell], now["row"]) in text
    for cell, one in three.items():
        assert f"{cell.upper()}" in text and f"with {one.answer} from row {settled(one)} on" in text
    assert (
        three["lstm"].belief[now["row"] - 1].argmax()
        != three["rnn"].belief[now["row"] - 1].argmax()
    )

    assert said[10][1].startswith("The paper is yours: draw a digit")


# --- going through it -----------------------------------------------------------------------------


def test_it_goes_by_keyboard_alone_and_is_read_out(page):  # noqa: F811
    start = page.locator("#tour-start")
    start.focus()
    page.keyboard.press("Enter")
    live = page.locator("[aria-live=polite]", has=page.locator("#tour-words"))
    assert live.get_attribute("aria-atomic") == "true"
    assert page.get_by_role("region", name=f"Stop 1 of {STOPS}: An empty sheet").count() == 1
    for stop in range(1, STOPS):
        assert page.evaluate("document.activeElement.id") == "tour-next"
        assert title(page).startswith(f"Stop {stop} of")
        page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press(" ")
    assert title(page).startswith(f"Stop {STOPS - 1} of")
    page.keyboard.press("Escape")
    assert not page.locator("#tour").is_visible()
    assert page.evaluate("document.activeElement.id") == "tour-start"


def test_what_was_there_before_comes_back_and_what_was_drawn_is_kept(page):  # noqa: F811
    draw_line(page, (0.4, 0.6))
    page.get_by_role("button", name="forget gate: free").click()
    page.get_by_label("Row", exact=True).press("Home")
    before, ink = state(page), inked(page)
    begin(page, 3)
    assert not inked(page).any()
    page.get_by_label("Row", exact=True).press("End")  # also where the page was moved meanwhile
    page.keyboard.press("Escape")
    assert state(page) == before and (inked(page) == ink).all()


# --- what is seen ---------------------------------------------------------------------------------

# Which of what a stop speaks of is out of sight, or has something before it.
HIDDEN = """
() => [...document.querySelectorAll(".spoken")].flatMap((spoken) => {
  const parts = spoken.id === "sum" ? [...spoken.querySelectorAll("p, tr")].filter((one) =>
    one.checkVisibility()) : [spoken];
  return parts.filter((part) => {
    const { left, right, top, bottom } = part.getBoundingClientRect();
    const seen = (x, y) => {
      const found = document.elementFromPoint(x, y);
      return spoken.contains(found) || found?.contains(spoken);
    };
    return top < 0 || bottom > innerHeight || left < 0 || right > innerWidth ||
      !seen((left + right) / 2, top + 3) || !seen((left + right) / 2, bottom - 3);
  }).map((part) => part.outerHTML.slice(0, 60));
})
"""


@pytest.mark.parametrize(("width", "height", "scheme"), [(1280, 720, "light"), (375, 740, "dark")])
def test_nothing_covers_what_a_stop_speaks_of(open_page, width, height, scheme):  # noqa: F811
    page = open_page(width, height, color_scheme=scheme)  # noqa: F811
    begin(page)
    for stop in range(1, STOPS + 1):
        assert page.locator(".spoken").count() >= 1
        assert not page.evaluate(HIDDEN), (stop, page.evaluate(HIDDEN))
        box = page.locator("#tour").bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= height + 1
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if stop in ((1, 9) if scheme == "light" else (4, 11)):
            assert axe_finds(page) == []
        page.locator("#tour-next").click()
