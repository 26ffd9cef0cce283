"""What the benchmarks share: what a number was measured on, and where it is kept."""

import datetime
import importlib.metadata
import json
import os
import platform
import re
from pathlib import Path

from helpers import writing

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results"
PACKAGES = ("tensorflow", "jax", "torch", "keras", "numpy")


def hardware_and_versions():
    """Return date, processor, memory, and the versions of what computes and is installed here."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "date": datetime.date.today().isoformat(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": versions,
    }


def _processor():
    listed = Path("/proc/cpuinfo")
    name = re.search(r"model name\s*: (.+)", listed.read_text()) if listed.exists() else None
    return name[1] if name else platform.processor() or "unknown"


def write_json(path, content):
    """Write a result whole or not at all: a run that is stopped leaves the file as it was."""
    data = json.dumps(content, indent=1) + "\n"
    writing.write(data.encode(), path, "the result", overwrite=True)


def read_json(name):
    """Return a committed result, or None where it was not measured yet."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None
