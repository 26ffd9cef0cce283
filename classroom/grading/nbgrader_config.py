"""nbgrader's settings for a class that works with this course.

make_assignment.py copies this file into your class's folder and fills in the two paths.
"""

import sys

GRADING = "classroom/grading"  # the folder of this file in the course
PYTHON = "python"  # the Python that has the course's packages

sys.path.insert(0, GRADING)

from for_nbgrader import LESSONS, CarefulExporter, Judge, Points  # noqa: E402

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = "hammered-iron-sheet"

# A stub is what is left of an answer when nbgrader has taken the solution out of it.
c.ClearSolutions.code_stub = {"python": ""}

# Files from a school's platform: anna_04_an_lstm_step_by_hand.ipynb, with (1) behind it or not.
c.FileNameCollectorPlugin.named_regexp = (
    rf".*?(?P<student_id>[^/\\]+?)_(?P<file_id>{LESSONS})[^/\\]*\.ipynb$"
)

# What was handed in is read with care; then, in place of nbgrader's own Execute, it is judged.
c.Autograde.exporter_class = CarefulExporter
c.Autograde.autograde_preprocessors = [
    Judge,
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Judge.python = PYTHON
# Times in seconds, sizes in bytes; all of them stand in judge.py under Limits.
c.Judge.limits = {"cell": 60, "whole": 900}

# The list of grades, and with it the points and the sentence of each exercise.
c.ExportApp.plugin_class = Points
