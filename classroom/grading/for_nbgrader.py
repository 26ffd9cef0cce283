"""What nbgrader_config.py puts into nbgrader: reading with care, judging, and the list of points.

This runs in nbgrader's own environment, and needs nothing of the course's packages: the judge is
started with the course's Python.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import MissingEntry
from nbgrader.plugins.export import CsvExportPlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Dict, Float, Unicode

HERE = Path(__file__).resolve().parent
for place in (str(HERE), str(HERE.parents[1])):
    if place not in sys.path:
        sys.path.insert(0, place)

import points  # noqa: E402 - found from here, wherever nbgrader runs
import rebuild  # noqa: E402

from helpers import course  # noqa: E402

NOT_READ = "unreadable"
LESSONS = "|".join(each.name for each in course.LESSONS)  # for nbgrader_config.py


class CarefulExporter(NotebookExporter):
    """Reads whatever was handed in as the assignment with a student's answers in it."""

    def from_filename(self, filename, resources=None, **kw):
        """Read a notebook; one that cannot be read is an empty one, with a note that says why."""
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources, **kw)
        here, asked = self.parent.coursedir, resources["nbgrader"]
        folder = here.format_path(here.source_directory, ".", asked["assignment"])
        source = rebuild.read(Path(folder) / f"{asked['notebook']}.ipynb")
        theirs, trouble = None, None
        try:
            theirs = rebuild.read(Path(filename))
        except ValueError as error:
            trouble = str(error)
            self.log.error("%s: %s", filename, trouble)
        book = rebuild.rebuild(source, theirs)
        if trouble:
            note = {"cell_type": "markdown", "id": NOT_READ, "metadata": {}, "source": trouble}
            book["cells"].insert(0, note)
        resources["metadata"] = {"name": asked["notebook"], "path": str(Path(filename).parent)}
        return self.from_notebook_node(nbformat.from_dict(book), resources, **kw)


class Judge(NbGraderPreprocessor):
    """Stands in nbgrader's list where its own Execute stands: runs the notebook, and judges it."""

    python = Unicode(sys.executable, help="The Python that has the course's packages.").tag(
        config=True
    )
    limits = Dict({}, help="What differs from judge.Limits, as {'cell': 60, 'whole': 900}.").tag(
        config=True
    )
    patience = Float(300, help="Seconds that the judge itself may take beyond the notebook's.").tag(
        config=True
    )

    def preprocess(self, nb, resources):
        """Fill in what each cell printed, and an error where an answer is not right."""
        who = resources["nbgrader"]["student"]
        trouble = nb.cells[0].source if nb.cells and nb.cells[0].id == NOT_READ else None
        found = {} if trouble else self._judged(nb, resources, who)
        for index, cell in enumerate(nb.cells):
            if cell.cell_type != "code":
                continue
            cell.outputs, cell.execution_count = [], None
            one = found.get(index)
            if cell.metadata.get("nbgrader", {}).get("grade"):
                sentence = trouble or "the judge did not come this far: see nbgrader's log."
                one = one or {"right": False, "sentence": f"Not yet: {sentence}"}
                self._write(cell, one["sentence"] + "\n", None if one["right"] else "No points.")
            elif one:
                self._write(cell, one["output"], one["error"])
        return nb, resources

    def _write(self, cell, output, error):
        if output:
            cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=output))
        if error:
            kind = "NotYet" if cell.metadata.get("nbgrader", {}).get("grade") else "Stopped"
            cell.outputs.append(
                nbformat.v4.new_output("error", ename=kind, evalue=error, traceback=[error])
            )

    def _folders(self, asked):
        """Return the folders whose files the notebook finds beside it, the teacher's last.

        What nbgrader has copied is left alone: of a link that a student handed in it made a file.
        """
        here = self.parent.parent.coursedir
        places = (here.submitted_directory, asked["student"]), (here.source_directory, ".")
        return [
            str(Path(here.format_path(folder, student, asked["assignment"])).resolve())
            for folder, student in places
        ]

    def _judged(self, nb, resources, who):
        """Start the judge; return what it says of each cell, as far as it came."""
        asked = {
            "notebook": nb, "files": self._folders(resources["nbgrader"]),
            "limits": dict(self.limits),
        }  # fmt: skip
        limit = self.limits.get("whole", 900) + self.patience
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_"))
        }
        start = {"start_new_session": True} if os.name != "nt" else {}
        with subprocess.Popen(
            [self.python, str(HERE / "judge.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment, text=True, encoding="utf-8", **start,
        ) as process:  # fmt: skip
            try:
                said, _ = process.communicate(json.dumps(asked), limit)
            except subprocess.TimeoutExpired:
                self.log.error("%s: the judge took more than %.0f seconds", who, limit)
                _end(process)
                said, _ = process.communicate()
            except BaseException:
                _end(process)
                raise
        if process.returncode:
            self.log.error("%s: the judge ended with %s", who, process.returncode)
        found = {}
        for line in said.splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                one = json.loads(line)
                found[one["index"]] = one
        return found


def _end(process):
    """End the judge, which ends the student's process and clears its folder away if it can."""
    with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
        process.send_signal(signal.SIGINT)
        process.wait(20)
    with contextlib.suppress(OSError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


class Points(CsvExportPlugin):
    """``nbgrader export``: nbgrader's own list and, beside it, each exercise's points, and why."""

    def export(self, gradebook):
        """Write grades.csv as nbgrader does, then exercises.csv beside it, and print that."""
        super().export(gradebook)
        rows = []
        for assignment in gradebook.assignments:
            if self.assignment and assignment.name not in map(str, self.assignment):
                continue
            # Those, too, whose files nbgrader could not even copy, and so does not know.
            known = {student.id for student in gradebook.students}
            known |= {path.parent.name for path in Path("submitted").glob(f"*/{assignment.name}")}
            for student in sorted(known):
                if not self.student or student in map(str, self.student):
                    for notebook in assignment.notebooks:
                        rows += _rows(gradebook, assignment, student, notebook)
        points.print_table(rows)
        to = Path(self.to or "grades.csv").with_name("exercises.csv")
        with to.open("w", newline="", encoding="utf-8") as file:
            points.write_csv(rows, file)
        print(f"\nWritten: {to}")


def _rows(gradebook, assignment, student, notebook):
    """Return a student's row for each exercise of a notebook, in the notebook's order."""
    name = f"{notebook.name}.ipynb"
    said, trouble = points.sentences(Path("autograded", student, assignment.name, name))
    if not Path("submitted", student, assignment.name, name).exists():
        said, trouble = {}, f"No file {name} was handed in."
    grades = {}
    with contextlib.suppress(MissingEntry):
        handed_in = gradebook.find_submission_notebook(notebook.name, assignment.name, student)
        grades = {grade.name: grade.score or 0 for grade in handed_in.grades}
    return [
        points.Row(
            student, assignment.name, cell.name.removeprefix("check-"),
            grades.get(cell.name, 0), cell.max_score, said.get(cell.name, trouble),
        )
        for cell in notebook.grade_cells
    ]  # fmt: skip
