"""Run a student's notebook in a process of its own, and judge its answers in this one.

The student's cells never run here. Of an answer only its value arrives, as data; a function is
called over there, with the judge's arguments, and compared here, with checks that nothing of
theirs can reach. `judge` is what grade.py and nbgrader's side (for_nbgrader.py) share.

    python judge.py < notebook.json

reads {"notebook": ..., "files": [folder, ...], "limits": {...}} and prints one line of JSON for
each cell of code, as it is done.
"""

import ast
import builtins
import contextlib
import dataclasses
import inspect
import io
import json
import linecache
import math
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import types
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
for place in (str(HERE), str(ROOT)):
    if place not in sys.path:
        sys.path.insert(0, place)

import values  # noqa: E402 - found from here, wherever this is run
from needed import needed  # noqa: E402

os.environ["SHEET_PROGRESS"] = "off"  # a judge is no learner

REPLY = 2**23  # bytes of one reply
START = 300  # seconds in which a student's process is ready
WAIT = 3  # times the processor's time that may pass on the clock
STRAY = 1000  # lines that are no reply
KEPT = 10_000  # signs of a cell's output that are kept


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a student's notebook may take; times in seconds, sizes in bytes.

    A cell, and a call of an answer's function, may use the processor for so long, and wait three
    times as long: a busy computer costs nobody a point.
    """

    cell: float = 60
    call: float = 20
    whole: float = 900
    output: int = 1_000_000  # of one cell
    memory: int = 4 * 2**30  # of all its processes together
    processes: int = 100
    disk: int = 500 * 2**20
    files: int = 20_000
    starts: int = 20


class GoneError(KeyboardInterrupt):
    """The student's process was stopped, or has ended; no check is to catch this."""

    def __init__(self, sentence):
        super().__init__(sentence)
        self.sentence = sentence


def judge(
    book: dict, files: Path | list[Path] | None = None, limits: Limits | None = None
) -> Iterator[dict]:
    """Run a notebook's cells in order, and judge the answers at its grading cells.

    Parameters
    ----------
    book : dict
        The notebook, as `rebuild.rebuild` makes it: what its metadata says of nbgrader is believed.
    files : Path or list of Path, optional
        Folders whose files, notebooks and links aside, the student's cells find beside them.
    limits : Limits, optional
        What it may take.

    Yields
    ------
    dict
        For each cell of code {"index", "output", "error"}, and for a grading cell {"right",
        "sentence"} as well.
    """
    folder = tempfile.TemporaryDirectory(prefix="sheet-grading-", ignore_cleanup_errors=True)
    run = _Run(Path(folder.name), files, limits or Limits())
    try:
        yield from run.cells(book)
    finally:
        run.stop()
        try:
            folder.cleanup()
        except RecursionError:  # folders within folders without an end
            subprocess.run(["rm", "-rf", folder.name], check=False)


class _Run:
    """One notebook's run: its student's process, started again where it was ended."""

    def __init__(self, folder, files, limits):
        self.folder, self.files, self.limits = folder, files, limits
        self.student, self.starts, self.done, self.left = None, 0, [], []
        self.ends = time.monotonic() + limits.whole
        _copy_course(folder / "course")

    def stop(self):
        if self.student:
            self.student.stop()

    def cells(self, book):
        from helpers.exercises import asked

        last = None  # what went wrong in the answer's cell
        wanted = needed(book["cells"])
        for index, cell in enumerate(book["cells"]):
            source = cell["source"]
            if cell["cell_type"] != "code" or not source.strip():
                continue
            mark = cell.get("metadata", {}).get("nbgrader", {})
            if index not in wanted:
                self.left.append((source, index))
                continue
            if mark.get("grade"):
                right, sentence = self._judged(source, last)
                yield {
                    "index": index, "output": "", "error": None, "right": right,
                    "sentence": sentence, "exercise": (asked(source) or [""])[0],
                }  # fmt: skip
                last = None
                continue
            output, error = self._ran(source, index)
            if mark.get("solution"):
                last = error
            yield {"index": index, "output": output, "error": error}

    def _ran(self, source, index):
        """Run one of the student's cells; return what it printed, and what stopped it."""
        try:
            output, error = self._awake().run(source, self._seconds(self.limits.cell))
            if error and error.get("class") == "NameError" and self.left:
                # A name that only the running cell could tell that it needs.
                left, self.left = self.left, []
                for cell, place in left:
                    self._awake().run(cell, self._seconds(5 * self.limits.cell))
                    self.done.append((cell, place))
                output, error = self._awake().run(source, self._seconds(self.limits.cell))
        except GoneError as gone:
            return (self.student.printed() if self.student else ""), f"its cell {gone.sentence}"
        self.done.append((source, index))
        return output, f"its cell stops with {_said(error)}" if error else None

    def _judged(self, source, trouble):
        """Give the verdict on the answer that a grading cell asks for."""
        try:
            verdict = self._verdict(source)
        except GoneError as gone:
            return False, f"Not yet: your function {gone.sentence}"
        except Exception:  # whatever a process that is in a student's hands may send
            return False, "Not yet: what came back from this notebook cannot be read."
        sentence = " ".join(verdict.sentence.split())
        if not verdict.ok and trouble and not sentence.startswith("Not yet: your function"):
            sentence = f"Not yet: {trouble}"
        return verdict.ok, sentence

    def _verdict(self, source):
        from helpers import checks
        from helpers.checks.verdicts import Verdict

        call = _check_in(source)
        student = self._awake()
        argument = ast.unparse(call.args[-1])
        found = student.ask(self._seconds(self.limits.call), do="look", expression=argument)
        name = call.func.attr
        if found.get("kind") == "error":
            return Verdict(False, f"Not yet: {argument} is not there: {_said(found['error'])}")
        if found.get("kind") == "function":
            value = _Function(student, found, self)
        elif found.get("kind") == "network":
            value = _network(found["network"])
        else:
            value = values.decode(found.get("value"))
        with contextlib.redirect_stdout(io.StringIO()):
            if name == "answer":
                return checks.answer(call.args[0].value, _bare(value))
            return getattr(checks, name)(_bare(value))

    def _awake(self):
        """Return the student's process, or a new one that has run what went well."""
        if self._seconds(1) <= 0:
            minutes = self.limits.whole / 60
            raise GoneError(f"was not reached: the notebook has run for {minutes:g} minutes.")
        if self.student and self.student.gone is None:
            return self.student
        if self.student and not self.student.running and self.done:
            self.done.pop()  # it went well, but the process ended after it: not again
        if self.starts >= self.limits.starts:
            raise GoneError(f"was not run: the notebook has ended its Python {self.starts} times.")
        self.stop()
        self.starts += 1
        self.student = Student(self.folder, self.files, self.limits, self.starts)
        for source, index in list(self.done):
            try:
                self.student.run(source, self._seconds(5 * self.limits.cell))
            except GoneError:
                self.done.remove((source, index))
                return self._awake()
        return self.student

    def _seconds(self, most):
        return min(most, self.ends - time.monotonic())


class Student:
    """A student's process: started, asked, watched, and ended."""

    def __init__(self, folder, files, limits, number=1):
        self.limits, self.gone, self.number = limits, None, number
        self.own = folder / f"own-{number}"
        _copy_files(files, self.own)
        self._replies, self._text, self._count = queue.Queue(9), [], 0
        self._lock = threading.Lock()
        self._seconds, self._busy_until, self._ends = START, None, math.inf
        self.running, self._number, self._stray = False, 0, 0
        settings = {"own": str(self.own), "readable": [str(folder / "course")]}
        start = {"start_new_session": True} if os.name != "nt" else {}
        self.process = subprocess.Popen(
            [sys.executable, "-s", str(folder / "course" / "student.py"), json.dumps(settings)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=self.own, env=_environment(self.own, folder), **start,
        )  # fmt: skip
        for work in (self._read_replies, self._read_output, self._watch):
            threading.Thread(target=work, daemon=True).start()
        ready = self._next(START)
        self.walls = ready.get("walls", [])

    def run(self, source, seconds):
        """Run a cell; return what it printed, and its error or None."""
        with self._lock:
            self._text, self._count = [], 0
        self.running = True
        reply = self.ask(seconds, do="run", source=source)
        self.running = False
        time.sleep(0.01)  # the last of what was printed comes by another pipe
        error = reply.get("error")
        return self.printed(), error if isinstance(error, dict) else None

    def ask(self, seconds, back=None, **request):
        """Send a request and return the reply; ``back`` answers what is asked in between."""
        # Where the processor's time cannot be read, the clock alone counts.
        used = sum(busy for _, busy in _processes(self.process.pid))
        self._seconds = seconds
        self._busy_until = used + seconds
        self._ends = ends = time.monotonic() + (WAIT if used else 1) * seconds
        self._send(request)
        while True:
            reply = self._next(ends - time.monotonic())
            if "back" not in reply or back is None:
                return reply
            self._send(back(reply))

    def printed(self):
        """Return what the cell has printed so far."""
        with self._lock:
            text = b"".join(self._text).decode("utf-8", "replace")
        return text if len(text) <= KEPT else f"{text[:KEPT]}\n(and more)\n"

    def stop(self, reason=None):
        """End the process and all that it has started."""
        if self.gone is None:
            self.gone = reason or "was ended."
        with contextlib.suppress(OSError, ProcessLookupError):
            if os.name == "nt":
                self.process.kill()
            else:
                os.killpg(self.process.pid, signal.SIGKILL)
        for left in _left_behind(str(self.own)):
            with contextlib.suppress(OSError):
                os.kill(left, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)

    def _send(self, request):
        self._number += 1
        request["number"] = self._number
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise self._ended() from None

    def _next(self, seconds):
        ends = time.monotonic() + seconds
        while True:
            # Read before it is asked whether the process lives: its last word may be there.
            ended = self.gone is not None or self.process.poll() is not None
            try:
                wait = 0.05 if ended else min(0.5, max(0.01, ends - time.monotonic()))
                reply = self._replies.get(timeout=wait)
            except queue.Empty:
                if ended:
                    raise self._ended() from None
                if time.monotonic() > ends:
                    self._too_long()
                continue
            if reply.pop("number", None) == self._number:  # all else is a student's own doing
                return reply

    def _too_long(self):
        self.stop(
            f"had not ended after {self._seconds:.0f} seconds, and was stopped: is there a loop "
            "without an end?"
        )

    def _ended(self):
        if self.gone is None:
            self.stop("ended Python itself, by os._exit or a crash.")
        return GoneError(self.gone)

    # --- three threads ------------------------------------------------------------------------

    def _read_replies(self):
        while line := self.process.stdout.readline(REPLY):
            try:
                reply = json.loads(line)
            except (ValueError, RecursionError):
                reply = None
            if isinstance(reply, dict):
                self._replies.put(reply)
            else:
                self._stray += 1
            if self._stray > STRAY and self.gone is None:
                self.stop("wrote into the line to the judge, and was stopped.")
                break

    def _read_output(self):
        pipe = self.process.stderr.fileno()
        with contextlib.suppress(OSError, ValueError):
            while data := os.read(pipe, 65536):
                with self._lock:
                    if self._count < 4 * KEPT:
                        self._text.append(data)
                    self._count += len(data)
                    many = self._count > self.limits.output
                if many and self.gone is None:
                    self.stop("printed without an end, and was stopped.")

    def _watch(self):
        """End the process where it takes more than it may, which the system's limits do not see."""
        while self.gone is None and self.process.poll() is None:
            time.sleep(0.2)
            if time.monotonic() > self._ends + 5:  # a request that it does not even read
                self._too_long()
            size, number = _taken(self.own)
            if size > self.limits.disk or number > self.limits.files:
                self.stop("filled its folder with files, and was stopped.")
            found = _processes(self.process.pid)
            if len(found) > self.limits.processes:
                self.stop("started processes without an end, and was stopped.")
            elif sum(size for size, _ in found) > self.limits.memory:
                gigabytes = self.limits.memory / 2**30
                self.stop(f"took more than {gigabytes:g} GB of memory, and was stopped.")
            elif self._busy_until and sum(busy for _, busy in found) > self._busy_until:
                self._too_long()


# --- an answer, here ------------------------------------------------------------------------------


class _Function:
    """A student's function, as the judge calls it: `ask` sends the call over."""

    def __init__(self, student, found, run):
        self.student, self.found, self.run = student, found, run
        self.names = None

    def made(self):
        """Return a true function of that name and those parameters, whose calls go over there."""
        name = self.found.get("name")
        name = name if isinstance(name, str) and name.isidentifier() else ""
        name = name[:60]
        # A file of its own, so that the check quotes the student's line where theirs stops.
        file = f"<answer {id(self)}>"
        space = {"_over_there": lambda *a, **k: self._call(file, a, k)}
        exec(
            compile("def function(*a, **k):\n    return _over_there(*a, **k)\n", file, "exec"),
            space,
        )
        function = space["function"]
        function.__name__ = name or "your function"
        with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):
            function.__signature__ = _signature(self.found["parameters"])
        return function

    def _call(self, file, arguments, named):
        sent = {n: _sent(value) for n, value in enumerate([*arguments, *named.values()])}
        functions = [value for value in [*arguments, *named.values()] if callable(value)]
        reply = self.student.ask(
            self.run._seconds(self.run.limits.call),
            back=lambda asked: _back(functions, asked),
            do="call", arguments=list(sent.values()), named=list(named),
        )  # fmt: skip
        if reply.get("unfinished") is True and ("error" in reply or reply.get("value") is None):
            raise NotImplementedError
        if isinstance(error := reply.get("error"), dict):
            raise _error(error, file)
        after = reply.get("after")
        for value, one in zip([*arguments, *named.values()], after or [], strict=False):
            _put_back(value, one)
        if reply.get("value") == {"is": "coroutine"}:
            return _coroutine()
        try:
            return values.decode(reply.get("value"))
        except values.BadValueError:
            from helpers.checks.results import UnreadableError

            raise UnreadableError("what your function returns cannot be read.") from None


def _bare(value):
    return value.made() if isinstance(value, _Function) else value


async def _coroutine():
    """Stand for a coroutine of the student's: the check has a sentence for it."""


def _sent(value):
    if isinstance(value, types.FunctionType):
        return {"is": "back"}
    return values.encode(value)


def _back(functions, asked):
    """Answer a call of the judge's own function, the layer that an exercise is given."""
    try:
        options = {str(name): None for name in asked.get("options") or []}
        return {"value": values.encode(functions[0](values.decode(asked["back"]), **options))}
    except Exception as error:
        name = type(error).__name__
        builtin = name if hasattr(builtins, name) else "Exception"
        return {"error": {"builtin": builtin, "message": str(error)}}


def _put_back(value, sent):
    """Bring what the student's function did to its arguments to the judge's copies of them."""
    import numpy as np

    if isinstance(value, np.ndarray):
        after = values.decode(sent)
        if isinstance(after, np.ndarray) and after.shape == value.shape:
            with contextlib.suppress(TypeError, ValueError):
                value[...] = after
    elif isinstance(value, tuple) and isinstance(sent, dict):
        for part, one in zip(value, sent.get("parts") or [], strict=False):
            _put_back(part, one)
    elif isinstance(value, list):
        after = values.decode(sent)
        if isinstance(after, list):
            value[:] = after


def _signature(parameters):
    kinds = {kind.name: kind for kind in inspect._ParameterKind}
    return inspect.Signature(
        [
            inspect.Parameter(
                name, kinds[kind], default=None if default else inspect.Parameter.empty
            )
            for name, kind, default in parameters[:100]
        ]
    )


def _error(error, file):
    """Return an error like the student's, and let the check quote the line that it came from."""
    name, builtin = _one_line(error.get("class"))[:60], error.get("builtin")
    kind = getattr(builtins, builtin, None) if isinstance(builtin, str) else None
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        kind = Exception
    if issubclass(kind, KeyboardInterrupt | SystemExit | GeneratorExit | UnicodeError | OSError):
        kind = Exception
    line = _one_line(error.get("line"))[:300]
    linecache.cache[file] = (1, None, [line, line], file)
    shown = "".join(sign for sign in name if sign.isalnum() or sign == "_") or "Exception"
    return type(shown, (kind,), {})(_one_line(error.get("message"))[:500])


def _said(error):
    """Say in half a sentence what an error was."""
    kind, message, line = (_one_line(error.get(name)) for name in ("class", "message", "line"))
    where = f', at the line "{line[:100]}"' if line else ""
    what = f"{kind[:60]}: {message[:200].rstrip('.')}" if message else kind[:60]
    return _plain(f"{what}{where}.")


def _one_line(text):
    return " ".join(text[:1000].split()) if isinstance(text, str) else ""


def _network(found):
    """Return what the check of lesson 6 looks at, made anew of plain types."""
    layers = []
    for one in list(found["layers"])[:100]:
        layer = types.new_class(_identifier(one["class"]))()
        for name in ("return_sequences", "units"):
            if name in one:
                setattr(layer, name, values.decode(one[name]))
        if "activation" in one:
            layer.activation = types.SimpleNamespace(__name__=str(one["activation"])[:60])
        layers.append(layer)
    network = types.new_class(_identifier(found["class"]))()
    network.layers, network.built = layers, found.get("built") is True
    for name in ("input_shape", "output_shape"):
        if name in found:
            setattr(network, name, values.decode(found[name]))
    return network


def _identifier(name):
    return name if isinstance(name, str) and name.isidentifier() else "Thing"


def _plain(text):
    return "".join(sign if sign.isprintable() else "?" for sign in text)


# --- a grading cell -------------------------------------------------------------------------------


def _check_in(source):
    """Return the check's call in a grading cell, whose text is never the student's."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "checks" and node.args:
                return node
    raise ValueError(f"a grading cell without a check: {source!r}")


# --- the folders ----------------------------------------------------------------------------------


def _copy_course(place):
    """Copy what students' cells may import: the course's helpers, without the checks' answers."""
    helpers = place / "helpers"
    leave = shutil.ignore_patterns("__pycache__", "checks")
    shutil.copytree(ROOT / "helpers", helpers, ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", place)
    (helpers / "checks").mkdir()
    for name in ("verdicts.py", "results.py"):
        shutil.copy(ROOT / "helpers" / "checks" / name, helpers / "checks")
    shutil.copy(HERE / "checks_over_there.py", helpers / "checks" / "__init__.py")
    for name in ("student.py", "sandbox.py", "values.py"):
        shutil.copy(HERE / name, place)


def _copy_files(files, own):
    """Copy what was handed in beside the notebook: true files, and not without end."""
    (own / "tmp").mkdir(parents=True)
    left = 100 * 2**20
    for place in [files] if isinstance(files, Path) else files or []:
        for path in _true_files(place):
            size = path.stat().st_size
            if size <= left:
                left -= size
                target = own / path.relative_to(place)
                with contextlib.suppress(OSError):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, target)


def _true_files(place):
    """Yield a folder's files, without notebooks, links, pipes, and what lies in hidden folders."""
    for here, folders, names in os.walk(place):
        folders[:] = [one for one in folders if not one.startswith(".")][:100]
        for name in names[:1000]:
            path = Path(here, name)
            if path.suffix != ".ipynb" and not path.is_symlink() and path.is_file():
                yield path


def _environment(own, folder):
    """Return the environment of a student's process: nothing of the teacher's but the paths."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "OMP_NUM_THREADS")
        if name in os.environ
    }
    home = {name: str(own) for name in ("HOME", "USERPROFILE", "KERAS_HOME", "IPYTHONDIR")}
    temporary = {name: str(own / "tmp") for name in ("TMPDIR", "TEMP", "TMP", "MPLCONFIGDIR")}
    _keep_fonts(own / "tmp")
    return kept | home | temporary | {
        "SHEET_OFFLINE": "1", "SHEET_PROGRESS": "off", "MPLBACKEND": "agg", "PYTHONUTF8": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip


def _keep_fonts(place):
    """Copy matplotlib's list of fonts, which takes it seconds to make anew."""
    with contextlib.suppress(Exception):
        import matplotlib

        for path in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
            shutil.copy(path, place)


def _taken(own):
    """Return the bytes and the number of the files in a folder, counted no further than needed."""
    size = number = 0
    for here, folders, names in os.walk(own):
        number += len(folders)
        if here.count(os.sep) > 300:  # too deep for those who clear it away
            return size, math.inf
        for name in names:
            number += 1
            with contextlib.suppress(OSError):
                size += os.lstat(os.path.join(here, name)).st_blocks * 512  # noqa: PTH118
        if number > 10**5:
            break
    return size, number


def _processes(parent):
    """Return of each process of a student its memory (bytes) and its work (s); on Linux only."""
    found = []
    try:
        space = os.readlink(f"/proc/{parent}/ns/pid_for_children")  # noqa: PTH115
        apart = space != os.readlink("/proc/self/ns/pid")  # noqa: PTH115
    except OSError:
        return found
    for name in os.listdir("/proc"):  # noqa: PTH208
        if not name.isdigit():
            continue
        try:
            if apart:
                ours = os.readlink(f"/proc/{name}/ns/pid") == space  # noqa: PTH115
            else:
                ours = os.getsid(int(name)) == parent
            if ours:
                stat = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                busy = sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK")
                found.append((int(stat[21]) * os.sysconf("SC_PAGE_SIZE"), busy))
        except (OSError, ValueError, IndexError):
            continue
    return found


def _left_behind(own):
    """Yield the processes that a student's has split off; namespaces end them without us."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if own.encode() in path.read_bytes():
                yield int(path.parent.name)


def main():
    """Judge the notebook that comes on standard input."""
    asked = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    files = [Path(one) for one in asked.get("files") or []]
    for found in judge(asked["notebook"], files, Limits(**asked.get("limits") or {})):
        print(json.dumps(found), file=out, flush=True)


if __name__ == "__main__":
    main()
