"""The page that reads a drawn digit in a browser (web/)."""

import base64
import json
import re
from pathlib import Path

import numpy as np

from helpers import reader
from helpers.digits import small_digits
from rnnscope.view import ON_A_PAGE, STYLE

READERS = ("lstm", "gru", "rnn")
WEB = Path(__file__).resolve().parent.parent / "web"


def build(folder: Path) -> None:
    """Write the page that reads a drawn digit in the visitor's browser."""
    folder.mkdir(parents=True, exist_ok=True)
    page = (WEB / "index.html").read_text(encoding="utf-8")
    view = "return { apart, element, joined, mount, number };"
    page = page.replace("/* the view */", f"const View = (() => {{\n{ON_A_PAGE}\n{view}\n}})();")
    page = page.replace("/* the view's styles */", STYLE)
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
