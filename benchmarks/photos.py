"""Measure whether digits on photographs are read rightly, and doubts said where they are not.

    uv run python benchmarks/photos.py [--photos 20] [--seeds 1 2 3]

MNIST digits (of the 1,000 in `small_digits().x_test`) are drawn anew with a pen on a sheet of
paper, photographed with one kind of trouble or with many, stored as a file, found by
`helpers.photo.find_digit` and read. Only digits that the shipped LSTM reads rightly, both as they
are and as a plain pen draws them, are taken: of an 8 whose loops are filled the pen draws a line,
and nobody would read it. `--photos` counts photos for each kind and seed. *right*: what is read is
the digit. *silent*: read wrongly, and no doubt was said. *needless*: read rightly, and yet a doubt
was said. What was tuned was tuned on `--tune`, digits of `x_train`. Prints a table, and as its last
line JSON.
"""

import io
import itertools
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.measuring import finish, new_parser
from helpers.centring import centre_digit
from helpers.digits import small_digits
from helpers.photo import find_digit, second_look
from helpers.reader import shipped
from helpers.trace import predict
from tools.arguments import whole

# Each kind of trouble: what it sets anew. "everything" mixes them.
KINDS = {
    "paper of any tone": {},
    "thin pen": {"pen": (0.018, 0.04)},
    "thick pen": {"pen": (0.17, 0.22)},
    "shadow to 40 %": {"shadow": (0.15, 0.4)},
    "light falls off": {"gradient": (0.3, 0.6)},
    "edge of the desk": {"desk": True},
    "ruled paper": {"lines": "ruled"},
    "squared paper": {"lines": "squared"},
    "turned by to 15 degrees": {"turn": 15},
    "noise and blur": {"noise": (0.02, 0.06), "blur": (0.004, 0.012)},
    "JPEG of low quality": {"quality": (8, 25)},
    "weak pencil": {"contrast": (0.2, 0.35), "pen": (0.03, 0.06)},
    "blue pen, yellow paper": {"colour": True},
    "chalk on a board": {"board": True},
    "cropped tight, thick pen": {"tight": True, "pen": (0.12, 0.22)},
    "small, far from the middle": {"size": (0.12, 0.25)},
    "broken line, dust": {"broken": True},
    "16 bits": {"bits": 16},
    "everything": {
        "shadow": (0, 0.4), "gradient": (0, 0.4), "desk": None, "lines": None, "turn": 15,
        "noise": (0.005, 0.03), "blur": (0, 0.006), "quality": (30, 95), "pen": (0.03, 0.18),
        "contrast": (0.45, 0.85), "size": (0.25, 0.6), "colour": None, "bits": None,
    },
}  # fmt: skip
PLAIN = {
    "pen": (0.06, 0.14), "contrast": (0.5, 0.9), "size": (0.3, 0.7), "turn": 4, "shadow": (0, 0.1),
    "gradient": (0, 0.15), "noise": (0.004, 0.015), "blur": (0, 0.004), "quality": (60, 95),
    "desk": False, "lines": "", "colour": False, "board": False, "tight": False, "broken": False,
    "bits": 8,
}  # fmt: skip


def photograph(digit: np.ndarray, random: np.random.Generator, trouble: dict) -> bytes:
    """Draw an MNIST digit (28, 28) on a sheet, photograph it, and return the file."""
    how = PLAIN | trouble
    for name, choices in {"desk": (True, False), "lines": ("", "ruled", "squared"),
                          "colour": (True, False), "bits": (8, 8, 16)}.items():  # fmt: skip
        if how[name] is None:
            how[name] = choices[random.integers(len(choices))]
    written = handwriting(digit, how, random, far="size" in trouble and len(trouble) == 1)
    sheet = on_a_sheet(written, how, random)
    # In which light, by which camera.
    sheet = sheet * light(written.shape, how, random)[..., None]
    blur = random.uniform(*how["blur"]) * len(written)
    sheet = ndimage.gaussian_filter(sheet, (blur, blur, 0))
    noise = random.uniform(*how["noise"])
    sheet = sheet + random.normal(size=sheet.shape) * noise
    sheet = sheet + random.normal(size=sheet.shape[:2])[..., None] * noise
    return as_file(sheet.clip(0, 1), how, random)


def handwriting(digit, how, random, far):
    """Return the ink on the sheet, (height, width), 0..1: of any size, and anywhere."""
    height, width = random.permutation([(480, 640), (600, 800), (720, 960)][random.integers(3)])
    ink = pen_strokes(digit, random.uniform(*how["pen"]))
    if how["broken"]:
        ink = broken(ink, random)
    ink = ndimage.rotate(ink, random.uniform(-1, 1) * how["turn"], order=1).clip(0, 1)
    ink = trimmed(ink)
    if how["tight"]:
        height, width = (n + 2 * random.integers(0, 12) for n in ink.shape)
        scale = 1
    else:
        scale = random.uniform(*how["size"]) * min(height, width) / max(ink.shape)
    ink = ndimage.zoom(ndimage.gaussian_filter(ink, 0.4 / scale), scale, order=1).clip(0, 1)
    spare = height - ink.shape[0], width - ink.shape[1]
    if how["tight"]:
        top, left = (n // 2 for n in spare)
    else:
        reach = 0.5 if far else 0.3  # of the way to the edge
        top, left = (int(n * random.uniform(0.5 - reach, 0.5 + reach)) for n in spare)
    written = np.zeros((height, width))
    written[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return written


def on_a_sheet(written, how, random):
    """Return what is written, on which paper and with which pen: (height, width, 3), 0..1."""
    tone = random.uniform(0.55, 1)
    paper = tone * np.array([1, random.uniform(0.96, 1), random.uniform(0.9, 1)])
    pen = np.full(3, random.uniform(0, 0.1))
    contrast = random.uniform(*how["contrast"])
    if how["colour"]:
        paper = tone * np.array([1, 0.93, 0.65])
        pen = np.array([0.1, 0.15, 0.6])
    if how["board"]:
        paper = random.uniform(0.08, 0.25) * np.array([0.8, 1, 0.85])
        pen, contrast = np.full(3, random.uniform(0.75, 0.95)), random.uniform(0.7, 0.95)
    sheet = np.broadcast_to(paper, (*written.shape, 3)).copy()
    if how["lines"]:
        sheet = ruled(sheet, how["lines"], random)
    sheet = sheet + (contrast * written)[..., None] * (pen - sheet)
    if how["broken"]:
        sheet = dusty(sheet, random)
    return on_a_desk(sheet, written, random) if how["desk"] else sheet


def pen_strokes(digit, pen, side=400):
    """Return a digit as smooth strokes, the pen's width as a share of the digit's height."""
    from skimage.morphology import skeletonize

    large = ndimage.zoom(trimmed(np.pad(digit / 255, 1)), side / 20, order=3)
    large = np.pad(ndimage.gaussian_filter(large, side / 40), side // 5)
    inside = large > 0.45
    away = ndimage.distance_transform_edt(~inside) - ndimage.distance_transform_edt(inside)
    bones = skeletonize(inside)
    height = np.flatnonzero(inside.any(1)).size
    now = 2 * np.median(-away[bones])
    if pen * height < now:  # thinner: along the middle of the line
        away = ndimage.distance_transform_edt(~bones) - pen * height / 2
    else:
        away = away - (pen * height - now) / 2
    return trimmed((0.5 - away / 2).clip(0, 1))


def trimmed(ink):
    """Cut off what is empty around the ink."""
    ys, xs = (np.flatnonzero((ink > 0.05).any(axis)) for axis in (1, 0))
    return ink[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]


def broken(ink, random):
    """Let the pen skip twice: short gaps in the line."""
    ys, xs = np.nonzero(ink > 0.5)
    rows, columns = np.indices(ink.shape)
    for _ in range(2):
        at, turn = random.integers(len(ys)), random.uniform(0, np.pi)
        along = (rows - ys[at]) * np.cos(turn) + (columns - xs[at]) * np.sin(turn)
        across = (columns - xs[at]) * np.cos(turn) - (rows - ys[at]) * np.sin(turn)
        ink = ink * ~((abs(along) < 0.02 * len(ink)) & (abs(across) < 0.15 * len(ink)))
    return ink


def ruled(sheet, kind, random):
    """Print lines on the paper."""
    height, width = sheet.shape[:2]
    apart, thick = (
        random.uniform(0.04, 0.12) * height,
        max(1, random.uniform(0.001, 0.004) * height),
    )
    turn, depth = random.uniform(-0.05, 0.05), random.uniform(0.15, 0.5)
    rows, columns = np.indices((height, width))
    across = [rows + turn * columns] + [columns - turn * rows] * (kind == "squared")
    for where in across:
        line = (thick - abs((where + apart / 2) % apart - apart / 2)).clip(0, 1)
        colour = np.array([0.3, 0.45, 0.75]) if random.random() < 0.6 else np.full(3, 0.3)
        sheet = sheet + (depth * line)[..., None] * (colour - sheet)
    return sheet


def dusty(sheet, random):
    """Put specks on the paper."""
    height, width = sheet.shape[:2]
    rows, columns = np.indices((height, width))
    for _ in range(random.integers(3, 12)):
        y, x, r = random.uniform(0, height), random.uniform(0, width), random.uniform(0.8, 3.5)
        sheet = sheet * (1 - 0.6 * ((rows - y) ** 2 + (columns - x) ** 2 < r * r))[..., None]
    return sheet


def on_a_desk(sheet, written, random):
    """Show the desk beyond one or two edges of the paper, which never cut the digit."""
    height, width = written.shape
    rows, columns = np.indices((height, width))
    ys, xs = np.nonzero(written > 0.05)
    grain = ndimage.gaussian_filter(random.normal(size=(height, width)), (1, 30)) * 3
    colour = np.array([[0.45, 0.3, 0.2], [0.15, 0.14, 0.14], [0.75, 0.6, 0.45], [0.3, 0.35, 0.4]])
    wood = colour[random.integers(4)] * (1 + 0.15 * grain)[..., None]
    for side in random.permutation(4)[: random.integers(1, 3)]:
        turn = random.uniform(-0.12, 0.12)
        across = [columns + turn * rows, width - columns + turn * rows,
                  rows + turn * columns, height - rows + turn * columns][side]  # fmt: skip
        room = across[ys, xs].min() - 0.02 * height
        if room < 4:
            continue
        edge = random.uniform(2, min(room, 0.25 * height))
        off = (edge - across).clip(0, 1)[..., None]
        random.random()  # was a shadow's, which a flat sheet has not: what follows stays as it was
        sheet = sheet * (1 - off) + wood * off
    return sheet


def light(shape, how, random):
    """Return the light on each pixel: falling off, and with a shadow over a part."""
    height, width = shape
    rows, columns = np.indices(shape)
    y, x = rows / height - 0.5, columns / width - 0.5
    turn = random.uniform(0, 2 * np.pi)
    along = (y * np.cos(turn) + x * np.sin(turn)) / 1.5 + 0.5
    lit = 1 - random.uniform(*how["gradient"]) * along
    lit = lit * (1 - random.uniform(*how["gradient"]) * 0.7 * (y * y + x * x))  # vignetting
    turn = random.uniform(0, 2 * np.pi)
    along = y * np.cos(turn) + x * np.sin(turn) + random.uniform(-0.3, 0.3)
    if random.random() < 0.3:  # of an arm: dark in the middle
        along = random.uniform(0.1, 0.3) - abs(along)
    soft = random.uniform(0.004, 0.1)
    shadow = 1 / (1 + np.exp((-along / soft).clip(-50, 50)))
    return lit * (1 - random.uniform(*how["shadow"]) * shadow)


def as_file(sheet, how, random):
    """Store the photo as a JPEG, or with 16 bits as a PNG or TIFF."""
    buffer = io.BytesIO()
    if how["bits"] == 16:
        grey = (65535 * sheet.mean(2)).astype(np.uint16)
        Image.fromarray(grey).save(buffer, ["PNG", "TIFF"][random.integers(2)])
    else:
        image = Image.fromarray((255 * sheet + 0.5).astype(np.uint8))
        image.save(buffer, "JPEG", quality=int(random.uniform(*how["quality"])))
    return buffer.getvalue()


def read(data, weights):
    """Return the digit read from a photo (None: none was found) and whether a doubt was said."""
    try:
        found = find_digit(data)
    except ValueError:
        return None, True
    digit = centre_digit(found.ink)
    return int(predict(weights, digit[None])[0]), bool(found.doubts or second_look(weights, digit))


def read_as_they_are(weights, part):
    """Return the bundled digits of a part, and their labels, that are read rightly."""
    digits = small_digits()
    images, labels = getattr(digits, f"x_{part}"), getattr(digits, f"y_{part}")
    right = predict(weights, images) == labels
    return images[right], labels[right]


def legible(weights, images, labels, random):
    """Yield digits and their labels, in random order, that are read rightly with a pen's line."""
    for n in random.permutation(len(images)):
        drawn = centre_digit(pen_strokes(images[n], 0.12))
        if predict(weights, drawn[None])[0] == labels[n]:
            yield images[n], labels[n]


def main() -> None:
    parser = new_parser(__doc__)
    parser.add_argument("--photos", type=whole(1), default=20)
    parser.add_argument("--seeds", type=whole(0), nargs="+", default=[1, 2, 3])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--tune", action="store_true", help="take digits of x_train")
    arguments = parser.parse_args()

    seeds, kinds = (  # each once, or its photos would count twice
        list(dict.fromkeys(each)) for each in (arguments.seeds, arguments.kinds)
    )
    weights = shipped()
    images, labels = read_as_they_are(weights, "train" if arguments.tune else "test")
    if arguments.photos > len(images):
        parser.error(f"--photos is {arguments.photos}, but there are {len(images)} digits.")

    counts, seconds = {}, []
    for kind in kinds:
        for seed in seeds:
            random = np.random.default_rng([seed, list(KINDS).index(kind)])
            chosen = legible(weights, images, labels, random)
            counts[kind, seed] = np.zeros(4, int)  # photos, right, silent, needless
            for image, label in itertools.islice(chosen, arguments.photos):
                data = photograph(image, random, KINDS[kind])
                started = time.perf_counter()
                said, doubt = read(data, weights)
                seconds.append(time.perf_counter() - started)
                hit = said == label
                counts[kind, seed] += 1, hit, not hit and not doubt, hit and doubt
    rows = {kind: sum(counts[kind, seed] for seed in seeds) for kind in kinds}
    total = sum(rows.values())
    told = [{"kind": kind, "photos": int(of[0]), **in_shares(of)} for kind, of in rows.items()]
    finish(arguments, {
        "photos": int(total[0]), **in_shares(total), "worst_kind": min(
            rows, key=lambda kind: rows[kind][1] / rows[kind][0]
        ), "seconds_median": round(float(np.median(seconds)), 3), "kinds": told,
        "seeds": [{"seed": seed, **in_shares(sum(counts[kind, seed] for kind in kinds))}
                  for seed in seeds],
    }, told)  # fmt: skip


def in_shares(counts):
    """Return what is counted as shares of the photos, by name."""
    photos, *others = (int(n) for n in counts)
    named = zip(("right", "silent", "needless"), others, strict=True)
    return {name: round(n / photos, 4) for name, n in named}


if __name__ == "__main__":
    main()
