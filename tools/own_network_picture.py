"""Draw the picture of rnnscope's README: a replay as a browser shows it.

    uv run python tools/own_network_picture.py

The network of PyTorch that lesson 9 opens reads a string of brackets; Chromium draws the page.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import rnnscope  # noqa: E402
from helpers.sequences import BRACKETS_FILE  # noqa: E402
from tools import arguments  # noqa: E402

PICTURE = ROOT / "rnnscope" / "replay.png"
TEXT = "(()(()))"


def replay():
    """Return the replay of the stored network over the brackets."""
    arrays = dict(np.load(BRACKETS_FILE))
    network = rnnscope.from_torch(arrays, head="fc")
    read = arrays["look_up.weight"][[1 if letter == "(" else 2 for letter in TEXT]]
    view = rnnscope.replay(network, read, steps=TEXT, classes=["open", "balanced"], kind="classes")
    view.step = len(TEXT) - 1
    return view


def main() -> None:
    """Draw the picture."""
    parser = arguments.new_parser(__doc__)
    parser.parse_args()
    arguments.need_browser(parser)
    from tests import browser_tools

    with tempfile.TemporaryDirectory() as folder, browser_tools.chromium() as browser:
        page, _ = browser_tools.new_page(browser, width=1000, height=700)
        page.goto(replay().save(Path(folder) / "replay.html").as_uri())
        page.locator("canvas").first.wait_for()
        page.wait_for_timeout(500)
        page.screenshot(path=PICTURE, full_page=True)


if __name__ == "__main__":
    main()
