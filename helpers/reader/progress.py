"""One line that says how far a training is, renewed in place in a notebook and in a terminal."""

import shutil
import sys
import time

SECONDS_BETWEEN = 0.2


class Progress:
    """Say how far a training of so many epochs, each of so many batches, has come.

    In a notebook the line is one output that is replaced; in a terminal it is overwritten. Where
    it can be neither (a file, a pipe), only the last text is printed.
    """

    def __init__(self, epochs, batches):
        self.epochs, self.batches = epochs, batches
        self.validation = None  # accuracy on the validation images, once there is one
        self._scores = self._handle = self._first = None
        self._done, self._width = 0, 0
        self._started = self._shown = time.perf_counter()
        self._write("[..........]   0 %  preparing the first batch")

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
        """Say that all epochs are done."""
        epochs = "1 epoch" if self.epochs == 1 else f"{self.epochs} epochs"
        self._end(f"Trained for {epochs} in {self._seconds()}: {self._score_words()}.")

    def stop(self):
        """Say that the user stopped the training."""
        epoch = min(self._done // self.batches + 1, self.epochs)
        scores = f" So far: {self._score_words()}." if self._scores else ""
        self._end(
            f"Stopped by you in epoch {epoch} of {self.epochs}, after {self._seconds()}. "
            f"The model keeps the weights it has now.{scores}"
        )

    def _seconds(self):
        return duration(time.perf_counter() - self._started)

    def _score_words(self):
        loss, accuracy = float(self._scores["loss"]), float(self._scores["accuracy"])
        words = f"loss {loss:.3f}, accuracy on the training batches {100 * accuracy:.1f} %"
        if self.validation is not None:
            words += f", on the validation images {100 * self.validation:.1f} %"
        return words

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
