"""Fetch a file within a time, and keep it where nothing is."""

import threading


def fetch(address, sha256, path, seconds):
    """Fetch a file; return whether it lies at the path within the seconds.

    What takes longer goes on beside the lesson, and is there the next time. Only the whole file is
    ever put at the path.

    Parameters
    ----------
    address, sha256 : str
    path : pathlib.Path, where nothing is yet
    seconds : float
        In all: looking up the name, connecting, every redirect, every byte.

    Raises
    ------
    ValueError
        What came is another file; nothing of it is kept.
    """
    faults = []

    def work():
        try:
            import pooch  # with requests and ssl, slow to import and seldom needed

            pooch.get_logger().setLevel("ERROR")
            downloader = pooch.HTTPDownloader(timeout=seconds)
            pooch.retrieve(address, f"sha256:{sha256}", path.name, path.parent, None, downloader)
        except (OSError, ImportError):
            pass  # no network is no error, and neither is a folder that cannot be written to
        except ValueError as error:  # of the sum
            faults.append(error)

    # A thread, because looking up a name knows no time-out and a trickle never meets the socket's.
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if faults:
        raise faults[0]
    return not thread.is_alive() and path.is_file()
