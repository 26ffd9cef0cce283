"""The folder that a build writes into: nothing of anybody else's in it is touched."""

import shutil
from pathlib import Path

from helpers.course import LESSONS, Lesson
from tools import arguments

LISTED = ".built"  # a file that names what builds have put there


def options(parser, folder: Path) -> None:
    """Give a build's command line --only and --out; some lessons go to a folder of their own."""
    parser.add_argument(
        "--only", nargs="+", type=arguments.lesson, metavar="NN", help="lessons, by number"
    )
    parser.add_argument(
        "--out",
        type=arguments.folder,
        help=f"folder to build into ({folder.name}, and {folder.name}_only for some lessons)",
    )
    parser.set_defaults(folder=folder)


def chosen(parser, wanted) -> tuple[list[Lesson], Path]:
    """Return the lessons and the folder that are asked for, or refuse a folder with other files."""
    folder = wanted.folder.with_name(f"{wanted.folder.name}_only") if wanted.only else wanted.folder
    out = wanted.out or folder
    if out.is_dir() and any(out.iterdir()) and not (out / LISTED).exists():
        parser.error(
            f"{out} holds files that no build has put there: name a new or an empty folder"
        )
    return arguments.in_order(wanted.only or LESSONS), out


def built_before(out: Path) -> list[str]:
    """Return the files that builds have put into `out`; only such as lie within it."""
    listed = out / LISTED
    names = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    inside = out.resolve()
    return [name for name in names if name and (inside / name).resolve().is_relative_to(inside)]


def put(built: Path, out: Path) -> None:
    """Copy what was built to `out`, and take away what only an earlier build has left there.

    Raises FileExistsError if a file that no build has put there is in the way.
    """
    files = sorted(p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file())
    earlier = built_before(out)
    for name in files:
        if (out / name).exists() and name not in earlier:
            raise FileExistsError(f"{out / name} is not of an earlier build: move it away.")
    out.mkdir(parents=True, exist_ok=True)
    # Listed first: what a full disk cuts short is still known as ours.
    (out / LISTED).write_text("\n".join(sorted({*files, *earlier})) + "\n", encoding="utf-8")
    shutil.copytree(built, out, dirs_exist_ok=True)
    for name in set(earlier) - set(files):
        (out / name).unlink(missing_ok=True)
    (out / LISTED).write_text("\n".join(files) + "\n", encoding="utf-8")
