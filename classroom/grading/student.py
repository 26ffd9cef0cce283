"""A student's process: it runs their cells one by one, and hands out what they made as data.

The judge (`judge.py`) starts it and talks to it in lines of JSON. It is in the student's hands from
their first cell on, so the judge believes nothing of what it says but the values themselves.
"""

import contextlib
import dis  # noqa: F401 - what is imported here is there before a student's module of that name
import importlib
import inspect
import json
import linecache
import os
import sys
import traceback

import sandbox
import values

_dumps = json.dumps


def main():
    """Serve the judge until it closes the line."""
    settings = json.loads(sys.argv[1])
    own = sandbox.Path(settings["own"])
    walls = sandbox.enter(own, [sandbox.Path(one) for one in settings["readable"]])
    line = Line()
    shell = _shell()
    shell.ask_exit = sys.exit  # what exit() and quit() do, as in a notebook
    # What is kept here stays, whatever a cell does to the modules.
    shell.run = shell.run_cell
    shell.is_unfinished = importlib.import_module("helpers.checks.verdicts")._is_unfinished
    sys.path.append(str(own))  # a module of the student's own, after the course's
    line.send({"ready": True, "walls": walls})
    known = {}
    while (request := line.receive()) is not None:
        line.number, kind = request.pop("number"), request.pop("do")
        try:
            reply = {"run": run, "look": look, "call": call}[kind](shell, line, known, **request)
        except BaseException as error:  # what they have patched is theirs
            reply = {"broken": f"{type(error).__name__}"}
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(BaseException):
                stream.flush()
        line.send(reply)


class Line:
    """The two pipes to the judge; what the student prints goes out by the third alone."""

    def __init__(self):
        self.number = 0
        self.requests = os.fdopen(os.dup(0), "rb")
        self.replies = os.fdopen(os.dup(1), "wb")
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        os.close(nothing)
        for kept in (self.requests, self.replies):
            os.set_inheritable(kept.fileno(), False)

    def send(self, reply):
        """Send one reply."""
        self.replies.write(_dumps(reply | {"number": self.number}).encode() + b"\n")
        self.replies.flush()

    def receive(self):
        """Return the next request, or None at the end."""
        line = self.requests.readline()
        return json.loads(line) if line else None


def _shell():
    """Return IPython without history, colours, or a terminal: a notebook's cells run in it."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Minimal"
    # Pictures and replays are made, if a cell makes them, but shown to nobody.
    config.InteractiveShell.ast_node_interactivity = "none"
    shell = InteractiveShell.instance(config=config)
    shell.showtraceback = shell.showsyntaxerror = lambda *args, **kwargs: None  # it is handed over
    return shell


def run(shell, line, known, source):
    """Run a cell."""
    result = shell.run(source, store_history=False, silent=False)
    error = result.error_before_exec or result.error_in_exec
    return {"error": about(error) if error is not None else None}


def about(error):
    """Return an error's class, its message, and the student's line that it came from."""
    kind = type(error)
    # A class of their own is told by the nearest one of Python's.
    name = next((one.__name__ for one in kind.__mro__ if one.__module__ == "builtins"), "Exception")
    try:
        message = str(error.msg if isinstance(error, SyntaxError) else error)
    except BaseException:
        message = ""
    text = ""
    if isinstance(error, SyntaxError):
        text = error.text or ""
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename.startswith("<ipython-input") or "ipykernel" in frame.filename:
                text = linecache.getline(frame.filename, frame.lineno) or text
    return {"class": kind.__name__, "builtin": name, "message": message[:500], "line": text[:300]}


def look(shell, line, known, expression):
    """Hand out what an expression, the check's argument, has become in the student's notebook."""
    try:
        value = eval(expression, shell.user_ns)
    except BaseException as error:
        return {"kind": "error", "error": about(error)}
    if hasattr(type(value), "layers") and hasattr(type(value), "get_config"):
        return {"kind": "network", "network": _network(value)}
    if callable(value) and not isinstance(value, type(...)):
        known.clear()
        known["function"] = value
        return {"kind": "function", **_function(value)}
    if inspect.iscoroutine(value):
        value.close()
    return {"kind": "value", "value": values.encode(value)}


def _function(function):
    parameters = None
    with contextlib.suppress(BaseException):
        parameters = [
            [one.name, one.kind.name, one.default is not one.empty]
            for one in inspect.signature(function).parameters.values()
        ]
    name = getattr(function, "__name__", "")
    return {"name": name if isinstance(name, str) else "", "parameters": parameters}


def _network(network):
    """Return of a Keras network what the check of lesson 6 looks at."""

    def layer(one):
        found = {"class": type(one).__name__}
        for name in ("return_sequences", "units"):
            if hasattr(one, name):
                found[name] = values.encode(getattr(one, name))
        if hasattr(one, "activation"):
            found["activation"] = getattr(one.activation, "__name__", "linear")
        return found

    found = {"class": type(network).__name__, "layers": [layer(one) for one in network.layers]}
    found["built"] = bool(network.built)
    for name in ("input_shape", "output_shape"):
        with contextlib.suppress(Exception):
            found[name] = values.encode(tuple(getattr(network, name)))
    return found


def call(shell, line, known, arguments, named):
    """Call the student's function, as the judge was about to call it."""
    function = known["function"]
    made = [_argument(line, one) for one in arguments]
    try:
        result = function(**dict(zip(named, made, strict=True))) if named else function(*made)
        if not isinstance(result, list | tuple) and inspect.isgenerator(result):
            result = list(values.itertools.islice(result, values.MANY))
        reply = (
            {"value": {"is": "coroutine"}}
            if inspect.iscoroutine(result)
            else {"value": values.encode(result)}
        )
    except BaseException as error:
        reply = {"error": about(error)}
    with contextlib.suppress(BaseException):
        reply["unfinished"] = bool(shell.is_unfinished(function))
    reply["after"] = [values.encode(one) for one in made]
    return reply


def _argument(line, sent):
    """Make an argument: a value, a layer's weights by their names, or a function of the judge's."""
    if isinstance(sent, dict) and sent.get("is") == "back":

        def layer(x, **options):
            line.send({"back": values.encode(x), "options": sorted(map(str, options))})
            got = line.receive()
            line.number = got["number"]
            if "error" in got:
                kind = getattr(__import__("builtins"), got["error"]["builtin"], Exception)
                raise kind(got["error"]["message"])
            return values.decode(got["value"])

        return layer
    if isinstance(sent, dict) and sent.get("is") == "named":
        cells = importlib.import_module("helpers.cells")
        if list(cells.Weights._fields) == sent["names"]:
            return cells.Weights(*[values.decode(part) for part in sent["parts"]])
    return values.decode(sent)


if __name__ == "__main__":
    main()
