"""The list of lessons agrees with the notebooks; the report tells what is missing."""

import importlib.util
import re

import nbformat
import pytest

from helpers import course, report
from helpers.course import LESSONS
from tests import notebook_rules as rules
from tests.notebook_tools import NOTEBOOKS, lessons


def test_the_list_and_its_map_name_every_notebook_in_order(monkeypatch):
    assert [lesson.name for lesson in LESSONS] == [path.stem for path in lessons()]
    assert [int(lesson.name[:2]) for lesson in LESSONS] == list(range(len(LESSONS)))
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    course.course_map()
    links = re.findall(r'<a href="([^"]+)">', shown[0]["text/html"])
    assert links == [path.name for path in lessons()]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_has_title_and_minutes_of_the_list_and_names_the_next(lesson):
    text = rules.prose(nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", as_version=4))
    assert re.findall(r"^# (.*)$", text, re.MULTILINE) == [f"{lesson.number}. {lesson.title}"]
    assert re.findall(r"It takes about (\d+) minutes", text) == [str(lesson.minutes)]
    for following in LESSONS[lesson.number + 1 : lesson.number + 2]:
        link = f"[{following.number}. {following.title}]({following.name}.ipynb)"
        assert f"**Next:** {link}" in text


# --- the report ---------------------------------------------------------------------------------


def told(capsys, **options):
    report.report(**options)
    return capsys.readouterr().out


def test_report_says_what_is_there(monkeypatch, capsys):
    monkeypatch.setattr("helpers.reader.device_line", lambda: "Device: here.", raising=False)
    out = told(capsys)
    assert re.search(r"^Python 3\.\d+\.\d+, \w+, \d+ processor cores\.$", out, re.MULTILINE)
    assert re.search(r"tensorflow \d+\.\d+", out) and "Digits:" in out and "Device" not in out
    assert out.endswith("Everything is there.\n") and "Missing" not in out
    assert "Device: here.\n" in told(capsys, device=True)


@pytest.mark.parametrize(
    ("module", "package"), [("tf_keras", "tf-keras"), ("PIL", "pillow"), ("tensorflow",) * 2]
)
def test_report_says_what_is_missing_and_what_to_do(module, package, monkeypatch, capsys):
    find = importlib.util.find_spec
    hidden = lambda name, *more: None if name == module else find(name, *more)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", hidden)
    out = told(capsys, device=module == "tensorflow")
    assert f"Missing: {package};" in out and f"%pip install {package}" in out
    assert "restart the kernel" in out and "Everything is there" not in out
