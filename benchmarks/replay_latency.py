"""How fast is what a browser shows: replays, the view of a trace, menus, the reader page.

    uv run python benchmarks/replay_latency.py [--rounds 4]

In Chromium, and timed inside the page: from a key, a move of the pointer or a choice until the
frame with the new picture has been painted. In JupyterLab stand a replay of 28 pictures and the
view of an LSTM of 512 units over 1,000 steps (the goals for it: 1 s to the first picture, 16 ms a
step or move, 4 MB saved, of 128 units and 28 steps 150 KB and 50 ms), and lesson 7 with its menus
(goal: 60 ms). The replay is also timed as the player on a plain page, beside the page on which
networks read a drawn digit. Prints a table, and as its last line JSON.
"""

import contextlib
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
from rnnscope.player import PAGE
from rnnscope.records import LayerTrace, NetworkTrace, beliefs
from rnnscope.view import SCRIPT, STYLE, View
from tests import browser_tools
from tests.notebook_tools import NOTEBOOKS, lessons, write_notebook
from tools import reader_page
from tools.arguments import need_browser, whole

CELLS = (
    f"""
import sys; sys.path[:0] = [{str(FOLDER)!r}, {str(FOLDER.parent)!r}]
from replay_latency import a_trace, noise
from helpers.figures import lstm_frames
from helpers.replay import Replay
from rnnscope.view import View
view = View(noise(512, 1000))
Replay(lstm_frames(a_trace()))""",
    "view",
)
# What a page is given first: `painted` ends when the next frame stands on the screen, and
# `untilNew` gives the milliseconds from an act until a replay says and shows something else.
CLOCK = """
() => {
  window.painted = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();  // runs after the frame is painted
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(null);
  }));
  window.untilNew = (root, act) => new Promise((done) => {
    const words = () => root.querySelector("p.sheet-words")?.textContent;
    const before = words();
    const watcher = new MutationObserver(async () => {
      if (!words() || words() === before) return;
      watcher.disconnect();
      const image = root.querySelector("img.sheet-step");
      if (image && !image.complete) await new Promise((loaded) => (image.onload = loaded));
      done(await painted() - start);
    });
    watcher.observe(root, { subtree: true, childList: true, characterData: true });
    const start = performance.now();
    act();
  });
}
"""
PRESS = """
([player, key]) => {
  const root = document.querySelectorAll(".sheet-replay")[player];
  const slider = root.querySelector("input[type=range]");
  const press = () => slider.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  slider.focus({ preventScroll: true });
  return key === "Home" ? press() : untilNew(root, press);
}
"""
DISPLAY = """
async () => {
  window.jupyterapp.shell.currentWidget.content.activeCellIndex = 1;
  const start = performance.now();
  window.jupyterapp.commands.execute("notebook:run-cell");
  const drawn = () => document.querySelectorAll(".rnn-maps canvas[width]").length >= 12;
  while (!drawn()) await new Promise((done) => requestAnimationFrame(done));
  return await painted() - start;
}
"""
HOVER = """
async ([x, y]) => {
  const pad = document.querySelector(".rnn-maps .rnn-pad"), area = pad.getBoundingClientRect();
  const start = performance.now();
  pad.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, isPrimary: true,
    clientX: area.left + x * area.width, clientY: area.top + y * area.height }));
  return await painted() - start;
}
"""
# Each menu that stands in one output area with a replay is changed so many times.
MENUS = """
async (times) => {
  const found = [];
  for (const area of document.querySelectorAll(".jp-Cell-outputArea:has(div.sheet-replay)"))
    for (const menu of area.querySelectorAll(".widget-dropdown select"))
      for (let n = 0; n <= times; n++) {
        const spent = await untilNew(area, () => {
          menu.selectedIndex = (menu.selectedIndex + 1) % menu.options.length;
          menu.dispatchEvent(new Event("change", { bubbles: true }));
        });
        if (n) found.push(spent);  // the first warms up
        await new Promise((done) => setTimeout(done, 500));
      }
  return found;
}
"""
# The page that reads in the browser: from a new digit to its picture, painted (three networks);
# one step of its slider; and pictures a second while the slider is moved at every one.
READING = """
async (rounds) => {
  const whole = [], alone = [], steps = [];
  for (let n = 0; n < rounds; n++) {
    const begin = performance.now();
    page.read(n % 10);
    alone.push(performance.now() - begin);
    const start = await painted();
    page.take(n % 10);
    whole.push((await painted()) - start);
  }
  for (let n = 0; n < 2 * 28; n++) {
    const start = await painted();
    page.view.follow(n % 28);
    steps.push((await painted()) - start);
  }
  let pictures = 0;
  const began = performance.now();
  while (performance.now() - began < 3000) {
    page.view.follow(pictures++ % 28);
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

    shown, small = a_trace(), noise(128, 28)
    frames = figures.lstm_frames(shown)
    player, own = Replay(frames).html(), len(PAGE) + len(STYLE) + len(SCRIPT)
    result = {
        "frames_s": median_seconds(lambda: figures.lstm_frames(shown), 8),
        "frames_kb": frames.nbytes / 1000,
        "player_kb": len(player) / 1000,
        "view_making_ms": 1000 * median_seconds(lambda: View(small), 20),
    }
    with (
        tempfile.TemporaryDirectory(prefix="sheet-latency-") as scratch,
        browser_tools.chromium() as browser,
    ):
        folder = Path(scratch)
        small_page = View(small).save(folder / "small.html")
        result["view_small_kb"] = (small_page.stat().st_size - own) / 1000
        saved = View(noise(512, 1000)).save(folder / "large.html")
        result["view_saved_mb"] = saved.stat().st_size / 1e6
        result |= in_jupyter(browser, folder, given.rounds)
        plain = folder / "plain.html"
        words = "<!doctype html><html lang=en><meta charset=utf-8><title>player</title>"
        plain.write_text(words + player, encoding="utf-8")
        result |= summary("player", walks(opened(browser, plain), 0, given.rounds))
        reader_page.build(folder / "reader")
        reader = opened(browser, folder / "reader" / "index.html").evaluate(READING, 20)
        reader_kb = sum(file.stat().st_size for file in (folder / "reader").iterdir()) / 1000
    result |= {
        "reader_ms_median": statistics.median(reader["alone"]),
        "reader_painted_ms_median": statistics.median(reader["whole"]),
        "reader_step_ms_median": statistics.median(reader["steps"]),
        "reader_pictures_per_s": reader["rate"],
        "reader_kb": reader_kb,
    }
    result = {name: round(value, 3) for name, value in result.items()}
    finish(given, result, [{"what": name, "found": value} for name, value in result.items()])


def a_trace():
    """Trace a real digit through an LSTM of 128 units (what its weights are does not matter)."""
    weights = cells.random_weights("lstm", 28, 128, seed=0)
    head = np.random.default_rng(1).normal(size=(128, 10)), np.zeros(10)
    return trace.trace(ReaderWeights("lstm", *weights, *head), small_digits().x_test[0])


def noise(units, steps):
    """Trace noise, which packs worst, through an LSTM."""
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
    """Time the replay, the view and lesson 7's menus, in JupyterLab."""
    write_notebook(folder / "latency.ipynb", CELLS)
    with lab(browser, folder / "latency.ipynb", "latency.ipynb") as page:
        page.evaluate(f"{browser_tools.PANEL}.content.activeCellIndex = 0")
        run = "window.jupyterapp.commands.execute('notebook:run-cell')"
        browser_tools.finish(page, run, 120, "making the view")
        page.wait_for_timeout(1500)  # the numbers may still be on their way
        first = page.evaluate(DISPLAY)
        page.wait_for_timeout(1500)
        hovers = []
        for place in np.random.default_rng(0).random((27 * rounds, 2)).tolist():
            hovers.append(page.evaluate(HOVER, place))
            page.wait_for_timeout(20 + 30 * place[1])
        found = summary("replay", walks(page, 0, rounds)) | {"view_first_s": first / 1000}
        found |= summary("view_step", walks(page, 1, rounds)) | summary("view_hover", hovers)
    with lab(browser, NOTEBOOKS, lessons()[7].name) as page:
        browser_tools.run_all(page)
        page.wait_for_timeout(2000)
        return found | summary("menus", page.evaluate(MENUS, 8))


@contextlib.contextmanager
def lab(browser, notebooks, name):
    """Open a notebook in a JupyterLab of its own; whatever the page complains of ends the run."""
    with browser_tools.jupyter_server(notebooks) as server:
        page, watch = browser_tools.new_page(browser)
        browser_tools.open_notebook(page, server, name)
        page.evaluate(CLOCK)
        yield page
        if faults := watch.faults():
            raise SystemExit("\n".join(faults))
        page.context.close()


def summary(name, times):
    """Return the median and the 95th percentile of milliseconds, by name."""
    return {f"{name}_ms_median": statistics.median(times),
            f"{name}_ms_p95": float(np.percentile(times, 95))}  # fmt: skip


def opened(browser, path):
    """Open a page from a file, and give it its clock."""
    page, _ = browser_tools.new_page(browser)
    page.goto(path.as_uri())
    page.wait_for_timeout(500)
    page.evaluate(CLOCK)
    return page


def walks(page, player, rounds):
    """Return the milliseconds of each step of `rounds` walks through 28 steps of a player."""
    pauses, times = np.random.default_rng(0), []
    for n in range(rounds + 1):
        page.evaluate(PRESS, [player, "Home"])
        page.wait_for_timeout(240)
        for _ in range(27):
            spent = page.evaluate(PRESS, [player, "ArrowRight"])
            times += [spent] if n else []  # the first walk warms up
            # Uneven pauses, so that a step starts at any moment of the screen's rhythm.
            page.wait_for_timeout(60 * (0.5 + pauses.random()))
    return times


if __name__ == "__main__":
    main()
