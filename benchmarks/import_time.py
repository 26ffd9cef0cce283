"""How long does a lesson wait for its imports? Each module alone, and all that lessons 0 to 4 need.

    uv run python benchmarks/import_time.py [--rounds 5]

Each number is a fresh Python process, timed inside around the import; Python's own start is left
out. Prints a table, and as its last line JSON.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import arguments  # noqa: E402

MODULES = ("digits", "cells", "trace", "figures", "replay", "checks")
TIME = """
import time
start = time.perf_counter()
{imports}
print(time.perf_counter() - start)
"""


def seconds(imports: str) -> float:
    """Time some import statements in a fresh process."""
    source = TIME.format(imports=imports)
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    parser = arguments.new_parser(__doc__)
    parser.add_argument("--rounds", type=arguments.whole(1), default=5)
    rounds = parser.parse_args().rounds

    rows = {f"helpers.{name}": f"import helpers.{name}" for name in MODULES}
    rows["all of them"] = "\n".join(rows.values())
    rows["numpy alone"] = "import numpy"
    rows["matplotlib.figure alone"] = "import matplotlib.figure"
    for statement in rows.values():
        seconds(statement)  # once for the disk's cache and the compiled files

    print(
        f"{'what is imported':<26}{'median s':>10}{'worst s':>10}   ({rounds} fresh processes each)"
    )
    medians = {}
    for name, statement in rows.items():
        times = [seconds(statement) for _ in range(rounds)]
        medians[name] = statistics.median(times)
        print(f"{name:<26}{medians[name]:>10.3f}{max(times):>10.3f}")
    print(json.dumps({"import_s_median": round(medians["all of them"], 3), "rounds": rounds}))


if __name__ == "__main__":
    main()
