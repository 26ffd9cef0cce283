"""The view of a trace: its words, its numbers in each face, pointer and keys, comparison, size."""

import base64
import dataclasses
import re
import time

import numpy as np
import pytest

import rnnscope
from rnnscope import cells, packing
from rnnscope.records import LayerTrace, NetworkTrace, beliefs
from rnnscope.still import coarse
from rnnscope.view import SCRIPT, View, compare, replay
from tests import browser_tools

rng = np.random.default_rng(5)
PARTS = ("h", "c", "i", "f", "candidate", "o", "z", "r")


def a_layer(cell, x, units, name, *, mask=None, backwards=False, times=True, layer=None):
    """Run one cell over x and make the record of it."""
    mask = np.ones(len(x), bool) if mask is None else np.asarray(mask, bool)
    weights = cells.random_weights(cell, x.shape[1], units, seed=units)
    way = slice(None, None, -1 if backwards else 1)
    history = cells.unroll(cell, x[way][np.newaxis], weights, mask=mask[way][np.newaxis])
    kept = {
        part: getattr(history, part)[0][way] for part in PARTS if getattr(history, part) is not None
    }
    return LayerTrace(
        name, layer or name, cell, x, mask=mask, backwards=backwards, weights=weights,
        initial_state=tuple(state[0] for state in history.initial_state),
        times=np.arange(len(x)) if times else None, **kept,
    )  # fmt: skip


def a_trace(layers, x, n, kind="classes", are="stopped", **more):
    """Put a head of n outputs on the last of some layers."""
    values = layers[-1].h @ rng.normal(0, 2, (layers[-1].h.shape[1], n))
    outputs = values if kind == "numbers" else beliefs(values, kind)
    belief = None if kind == "numbers" else outputs
    more = {"proved": True, "note": "What the head makes of it.", **more}
    output = outputs if are == "steps" else outputs[-1]
    if are is None:
        outputs = belief = None
    return NetworkTrace("own", x, tuple(layers), output, kind, outputs, are, belief=belief, **more)


def words_trace(steps=7, mask=None, cell="lstm", n=3, units=6, **how):
    layer = a_layer(cell, rng.normal(size=(steps, 4)), units, "reader", mask=mask)
    return a_trace([layer], rng.integers(1, 30, steps), n, **how)


def both_ways(mask=None):
    x = rng.normal(size=(7, 4))
    more = {"mask": mask, "layer": "both"}
    ways = [a_layer("gru", x, 5, "both/forward", **more),
            a_layer("gru", x, 5, "both/backward", backwards=True, **more)]  # fmt: skip
    return a_trace([a_layer("rnn", x, 3, "first"), *ways], rng.integers(1, 9, 7), 3)


# --- words and names ------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_words_say_what_the_trace_holds(cell):
    trace = words_trace(cell=cell)
    view = View(trace, steps="abcdefg", classes=["un", "deux", "trois"])
    told, layer = view._head["traces"][0], trace.layers[0]
    state, letter = (layer.c, "c") if cell == "lstm" else (layer.h, "h")
    for k, text in enumerate(told["layers"][0]["words"]):
        assert told["read"][k] == f"“{'abcdefg'[k]}”"
        for gate in layer.gates:
            assert f" {gate} {getattr(layer, gate)[k].mean():.2f}" in text
        unit = np.abs(state[k] - (state[k - 1] if k else 0)).argmax()
        assert f"moves most is {letter}[{unit}], from " in text
        first, second = np.argsort(-trace.belief[k])[:2]
        called = ["“un”", "“deux”", "“trois”"]
        start = "The network says" if k == 6 else "Stopped here, the network would say"
        assert told["answer"]["words"][k] == (
            f"{start} {called[first]} ({trace.belief[k, first]:.0%}), then {called[second]} "
            f"({trace.belief[k, second]:.0%})."
        )


@pytest.mark.parametrize(
    ("n", "kind", "are", "named", "says"),
    [
        (3, "classes", "steps", None, "The network says class {best} ({share:.0%}), then class"),
        (300, "classes", "stopped", None, "The network says class {best} ({share:.0%})"),
        (13, "sigmoid", "stopped", None, "class {best} ({share:.0%})"),
        (1, "sigmoid", "stopped", None, "The network says yes with {share:.0%}."),
        (1, "sigmoid", "stopped", ["bad", "good"], "The network says “good” with {share:.0%}."),
        (24, "numbers", "stopped", None, "24 numbers, from {low:.3g} (output {worst}) to "),
        (1, "numbers", "stopped", None, "The network says {share:.3g}."),
        (3, "classes", None, None, "The network says class {best}"),
    ],
)  # fmt: skip
def test_every_kind_of_answer_is_said(n, kind, are, named, says):
    trace = words_trace(n=n, kind=kind, are=are)
    answer = View(trace, classes=named)._head["traces"][0]["answer"]
    last = trace.output[-1] if are == "steps" else trace.output
    assert last.argmax() in answer["kept"]
    said = says.format(best=last.argmax(), share=last.max(), low=last.min(), worst=last.argmin())
    assert said in answer["words"][-1]
    assert sum("Stopped here" in text for text in answer["words"]) == (6 if are == "stopped" else 0)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"layer": "third"}, "layer is 'third', but the recurrent layers"),
        ({"layer": 1}, "layer is 1, but the network has 1 recurrent layers"),
        ({"layer": [0, 0, 0]}, "layer asks for 3 records"),
        ({"sort": "size"}, "sort is 'size': choose 'change', 'mean', 'units'"),
        ({"steps": "abc"}, "steps has 3 names, but there are 7 steps"),
        ({"steps": 7}, "steps is a int: give a list of 7 names"),
        ({"classes": ["a", "b"]}, "classes has 2 names, but there are 3 outputs"),
        ({"features": ["a"]}, "each step is one token"),
        ({"x": np.arange(7)}, "x is another sequence"),
        ({"kind": "classes"}, "kind belongs to the trace"),
    ],
)
def test_what_does_not_fit_is_named(how, told):
    with pytest.raises((TypeError, ValueError), match=re.escape(told)):
        replay(words_trace(), **how)


def test_what_is_no_trace_is_named(tmp_path):
    with pytest.raises(TypeError, match="needs a trace"):
        View(np.zeros(3))
    with pytest.raises(IndexError, match="7 steps: start must be in"):
        View(words_trace(), start=7)
    with pytest.raises(ValueError, match="networks with other layers"):
        compare(words_trace(), words_trace(cell="gru"))
    for path, words in (
        (tmp_path / "view", "ends in .html"),
        (tmp_path / "no" / "a.html", "folder"),
    ):
        with pytest.raises((OSError, ValueError), match=words):
            View(words_trace()).save(path)


def test_names_for_the_steps_that_are_read_will_do():
    mask = np.array([0, 0, 1, 1, 0, 1, 1], bool)
    told = View(words_trace(mask=mask), steps="chat")._head["traces"][0]
    assert told["names"] == ["", "", "c", "h", "", "a", "t"]
    for read, text in zip(mask, told["layers"][0]["words"], strict=True):
        assert text.startswith("mean over 6 units" if read else "masked, so it is not read")


# --- numbers --------------------------------------------------------------------------------------


def test_a_checkerboard_becomes_an_even_grey():
    board = np.indices((997, 511)).sum(0) % 2.0
    for wide, high in ((280, 150), (333, 149), (90, 91)):
        cells_seen = coarse(coarse(board, wide).T, high)
        assert np.abs(cells_seen[:-1, :-1] - 0.5).max() < 1e-9


def test_a_saved_page_keeps_three_digits_in_few_bytes():
    layer = a_layer("lstm", np.sin(np.arange(400.0)[:, np.newaxis] / [9, 20, 50]), 40, "long")
    numbers = packing.Numbers()
    f, i, candidate, o = (numbers.add(getattr(layer, p)) for p in ("f", "i", "candidate", "o"))
    c = numbers.add(layer.c, ("c", f, i, candidate, False))
    numbers.add(layer.h, ("h", o, c))
    about, data = numbers.small()
    assert [one["how"] for one in about[-2:]] == ["c", "h"]
    assert len(packing.compressed(data)) < 0.25 * len(numbers.exact()[1])
    assert packing.digit(layer.f) == 0.001 and packing.digit(layer.c * 0 + 20) == 0.01


# --- in the browser -------------------------------------------------------------------------------

needs_browser = pytest.mark.skipif(
    bool(browser_tools.why_no_browser()), reason=f"{browser_tools.why_no_browser()}"
)
# The live widget without Jupyter: what anywidget hands over, handed over.
LIVE = """
async ([script, head, bytes, about, weights]) => {
  const raw = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = (text) => new DataView(raw(text).buffer);
  const state = { data: { head, bytes: view(bytes) }, step: 0,
                  weights: { arrays: about, bytes: view(weights) } };
  window.told = [];
  const heard = {};
  const model = { get: (name) => state[name], set: (name, value) => (state[name] = value),
    on: (what, call) => (heard[what] = call), off() {},
    save_changes: () => told.push(state.step) };
  window.swap = ([head, bytes, step]) => {
    Object.assign(state, { data: { head, bytes: view(bytes) }, step });
    heard["change:data"]();
  };
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  (await import(url)).default.render({ model, el: document.body });
}
"""


def page_of(browser, view, folder, live=False, **how):
    """Open a view: saved as a page, or as a live widget."""
    page, watch = browser_tools.new_page(browser, **{"width": 1200, "height": 900, **how})
    if live:
        empty = folder / "empty.html"
        empty.write_text(f"<!doctype html><style>{view._css}</style><body></body>")
        page.goto(empty.as_uri())
        text = lambda data: base64.b64encode(data).decode()  # noqa: E731
        page.evaluate(LIVE, [SCRIPT, view.data["head"], text(view.data["bytes"]),
                             view.weights["arrays"], text(view.weights["bytes"])])  # fmt: skip
    else:
        page.goto(view.save(folder / f"{time.monotonic_ns()}.html").as_uri())
    page.locator(".rnn-pad").first.wait_for()
    page.wait_for_timeout(100)
    return page, watch


def pointed(page, map_number, step, row, steps, rows):
    """Point at the middle of a cell of a map; return what stands beside the pointer."""
    pad = page.locator(".rnn-maps .rnn-pad").nth(map_number)
    box = pad.bounding_box()
    place = {"x": box["width"] * (step + 0.5) / steps, "y": box["height"] * (row + 0.5) / rows}
    pad.hover(position=place)
    return page.locator(".rnn-tip").inner_text()


def told_value(text):
    return float(text.splitlines()[0].split()[-1].replace("−", "-"))


@needs_browser
@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_what_stands_at_the_pointer_is_what_the_trace_holds(browser, tmp_path, cell, live):
    trace = words_trace(steps=11, cell=cell, units=9, n=60)
    page, watch = page_of(browser, View(trace, sort="units"), tmp_path, live)
    layer, parts = trace.layers[0], {"lstm": "f i candidate c o h", "gru": "z r candidate h",
                                     "rnn": "h"}[cell].split()  # fmt: skip
    for _ in range(12):
        n, step, unit = rng.integers(len(parts)), rng.integers(11), rng.integers(9)
        said = pointed(page, int(n), step, unit, 11, 9)
        value = getattr(layer, parts[n])[step, unit]
        assert told_value(said) == pytest.approx(value, abs=1.5e-3 if not live else 1e-4), said
        assert f"unit {unit}, step {step + 1}" in said
        name = f"class {trace.belief[step].argmax()} "
        assert name in page.locator(".rnn-output .rnn-caption").inner_text()
        assert page.locator(".rnn-strong").count() == 1
    assert not watch.faults()
    page.context.close()


@needs_browser
def test_masks_directions_and_names_are_on_the_page(browser, tmp_path):
    trace = both_ways(mask=[0, 0, 1, 1, 1, 1, 1])
    nasty = '</script><script>alert("x")</script><!--'
    view = View(trace, steps="chien", classes=[nasty, "狗", "c"], sort="units", title=nasty)
    page, watch = page_of(browser, view, tmp_path)
    assert "masked" in pointed(page, 0, 1, 2, 7, 5)
    backward = trace.layers[2]
    assert told_value(pointed(page, 5, 2, 3, 7, 5)) == pytest.approx(
        backward.candidate[2, 3], abs=2e-3
    )
    assert nasty in page.locator(".rnn-bars").first.inner_text()
    assert page.title() == nasty
    words = page.locator(".sheet-words").first
    assert "Forward: masked" in words.inner_text()
    page.get_by_role("combobox", name="Layer").select_option(label="first")
    assert page.locator(".rnn-maps .rnn-pad").count() == 1
    assert "Mean over 3 units: size" in words.inner_text()
    assert not watch.faults()
    page.context.close()


@needs_browser
def test_everything_is_done_by_keyboard_and_axe_finds_nothing(browser, tmp_path):
    trace = words_trace(steps=30, units=40)
    head = (rng.normal(size=(40, 3)), np.zeros(3))
    said = beliefs(trace.layers[0].h @ head[0], "classes")
    trace = dataclasses.replace(trace, head=head, output=said[-1], outputs=said, belief=said)
    view = replay(trace, sort="units", classes=["un", "deux", "trois"])
    page, watch = page_of(browser, view, tmp_path, scheme="dark")
    for panel in page.locator("summary").all():
        panel.click()
    wrote = rnnscope.writes(trace)
    assert (
        f"wrote into “{['un', 'deux', 'trois'][trace.answer]}”"
        in page.locator(".rnn-writes summary").inner_text()
    )
    page.locator(".rnn-unit summary").click()
    assert browser_tools.step_through(page.locator(browser_tools.REPLAY)) == 30
    page.get_by_role("slider").press("Home")
    pad, readout = page.locator(".rnn-pad").first, page.locator(".rnn-readout")
    pad.focus()
    for key in ["ArrowRight"] * 4 + ["ArrowDown"] * 3:
        pad.press(key)
    assert page.get_by_role("slider").input_value() == "5"
    assert "unit 3, step 5" in readout.inner_text()
    assert told_value(readout.inner_text().split(", ")[0]) == pytest.approx(
        trace.layers[0].f[4, 3], abs=1.5e-3
    )
    pad.press("+")
    assert "of which" in page.locator(".rnn-sight").inner_text()
    pad.press("End")
    pad.press("PageDown")
    assert page.locator(".rnn-pad .rnn-now").first.is_visible()
    assert page.locator(".rnn-pad .rnn-row").first.is_visible()
    pad.press("0")
    pad.press("Enter")
    menu = page.get_by_label("The number that is taken apart")
    for part, function in (("f", "sigmoid"), ("c", None), ("logit of “deux”", "softmax")):
        menu.select_option(part)
        said = page.locator(".rnn-unit p").inner_text().split(" (A saved")[0]
        value = getattr(trace.layers[0], part, trace.belief[:, [1] * 14])[29, 13]
        last = float(said.rstrip(".").split()[-1].replace("−", "-"))
        assert last == pytest.approx(value, abs=4e-3)
        assert (function or "step 30") in said
    assert f": {wrote['parts'][29]:.3g} of " in page.locator(".rnn-writes p").inner_text().replace(
        "−", "-"
    )
    assert rnnscope.diagnose(trace)[0].title in page.locator(".rnn-findings summary").inner_text()
    assert browser_tools.axe_finds(page) == []
    assert not watch.faults()
    page.context.close()


@needs_browser
def test_two_traces_have_one_cross_and_their_difference(browser, tmp_path):
    x = rng.normal(size=(9, 4))
    a = a_trace([a_layer("lstm", x[:7], 6, "l")], rng.integers(1, 9, 7), 3)
    b = a_trace([a_layer("lstm", x[::-1], 6, "l")], rng.integers(1, 9, 9), 3)
    view = compare(a, b, names=["short", "long"], steps=["abcdefg", "hijklmnop"], sort="units")
    page, watch = page_of(browser, view, tmp_path)
    said = pointed(page, 2, 4, 5, 9, 6)
    values = [float(text.replace("−", "-")) for text in re.findall(r": (−?[\d.]+)", said)]
    f = [trace.layers[0].f[4, 5] for trace in (a, b)]
    assert values == pytest.approx([*f, f[1] - f[0]], abs=3e-3)
    assert "(“e” and “l”)" in said
    assert "short: ended" in pointed(page, 0, 8, 0, 9, 6)
    page.locator(".rnn-maps .rnn-pad").nth(4).click(position={"x": 5, "y": 5})
    assert page.locator(".rnn-unit summary").inner_text().startswith("Unit 0 of l (long)")
    said = page.locator(".rnn-unit p").inner_text().split(" (A saved")[0].replace("−", "-")
    assert said.startswith("input gate i") and float(said.rstrip(".").split()[-1]) == pytest.approx(
        b.layers[0].i[0, 0], abs=4e-3
    )
    assert not watch.faults()
    page.context.close()


@needs_browser
def test_another_input_leaves_what_the_reader_chose(browser, tmp_path):
    view = View(words_trace(), classes=["un", "deux", "trois"])
    page, watch = page_of(browser, view, tmp_path, live=True)
    page.get_by_role("combobox", name="Order").select_option("units")
    page.locator(".rnn-pad").nth(2).click(position={"x": 5, "y": 80})
    opened = page.locator(".rnn-unit summary").inner_text()
    other = words_trace(steps=5)
    view.show(other, start=-1)
    assert view.step == 4 and repr(view) == "View of 5 steps: Inside own: reader"
    page.evaluate("swap", [view.data["head"], base64.b64encode(view.data["bytes"]).decode(), 4])
    assert page.locator("output").inner_text() == "5 / 5"
    assert told_value(pointed(page, 0, 3, 4, 5, 6)) == pytest.approx(
        other.layers[0].f[3, 4], abs=1e-4
    )
    assert page.locator(".rnn-unit summary").inner_text() == opened
    page.get_by_role("slider").press("Home")
    page.wait_for_function("told.at(-1) === 0")
    assert not watch.faults()
    page.context.close()


@needs_browser
def test_far_out_a_checkerboard_is_grey_and_two_views_are_two(browser, tmp_path):
    layer = words_trace(steps=600, units=301).layers[0]
    board = np.indices((600, 301)).sum(0) % 2.0
    trace = a_trace([dataclasses.replace(layer, f=board)], np.zeros(600), 2)
    views = View(trace, sort="units"), View(words_trace(), title="the other")
    path = tmp_path / "two.html"
    path.write_text("<!doctype html>" + "".join(view.html() for view in views), encoding="utf-8")
    page, watch = browser_tools.new_page(browser, width=1200, height=2000)
    page.goto(path.as_uri())
    page.locator(".rnn-pad").nth(10).wait_for()
    page.wait_for_timeout(300)
    shades = page.evaluate("""() => {
      const canvas = document.querySelector(".rnn-maps .rnn-pad canvas");
      const { width, height } = canvas, pen = canvas.getContext("2d");
      const { data } = pen.getImageData(0, 0, width - 4, height - 4);
      const reds = data.filter((_, n) => n % 4 === 0);
      return [reds.reduce((a, b) => Math.min(a, b)), reds.reduce((a, b) => Math.max(a, b))];
    }""")
    assert shades[1] - shades[0] <= 2, shades
    first, second = page.locator(browser_tools.REPLAY).all()
    first.get_by_role("slider").press("End")
    assert second.locator("output").inner_text() == "1 / 7"
    assert first.locator("output").inner_text() == "600 / 600"
    assert not watch.faults()
    page.context.close()
