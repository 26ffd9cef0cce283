"""How long does a lesson wait for its imports? Each module alone, and all that lessons 0 to 4 need.

    uv run python benchmarks/import_time.py [--rounds 5]

Each number is a fresh Python process, timed inside around the import; Python's own start is left
out. Prints a table, and as its last line JSON.
"""

import statistics
import subprocess
import sys

from measuring import FOLDER, finish, new_parser

from tools.arguments import whole

MODULES = ("digits", "cells", "trace", "figures", "replay", "checks")
TIME = """
import time
start = time.perf_counter()
{imports}
print(time.perf_counter() - start)
"""


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--rounds", type=whole(1), default=5)
    given = parser.parse_args()
    imports = {f"helpers.{name}": f"import helpers.{name}" for name in MODULES}
    imports["all of them"] = "\n".join(imports.values())
    imports |= {"numpy alone": "import numpy", "matplotlib alone": "import matplotlib.figure"}
    rows = []
    for name, statement in imports.items():
        seconds(statement)  # once for the disk's cache and the compiled files
        times = [seconds(statement) for _ in range(given.rounds)]
        rows.append({"imported": name, "median s": statistics.median(times),
                     "worst s": max(times)})  # fmt: skip
    [whole_s] = [row["median s"] for row in rows if row["imported"] == "all of them"]
    finish(given, {"import_s_median": round(whole_s, 3), "rounds": given.rounds}, rows)


def seconds(imports):
    """Time some import statements in a fresh process."""
    source = TIME.format(imports=imports)
    done = subprocess.run([sys.executable, "-c", source], cwd=FOLDER.parent, check=True,
                          stdout=subprocess.PIPE, text=True)  # fmt: skip
    return float(done.stdout)


if __name__ == "__main__":
    main()
