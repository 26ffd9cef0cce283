"""nbgrader's settings for a class that works with this course.

make_assignment.py copies this file into your class's folder and fills in the two paths.
"""

import sys

GRADING = "classroom/grading"  # the folder of this file in the course
PYTHON = "python"  # the Python that has the course's packages

sys.path.insert(0, GRADING)

from for_nbgrader import NAMED, CarefulExporter, Judge  # noqa: E402

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = "hammered-iron-sheet"

# A stub is what is left of an answer when nbgrader has taken the solution out of it.
c.ClearSolutions.code_stub = {"python": ""}

# How files from a school's platform are named: see handed_in.py.
c.FileNameCollectorPlugin.named_regexp = NAMED

# What was handed in is read with care; then, in place of nbgrader's own Execute, it is judged.
c.Autograde.exporter_class = CarefulExporter
c.Autograde.autograde_preprocessors = [
    Judge,
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Judge.python = PYTHON
# Times in seconds, sizes in bytes; all of them stand in marking.py under Limits.
c.Judge.limits = {"cell": 60, "whole": 900}
