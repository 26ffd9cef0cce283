"""Write constraints.txt: the exact versions of uv.lock, which `uv run pytest` last passed with.

    uv run pytest && uv run python tools/constraints.py

uv.lock itself stays out of the repository: it records the address of the package index in use.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import arguments  # noqa: E402

EXPORT = (
    *("uv", "export", "--format", "requirements-txt"),
    *("--no-hashes", "--no-emit-project", "--no-annotate", "--no-header"),
)
HEADER = """\
# The exact versions that the tests last passed with, for pip, conda and Binder.
# Written by: uv run python tools/constraints.py
"""


def main() -> None:
    """Ask uv, which says itself what it misses, and write."""
    arguments.new_parser(__doc__).parse_args()
    done = subprocess.run(EXPORT, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(1)
    arguments.write_text(ROOT / "constraints.txt", HEADER + done.stdout)


if __name__ == "__main__":
    main()
