"""What there is to take along: PDFs of the pages, all of their text and pictures, and one zip.

Pages of a few lines stand for the lessons here: what Chromium makes of them is what is tested. The
pages of the lessons have the same style sheets.
"""

import importlib.util
import io
import re
import zipfile

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from helpers import address, figures
from helpers.course import LESSONS
from helpers.figures.frames import figure_html
from helpers.replay import Replay
from tests import browser_tools
from tools import build_site, built_line, take_along

NAME, OTHER = LESSONS[1].name, LESSONS[2].name
LINE = "weights = " + " + ".join(f"part_number_{n:02}" for n in range(14)) + "  # the line's end"
LOOP = "\n".join(f"print('line {n:02} of one cell')" for n in range(40))
RED = (255, 0, 0)


def picture(width, height):
    """Return a red picture with a black edge: where a side is missing it is cut."""
    pixels = np.full((height, width, 3), RED, np.uint8)
    pixels[:4] = pixels[-4:] = pixels[:, :4] = pixels[:, -4:] = 0
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def shown(html):
    return new_output("display_data", {"text/html": html, "text/plain": "a picture"})


def lesson_page():
    """Return a notebook that has been run, with what is hard to print."""
    frames = figures.Frames([picture(928, 300)] * 3, ["One.", "Two.", "Three."], 928, 300, "Three")
    wide = figure_html(picture(928, 400), "A wide picture.", 928)
    tall = figure_html(picture(600, 1500), "A tall picture.", 600)
    words = "\n\n".join(f"Words of paragraph {n:02}. " + "And more. " * 40 for n in range(9))
    formula = "$$c_t = f_t \\odot c_{t-1} + i_t \\odot \\tilde c_t$$"
    loop = new_output("stream", text="\n".join(f"line {n:02} of one cell" for n in range(40)))
    return new_notebook(cells=[
        new_markdown_cell(f"# 1. {LESSONS[1].title}\n\n**Predict.** What comes?\n\n{formula}"),
        new_code_cell(LINE),
        new_code_cell("wide", outputs=[shown(wide)]),
        new_code_cell("tall", outputs=[shown(tall)]),
        new_markdown_cell(f"## A second part\n\n{words}"),
        new_code_cell(LOOP, outputs=[loop]),
        new_markdown_cell("## A third part"),
        new_code_cell("Replay(frames)", outputs=[shown(Replay(frames).html())]),
        new_markdown_cell("The last words of the page, and [a word](glossary.md)."),
    ])  # fmt: skip


@pytest.fixture(scope="module")
def browser_is_there():
    reason = browser_tools.why_no_browser()
    pypdf = importlib.util.find_spec("pypdf")
    no_reader = None if pypdf else "pypdf is not installed (uv sync installs it)"
    if reason or no_reader:
        pytest.skip(reason or no_reader)


@pytest.fixture(scope="module")
def site(browser_is_there, tmp_path_factory):
    """Two pages, built by Sphinx in the course's own way, and what is made of them."""
    out = tmp_path_factory.mktemp("site") / "site"

    def run_lesson(lesson, source, scratch):
        book = lesson_page() if lesson.name == NAME else new_notebook(
            cells=[new_markdown_cell(f"# 2. {lesson.title}\n\nShort.")]
        )  # fmt: skip
        nbformat.write(book, source / f"{lesson.name}.ipynb")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_site, "run_lesson", run_lesson)
        patch.setenv("SOURCE_DATE_EPOCH", "1795910400")
        line = ["--only", "1", "2", "--no-solutions", "--out", str(out)]
        assert build_site.main(line) == 0
    (out / "mine.txt").write_text("mine")
    take_along.main(["--site", str(out)])
    return out


def pdf(site, name):
    from pypdf import PdfReader

    return PdfReader(site / "take_along" / f"{name}.pdf")


def text_of(pages):
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))


def test_all_of_a_pages_text_is_on_its_pdf_and_no_line_is_cut(site):
    read = pdf(site, NAME)
    text = text_of(read.pages)
    for line in (LINE, LOOP, *(f"Words of paragraph {n:02}." for n in range(9)),
                 *(f"line {n:02} of one cell" for n in range(40)), "A wide picture.",
                 "A tall picture.", "The last words of the page,", "What comes?"):  # fmt: skip
        assert re.sub(r"\s+", "", line) in text, line
    for part in ("Show what happens", "Your prediction", "Run it:", "Skip to main"):
        assert part.replace(" ", "") not in text, part
    assert read.metadata.title.startswith(f"1. {LESSONS[1].title}")
    assert read.metadata.creation_date is None


def test_there_are_as_many_pages_as_are_needed_each_with_its_number(site):
    pages = pdf(site, NAME).pages
    assert 4 <= len(pages) <= 7
    for n, page in enumerate(pages, 1):
        assert 590 < page.mediabox.width < 600 and 838 < page.mediabox.height < 846  # A4
        text = re.sub(r"\s+", " ", page.extract_text())
        assert f"{n} / {len(pages)}" in text
        assert len(text) > 60, f"page {n} is empty"
        heads = re.findall(r"A (?:second|third) part\s*(?:The Hammered Iron Sheet|$)", text)
        assert not heads, "a heading alone at the foot of a page"
    assert len(pdf(site, "sheet").pages) == 1
    assert len(pdf(site, OTHER).pages) == 1


def test_every_picture_is_whole_and_on_one_page(site):
    """Of a picture that is cut in two, or at a side, some edge is missing."""
    sizes = []
    for page in pdf(site, NAME).pages:
        wide, high = float(page.mediabox.width), float(page.mediabox.height)
        for box in pictures_on(page):
            left, low, right, top = box
            assert left > 30 and right < wide - 30 and low > 40 and top < high - 30, box
            sizes.append((right - left) / (top - low))
    assert [round(size, 1) for size in sizes] == [2.3, 0.4, 3.1]


def pictures_on(page):
    """Return where a page's pictures lie: left, low, right, top, in points."""
    boxes = []

    def look(operator, operands, cm, tm):
        if (
            operator == b"Do"
            and page["/Resources"]["/XObject"][operands[0]]["/Subtype"] == "/Image"
        ):
            a, _, _, d, e, f = cm
            boxes.append((min(e, e + a), min(f, f + d), max(e, e + a), max(f, f + d)))

    page.extract_text(visitor_operand_before=look)
    return boxes


def test_a_replay_shows_its_last_step_and_says_where_it_plays(site):
    last = pdf(site, NAME).pages[-1]
    text = text_of([last])
    assert "Step3of3ofareplay,whichplaysonthepage." in text and "Three." in text
    links = [note.get_object()["/A"]["/URI"] for note in last.get("/Annots", [])]
    assert f"{address.page(NAME)}#replay-1=step-3" in links


def test_links_lead_to_the_published_pages_and_none_to_this_computer(site):
    links = []
    for name in (NAME, OTHER, "glossary", "sheet"):
        notes = [
            note.get_object() for page in pdf(site, name).pages for note in page.get("/Annots", [])
        ]
        links += [note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})]
    assert address.page("glossary") in {link.partition("#")[0] for link in links}
    assert not [link for link in links if not link.startswith("https://")], links


def test_the_zip_holds_the_pages_and_the_pdfs_in_one_folder_and_nothing_else(site):
    with zipfile.ZipFile(site / "take_along" / "hammered-iron-sheet.zip") as zipped:
        assert zipped.testzip() is None
        names = zipped.namelist()
        assert all(name.startswith("hammered-iron-sheet/") for name in names)
        inside = {name.partition("/")[2] for name in names}
        assert {"index.html", f"{NAME}.html", "glossary.html", "reader/index.html"} <= inside
        assert {f"pdf/{name}.pdf" for name in (NAME, OTHER, "sheet", "glossary")} <= inside
        assert not {name for name in inside if "take_along" in name or name.startswith(".")}
        assert "mine.txt" not in inside
        index = zipped.read("hammered-iron-sheet/index.html").decode()
        for link in re.findall(r'href="([^"#:]*\.(?:pdf|zip|html))"', index):
            assert link in inside, f"{link} is not in the zip"
        assert f'href="pdf/{NAME}.pdf"' in index


def test_the_first_page_links_to_what_is_there(site):
    index = (site / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="(take_along/[^"]*)"', index)
    assert len(links) == 5 and all((site / link).is_file() for link in links)
    assert "<h2>To take along</h2>" in index and " MB)" in index
    listed = (site / ".built").read_text(encoding="utf-8").splitlines()
    assert set(links) <= set(listed), "a later build would leave them behind"


def packed(pack):
    """Return what a zip holds, by name; of a PDF its pages' texts: Chromium may number it anew."""
    import pypdf

    with zipfile.ZipFile(pack) as file:
        held = {each.filename: (each.date_time, file.read(each)) for each in file.infolist()}
    return {
        name: (
            when,
            [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
            if name.endswith(".pdf")
            else data,
        )
        for name, (when, data) in held.items()
    }


def test_the_same_pages_make_the_same_zip_and_links_are_not_doubled(site, capsys):
    pack, index = site / "take_along" / "hammered-iron-sheet.zip", site / "index.html"
    before = packed(pack), index.read_bytes()
    assert take_along.main(["--site", str(site)]) == 0
    assert (packed(pack), index.read_bytes()) == before
    assert "made: " in capsys.readouterr().out


def test_a_file_of_somebody_else_is_not_overwritten(site, tmp_path, capsys):
    (tmp_path / "take_along").mkdir()
    for name in ("index.html", f"{NAME}.html"):
        (tmp_path / name).write_bytes((site / name).read_bytes())
    (tmp_path / ".built").write_text(f"index.html\n{NAME}.html\n")
    mine = tmp_path / "take_along" / f"{NAME}.pdf"
    mine.write_text("mine")
    assert take_along.main(["--site", str(tmp_path)]) == 1
    assert "is not of an earlier run: move it away" in capsys.readouterr().err
    assert mine.read_text() == "mine"


def test_what_holds_no_pages_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        take_along.main(["--site", str(tmp_path)])
    assert ended.value.code == 2
    assert "holds no built pages: run tools/build_site.py first" in capsys.readouterr().err


# --- when the pages were built -------------------------------------------------------------------


def test_the_first_page_says_when_it_was_built_and_not_that_it_was_tested(site):
    index = (site / "index.html").read_text(encoding="utf-8")
    [line] = re.findall(r'<p class="course-built">(.*?)</p>', index)
    assert line.startswith("Built on 29 November 2026 with Python 3.")
    for name in built_line.PACKAGES:
        assert re.search(rf"\b{name} \d+\.\d+", line), name


def test_only_who_asks_for_it_is_said_to_be_tested(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert built_line.text(True).startswith("Built and tested on 1 January 1970 with Python")
    assert "tested" not in built_line.text(False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(ValueError, match="SOURCE_DATE_EPOCH is 'yesterday': give whole seconds"):
        built_line.text(False)


@pytest.mark.parametrize("part", [["--only", "1"], ["--no-solutions"]])
def test_tested_speaks_of_all_pages(part, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        build_site.main(["--tested", *part, "--out", str(tmp_path)])
    assert ended.value.code == 2 and "--tested speaks of all pages" in capsys.readouterr().err
