"""A class on one server: students log in, pull, and run lessons, all in the same minute.

    sudo /opt/classroom/bin/python benchmarks/try_class.py
    sudo /opt/classroom/bin/python benchmarks/try_class.py --users 3 --lessons 1 --wild loop

Starts a JupyterHub of its own with classroom/jupyterhub_config.py, its proxy and nbgitpuller on the
loopback address, with a system account for each student; all is cleared away at the end. The last
student runs wild meanwhile: takes memory without end, starts processes without end, and loops
without end, each against the limit named here. Then a student pulls again after both sides changed
a notebook, and one looks for what can be seen of another. Prints tables, and as its last line JSON.
"""

import concurrent.futures
import contextlib
import copy
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import class_hub
import class_size
import nbformat
from class_student import Student
from measuring import finish, new_parser, read_json

from helpers import address
from helpers.course import LESSONS
from tools.arguments import above_zero, in_order, lesson, whole

FOLDER = address.repository().rsplit("/", 1)[1]
WILD = ("memory", "processes", "loop")

MEMORY_EATER = """
taken = []
while True:
    taken.append(b"x" * 50_000_000 + bytes([len(taken) % 256]))
"""
PROCESS_MAKER = """
import subprocess
made = []
try:
    for _ in range({limit} + 50):
        made.append(subprocess.Popen(["sleep", "900"]))
except OSError as refused:
    print(len(made), "were started, the next refused")
else:
    print(len(made), "were started, none refused")
"""


def main():
    parser = new_parser(__doc__)
    parser.add_argument("--users", type=whole(2, 200), default=12, help="students (12)")
    parser.add_argument("--lessons", type=lesson, nargs="+", metavar="N", default=None,
                        help="such as 1 4 (these two)")  # fmt: skip
    parser.add_argument("--wild", choices=WILD, nargs="*", default=list(WILD),
                        help="what the last student does (all three)")  # fmt: skip
    parser.add_argument("--memory", default="1536M", metavar="SIZE", help="each student's (1536M)")
    parser.add_argument("--cpus", type=above_zero, default=1.0, help="each student's cores (1)")
    parser.add_argument("--processes", type=whole(100, 2000), default=250,
                        help="each student's processes and threads (250)")  # fmt: skip
    parser.add_argument("--shut-down", action="store_true",
                        help="end each lesson's kernel before the next lesson")  # fmt: skip
    parser.add_argument("--python", default=sys.executable, metavar="PATH",
                        help="a Python with hub and course: see classroom/README.md")  # fmt: skip
    asked = parser.parse_args()
    if reason := class_hub.why_not(asked.python) or too_large(asked.users):
        parser.error(reason)
    lessons = in_order(asked.lessons or [lesson("1"), lesson("4")])
    names = [f"student{n:02}" for n in range(1, asked.users + 1)]
    with class_hub.Hub(asked.python, names, memory=asked.memory, cpus=asked.cpus,
                       processes=asked.processes) as hub:  # fmt: skip
        clear_away_when_ended(hub)
        result = run_class(hub, lessons, asked.wild, asked.shut_down)
    result = {"users": asked.users, "limits": hub.limits, "shut_down": asked.shut_down} | result
    result["versions"] = class_hub.versions(asked.python)
    print_tables(result)
    finish(asked, result)


def too_large(users, free_mb=None):
    """Return why this machine has no room for so many students, or None."""
    if free_mb is None:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free_mb = next(int(x.split()[1]) // 1024 for x in lines if x.startswith("MemAvailable"))
    saved = read_json("classroom")
    each = max(row["private_mb"] for row in saved["result"]["lessons"]) if saved else 700
    if users * each <= free_mb:
        return None
    return (
        f"{users} students need about {users * each / 1024:.0f} GB of memory, and "
        f"{free_mb / 1024:.0f} GB are free here. Take fewer."
    )


# --- the class ---------------------------------------------------------------------------------


def run_class(hub, lessons, wild, shut_down=False):
    """Let the class work; return what was seen."""
    students = [Student(hub.address, name, hub.passwords[name]) for name in hub.names]
    watch = class_hub.Watch(hub)
    watch.start()
    try:
        arrived = at_once(students, lambda student: arrive(hub, student, lessons[0]))
        seen = {"arrival": times(arrived) | {"failed": failures(arrived)}, "lessons": []}
        steady = students[:-1] if wild else students
        for each in lessons:
            seen["lessons"].append(run_lesson(hub, watch, students, steady, each, wild))
            if shut_down:
                for student in students:
                    student.shut_all_down()
        seen["listening"] = sorted({f"{who} {where}" for who, _, where in hub.listening()})
        seen["beyond_loopback"] = [
            f"{who} {protocol} {where}" for who, protocol, where in hub.listening()
            if not where.startswith(("127.", "[::1]"))
        ]  # fmt: skip
        seen["seen_of_another"] = spy(hub, students[1], students[0], lessons[0])
        seen["pull_again"] = pull_again(hub, students[0], lessons[0])
    finally:
        watch.stop()
    rows = seen["lessons"]
    return seen | {
        "students_a_gb": class_size.students_a_gb(rows),
        "machines": [class_size.machine(students, rows) for students in (30, 300)],
    }


def arrive(hub, student, first):
    """Log in, wait for the own server, and pull the course."""
    student.log_in()
    student.pull(link(hub, first))


def link(hub, first):
    """Return the link that the teacher hands out, to this class's own repository."""
    return address.pull(hub.address, first.name, source=f"file://{hub.source}")


def run_lesson(hub, watch, students, steady, each, wild):
    """All run a lesson at the same time; one may run wild meanwhile. Kernels stay open."""
    watch.fresh([student.name for student in steady])
    everybody_done = threading.Event()
    path = f"{FOLDER}/notebooks/{each.name}.ipynb"
    with concurrent.futures.ThreadPoolExecutor(1) as beside:
        doing = beside.submit(run_wild, hub, students[-1], path, wild, everybody_done)
        try:
            done = at_once(steady, lambda student: work(student, path))
        finally:
            everybody_done.set()
        try:
            told = doing.result()
        except Exception as error:  # the class's numbers count all the same
            told = {"failed": f"{type(error).__name__}: {error}"}
    watch.look()
    names = [student.name for student in steady]
    peak, most = watch.peak, watch.most
    private = sum(peak["students"][name]["private"] for name in names)
    return {
        "lesson": each.number,
        "students": len(steady),
        "finished": sum(error is None for _, error in done),
        "failed": failures(done),
        **times(done),
        "cpu_s": round(statistics.mean(watch.cpu_seconds(name) for name in names), 1),
        "all_mb": round(peak["total"]),
        "hub_mb": round(peak["base"]),
        "once_mb": round(peak["total"] - private),
        "private_mb": round(statistics.mean(most[name]["private"] for name in names)),
        "private_most_mb": round(max(most[name]["private"] for name in names)),
        "threads_most": max(most[name]["threads"] for name in names),
        "wild": told,
    }


def work(student, path):
    """Run a lesson from the top, as "Run all" does, and leave it open."""
    kernel = student.open(path)
    try:
        kernel.run_lesson(student.read(path))
    finally:
        kernel.leave()


def run_wild(hub, student, path, kinds, everybody_done):
    """Run wild in each of the ways, in an endless loop until all others are done."""
    told = {}
    if "loop" in kinds:  # in a notebook of its own, beside all else; its tab is closed
        beside, began = f"{FOLDER}/notebooks/{LESSONS[0].name}.ipynb", time.time()
        looping = student.open(beside)
        looping.send("while True: pass")
        looping.leave()
    if "memory" in kinds:
        kernel, took = student.open(path), time.perf_counter()
        try:
            _, error = kernel.run(MEMORY_EATER, seconds=300)
            told["memory"] = f"refused: {error}"
        except ConnectionError:
            told["memory"] = "kernel ended" + (", started anew" if works(kernel) else "")
        told["memory_s"] = round(time.perf_counter() - took, 1)
        told["memory_most_mb"] = hub.greatest_memory(student.name)
        kernel.close()
    if "processes" in kinds:
        kernel = student.open(path)
        said, error = kernel.run(PROCESS_MAKER.format(limit=hub.limits["processes"]), seconds=300)
        told["processes"] = said.strip() or error
        kernel.run("for one in made: one.kill(); one.wait()")  # else no kernel could start here
        kernel.close()
    if "loop" in kinds:
        everybody_done.wait()
        time.sleep(max(0.0, began + 5 - time.time()))
        looping = student.open(beside)  # the same kernel
        looped = looping.state() == "busy"
        told["loop_s"] = round(time.time() - began, 1)
        looping.interrupt()
        told["loop"] = "interrupted, works on" if looped and works(looping) else "not interrupted"
        looping.close()
    return told


def works(kernel):
    """Return whether a kernel computes.

    That may need tries: one that died is being started anew, and after an error Jupyter drops what
    was asked in the same moment.
    """
    for _ in range(6):
        with contextlib.suppress(TimeoutError, ConnectionError):
            if kernel.run("6 * 7", seconds=15)[0] == "42":
                return True
    return False


def at_once(students, what):
    """Do something for all students at the same time; return (seconds, error or None) of each."""

    def one(student):
        began = time.perf_counter()
        try:
            what(student)
        except Exception as error:  # a student who fails is a result, too
            return time.perf_counter() - began, f"{student.name}: {error}"
        return time.perf_counter() - began, None

    with concurrent.futures.ThreadPoolExecutor(len(students)) as pool:
        return list(pool.map(one, students))


def times(done):
    """Return the median and the greatest seconds."""
    seconds = [each for each, _ in done]
    return {"seconds": round(statistics.median(seconds), 1), "seconds_most": round(max(seconds), 1)}


def failures(done):
    """Return what went wrong, each in a sentence."""
    return [error for _, error in done if error]


# --- what must hold ----------------------------------------------------------------------------


def spy(hub, spying, other, first):
    """Let one student look for another's files and server; return what could be seen."""
    seen = []
    path = f"{FOLDER}/notebooks/{first.name}.ipynb"
    for what in ("api/contents/", f"files/{path}", "api/kernels", "api/sessions", "lab"):
        page = spying.browser.get(f"{other.server}{what}", timeout=60)
        if page.status_code != 403:
            seen.append(f"{other.name}'s server answers /{what}: {page.status_code}")
    with contextlib.suppress(Exception):
        spying.browser.get(f"{hub.address}/hub/api/users/{other.name}").raise_for_status()
        seen.append(f"the hub's API tells of {other.name}")
    home = hub.account(other.name).pw_dir
    env = Path(hub.python).parent.parent
    process = next(iter(hub.students_processes(other.name)))
    other.open(path).leave()
    for file in Path(home, ".run").glob("kernel-*.json"):
        if json.loads(file.read_text())["transport"] != "ipc":
            seen.append(f"what {other.name}'s kernel prints, by TCP")
    kernel = spying.open(path)
    tries = {
        "the home": f"os.listdir({home!r})",
        "a notebook": f"open({home + '/' + path!r}).read()",
        "sockets": f"os.listdir({home + '/.run'!r})",
        "the environment of a process": f"open('/proc/{process}/environ').read()",
        "the memory of a process": f"open('/proc/{process}/mem', 'rb').read(1)",
        "the passwords": f"open({str(hub.state / 'passwords.dbm')!r}, 'rb').read()",
        "the hub's database": f"open({str(hub.state / 'jupyterhub.sqlite')!r}, 'rb').read()",
        "shared packages, to write": f"open({str(env / 'new')!r}, 'w')",
        "a shared package, to change": "open(helpers.__file__, 'a')",
    }
    kernel.run("import os, helpers")
    for what, code in tries.items():
        _, error = kernel.run(code)
        if error is None or not error.startswith("PermissionError"):
            seen.append(f"{what} of {other.name}: {error or 'open'}")
    kernel.close()
    return seen


def pull_again(hub, student, first):
    """Change a notebook on both sides, pull, and say whether all work is there."""
    path = f"{FOLDER}/notebooks/{first.name}.ipynb"
    mine = student.read(path)
    work = "# What I found: the sheet keeps its dents."
    answer = nbformat.v4.new_code_cell(work)
    mine["cells"].insert(4, answer)
    changed = next(c for c in reversed(mine["cells"]) if c["cell_type"] == "code")
    changed["source"] += "\n# my own line"
    student.save(path, mine)
    own = f"{FOLDER}/notebooks/more.ipynb"
    student.save(own, nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("mine")]))
    with teachers_copy(hub) as copy_:
        file = copy_ / "notebooks" / f"{first.name}.ipynb"
        theirs = nbformat.read(file, as_version=4)
        theirs.cells[1].source += "\n\nNews from the teacher."
        last = next(c for c in reversed(theirs.cells) if c.cell_type == "code")
        last.source += "\n# the teacher's line"
        nbformat.write(theirs, file)
        more = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("the teacher's")])
        nbformat.write(more, copy_ / "notebooks" / "more.ipynb")
    student.pull(link(hub, first))
    after = student.read(path)
    nbformat.validate(nbformat.from_dict(copy.deepcopy(after)))
    text = "\n".join("".join(cell["source"]) for cell in after["cells"])
    files = [
        entry["name"] for entry in student.ask("GET", f"contents/{FOLDER}/notebooks")["content"]
    ]
    return {
        "own cell kept": work in text,
        "own line kept where both changed": "# my own line" in text,
        "news came": "News from the teacher." in text,
        "own file kept beside the new one": "more.ipynb" in files
        and any(name.startswith("more__") for name in files),
    }


@contextlib.contextmanager
def teachers_copy(hub):
    """Give a checkout of the class's repository; what is changed in it is pushed at the end."""
    folder = hub.state / "teacher"
    git = ["git", "-c", "user.name=teacher", "-c", "user.email=teacher@localhost"]
    subprocess.run([*git, "clone", "-q", str(hub.source), str(folder)], check=True)
    yield folder
    for command in (["add", "-A"], ["commit", "-qm", "News"], ["push", "-q"]):
        subprocess.run([*git, "-C", str(folder), *command], check=True)
    shutil.rmtree(folder)


# --- what is told ------------------------------------------------------------------------------


def print_tables(result):
    """Print what was seen."""
    print(f"{result['users']} students; limits of each: {result['limits']}")
    arrival = result["arrival"]
    print(f"log in, start, pull: {arrival['seconds']} s, at most {arrival['seconds_most']} s; "
          f"failed: {arrival['failed'] or 'nobody'}")  # fmt: skip
    heads = ("lesson", "finished", "s", "s most", "cpu s", "MB a student", "MB most", "MB once",
             "MB all", "threads")  # fmt: skip
    print("".join(f"{head:>13}" for head in heads))
    for row in result["lessons"]:
        cells = (row["lesson"], f"{row['finished']} of {row['students']}", row["seconds"],
                 row["seconds_most"], row["cpu_s"], row["private_mb"], row["private_most_mb"],
                 row["once_mb"], row["all_mb"], row["threads_most"])  # fmt: skip
        print("".join(f"{cell:>13}" for cell in cells))
        for failed in row["failed"]:
            print("   ", failed)
        print("    the wild one:", row["wild"])
    print("listening:", ", ".join(result["listening"]))
    print("beyond loopback:", result["beyond_loopback"] or "nothing")
    print("seen of another:", result["seen_of_another"] or "nothing")
    print("pulled again:", result["pull_again"])
    print(f"students a GB: {result['students_a_gb']}")
    for machine in result["machines"]:
        print(f"{machine['students']} students: {machine['memory_gb']} GB, {machine['cores']} "
              f"cores (all done within {class_size.MINUTES} minutes)")  # fmt: skip


def clear_away_when_ended(hub):
    """Leave no processes and accounts behind when this script is told to end."""

    def end(number, _):
        hub.__exit__()
        os._exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


if __name__ == "__main__":
    os.nice(5)
    main()
