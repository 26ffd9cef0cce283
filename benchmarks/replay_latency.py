"""How long from a slider step to the new picture? Our replay and the usual ``@interact``.

    uv run python benchmarks/replay_latency.py [--rounds 4]

Both replay the same 28 steps of the same four-panel figure in the same JupyterLab, in Chromium.
A step is timed inside the page: from the key press until the frame with the new picture has been
painted. Ours is also timed as the HTML player on a plain page, and so is the page on which networks
read a drawn digit in the browser. Prints a table, and as its last line JSON.
"""

import statistics
import tempfile
from pathlib import Path

import numpy as np
from measuring import FOLDER, finish, median_seconds, new_parser

from helpers import figures, trace
from helpers.digits import small_digits
from helpers.reader import ReaderWeights
from helpers.replay import Replay
from rnnscope import cells
from tests import browser_tools
from tests.notebook_tools import write_notebook
from tools import reader_page
from tools.arguments import need_browser, whole

PREPARE = f"""
import sys; sys.path[:0] = [{str(FOLDER)!r}, {str(FOLDER.parent)!r}]
import matplotlib.pyplot as plt
from ipywidgets import interact, IntSlider
from replay_latency import a_trace
from helpers.figures import lstm_frames
from helpers.replay import Replay
t = a_trace()
"""
OURS = "Replay(lstm_frames(t))"
USUAL = """
@interact(step=IntSlider(0, 0, 27))
def show(step):
    fig, ax = plt.subplots(1, 4, figsize=(10.8, 2.9))
    ax[0].imshow(t.x, cmap="gray_r"); ax[0].axhspan(step - 0.5, step + 0.5, fill=False)
    for gate in (t.i, t.f, t.o):
        ax[1].plot(gate.mean(1)[:step + 1])
    ax[2].imshow(t.c[:step + 1].T, aspect="auto", cmap="PuOr_r")
    ax[3].bar(range(10), t.belief[step])
    plt.show()
"""
REPLAY, INTERACT = (
    (".sheet-replay", "input[type=range]"),
    (".jp-OutputArea:has(.widget-interact)", ".noUi-handle"),
)

# What a page is given first: `painted` ends when the next frame stands on the screen, and
# `untilPainted` gives the milliseconds from an act until another picture does.
CLOCK = """
() => {
  window.painted = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();  // runs after the frame is painted
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(null);
  }));
  window.untilPainted = (root, act) => new Promise((done) => {
    // Of a replay the picture of the step, not the ground under it.
    const picture = () => root.querySelector("img.sheet-step") ?? root.querySelector("img");
    const before = picture()?.src;
    const watcher = new MutationObserver(async () => {
      const image = picture();
      if (!image || image.src === before) return;
      watcher.disconnect();
      if (!image.complete) await new Promise((loaded) => (image.onload = loaded));
      done(await painted() - start);
    });
    watcher.observe(root, { subtree: true, childList: true, attributes: true });
    const start = performance.now();
    act();
  });
}
"""
PRESS = """
([area, handle, key]) => {
  const root = document.querySelector(area), target = root.querySelector(handle);
  const press = () => target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  target.focus({ preventScroll: true });
  return key === "Home" ? press() : untilPainted(root, press);
}
"""

# The page that reads in the browser: from a new digit to its picture, painted (three networks);
# one step of its slider; and pictures a second while the slider is moved at every one.
READING = """
async (rounds) => {
  const whole = [], alone = [], steps = [];
  for (let n = 0; n < rounds; n++) {
    const rows = Array.from({ length: 28 }, () => Float64Array.from({ length: 28 }, Math.random));
    const start = await painted();
    page.show(rows);
    whole.push((await painted()) - start);
    alone.push(page.readingMs);
  }
  document.getElementById("play").click();  // show() plays: stop it
  for (let n = 0; n < 2 * 28; n++) {
    const start = await painted();
    page.go(n % 28);
    steps.push((await painted()) - start);
  }
  let pictures = 0;
  const began = performance.now();
  while (performance.now() - began < 3000) {
    page.go(pictures++ % 28);
    await new Promise(requestAnimationFrame);
  }
  return { whole, alone, steps, rate: 1000 * pictures / (performance.now() - began) };
}
"""


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--rounds", type=whole(1), default=4, help="walks through the 28 steps")
    given = parser.parse_args()
    need_browser(parser)

    shown = a_trace()
    frames_s = median_seconds(lambda: figures.lstm_frames(shown), 8)
    frames = figures.lstm_frames(shown)
    player = Replay(frames).html()
    with (
        tempfile.TemporaryDirectory(prefix="sheet-latency-") as scratch,
        browser_tools.chromium() as browser,
    ):
        folder = Path(scratch)
        ours, usual = in_jupyter(browser, folder, given.rounds)
        plain = folder / "plain.html"
        words = "<!doctype html><html lang=en><meta charset=utf-8><title>player</title>"
        plain.write_text(words + player, encoding="utf-8")
        in_player = walks(opened(browser, plain), *REPLAY, given.rounds, 60)
        reader_page.build(folder / "reader")
        reader = opened(browser, folder / "reader" / "index.html").evaluate(READING, 20)
        reader_kb = sum(file.stat().st_size for file in (folder / "reader").iterdir()) / 1000

    steps = {"replay": ours, "player": in_player, "interact": usual}
    rows = [{"slider step to picture": name, "median ms": statistics.median(times),
             "95th percentile ms": float(np.percentile(times, 95)), "steps": len(times)}
            for name, times in steps.items()]  # fmt: skip
    result = {
        "replay_ms_median": round(statistics.median(ours), 2),
        "replay_ms_p95": round(float(np.percentile(ours, 95)), 2),
        "interact_ms_median": round(statistics.median(usual), 2),
        "frames_s": round(frames_s, 3),
        "frames_kb": round(frames.nbytes / 1000, 1),
        "player_ms_median": round(statistics.median(in_player), 2),
        "player_ms_p95": round(float(np.percentile(in_player, 95)), 2),
        "player_kb": round(len(player) / 1000, 1),
        "reader_ms_median": round(statistics.median(reader["alone"]), 2),
        "reader_painted_ms_median": round(statistics.median(reader["whole"]), 2),
        "reader_step_ms_median": round(statistics.median(reader["steps"]), 2),
        "reader_pictures_per_s": round(reader["rate"], 1),
        "reader_kb": round(reader_kb, 1),
    }
    finish(given, result, rows)


def a_trace():
    """Trace a real digit through an LSTM of 128 units (what its weights are does not matter)."""
    weights = cells.random_weights("lstm", 28, 128, seed=0)
    head = np.random.default_rng(1).normal(size=(128, 10)), np.zeros(10)
    return trace.trace(ReaderWeights("lstm", *weights, *head), small_digits().x_test[0])


def in_jupyter(browser, folder, rounds):
    """Return the milliseconds of our steps, and of those of @interact, in one notebook."""
    write_notebook(folder / "latency.ipynb", (PREPARE, OURS, USUAL))
    with browser_tools.jupyter_server(folder / "latency.ipynb") as server:
        page, watch = browser_tools.new_page(browser)
        browser_tools.open_notebook(page, server, "latency.ipynb")
        browser_tools.run_all(page)
        page.wait_for_timeout(1500)
        page.evaluate(CLOCK)
        times = walks(page, *REPLAY, rounds, 60), walks(page, *INTERACT, 1, 400)
        if faults := watch.faults():
            raise SystemExit("\n".join(faults))
        return times


def opened(browser, path):
    """Open a page from a file, and give it its clock."""
    page, _ = browser_tools.new_page(browser)
    page.goto(path.as_uri())
    page.wait_for_timeout(500)
    page.evaluate(CLOCK)
    return page


def walks(page, area, handle, rounds, pause_ms):
    """Return the milliseconds of each step of `rounds` walks through the 28 steps."""
    pauses = np.random.default_rng(0)
    times = []
    for n in range(rounds + 1):
        page.evaluate(PRESS, [area, handle, "Home"])
        page.wait_for_timeout(4 * pause_ms)
        for _ in range(27):
            spent = page.evaluate(PRESS, [area, handle, "ArrowRight"])
            times += [spent] if n else []  # the first walk warms both sides up
            # Uneven pauses, so that a step starts at any moment of the screen's rhythm.
            page.wait_for_timeout(pause_ms * (0.5 + pauses.random()))
    return times


if __name__ == "__main__":
    main()
