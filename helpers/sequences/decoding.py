"""The text in somebody's file, in an encoding that is certain: marked, UTF-8, or given."""

import difflib
import re
import unicodedata
from pathlib import Path

from helpers import judge

LARGEST = 50_000_000  # bytes: more is too much for a lesson
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
LEGACY = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp874", "cp437",
          "cp850", "koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949"]  # fmt: skip


def text_of(path, wanted: str, encoding: str | None = None) -> tuple[Path, str]:
    """Return a file's path and its text, with plain newlines and composed letters (NFC).

    wanted : what to save it as, for the sentences: "CSV (comma separated)"
    encoding : as Python names it: "cp1252"; by default UTF-8, or as the file is marked

    Raises FileNotFoundError or ValueError where there is no such file, it is no text, or its
    encoding is in doubt.
    """
    path = judge.path(path)
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give the path of one file in it.")
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}.{_close_to(path)}")
    data = path.read_bytes()
    if len(data) > LARGEST:
        raise ValueError(
            f"{path} has {len(data) / 1e6:,.0f} MB: more than {LARGEST // 10**6} MB is too much "
            "for a lesson. Take a part of it."
        )
    marked = next((name for mark, name in MARKS.items() if data.startswith(mark)), "utf-8")
    encoding = encoding or marked
    try:
        text, fits = data.decode(encoding), True
    except UnicodeDecodeError:
        text, fits = data.decode(encoding, "replace"), False
    except LookupError:
        raise ValueError(f"encoding is {encoding!r}: Python knows none of this name.") from None
    odd = sum(unicodedata.category(sign) == "Cc" and sign not in "\n\r\t\f" for sign in text)
    if data.startswith((b"%PDF", b"{\\rtf")) or odd > len(text) / 1000:
        raise ValueError(
            f"{path} is no text, but a packed or binary file (such as Excel's xlsx, a PDF, a "
            f"picture), or UTF-16 without its mark: save it as {wanted} in UTF-8, or give "
            "encoding='utf-16-le'."
        )
    if not fits:
        raise ValueError(f"{path} {_other_encodings(data, encoding, wanted)}")
    if not text.strip():
        raise ValueError(f"{path} is empty.")
    return path, unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")


def _other_encodings(data: bytes, tried: str, wanted: str) -> str:
    """Show what a file would say in the encodings that fit: which is right, a reader sees."""
    from charset_normalizer import from_bytes

    start = re.search(rb"[^\r\n]*[\x80-\xff]", data)
    part = data[start.start() if start else 0 :][:100_000].rpartition(b"\n")[0] or data
    said = {}
    for match in from_bytes(part, cp_isolation=LEGACY):
        sample = re.search(r"[^\s,;]*[^\x00-\x7f]+[^\s,;]*", str(match))
        if sample:
            said.setdefault(sample[0][:20], match.encoding)
    shown = ", ".join(f"{name} ({sample!r})" for sample, name in [*said.items()][:6])
    choice = f"give the encoding that makes sense of it, as in encoding='cp1252': {shown}. Or "
    return f"is not {tried}: {choice if said else ''}save it as {wanted} in UTF-8."


def _close_to(path: Path) -> str:
    if not path.parent.is_dir():
        return f" There is no folder {path.parent} either."
    names = [each.name for each in path.parent.iterdir() if each.is_file()]
    close = difflib.get_close_matches(path.name, names, n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(close)}?" if close else ""
