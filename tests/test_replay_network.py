"""Replays of any network over any sequence, and the page that a replay is saved as."""

import inspect
import re

import numpy as np
import pytest

from helpers import figures
from helpers.network import LayerTrace, NetworkTrace
from helpers.network.traces import beliefs
from helpers.replay import Replay, replay_network
from rnnscope import cells
from tests.notebook_tools import ROOT

rng = np.random.default_rng(5)
PARTS = ("h", "c", "i", "f", "candidate", "o", "z", "r")


def a_layer(cell, x, units, name, *, mask=None, backwards=False, times=True, layer=None):
    """Run one cell over x as `helpers.network` does, and make the record of it."""
    steps = len(x)
    mask = np.ones(steps, bool) if mask is None else np.asarray(mask, bool)
    order = np.arange(steps)[::-1] if backwards else np.arange(steps)
    weights = cells.random_weights(cell, x.shape[1], units, seed=units)
    read = [row for row in order if mask[row]]
    history = cells.unroll(cell, x[read or [0]][np.newaxis], weights)
    states = ("h", "c") if cell == "lstm" else ("h",)
    kept = {}
    for part in PARTS:
        values = getattr(history, part, None)
        if values is None:
            continue
        made = np.full((steps, units), 0.0 if part in states else np.nan)
        made[read] = values[0][: len(read)]
        if part in states:  # carried through what is masked
            before = np.zeros(units)
            for row in order:
                before = made[row] = made[row] if mask[row] else before
        kept[part] = made
    return LayerTrace(
        name, layer or name, cell, x, mask=mask, backwards=backwards,
        initial_state=(np.zeros(units),) * len(states),
        times=np.arange(steps) if times else None, **kept,
    )  # fmt: skip


def a_trace(layers, x, n, kind="classes", are="states", note="What the head makes of it."):
    """Put a head of n outputs on the last of some layers."""
    last = layers[-1]
    values = last.h[last.order] @ rng.normal(0, 2, (last.units, n))
    outputs = values if kind == "numbers" else beliefs(values, kind)
    belief = None if kind == "numbers" else outputs
    if are is None:
        return NetworkTrace("own", x, tuple(layers), outputs[-1], kind, None, None, None, note)
    return NetworkTrace(
        "own", x, tuple(layers), outputs[-1] if are == "states" else outputs, kind, outputs, are,
        last.order, note, belief=belief,
    )  # fmt: skip


def words_trace(steps=7, mask=None, cell="lstm", n=3, **how):
    tokens = rng.integers(1, 30, steps)
    layer = a_layer(cell, rng.normal(size=(steps, 4)), 6, "reader", mask=mask)
    return a_trace([layer], tokens, n, **how)


# --- the words, checked against the trace ---------------------------------------------------------


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_the_words_say_what_the_trace_holds(cell):
    trace = words_trace(cell=cell)
    frames = figures.network_frames(trace, steps="abcdefg", classes=["un", "deux", "trois"])
    layer = trace.layers[0]
    assert len(frames) == 7
    for k, text in enumerate(frames.words):
        assert text.startswith(f"Step {k + 1} of 7, “{'abcdefg'[k]}”. ")
        for gate in layer.gates:
            assert f" {gate} {getattr(layer, gate)[k].mean():.2f}" in text
        state = layer.c if cell == "lstm" else layer.h
        before = state[k - 1] if k else np.zeros(6)
        unit = np.abs(state[k] - before).argmax()
        assert f"moves most is {'c' if cell == 'lstm' else 'h'}[{unit}], from " in text
        first, second = np.argsort(-trace.belief[k])[:2]
        called = ["“un”", "“deux”", "“trois”"]
        start = "The network says" if k == 6 else "Stopped here, the network would say"
        assert (
            f"{start} {called[first]} ({trace.belief[k, first]:.0%}), then {called[second]} "
            f"({trace.belief[k, second]:.0%})." in text
        )


@pytest.mark.parametrize(
    ("n", "kind", "are", "named", "says"),
    [
        (3, "classes", "steps", None, "The network says class {best} ({share:.0%}), then class"),
        (30, "classes", "states", "language", "the 8 outputs that reach the largest values, of 30"),
        (13, "sigmoid", "states", None, "class {best} ({share:.0%})"),
        (1, "sigmoid", "states", None, "The network says yes with {share:.0%}."),
        (1, "sigmoid", "states", ["bad", "good"], "The network says “good” with {share:.0%}."),
        (24, "numbers", "states", None, "24 numbers, from {low:.3g} (output {worst}) to "),
        (1, "numbers", "states", None, "The network says {share:.3g}."),
        (3, "classes", None, None, "The network says class {best}"),
    ],
)  # fmt: skip
def test_every_kind_of_answer_is_said(n, kind, are, named, says):
    trace = words_trace(n=n, kind=kind, are=are)
    classes = [f"language {k}" for k in range(n)] if named == "language" else named
    words = figures.network_frames(trace, classes=classes).words
    last = trace.output[-1] if are == "steps" else trace.output
    said = says.format(best=last.argmax(), share=last.max(), low=last.min(), worst=last.argmin())
    assert said in words[-1] or said in words[0]
    stopped = ["Stopped here, the network would say" in text for text in words]
    assert stopped == [are == "states"] * 6 + [False]


def test_answers_with_steps_of_their_own_are_not_shown():
    x = rng.normal(size=(8, 4))
    layers = [a_layer("lstm", x, 5, "encoder"),
              a_layer("gru", rng.normal(size=(3, 5)), 4, "decoder", times=False)]  # fmt: skip
    trace = a_trace(layers, x, 2, are="steps")
    words = figures.network_frames(trace, layer="encoder").words
    assert len(words) == 8 and "steps of their own" in words[0]
    assert len(figures.network_frames(trace)) == 3
    with pytest.raises(ValueError, match="'encoder' of 8 steps beside 'decoder' of 3"):
        figures.network_frames(trace, layer=[0, 1])
    for layer in ("encoder", 0, -2, np.int64(0)):
        assert "over 5 units" in figures.network_frames(trace, layer=layer).words[0]


# --- masks, directions, layers --------------------------------------------------------------------


def test_masked_steps_are_told_and_names_for_the_others_will_do():
    mask = np.array([0, 0, 1, 1, 0, 1, 1], bool)
    trace = words_trace(mask=mask)
    frames = figures.network_frames(trace, steps="chat")
    for k, text in enumerate(frames.words):
        assert ("Masked, so it is not read" in text) == (not mask[k])
        assert ("Mean over 6 units" in text) == mask[k]
    assert "Step 6 of 7, “a”." in frames.words[5]
    assert "Step 1 of 7, token " in frames.words[0]
    none = figures.network_frames(words_trace(mask=np.zeros(7, bool)), sort="mean")
    assert all("Masked" in text for text in none.words)


def test_two_directions_stand_side_by_side():
    x, tokens = rng.normal(size=(5, 3)), rng.integers(1, 9, 5)
    both = [a_layer("lstm", x, 4, "both/forward", layer="both"),
            a_layer("lstm", x, 4, "both/backward", layer="both", backwards=True)]  # fmt: skip
    trace = a_trace(both, tokens, 2)
    frames = figures.network_frames(trace, steps=["I", "see", "a", "small", "dog"])
    assert frames.words[0].startswith(
        "Step 1 of 5: forward reads “I” and backward reads input step 5, “dog”. Forward: mean"
    )
    for k, row in ((0, 4), (4, 0)):
        mean = both[1].f[row].mean()
        assert f"Backward: mean over 4 units: forget gate f {mean:.2f}" in frames.words[k]
    one = figures.network_frames(trace, layer="both/backward")
    assert one.words[0].startswith("Step 1 of 5, input step 5, token ")
    assert one.height < frames.height


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
        ({"at": [7]}, "at must hold steps from 0 to 6"),
        ({"at": 3}, "at is 3: give a list of steps"),
        ({"at": []}, "at must hold steps"),
    ],
)
def test_what_does_not_fit_is_named(how, told):
    with pytest.raises((TypeError, ValueError), match=re.escape(told)):
        figures.network_frames(words_trace(), **how)


# --- size, letters --------------------------------------------------------------------------------


@pytest.mark.deep
def test_long_sequences_stay_small_and_say_what_is_left_out():
    x = np.cumsum(rng.normal(size=(1000, 1)), 0)
    trace = a_trace([a_layer("lstm", x, 128, "long")], x, 4)
    frames = figures.network_frames(trace)
    assert len(frames) == 60
    assert "There are 1,000 steps and 60 pictures" in frames.words[0]
    assert frames.words[0].startswith("Step 1 of 1,000")
    assert frames.words[-1].startswith("Step 1,000 of 1,000")
    assert len(Replay(frames)._page()) < 3e6
    some = figures.network_frames(trace, at=[437, 438, 12])
    assert [text.split(",")[0] for text in some.words] == [f"Step {n} of 1" for n in (13, 438, 439)]


@pytest.mark.filterwarnings("error")
def test_names_in_any_writing_are_in_the_words():
    trace = words_trace()
    steps = ["我", "$", "<b>", "word two", "", " ", "🙂"]
    frames = figures.network_frames(trace, steps=steps, classes=["狗", "c^2$", "x" * 90])
    assert "“我”" in frames.words[0] and "“<b>”" in frames.words[2]
    assert "Step 6 of 7, space." in frames.words[5]
    called = ["“狗”", "“c^2$”", f"“{'x' * 90}”"]
    for belief, text in zip(trace.belief, frames.words, strict=True):
        assert called[belief.argmax()] in text
    page = Replay(frames)._page()
    assert "<b>" not in page.split("<main>")[1].split("<script>")[0]


# --- one line -------------------------------------------------------------------------------------


def test_one_line_from_a_trace_and_from_a_reader():
    from helpers.reader import shipped

    trace = words_trace()
    replay = replay_network(trace, trace.x, steps="abcdefg", title="Seven letters")
    assert repr(replay) == "Replay of 7 steps: Seven letters"
    for given, words in (
        ({"model": trace, "x": trace.x[:3]}, "x is another sequence"),
        ({"model": trace, "kind": "classes"}, "kind belongs to the trace"),
        ({"model": shipped("gru")}, "x is missing"),
        ({"model": "model.keras", "x": trace.x}, "model is a str: give a Keras model"),
    ):
        with pytest.raises((TypeError, ValueError), match=words):
            replay_network(**given)
    image = rng.integers(2, 255, (9, 28)).astype(np.uint8)
    seen = replay_network(shipped("gru"), image)
    assert len(seen.frames["words"]) == 9 and "update gate z" in seen.frames["words"][0]


@pytest.mark.deep
def test_the_lines_of_the_page_about_your_own_network_run(tmp_path, monkeypatch):
    from helpers.reader import import_keras

    keras = import_keras()
    layers = keras.layers
    model = keras.Sequential([layers.Input((None,), dtype="int32"), layers.Embedding(9, 3),
                              layers.LSTM(4), layers.Dense(1, activation="sigmoid")])  # fmt: skip
    monkeypatch.chdir(tmp_path)
    model.save("my_model.keras")
    page = (ROOT / "docs" / "own_network.md").read_text(encoding="utf-8")
    given = {"model": model, "x": rng.integers(1, 9, 5), "words": list("abcde")}
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    for block in blocks:
        exec(block, given)
    assert "<!DOCTYPE html>" in (tmp_path / "my_replay.html").read_text(encoding="utf-8")
    keywords = set(inspect.signature(replay_network).parameters) - {"model", "x", "title"}
    assert all(f"| `{keyword}` |" in page for keyword in keywords)


# --- a page of its own ----------------------------------------------------------------------------


@pytest.fixture
def replay():
    return replay_network(words_trace(), steps="abcdefg", title="A <title> & more")


def test_a_replay_is_saved_as_one_whole_page(replay, tmp_path):
    path = tmp_path / "été 狗.html"
    assert replay.save(path) == path
    page = path.read_text(encoding="utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">') and page.endswith("</html>\n")
    assert "<title>A &lt;title&gt; &amp; more</title>" in page
    assert not re.search(r"https?://|@import|url\(|src=\"(?!data:)", page)


def test_what_is_no_place_for_a_page_is_named(replay, tmp_path):
    (tmp_path / "folder.html").mkdir()
    for path, words in (
        (tmp_path / "missing" / "a.html", "There is no folder .*missing.*: make it first"),
        (tmp_path / "replay", "ends in .html, such as 'replay.html'"),
        (tmp_path / "folder.html", "is a folder"),
        (None, "path is None"),
    ):
        with pytest.raises((OSError, ValueError, TypeError), match=words):
            replay.save(path, overwrite=True)
    mine = tmp_path / "mine.html"
    mine.write_text("an earlier file", encoding="utf-8")
    with pytest.raises(FileExistsError, match="is there already and was left as it is"):
        replay.save(str(mine))
    assert mine.read_text(encoding="utf-8") == "an earlier file"
    replay.save(f'"{mine}"', overwrite=True)
    assert "<!DOCTYPE" in mine.read_text(encoding="utf-8")
