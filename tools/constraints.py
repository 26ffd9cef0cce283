"""Write constraints.txt: the exact versions of uv.lock, which `uv run pytest` last passed with.

    uv run pytest && uv run python tools/constraints.py

uv.lock itself stays out of the repository: it records the address of the package index in use.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXPORT = (
    *("export", "--format", "requirements-txt"),
    *("--no-hashes", "--no-emit-project", "--no-annotate", "--no-header"),
)
HEADER = """\
# The exact versions that the tests last passed with, for pip, conda and Binder.
# Written by: uv run python tools/constraints.py
"""


def main() -> int:
    """Ask uv and write; 1 if uv is missing or has no lock yet."""
    uv = shutil.which("uv")
    if uv is None:
        print("uv is not on the PATH: pip install uv", file=sys.stderr)
        return 1
    done = subprocess.run([uv, *EXPORT], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr.strip(), file=sys.stderr)
        return 1
    (ROOT / "constraints.txt").write_text(HEADER + done.stdout, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
