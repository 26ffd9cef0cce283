"""Print which packages have moved since the tests last passed, as a table for an issue.

    uv run python tools/moved.py

Compares what is installed here with constraints.txt. The monthly run (.github/workflows/
elsewhere.yml) puts the table into the issue that it opens.
"""

import importlib.metadata
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import arguments  # noqa: E402


def main(line: list[str] | None = None) -> int:
    """Print the table."""
    arguments.new_parser(__doc__).parse_args(line)
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    print(table(passed(lines), installed()))
    return 0


def passed(lines: list[str]) -> dict[str, str]:
    """Return the versions of constraints.txt that are for this Python and this system."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    pins = [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }


def installed() -> dict[str, str]:
    """Return the versions of what is installed here, less the course itself."""
    from packaging.utils import canonicalize_name

    found = {
        canonicalize_name(each.metadata["Name"]): each.version
        for each in importlib.metadata.distributions()
        if each.metadata["Name"]
    }
    found.pop("hammered-iron-sheet", None)
    return found


def table(before: dict[str, str], now: dict[str, str]) -> str:
    """Return the differences as a Markdown table; what is gone or new has a dash."""
    names = sorted(before.keys() | now.keys())
    moved = [name for name in names if before.get(name) != now.get(name)]
    if not moved:
        return "No package has moved: the versions are those of constraints.txt."
    rows = [f"| {name} | {before.get(name, '-')} | {now.get(name, '-')} |" for name in moved]
    return "\n".join(["| package | last passed | now |", "|---|---|---|", *rows])


if __name__ == "__main__":
    sys.exit(main())
