"""Find the files of a set: one npz, or idx files that lie side by side."""

import re

from helpers.digits import packed, sets

_IDX = re.compile(
    r"(|.*[-_. ])(train|t10k|test)[-_. ]?(images|labels)[-_. ]?idx\d[-_. ](?:ubyte|int)(?:\.gz)?",
    re.IGNORECASE,
)


def find(path):
    """Return the files that hold the set a path names, as a tuple: one npz, or two or four idx.

    Parameters
    ----------
    path : pathlib.Path
        Of an npz, of one idx file (its siblings lie beside it), or of a folder with either.

    Raises
    ------
    OSError
        There is no such file, or it is neither a file nor a folder.
    ValueError
        The folder holds no set, or several.
    """
    if not path.is_dir():
        path.stat()  # the error of a missing file
        if not path.is_file():
            raise OSError("it is no plain file")
        name = _IDX.fullmatch(path.name)
        if not name:
            return (path,)
        beside = _idx_sets(path.parent)[name[1].lower()]
        return tuple({**beside, _role(name): path}.values())
    # torchvision keeps the files two folders down.
    for folder in (path, path / "raw", path / "MNIST" / "raw"):
        if not folder.is_dir():
            continue
        if (folder / "mnist.npz").is_file():
            return (folder / "mnist.npz",)
        found = _idx_sets(folder)
        if len(found) > 1:
            names = " and ".join(
                sorted(next(iter(files.values())).name for files in found.values())
            )
            raise ValueError(
                f"this folder holds several sets, of {names}. Name a file of the one that you mean."
            )
        if found:
            return tuple(*(files.values() for files in found.values()))
        npz = sorted(folder.glob("*.npz"))
        if len(npz) == 1:
            return (npz[0],)
    raise ValueError(
        "this folder holds neither mnist.npz nor idx files such as train-images-idx3-ubyte.gz. "
        "Name the file itself."
    )


def stamp(files):
    """Return what changes when one of the files is written anew."""
    stats = [(str(file), file.stat()) for file in files]
    return tuple((name, s.st_mtime_ns, s.st_ctime_ns, s.st_size) for name, s in stats)


def read(files):
    """Read the set that `find` found; returns and raises as `sets.named`, and OSError."""
    if not _IDX.fullmatch(files[0].name):
        with files[0].open("rb") as file:
            return read_npz(file)
    roles = {_role(_IDX.fullmatch(file.name)): [file] for file in files}
    held = f"not all of the four files of MNIST lie beside {files[0].name}. Fetch the others."
    return sets.whole(roles, packed.read_idx, lambda file: file.name, held)


def read_npz(file):
    """Read the set in an open npz; returns and raises as `sets.named`."""
    with packed.opened_npz(file) as (names, load):
        return sets.named(names, load)


def _idx_sets(folder):
    """Return the idx files of a folder: {what comes before their names: {role: path}}."""
    found = {}
    for path in sorted(folder.iterdir(), reverse=True):  # so that the unpacked comes last and wins
        if (name := _IDX.fullmatch(path.name)) and path.is_file():
            found.setdefault(name[1].lower(), {})[_role(name)] = path
    return found


def _role(name):
    """Return which part and kind an idx file's name, matched by _IDX, stands for."""
    return sets.PARTS[name[2].lower()], name[3].lower()
