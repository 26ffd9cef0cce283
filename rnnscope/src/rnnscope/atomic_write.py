"""A file is written whole or not at all, and never over another unasked."""

import tempfile
from pathlib import Path


def write(data: bytes, path: Path, what: str, *, overwrite: bool = False) -> None:
    """Write a file of a learner's.

    Parameters
    ----------
    data : bytes
    path : pathlib.Path
        As `rnnscope.validation.path` gives it.
    what : str
        What is saved, for the error's advice: ``"the reader"``.
    overwrite : bool
        Replace a file that is there; else FileExistsError.

    Raises
    ------
    OSError
        Where it cannot be written (no folder, no room, no permission); a full disk or a killed
        kernel leaves what was there.
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent} for {path.name}: make it first.")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: give the name of a file in it.")
    if not overwrite and (path.exists() or path.is_symlink()):
        raise FileExistsError(
            f"{path} is there already and was left as it is. Give another name, or overwrite=True."
        )
    try:
        place = path.resolve()  # a link stays a link
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name[:40]}-") as folder:
            part = Path(folder, "part")
            part.write_bytes(data)
            part.replace(place)
    except OSError as error:
        raise OSError(
            f"{path} could not be written ({error.strerror or error}), and nothing was changed. "
            f"Make room, or save {what} under another path."
        ) from error
