"""How fast is the view of a trace, and how large? An LSTM of 512 units over 1,000 steps.

    uv run python benchmarks/view_speed.py [--rounds 100]

In JupyterLab, in Chromium: from running the cell that shows the view until its maps are painted;
from a key on the slider, and a move of the pointer over a map, until the next frame is painted.
Also what a saved page weighs, and what making a view of 128 units and 28 steps takes in Python.
Prints a table, and as its last line JSON.
"""

import statistics
import tempfile
from pathlib import Path

import numpy as np
from measuring import FOLDER, finish, median_seconds, new_parser
from replay_latency import CLOCK

from rnnscope import cells
from rnnscope.player import PAGE
from rnnscope.records import LayerTrace, NetworkTrace, beliefs
from rnnscope.view import SCRIPT, STYLE, View
from tests import browser_tools
from tests.notebook_tools import write_notebook
from tools.arguments import need_browser, whole

MAKE = f"""
import sys; sys.path[:0] = [{str(FOLDER)!r}, {str(FOLDER.parent)!r}]
from view_speed import a_trace
from rnnscope.view import View
view = View(a_trace(512, 1000))
"""
DISPLAY = """
async () => {
  const panel = window.jupyterapp.shell.currentWidget.content;
  panel.activeCellIndex = 1;
  const start = performance.now();
  window.jupyterapp.commands.execute("notebook:run-cell");
  const painted = () => document.querySelectorAll(".rnn-maps canvas[width]").length >= 12;
  while (!painted()) await new Promise((done) => requestAnimationFrame(done));
  return await window.painted() - start;
}
"""
STEP = """
async () => {
  const slider = document.querySelector(".rnn-view input[type=range]");
  const start = performance.now();
  slider.dispatchEvent(new KeyboardEvent("keydown",
    { key: "ArrowRight", bubbles: true, cancelable: true }));
  return await window.painted() - start;
}
"""
HOVER = """
async ([x, y]) => {
  const pad = document.querySelector(".rnn-maps .rnn-pad"), area = pad.getBoundingClientRect();
  const start = performance.now();
  pad.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, isPrimary: true,
    clientX: area.left + x * area.width, clientY: area.top + y * area.height }));
  return await window.painted() - start;
}
"""


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--rounds", type=whole(1), default=100, help="steps, and moves, timed")
    given = parser.parse_args()
    need_browser(parser)

    small, large = a_trace(128, 28), a_trace(512, 1000)
    making = median_seconds(lambda: View(small), 20)
    player = len(PAGE) + len(STYLE) + len(SCRIPT)
    with tempfile.TemporaryDirectory(prefix="sheet-view-") as scratch:
        folder = Path(scratch)
        beyond = View(small).save(folder / "small.html").stat().st_size - player
        saved = View(large).save(folder / "large.html").stat().st_size
        with browser_tools.chromium() as browser:
            first, steps, hovers = in_jupyter(browser, folder, given.rounds)
    rows = [
        {"what": "first picture in JupyterLab, s", "found": first / 1000, "wanted": 1.0},
        {"what": "a slider step, ms", "found": statistics.median(steps), "wanted": 16.0},
        {"what": "a move of the pointer, ms", "found": statistics.median(hovers), "wanted": 16.0},
        {"what": "saved page, MB", "found": saved / 1e6, "wanted": 4.0},
        {"what": "128 x 28 beyond the player, KB", "found": beyond / 1000, "wanted": 150.0},
        {"what": "128 x 28 made in Python, ms", "found": 1000 * making, "wanted": 50.0},
    ]
    result = {
        "first_picture_s": round(first / 1000, 3),
        "step_ms_median": round(statistics.median(steps), 2),
        "step_ms_p95": round(float(np.percentile(steps, 95)), 2),
        "hover_ms_median": round(statistics.median(hovers), 2),
        "hover_ms_p95": round(float(np.percentile(hovers, 95)), 2),
        "saved_mb": round(saved / 1e6, 2),
        "player_kb": round(player / 1000, 1),
        "small_beyond_player_kb": round(beyond / 1000, 1),
        "making_ms": round(1000 * making, 1),
    }
    finish(given, result, rows)


def a_trace(units, steps):
    """Trace noise, which packs worst, through an LSTM (what its weights are does not matter)."""
    x = np.random.default_rng(0).normal(size=(steps, 28)).astype(np.float32)
    weights = cells.random_weights("lstm", 28, units, seed=0)
    made = cells.unroll("lstm", x[np.newaxis], weights)
    names = ("h", "c", "i", "f", "candidate", "o")
    layer = LayerTrace(
        "lstm", "lstm", "lstm", x, mask=np.ones(steps, bool), weights=weights,
        times=np.arange(steps), initial_state=(np.zeros(units),) * 2,
        **{name: getattr(made, name)[0] for name in names},
    )  # fmt: skip
    belief = beliefs(layer.h @ np.random.default_rng(1).normal(size=(units, 10)), "classes")
    return NetworkTrace("noise", x, (layer,), belief[-1], "classes", belief, "stopped",
                        belief=belief, proved=True)  # fmt: skip


def in_jupyter(browser, folder, rounds):
    """Return the milliseconds to the first picture, of each step, and of each move."""
    write_notebook(folder / "view.ipynb", (MAKE, "view"))
    with browser_tools.jupyter_server(folder / "view.ipynb") as server:
        page, watch = browser_tools.new_page(browser)
        browser_tools.open_notebook(page, server, "view.ipynb")
        page.evaluate(CLOCK)
        panel = browser_tools.PANEL
        page.evaluate(f"{panel}.content.activeCellIndex = 0")
        browser_tools.finish(
            page, "window.jupyterapp.commands.execute('notebook:run-cell')", 120, "making the view"
        )
        page.wait_for_timeout(1500)  # the numbers may still be on their way
        first = page.evaluate(DISPLAY)
        page.wait_for_timeout(1500)
        places = np.random.default_rng(0).random((rounds, 2))
        steps, hovers = [], []
        for place in places.tolist():
            steps.append(page.evaluate(STEP))
            page.wait_for_timeout(20 + 30 * place[0])  # at any moment of the screen's rhythm
            hovers.append(page.evaluate(HOVER, place))
            page.wait_for_timeout(20 + 30 * place[1])
        if faults := watch.faults():
            raise SystemExit("\n".join(faults))
        return first, steps, hovers


if __name__ == "__main__":
    main()
