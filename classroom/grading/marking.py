"""Run a student's notebook in a box, and judge its answers in this process.

The student's cells never run here. Of an answer only its value arrives, as data; a function is
called over there, with the judge's arguments, and compared here, with checks that nothing of
theirs can reach. `judge` is what grade.py and nbgrader's side (for_nbgrader.py) share.

    python marking.py < notebook.json

reads {"notebook": ..., "limits": {...}} and prints one line of JSON for each cell of code, as it is
done.
"""

import ast
import builtins
import contextlib
import dataclasses
import inspect
import io
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import box  # noqa: E402 - found from here, wherever this is run
import values  # noqa: E402

os.environ["SHEET_PROGRESS"] = "off"  # a judge is no learner

REPLY = 2**23  # bytes of one reply
START = 300  # seconds in which a student's process is ready
OURS = 5  # times as long as a student's may a cell of the lesson take
KILLED = 137  # what a shell calls the end by SIGKILL


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a student's notebook may take; times in seconds on the clock, sizes in bytes."""

    cell: float = 60
    call: float = 20  # of an answer's function
    whole: float = 900
    memory: int = 4 * 2**30  # of its processes and its files together
    processes: int = 500  # and threads, of which TensorFlow starts many


class GoneError(KeyboardInterrupt):
    """The student's process was stopped, or has ended; no check is to catch this."""


def judge(book: dict, limits: Limits | None = None) -> Iterator[dict]:
    """Run a notebook's cells in order, and judge the answers at its grading cells.

    Parameters
    ----------
    book : dict
        The notebook, as `handed_in.rebuild` makes it: what its metadata says is believed.
    limits : Limits, optional
        What it may take.

    Yields
    ------
    dict
        For a grading cell {"index", "right", "sentence"}, for other code {"index", "error"}.

    Raises
    ------
    box.NoWallsError
        Where this system cannot hold a student's process.
    """
    box.check()
    run = _Run(limits or Limits())
    try:
        yield from run.cells(book)
    finally:
        run.stop()


class _Run:
    """One notebook's run: its student's process, started again where it was ended."""

    def __init__(self, limits):
        self.limits, self.student = limits, None
        self.done = []  # cells that went well
        self.later = []  # from the first one that was put off, all cells in their order
        self.troubles, self.last = [], None  # what stopped cells; what stopped the answer's own
        self.ends = time.monotonic() + limits.whole

    def stop(self):
        if self.student:
            self.student.stop("was ended.")

    def cells(self, book):
        for index, cell in enumerate(book["cells"]):
            source, tags = cell["source"], cell["metadata"].get("grading", {})
            mark = cell["metadata"].get("nbgrader", {})
            if cell["cell_type"] != "code" or not source.strip():
                continue
            if tags.get("may_be_skipped"):
                self.later.append(source)
                continue
            if mark.get("grade"):
                right, sentence = self._judged(source)
                self.last = None
                yield {"index": index, "right": right, "sentence": sentence}
            else:
                trouble = self._ran(source, tags.get("of_the_lesson"))
                self.last = trouble if mark.get("solution") else self.last
                yield {"index": index, "error": trouble}

    def _ran(self, source, of_the_lesson):
        """Run one cell; return what stopped it, or None."""
        trouble = None
        try:
            reply = self._run(source, OURS if of_the_lesson else 1)
            if of_the_lesson and _unknown(reply):  # it hangs on a cell that was put off
                self.later.append(source)
                return None
            if _unknown(reply) and self._run_what_was_put_off():
                reply = self._run(source)
            if error := reply.get("error"):
                trouble = f"its cell stops with {_said(error)}"
            self.done.append(source)
            self.later += [source] if self.later else []
        except GoneError as gone:
            trouble = f"its cell {gone}"
        if trouble:
            self.troubles.append((source, trouble))
        return trouble

    def _run(self, source, times=1):
        return self._awake().ask(self._seconds(times * self.limits.cell), do="run", source=source)

    def _run_what_was_put_off(self):
        """Run the cells that were put off, and those after them; return whether there were any."""
        later, self.later = self.later, []
        for source in later:
            self._run(source, OURS)
            self.done.append(source)
        return bool(later)

    def _judged(self, source):
        """Give the verdict on the answer that a grading cell asks for, as (right, sentence)."""
        call = _check_in(source)
        argument = ast.unparse(call.args[-1])
        try:
            right, sentence = self._verdict(call, argument)
            if not right and "NameError" in sentence and self._run_what_was_put_off():
                right, sentence = self._verdict(call, argument)
        except GoneError as gone:
            return False, f"Not yet: your function {gone}"
        except Exception:  # whatever a process that is in a student's hands may send
            return False, "Not yet: what came back from this notebook cannot be read."
        if " is not there: " in sentence and not self.last:
            named = re.compile(rf"\b{re.escape(argument)}\b")
            found = [trouble for cell, trouble in self.troubles if named.search(cell)]
            self.last = found[-1] if found else None
        if self.last and not right and not sentence.startswith("Not yet: your function"):
            sentence = f"Not yet: {self.last}"
        return right, sentence if right else sentence + self._why_lacking(sentence)

    def _why_lacking(self, sentence):
        """Return what stopped the cell that was to make a name which is not there, or nothing."""
        lacking = re.search(r"name '(\w+)' is not defined", sentence)
        named = re.compile(rf"\b{lacking[1]}\b") if lacking else None
        for cell, trouble in self.troubles if named else ():
            if named.search(cell) and trouble not in sentence:
                return f" An earlier {trouble.removeprefix('its ')}"
        return ""

    def _verdict(self, call, argument):
        from helpers import checks

        seconds = self._seconds(self.limits.call)
        found = self._awake().ask(seconds, do="look", expression=argument)
        if error := found.get("error"):
            return False, f"Not yet: {argument} is not there: {_said(error)}"
        is_function = "function" in found
        answer = _function(self.student, found, seconds) if is_function else None
        asked = [one.value for one in call.args[:-1]]  # the question's name, where it is plain
        with contextlib.redirect_stdout(io.StringIO()):
            verdict = getattr(checks, call.func.attr)(
                *asked, answer if is_function else values.decode(found.get("value"))
            )
        # The line that stopped stands in the error's own words; the one where it is raised is ours.
        sentence = verdict.sentence.replace(', at the line "raise _error(error)"', "")
        return verdict.ok, " ".join(sentence.replace(": ,", ",").split())

    def _awake(self):
        """Return the student's process, or a new one that has run what went well."""
        if self._seconds(1) <= 0:
            minutes = self.limits.whole / 60
            raise GoneError(f"was not reached: the notebook has run for {minutes:g} minutes.")
        if self.student and self.student.lives():
            return self.student
        self.stop()
        self.student = _Student(self.limits)
        for source in list(self.done):
            try:
                self.student.ask(self._seconds(OURS * self.limits.cell), do="run", source=source)
            except GoneError:
                self.done.remove(source)
                return self._awake()
        return self.student

    def _seconds(self, most):
        return min(most, self.ends - time.monotonic())


class _Student:
    """A student's process: started, asked, and ended."""

    def __init__(self, limits):
        self.limits, self.reason, self.number = limits, None, 0
        self.replies = queue.Queue(9)
        python = [sys.executable, "-s", "/course/student.py"]
        self.process = subprocess.Popen(
            box.command(python, limits.memory, limits.processes), env=box.ENVIRONMENT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()
        self._next(START)

    def ask(self, seconds, back=None, **request):
        """Send a request and return the reply; ``back`` answers what is asked in between."""
        ends = time.monotonic() + seconds
        while True:
            self.number += 1
            line = json.dumps(request | {"number": self.number})
            # Whoever answers without reading fills the pipe, and a write to it would never end.
            unread = threading.Timer(ends - time.monotonic(), self.stop, [_endless(seconds)])
            unread.start()
            try:
                self.process.stdin.write(line.encode() + b"\n")
                self.process.stdin.flush()
            except OSError:
                raise self._ended() from None
            finally:
                unread.cancel()
            reply = self._next(ends - time.monotonic(), seconds)
            if "back" not in reply or back is None:
                return reply
            request = back(reply)

    def lives(self):
        """Tell whether it can be asked."""
        return self.reason is None and self.process.poll() is None

    def stop(self, reason):
        """End the process; bubblewrap ends all that it has started."""
        self.reason = self.reason or reason
        self.process.kill()
        self.process.wait()

    def _next(self, left, seconds=START):
        ends = time.monotonic() + left
        while (left := ends - time.monotonic()) > 0:
            try:
                reply = self.replies.get(timeout=left)
            except queue.Empty:
                break
            if reply is None:
                raise self._ended()
            if reply.get("number") == self.number:  # all else is a student's own doing
                return reply
        self.stop(_endless(seconds))
        raise self._ended()

    def _ended(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        gigabytes = self.limits.memory / 2**30
        self.stop(
            f"was killed, as happens to what takes more than {gigabytes:g} GB of memory and files."
            if self.process.returncode == KILLED
            else "ended Python itself, by os._exit or a crash."
        )
        return GoneError(self.reason)

    def _read(self):
        while line := self.process.stdout.readline(REPLY):
            with contextlib.suppress(ValueError, RecursionError):
                reply = json.loads(line)
                if isinstance(reply, dict):
                    self.replies.put(reply)
        self.replies.put(None)


def _endless(seconds):
    return f"had not ended after {seconds:.0f} seconds: is there a loop without an end?"


def _function(student, found, seconds):
    """Return a function, as a check here calls it: each call goes over to the student's."""

    def function(*positional, **named):
        arguments = [*positional, *named.values()]
        functions = [one for one in arguments if callable(one)]
        sent = [{"is": "function"} if callable(one) else values.encode(one) for one in arguments]
        reply = student.ask(
            seconds, lambda asked: _back(functions[0], asked),
            do="call", arguments=sent, named=list(named),
        )  # fmt: skip
        if error := reply.get("error"):
            raise _error(error)
        for value, after in zip(arguments, values.decode(reply["after"]), strict=True):
            _put_back(value, after)
        return values.decode(reply["value"])

    function.__name__ = _plain(found["function"])[:60] or "your function"
    with contextlib.suppress(TypeError, ValueError, AttributeError):
        parameter, none = inspect.Parameter, inspect.Parameter.empty
        function.__signature__ = inspect.Signature([
            parameter(name, getattr(parameter, kind), default=None if default else none)
            for name, kind, default in found["parameters"][:100]
        ])  # fmt: skip
    return function


def _back(function, asked):
    """Answer a call of the judge's own function, the layer that an exercise is given."""
    try:
        options = {str(name): None for name in asked.get("options") or []}
        return {"value": values.encode(function(values.decode(asked["back"]), **options))}
    except Exception as error:
        return {"error": {"class": type(error).__name__, "message": str(error)}}


def _put_back(value, after):
    """Bring what the student's function did to an argument to the judge's copy of it."""
    if isinstance(value, list) and isinstance(after, list):
        value[:] = after
    elif isinstance(value, tuple) and isinstance(after, tuple):
        for part, one in zip(value, after, strict=False):
            _put_back(part, one)
    elif getattr(value, "shape", ()) and getattr(after, "shape", ()) == value.shape:
        value[...] = after


def _error(error):
    """Return an error like the student's."""
    kind = getattr(builtins, str(error.get("builtin")), None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = Exception
    if issubclass(kind, UnicodeError | OSError):  # those take other arguments than a message
        kind = Exception
    name = "".join(filter(str.isalnum, _plain(error.get("class"))[:60]))
    return type(name or "Exception", (kind,), {})(_plain(error.get("message")))


def _unknown(reply):
    error = reply.get("error")
    return isinstance(error, dict) and error.get("class") == "NameError"


def _said(error):
    """Say in half a sentence what an error was."""
    return f"{_plain(error.get('class'))[:60]}: {_plain(error.get('message'))}.".replace(": ,", ",")


def _plain(text):
    text = " ".join(text[:1000].split()) if isinstance(text, str) else ""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _check_in(source):
    """Return the check's call in a grading cell, whose text is never the student's."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return next(one for one in calls if ast.unparse(one.func).startswith("checks."))


def main():
    """Judge the notebook that comes on standard input."""
    asked = json.load(sys.stdin)
    limits = Limits(**asked.get("limits") or {})
    try:
        for found in judge(asked["notebook"], limits):
            print(json.dumps(found), flush=True)
    except box.NoWallsError as missing:
        sys.exit(f"Nothing was run: {missing}")


if __name__ == "__main__":
    main()
