"""Write docs/glossary.md from the course's one list of terms, helpers/glossary.py.

uv run python tools/glossary.py            writes
uv run python tools/glossary.py --check    writes nothing; exits with 1 if something would change
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.course import LESSONS  # noqa: E402
from helpers.glossary import TERMS, Term  # noqa: E402
from tools import arguments  # noqa: E402

PAGE = ROOT / "docs" / "glossary.md"
HEAD = """\
<!-- Written by tools/glossary.py: change helpers/glossary.py, and run it. -->
# Glossary

Every term of the course once, in one sentence: with the lesson where it comes first, its Chinese
name, its symbol, and what Keras, PyTorch and papers call it. Shapes, equations and the orders of
the gates stand together on [one page to print](sheet.md).
"""


def page() -> str:
    """Return the page, terms in alphabetical order."""
    terms = sorted(TERMS, key=lambda term: term.name.lower())
    return "\n".join([HEAD, *map(entry, terms)])


def entry(term: Term) -> str:
    """Return a term's part of the page."""
    lesson = LESSONS[term.lesson]
    line = [f'<span lang="zh-Hans">{term.chinese}</span>']
    line += [f"${term.symbol}$"] if term.symbol else []
    line += [f"[lesson {lesson.number}](../notebooks/{lesson.name}.ipynb)"]
    names = [
        f"{who}: {name}."
        for who, name in (
            ("Keras", term.keras),
            ("PyTorch", term.pytorch),
            ("In papers", term.papers),
        )
        if name
    ]
    parts = [f"## {term.name}", " · ".join(line), term.says, " ".join(names)]
    return "\n\n".join(part for part in parts if part) + "\n"


def main(line: list[str] | None = None, path: Path = PAGE) -> int:
    """Read the command line, and write or check."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it would change")
    check = parser.parse_args(line).check
    try:
        if path.exists() and path.read_text(encoding="utf-8") == page():
            return 0
        if check:
            print(f"{path.name}: is not as helpers/glossary.py says (run tools/glossary.py)")
            return 1
        arguments.write_text(path, page())
    except OSError as error:  # read-only, or a full disk
        print(error, file=sys.stderr)
        return 1
    print(f"{path.name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
