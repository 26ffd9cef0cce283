"""The menu, the drawing pad and the upload: each hands on a digit laid out as MNIST's."""

import base64
import io
import re
import sys
from datetime import UTC, datetime

import ipywidgets as widgets
import numpy as np
import pytest
import traitlets
from PIL import Image

from helpers import draw
from helpers.centring import centre_digit
from helpers.digits import small_digits


def parts(widget, kind):
    """All widgets of a kind inside a box, in order."""
    found = [widget] if isinstance(widget, kind) else []
    return found + [
        part for child in getattr(widget, "children", ()) for part in parts(child, kind)
    ]


# --- the menu ----------------------------------------------------------------------------------


def a_menu(digit=2):
    images = np.arange(10 * 6, dtype=np.uint8).reshape(10, 3, 2)
    labels = np.array([2, 5, 2, 2, 5, 9, 2, 5, 2, 2])
    got = []
    menu = draw.digit_menu(images, labels, got.append, digit=digit)
    return images, got, *menu.children


def test_the_menu_hands_on_each_choice_once():
    images, got, kind, number = a_menu()
    assert got == []
    number.value = 3  # the fourth 2
    kind.value = 9  # of which there is one
    kind.value = 5
    number.value = 99  # no further than the last
    np.testing.assert_array_equal(got, images[[6, 5, 1, 7]])
    assert (kind.options, number.max) == ((2, 5, 9), 2)


# --- the pad -----------------------------------------------------------------------------------


def a_pad():
    from ipycanvas import Canvas

    got = []
    pad = draw.drawing_pad(got.append)
    (canvas,) = parts(pad, Canvas)
    return got, pad, canvas


def send(canvas, event, *points):
    """Let the canvas's page report an event, as the browser does."""
    content = {"event": event, "touches": [{"x": x, "y": y} for x, y in points]}
    if not event.startswith("touch") and points:
        content |= dict(zip("xy", points[0], strict=True))
    canvas._handle_frontend_event(canvas, content, [])


def stroke(canvas, points, events=("mouse_down", "mouse_move", "mouse_up")):
    send(canvas, events[0], points[0])
    for point in points[1:]:
        send(canvas, events[1], point)
    send(canvas, events[2], points[-1])


DOWN = [(140, 60), (138, 120), (130, 190)]
ACROSS = [(60, 190), (200, 184)]


@pytest.mark.parametrize("events", [("mouse_down", "mouse_move", "mouse_out"),
                                    ("touch_start", "touch_move", "touch_cancel")])  # fmt: skip
def test_each_stroke_hands_on_the_whole_drawing_until_it_is_cleared(events):
    got, pad, canvas = a_pad()
    stroke(canvas, DOWN, events)
    stroke(canvas, ACROSS, events)
    np.testing.assert_array_equal(got[0], centre_digit(draw.ink_of_strokes([DOWN])))
    np.testing.assert_array_equal(got[1], centre_digit(draw.ink_of_strokes([DOWN, ACROSS])))
    tall, wide = ((image > 0).any(1).sum() / (image > 0).any(0).sum() for image in got)
    assert tall > 2 and wide < 1.5
    (clear,) = parts(pad, widgets.Button)
    clear.click()
    stroke(canvas, ACROSS)
    np.testing.assert_array_equal(got[2], centre_digit(draw.ink_of_strokes([ACROSS])))


def test_without_ipycanvas_a_picture_can_be_uploaded(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipycanvas", None)
    got = []
    pad = draw.drawing_pad(got.append)
    (said,) = parts(pad, widgets.Label)
    assert "install ipycanvas" in said.value
    upload_to(pad, as_file(a_seven()))
    assert len(got) == 1


# --- pictures ----------------------------------------------------------------------------------


def a_seven():
    digits = small_digits()
    return digits.x_test[digits.y_test == 7][0]


def as_file(image, kind="PNG"):
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, kind)
    return buffer.getvalue()


def upload_to(pad, data):
    (upload,) = parts(pad, widgets.FileUpload)
    upload.value = (
        {"name": "a.png", "type": "image/png", "size": len(data), "content": memoryview(data),
         "last_modified": datetime(2026, 11, 25, tzinfo=UTC)},
    )  # fmt: skip


def photograph(image):
    """The digit large, dark grey on a sheet with a shadow and grain."""
    ink = np.kron(image / 255, np.ones((30, 20)))
    shadow = np.linspace(0.95, 0.8, ink.shape[1])
    grain = np.random.default_rng(0).normal(size=ink.shape) * 0.01
    return (255 * (shadow - 0.65 * ink + grain).clip(0, 1)).astype(np.uint8)


def shown(pad):
    """Return the label's words and the picture with its words below the button."""
    (said,), (figure,) = parts(pad, widgets.Label), parts(pad, widgets.HTML)
    return said.value, figure.value


def test_an_upload_shows_what_was_found_with_words():
    got = []
    pad = draw.drawing_pad(got.append)
    upload_to(pad, as_file(photograph(a_seven()), "JPEG"))
    said, figure = shown(pad)
    assert said == "Read from the picture."
    words = (
        "Framed on the picture: what was taken for the digit. Beside it: the digit that is read."
    )
    assert f'alt="{words}"' in figure and f">{words}</figcaption>" in figure
    picture = re.search(r"base64,([^\"]+)", figure)[1]
    both = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB"))
    read = both[:140, both.shape[1] - 140 :]
    np.testing.assert_array_equal(read[7:-5:5, 7:-5:5, 0], 255 - got[0][1:-1, 1:-1])


@pytest.mark.deep
def test_the_upload_of_ipywidgets_7_is_read_again_too(monkeypatch):
    """As on Colab: a dict by name, that Python may not assign. The same picture twice is read."""

    class Old(widgets.FileUpload):
        value = traitlets.Dict(read_only=True)

    monkeypatch.setattr(widgets, "FileUpload", Old)
    got = []
    pad = draw.drawing_pad(got.append)
    (upload,) = parts(pad, Old)
    for _ in range(2):
        upload.set_trait("value", {"a.png": {"metadata": {}, "content": as_file(a_seven())}})
    assert len(got) == 2


def test_what_is_no_picture_of_a_digit_is_said_and_not_read():
    got = []
    pad = draw.drawing_pad(got.append)
    for data, words in (
        (b"no picture", "no picture that can be read"),
        (as_file(np.full((40, 30), 200, np.uint8)), "Nothing stands out"),
    ):
        upload_to(pad, data)
        assert got == [] and words in shown(pad)[0]
    upload_to(pad, as_file(a_seven()))
    assert len(got) == 1 and shown(pad)[1]
    (clear,) = parts(pad, widgets.Button)
    clear.click()
    assert shown(pad)[1] == ""
