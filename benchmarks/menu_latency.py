"""Time lesson 7's menus: from a choice to the first picture of the new replay.

    uv run python benchmarks/menu_latency.py [--changes 8]

Runs lesson 7 in JupyterLab, in Chromium, and changes every menu that drives a replay. A change is
timed inside the page, until the frame with the new picture has been painted; Python traces the
network and draws all steps in between. Prints a table and, as its last line, JSON.
"""

import json
import os
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import browser_tools  # noqa: E402
from tests.notebook_tools import NOTEBOOKS  # noqa: E402
from tools import arguments  # noqa: E402

LESSON = "07_inside_the_trained_network.ipynb"
LIMIT_MS = 300

# Every menu that stands in one output area with a replay, as [area, menu, its name].
MENUS = """
() => [...document.querySelectorAll(".jp-Cell-outputArea")].flatMap((area, a) =>
  area.querySelector("div.sheet-replay")
    ? [...area.querySelectorAll(".widget-dropdown select")].map((menu, m) =>
        [a, m, menu.closest(".widget-dropdown").querySelector(".widget-label").textContent])
    : [])
"""
CHOOSE = """
([a, m]) => new Promise((done) => {
  const area = document.querySelectorAll(".jp-Cell-outputArea")[a];
  const menu = area.querySelectorAll(".widget-dropdown select")[m];
  const picture = () => area.querySelector("div.sheet-replay img.sheet-step");
  const before = picture().src;
  const look = () => {
    const now = picture();
    if (!now || now.src === before || !now.complete) return setTimeout(look, 2);
    requestAnimationFrame(() => {
      const channel = new MessageChannel();  // runs after the frame is painted
      channel.port1.onmessage = () => done(performance.now() - start);
      channel.port2.postMessage(null);
    });
  };
  const start = performance.now();
  menu.selectedIndex = (menu.selectedIndex + 1) % menu.options.length;
  menu.dispatchEvent(new Event("change", { bubbles: true }));
  look();
})
"""


def main() -> None:
    """Time every menu, print the table and the line of JSON."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument(
        "--changes", type=arguments.whole(1), default=8, help="choices in each menu"
    )
    changes = parser.parse_args().changes
    arguments.need_browser(parser)
    load = os.getloadavg()[0]
    with (
        browser_tools.jupyter_server(NOTEBOOKS / LESSON) as server,
        browser_tools.chromium() as browser,
    ):
        page, watch = browser_tools.new_page(browser)
        browser_tools.open_notebook(page, server, LESSON)
        browser_tools.run_all(page)
        page.wait_for_timeout(2000)
        rows = []
        for area, menu, name in page.evaluate(MENUS):
            times = []
            for _ in range(changes + 1):
                times.append(page.evaluate(CHOOSE, [area, menu]))
                page.wait_for_timeout(800)
            rows.append((name, sorted(times[1:])))  # the first one warms up
        faults = watch.faults()

    print(f"load {load:.1f} at the start; limit {LIMIT_MS} ms")
    print("menu | median ms | worst ms | changes")
    for name, times in rows:
        print(f"{name} | {statistics.median(times):.0f} | {times[-1]:.0f} | {len(times)}")
    for fault in faults:
        print("fault:", fault)
    print(
        json.dumps(
            {
                "load": round(load, 1),
                "median_ms": [round(statistics.median(times)) for _, times in rows],
                "worst_ms": [round(times[-1]) for _, times in rows],
            }
        )
    )


if __name__ == "__main__":
    main()
