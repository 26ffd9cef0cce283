"""The first page's line: when the pages were built and, if so, tested, and with which versions."""

import importlib.metadata
import os
import platform
from datetime import UTC, datetime

# What a learner's computer must have in like versions.
PACKAGES = ("TensorFlow", "Keras", "Matplotlib", "ipywidgets", "JupyterLab")


def paragraph(tested: bool) -> str:
    """Return the line as HTML. Only who has just seen every test pass says `tested`.

    The day is that of SOURCE_DATE_EPOCH, if it is set (seconds since 1970), or else today.
    """
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    day = datetime.fromtimestamp(int(seconds), UTC) if seconds else datetime.now(UTC)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    done = "Built and tested" if tested else "Built"
    text = f"{done} on {day.day} {day:%B %Y} with Python {platform.python_version()}"
    return f'<p class="course-built">{", ".join([text, *versions])}.</p>'
