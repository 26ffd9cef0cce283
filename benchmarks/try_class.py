"""A class on one server: students log in, pull, and run lessons, all in the same minute.

    sudo /opt/classroom/bin/python benchmarks/try_class.py
    sudo /opt/classroom/bin/python benchmarks/try_class.py --users 3 --lessons 1 --wild loop

Starts a JupyterHub of its own with classroom/jupyterhub_config.py, its proxy and nbgitpuller on the
loopback address, with a system account for each student; all is cleared away at the end. The last
student runs wild meanwhile: takes memory without end, starts processes without end, and loops
without end, each against the limit named here. Then one looks for what can be seen of another.
Prints a table, and as its last line JSON.
"""

import concurrent.futures
import contextlib
import json
import signal
import statistics
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import class_hub
from class_student import Student
from measuring import finish, new_parser

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
    if reason := class_hub.why_not(asked.python):
        parser.error(reason)
    lessons = in_order(asked.lessons or [lesson("1"), lesson("4")])
    names = [f"student{n:02}" for n in range(1, asked.users + 1)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # all is cleared away then, too
    with class_hub.Hub(asked.python, names, memory=asked.memory, cpus=asked.cpus,
                       processes=asked.processes) as hub:  # fmt: skip
        result = run_class(hub, lessons, asked.wild, asked.shut_down)
    result = {"users": asked.users, "limits": hub.limits, "shut_down": asked.shut_down} | result
    finish(asked, result, result["lessons"])


# --- the class ---------------------------------------------------------------------------------


def run_class(hub, lessons, wild, shut_down=False):
    """Let the class work; return what was seen."""
    students = [Student(hub.address, name, hub.passwords[name]) for name in hub.names]
    arrived = at_once(students, lambda student: arrive(hub, student, lessons[0]))
    seen = {"arrival": times(arrived) | {"failed": failures(arrived)}, "lessons": []}
    steady = students[:-1] if wild else students
    for each in lessons:
        seen["lessons"].append(run_lesson(hub, students, steady, each, wild))
        for student in students if shut_down else ():
            student.shut_all_down()
    return seen | {
        "beyond_loopback": [each for each in hub.listening() if " 127.0.0.1:" not in each],
        "seen_of_another": spy(hub, students[1], students[0], lessons[0]),
    }


def arrive(hub, student, first):
    """Log in, wait for the own server, and pull the course."""
    student.log_in()
    student.pull(link(hub, first))


def link(hub, first):
    """Return the link that the teacher hands out, to this class's own repository."""
    return address.pull(hub.address, first.name, source=f"file://{hub.source}")


def path_of(each):
    """Return where a lesson lies on a student's server."""
    return f"{FOLDER}/notebooks/{each.name}.ipynb"


def run_lesson(hub, students, steady, each, wild):
    """All run a lesson at the same time; one may run wild meanwhile. Kernels stay open."""
    names, path = [student.name for student in steady], path_of(each)
    everybody_done = threading.Event()
    with class_hub.Watch(hub, names) as watch, concurrent.futures.ThreadPoolExecutor(1) as beside:
        doing = beside.submit(run_wild, hub, students[-1], path, wild, everybody_done)
        try:
            done = at_once(steady, lambda student: student.run_lesson(path))
        finally:
            everybody_done.set()
        try:
            told = doing.result()
        except Exception as error:  # the class's numbers count all the same
            told = {"failed": f"{type(error).__name__}: {error}"}
    private = [one["private"] for one in watch.most.values()]
    return {
        "lesson": each.number,
        "students": len(steady),
        "finished": sum(error is None for _, error in done),
        "failed": failures(done),
        **times(done),
        "cpu_s": round(statistics.mean(watch.cpu_seconds(name) for name in names), 1),
        "all_mb": round(watch.peak["total"]),
        "once_mb": round(watch.peak["once"]),
        "private_mb": round(statistics.mean(private)),
        "private_most_mb": round(max(private)),
        "threads_most": max(one["threads"] for one in watch.most.values()),
        "wild": told,
    }


def run_wild(hub, student, path, kinds, everybody_done):
    """Run wild in each of the ways, in an endless loop until all others are done."""
    told = {}
    if "loop" in kinds:  # in a notebook of its own, beside all else; its tab is closed
        looping, began = student.open(path_of(LESSONS[0])), time.time()
        looping.send("while True: pass")
        looping.socket.close()
    if "memory" in kinds:
        kernel = student.open(path)
        try:
            _, error = kernel.run(MEMORY_EATER, seconds=300)
            told["memory"] = f"refused: {error}"
        except ConnectionError:
            told["memory"] = "kernel ended" + (", started anew" if works(kernel) else "")
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
        looping = student.open(path_of(LESSONS[0]))  # the same kernel
        place = f"kernels/{looping.number}"
        looped = student.ask("GET", place)["execution_state"] == "busy"
        told["loop_s"] = round(time.time() - began, 1)
        student.ask("POST", f"{place}/interrupt")  # JupyterLab's stop button
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
        began, failed = time.perf_counter(), None
        try:
            what(student)
        except Exception as error:  # a student who fails is a result, too
            failed = f"{student.name}: {error}"
        return time.perf_counter() - began, failed

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
    seen, path = [], path_of(first)
    for what in ("api/contents/", f"files/{path}", "api/kernels", "api/sessions", "lab"):
        page = spying.browser.get(f"{other.server}{what}", timeout=60)
        if page.status_code != 403:
            seen.append(f"{other.name}'s server answers /{what}: {page.status_code}")
    if spying.browser.get(f"{hub.address}/hub/api/users/{other.name}").ok:
        seen.append(f"the hub's API tells of {other.name}")
    home, process = hub.account(other.name).pw_dir, hub.students_processes(other.name)[0].pid
    other.open(path)
    for file in Path(home, ".run").glob("kernel-*.json"):
        if json.loads(file.read_text())["transport"] != "ipc":
            seen.append(f"what {other.name}'s kernel prints, by TCP")
    kernel = spying.open(path)
    kernel.run("import os, helpers")
    reads = (f"{home}/{path}", f"/proc/{process}/environ", f"/proc/{process}/mem",
             hub.state / "passwords.dbm", hub.state / "jupyterhub.sqlite")  # fmt: skip
    tries = [
        *(f"os.listdir({place!r})" for place in (home, f"{home}/.run")),
        *(f"open({str(place)!r}, 'rb').read(1)" for place in reads),
        *(
            f"open({str(Path(hub.python).parents[1] / 'new')!r}, 'w')",
            "open(helpers.__file__, 'a')",
        ),
    ]
    for code in tries:
        _, error = kernel.run(code)
        if error is None or not error.startswith("PermissionError"):
            seen.append(f"{code}: {error or 'open'}")
    kernel.close()
    return seen


if __name__ == "__main__":
    main()
