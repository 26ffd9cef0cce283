"""A learner's own text."""

from helpers import judge
from helpers.sequences.decoding import text_of


def read_text(path, *, at_least: int = 1000, encoding: str | None = None) -> str:
    """Read a text file of one's own.

    Parameters
    ----------
    path : str or path
    at_least : int
        So many letters are needed to learn from.
    encoding : str, optional
        Where the file is neither UTF-8 nor marked: "cp1252", "gb18030", ...

    Returns
    -------
    str, its lines ending in a plain newline

    Raises
    ------
    FileNotFoundError, ValueError
        Where there is no such file, it is no text, its encoding is in doubt, or it is too short.
    """
    judge.count(at_least, "at_least")
    path, text = text_of(path, "plain text", encoding)
    if len(text) < at_least:
        raise ValueError(
            f"{path} has {len(text):,} letters: to learn from, {at_least:,} or more are needed (or "
            "say at_least=). Take another text."
        )
    return text
