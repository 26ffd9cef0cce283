"""Pictures of a training and of an honest score: curves, counts, and the mistakes themselves."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.figures import base
from helpers.figures.frames import COLOURS, Picture

DIGITS = [str(d) for d in range(10)]


def percent(share: float) -> str:
    """Write a share as per cent, but never what is nearly sure as sure."""
    if not 0.01 <= share <= 0.99:
        return "< 1 %" if share < 0.5 else "> 99 %"
    return f"{100 * share:.0f} %"


def _a(digit: int) -> str:
    """Write a digit with its article."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _figure(width: float, height: float, **gridspec):
    """Return a figure and its axes, with room at its edges."""
    figure, axes = base.new_figure(width, height, **gridspec)
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.08)
    return figure, axes


def _tile(ax: Axes, image: np.ndarray, title: str = "") -> None:
    """Show one image in a thin frame."""
    ax.imshow(image, cmap="gray_r", interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=10.5)
    for side in ax.spines.values():
        side.set(visible=True, color=COLOURS["light"])


def digits_picture(images: Sequence[np.ndarray], titles: Sequence[str], words: str) -> Picture:
    """Return a row of small images, each with its title.

    Parameters
    ----------
    images : sequence of (height, width)
        Their sizes may differ.
    titles : sequence of str
        One for each image; may be empty.
    words : str
        What the row shows.
    """
    figure, axes = _figure(1.25 * len(images) + 0.1, 1.75, ncols=len(images))
    for ax, image, title in zip(axes, images, titles, strict=True):
        _tile(ax, image, title)
    return base.picture(figure, words)


def settled_row(answers: np.ndarray) -> int:
    """Return the row, counted from 1, from which on the answers (time steps,) stay the same."""
    other = np.flatnonzero(np.asarray(answers) != answers[-1])
    return int(other[-1]) + 2 if len(other) else 1


def knowing_picture(trace) -> Picture:
    """Show a digit beside what the reader answers after each of its rows.

    Parameters
    ----------
    trace : helpers.trace.Trace
    """
    answers = trace.belief.argmax(1)
    rows, settled = len(answers), settled_row(answers)
    figure, (image, belief) = base.new_figure(
        9.2, 5.0,
        {"left": 0.09, "right": 0.985, "bottom": 0.11, "top": 0.93, "wspace": 0.12},
        ncols=2, width_ratios=[1, 1.15],
    )  # fmt: skip
    extent = (-0.5, trace.x.shape[1] - 0.5, rows + 0.5, 0.5)
    image.imshow(trace.x, cmap="gray_r", aspect="auto", interpolation="nearest", extent=extent)
    image.set(title="What it reads", xticks=[], yticks=[1, 7, 14, 21, rows], ylabel="row")
    belief.imshow(
        trace.belief, cmap="Greys", vmin=0, vmax=1, aspect="auto", interpolation="nearest",
        extent=(-0.5, 9.5, rows + 0.5, 0.5),
    )  # fmt: skip
    belief.set(
        title="Belief after this row (black: certain)", xlabel="digit", xticks=range(10),
        yticks=[],
    )  # fmt: skip
    for ax in (image, belief):
        ax.axhline(settled - 0.5, color=COLOURS["now"], linewidth=2)
    # The words stand beside the line at the end where they hide less.
    beside = (
        trace.belief[settled - 3 : settled - 1] if settled > 4 else trace.belief[settled - 1 :][:2]
    )
    place = -0.3 if beside[:, :4].sum() < beside[:, -4:].sum() else 9.3
    belief.text(
        place, settled - 0.8 if settled > 4 else settled + 0.8, f"{answers[-1]} from here on",
        color=COLOURS["now"], ha="left" if place < 1 else "right",
        va="bottom" if settled > 4 else "top", fontsize=12,
        bbox={"facecolor": COLOURS["paper"], "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip
    words = (
        f"A digit of {rows} rows, and beside each row the belief of a trained network that has "
        f"read so far: from row {settled} on it answers {answers[-1]}, and stays with it."
    )
    return base.picture(figure, words)


def schedule_picture(rates: Sequence[float]) -> Picture:
    """Show a learning rate against the number of the update."""
    rates = np.asarray(rates, float)
    top = int(rates.argmax())
    figure, (ax,) = _figure(7.2, 2.4)
    ax.plot(np.arange(1, len(rates) + 1), rates, color=COLOURS["hidden"], linewidth=2)
    ax.plot(top + 1, rates[top], "o", color=COLOURS["now"])
    ax.set(xlabel="update", ylabel="learning rate", ylim=(0, 1.12 * rates.max()))
    words = (
        f"The learning rate starts at {rates[0]:.2g}, rises to {rates[top]:.2g} at update "
        f"{top + 1} of {len(rates)}, and falls to {rates[-1]:.1g} at the last."
    )
    return base.picture(figure, words)


def learning_curve(history: dict[str, Sequence[float]]) -> Picture:
    """Show loss and errors after each epoch, on the training batches and on digits set aside.

    Parameters
    ----------
    history : dict of lists
        "loss", "accuracy", "val_loss", "val_accuracy", as `helpers.reader.train_reader` gives.

    Raises
    ------
    ValueError
        If no epoch was finished, or nothing was set aside.
    """
    if not history["loss"] or "val_loss" not in history:
        raise ValueError(
            "learning_curve() needs at least one whole epoch of a training with validation: "
            "train again, and let it run a little longer."
        )
    epochs = np.arange(1, len(history["loss"]) + 1)
    figure, (loss, errors) = _figure(9.4, 3.1, ncols=2)
    for ax, name in ((loss, "loss"), (errors, "accuracy")):
        for key, label, dash, colour in (
            (name, "training batches", "--", "muted"),
            (f"val_{name}", "set aside", "-", "hidden"),
        ):
            y = np.asarray(history[key])
            y = 100 * (1 - y) if name == "accuracy" else y
            ax.plot(epochs, y, dash, color=COLOURS[colour], linewidth=2, label=label)
        ax.set(xlabel="epoch", ylim=(0, None))
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    guess = np.log(10)
    loss.axhline(guess, color=COLOURS["now"], linewidth=1, linestyle=":")
    loss.text(epochs[-1], guess, "guessing: 2.30", ha="right", va="bottom")
    loss.set(title="Loss", ylim=(0, 2.75))
    errors.set_title("Wrong answers, %")
    errors.legend(frameon=False, loc="upper right")
    seen, aside = (history[key][-1] for key in ("accuracy", "val_accuracy"))
    words = (
        f"Loss and wrong answers fall over {len(epochs)} epochs. At the end "
        f"{100 * (1 - seen):.1f} % of the answers are wrong on the training batches and "
        f"{100 * (1 - aside):.1f} % on the digits set aside."
    )
    return base.picture(figure, words)


def batches_picture(accuracies: np.ndarray, overall: float, size: int = 128) -> Picture:
    """Show how the accuracy differs from batch to batch, and where the whole set lies.

    Parameters
    ----------
    accuracies : ndarray (batches,)
        The accuracy in each of many batches, 0..1.
    overall : float
        The accuracy over all digits.
    size : int
        Digits in a batch.
    """
    accuracies = np.asarray(accuracies)
    right = np.rint(accuracies * size).astype(int)
    counts = np.bincount(right, minlength=size + 1)
    low, high = right.min(), right.max()
    figure, (ax,) = _figure(8.2, 2.9)
    ax.bar(100 * np.arange(low, high + 1) / size, counts[low : high + 1], 78 / size,
           color=COLOURS["hidden"])  # fmt: skip
    ax.axvline(100 * overall, color=COLOURS["now"], linewidth=2)
    ax.set(
        xlabel=f"accuracy on one batch of {size}, %", ylabel="batches",
        ylim=(0, 1.2 * counts.max()),
    )  # fmt: skip
    ax.text(100 * overall, 1.19 * counts.max(), f" all digits: {100 * overall:.1f} %",
            color=COLOURS["now"], ha="left", va="top")  # fmt: skip
    words = (
        f"The accuracy on one batch of {size} digits, for {len(right):,} batches: from "
        f"{100 * low / size:.1f} % to {100 * high / size:.1f} %. All digits together give "
        f"{100 * overall:.1f} %."
    )
    return base.picture(figure, words)


def confusion_picture(counts: np.ndarray) -> Picture:
    """Show how often each digit was taken for each other.

    Parameters
    ----------
    counts : int ndarray (10, 10)
        Row: the digit that was written. Column: the digit that was answered.
    """
    counts = np.asarray(counts)
    wrong = counts * (1 - np.eye(10, dtype=int))
    figure, (ax,) = _figure(6.2, 5.2)
    shown = np.ma.masked_equal(wrong, 0)
    ax.imshow(shown, cmap="Oranges", vmin=-0.3 * wrong.max(), vmax=1.8 * max(wrong.max(), 1))
    for row in range(10):
        for column in range(10):
            n = counts[row, column]
            if n:
                ax.text(column, row, str(n), ha="center", va="center", fontsize=10.5,
                        color=COLOURS["muted" if row == column else "ink"])  # fmt: skip
    ax.set(xticks=range(10), yticks=range(10), xlabel="answered", ylabel="written")
    ax.set_xticks(np.arange(9) + 0.5, minor=True)
    ax.set_yticks(np.arange(9) + 0.5, minor=True)
    ax.grid(which="minor", color=COLOURS["light"], linewidth=0.8)
    ax.tick_params(which="both", length=0)
    written, answered = np.unravel_index(wrong.argmax(), wrong.shape)
    words = (
        f"Of {counts.sum():,} digits {np.trace(counts):,} lie on the diagonal, that is, were read "
        f"rightly, and {wrong.sum()} beside it."
    )
    if wrong.any():
        words += (
            f" The most frequent mistake: {_a(written)} read as {_a(answered)} "
            f"({wrong[written, answered]} of {counts[written].sum()})."
        )
    return base.picture(figure, words)


def mistakes_picture(
    images: np.ndarray, labels: np.ndarray, beliefs: np.ndarray, most: int = 12
) -> Picture:
    """Show misread digits, the most confidently misread first, each with the two beliefs.

    Parameters
    ----------
    images : ndarray (n, height, width)
    labels : ndarray (n,)
        What was written.
    beliefs : ndarray (n, 10)
        What the reader believed after the last row.
    most : int
        At most so many are shown.

    Raises
    ------
    ValueError
        If none of the digits was misread: there is nothing to show.
    """
    labels, answers = np.asarray(labels), beliefs.argmax(1)
    wrong = np.flatnonzero(answers != labels)
    if not len(wrong):
        raise ValueError("mistakes_picture() got no misread digit: every answer is its label.")
    wrong = wrong[np.argsort(-beliefs[wrong].max(1), kind="stable")]
    shown = wrong[:most]
    columns = min(6, len(shown))
    rows = -(-len(shown) // columns)
    figure, axes = _figure(1.6 * columns + 0.2, 2.4 * rows, nrows=rows, ncols=columns)
    for ax in axes[len(shown) :]:
        ax.set_visible(False)
    texts = []
    for ax, n in zip(axes, shown, strict=False):
        said, meant = int(answers[n]), int(labels[n])
        _tile(ax, images[n], f"{meant} read as {said}")
        ax.set_xlabel(
            f"{said}: {percent(beliefs[n, said])}\n{meant}: {percent(beliefs[n, meant])}",
            fontsize=10,
        )
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
    accuracies = np.asarray(accuracies)
    last = len(accuracies)
    rows = np.arange(1, last + 1)
    figure, (ax,) = _figure(8.2, 3.2)
    if readable is not None:
        ax.plot(rows, 100 * np.asarray(readable), "--", color=COLOURS["candidate"], linewidth=2,
                label="a head made for each row")  # fmt: skip
    ax.plot(rows, 100 * accuracies, "o-", color=COLOURS["hidden"], linewidth=2, markersize=5,
            label="the reader's own head")  # fmt: skip
    ax.axhline(10, color=COLOURS["now"], linewidth=1, linestyle=":")
    ax.text(last, 11, "guessing: 10 %", ha="right", va="bottom")
    ticks = [1, 4, 8, 12, 16, 20, 24, 28] if last == 28 else base._ticks(last)
    ax.set(xlabel="rows read", ylabel="right answers, %", ylim=(0, 104), xticks=ticks)
    half = ""
    if (accuracies >= 0.5).any():
        half = f"over half from row {int(np.argmax(accuracies >= 0.5)) + 1}, "
    nearly = int(np.argmax(accuracies >= accuracies[-1] - 0.01)) + 1
    middle = last // 2
    words = (
        f"Right answers if the reading stopped after each row: {100 * accuracies[0]:.0f} % after "
        f"row 1, {100 * accuracies[middle - 1]:.0f} % after row {middle}, {half}"
        f"within 1 % of the final {100 * accuracies[-1]:.1f} % from row {nearly} of {last}."
    )
    if readable is not None:
        ax.legend(frameon=False, loc="upper left")
        words += (
            f" With a head made for each row: {100 * readable[middle - 1]:.0f} % after row "
            f"{middle} already."
        )
    return base.picture(figure, words)


def settling_picture(settled: np.ndarray, labels: np.ndarray, rows: int = 28) -> Picture:
    """Show, digit by digit, from which row on the answer no longer changes.

    Parameters
    ----------
    settled : int ndarray (n,)
        For each image the row, from 1, from which on its answer stays the same.
    labels : int ndarray (n,)
    rows : int
        Rows of an image.
    """
    settled, labels = np.asarray(settled), np.asarray(labels)
    groups = [settled[labels == digit] for digit in range(10)]
    medians = np.array([np.median(group) for group in groups])
    order = np.argsort(medians, kind="stable")
    figure, (ax,) = _figure(8.2, 3.6)
    for place, digit in enumerate(order):
        early, late = np.percentile(groups[digit], [10, 90])
        ax.plot([early, late], [place, place], color=COLOURS["hidden"], linewidth=5,
                solid_capstyle="butt", alpha=0.45)  # fmt: skip
        ax.plot(medians[digit], place, "o", color=COLOURS["now"], markersize=8)
    ax.set(
        xlabel="row from which on the answer stays (dot: half of the digits; bar: 10 % to 90 %)",
        ylabel="digit", yticks=range(10), yticklabels=[DIGITS[d] for d in order],
        xlim=(1, rows + 0.5), ylim=(9.6, -0.6), xticks=base._ticks(rows),
    )  # fmt: skip
    each = ", ".join(f"{digit} at row {medians[digit]:.0f}" for digit in order)
    words = f"Half of the answers have settled, from the earliest digit to the latest: {each}."
    return base.picture(figure, words)
