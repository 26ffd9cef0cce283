"""docs/faults.md says what can go wrong, what is seen then, and what holds it; here it is held.

A sentence in “these quotes” stands in the sources as it stands in the table, with … for each part
that is filled in.
"""

import ast
import functools
import html
import re

import pytest

from tests.notebook_tools import ROOT

PAGE = ROOT / "docs" / "faults.md"
KINDS = (
    "labels and images", "models", "arrays", "digits", "files", "pictures", "photos", "answers",
    "network", "disk full", "read-only folder", "kernel killed", "cells out of order", "interrupt",
    "two lessons at once", "fast sliders", "old ipywidgets", "what is not installed", "no browser",
    "exports", "tools", "GPU", "own tables and texts", "links", "progress",
    "a class",
)  # fmt: skip


def table(text):
    """Return the rows of the page's tables as lists of four cells."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row.strip("|\n").split(" | ")] for row in rows]
    return [row for row in cells if row[0] not in ("kind", "---")]


ROWS = table(PAGE.read_text(encoding="utf-8"))


@functools.cache
def collected(name):
    """Return the names of the tests that pytest collects from a file."""
    path = ROOT / name
    if not path.is_file() or path.parent.name != "tests" or not path.name.startswith("test_"):
        return set()
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {each.name for each in body if isinstance(each, ast.FunctionDef)} & {
        each.name for each in body if getattr(each, "name", "").startswith("test_")
    }


@functools.cache
def sentences():
    """Return all texts that the sources can say, with … where a part is filled in."""
    found = []
    for folder in ("helpers", "tools", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
                elif isinstance(node, ast.JoinedStr):
                    parts = (getattr(part, "value", None) for part in node.values)
                    found.append("".join(p if isinstance(p, str) else "…" for p in parts))
    for path in (*(ROOT / "web").iterdir(), ROOT / "tests" / "browser_tools.py"):
        found.append(path.read_text(encoding="utf-8"))
    found += [path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb")]
    return "\n".join(re.sub(r"…(\s*…)+", "…", text) for text in found)


def faults(row):
    """Return what is not true of a row."""
    if len(row) != 4 or not all(row):
        return [f"four cells are wanted, and none empty: {row}"]
    kind, _, seen, held = row
    told = [] if kind in KINDS else [f"{kind!r} is no kind of fault"]
    for said in re.findall("“(.+?)”", html.unescape(seen)):
        if said not in sentences():
            told.append(f"nothing says {said!r}")
    tests = re.findall(r"`(tests/\w+\.py)::(\w+)`", held)
    if not tests or re.sub(r"`tests/\w+\.py::\w+`", "", held).strip(" ,"):
        told.append(f"tests are wanted, as `tests/file.py::test_name`: {held}")
    return told + [f"there is no test {test} in {name}" for name, test in tests
                   if test not in collected(name)]  # fmt: skip


def test_every_kind_of_fault_is_there():
    assert {row[0] for row in ROWS} == set(KINDS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(row[:2])[:60])
def test_a_row_is_true(row):
    assert faults(row) == []


def test_no_row_is_there_twice():
    assert len({tuple(row[:2]) for row in ROWS}) == len(ROWS)


HELD = "`tests/test_reader.py::test_load_refuses_a_damaged_file_and_names_a_missing_one`"
TRUE = ["files", "there is no file", "“There is no file …: check the name,”", HELD]


@pytest.mark.parametrize(
    ("cell", "text", "fault"),
    [
        (0, "filez", "no kind"),
        (1, "", "none empty"),
        (2, "“There is no such file …: check the name,”", "nothing says"),
        (3, "tests/test_reader.py", "tests are wanted"),
        (3, "`tests/test_reader.py::test_load`", "there is no test test_load"),
        (3, "`tests/test_readers.py::test_load_refuses_a_damaged_file`", "there is no test"),
        (3, "`tests/notebook_tools.py::lessons`", "there is no test"),
    ],
)
def test_a_row_that_is_not_true_is_found(cell, text, fault):
    assert faults(TRUE) == []
    assert any(fault in told for told in faults([*TRUE[:cell], text, *TRUE[cell + 1 :]]))


def test_readme_leads_here():
    assert "](docs/faults.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
