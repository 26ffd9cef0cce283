"""What the benchmarks share: trained whole, counted, on what measured, and where it is kept."""

import datetime
import importlib.metadata
import json
import os
import platform
import re
from pathlib import Path

import numpy as np

from helpers import writing
from helpers.reader import epochs_for, train_reader

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


def train_whole(model, images, labels, *, epochs=None, batch_size=256, **settings):
    """Train as helpers.reader.train_reader, and end the script where somebody stops it.

    train_reader keeps the weights of a training that was stopped, for a learner who looks on. Here
    they would be counted and saved as those of all epochs.
    """
    wanted = epochs or epochs_for(len(images), batch_size)
    history = train_reader(model, images, labels, epochs=wanted, batch_size=batch_size, **settings)
    done = len(history.get("loss", ()))
    if done < wanted:
        raise SystemExit(
            f"The training was stopped after {done} of {wanted} epochs: nothing of it is counted "
            "or saved."
        )
    return history


def share_right(model, x, labels, batch_size=1000):
    """Return the share of sequences, float (n, time steps, features), that a model reads rightly.

    Keras's own numbers, so that what is counted is the model and not a copy of it.
    """
    said = model.predict(x, batch_size=batch_size, verbose=0).argmax(1)
    return float((said == np.asarray(labels)).mean())


def write_json(path, content):
    """Write a result whole or not at all: a run that is stopped leaves the file as it was."""
    data = json.dumps(content, indent=1) + "\n"
    writing.write(data.encode(), path, "the result", overwrite=True)


def read_json(name):
    """Return a committed result, or None where it was not measured yet."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None
