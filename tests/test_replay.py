"""Frames, words and the three faces of a replay. The live face is tested in the browser."""

import base64
import dataclasses
import gc
import io
import json
import re
import weakref

import numpy as np
import pytest
from PIL import Image

from helpers import figures
from helpers.figures import base
from helpers.figures import frames as stored
from helpers.replay import Replay

STEPS, FEATURES, UNITS = 6, 5, 4


def some_frames(words=("one", "two", "three"), title="A title"):
    figure, (ax,) = base.new_figure(3, 2)
    (dot,) = ax.plot([0], [0], "o")
    ax.set(xlim=(-1, 5), ylim=(-1, 1))
    return figures.make_frames(figure, [dot], lambda n: dot.set_xdata([n]), list(words), title)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), int)


def test_a_frame_does_not_depend_on_the_steps_before_it():
    """Only the moving parts are drawn again: nothing of an earlier step may be left over."""

    def walk(order):
        figure, axes = base.new_figure(6, 2, ncols=2)
        values = np.random.default_rng(0).random((5, 3))
        panels = [base.bar_panel(axes[0], values, "bars", "abc"),
                  base.heat_panel(axes[1], values, "heat")]  # fmt: skip
        moving = [artist for artists, _ in panels for artist in artists]
        update = lambda n: [move(order[n]) for _, move in panels]  # noqa: E731
        return figures.make_frames(figure, moving, update, list("12345"), "walk").pngs

    forth, back = walk([0, 1, 2, 3, 4]), walk([4, 3, 2, 1, 0])
    for there, here in zip(forth, reversed(back), strict=True):
        np.testing.assert_array_equal(pixels(there), pixels(here))


def test_a_step_is_its_layer_on_the_ground():
    """What is stored once and what a step adds make the picture that Matplotlib draws."""
    figure, (ax,) = base.new_figure(3, 2)
    ax.imshow(np.random.default_rng(0).random((5, 7)), cmap="PuOr_r")
    (dot,) = ax.plot([0], [0], "o", color="#009E73", markersize=20)
    frames = figures.make_frames(figure, [dot], lambda n: dot.set_xdata([n]), list("abc"), "dots")
    for step in range(3):
        dot.set(animated=False, xdata=[step])
        whole = pixels(figures.picture(figure, "drawn in one go").png)
        made = np.asarray(frames.image(step).convert("RGB"), int)
        assert (np.abs(made - whole).max(-1) > 40).mean() < 0.002  # 64 colours
        clear = np.asarray(Image.open(io.BytesIO(frames.layers[step])).convert("RGBA"))[..., 3] == 0
        assert 0.5 < clear.mean() < 1
    weight = len(frames.ground) + sum(map(len, frames.layers))
    assert frames.nbytes == weight < sum(map(len, frames.pngs))


def test_the_bundle_has_three_faces():
    replay = Replay(some_frames())
    data, _ = replay._repr_mimebundle_()
    assert data["text/plain"] == "Replay of 3 steps: A title" == repr(replay)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == replay.model_id
    assert "<script>" in data["text/html"]
    assert pixels(base64.b64decode(data["image/png"])).ndim == 3
    assert not re.search(r"https?://|@import|url\(|src=\"(?!data:)", data["text/html"])


def test_a_closed_replay_is_freed():
    frames, replays = some_frames(), []
    for _ in range(20):
        replay = Replay(frames)
        replay._repr_mimebundle_()
        replays.append(weakref.ref(replay))
        replay.close()
    del replay
    gc.collect()
    assert sum(replay() is not None for replay in replays) == 0


def test_no_text_can_end_the_script():
    nasty = '</script><script>alert("x")</script><!--'
    page = Replay(some_frames([nasty, "b", "c"], title=nasty)).html()
    assert page.count("</script>") == 1
    assert "<!--" not in page
    packed = re.search(r"\.show\((\{.*\}), 0\);", page).group(1)
    assert json.loads(packed)["words"][0] == nasty
    assert json.loads(packed)["title"] == nasty


def test_the_step_stays_within_the_frames_also_where_they_are_swapped():
    replay = Replay(some_frames(), start=-1)
    for wanted, step in ((99, 2), (-5, 0), (2, 2)):
        replay.step = wanted
        assert replay.step == step
    with pytest.raises(IndexError, match="3 steps"):
        Replay(some_frames(), start=3)
    with pytest.raises(TypeError, match="needs Frames"):
        replay.show([b"png"])
    replay.show(some_frames(["a", "b"], "Another"))
    assert (replay.step, repr(replay)) == (1, "Replay of 2 steps: Another")
    assert replay.frames["words"] == ["a", "b"]
    assert sum(replay.frames["sizes"]) == len(replay.frames["pngs"])
    replay.show(some_frames(), start=0)
    assert replay.step == 0


def test_the_filmstrip_shows_the_ends():
    frames = some_frames(["1", "2", "3", "4", "5"])
    strip = pixels(stored.filmstrip(frames))
    h, w, top, gap = frames.height, frames.width, stored.HEADING, stored.GAP
    assert strip.shape[:2] == (2 * (h + top) + gap, 2 * w + gap)
    assert np.abs(strip[top : top + h, :w] - pixels(frames.pngs[0])).max() <= 8
    assert np.abs(strip[-h:, -w:] - pixels(frames.pngs[4])).max() <= 8
    assert (strip[: top - 4, :w] < 100).any(), "the step's number stands over it"
    telling = pixels(stored.filmstrip(dataclasses.replace(frames, keys=[1, 3])))
    assert np.abs(telling[top:, :w] - pixels(frames.pngs[1])).max() <= 8
