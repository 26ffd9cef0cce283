"""Write constraints.txt: the exact versions of uv.lock, which `uv run pytest` last passed with.

    uv run pytest && uv run python tools/constraints.py

uv.lock itself stays out of the repository: it records the address of the package index in use.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import arguments  # noqa: E402

EXPORT = (
    *("export", "--format", "requirements-txt"),
    *("--no-hashes", "--no-emit-project", "--no-annotate", "--no-header"),
)
HEADER = """\
# The exact versions that the tests last passed with, for pip, conda and Binder.
# Written by: uv run python tools/constraints.py
"""


def main() -> int:
    """Ask uv and write; 1 if uv has no lock yet."""
    parser = arguments.new_parser(__doc__)
    parser.parse_args()
    uv = shutil.which("uv")
    if uv is None:
        parser.error("uv is not on the PATH: pip install uv")
    done = subprocess.run([uv, *EXPORT], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr.strip(), file=sys.stderr)
        return 1
    arguments.write_text(ROOT / "constraints.txt", HEADER + done.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
