"""Pictures of a reader's answers: when it knows, what it takes for what, and its mistakes."""

from collections.abc import Sequence

import numpy as np

from helpers import judge
from helpers.figures import base
from helpers.figures.frames import COLOURS, Picture
from helpers.figures.learning_curves import GUESSING, hide, percent, roomy_figure, settled_row, tile


def _a(digit: int) -> str:
    """Write a number with its article: an 8, an 11, an 18, an 80."""
    return f"an {digit}" if str(digit)[0] == "8" or digit in (11, 18) else f"a {digit}"


def knowing_picture(trace) -> Picture:
    """Show a digit beside what the reader answers after each of its rows.

    Parameters
    ----------
    trace : helpers.trace.Trace
    """
    judge.trace(trace, "trace")
    answers = trace.belief.argmax(1)
    rows, settled = len(answers), settled_row(answers)
    figure, (image, belief) = base.new_figure(
        9.2, 5.0,
        {"left": 0.09, "right": 0.985, "bottom": 0.11, "top": 0.93, "wspace": 0.12},
        ncols=2, width_ratios=[1, 1.15],
    )  # fmt: skip
    extent = (-0.5, trace.x.shape[1] - 0.5, rows + 0.5, 0.5)
    base.show(image, trace.x, extent, aspect="auto").set(**base.shades(trace.x))
    ticks = [1, 7, 14, 21, 28] if rows == 28 else base.ticks(rows)
    image.set(title="What it reads", xticks=[], yticks=ticks, ylabel="row")
    classes = trace.belief.shape[1]
    base.show(
        belief, trace.belief, (-0.5, classes - 0.5, rows + 0.5, 0.5), aspect="auto",
        cmap="Greys", vmin=0, vmax=1,
    )  # fmt: skip
    belief.set(title="Belief after this row (black: certain)", xlabel="digit", yticks=[],
               xticks=base.some(np.arange(classes)))  # fmt: skip
    for ax in (image, belief):
        ax.axhline(settled - 0.5, color=COLOURS["now"], linewidth=2)
    # The words stand beside the line, above it where there is room, at the end where they hide
    # less.
    above = (settled - 1) / rows > 0.11
    beside = trace.belief[settled - 3 : settled - 1] if above else trace.belief[settled - 1 :][:2]
    fourth = max(round(0.4 * classes), 1)
    left = beside[:, :fourth].sum() < beside[:, -fourth:].sum()
    belief.annotate(
        f"{answers[-1]} from here on", (0.02 if left else 0.98, settled - 0.5),
        (0, 4 if above else -5), xycoords=("axes fraction", "data"), textcoords="offset points",
        color=COLOURS["now"], ha="left" if left else "right", va="bottom" if above else "top",
        fontsize=12, bbox={"facecolor": COLOURS["paper"], "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip
    return base.picture(figure, _knowing_words(rows, settled, answers[-1]))


def _knowing_words(rows: int, settled: int, answer: int) -> str:
    """Say from which row on the answer stays."""
    so_far = (
        f"A digit of {base.counted(rows, 'row')}, and beside each row the belief of a trained "
        f"network that has read so far:"
    )
    if settled == rows:
        return f"{so_far} only after the last row does it answer {answer}."
    return f"{so_far} from row {settled} on it answers {answer}, and stays with it."


MOST_FREQUENT = "The most frequent mistake"


def confusion_picture(counts: np.ndarray) -> Picture:
    """Show how often each digit was taken for each other.

    Parameters
    ----------
    counts : int ndarray (classes, classes)
        Row: the digit that was written. Column: the digit that was answered. With more than 40
        classes the colours stand alone, without numbers.
    """
    counts = judge.counts(counts, "counts", "classes", "classes")
    classes = len(counts)
    if counts.shape != (classes, classes) or not counts.any():
        raise ValueError(
            f"counts must have as many rows as columns, one for each class, and count at least "
            f"one digit; it has the shape {counts.shape} and counts {counts.sum()}."
        )
    wrong = counts * (1 - np.eye(classes, dtype=int))
    side = float(np.clip(0.46 * classes + 0.6, 3.2, 19))
    figure, (ax,) = roomy_figure(1.2 * side if side < 5 else side + 1.0, side)
    shown = np.ma.masked_equal(wrong, 0)
    ax.imshow(shown, cmap="Oranges", vmin=-0.3 * wrong.max(), vmax=1.8 * max(wrong.max(), 1))
    size = min(10.5, 34 / len(str(counts.max())))
    ticks = range(classes) if classes <= 40 else base.some(np.arange(classes))
    ax.set(xticks=ticks, yticks=ticks, xlabel="answered", ylabel="written")
    if classes <= 40:
        for row, column in np.argwhere(counts):
            base.write(ax, column, row, str(counts[row, column]), fontsize=size,
                       color=COLOURS["muted" if row == column else "ink"])  # fmt: skip
        ax.set_xticks(np.arange(classes - 1) + 0.5, minor=True)
        ax.set_yticks(np.arange(classes - 1) + 0.5, minor=True)
    ax.grid(which="minor", color=COLOURS["light"], linewidth=0.8)
    ax.tick_params(which="both", length=0)
    written, answered = np.unravel_index(wrong.argmax(), wrong.shape)
    words = (
        f"Of {counts.sum():,} digits {np.trace(counts):,} lie on the diagonal, that is, were read "
        f"rightly, and {wrong.sum():,} beside it."
    )
    if wrong.any():
        alike = int((wrong == wrong.max()).sum())
        which = f"One of {alike} equally frequent mistakes" if alike > 1 else MOST_FREQUENT
        times = f"{wrong[written, answered]} of {counts[written].sum()}"
        words += f" {which}: {_a(written)} read as {_a(answered)} ({times})."
    return base.picture(figure, words)


def mistakes_picture(images: np.ndarray, labels: np.ndarray, beliefs: np.ndarray) -> Picture:
    """Show up to twelve misread digits, the surest first, each with the two beliefs.

    Parameters
    ----------
    images : ndarray (n, height, width)
    labels : int ndarray (n,)
        What was written.
    beliefs : ndarray (n, classes)
        What the reader believed after the last row.

    Raises
    ------
    ValueError
        If none of the digits was misread: there is nothing to show.
    """
    images = judge.numbers(images, "images", "images", "height", "width")
    beliefs = judge.numbers(beliefs, "beliefs", ("images", len(images)), "classes", low=0, high=1)
    labels = judge.labels(labels, len(images), most=beliefs.shape[1] - 1)
    answers = beliefs.argmax(1)
    wrong = np.flatnonzero(answers != labels)
    if not len(wrong):
        raise ValueError("mistakes_picture() got no misread digit: every answer is its label.")
    wrong = wrong[np.argsort(-beliefs[wrong].max(1), kind="stable")]
    shown = wrong[:12]
    columns = min(6, len(shown))
    rows = -(-len(shown) // columns)
    figure, axes = roomy_figure(1.6 * columns + 0.2, 2.4 * rows, nrows=rows, ncols=columns)
    hide(axes[len(shown) :])
    texts = []
    for ax, n in zip(axes, shown, strict=False):
        said, meant = int(answers[n]), int(labels[n])
        tile(ax, images[n], f"{meant} read as {said}")
        both = (f"{digit}: {percent(beliefs[n, digit])}" for digit in (said, meant))
        ax.set_xlabel("\n".join(both), fontsize=10)
        texts.append(f"{_a(meant)} read as {said} ({percent(beliefs[n, said])})")
    words = f"{len(shown)} of {len(wrong)} misread digits, surest first: {', '.join(texts)}."
    return base.picture(figure, words)


def accuracy_by_row_picture(
    accuracies: Sequence[float], readable: Sequence[float] | None = None
) -> Picture:
    """Show the accuracy over all digits if the reading stopped after each row.

    Parameters
    ----------
    accuracies : sequence of float
        With the reader's own head, one a row, 0..1.
    readable : sequence of float, optional
        The same with a head of its own for each row.
    """
    accuracies = judge.numbers(accuracies, "accuracies", "time steps", low=0, high=1)
    if readable is not None:
        readable = judge.numbers(
            readable, "readable", ("time steps", len(accuracies)), low=0, high=1
        )
    last = len(accuracies)
    rows = np.arange(1, last + 1)
    figure, (ax,) = roomy_figure(8.2, 3.2)
    if readable is not None:
        ax.plot(rows, 100 * readable, "--", color=COLOURS["candidate"], linewidth=2,
                marker="s" if last == 1 else "", label="a head made for each row")  # fmt: skip
    ax.plot(rows, 100 * accuracies, "o-", color=COLOURS["hidden"], linewidth=2, markersize=5,
            label="the reader's own head")  # fmt: skip
    guess = 100 / GUESSING
    ax.axhline(guess, color=COLOURS["now"], linewidth=1, linestyle=":")
    ax.text(last, guess + 1, f"guessing: {guess:.0f} %", ha="right", va="bottom")
    ticks = [1, 4, 8, 12, 16, 20, 24, 28] if last == 28 else base.ticks(last)
    ax.set(xlabel="rows read", ylabel="right answers, %", ylim=(0, 104), xticks=ticks)
    if readable is not None:
        ax.legend(frameon=False, loc="upper left")
    return base.picture(figure, _by_row_words(accuracies, readable))


def _by_row_words(accuracies: np.ndarray, readable: np.ndarray | None) -> str:
    last = len(accuracies)
    middle = max(last // 2, 1)
    told = [f"{100 * accuracies[row - 1]:.0f} % after row {row}" for row in sorted({1, middle})]
    if accuracies[-1] > 0.5:
        told.append(f"over half from row {settled_row(accuracies > 0.5)}")
    nearly = settled_row(np.abs(accuracies - accuracies[-1]) <= 0.01)
    told.append(
        f"within 1 point of the final {100 * accuracies[-1]:.1f} % from row {nearly} of {last}"
    )
    words = f"Right answers if the reading stopped after each row: {', '.join(told)}."
    if readable is not None:
        more = " already" if readable[middle - 1] > accuracies[middle - 1] else ""
        share = f"{100 * readable[middle - 1]:.0f} %"
        words += f" With a head made for each row: {share} after row {middle}{more}."
    return words


def settling_picture(settled: np.ndarray, labels: np.ndarray) -> Picture:
    """Show, digit by digit, from which row on the answer no longer changes.

    Parameters
    ----------
    settled : int ndarray (n,)
        For each image the row, from 1, from which on its answer stays the same.
    labels : int ndarray (n,)
        A digit without an image is left out.
    """
    settled = judge.numbers(settled, "settled", "images", low=1)
    rows = max(28, int(settled.max()))
    labels = judge.labels(labels, len(settled), most=None)
    digits = np.unique(labels)
    groups = [settled[labels == digit] for digit in digits]
    medians = np.array([np.median(group) for group in groups])
    order = np.argsort(medians, kind="stable")
    figure, (ax,) = roomy_figure(8.2, max(3.6, 0.9 + 0.27 * len(digits)))
    for place, digit in enumerate(order):
        early, late = np.percentile(groups[digit], [10, 90])
        ax.plot([early, late], [place, place], color=COLOURS["hidden"], linewidth=5,
                solid_capstyle="butt", alpha=0.45)  # fmt: skip
        ax.plot(medians[digit], place, "o", color=COLOURS["now"], markersize=8)
    ax.set(
        xlabel="row from which on the answer stays (dot: half of the digits; bar: 10 % to 90 %)",
        ylabel="digit", yticks=range(len(digits)), yticklabels=digits[order],
        xlim=(min(1, 0.96 * rows), rows + 0.5), ylim=(len(digits) - 0.4, -0.6),
        xticks=base.ticks(rows),
    )  # fmt: skip
    each = ", ".join(f"{digits[place]} at row {medians[place]:.0f}" for place in order)
    course = ", from the earliest digit to the latest" if len(digits) > 1 else ""
    words = f"Half of the answers have settled{course}: {each}."
    return base.picture(figure, words)
