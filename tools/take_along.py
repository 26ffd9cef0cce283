"""Make the course to take along, of pages that are built: a PDF of each lesson, and one zip of all.

    uv run python tools/build_site.py && uv run python tools/take_along.py

Chromium prints each lesson, the page for students and the glossary into _site/take_along/, and
beside them lies a zip with the pages, which work from the disk, and the PDFs in pdf/. The first
page gets links to them.
"""

import html
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import address  # noqa: E402
from helpers.course import LESSONS  # noqa: E402
from tools import arguments, output_folder  # noqa: E402

NAME = "hammered-iron-sheet"
FOLDER = "take_along"  # within the site
PLACE = re.compile(r'<div class="course-take-along">.*?</div>', re.DOTALL)
# Printed besides the lessons: name, and what the link says.
BESIDE = {"sheet": "one page to print", "glossary": "glossary"}

# A page as it is to be printed: each replay at a telling step, with a line that says what it is.
# Links to other pages lead to where these are published, not to a folder of this computer.
READY = """
async (page) => {
  const turn = () => new Promise(requestAnimationFrame);
  [...document.querySelectorAll(".sheet-replay")].forEach((root, n) => {
    const slider = root.querySelector("input[type=range]");
    if (slider.value === slider.min) { // nothing is read yet: the last step shows all of it
      slider.value = slider.max;
      slider.dispatchEvent(new Event("input"));
    }
    const line = document.createElement("p");
    const link = document.createElement("a");
    link.href = `${page}#replay-${n + 1}=step-${slider.value}`;
    link.textContent = "plays on the page";
    line.className = "course-paper";
    line.append(`Step ${slider.value} of ${slider.max} of a replay, which `, link, ".");
    root.append(line);
  });
  for (const link of document.querySelectorAll("a[href]")) {
    const to = link.getAttribute("href");
    if (!to.startsWith("#")) link.href = new URL(to, page).href;
  }
  await turn();
  await turn();
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
}
"""
FOOT = """
<div style="width: 100%; margin: 0 15mm; font: 8pt system-ui, sans-serif; color: #48566b;
  display: flex; justify-content: space-between">
  <span>The Hammered Iron Sheet</span>
  <span><span class="pageNumber"></span> / <span class="totalPages"></span></span>
</div>
"""


def main(line: list[str] | None = None) -> int:
    """Read the command line, print and pack."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument(
        "--site", type=arguments.folder, default=ROOT / "_site", help="the built pages (_site)"
    )
    site = parser.parse_args(line).site
    if "index.html" not in output_folder.built_before(site):
        parser.error(f"{site} holds no built pages: run tools/build_site.py first")
    arguments.need_browser(parser)
    try:
        made = take_along(site)
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"made: {made} ({megabytes(made)})")
    return 0


def take_along(site: Path) -> Path:
    """Print the PDFs of a built site, pack the zip and link both from the first page.

    Returns the zip's path. Raises FileExistsError if a file of somebody else is in the way.
    """
    files = output_folder.built_before(site)
    files += [f"slides/{name}" for name in output_folder.built_before(site / "slides")]
    names = [each.name for each in LESSONS if f"{each.name}.html" in files] + [*BESIDE]
    index = (site / "index.html").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="sheet-take-along-") as scratch:
        made, packed = Path(scratch) / FOLDER, Path(scratch) / NAME
        made.mkdir()
        print_pages(site, names, made)
        shutil.copytree(made, packed / "pdf")
        for name in files:
            if not Path(name).name.startswith("."):
                (packed / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(site / name, packed / name)
        (packed / "index.html").write_text(with_links(index, names, "pdf"), encoding="utf-8")
        shutil.make_archive(str(made / NAME), "zip", scratch, NAME)
        output_folder.put(made, site / FOLDER)
    pack = site / FOLDER / f"{NAME}.zip"
    arguments.write_text(site / "index.html", with_links(index, names, FOLDER, pack))
    return pack


def print_pages(site: Path, names: list[str], folder: Path) -> None:
    """Let Chromium print pages of a site into a folder."""
    from tests import browser_tools

    with browser_tools.chromium() as browser:
        for name in names:
            page, _ = browser_tools.new_page(browser, width=1000)
            page.goto((site / f"{name}.html").resolve().as_uri())
            page.evaluate(READY, address.page(name))
            page.pdf(
                path=folder / f"{name}.pdf",
                format="A4",
                print_background=True,
                prefer_css_page_size=True,
                display_header_footer=name != "sheet",  # one page, full to its edges
                header_template="<span></span>",
                footer_template=FOOT,
                tagged=True,
                outline=True,
            )
            page.context.close()
            print(f"printed {name}", flush=True)


def with_links(index: str, names: list[str], folder: str, pack: Path | None = None) -> str:
    """Return the first page with links to the PDFs in `folder` and, if it is given, the zip."""
    titles = {lesson.name: f"{lesson.number}. {lesson.title}" for lesson in LESSONS} | {
        name: words.capitalize() for name, words in BESIDE.items()
    }
    links = "".join(
        f'<li><a href="{folder}/{name}.pdf">{html.escape(titles[name])}</a></li>' for name in names
    )
    whole = (
        f'<p><a href="{FOLDER}/{pack.name}">All of it as a zip</a> ({megabytes(pack)}): the pages, '
        "which work from the disk and without the network, and the PDFs.</p>"
        if pack
        else ""
    )
    block = (
        f'<div class="course-take-along"><h2>To take along</h2>{whole}'
        f'<p>As PDF, to print:</p><ul class="course-solutions">{links}</ul></div>'
    )
    return PLACE.sub(lambda _: block, index, count=1)


def megabytes(path: Path) -> str:
    """Say how large a file is."""
    return f"{max(path.stat().st_size / 1e6, 0.1):.{0 if path.stat().st_size > 1e7 else 1}f} MB"


if __name__ == "__main__":
    sys.exit(main())
