"""A student's process: it runs their cells one by one, and hands out what they made as data.

The judge (`marking.py`) starts it in a box and talks to it in lines of JSON. It is in the student's
hands from their first cell on, so the judge believes nothing of what it says but the values.
"""

import builtins
import contextlib
import inspect
import json
import linecache
import os
import sys
import traceback

import values


def main():
    """Serve the judge until it closes the line."""
    line, shell, known = Line(), _shell(), {}
    line.send({"ready": True})
    while request := line.receive():
        try:
            work = {"run": run, "look": look, "call": call}[request.pop("do")]
            reply = work(shell, line, known, **request)
        except BaseException as error:  # what they have patched is theirs
            reply = {"error": about(error)}
        line.send(reply)


class Line:
    """The two pipes to the judge; what a cell prints is lost."""

    def __init__(self):
        self.number = 0
        self.requests, self.replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)

    def send(self, reply):
        """Send one reply, with the number of the request."""
        self.replies.write(json.dumps(reply | {"number": self.number}).encode() + b"\n")
        self.replies.flush()

    def receive(self):
        """Return the next request, or nothing at the end."""
        request = json.loads(self.requests.readline() or "{}")
        self.number = request.pop("number", 0)
        return request


def _shell():
    """Return IPython without history, colours, or a terminal: a notebook's cells run in it."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.xmode = "Minimal"
    # Pictures and replays are made, if a cell makes them, but shown to nobody.
    config.InteractiveShell.ast_node_interactivity = "none"
    shell = InteractiveShell.instance(config=config)
    shell.showtraceback = shell.showsyntaxerror = lambda *args, **kwargs: None  # it is handed over
    shell.ask_exit = sys.exit  # what exit() and quit() do, as in a notebook
    shell.enable_matplotlib = lambda gui=None: (None, "agg")  # %matplotlib inline costs no answer
    return shell


def run(shell, line, known, source):
    """Run a cell."""
    result = shell.run_cell(source, store_history=False, silent=False)
    error = result.error_before_exec or result.error_in_exec
    return {"error": about(error) if error is not None else None}


def about(error):
    """Return an error's class, and its message with the student's line that it came from."""
    # A class of their own is told by the nearest one of Python's.
    kinds = (one.__name__ for one in type(error).__mro__ if one.__module__ == "builtins")
    message, line = "", ""
    with contextlib.suppress(BaseException):
        message = str(error.msg if isinstance(error, SyntaxError) else error)[:500].rstrip(".")
    if isinstance(error, SyntaxError):
        line = error.text or ""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<ipython-input") or "ipykernel" in frame.filename:
            line = linecache.getline(frame.filename, frame.lineno)
    if line := line.split("  #")[0].strip():
        message += f', at the line "{line[:100]}"'
    return {"class": type(error).__name__, "builtin": next(kinds), "message": message}


def look(shell, line, known, expression):
    """Hand out what an expression, the check's argument, has become in the student's notebook."""
    value = known["function"] = eval(expression, shell.user_ns)
    if not callable(value) or hasattr(type(value), "layers"):
        return {"value": values.encode(value)}
    parameters = None
    with contextlib.suppress(Exception):
        parameters = [
            [one.name, one.kind.name, one.default is not one.empty]
            for one in inspect.signature(value).parameters.values()
        ]
    return {"function": str(getattr(value, "__name__", "")), "parameters": parameters}


def call(shell, line, known, arguments, named):
    """Call the student's function, as the judge was about to call it."""
    function = known["function"]
    made = [_argument(line, one) for one in arguments]
    at = len(made) - len(named)
    result = function(*made[:at], **dict(zip(named, made[at:], strict=True)))
    return {"value": values.encode(result), "after": values.encode(made)}


def _argument(line, sent):
    """Make an argument: a value, or a function of the judge's, which is called over there."""
    if not (isinstance(sent, dict) and sent["is"] == "function"):
        return values.decode(sent)

    def function(x, **options):
        line.send({"back": values.encode(x), "options": sorted(map(str, options))})
        got = line.receive()
        if error := got.get("error"):
            raise getattr(builtins, error["class"], Exception)(error["message"])
        return values.decode(got["value"])

    return function


if __name__ == "__main__":
    main()
