"""The list of lessons agrees with the notebooks; the report tells what is missing."""

import importlib.util
import re
import subprocess
import sys

import nbformat
import pytest

from helpers import course, report
from helpers.course import LESSONS
from tests import notebook_rules as rules
from tests.notebook_tools import NOTEBOOKS, ROOT, lessons


def prose(lesson):
    path = NOTEBOOKS / f"{lesson.name}.ipynb"
    return rules.prose(nbformat.read(path, as_version=4))


def test_the_list_names_every_notebook_in_order_and_no_other():
    assert [lesson.name for lesson in LESSONS] == [path.stem for path in lessons()]
    assert [lesson.number for lesson in LESSONS] == list(range(len(LESSONS)))
    assert all(lesson.name.startswith(f"{lesson.number:02}_") for lesson in LESSONS)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_has_the_title_and_minutes_of_the_list(lesson):
    text = prose(lesson)
    assert re.findall(r"^# (.*)$", text, re.MULTILINE) == [f"{lesson.number}. {lesson.title}"]
    assert re.findall(r"It takes about (\d+) minutes", text) == [str(lesson.minutes)]
    assert 15 <= lesson.minutes <= 60  # lesson 9 has three parts that stand by themselves


@pytest.mark.parametrize("lesson", LESSONS[:-1], ids=lambda lesson: lesson.name)
def test_a_lesson_names_the_next_by_its_title(lesson):
    following = LESSONS[lesson.number + 1]
    link = f"[{following.number}. {following.title}]({following.name}.ipynb)"
    assert f"**Next:** {link}" in prose(lesson)


def test_the_map_links_to_every_lesson(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    course.course_map()
    (data,) = shown
    links = re.findall(r'<a href="([^"]+)">', data["text/html"])
    assert links == [f"{lesson.name}.ipynb" for lesson in LESSONS]
    for lesson in LESSONS:
        assert f"{lesson.title} ({lesson.minutes} min)" in data["text/plain"]


# --- the report ---------------------------------------------------------------------------------


def hide(monkeypatch, *hidden):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name in hidden else find(name)
    )


def test_report_is_plain_when_all_is_there(capsys):
    report.report()
    out = capsys.readouterr().out
    assert re.search(r"^Python 3\.\d+\.\d+, \w+, \d+ processor cores\.$", out, re.MULTILINE)
    assert re.search(r"tensorflow \d+\.\d+", out) and re.search(r"keras \d+\.\d+", out)
    assert "Digits:" in out and out.endswith("Everything is there.\n")
    assert "Missing" not in out


@pytest.mark.parametrize(("module", "package"), [("tf_keras", "tf-keras"), ("PIL", "pillow")])
def test_report_says_what_is_missing_and_what_to_do(module, package, monkeypatch, capsys):
    hide(monkeypatch, module)
    report.report()
    out = capsys.readouterr().out
    assert f"Missing: {package};" in out and f"%pip install {package}" in out
    assert "restart the kernel" in out and "Everything is there" not in out
    assert f"{package} " not in out.split("Missing")[0]


def test_report_goes_on_without_digits(monkeypatch, capsys):
    def none():
        raise FileNotFoundError("No digits: do this.")

    monkeypatch.setattr("helpers.digits.load_digits", none)
    report.report()
    out = capsys.readouterr().out
    assert "No digits: do this." in out and "Everything is there" not in out


def test_report_asks_for_the_device_only_when_told(monkeypatch, capsys):
    monkeypatch.setattr("helpers.reader.device_line", lambda: "Device: here.", raising=False)
    report.report()
    assert "Device" not in capsys.readouterr().out
    report.report(device=True)
    assert "Device: here.\n" in capsys.readouterr().out


def test_report_does_not_ask_tensorflow_that_is_not_there(monkeypatch, capsys):
    hide(monkeypatch, "tensorflow")
    report.report(device=True)
    assert "Missing: tensorflow" in capsys.readouterr().out


def test_report_imports_no_tensorflow():
    code = "import sys, helpers.report as r; r.report(); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.endswith("False\n"), done.stdout + done.stderr
