"""Time lesson 7's menus: from a choice to the first picture of the new replay.

    uv run python benchmarks/menu_latency.py [--changes 8]

Runs lesson 7 in JupyterLab, in Chromium, and changes every menu that drives a replay. A change is
timed inside the page, until the frame with the new picture has been painted; Python traces the
network and draws all steps in between. Prints a table and, as its last line, JSON.
"""

import statistics

from measuring import finish, new_parser
from replay_latency import CLOCK

from tests import browser_tools
from tests.notebook_tools import lessons
from tools.arguments import need_browser, whole

# Every menu that stands in one output area with a replay, as [area, menu, its name].
MENUS = """
() => [...document.querySelectorAll(".jp-Cell-outputArea")].flatMap((area, a) =>
  area.querySelector("div.sheet-replay")
    ? [...area.querySelectorAll(".widget-dropdown select")].map((menu, m) =>
        [a, m, menu.closest(".widget-dropdown").querySelector(".widget-label").textContent])
    : [])
"""
CHOOSE = """
([a, m]) => {
  const area = document.querySelectorAll(".jp-Cell-outputArea")[a];
  const menu = area.querySelectorAll(".widget-dropdown select")[m];
  return untilPainted(area, () => {
    menu.selectedIndex = (menu.selectedIndex + 1) % menu.options.length;
    menu.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
"""


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--changes", type=whole(1), default=8, help="choices in each menu")
    given = parser.parse_args()
    need_browser(parser)
    lesson = lessons()[7]
    rows = []
    with browser_tools.jupyter_server(lesson) as server, browser_tools.chromium() as browser:
        page, watch = browser_tools.new_page(browser)
        browser_tools.open_notebook(page, server, lesson.name)
        browser_tools.run_all(page)
        page.wait_for_timeout(2000)
        page.evaluate(CLOCK)
        for area, menu, name in page.evaluate(MENUS):
            times = []
            for _ in range(given.changes + 1):
                times.append(page.evaluate(CHOOSE, [area, menu]))
                page.wait_for_timeout(800)
            # The first change warms up.
            rows.append({"menu": name, "median ms": round(statistics.median(times[1:])),
                         "worst ms": round(max(times[1:])), "changes": given.changes})  # fmt: skip
        if faults := watch.faults():
            raise SystemExit("\n".join(faults))
    result = {"load": given.about["load"], "median_ms": [row["median ms"] for row in rows],
              "worst_ms": [row["worst ms"] for row in rows]}  # fmt: skip
    finish(given, result, rows)


if __name__ == "__main__":
    main()
