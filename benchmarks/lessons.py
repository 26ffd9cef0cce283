"""What a learner waits for: each lesson's seconds and memory, and from the command to a replay.

    uv run python benchmarks/lessons.py [1 7 ...]

Each lesson is executed whole in a kernel of its own, on the bundled digits and without the network;
the memory is the kernel's greatest. Then JupyterLab is started anew and lesson 0 run in Chromium:
the seconds from the command to the first replay on the screen. Prints a table, and as its last
line JSON.
"""

import subprocess
import sys
import time

from measuring import FOLDER, finish, new_parser

from helpers.course import LESSONS
from tests import browser_tools
from tests.notebook_tools import lessons
from tools.arguments import in_order, lesson, need_browser

RUN = """
import resource, sys, tempfile
from pathlib import Path
import nbformat
from tests.notebook_tools import execute

path = Path(sys.argv[1])
notebook = nbformat.read(path, as_version=4)
with tempfile.TemporaryDirectory() as scratch:
    execute(notebook, path.parent, scratch)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def main():
    parser = new_parser(__doc__)
    parser.add_argument("lessons", nargs="*", type=lesson, metavar="N", help="such as 1 7")
    given = parser.parse_args()
    need_browser(parser)
    paths, rows = lessons(), []
    for each in in_order(given.lessons or list(LESSONS)):
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", RUN, str(paths[each.number])], check=True,
                              cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True)  # fmt: skip
        rows.append({"lesson": each.number, "seconds": round(time.perf_counter() - began, 1),
                     "megabytes": int(done.stdout.split()[-1])})  # fmt: skip
    first = first_replay(paths[0])
    print(f"from the command to the first replay: {first:.1f} s")
    finish(given, {"lessons": rows, "first_replay_s": round(first, 1)}, rows)


def first_replay(path):
    """Seconds from starting JupyterLab until lesson 0, run from the top, shows its replay."""
    began = time.perf_counter()
    with browser_tools.jupyter_server(path) as server, browser_tools.chromium() as browser:
        page, _ = browser_tools.new_page(browser)
        browser_tools.open_notebook(page, server, path.name)
        browser_tools.run_all(page)
        page.locator("div.sheet-replay img.sheet-step").first.wait_for()
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
