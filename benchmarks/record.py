"""Run benchmarks and keep what they print: results/<name>.json, and from these the page of results.

    uv run python benchmarks/record.py NAME [NAME ...]     measure these anew
    uv run python benchmarks/record.py                     only write README.md anew

A result holds the last line of JSON of its script, the command, the date, the hardware and the
versions. What fails, is stopped or measures nothing leaves the result that was there; those that
came before it in the same call are kept, and the page shows them. The ingredients, which take
hours, keep each run that is finished, and the next call goes on from there: to measure them anew,
move their result away. MNIST_NPZ names the full MNIST where a benchmark needs it.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import FOLDER, RESULTS, hardware_and_versions, write_json
from report import write_page

from tools.arguments import new_parser

# Chosen on held-back training digits: see results/ingredients_few.json.
BUNDLED = ["train_reader.py", "--data", "bundled", "--batch", "128", "--peak", "0.015",
           "--augment", "1.35"]  # fmt: skip
# Those keep each run in their result as they go, and go on where they were stopped.
KEPT = {name: [*line, "--keep", f"benchmarks/results/{name}.json"] for name, line in {
    "ingredients": ["ingredients.py"],
    "ingredients_few": ["ingredients.py", "--few"],
}.items()}  # fmt: skip
# The result's name: the script and its arguments.
COMMANDS = KEPT | {
    "accuracy_full": ["train_reader.py", "--data", "full", "--seeds", "5"],
    "accuracy_longer": ["train_reader.py", "--data", "full", "--seeds", "5", "--epochs", "24"],
    "accuracy_bundled": [*BUNDLED, "--seeds", "5"],
    "seconds_full": ["train_reader.py", "--data", "full", "--seeds", "1"],
    "seconds_bundled": [*BUNDLED, "--seeds", "1"],
    "time_to_accuracy": ["time_to_accuracy.py", "--seeds", "1"],
    "against_pytorch": ["against_pytorch.py"],
    "cells_speed": ["cells_speed.py"],
    "trace_speed": ["trace_speed.py"],
    "photos": ["photos.py"],
    "gpu": ["gpu.py"],
    "replay": ["replay_latency.py"],
    "menus": ["menu_latency.py"],
    "imports": ["import_time.py"],
    "lessons": ["lessons.py"],
    "beyond_the_cells": ["beyond_the_cells.py"],
    "classroom": ["try_class.py"],
    "class_training": ["try_class.py", "--users", "2", "--lessons", "6", "7", "8", "9", "--wild",
                       "--shut-down", "--memory", "2G", "--cpus", "2", "--processes",
                       "400"],
    "class_pulls": ["class_pulls.py"],
}  # fmt: skip


def main():
    parser = new_parser(__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(COMMANDS))
    parser.add_argument("--torch-python", help="a Python with PyTorch, for against_pytorch")
    parser.add_argument(
        "--class-python", help="a Python with hub and course, for classroom and class_pulls"
    )
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in COMMANDS:
            parser.error(f"there is no benchmark {name!r}: choose of {', '.join(COMMANDS)}.")
    fault = None
    for name in arguments.names:
        further = []
        if name == "against_pytorch" and arguments.torch_python:
            further = ["--torch-python", arguments.torch_python]
        if name.startswith("class") and arguments.class_python:
            further = ["--python", arguments.class_python]
        fault = record(name, further)
        if fault:
            break
    write_page()
    if fault:
        kept = "finished runs are kept" if name in KEPT else "nothing was recorded"
        parser.exit(1, f"{fault}: {kept} for {name}.\n")


def record(name, further=()):
    """Measure one benchmark and keep its result; return why not, or None."""
    script, *options = COMMANDS[name]
    about = hardware_and_versions()
    environment = os.environ | {"PYTHONPATH": str(FOLDER.parent)}
    if digits := environment.get("MNIST_NPZ", "").strip():  # the script runs in another folder
        environment["MNIST_NPZ"] = str(Path(digits).expanduser().absolute())
    began = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, FOLDER / script, *options, *further], cwd=FOLDER.parent,
            env=environment, stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    except KeyboardInterrupt:
        return f"{script} was stopped"
    print(done.stdout, end="")
    if done.returncode:
        return f"{script} stopped with {done.returncode}"
    if name in KEPT:
        return None
    last = (done.stdout.strip().splitlines() or [""])[-1]
    try:
        result = json.loads(last)
    except ValueError:
        return f"the last line of {script} is no JSON"
    if not isinstance(result, dict) or result.get("measured") is False:
        return f"{script} measured nothing"
    path = RESULTS / f"{name}.json"
    if lacking := sorted(parts_of(path) - result.keys()):
        return (
            f"{script} did not give {', '.join(lacking)}, which the result that is there has (is "
            "MNIST_NPZ set? To record it without, move that result away)"
        )
    command = " ".join(["python", f"benchmarks/{script}", *options])
    took = round(time.perf_counter() - began)
    content = {"command": command, "about": about, "took_s": took, "result": result}
    write_json(path, content)
    return None


def parts_of(path):
    """Name what a recorded result tells: less is not to take its place."""
    try:
        return set(json.loads(path.read_text(encoding="utf-8"))["result"])
    except (OSError, ValueError, TypeError, LookupError):
        return set()


if __name__ == "__main__":
    main()
