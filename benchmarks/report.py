"""The page of results, benchmarks/README.md, and the README's block, from committed JSON alone.

`record.py` calls `write_page`; a test holds that the files are what these functions make.
"""

import functools
import json
import math
import re
import statistics

import class_size
import numpy as np
from measuring import FOLDER, read_json

from helpers import writing

ROOT = FOLDER.parent
PAGE, README, PICTURES = FOLDER / "README.md", ROOT / "README.md", FOLDER / "pictures"
CLASSROOM = ROOT / "classroom" / "README.md"
NOT_YET = "Not measured.\n"


def write_page():
    """Write the page, its pictures, and the README's block between its two comments.

    All is made before anything is written, and each file is written whole or not at all.
    """
    made = {PICTURES / f"{name}.png": data for name, (data, _) in pictures().items()}
    texts = {PAGE: page(), README: with_block(README.read_text(encoding="utf-8")),
             CLASSROOM: with_machines(CLASSROOM.read_text(encoding="utf-8"))}  # fmt: skip
    made |= {path: text.encode() for path, text in texts.items()}
    PICTURES.mkdir(exist_ok=True)
    for path, data in made.items():
        writing.write(data, path, "the results", overwrite=True)


def with_machines(text):
    """Return classroom/README.md's text with today's table of machines between its comments."""
    block = f"<!-- machines -->\n\n{class_machines()}\n<!-- /machines -->"
    return re.sub(r"<!-- machines -->.*?<!-- /machines -->", lambda _: block, text, flags=re.S)


def with_block(readme):
    """Return the README's text with today's results between its comments."""
    block = f"<!-- results -->\n\n{readme_block()}\n<!-- /results -->"
    return re.sub(r"<!-- results -->.*?<!-- /results -->", lambda _: block, readme, flags=re.S)


def page():
    """Return the text of the page."""
    parts = ["# Results\n", OPENING]
    for heading, section in SECTIONS.items():
        parts += [f"## {heading}\n", section()]
    return "\n".join(parts)


OPENING = """\
Every table and picture here is made from the files in [`results/`](results), and those by the
scripts beside them: `uv run python benchmarks/record.py NAME` measures one anew and writes this
page. Under each table stands what it was measured on. Seconds are that machine's: take the ratios.
*Load* is the system's own figure: how many processes wanted a core, as a mean of the minute before;
right after another benchmark it is not 0 on an idle computer either. *Spread* is the sample
standard deviation over the seeds.

Accuracy is counted after the last epoch, on test digits that played no part in the training; no
run, seed or epoch is chosen by them. (Only under *Time to accuracy* they are counted on the way as
well, to say when a figure was reached.) Recipes were chosen on the first 6,000 of MNIST's training
digits, and those of the two pixel readers on the next 6,000.
"""


# --- accuracy ----------------------------------------------------------------------------------


ACCURACIES = (("accuracy_full", "60,000"), ("accuracy_longer", "60,000, longer"),
              ("accuracy_bundled", "4,000 (bundled)"))  # fmt: skip


def accuracy():
    """How accurate the course's recipe is, and what it ships."""
    rows = []
    for name, what in ACCURACIES:
        if saved := read_json(name):
            r = saved["result"]
            for counted in (r, r.get("elsewhere")):
                if counted:
                    each = ", ".join(f"{100 * score:.2f}" for score in counted["accuracies"])
                    on = f"{counted['test_digits']:,}"
                    if r["data"] == "bundled":
                        on += " of the bundled" if counted is r else " of MNIST"
                    rows.append([what, on, r["epochs"], each, f"**{counted['accuracy_mean']:.3%}**",
                                 f"{counted['accuracy_sd']:.3%}"])  # fmt: skip
    text = (
        "One LSTM layer of 128 units, one direction, rows in order from the top. The bundled "
        "digits are all among the 6,000 on which recipes were chosen, their 1,000 test digits as "
        "well; a count that had no part in any choice is that on MNIST's own test digits.\n\n"
    )
    text += table(["trained on", "counted on", "epochs", "each seed, %", "mean", "spread"], rows)
    text += footer(*(name for name, _ in ACCURACIES))
    for name in ("seconds_full", "seconds_bundled"):
        if saved := read_json(name):
            r = saved["result"]
            text += (
                f"\nOne run alone on the {r['data']} digits took "
                f"{r['seconds_mean']:.0f} s, from building the network to its last update ("
                f"{r['epochs']} epochs, {r['images_per_s']:,} images a second).\n"
            )
            text += footer(name)
    text += "\nThe weights that the course carries, trained without the bundled digits:\n\n"
    shipped = []
    for path in sorted((ROOT / "helpers" / "data").glob("*.npz")):
        with np.load(path) as file:
            about = json.loads(file["about"].item())
        shipped.append([f"`{path.name}`", about["data"], about["epochs"],
                        f"{about['accuracy']:.2%}", f"`{about['command']}`"])  # fmt: skip
    heads = ["file", "trained on", "epochs", "of 10,000 test digits", "made by"]
    return text + table(heads, shipped)


HELD_BACK = 6000


def ingredients(name="ingredients", what="54,000 training digits", further=""):
    """Say what each change of the recipe brings, on held-back training digits."""
    saved = read_json(name)
    if saved is None:
        return NOT_YET
    recipe = {run["seed"]: run["accuracy"] for run in saved["runs"]
              if run["change"] == "the recipe"}  # fmt: skip
    rows = []
    for change in saved["changes"]:
        runs = [run for run in saved["runs"] if run["change"] == change]
        if not runs:
            continue
        scores = [run["accuracy"] for run in runs]
        mean = statistics.mean(scores)
        spread = f"{statistics.stdev(scores):.2%}" if len(scores) > 1 else ""
        # Each seed beside its own: of few digits another seed has other ones.
        more = [run["accuracy"] - recipe[run["seed"]] for run in runs if run["seed"] in recipe]
        gain = ""
        if more and change != "the recipe":
            gain = f"{round(100 * statistics.mean(more), 2) + 0.0:+.2f}"  # no "-0.00"
        rows.append([change, f"{mean:.2%}", spread, len(scores), gain])
    mean = statistics.mean(recipe.values())
    error = 100 * math.sqrt(mean * (1 - mean) / HELD_BACK)
    text = (
        f"Trained on {what} for {saved['recipe']['epochs']} epochs, with nothing changed but what "
        f"a row names, and scored on the first {HELD_BACK:,} training digits, which no run has "
        f"seen. One figure's standard error is about {error:.2f} points, so a difference of less "
        f"than that says nothing. What did not help stays in the table.{further}\n\n"
    )
    heads = ["change", "mean", "spread", "seeds", "against the recipe with these seeds, points"]
    # The runs have days and loads of their own; no seconds of theirs are shown.
    command = f"python benchmarks/record.py {name}"
    return text + table(heads, rows) + footer_of(saved["about"] | {"load": None}, command,
                                                 "the last run ")  # fmt: skip


def few_ingredients():
    """Return the same for as few digits as the course carries."""
    return ingredients(
        "ingredients_few",
        "4,000 of the training digits, other ones for each seed,",
        f" The {HELD_BACK:,} hold all 5,000 bundled digits, so the recipe for those was chosen "
        "with a look at their 1,000 test digits.",
    )


def time_to_accuracy():
    """Accuracy against seconds: usual tutorials and ours."""
    saved = read_json("time_to_accuracy")
    if saved is None:
        return NOT_YET
    result = saved["result"]
    rows = []
    for name, points in (*result["recipes"].items(), ("ours", result["ours"])):
        reached = result["seconds_to"][name].values()
        rows.append([name, f"{points[-1]['accuracy']:.2%}", f"{points[-1]['seconds']:.0f}"]
                    + [f"{s:.1f}" if s else "never" for s in reached])  # fmt: skip
    heads = ["recipe", "in the end", "after s", "s to 97 %", "98 %", "99 %"]
    text = (
        "The recipes of usual tutorials, each from its own settings and for as long as it trains, "
        f"and ours at several lengths, in one run; {seeds_each(result)}, all 10,000 "
        'test digits. "s to 97 %" is the first time that so many were counted, also where fewer '
        "are right again in the end; of ours it is the shortest of its lengths that ends there. "
        "Seconds are those of building and training; while test digits are counted, the clock "
        "stands still.\n\n"
    )
    return text + image("time_to_accuracy") + table(heads, rows) + footer("time_to_accuracy")


def seeds_each(result):
    """Say how many seeds each recipe has."""
    return "1 seed each" if result["seeds"] == 1 else f"medians of {result['seeds']} seeds"


# --- speed -------------------------------------------------------------------------------------


def training_speed():
    """Images a second beside PyTorch, and on a GPU."""
    text = "### Beside PyTorch, on the processor\n\n"
    if saved := read_json("against_pytorch"):
        r = saved["result"]
        rows = [[name, f"{speed:,}"] for name, speed in r["images_per_s"].items()]
        medians = r["images_per_s"]["ours"] / r["images_per_s"]["PyTorch"]
        text += (
            "One LSTM of 128 units, batches of 256, Adam with clipped gradients; ours augments "
            f"each image as well. Taking turns in one run, ours is {r['ratio']:.2f} times as fast "
            f"as plain PyTorch {r['pytorch']['version']} ({r['pytorch']['threads']} threads) by the "
            f"median of the pairs, and {medians:.2f} times by the medians below.\n\n"
        )
        text += table(["", "images a second"], rows) + footer("against_pytorch")
    else:
        text += NOT_YET
    text += "\n### On a GPU\n\n"
    saved = read_json("gpu")
    if saved is None or not saved["result"]["measured"]:
        return text + (
            "Not measured: no GPU could be had. `benchmarks/gpu.py` measures seconds an epoch, "
            "images a second, the share of the card's peak, and the floor that 28 dependent steps "
            "set, for batches of 128 to 4,096, float32 and mixed precision, cuDNN and the plain "
            "loop.\n"
        )
    r = saved["result"]
    rows = [[x["precision"], x["kernel"], f"{x['batch']:,}", *gpu_cells(x)] for x in r["rows"]]
    heads = ["precision", "kernel", "batch", "s an epoch", "images a second", "of peak", "floor, s"]
    peaks = r["peak_tflops"]
    peak = (
        f"{peaks[0]:g} TFLOPS in float32 as the card computes it, {peaks[1]:g} in 16 bits, both "
        "without sparsity" if peaks else "not known of this card"
    )  # fmt: skip
    waits = ", ".join(f"{s:.2f} s (batch {int(n):,})" for n, s in r["pipeline_s"].items())
    return text + (
        f"{r['device']} 60,000 images an epoch; medians of {r['epochs']}, the first left out. "
        f"Peak: {peak}. Floor: 28 dependent steps cannot be faster than the updates of an epoch "
        "with one image each. Shuffling and augmentation alone, on the processor, take "
        f"{waits} an epoch: where an epoch takes as long, the GPU waits.\n\n"
    ) + table(heads, rows) + footer("gpu")  # fmt: skip


def gpu_cells(row):
    """Return what a row of the GPU's table says after precision, kernel and batch."""
    if "failed" in row:
        return [row["failed"].replace("|", "/"), "", "", ""]
    share = row["share_of_peak"]
    return [f"{row['epoch_s']:.2f}", f"{row['images_per_s']:,}",
            "unknown" if share is None else f"{share:.2%}", f"{row['floor_s']:.2f}"]  # fmt: skip


def numpy_cells():
    """Say how fast the NumPy cells are beside Keras, and beside theory."""
    saved = read_json("cells_speed")
    if saved is None:
        return NOT_YET
    r = saved["result"]
    text = (
        f"`helpers.trace.predict` reads 10,000 digits in {r['predict_s']['ours']:.2f} s, Keras's "
        f"`predict` in {r['predict_s']['keras']:.2f} s, taking turns on the same cores; ours is "
        f"{r['ratio']:.2f} times as fast (median of the pairs), and gives the same answer for "
        f"{r['same']:.2%}. Of the processor ours takes {r['cpu_s']['ours']:.2f} s, Keras "
        f"{r['cpu_s']['keras']:.2f} s. The table is of one core, "
        "with 28 time steps, 128 units and a batch of 500 where nothing else is said (medians of "
        "5).\n\n"
    )
    rows = [[x["what"], x["size"], f"{x['seconds']:.4f}", f"{x['gflop']:.3f}",
             f"{x['gflop'] / x['seconds']:.1f}"] for x in r["cost"]]  # fmt: skip
    heads = ["what is varied", "size", "seconds", "GFLOP by theory", "GFLOP a second"]
    text += image("cells_cost") + table(heads, rows)
    return text + footer("cells_speed")


def traces():
    """Say what it costs to open a network, beside Keras's own predict."""
    saved = read_json("trace_speed")
    if saved is None:
        return NOT_YET
    r = saved["result"]
    text = (
        "`helpers.network.trace` of one sequence, every gate and state kept and proved, beside "
        "Keras's `predict` of the same: for one LSTM of 128 units and 28 steps "
        f"{r['times_predict_128_units_28_steps']:.2f} times its time, at worst "
        f"{r['worst_times_predict']:.1f} times (medians of {r['rounds']}). "
        "Ratios far above those of their neighbours come of NumPy's threads, which at 512 units "
        "wait for each other on a busy machine; with OPENBLAS_NUM_THREADS=1 they do not.\n\n"
    )
    rows = [[row["layers"], row["units"], f"{row['steps']:,}", f"{row['predict_ms']:.0f}",
             f"{row['trace_ms']:.0f}", f"{row['times']:.2f}", f"{row['peak_mb']:.0f}",
             f"{row['kept_mb']:.0f}"] for row in r["rows"]]  # fmt: skip
    heads = ["LSTM layers", "units", "steps", "predict, ms", "trace, ms", "ratio",
             "MB at the peak", "MB kept"]  # fmt: skip
    return text + table(heads, rows) + footer("trace_speed")


def flat(name):
    """Return a result of plain numbers as a table of two columns."""
    saved = read_json(name)
    if saved is None:
        return NOT_YET
    rows = []
    for key, value in saved["result"].items():
        if isinstance(value, int | float | str):
            rows.append([key.replace("_", " "), f"{value:,}" if isinstance(value, int) else value])
    return table(["", ""], rows) + footer(name)


def menus():
    """Say how long a choice in a menu of lesson 7 takes until its picture is there."""
    saved = read_json("menus")
    if saved is None:
        return NOT_YET
    r = saved["result"]
    rows = [[n, median, worst] for n, (median, worst)
            in enumerate(zip(r["median_ms"], r["worst_ms"], strict=True), start=1)]  # fmt: skip
    head = ["menu, in the lesson's order", "median, ms", "slowest of eight changes, ms"]
    return table(head, rows) + footer("menus")


def photos():
    """Say how many digits on photos are read rightly, and what is said of the others."""
    saved = read_json("photos")
    if saved is None:
        return NOT_YET
    r = saved["result"]
    seeds = ", ".join(f"{row['right']:.1%}" for row in r["seeds"])
    text = (
        f"{r['photos']:,} made photos of the bundled test digits that the shipped LSTM reads "
        f"rightly as they are: {r['right']:.1%} are read rightly ({seeds}, by seed), and "
        f"{r['silent']:.1%} wrongly without a doubt being said. A photo takes "
        f"{r['seconds_median']:.1f} s (median).\n\n"
    )
    rows = [[row["kind"], row["photos"], *(f"{row[name]:.1%}" for name in
             ("right", "silent", "needless"))] for row in r["kinds"]]  # fmt: skip
    heads = ["kind of trouble", "photos", "read rightly", "wrongly, in silence",
             "rightly, yet doubted"]  # fmt: skip
    return text + table(heads, rows) + footer("photos")


def lessons():
    """Say what a learner waits for."""
    saved = read_json("lessons")
    if saved is None:
        return NOT_YET
    r = saved["result"]
    rows = [[row["lesson"], f"{row['seconds']:.0f}", f"{row['megabytes']:,}"]
            for row in r["lessons"]]  # fmt: skip
    text = "An MB is 1,048,576 bytes here and for the class below.\n\n"
    text += table(["lesson", "seconds, run whole", "MB, the kernel's greatest"], rows)
    if r["first_replay_s"]:
        text += f"\nFrom starting JupyterLab to the first replay: {r['first_replay_s']:.0f} s.\n"
    return text + footer("lessons")


def a_class():
    """Say what a class on one server needs, and what one who runs wild costs the others."""
    saved = read_json("classroom")
    if saved is None:
        return NOT_YET
    r = saved["result"]
    limits = r["limits"]
    each = f"{limits['memory']} of memory, {limits['cpus']:g} core, {limits['processes']} processes"
    arrival = r["arrival"]
    text = (
        f"{r['users']} students log in to one JupyterHub, pull the course by a link of "
        "nbgitpuller, and run each lesson from the top in the same moment; kernels stay open. The "
        f"last of them runs wild meanwhile, within the limits that each has here: {each}. What "
        "they share (hub, proxy, the pages of TensorFlow) is counted once. Log in, start of the "
        f"server and pull took {arrival['seconds']:.0f} s (median), at most "
        f"{arrival['seconds_most']:.0f} s.\n\n"
    )
    text += class_lessons(r)
    text += "\nThe student who ran wild:\n\n"
    rows = [[x["lesson"], wild_memory(x["wild"]), x["wild"].get("processes", ""),
             f"{x['wild']['loop']}, after {x['wild']['loop_s']:.0f} s" if "loop" in x["wild"]
             else ""] for x in r["lessons"]]  # fmt: skip
    text += table(
        ["lesson", "memory without end", "processes without end", "an endless loop"], rows
    )
    text += "\n" + class_machines() + footer("classroom")
    if saved := read_json("class_training"):
        r = saved["result"]
        limits = r["limits"]
        numbers = [row["lesson"] for row in r["lessons"]]
        text += (
            f"\nLessons {min(numbers)} to {max(numbers)}, one open at a time, {r['users']} "
            f"students at once, with {limits['memory']} and {limits['cpus']:g} cores for "
            f"each:\n\n{class_lessons(r)}"
        )
        text += footer("class_training")
    if saved := read_json("class_pulls"):
        r = saved["result"]
        text += (
            f"\n{r['tries']} times a student and the teacher changed the same notebook at random, "
            f"and the student pulled again: {r['whole']} notebooks were whole afterwards, and in "
            f"{r['work_kept']} all of the student's work was there. Of {r['news']} changes of the "
            f"teacher's {r['news_came']} came; the others touched what the student had changed.\n"
        )
        text += footer("class_pulls")
    return text


def class_lessons(r):
    """Return what each lesson took from a class, as a table."""
    rows = [[x["lesson"], f"{x['finished']} of {x['students']}", f"{x['seconds']:.0f}",
             f"{x['seconds_most']:.0f}", f"{x['cpu_s']:.0f}", f"{x['private_mb']:,}",
             f"{x['private_most_mb']:,}", f"{x['once_mb']:,}", f"{x['all_mb']:,}",
             x["threads_most"]] for x in r["lessons"]]  # fmt: skip
    heads = ["lesson", "finished", "s, median", "s, slowest", "processor s a student",
             "MB a student", "MB, the greatest", "MB once", "MB in all", "threads"]  # fmt: skip
    return table(heads, rows)


def wild_memory(told):
    """Say what came of taking memory without end."""
    if "memory" not in told:
        return ""
    most = told["memory_most_mb"]
    return f"{told['memory']}" + (f", at {most:,} MB in all" if most else "")


def class_machines():
    """Return what a machine for a class needs, as a table; classroom/README.md shows it, too."""
    measured = read_json("classroom")
    if measured is None:
        return NOT_YET
    reading = measured["result"]["lessons"]
    saved = read_json("class_training")
    rows = reading + (saved["result"]["lessons"] if saved else [])
    sizes = [class_size.machine(students, rows, reading) for students in (30, 300)]
    most, last = class_size.heaviest(rows), class_size.heaviest(reading)
    text = (
        f"{class_size.students_a_gb(rows)} students a GB in lesson {most['lesson']}, which takes "
        f"most ({class_size.students_a_gb(reading)} in lesson {last['lesson']}). A machine for a "
        f"class, with a quarter of the memory in reserve and {class_size.SYSTEM_GB} GB for the "
        f"system; all who press *Run all* in lesson {last['lesson']} in the same moment are done "
        f"within {class_size.MINUTES} minutes:\n\n"
    )
    text += table(["students", "memory", "cores"],
                  [[x["students"], f"{x['memory_gb']} GB", x["cores"]] for x in sizes])  # fmt: skip
    slowest = max(rows, key=lambda row: row["cpu_s"])
    minutes = sizes[0]["students"] * slowest["cpu_s"] / sizes[0]["cores"] / 60
    return text + (
        f"\nLesson {slowest['lesson']} trains: thirty who start it in the same moment wait about "
        f"{minutes:.0f} minutes on such a machine.\n"
    )


SECTIONS = {
    "Accuracy": accuracy,
    "What each ingredient brings": ingredients,
    "What each ingredient brings to few digits": few_ingredients,
    "Time to accuracy": time_to_accuracy,
    "Training speed": training_speed,
    "The NumPy cells": numpy_cells,
    "Any network's trace": traces,
    "Replays": functools.partial(flat, "replay"),
    "Lesson 7's menus": menus,
    "Imports": functools.partial(flat, "imports"),
    "Photos of digits": photos,
    "The lessons: seconds and memory": lessons,
    "A class on one server": a_class,
}


# --- pictures ----------------------------------------------------------------------------------


def pictures():
    """Return name -> (PNG, words) of every picture that the results allow."""
    made = {}
    if read_json("time_to_accuracy"):
        made["time_to_accuracy"] = _time_to_accuracy_picture()
    if read_json("cells_speed"):
        made["cells_cost"] = _cells_cost_picture()
    return made


def _time_to_accuracy_picture():
    from helpers.figures import base
    from helpers.figures.frames import COLOURS

    result = read_json("time_to_accuracy")["result"]
    figure, (ax,) = base.new_figure(9, 5.3, {"left": 0.1, "right": 0.97, "bottom": 0.375,
                                             "top": 0.93})  # fmt: skip
    dashes = ["-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1))]
    colours = [COLOURS[name] for name in ("muted", "forget", "candidate", "output", "input")]
    for (name, points), dash, colour in zip(
        result["recipes"].items(), dashes, colours, strict=True
    ):
        ax.plot([p["seconds"] for p in points], [100 - 100 * p["accuracy"] for p in points],
                linestyle=dash, color=colour, linewidth=2, label=name)  # fmt: skip
    ours = result["ours"]
    ax.plot([p["seconds"] for p in ours], [100 - 100 * p["accuracy"] for p in ours], "o-",
            color=COLOURS["now"], linewidth=2.5,
            label=f"ours, {ours[0]['epochs']} to {ours[-1]['epochs']} epochs, each a training of "
            "its own")  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="seconds of training", ylabel="wrong of all, %")
    wrong = (0.5, 1, 2, 3, 5, 10, 20, 50, 90)
    ax.set_yticks(wrong, [f"{w:g}" for w in wrong])
    seconds = (2, 5, 10, 20, 50, 100, 200)
    ax.set_xticks(seconds, [str(s) for s in seconds])
    ax.minorticks_off()
    ax.set_title("Wrong answers on 10,000 test digits against seconds: lower and further left is "
                 "better", fontsize=11)  # fmt: skip
    ax.legend(loc="upper left", bbox_to_anchor=(-0.06, -0.17), frameon=False, fontsize=9.5, ncols=1)
    last = ours[-1]
    best = max((points[-1]["accuracy"], name) for name, points in result["recipes"].items())
    words = (
        "Wrong answers against seconds of training. The best of the tutorials' recipes, "
        f"{best[1]}, ends at {best[0]:.2%}; ours reaches {last['accuracy']:.2%} after "
        f"{last['epochs']} epochs ({seeds_each(result)})."
    )
    drawn = base.picture(figure, words)
    return drawn.png, words


def _cells_cost_picture():
    """Draw seconds against size, and beside them the slope that theory gives."""
    from helpers.figures import base
    from helpers.figures.frames import COLOURS

    cost = read_json("cells_speed")["result"]["cost"]
    figure, axes = base.new_figure(9.6, 3.1, {"left": 0.08, "right": 0.99, "bottom": 0.2,
                                              "top": 0.78, "wspace": 0.3}, ncols=3)  # fmt: skip
    slopes = []
    for ax, what in zip(axes, dict.fromkeys(row["what"] for row in cost), strict=True):
        rows = [row for row in cost if row["what"] == what]
        sizes, seconds, work = (np.array([row[k] for row in rows])
                                for k in ("size", "seconds", "gflop"))  # fmt: skip
        ax.loglog(sizes, seconds, "o-", color=COLOURS["now"], linewidth=2, label="measured")
        ax.loglog(sizes, work * seconds[-1] / work[-1], "--", color=COLOURS["hidden"],
                  linewidth=2, label="theory's slope, through the last")  # fmt: skip
        ax.set_xticks(sizes, [str(size) for size in sizes], fontsize=9)
        ax.minorticks_off()
        ax.set(xlabel=what, ylabel="seconds" if ax is axes[0] else "")
        grown = np.log(seconds[-1] / seconds[-2]) / np.log(sizes[-1] / sizes[-2])
        slopes.append(f"{what} with the power {grown:.1f}")
    axes[0].legend(loc="lower left", bbox_to_anchor=(-0.1, 1.02), frameon=False, ncols=2)
    words = (
        "Seconds of one LSTM in NumPy against the number of time steps, units and sequences in a "
        "batch, on logarithmic axes. Between the two largest sizes the seconds grow: "
        f"{'; '.join(slopes)}. Theory says 1 for time steps and batch, and nearly 2 for units."
    )
    return base.picture(figure, words).png, words


def image(name):
    """Return a picture of the page in Markdown, with its words."""
    return f"![{pictures()[name][1]}](pictures/{name}.png)\n\n"


# --- the README's block, and pieces ------------------------------------------------------------


def readme_block():
    """Return the two results that matter, for the README."""
    text = ""
    if read_json("time_to_accuracy"):
        words = pictures()["time_to_accuracy"][1]
        text += f"![{words}](benchmarks/pictures/time_to_accuracy.png)\n\n"
    rows = []
    for name, what in (("accuracy_full", "60,000"), ("accuracy_bundled", "the bundled 4,000")):
        if saved := read_json(name):
            r = saved["result"]
            if r["data"] == "bundled":  # recipes were chosen with a look at their own test digits
                r = r.get("elsewhere")
            if r:
                rows.append([what, f"{r['accuracy_mean']:.2%}", len(r["accuracies"]),
                             f"{r['test_digits']:,}"])  # fmt: skip
    heads = ["trained on", "right, mean", "seeds", "test digits, each counted"]
    text += table(heads, rows) if rows else ""
    return text + "\n[All results](benchmarks/README.md), each with the script that measured it.\n"


def table(heads, rows):
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def footer(*names):
    """Say on what results were measured, and by which command."""
    return "".join(footer_of(saved["about"], saved["command"]) for name in names
                   if (saved := read_json(name)))  # fmt: skip


def footer_of(about, command, what=""):
    """Say in one line on what a result, or `what` of it, was measured."""
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    load = "" if about["load"] is None else f", load {about['load']} at the start"
    return (
        f"\n<sub>`{command}`, {what}{about['date']}: {about['processor']}, {about['cores']} "
        f"cores{load}; Python {about['python']}, {versions}.</sub>\n"
    )
