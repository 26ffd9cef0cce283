"""The digit on a picture: found in any light, whole, alone; and doubts are said."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from benchmarks import photos
from helpers.centring import centre_digit
from helpers.digits import small_digits
from helpers.photo import find_digit, second_look
from helpers.reader import shipped
from helpers.trace import predict

WIDTH, HEIGHT = 420, 300
LEFT, TOP = 150, 40  # where the digit lies


@pytest.fixture(scope="module")
def strokes():
    """Return a function that gives a digit of MNIST as smooth ink, (190, 180) or less."""
    digits = small_digits()

    def of(digit, pen=0.1, number=1):
        image = digits.x_test[digits.y_test == digit][number]
        ink = Image.fromarray((255 * photos.pen_strokes(image, pen)).astype(np.uint8))
        ink.thumbnail((180, 190))
        return np.asarray(ink) / 255

    return of


def on_paper(ink, paper=0.85, pen=0.2, shape=(HEIGHT, WIDTH), left=LEFT, top=TOP):
    """Return the picture of ink on a sheet, floats from 0 to 1."""
    page = np.full(shape, float(paper))
    place = page[top : top + ink.shape[0], left : left + ink.shape[1]]
    place += ink * (pen - place)
    return page


def as_image(page):
    return Image.fromarray((255 * page.clip(0, 1) + 0.5).astype(np.uint8))


def as_file(page, kind="PNG", **how):
    image = page if isinstance(page, Image.Image) else as_image(page)
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def answer(found):
    return int(predict(shipped(), centre_digit(found.ink)[None])[0])


def assert_found(page, digit, ink, within=4, **how):
    """The digit is read, and its box is that of the ink."""
    found = find_digit(page if isinstance(page, bytes) else as_file(page, **how))
    assert answer(found) == digit
    box = np.array([LEFT, TOP, LEFT + ink.shape[1], TOP + ink.shape[0]])
    np.testing.assert_allclose(found.box, box, atol=within)
    return found


# --- the light, and what else is on the picture --------------------------------------------------


def shadow(ink):
    """A shadow lies over the left; its edge crosses the digit."""
    light = np.ones((HEIGHT, WIDTH))
    light[:, :220] = 0.6
    return on_paper(ink) * ndimage.gaussian_filter(light, 1)


def squared_paper(ink):
    page = Image.new("L", (WIDTH, HEIGHT), 217)
    pen = ImageDraw.Draw(page)
    for at in range(-10, WIDTH, 42):
        pen.line([(0, at), (WIDTH, at + 9)], fill=165, width=2)
        pen.line([(at + 9, 0), (at, HEIGHT)], fill=165, width=2)
    return np.minimum(np.asarray(page) / 255, on_paper(ink))


@pytest.mark.parametrize("page", [shadow, squared_paper])
def test_what_else_is_on_the_picture_is_not_ink(strokes, page):
    ink = strokes(7)
    assert_found(page(ink), 7, ink)


@pytest.mark.parametrize("invert", [False, True])
def test_a_thick_pen_cropped_tight(strokes, invert):
    """There is more ink than paper, or nearly so: paper is what the ink lies in."""
    ink = strokes(8, 0.2)
    page = on_paper(ink, 0.8, 0.15, (ink.shape[0] + 6, ink.shape[1] + 4), 2, 3)
    assert answer(find_digit(as_file(1 - page if invert else page))) == 8


# --- one digit, the whole of it ------------------------------------------------------------------


def test_two_digits_are_not_read_as_one(strokes):
    ink, other = strokes(3), strokes(6)
    page = on_paper(ink, left=30)
    page[40 : 40 + other.shape[0], 230 : 230 + other.shape[1]] -= 0.65 * other
    found = find_digit(as_file(page))
    assert answer(found) in (3, 6) and found.box[2] - found.box[0] < 200
    assert [doubt.split(":")[0] for doubt in found.doubts] == [
        "More than one thing on this picture may be the digit"
    ]


# --- doubts --------------------------------------------------------------------------------------


def test_weak_ink_and_a_cut_digit_are_said(strokes):
    assert find_digit(as_file(on_paper(strokes(2)))).doubts == []
    weak = find_digit(as_file(on_paper(strokes(2), 0.8, 0.73)))
    assert "The ink hardly differs from the paper." in weak.doubts
    ink = strokes(2, number=0)
    cut = find_digit(as_file(on_paper(ink)[: TOP + int(0.8 * len(ink))]))
    assert cut.doubts[0].startswith("The digit touches the edge of the picture")


def test_the_reader_s_doubt_is_said():
    digits, weights = small_digits(), shipped()
    sure = digits.x_test[digits.y_test == 7][0]
    assert second_look(weights, sure) == []
    (said,) = second_look(weights, np.zeros((28, 28), np.uint8))
    assert said.startswith("The reader is not sure: it believes ")
    seven, nine = (digits.x_test[digits.y_test == n][0].astype(float) for n in (7, 9))
    between = [second_look(weights, (seven + share * (nine - seven)).astype(np.uint8))
               for share in np.linspace(0, 1, 30)]  # fmt: skip
    assert any("this would be read as" in said for (said,) in filter(None, between))


@pytest.mark.parametrize("page", [
    np.full((90, 70), 0.8), np.tile(np.linspace(0, 1, 256), (90, 1)),
    np.random.default_rng(0).random((200, 310)),
])  # fmt: skip
def test_where_nothing_is_drawn_nothing_is_found(page):
    with pytest.raises(ValueError, match=r"Nothing stands out .* needs dark ink on light paper"):
        find_digit(as_file(page))


# --- kinds of files ------------------------------------------------------------------------------


def on_nothing(ink):
    layers = np.full((HEIGHT, WIDTH, 2), 30, np.uint8)
    layers[..., 1] = 255 * on_paper(ink, 0, 1)
    return Image.fromarray(layers, "LA")


def turned(page):
    """Store the picture as a camera does that was held sideways, with a note how to turn it."""
    note = Image.Exif()
    note[0x0112] = 6
    return as_file(page.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=note)


FILES = {
    "16 bits": lambda page, ink: as_file(Image.fromarray((65535 * page).astype("u2"))),
    "1 bit": lambda page, ink: as_file(as_image(page).convert("1", dither=0)),
    "CMYK": lambda page, ink: as_file(as_image(page).convert("CMYK"), "JPEG"),
    "dark ink on nothing": lambda page, ink: as_file(on_nothing(ink)),
    "on its side": lambda page, ink: turned(as_image(page)),
}


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_of_file_is_read(strokes, kind):
    ink = strokes(5)
    page = on_paper(ink)
    found = assert_found(FILES[kind](page, ink), 5, ink)
    assert found.doubts == []
    assert found.picture.shape == (HEIGHT, WIDTH, 3) and found.picture.dtype == np.uint8


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no picture that can be read: try a PNG or a JPEG"),
        (b"no picture", "no picture that can be read"),
        (as_file(np.eye(200), "JPEG")[:700], "no picture that can be read"),
        (b"\0\0\0\x18ftypheic" + bytes(99), "HEIC photo.*save it as a JPEG"),
        (as_file(Image.new("1", (20000, 12000))), "too large to be read here: make it smaller"),
    ],
    ids=["empty", "text", "cut off", "HEIC", "large"],
)
def test_what_is_no_picture_is_refused_in_a_sentence(data, words):
    with pytest.raises(ValueError, match=words):
        find_digit(data)
