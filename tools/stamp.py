"""Write the table of lessons, which helpers/course.py holds, into README.md.

uv run python tools/stamp.py            writes it between <!-- lessons --> and <!-- /lessons -->
uv run python tools/stamp.py --check    writes nothing; exits with 1 if it would change
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.course import markdown_table  # noqa: E402

README = ROOT / "README.md"
PLACE = re.compile(r"(<!-- lessons -->\n).*?(<!-- /lessons -->)", re.DOTALL)


def stamped(text: str) -> str:
    """Return README's text with today's table in its place; ValueError if it has none or two."""
    if len(PLACE.findall(text)) != 1:
        raise ValueError(
            "README.md needs the lines <!-- lessons --> and <!-- /lessons --> once each, in this "
            "order: the table of lessons is written between them."
        )
    table = markdown_table("notebooks/")
    return PLACE.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text)


def main(arguments: list[str] | None = None, path: Path = README) -> int:
    """Read the command line, and write or check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it would change")
    check = parser.parse_args(arguments).check
    before = path.read_text(encoding="utf-8")
    try:
        after = stamped(before)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if before == after:
        return 0
    if check:
        print(f"{path.name}: the table of lessons is not helpers/course.py's (run tools/stamp.py)")
        return 1
    path.write_text(after, encoding="utf-8", newline="\n")
    print(f"{path.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
