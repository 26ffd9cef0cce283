"""What nbgrader_config.py puts into nbgrader: reading with care, and judging.

This runs in nbgrader's own environment, and needs nothing of the course's packages: the judge is
started with the course's Python.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Dict, Unicode

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

import handed_in  # noqa: E402 - found from here, wherever nbgrader runs

from helpers import course  # noqa: E402

NOT_READ = "unreadable"
NAMED = handed_in.pattern("|".join(each.name for each in course.LESSONS))  # for nbgrader_config.py


class CarefulExporter(NotebookExporter):
    """Reads whatever was handed in as the assignment with a student's answers in it."""

    def from_filename(self, filename, resources=None, **kw):
        """Read a notebook; one that cannot be read is an empty one, with a note that says why."""
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources, **kw)
        here, asked = self.parent.coursedir, resources["nbgrader"]
        name = f"{asked['notebook']}.ipynb"
        source = Path(here.format_path(here.source_directory, ".", asked["assignment"]), name)
        submitted = here.format_path(
            here.submitted_directory, asked["student"], asked["assignment"]
        )
        theirs, trouble = None, None
        try:  # as it was handed in: of a link nbgrader has made a copy of what it leads to
            theirs = handed_in.read(Path(submitted, name))
        except ValueError as error:
            trouble = str(error)
            self.log.error("%s: %s", filename, trouble)
        book = handed_in.rebuild(handed_in.read(source), theirs)
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
    limits = Dict({}, help="What differs from marking.Limits, as {'cell': 60}.").tag(config=True)

    def preprocess(self, nb, resources):
        """Fill in each answer's sentence, and an error where it is not right or a cell stopped."""
        trouble = nb.cells[0].source if nb.cells and nb.cells[0].id == NOT_READ else None
        found = {} if trouble else self._judged(nb, resources["nbgrader"])
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
                self._write(cell, "", one["error"])
        return nb, resources

    def _write(self, cell, said, error):
        if said:
            cell.outputs.append(nbformat.v4.new_output("stream", name="stdout", text=said))
        if error:
            cell.outputs.append(
                nbformat.v4.new_output("error", ename="NotYet", evalue=error, traceback=[error])
            )

    def _judged(self, nb, asked):
        """Start the judge; return what it says of each cell, as far as it came."""
        question = {"notebook": nb, "limits": dict(self.limits)}
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_"))}
        done = subprocess.run(
            [self.python, str(HERE / "marking.py")], input=json.dumps(question), env=keep,
            capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
        if done.returncode:
            self.log.error("%s: %s", asked["student"], done.stderr.strip())
        if done.returncode and not done.stdout:
            raise RuntimeError(done.stderr.strip().rpartition("\n")[2])
        return {one["index"]: one for one in map(json.loads, done.stdout.splitlines())}
