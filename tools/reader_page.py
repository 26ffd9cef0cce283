"""The page that reads a drawn digit in a browser (web/), and the picture of its card."""

import base64
import json
import re
from pathlib import Path

import numpy as np

from helpers import reader
from helpers.digits import small_digits
from helpers.figures import COLOURS
from helpers.trace import trace

WEB = Path(__file__).resolve().parent.parent / "web"


def build(folder: Path) -> None:
    """Write the page that reads a drawn digit in the visitor's browser."""
    folder.mkdir(parents=True, exist_ok=True)
    page = (WEB / "index.html").read_text(encoding="utf-8")
    for name in re.findall(r"/\* (\w+\.(?:css|js)) \*/", page):
        part = (WEB / name).read_text(encoding="utf-8")
        page = page.replace(f"/* {name} */", part)
    (folder / "index.html").write_text(page, encoding="utf-8")
    (folder / "readers.js").write_text(readers_script(), encoding="utf-8")


def readers_script() -> str:
    """Return the weights and the sample digits as a script, which also loads from the disk."""
    packed = [pack(reader.shipped(cell)) for cell in ("lstm", "gru", "rnn")]
    digits = small_digits()
    samples = [
        {"label": label, "pixels": digits.x_test[digits.y_test == label][0].ravel().tolist()}
        for label in range(10)
    ]
    return f"const READERS = {json.dumps(packed)};\nconst SAMPLES = {json.dumps(samples)};\n"


def pack(weights) -> dict:
    """Pack a reader's arrays one after the other as base64 of little-endian float32."""
    arrays = (
        weights.kernel,
        weights.recurrent_kernel,
        weights.bias,
        weights.head_kernel,
        weights.head_bias,
    )
    data = b"".join(np.ascontiguousarray(array, "<f4").tobytes() for array in arrays)
    return {
        "cell": weights.cell,
        "units": weights.units,
        "features": weights.features,
        "data": base64.b64encode(data).decode("ascii"),
    }


def picture(row: int = 16, label: int = 7) -> tuple[str, str]:
    """Draw a digit read down to `row`, and what the three networks believe; the SVG and its words.

    The beliefs are computed here, by the networks that the page runs.
    """
    digits = small_digits()
    pixels = digits.x_test[digits.y_test == label][0]
    dots = "".join(
        f'<rect x="{x}" y="{y}" width="1.02" height="1.02" fill-opacity="{value / 255:.2f}"/>'
        for y, line in enumerate(pixels.tolist())
        for x, value in enumerate(line)
        if value > 12
    )
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 232" font-family="system-ui, '
        f'sans-serif" font-size="15" fill="{COLOURS["ink"]}"><rect width="620" height="232" '
        f'fill="{COLOURS["paper"]}"/>',
        f'<g transform="translate(12 12) scale(7.43)">{dots}'
        f'<rect y="{row}" width="28" height="{28 - row}" fill="{COLOURS["paper"]}" '
        'fill-opacity=".7"/>'
        f'<rect width="28" height="28" fill="none" stroke="{COLOURS["muted"]}" '
        'stroke-width=".14"/>'
        f'<rect y="{row - 1}" width="28" height="1" fill="none" stroke="{COLOURS["now"]}" '
        'stroke-width=".35"/></g>',
    ]
    answers = []
    for number, kind in enumerate(("lstm", "gru", "rnn")):
        belief = trace(reader.shipped(kind), pixels).belief[row - 1]
        best, base = int(belief.argmax()), 62 + 72 * number
        name = kind.upper()
        answers.append(f"the {name} {best}, {belief[best]:.0%}")
        parts.append(f'<text x="246" y="{base - 14}" font-weight="600">{name}</text>')
        for digit, share in enumerate(belief.tolist()):
            x, high = 306 + 30 * digit, max(1.0, 44 * share)
            colour = COLOURS["now" if digit == best else "hidden"]
            weight = ' font-weight="700"' if digit == best else ""
            parts.append(
                f'<rect x="{x}" y="{base - high:.1f}" width="22" height="{high:.1f}" '
                f'fill="{colour}"/><text x="{x + 11}" y="{base + 15}" text-anchor="middle" '
                f'font-size="13"{weight}>{digit}</text>'
            )
    words = f"A handwritten {label}, read to row {row} of 28, and what each network believes then"
    return "".join([*parts, "</svg>"]), f"{words}: {', '.join(answers)}"
