"""The saved solutions are right: nbval alone would hold a saved "Not yet" to be as it should."""

import ast
import builtins
import re

import nbformat
import pytest

from tests.notebook_tools import name_of, notebooks

SOLUTIONS = [path for path in notebooks() if path.parent.name == "solutions"]


@pytest.mark.parametrize("path", SOLUTIONS, ids=name_of)
def test_every_check_says_right(path):
    checks, verdicts = 0, []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            checks += cell.source.count("checks.") - cell.source.count("helpers.checks.")
            verdicts += [line for output in cell.outputs for line in verdicts_in(output)]
    assert checks and len(verdicts) >= checks
    assert [line for line in verdicts if not line.startswith("Right: ")] == []


def verdicts_in(output):
    lines = output.get("text", "").splitlines()
    return [line for line in lines if line.startswith(("Right: ", "Not yet: ", "Your turn: "))]


CHECK = re.compile(r'checks\.(answer\(\s*"[^"]+"|\w+\()')


@pytest.mark.parametrize("path", SOLUTIONS, ids=name_of)
def test_a_solution_needs_nothing_that_its_lesson_has_not_made(path):
    """A learner who writes the very same lines in the lesson must not meet a NameError."""
    lesson = code_of(path.parent.parent / path.name)
    for solution in code_of(path):
        for check in CHECK.findall(solution):
            place = next(n for n, cell in enumerate(lesson) if f"checks.{check}" in cell)
            made = set().union(*(names(cell)[0] for cell in lesson[: place + 1]))
            bound, used = names(solution)
            missing = used - bound - made - set(dir(builtins))
            assert not missing, f"{check[:-1]} uses {missing}, which the lesson has not made"


def code_of(path):
    cells = nbformat.read(path, as_version=4).cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    return code[1:]  # the first is for Colab


def names(code):
    """Return the names that some code binds, and those that it uses."""
    bound, used = set(), set()
    for node in ast.walk(ast.parse(re.sub(r"^\s*[!%].*$", "pass", code, flags=re.MULTILINE))):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
    return bound, used
