"""What is generated is current, and is written into its place alone."""

import re

import pytest

from tests.notebook_tools import ROOT, name_of, notebooks
from tools import guide, predictions, stamp
from tools.format_notebooks import formatted


def test_what_is_generated_is_current(capsys):
    assert stamp.main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", notebooks(), ids=name_of)
def test_a_notebook_is_formatted(path):
    saved = path.read_text(encoding="utf-8"), predictions.outputs(path)
    assert formatted(*saved) == saved, "run: uv run python tools/format_notebooks.py"


def test_a_stale_file_is_named_or_written_and_others_stay(tmp_path, capsys):
    stale, new, right = (tmp_path / name for name in ("stale.md", "new.png", "right.md"))
    stale.write_text("old\n")
    right.write_text("as it is\n")
    files = {stale: "today\n", new: b"picture", right: "as it is\n"}
    assert stamp.write(files, check=True) == 1
    assert stale.read_text() == "old\n" and not new.exists()
    said = capsys.readouterr().out
    assert "stale.md" in said and "new.png" in said and "right.md" not in said
    assert stamp.write(files, check=False) == 0
    assert (stale.read_text(), new.read_bytes()) == ("today\n", b"picture")


def test_what_has_no_place_for_it_is_refused(tmp_path):
    path = notebooks()[0]
    text = path.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"00_start_here\.ipynb: the first code cell must begin"):
        stamp.notebook(text.replace("On Colab", "In Colab"), path)
    with pytest.raises(ValueError, match=r"needs <!-- .* once"):
        stamp.readme(stamp.README.read_text(encoding="utf-8").replace("<!-- lessons -->", ""))
    with pytest.raises(ValueError, match=r"lesson\.md needs the lines <!-- minutes -->"):
        guide._put(tmp_path / "lesson.md", "words", "minutes", "table")


def test_links_of_the_projects_pages_lead_to_files():
    pages = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("**/*.md"))
    for page in pages:
        for link in re.findall(r"\]\((?![a-z]+:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page.name, link)
