"""How a learner hands in a digit: choose one, draw it with mouse or finger, or upload a picture.

Each way ends in the same call, ``on_digit(image)`` with a uint8 image (28, 28) as in MNIST.
"""

import io

import ipywidgets as widgets
import numpy as np
from PIL import Image, ImageDraw

from helpers import judge
from helpers.centring import centre_digit
from helpers.figures.frames import COLOURS, figure_html
from helpers.reader import shipped

PAPER, PEN = 280, 22  # pixels: side of the paper, width of a line
HIGH = 220  # pixels of the longer side of an uploaded picture, as it is shown
WIDE = {"width": "170px"}


def digit_menu(images, labels, on_digit, *, digit=0):
    """Return a menu that hands on the chosen image whenever the choice changes.

    Parameters
    ----------
    images : ndarray (n, time steps, features)
    labels : ndarray (n,)
    on_digit : callable
        ``on_digit(image)``. It is not called for the first choice, ``images[labels == digit][0]``.
    digit : int
        The digit chosen at first, one of the labels.
    """
    images = judge.images(images, least=1)
    labels = judge.labels(labels, len(images))
    if judge.digit(digit) not in labels:
        raise ValueError(f"digit is {digit}, but none of the labels is: choose one of them.")
    kind = widgets.Dropdown(
        options=[int(d) for d in np.unique(labels)], value=digit, description="Digit"
    )
    number = widgets.BoundedIntText(description="Number", max=int((labels == digit).sum()) - 1)

    def choose(change):
        chosen = images[labels == kind.value]
        fits = number.value < len(chosen)
        number.max = len(chosen) - 1  # moves a number that does not fit, which calls us again
        if fits:
            on_digit(chosen[number.value])

    kind.observe(choose, "value")
    number.observe(choose, "value")
    return widgets.HBox([kind, number])


def drawing_pad(on_digit):
    """Return a sheet of paper to draw a digit on, and a button to upload a picture of one.

    Of a picture it shows what was found: where, the digit that is read, and every doubt. Without
    the package ipycanvas there is the upload alone, and a line that says so.

    Parameters
    ----------
    on_digit : callable
        ``on_digit(image)``, called after each stroke and each upload with the whole drawing, laid
        out as MNIST lays out its digits.
    """
    said = widgets.Label()
    shown = widgets.HTML()
    upload = widgets.FileUpload(accept="image/*", description="Upload a picture", layout=WIDE)

    def read_upload(change):
        files = upload.value  # ipywidgets 7, as on Colab, gives a dict by name
        files = list(files.values() if isinstance(files, dict) else files)
        if not files:
            return
        # Else the same picture, chosen once more, would be no change, and not be read.
        upload.set_trait("value", type(upload.value)())
        shown.value = ""
        said.value = "Looking for the digit."
        try:
            photo = _photo()
            found = photo.find_digit(bytes(files[-1]["content"]))
        except (ValueError, ImportError) as error:
            said.value = str(error)
            return
        digit = centre_digit(found.ink)
        doubts = found.doubts + photo.second_look(shipped(), digit)
        said.value = "Read from the picture" + (", but not surely:" if doubts else ".")
        shown.value = figure_of(found, digit, doubts)
        on_digit(digit)

    upload.observe(read_upload, "value")
    try:
        paper, clear = _paper(on_digit, said)
        clear.on_click(lambda _: setattr(shown, "value", ""))
    except ImportError:
        said.value = "To draw here, install ipycanvas. You can still upload a picture of a digit."
        return widgets.VBox([upload, said, shown])
    said.value = "Draw a digit with the mouse or a finger, as large as the paper."
    return widgets.HBox([paper, widgets.VBox([clear, upload, said, shown])])


def _paper(on_digit, said):
    """Return the canvas that is drawn on, and the button that clears it."""
    from ipycanvas import Canvas, hold_canvas

    canvas = Canvas(width=PAPER, height=PAPER)
    canvas.layout.width = canvas.layout.height = f"{PAPER}px"  # else it stretches to the cell
    canvas.layout.min_width, canvas.layout.border = f"{PAPER}px", "1px solid #6B6B6B"
    clear = widgets.Button(description="Clear the paper", layout=WIDE)
    strokes = []  # each a list of points (x, y)
    pen = {"down": False}

    def paint(stroke):
        canvas.fill_style = canvas.stroke_style = "black"
        canvas.line_width, canvas.line_cap = PEN, "round"
        (x, y), (to_x, to_y) = stroke[-2:] if len(stroke) > 1 else stroke * 2
        canvas.fill_circle(to_x, to_y, PEN / 2)
        canvas.stroke_line(x, y, to_x, to_y)

    def repaint():
        with hold_canvas():
            canvas.fill_style = "white"
            canvas.fill_rect(0, 0, PAPER, PAPER)
            for stroke in strokes:
                for end in range(1, len(stroke) + 1):
                    paint(stroke[:end])

    def repaint_on_a_new_page():
        # ipycanvas names the canvas to the page only where another came before; a page that is
        # loaded anew has heard of none, and would lose this command and all that follow.
        canvas._canvas_manager._current_canvas = None
        repaint()

    def put_down(x, y):
        pen["down"] = True
        strokes.append([(x, y)])
        with hold_canvas():
            paint(strokes[-1])

    def move(x, y):
        if pen["down"]:
            strokes[-1].append((x, y))
            with hold_canvas():
                paint(strokes[-1])

    def lift(*_):
        if pen["down"]:
            pen["down"] = False
            said.value = "Read. Add a stroke, or clear the paper and draw another."
            on_digit(centre_digit(ink_of_strokes(strokes)))

    def wipe(_):
        strokes.clear()
        pen["down"] = False
        said.value = "Draw a digit with the mouse or a finger, as large as the paper."
        repaint()

    canvas.on_mouse_down(put_down)
    canvas.on_mouse_move(move)
    canvas.on_mouse_up(lift)
    canvas.on_mouse_out(lift)
    canvas.on_touch_start(lambda touches: put_down(*touches[0]))
    canvas.on_touch_move(lambda touches: move(*touches[0]))
    canvas.on_touch_end(lift)
    canvas.on_touch_cancel(lift)
    canvas.on_client_ready(repaint_on_a_new_page)
    clear.on_click(wipe)
    repaint()
    return canvas, clear


def ink_of_strokes(strokes):
    """Draw strokes, lists of points (x, y) on the paper, and return the ink: uint8, 255 is ink."""
    image = Image.new("L", (PAPER, PAPER))
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        pen.line(stroke, fill=255, width=PEN)
        for x, y in stroke:  # round ends and corners
            pen.ellipse((x - PEN / 2, y - PEN / 2, x + PEN / 2, y + PEN / 2), fill=255)
    return np.asarray(image)


def _photo():
    """Import what reads pictures: only an upload needs it, and the packages below it."""
    try:
        from helpers import photo
    except ImportError:
        raise ImportError(
            "To read a picture, run %pip install scikit-image and restart the kernel."
        ) from None
    return photo


def figure_of(found, digit, doubts):
    """Return as HTML where on a picture a digit was found, the digit that is read, and doubts.

    Parameters
    ----------
    found : helpers.photo.Found
    digit : ndarray (28, 28) of uint8
        As it was handed on.
    doubts : list of str
    """
    photo = Image.fromarray(found.picture)
    scale = HIGH / photo.height if photo.height > photo.width else HIGH / photo.width
    photo = photo.resize([max(1, round(n * scale)) for n in photo.size])
    left, top, right, bottom = (scale * at for at in found.box)
    pen = ImageDraw.Draw(photo)
    for colour, width in ((COLOURS["paper"], 6), (COLOURS["now"], 3)):  # seen on any photo
        corners = max(0, left - width), max(0, top - width)
        corners += min(photo.width - 1, right + width), min(photo.height - 1, bottom + width)
        pen.rectangle(corners, None, colour, width)
    read = Image.fromarray(255 - digit).resize((140, 140), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(read)
    pen.rectangle((0, 0, 139, 139), None, COLOURS["muted"])
    both = Image.new("RGB", (photo.width + 12 + 140, max(photo.height, 140)), COLOURS["paper"])
    both.paste(photo, (0, 0))
    both.paste(read, (photo.width + 12, 0))
    buffer = io.BytesIO()
    both.save(buffer, "PNG")
    words = (
        "Framed on the picture: what was taken for the digit. Beside it: the digit that is read."
    )
    return figure_html(buffer.getvalue(), " ".join([*doubts, words]), both.width, (0, 0, 1, 1))
