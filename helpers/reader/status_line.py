"""One line that says how far a training is, renewed in place in a notebook and in a terminal."""

import math
import shutil
import sys
import time

SECONDS_BETWEEN = 0.2


class Progress:
    """Say how far a training of so many epochs, each of so many batches, has come.

    In a notebook the line is one output that is replaced; in a terminal it is overwritten. Where
    it can be neither (a file, a pipe), only the last text is printed. `batches` is None where
    nobody knows it before the first epoch is over.
    """

    def __init__(self, epochs, batches):
        self.epochs, self.batches = epochs, batches
        self.began_at, self.whole = 0, None  # epochs behind us at the start and now, if told
        self.validation = None  # accuracy on the validation images, once there is one
        self._scores = self._handle = self._first = None
        self._done, self._width = 0, 0
        self._started = self._shown = time.perf_counter()
        self._write("[..........]   0 %  preparing the first batch")

    def begin(self, epoch):
        """Report that this epoch, counted from 0, is the next: a training may go on in the middle.

        Where nothing is reported, `finish` takes it that all epochs were trained.
        """
        if self.whole is None:
            self.began_at = self.whole = epoch
            self._done = epoch * (self.batches or 0)

    def batch(self, done, scores):
        """Report that `done` batches in all are behind us, and the epoch's means so far.

        `scores` holds "loss" and "accuracy"; they are made numbers only where they are shown, for
        that makes a GPU stop and answer.
        """
        now = time.perf_counter()
        self._done, self._scores = done, scores
        if self._first is None:
            self._first = done, now  # it took longer than the others: it built the graph
        if now - self._shown < SECONDS_BETWEEN:
            return
        self._shown = now
        if self.batches is None:
            self._write(f"[..........]   epoch 1 of {self.epochs}, batch {done}")
            return
        part = done / (self.epochs * self.batches)
        bar = f"[{'#' * int(10 * part):.<10}] {int(100 * part):3} %"
        left = ""
        first, began = self._first
        if done > first:
            a_batch = (now - began) / (done - first)
            left = f", {duration(a_batch * (self.epochs * self.batches - done))} left"
        epoch, batch = divmod(done - 1, self.batches)
        self._write(
            f"{bar}  epoch {epoch + 1} of {self.epochs}, batch {batch + 1} of {self.batches}{left}"
            f"  {self._score_words()}"
        )

    def finish(self):
        """Say how many epochs were trained."""
        if self._scores is None:
            self._end(f"Nothing was trained: of the {_epochs(self.epochs)} none was left.")
            return
        lost = ""
        if not math.isfinite(float(self._scores.get("loss", 0))):
            lost = (
                " The loss is no number any more, and with it the weights are lost: build the "
                "model anew, and train it with a smaller learning rate."
            )
        self._end(f"Trained for {self._which()} in {self._seconds()}: {self._score_words()}.{lost}")

    def _which(self):
        """Say which epochs are behind us: a callback may have ended the training, or begun it."""
        first, last = self.began_at, self.epochs if self.whole is None else self.whole
        if first:
            which = f"epoch {last}" if last <= first + 1 else f"epochs {first + 1} to {last}"
            return f"{which} of {self.epochs}"
        return _epochs(last) if last >= self.epochs else f"{last} of {_epochs(self.epochs)}"

    def stop(self):
        """Say that the user stopped the training."""
        whole = self._done // (self.batches or self._done + 1) if self.whole is None else self.whole
        epoch = min(whole + 1, self.epochs)
        scores = f" So far: {self._score_words()}." if self._scores else ""
        self._end(
            f"Stopped by you in epoch {epoch} of {self.epochs}, after {self._seconds()}. "
            f"The model keeps the weights it has now.{scores}"
        )

    def _seconds(self):
        return duration(time.perf_counter() - self._started)

    def _score_words(self):
        words = []  # a `train_step` of one's own, or other metrics, may leave any of them out
        if "loss" in self._scores:
            words.append(f"loss {float(self._scores['loss']):.3f}")
        if "accuracy" in self._scores:
            accuracy = float(self._scores["accuracy"])
            words.append(f"accuracy on the training batches {100 * accuracy:.1f} %")
            if self.validation is not None:
                words.append(f"on the validation images {100 * self.validation:.1f} %")
        return ", ".join(words) or "it reports no loss"

    def _write(self, text):
        if _in_notebook():
            bundle = {"text/plain": text}
            if self._handle is None:
                from IPython.display import display

                self._handle = display(bundle, raw=True, display_id=True)
            else:
                self._handle.update(bundle, raw=True)
        elif sys.stdout.isatty():
            # A line that wraps could not be overwritten.
            text = text[: shutil.get_terminal_size().columns - 1]
            print("\r" + text.ljust(self._width), end="", flush=True)
            self._width = len(text)

    def _end(self, text):
        if _in_notebook():
            self._write(text)
        else:
            before = "\r" + " " * self._width + "\r" if sys.stdout.isatty() else ""
            print(before + text, flush=True)


def _epochs(number):
    return "1 epoch" if number == 1 else f"{number} epochs"


def duration(seconds):
    """Write seconds as people say them: 45 s, 2 min 05 s.

    >>> duration(125.4)
    '2 min 05 s'
    """
    seconds = round(seconds)
    return f"{seconds} s" if seconds < 90 else f"{seconds // 60} min {seconds % 60:02} s"


def _in_notebook():
    """Whether a Jupyter kernel shows the output (IPython in a terminal has no kernel)."""
    ipython = sys.modules.get("IPython")
    return hasattr(ipython and ipython.get_ipython(), "kernel")
