"""Fetch a file within a time, and keep it where nothing is."""

import tempfile
import threading
import time
from pathlib import Path

from helpers.digits.packed import MAX_BYTES


def fetch(address, seconds):
    """Return the bytes at an address, or None when they are not all here within the seconds."""
    import urllib.request  # with ssl, slow to import and seldom needed

    deadline = time.monotonic() + seconds
    bodies = []

    def work():
        body = bytearray()
        try:
            with urllib.request.urlopen(address, timeout=seconds) as response:
                while chunk := response.read1(1 << 16):
                    body += chunk
                    if len(body) > MAX_BYTES or time.monotonic() > deadline:
                        return
        except Exception:  # no network is no error, whatever form it takes
            return
        bodies.append(bytes(body))

    # A thread, because looking up a name knows no time-out and a trickle never meets the socket's.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    return bodies[0] if bodies else None


def keep(data, path):
    """Put the bytes at a path where nothing is, whole or not at all; say whether it was done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            part = Path(folder, path.name)
            part.write_bytes(data)
            if path.exists() or path.is_symlink():
                return False
            part.replace(path)
            return True
    except OSError:
        return False
