"""How every benchmark is run, shown and recorded; a script beside this one only measures.

It gets its options from `new_parser` and gives what it found to `finish`, which prints a table and,
as the last line, JSON. With `--record NAME` that is kept in results/NAME.json, with the command,
the date, the hardware and the versions, and the page of results is written anew. What fails or is
stopped leaves the result that was there.
"""

import argparse
import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers.digits import load_digits
from helpers.reader import epochs_for, train_reader
from rnnscope import atomic_write
from tools import arguments

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results"
PACKAGES = ("tensorflow", "jax", "torch", "keras", "numpy")
# Options that say where things are on this computer; they are no part of the recorded command.
LOCAL = ("--record", "--python")
# Of the bytes of images and labels to train on, then to test on: those of MNIST's own four files.
MNIST_SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"


# --- run, show, record ---------------------------------------------------------------------------


def new_parser(doc):
    """Return a parser of a benchmark's options; it notes when and on what the run began."""
    parser = arguments.new_parser(doc)
    what = "keep the result as results/NAME.json, and write the page anew"
    parser.add_argument("--record", type=own_result, metavar="NAME", help=what)
    parser.set_defaults(about=hardware_and_versions(), began=time.perf_counter())
    return parser


def own_result(name):
    """Understand the name of a result that is this script's, or of a new one."""
    if not re.fullmatch(r"\w+", name):
        raise argparse.ArgumentTypeError(f"{name!r} is no name: use letters, digits and _")
    there = read_json(name)
    if there and Path(there["command"].split()[1]).name != Path(sys.argv[0]).name:
        raise argparse.ArgumentTypeError(f"results/{name}.json is of `{there['command']}`")
    return name


def finish(given, result, rows=()):
    """Show what was found, record it if that was asked for, and end with a line of JSON.

    Parameters
    ----------
    given : argparse.Namespace
        As the parser of `new_parser` gives it.
    result : dict
        What is recorded.
    rows : sequence of dict
        The table to print.
    """
    show(rows)
    if given.record:
        before = read_json(given.record) or {"result": {}}
        if lacking := sorted(before["result"].keys() - result.keys()):
            raise SystemExit(
                f"Not recorded: results/{given.record}.json has {', '.join(lacking)}, this result "
                "has not. Is MNIST_NPZ set? To record it without, move that file away."
            )
        took = round(time.perf_counter() - given.began)
        content = {"command": command(), "about": given.about, "took_s": took, "result": result}
        path = file_of(given.record)
        atomic_write.write(as_json(content).encode(), path, "the result", overwrite=True)
        import results_page

        results_page.write_page()
    print(json.dumps(result))


def as_json(content):
    """Return JSON with each innermost list and object, such as one run, in a line of its own."""
    text = json.dumps(content, indent=1)
    return re.sub(r"[\[{][^][{}]*[]}]", lambda part: " ".join(part[0].split()), text) + "\n"


def file_of(name):
    """Return a result's file: in helpers/data where a lesson reads it, on a class's hub too."""
    read_by_a_lesson = FOLDER.parent / "helpers" / "data" / f"{name}.json"
    return read_by_a_lesson if read_by_a_lesson.exists() else RESULTS / f"{name}.json"


def read_json(name):
    """Return a committed result, or None where it was not measured yet."""
    path = file_of(name)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def command():
    """Return the command that measures this again, on any computer."""
    told = []
    for before, word in zip(["", *sys.argv[1:]], sys.argv[1:], strict=False):
        if word.split("=")[0] not in LOCAL and before not in LOCAL:
            told.append(word)
    return " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *told])


def show(rows):
    """Print a table: the heads are the keys of the first row."""
    if not rows:
        return
    heads = list(rows[0])
    lines = [heads, *([_cell(row.get(head)) for head in heads] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def _cell(value):
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value)


def hardware_and_versions():
    """Return date, processor, load, and the versions of what computes and is installed here."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    listed = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.+)", listed.read_text()) if listed.exists() else None
    return {
        "date": datetime.date.today().isoformat(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": model[1] if model else platform.processor() or "unknown",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": versions,
    }


# --- what several measure ------------------------------------------------------------------------


def timed(call):
    """Return the seconds of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def median_seconds(call, rounds):
    """Return the median seconds of a call, after a first one that is not timed."""
    call()
    return statistics.median(timed(call) for _ in range(rounds))


def need_digits(parser, *, full=False):
    """Return the digits of helpers.digits.load_digits, or refuse in its own sentence.

    With `full`, refuse all but MNIST itself: what is said of its test digits, and chosen on its
    first 6,000, would be untrue of any other set, and of the same one in another order.
    """
    try:
        digits = load_digits()
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if full and digits.small:
        parser.error("the full MNIST is not here; set MNIST_NPZ to the path of an mnist.npz.")
    if full and not is_mnist(digits):
        parser.error(
            "these digits are not MNIST's 60,000 and 10,000 in their own order; set MNIST_NPZ to "
            "the path of an mnist.npz as Keras has it."
        )
    return digits


def is_mnist(digits):
    """Tell whether these are MNIST's images and labels, every one of them, in MNIST's order."""
    found = hashlib.sha256()
    for array in (digits.x_train, digits.y_train, digits.x_test, digits.y_test):
        found.update(array.tobytes())
    return found.hexdigest() == MNIST_SHA256


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

    Keras's own numbers, so that what is counted is the model and not a copy of it. Pixels (uint8)
    are divided by 255.
    """
    if x.dtype == np.uint8:
        x = x / np.float32(255)
    said = model.predict(x, batch_size=batch_size, verbose=0).argmax(1)
    return float((said == np.asarray(labels)).mean())
