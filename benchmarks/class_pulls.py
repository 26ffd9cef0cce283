"""Pull after both sides changed a notebook at random: is it whole, and all of the work there.

    python benchmarks/class_pulls.py --python /opt/classroom/bin/python

The student runs cells, writes into some and adds others; the teacher edits, adds, takes away and
runs cells of the same notebook. Then the student pulls again with nbgitpuller's own command.
Prints a table, and as its last line JSON.
"""

import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import nbformat
from measuring import finish, new_parser

from helpers.course import LESSONS
from tools.arguments import whole

ROOT = Path(__file__).resolve().parent.parent


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--tries", type=whole(1, 1000), default=50, help="pulls (50)")
    parser.add_argument("--python", default=sys.executable, metavar="PATH",
                        help="a Python with nbgitpuller: see classroom/README.md")  # fmt: skip
    asked = parser.parse_args()
    gitpuller = Path(asked.python).parent / "gitpuller"
    if not gitpuller.exists():
        parser.error(f"there is no {gitpuller}: see classroom/README.md")
    result = random_pulls(gitpuller, asked.tries)
    for key, value in result.items():
        print(f"{key:>14}: {value}")
    finish(asked, result)


def random_pulls(gitpuller, tries, seed=0):
    """Pull so often; return how many notebooks are whole and hold all that the student wrote."""
    path = ROOT / "notebooks" / f"{LESSONS[1].name}.ipynb"
    text, chance = path.read_text(encoding="utf-8"), random.Random(seed)
    found = {"tries": tries, "whole": 0, "work_kept": 0, "news": 0, "news_came": 0}
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "source")
        _git(scratch, "init", "-q", "-b", "main", str(source))
        for number in range(tries):
            theirs, mine = source / path.name, Path(scratch, str(number), path.name)
            theirs.write_text(text, encoding="utf-8")
            _commit(source)
            pull = [gitpuller, f"file://{source}", "main", str(mine.parent)]
            subprocess.run(pull, check=True, capture_output=True)
            work = _change(mine, chance, "mine", often=0.5)
            news = _change(theirs, chance, "news", often=0.2)
            _commit(source)
            subprocess.run(pull, check=True, capture_output=True)
            try:
                after = nbformat.read(mine, as_version=4)
                nbformat.validate(after)
            except Exception:  # whatever is wrong with it, it is not whole
                continue
            there = "\n".join(cell.source for cell in after.cells)
            found["whole"] += 1
            found["work_kept"] += all(mark in there for mark in work)
            found["news"] += len(news)
            found["news_came"] += sum(mark in there for mark in news)
    return found


def _change(path, chance, whose, often):
    """Run, edit, add (and as the teacher, take away) cells; return the marks that were written."""
    notebook, marks = nbformat.read(path, as_version=4), []

    def mark():
        marks.append(f"{whose} {chance.random()}")
        return marks[-1]

    for cell in notebook.cells:
        if cell.cell_type == "code" and chance.random() < often:
            cell.execution_count = chance.randrange(1, 99)
            printed = f"{chance.random()}\n" * chance.randrange(1, 4)
            cell.outputs = [nbformat.v4.new_output("stream", text=printed)]
        if chance.random() < often / 2:
            cell.source += f"\n# {mark()}"
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(notebook.cells) + 1)
        notebook.cells.insert(place, nbformat.v4.new_markdown_cell(mark()))
    if whose == "news" and chance.random() < 0.3:
        untouched = [n for n, cell in enumerate(notebook.cells) if "news" not in cell.source]
        del notebook.cells[chance.choice(untouched)]
    nbformat.write(notebook, path)
    return marks


def _git(folder, *command):
    who = ["-c", "user.name=teacher", "-c", "user.email=teacher@localhost"]
    subprocess.run(["git", *who, "-C", str(folder), *command], check=True, capture_output=True)


def _commit(folder):
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "--allow-empty", "-m", "News")


if __name__ == "__main__":
    main()
