"""The first page's line: when the pages were built and, if so, tested, and with which versions."""

import html
import importlib.metadata
import os
import platform
from datetime import UTC, datetime

# What a learner's computer must have in like versions, as it is called.
PACKAGES = {
    "TensorFlow": "tensorflow",
    "Keras": "keras",
    "Matplotlib": "matplotlib",
    "ipywidgets": "ipywidgets",
    "JupyterLab": "jupyterlab",
}


def now() -> datetime:
    """Return the moment that a build bears: SOURCE_DATE_EPOCH, or else this one.

    Raises
    ------
    ValueError
        If SOURCE_DATE_EPOCH is no whole number of seconds since 1970.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not given:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            f"SOURCE_DATE_EPOCH is {given!r}: give whole seconds since 1970, or unset it."
        ) from None


def text(tested: bool) -> str:
    """Return the line. Only who has just seen every test pass with these versions says `tested`."""
    done = "Built and tested" if tested else "Built"
    day = now()
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {importlib.metadata.version(of)}" for name, of in PACKAGES.items()]
    return f"{done} on {day.day} {day:%B %Y} with {', '.join(versions)}."


def paragraph(tested: bool) -> str:
    """Return the line as HTML."""
    return f'<p class="course-built">{html.escape(text(tested))}</p>'
