"""What the tools and benchmarks accept on their command lines, each judged before any work starts.

A wrong argument ends in a sentence and with exit code 2 (argparse's own), and costs nothing: no
lesson is run, nothing is written, nothing is taken away.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers.course import LESSONS, Lesson
from rnnscope import atomic_write


def new_parser(doc: str) -> argparse.ArgumentParser:
    """Return a parser that shows a script's docstring as it is, and guesses no option.

    The script that asks for it ends at Ctrl-C with a sentence, too, as after a wrong argument.
    """
    sys.excepthook = _stopped_in_a_sentence
    return argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )


def _stopped_in_a_sentence(kind, error, trace):
    if issubclass(kind, KeyboardInterrupt):
        print("\nStopped by you.", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def lesson(text: str) -> Lesson:
    """Understand the number (1, 01) or the name of a lesson."""
    for each in LESSONS:
        if text in (str(each.number), each.name[:2], each.name, f"{each.name}.ipynb"):
            return each
    raise argparse.ArgumentTypeError(
        f"there is no lesson {text!r}: the lessons are {LESSONS[0].number} to {LESSONS[-1].number}"
    )


def in_order(lessons: list[Lesson]) -> list[Lesson]:
    """Return the lessons in the course's order, each once."""
    return [each for each in LESSONS if each in lessons]


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """Return a type for whole numbers from `low` to `high`."""

    def understood(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or value < low or (high is not None and value > high):
            room = f"of {low} or more" if high is None else f"from {low} to {high}"
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number {room}")
        return value

    return understood


any_seed = whole(0, 2**31 - 1)  # what Keras, NumPy and tf.data all take


def above_zero(text: str) -> float:
    """Understand a number above 0, and not infinity."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return value


def new_file(text: str) -> Path:
    """Understand the path of a file that is not there yet, in a folder that can be written to."""
    path = _path(text)
    if path.exists() or path.is_symlink():
        raise argparse.ArgumentTypeError(
            f"{path} is there already: move it away, or name another file"
        )
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}: make it first")
    _can_write(path.parent)
    return path


def folder(text: str) -> Path:
    """Understand a folder to write to, which is made later if it is missing."""
    path = _path(text)
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not there.is_dir():
        raise argparse.ArgumentTypeError(f"{there} is a file: name a folder")
    _can_write(there)
    return path


def notebook(text: str) -> Path:
    """Understand the path of a notebook that can be read."""
    path = _path(text)
    if path.suffix != ".ipynb" or not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no notebook {path}: name a file *.ipynb")
    return path


def need_browser(parser: argparse.ArgumentParser) -> None:
    """Refuse to go on where there is no browser to work with."""
    from tests import browser_tools

    try:
        reason = browser_tools.why_no_browser()
    except FileNotFoundError as error:  # CHROMIUM names a program that is not there
        reason = str(error)
    if reason:
        parser.error(reason)


def write_text(path: Path, text: str) -> None:
    """Write a text whole or not at all: a full disk or a kill leaves the file as it was."""
    atomic_write.write(text.encode(), path, "the text", overwrite=True)


def _path(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("an empty path names nothing")
    return Path(text).expanduser()


def _can_write(there: Path) -> None:
    try:  # the one way to know: permissions, read-only disks and full ones all answer
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f"nothing can be written to {there} ({error.strerror}): name another place"
        ) from None
