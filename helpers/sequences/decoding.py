"""The text in somebody's file: which bytes are no text, and which letters the bytes mean."""

import codecs
import difflib
import unicodedata
from pathlib import Path

from helpers import judge

MAGIC = {
    b"PK\x03\x04": "a packed file, such as Excel's xlsx or Word's docx",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\xd0\xcf\x11\xe0": "a file of old Excel or Word",
    b"PAR1": "a parquet file",
    b"\x1f\x8b": "a packed file (gzip)",
    b"\x93NUMPY": "a NumPy file",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3": "a database",
    b"{\\rtf": "a rich text (RTF)",
}
LARGEST = 200_000_000  # bytes
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def text_of(path, wanted: str) -> tuple[Path, str, str]:
    """Read a text file in whatever encoding it is.

    Parameters
    ----------
    path : str or path
    wanted : str
        What to save it as, for the sentences: "CSV (comma separated)".

    Returns
    -------
    path : pathlib.Path
    text : str
        Its lines end in a plain newline, and letters are composed (NFC).
    note : str
        What was guessed of the encoding; mostly empty.

    Raises
    ------
    FileNotFoundError, ValueError
        Where there is no such file, or it is no text; says what can be done.
    """
    path = judge.path(path)
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give the path of one file in it.")
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}.{_close_to(path)}")
    if path.stat().st_size > LARGEST:
        raise ValueError(
            f"{path} has {path.stat().st_size / 1e6:,.0f} MB: more than {LARGEST // 10**6} MB is "
            "too much for a lesson. Take a part of it."
        )
    data = path.read_bytes()
    for start, what in MAGIC.items():
        if data.startswith(start):
            raise ValueError(f"{path} is {what}, and no text: save it as {wanted}.")
    text, note = _decoded(path, data, wanted)
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ValueError(f"{path} is empty.")
    odd = sum(unicodedata.category(letter) == "Cc" and letter not in "\n\t\f" for letter in text)
    if odd > len(text) / 1000:
        raise ValueError(f"{path} is no text: save it as {wanted}.")
    return path, text, note


def _decoded(path: Path, data: bytes, wanted: str) -> tuple[str, str]:
    for bom, encoding in BOMS.items():
        if data.startswith(bom):
            try:
                return data.decode(encoding), ""
            except UnicodeDecodeError:
                raise ValueError(
                    f"{path} begins as {encoding} and does not go on so: is it cut off? Save it "
                    f"anew as {wanted}."
                ) from None
    if b"\0" in data[:4096]:
        # Two bytes a letter, and no mark that says so.
        encoding = "utf-16-le" if data[1:200:2].count(0) >= data[:200:2].count(0) else "utf-16-be"
        try:
            return data.decode(encoding), "It was read as UTF-16."
        except UnicodeDecodeError:
            raise ValueError(f"{path} is no text: save it as {wanted}.") from None
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        pass
    chinese = _chinese(data)
    if chinese:
        return chinese, "It is not UTF-8 and was read as GB18030 (Chinese)."
    # Windows-1252 leaves five bytes without a letter; Latin-1 has one for each.
    for encoding in ("cp1252", "latin-1"):
        try:
            return data.decode(encoding), f"It is not UTF-8 and was read as {encoding}."
        except UnicodeDecodeError:
            continue
    raise AssertionError  # latin-1 takes every byte


def _chinese(data: bytes) -> str:
    """Return the text as Chinese if that is what it looks like: mostly its usual characters."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    outside = [letter for letter in text if ord(letter) > 127]
    # The 3,755 most frequent characters fill the first half of GB2312, from B0A1 to D7F9. In the
    # languages of Windows-1252 two letters beyond ASCII hardly ever stand side by side.
    usual = sum(
        len(pair := letter.encode("gb18030")) == 2 and 0xB0 <= pair[0] <= 0xD7 and pair[1] >= 0xA1
        for letter in outside
    )
    return text if usual > 0.7 * len(outside) else ""


def _close_to(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f" There is no folder {folder} either."
    names = [each.name for each in folder.iterdir() if each.is_file()]
    close = difflib.get_close_matches(path.name, names, n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(close)}?" if close else ""
