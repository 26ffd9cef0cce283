"""Pictures of a training and of an honest score: curves, counts, and the mistakes themselves."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, Locator, MaxNLocator

from helpers import judge
from helpers.figures import base
from helpers.figures.frames import COLOURS, Picture
from helpers.figures.letters import legible

GUESSING = 10  # digits, one of which a guess takes


def percent(share: float) -> str:
    """Write a share as per cent, but never what is nearly sure as sure."""
    if not 0.01 <= share <= 0.99:
        return "< 1 %" if share < 0.5 else "> 99 %"
    return f"{100 * share:.0f} %"


def roomy_figure(width: float, height: float, **gridspec):
    """Return a figure and its axes, with room at its edges."""
    figure, axes = base.new_figure(width, height, **gridspec)
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.08)
    return figure, axes


def tile(ax: Axes, image: np.ndarray, title: str = "") -> None:
    """Show one image in a thin frame."""
    base.show(ax, image, aspect=base.aspect(image)).set(**base.shades(image))
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=10.5)
    base.border(ax)


def digits_picture(images: Sequence[np.ndarray], titles: Sequence[str], words: str) -> Picture:
    """Return small images side by side, each with its title, twelve in a row.

    Parameters
    ----------
    images : sequence of (height, width)
        Their sizes may differ.
    titles : sequence of str
        One for each image; may be empty.
    words : str
        What the row shows.
    """
    images = judge.items(images, "images")
    if not images:
        raise ValueError("images is empty: there is nothing to show.")
    images = [
        judge.numbers(image, f"images[{n}]", "height", "width") for n, image in enumerate(images)
    ]
    titles = judge.texts(titles, "titles", len(images), "image")
    columns = min(len(images), 12)
    rows = -(-len(images) // columns)
    figure, axes = roomy_figure(1.25 * columns + 0.1, 1.75 * rows, ncols=columns, nrows=rows)
    for ax, image, title in zip(axes, images, titles, strict=False):
        tile(ax, image, legible(title, 1.15))
    hide(axes[len(images) :])
    return base.picture(figure, words)


def hide(axes: Sequence[Axes]) -> None:
    """Leave axes empty: the places of a last row that is not full."""
    for ax in axes:
        ax.set_visible(False)


def settled_row(answers: np.ndarray) -> int:
    """Return the row, counted from 1, from which on the answers (time steps,) stay the same."""
    answers = judge.counts(answers, "answers", "time steps")
    other = np.flatnonzero(answers != answers[-1])
    return int(other[-1]) + 2 if len(other) else 1


def schedule_picture(rates: Sequence[float]) -> Picture:
    """Show a learning rate against the number of the update.

    Parameters
    ----------
    rates : sequence of float
        One an update, none below 0.
    """
    if callable(rates):
        raise TypeError("rates must be the rates themselves: call your schedule for each update.")
    rates = judge.numbers(rates, "rates", "updates", low=0)
    top = int(rates.argmax())
    figure, (ax,) = roomy_figure(7.2, 2.4)
    ax.plot(np.arange(1, len(rates) + 1), rates, color=COLOURS["hidden"], linewidth=2)
    ax.plot(top + 1, rates[top], "o", color=COLOURS["now"])
    ax.set(xlabel="update", ylabel="learning rate", ylim=(0, 1.12 * (rates.max() or 1.0)))
    ax.xaxis.set_major_locator(_counted(len(rates), 8))
    return base.picture(figure, _schedule_words(rates))


def _counted(n: int, most: int) -> Locator:
    """Return a locator of ticks at whole numbers from 1 to `n`."""
    return MaxNLocator(most, integer=True) if n > 1 else FixedLocator([1])


def _schedule_words(rates: np.ndarray) -> str:
    """Say where a schedule starts, how far it rises or falls, and where it ends."""
    n, top, low = len(rates), int(rates.argmax()), int(rates.argmin())
    begins, steps = f"The learning rate starts at {rates[0]:.2g}", np.diff(rates)
    if not np.ptp(rates):
        return f"The learning rate is {rates[0]:.2g} at each of {base.counted(n, 'update')}."
    if (steps <= 0).all():
        return f"{begins} and falls to {rates[-1]:.1g} at the last of {n} updates."
    if (steps >= 0).all():
        return f"{begins} and rises to {rates[-1]:.2g} at the last of {n} updates."
    if (steps[:top] >= 0).all() and (steps[top:] <= 0).all():
        rises = f"rises to {rates[top]:.2g} at update {top + 1} of {n}"
        return f"{begins}, {rises}, and falls to {rates[-1]:.1g} at the last."
    return (
        f"{begins} and goes up and down: it is largest at update {top + 1} of {n} "
        f"({rates[top]:.2g}), smallest at update {low + 1} ({rates[low]:.2g}), and "
        f"{rates[-1]:.2g} at the last."
    )


def learning_curve(history: dict[str, Sequence[float]]) -> Picture:
    """Show loss and errors after each epoch, on the training batches and on digits set aside.

    Parameters
    ----------
    history : dict of lists
        "loss", "accuracy", "val_loss", "val_accuracy", as `helpers.reader.train_reader` gives; or
        what Keras's ``fit`` returns. A loss that is no number any more is left out and said.

    Raises
    ------
    ValueError
        If no epoch was finished, nothing was set aside, or the accuracy was not kept.
    """
    history = _checked_history(getattr(history, "history", history))
    epochs = np.arange(1, len(history["loss"]) + 1)
    figure, (loss, errors) = roomy_figure(9.4, 3.1, ncols=2)
    for ax, name in ((loss, "loss"), (errors, "accuracy")):
        for key, label, dash, colour in (
            (name, "training batches", "--", "muted"),
            (f"val_{name}", "set aside", "-", "hidden"),
        ):
            y = history[key]
            y = 100 * (1 - y) if name == "accuracy" else y
            ax.plot(epochs, y, dash, color=COLOURS[colour], linewidth=2, label=label,
                    marker="o" if _lonely(y) else "")  # fmt: skip
        margin = max(0.05 * (len(epochs) - 1), 0.5 if len(epochs) == 1 else 0)
        ax.set(xlabel="epoch", xlim=(epochs[0] - margin, epochs[-1] + margin))
        ax.xaxis.set_major_locator(_counted(len(epochs), 6))
    guess = np.log(GUESSING)
    losses = np.concatenate([history["loss"], history["val_loss"]])
    losses = losses[np.isfinite(losses)]
    low, high = min([0, *1.1 * losses]), max([2.75, *1.1 * losses])
    loss.axhline(guess, color=COLOURS["now"], linewidth=1, linestyle=":")
    loss.text(epochs[-1], guess, f"guessing: {guess:.2f}", ha="right", va="bottom")
    loss.set(title="Loss", ylim=(low, high))
    worst = 100 * (1 - min(history["accuracy"].min(), history["val_accuracy"].min()))
    errors.set(title="Wrong answers, %", ylim=(0, 1.05 * worst or 1.0))
    errors.legend(frameon=False, loc="best")
    return base.picture(figure, _curve_words(history))


ASIDE, BATCHES = "on the digits set aside", "on the training batches"


def _checked_history(history) -> dict[str, np.ndarray]:
    """Return the four series of a history, (epochs,) each; a loss may hold what is no number."""
    if not isinstance(history, Mapping):
        raise TypeError(
            f"history must be what train_reader() or fit() returns, not {judge.what(history)}."
        )
    if not np.size(history.get("loss", ())) or "val_loss" not in history:
        raise ValueError(
            "history must hold at least one whole epoch of a training with validation: "
            "train again, and let it run a little longer."
        )
    series = {}
    for key in ("loss", "val_loss", "accuracy", "val_accuracy"):
        if key not in history:
            raise ValueError(f'history has no "{key}"; it has {", ".join(map(str, history))}.')
        series[key] = judge.numbers(
            history[key], f'history["{key}"]', ("epochs", len(history["loss"])),
            **({"low": 0, "high": 1} if "accuracy" in key else {"finite": False}),
        )  # fmt: skip
    return series


def _lonely(y: np.ndarray) -> bool:
    """Say whether a line through the numbers of `y` would show nothing: no two are neighbours."""
    there = np.isfinite(y)
    return not (there[1:] & there[:-1]).any()


def _curve_words(history: dict[str, np.ndarray]) -> str:
    """Say what each series does, and how many answers are wrong at the end."""
    epochs = len(history["loss"])
    wrong = {key: 100 * (1 - history[key]) for key in ("accuracy", "val_accuracy")}
    courses = {
        f"the loss {BATCHES}": _course(history["loss"], "{:.3g}"),
        f"the loss {ASIDE}": _course(history["val_loss"], "{:.3g}"),
        f"the share of wrong answers {BATCHES}": _course(wrong["accuracy"], "{:.1f} %"),
        f"the share of wrong answers {ASIDE}": _course(wrong["val_accuracy"], "{:.1f} %"),
    }
    if all(course.startswith("falls from") for course in courses.values()):
        words = f"Loss and wrong answers fall over {epochs} epochs."
    else:
        said = "; ".join(f"{what} {course}" for what, course in courses.items())
        words = f"Over {base.counted(epochs, 'epoch')} {said}."
    seen, aside = (f"{course[-1]:.1f} %" for course in wrong.values())
    return f"{words} At the end {seen} of the answers are wrong {BATCHES} and {aside} {ASIDE}."


def _course(y: np.ndarray, form: str) -> str:
    """Say in words where the numbers of `y` go, from the first to the last."""
    if not np.isfinite(y).all():
        return f"is no finite number after epoch {np.isfinite(y).argmin() + 1}"
    first, last, low, high = (form.format(value) for value in (y[0], y[-1], y.min(), y.max()))
    waver = 0.2 * np.ptp(y)  # so much of its own range a course may go back
    if low == high:
        return f"stays at {first}"
    if y[-1] < y[0] and (y - np.minimum.accumulate(y)).max() <= waver:
        return f"falls from {first} to {last}"
    if y[-1] > y[0] and (np.maximum.accumulate(y) - y).max() <= waver:
        return f"rises from {first} to {last}"
    return (
        f"goes from {first} to {last}, lowest after epoch {y.argmin() + 1} ({low}), highest after "
        f"epoch {y.argmax() + 1} ({high})"
    )


def batches_picture(accuracies: np.ndarray, overall: float, size: int = 128) -> Picture:
    """Show how the accuracy differs from batch to batch, and where the whole set lies.

    Parameters
    ----------
    accuracies : ndarray (batches,)
        The accuracy in each of many batches, 0..1: a whole number of `size` digits each.
    overall : float
        The accuracy over all digits.
    size : int
        Digits in a batch.
    """
    accuracies = judge.numbers(accuracies, "accuracies", "batches", low=0, high=1)
    overall, size = judge.number(overall, "overall", 0, 1), judge.count(size, "size", 1)
    right = np.rint(accuracies * size).astype(int)
    if not np.allclose(right, accuracies * size, atol=0.01):
        raise ValueError(
            f"size is {size}, but an accuracy of {accuracies[0]:.4g} is no whole number of {size} "
            f"digits: give the size of your batches."
        )
    counts = np.bincount(right, minlength=size + 1)
    low, high = right.min(), right.max()
    figure, (ax,) = roomy_figure(8.2, 2.9)
    ax.bar(100 * np.arange(low, high + 1) / size, counts[low : high + 1], 78 / size,
           color=COLOURS["hidden"])  # fmt: skip
    ax.axvline(100 * overall, color=COLOURS["now"], linewidth=2)
    ax.set(xlabel=f"accuracy on one batch of {size}, %", ylabel="batches")
    ax.set_ylim(0, 1.2 * counts.max())
    left, end = ax.get_xlim()
    side = "left" if 100 * overall < left + 0.7 * (end - left) else "right"
    ax.text(100 * overall, 1.19 * counts.max(), f" all digits: {100 * overall:.1f} % ",
            color=COLOURS["now"], ha=side, va="top")  # fmt: skip
    reach = f"from {100 * low / size:.1f} % to {100 * high / size:.1f} %"
    if low == high:
        reach = f"always {100 * low / size:.1f} %"
    batches = "1 batch" if len(right) == 1 else f"{len(right):,} batches"
    return base.picture(
        figure,
        f"The accuracy on one batch of {size} digits, for {batches}: {reach}. All digits together "
        f"give {100 * overall:.1f} %.",
    )
