"""A digit read pixel by pixel by several networks: what each believes, and what its gates keep."""

from collections.abc import Mapping

import numpy as np

from helpers import judge, projector
from helpers.figures import base
from helpers.figures.frames import COLOURS, Frames


def pixels_frames(
    traces: Mapping, image, title: str = "One digit, pixel by pixel", every: int = 7
) -> Frames:
    """Replay how networks read an image one pixel a step: their beliefs, and what they keep.

    Parameters
    ----------
    traces : mapping of name to helpers.trace.Trace or helpers.reader.pixel_reader.PixelTrace
        LSTMs or minGRUs that have read the same pixels, each (time steps, units). What is kept is
        the forget gate f of an LSTM, and 1 - z of a minGRU.
    image : ndarray (height, width)
        What they read, from the upper left, row after row; height * width are the time steps.
    every : int
        One frame for so many pixels; the last pixel always has one.
    """
    image, title = judge.rows(judge.image(image)), judge.text(title, "title")
    every = judge.count(every, "every", 1)
    traces = judge.named(traces, "traces")
    keeps = {name: _kept(trace, f"traces[{name!r}]") for name, trace in traces.items()}
    for name, trace in traces.items():
        if len(trace.h) != image.size:
            raise ValueError(
                f"traces[{name!r}] has {len(trace.h)} time steps, but the image has {image.size} "
                "pixels, one for each: give trace(weights, image.reshape(-1, 1))."
            )
    steps = sorted({*range(every - 1, image.size, every), image.size - 1})
    high = 0.7 + 2.15 * len(traces)
    bottom = max(0.12, 0.5 / high)  # half an inch for the word below
    figure, axes = base.new_figure(
        10.4, high,
        {"left": 0.03, "right": 0.985, "bottom": bottom, "top": 0.92, "wspace": 0.2, "hspace": 0.5},
        nrows=len(traces), ncols=3, width_ratios=[0.7, 1.3, 1.3],
    )  # fmt: skip
    crowded = projector.is_on()  # large letters have room for less
    panels = [_read_so_far(axes[0], image)]
    for ax in axes[3::3]:
        ax.axis("off")
    for (name, trace), belief, gates in zip(traces.items(), axes[1::3], axes[2::3], strict=True):
        keep = keeps[name]
        kept = "kept (1 - z)" if trace.cell == "mingru" else "forget gates"
        order = np.argsort(keep.mean(axis=0), kind="stable")
        panels += [
            base.heat_panel(belief, trace.belief, f"{name}: belief", (0, 1), "Purples", "pixel"),
            base.heat_panel(gates, keep[:, order], f"{name}: {kept}", (0, 1), "Blues", "pixel"),
        ]  # fmt: skip
        classes = trace.belief.shape[1]
        named = [0, classes - 1] if crowded else range(classes)
        belief.set_yticks([k + 1 for k in named], [str(k) for k in named], fontsize=10)
        gates.set(yticks=[1, keep.shape[1]], ylabel="" if crowded else "units, by their mean")
    for ax in axes[:-3]:
        ax.set_xlabel("")  # the last row says it for all
        if crowded:
            ax.set_xticklabels([])
    at = [(moving, lambda frame, move=move: move(steps[frame])) for moving, move in panels]
    words = [_words(traces, keeps, image, step) for step in steps]
    return base.compose(figure, at, words, title)


def _kept(trace, name: str) -> np.ndarray:
    """Judge a trace and return what it keeps, (time steps, units): f, or 1 - z of a minGRU."""
    if getattr(trace, "cell", "") == "mingru":
        return 1 - judge.trace(trace, name, "z").z
    return judge.trace(trace, name, "f").f


def _read_so_far(ax, image) -> base.Panel:
    """Show the image; what is still to come is dimmed, pixel by pixel."""
    height, width = image.shape
    ax.imshow(image, cmap="gray_r", aspect="equal", interpolation="nearest")
    ax.set(title="What is read", xticks=[], yticks=[])
    base.border(ax)
    cover = [ax.axhspan(0, 1, color=COLOURS["paper"], alpha=0.8, linewidth=0) for _ in range(2)]
    now = ax.axhspan(0, 1, fill=False, edgecolor=COLOURS["now"], linewidth=2.5)

    def update(step: int) -> None:
        row, column = divmod(step, width)
        cover[0].set_bounds((column + 1) / width, row - 0.5, 1 - (column + 1) / width, 1)
        cover[1].set_bounds(0, row + 0.5, 1, height - 1 - row)
        now.set_bounds(column / width, row - 0.5, 1 / width, 1)

    return [*cover, now], update


def _words(traces, keeps, image, step):
    row, column = divmod(step, image.shape[1])
    said = []
    for name, trace in traces.items():
        belief = trace.belief[step]
        said.append(
            f"{name} believes most in {belief.argmax()}, with {belief.max():.0%}, and keeps "
            f"{keeps[name][step].mean():.2f} of its state on average"
        )
    place = f"Pixel {step + 1} of {image.size}, in row {row + 1} and column {column + 1}"
    return f"{place}: {'; '.join(said)}."
