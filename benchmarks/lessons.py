"""What a learner waits for: each lesson's seconds and memory, and from the command to a replay.

    uv run python benchmarks/lessons.py [1 7 ...]

Each lesson is executed whole in a kernel of its own, on the bundled digits and without the network;
the memory is the kernel's greatest. Then JupyterLab is started anew and lesson 0 run in Chromium:
the seconds from the command to the first replay on the screen. Prints a table, and as its last
line JSON.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.course import LESSONS  # noqa: E402
from tests import browser_tools  # noqa: E402
from tests.notebook_tools import lessons  # noqa: E402
from tools.arguments import in_order, lesson, new_parser  # noqa: E402

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
    chosen = [each.number for each in in_order(parser.parse_args().lessons or list(LESSONS))]
    paths = lessons()

    rows = []
    for number in chosen:
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", RUN, str(paths[number])], cwd=ROOT, check=True,
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
        seconds = time.perf_counter() - began
        megabytes = int(done.stdout.split()[-1])
        rows.append({"lesson": number, "seconds": round(seconds, 1), "megabytes": megabytes})
    first = first_replay(paths[0]) if browser_tools.why_no_browser() is None else None

    print(f"{'lesson':>6}{'seconds':>9}{'MB':>7}")
    for row in rows:
        print(f"{row['lesson']:>6}{row['seconds']:>9.1f}{row['megabytes']:>7,}")
    print("from the command to the first replay:", f"{first:.1f} s" if first else "no browser")
    print(json.dumps({"lessons": rows, "first_replay_s": first and round(first, 1)}))


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
