"""The page of results, benchmarks/README.md, and the README's block, from committed JSON alone.

    uv run python benchmarks/results_page.py      write them anew

The page's words stand in README.md.jinja; a test holds that what is generated is current.
"""

import json
import math
import re
import statistics
import sys
from pathlib import Path

import jinja2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from measuring import FOLDER, read_json

from rnnscope import atomic_write
from tools.arguments import new_parser

ROOT = FOLDER.parent
PAGE, README, PICTURES = FOLDER / "README.md", ROOT / "README.md", FOLDER / "pictures"
CLASSROOM = ROOT / "classroom" / "README.md"
HELD_BACK = 6000  # training digits that choose; see ingredients.py
# Of a machine for a class: for the system and its files; memory to spare; and the minutes in which
# all who press "Run all" in the same moment are done.
SYSTEM_GB, RESERVE, MINUTES = 2, 1.25, 2


def write_page():
    """Write the page, its pictures, and the blocks of two other pages.

    All is made before anything is written, and each file is written whole or not at all.
    """
    made = {PICTURES / f"{name}.png": draw()[0] for name, draw in PICTURED.items()}
    texts = {PAGE: page(), README: with_block(README.read_text(encoding="utf-8")),
             CLASSROOM: with_machines(CLASSROOM.read_text(encoding="utf-8"))}  # fmt: skip
    made |= {path: text.encode() for path, text in texts.items()}
    for path, data in made.items():
        atomic_write.write(data, path, "the results", overwrite=True)


def page():
    """Return the text of the page."""
    return template().render() + "\n"


def with_machines(text):
    """Return classroom/README.md's text with today's table of machines between its comments."""
    found = template()
    block = "".join(found.blocks["machines"](found.new_context()))
    return between("machines", block, text)


def with_block(text):
    """Return the README's text with the two results that matter between its comments."""
    rows = []
    for what, r in (
        ("60,000", result("accuracy_full")),
        # Recipes were chosen with a look at the bundled test digits: MNIST's are counted.
        ("the bundled 4,000", result("accuracy_bundled")["elsewhere"]),
    ):
        rows.append(f"| {what} | {r['accuracy_mean']:.2%} | {len(r['accuracies'])} | "
                    f"{r['test_digits']:,} |\n")  # fmt: skip
    block = (
        picture("time_to_accuracy", "benchmarks/pictures")
        + "\n\n| trained on | right, mean | seeds | test digits, each counted |\n"
        + "| --- | --- | --- | --- |\n" + "".join(rows)
        + "\n[All results](benchmarks/README.md), each with the script that measured it.\n"
    )  # fmt: skip
    return between("results", block, text)


def between(mark, block, text):
    """Put a block between its two comments."""
    block = f"<!-- {mark} -->\n\n{block}\n<!-- /{mark} -->"
    return re.sub(f"<!-- {mark} -->.*?<!-- /{mark} -->", lambda _: block, text, flags=re.S)


# --- what the template calls ---------------------------------------------------------------------


def template():
    """Return the page's template with all that it calls."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined, autoescape=False,
    )  # fmt: skip
    made.filters |= {"f": formatted, "each": lambda all_: ", ".join(f"{100 * a:.2f}" for a in all_)}
    called = (result, ingredients, footer, picture, machines, shipped, seeds_each)
    made.globals |= {each.__name__: each for each in called}
    return made.get_template("README.md.jinja")


def formatted(number, how, otherwise=""):
    """Format a number as in an f-string; say something else where there is none."""
    return otherwise if number is None else format(number, how)


def result(name):
    """Return what a benchmark found, or None where it was not measured."""
    saved = read_json(name)
    return saved and saved["result"]


def footer(name):
    """Say in one line on what a result was measured, and by which command."""
    saved = read_json(name)
    about, date = saved["about"], saved["about"]["date"]
    versions = ", ".join(f"{package} {version}" for package, version in about["versions"].items())
    load = "" if about["load"] is None else f", load {about['load']} at the start"
    return (
        f"<sub>`{saved['command']}`, {date}: {about['processor']}, {about['cores']} cores{load}; "
        f"Python {about['python']}, {versions}.</sub>"
    )


def picture(name, folder="pictures"):
    """Return a picture in Markdown, with its words."""
    return f"![{PICTURED[name]()[1]}]({folder}/{name}.png)"


def shipped():
    """Return what each file of a reader's weights says of itself."""
    told = {}
    for path in sorted((ROOT / "helpers" / "data").glob("reader_*.npz")):
        with np.load(path) as file:
            told[path.name] = json.loads(file["about"].item())
    return told


def ingredients(name):
    """Return the epochs, a figure's standard error in points, and a row for each change."""
    saved, rows = result(name), []
    recipe = {run["seed"]: run["accuracy"] for run in saved["runs"]
              if run["change"] == "the recipe"}  # fmt: skip
    for change in saved["changes"]:
        runs = [run for run in saved["runs"] if run["change"] == change]
        scores = [run["accuracy"] for run in runs]
        # Each seed beside its own: of few digits another seed has other ones.
        more = [run["accuracy"] - recipe[run["seed"]] for run in runs if run["seed"] in recipe]
        if runs:
            rows.append({
                "change": change, "mean": statistics.mean(scores), "seeds": len(runs),
                "spread": statistics.stdev(scores) if len(runs) > 1 else None,
                "gain": round(100 * statistics.mean(more), 2) + 0.0  # no "-0.00"
                if more and change != "the recipe" else None,
            })  # fmt: skip
    mean = statistics.mean(recipe.values())
    error = 100 * math.sqrt(mean * (1 - mean) / HELD_BACK)
    return {"epochs": saved["recipe"]["epochs"], "error": error, "rows": rows}


def seeds_each(r):
    """Say how many seeds each recipe has."""
    return "1 seed each" if r["seeds"] == 1 else f"medians of {r['seeds']} seeds"


def machines():
    """Return what a machine for a class needs, from the two measured classes."""
    reading, training = (result(name)["lessons"] for name in ("classroom", "class_training"))
    rows = reading + training
    sizes = [machine(students, rows, reading) for students in (30, 300)]
    slowest = max(rows, key=lambda row: row["cpu_s"])
    return {
        "sizes": sizes, "minutes": MINUTES, "system_gb": SYSTEM_GB,
        **{name: {"lesson": most["lesson"], "a_gb": round(1024 / most["private_mb"], 1)}
           for name, most in (("most", heaviest(rows)), ("last", heaviest(reading)))},
        "slowest": {"lesson": slowest["lesson"], "minutes":
                    sizes[0]["students"] * slowest["cpu_s"] / sizes[0]["cores"] / 60},
    }  # fmt: skip


def machine(students, rows, cpu_rows):
    """Return the memory for the lesson in `rows` that needs most, and the cores for `cpu_rows`.

    What grows with each student is the private memory; the rest (hub, proxy, and TensorFlow's
    pages, which all kernels share) comes once.
    """
    most = heaviest(rows)
    megabytes = (most["once_mb"] + students * most["private_mb"]) * RESERVE
    seconds = max(row["cpu_s"] for row in cpu_rows)
    return {
        "students": students,
        "memory_gb": math.ceil(megabytes / 1024) + SYSTEM_GB,
        "cores": math.ceil(students * seconds / (60 * MINUTES)),
    }


def heaviest(rows):
    """Return the lesson that takes most memory for a student."""
    return max(rows, key=lambda row: row["private_mb"])


# --- pictures ------------------------------------------------------------------------------------


def draw_time_to_accuracy():
    """Draw wrong answers against seconds, for each tutorial's recipe and ours."""
    from helpers.figures import base
    from helpers.figures.frames import COLOURS

    room = {"left": 0.1, "right": 0.97, "bottom": 0.375, "top": 0.93}
    figure, (ax,) = base.new_figure(9, 5.3, room)
    r = result("time_to_accuracy")
    ours, recipes = r["ours"], r["recipes"]
    own = f"ours, {ours[0]['epochs']} to {ours[-1]['epochs']} epochs, each a training of its own"
    dashes = ["-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1)), "-"]
    colours = [COLOURS[name] for name in ("muted", "forget", "candidate", "output", "input", "now")]
    lines = zip((recipes | {own: ours}).items(), dashes, colours, strict=True)
    for (name, points), dash, colour in lines:
        mine = {"marker": "o", "linewidth": 2.5} if name == own else {"linewidth": 2}
        ax.plot([p["seconds"] for p in points], [100 - 100 * p["accuracy"] for p in points],
                linestyle=dash, color=colour, label=name, **mine)  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="seconds of training", ylabel="wrong of all, %")
    wrong, seconds = (0.5, 1, 2, 3, 5, 10, 20, 50, 90), (2, 5, 10, 20, 50, 100, 200)
    ax.set_yticks(wrong, [f"{w:g}" for w in wrong])
    ax.set_xticks(seconds, [str(s) for s in seconds])
    ax.minorticks_off()
    ax.set_title("Wrong answers on 10,000 test digits against seconds: lower and further left is "
                 "better", fontsize=11)  # fmt: skip
    ax.legend(loc="upper left", bbox_to_anchor=(-0.06, -0.17), frameon=False, fontsize=9.5, ncols=1)
    best, name = max((points[-1]["accuracy"], name) for name, points in recipes.items())
    words = (
        f"Wrong answers against seconds of training. The best of the tutorials' recipes, {name}, "
        f"ends at {best:.2%}; ours reaches {ours[-1]['accuracy']:.2%} after "
        f"{ours[-1]['epochs']} epochs ({seeds_each(r)})."
    )
    return base.picture(figure, words).png, words


PICTURED = {"time_to_accuracy": draw_time_to_accuracy}


if __name__ == "__main__":
    new_parser(__doc__).parse_args()
    write_page()
