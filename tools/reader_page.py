"""The page that reads a drawn digit in a browser (web/), and the picture of its card."""

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from helpers import reader
from helpers.digits import small_digits
from helpers.figures import COLOURS
from helpers.trace import trace

READERS = ("lstm", "gru", "rnn")
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
    packed = [pack(reader.shipped(cell)) for cell in READERS]
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


def picture(row: int = 16, label: int = 7) -> tuple[bytes, str]:
    """Draw a digit read down to `row`, and what the three networks believe; the PNG and its words.

    The beliefs are computed here, by the networks that the page runs.
    """
    digits = small_digits()
    pixels = digits.x_test[digits.y_test == label][0]
    ink = pixels / 255 * np.where(np.arange(28) < row, 1, 0.3)[:, np.newaxis]
    fig = Figure(figsize=(6.2, 2.32), dpi=150, layout="constrained", facecolor=COLOURS["paper"])
    axes = fig.subplot_mosaic([["digit", kind] for kind in READERS], width_ratios=[1, 1.7])
    axes["digit"].imshow(ink, cmap="gray_r", vmin=0, vmax=1)
    axes["digit"].axhspan(row - 1.5, row - 0.5, fill=False, edgecolor=COLOURS["now"], lw=2)
    axes["digit"].set(xticks=[], yticks=[])
    answers = []
    for kind in READERS:
        belief = trace(reader.shipped(kind), pixels).belief[row - 1]
        best, name = int(belief.argmax()), kind.upper()
        answers.append(f"the {name} {best}, {belief[best]:.0%}")
        bars = axes[kind].bar(range(10), np.maximum(belief, 0.02), color=COLOURS["hidden"])
        bars[best].set_color(COLOURS["now"])
        axes[kind].set(xticks=range(10), yticks=[], ylim=(0, 1))
        axes[kind].set_ylabel(name, rotation=0, ha="right", va="center", color=COLOURS["ink"])
        axes[kind].spines[["top", "left", "right"]].set_visible(False)
    data = io.BytesIO()
    fig.savefig(data, format="png")
    words = f"A handwritten {label}, read to row {row} of 28, and what each network believes then"
    return data.getvalue(), f"{words}: {', '.join(answers)}"
