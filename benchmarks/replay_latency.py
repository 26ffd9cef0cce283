"""How long from a slider step to the new picture? Our replay and the usual ``@interact``.

    uv run python benchmarks/replay_latency.py [--rounds 4]

Both replay the same 28 steps of the same four-panel figure in the same JupyterLab, in Chromium.
A step is timed inside the page: from the key press until the frame with the new picture has been
painted. Ours is also timed as the HTML player on a plain page, and so is the page on which networks
read a drawn digit in the browser. Prints a table with sizes, and as its last
line JSON.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import cells, figures, trace  # noqa: E402
from helpers.digits import small_digits  # noqa: E402
from helpers.replay import Replay  # noqa: E402
from tests import browser_tools  # noqa: E402
from tools import arguments, reader_page  # noqa: E402

PREPARE = """
import sys; sys.path[:0] = [{root!r}]
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import interact, IntSlider
from benchmarks.replay_latency import a_trace
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

# Press an arrow key; wait until the picture differs, is decoded, and its frame has been painted.
STEP = """
async ([area, handle]) => {
  const root = document.querySelector(area);
  // Of a replay the picture of the step, not the ground under it.
  const picture = () => root.querySelector("img.sheet-step") ?? root.querySelector("img");
  const before = picture()?.src;
  const changed = new Promise((done) => {
    const look = async () => {
      const image = picture();
      if (!image || image.src === before) return;
      watcher.disconnect();
      if (!image.complete) await new Promise((loaded) => (image.onload = loaded));
      requestAnimationFrame(() => {
        const channel = new MessageChannel();  // runs after the frame is painted
        channel.port1.onmessage = () => done(performance.now());
        channel.port2.postMessage(null);
      });
    };
    const watcher = new MutationObserver(look);
    watcher.observe(root, { subtree: true, childList: true, attributes: true });
  });
  const target = root.querySelector(handle);
  target.focus({ preventScroll: true });
  const start = performance.now();
  target.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }));
  return (await changed) - start;
}
"""  # noqa: E501
HOME = """
([area, handle]) => document.querySelector(`${area} ${handle}`).dispatchEvent(
  new KeyboardEvent("keydown", { key: "Home", bubbles: true, cancelable: true }))
"""

# The page that reads in the browser: from a new digit to its picture, painted (three networks);
# one step of its slider; and pictures a second while the slider is moved at every one.
READING = """
async (rounds) => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(null);
  }));
  const digit = () => Array.from({ length: 28 }, () => Float64Array.from({ length: 28 }, Math.random));
  const whole = [], alone = [], steps = [];
  for (let n = 0; n < rounds; n++) {
    const rows = digit();
    await painted();
    const start = performance.now();
    page.show(rows);
    whole.push((await painted()) - start);
    alone.push(page.readingMs);
  }
  document.getElementById("play").click();  // show() plays: stop it
  for (let n = 0; n < 2 * 28; n++) {
    await painted();
    const start = performance.now();
    page.go(n % 28);
    steps.push((await painted()) - start);
  }
  let pictures = 0, late = 0, before = performance.now();
  const began = before;
  while (performance.now() - began < 3000) {
    page.go(pictures++ % 28);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    late += now - before > 25;
    before = now;
  }
  return { whole, alone, steps, rate: pictures / ((before - began) / 1000), late, pictures };
}
"""  # noqa: E501


def a_trace():
    """Trace a real digit through an LSTM of 128 units (what its weights are does not matter)."""
    weights = cells.random_weights("lstm", 28, 128, seed=0)
    image = small_digits().x_test[0] / np.float32(255)
    history = cells.unroll("lstm", image[None], weights)
    parts = {name: getattr(history, name)[0] for name in ("h", "c", "i", "f", "candidate", "o")}
    logits = parts["h"] @ np.random.default_rng(1).normal(size=(128, 10))
    return trace.Trace("lstm", image, logits=logits, belief=cells.softmax(logits), **parts)


def time_steps(page, area: str, handle: str, rounds: int, pause_ms: int) -> list[float]:
    """Return the milliseconds of each step of `rounds` walks through the 28 steps."""
    pauses = np.random.default_rng(0)
    times = []
    for n in range(rounds + 1):
        page.evaluate(HOME, [area, handle])
        page.wait_for_timeout(4 * pause_ms)
        walk = []
        for _ in range(27):
            walk.append(page.evaluate(STEP, [area, handle]))
            # Uneven pauses, so that a step starts at any moment of the screen's rhythm.
            page.wait_for_timeout(pause_ms * (0.5 + pauses.random()))
        times += walk if n else []  # the first walk warms both sides up
    return times


def notebook(folder: Path) -> str:
    """Write the notebook that is timed and return its name."""
    book = nbformat.v4.new_notebook()
    sources = (PREPARE.format(root=str(ROOT)), OURS, USUAL)
    book.cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    book.metadata["kernelspec"] = {
        "name": "python3", "display_name": "Python 3", "language": "python",
    }  # fmt: skip
    nbformat.write(book, folder / "latency.ipynb")
    return "latency.ipynb"


def main() -> None:
    """Time both, print the table and the line of JSON."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument(
        "--rounds", type=arguments.whole(1), default=4, help="walks through the 28 steps"
    )
    rounds = parser.parse_args().rounds
    arguments.need_browser(parser)

    shown, seconds = a_trace(), []
    for _ in range(8):
        start = time.perf_counter()
        frames = figures.lstm_frames(shown)
        seconds.append(time.perf_counter() - start)
    page_html = Replay(frames).html()

    with (
        tempfile.TemporaryDirectory(prefix="sheet-latency-") as name,
        browser_tools.chromium() as b,
    ):
        folder = Path(name)
        book = notebook(folder)
        with browser_tools.jupyter_server(folder / book) as server:
            page, watch = browser_tools.new_page(b)
            browser_tools.open_notebook(page, server, book)
            browser_tools.run_all(page)
            page.wait_for_timeout(1500)
            ours = time_steps(page, ".sheet-replay", "input[type=range]", rounds, 60)
            usual = time_steps(page, ".jp-OutputArea:has(.widget-interact)", ".noUi-handle", 1, 400)
            faults = watch.faults()
            page.close()
        plain = folder / "plain.html"
        plain.write_text(
            f"<!doctype html><html lang=en><meta charset=utf-8><title>player</title>{page_html}",
            encoding="utf-8",
        )
        page, _ = browser_tools.new_page(b)
        page.goto(plain.as_uri())
        page.wait_for_timeout(500)
        player = time_steps(page, ".sheet-replay", "input[type=range]", rounds, 60)
        page.close()
        reader_page.build(folder / "reader")
        page, _ = browser_tools.new_page(b)
        page.goto((folder / "reader" / "index.html").as_uri())
        page.wait_for_timeout(500)
        reader = page.evaluate(READING, 20)
        reader_kb = sum(file.stat().st_size for file in (folder / "reader").iterdir()) / 1000

    print("one slider step to the new picture | median ms | 95th percentile ms | steps")
    rows = (("replay in JupyterLab", ours), ("HTML player", player), ("@interact redraw", usual))
    for label, times in rows:
        p95 = np.percentile(times, 95)
        print(f"{label} | {statistics.median(times):.1f} | {p95:.1f} | {len(times)}")
    frames_kb = frames.nbytes / 1000
    print(
        f"28 frames: {statistics.median(seconds):.3f} s (median of 8), {frames_kb:.0f} KB as PNG,"
    )
    print(f"           {len(page_html) / 1000:.0f} KB as the HTML player")
    whole, alone, step = (statistics.median(reader[key]) for key in ("whole", "alone", "steps"))
    print(f"reader page: a digit read by three networks in {alone:.1f} ms, on the screen")
    print(f"           {whole:.1f} ms after it was given; a slider step {step:.1f} ms;")
    print(f"           {reader['rate']:.0f} pictures a second, {reader['late']} of")
    print(f"           {reader['pictures']} late; {reader_kb:.0f} KB in all")
    for fault in faults:
        print("fault:", fault)
    print(
        json.dumps(
            {
                "replay_ms_median": round(statistics.median(ours), 2),
                "replay_ms_p95": round(float(np.percentile(ours, 95)), 2),
                "interact_ms_median": round(statistics.median(usual), 2),
                "frames_s": round(statistics.median(seconds), 3),
                "frames_kb": round(frames_kb, 1),
                "player_ms_median": round(statistics.median(player), 2),
                "player_ms_p95": round(float(np.percentile(player, 95)), 2),
                "player_kb": round(len(page_html) / 1000, 1),
                "reader_ms_median": round(alone, 2),
                "reader_painted_ms_median": round(whole, 2),
                "reader_step_ms_median": round(step, 2),
                "reader_pictures_per_s": round(reader["rate"], 1),
                "reader_kb": round(reader_kb, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
