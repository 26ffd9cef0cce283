"""Make the course to take along, of pages that are built: a PDF of each lesson, and one zip of all.

    uv run python tools/build_site.py && uv run python tools/take_along.py

Chromium prints each lesson, the page for students and the glossary into _site/take_along/, and
beside them lies a zip with the pages, which work from the disk, and the PDFs in pdf/. The first
page gets links to them. The same pages make the same zip.
"""

import html
import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import address  # noqa: E402
from helpers.course import LESSONS  # noqa: E402
from tools import arguments  # noqa: E402

NAME = "hammered-iron-sheet"
FOLDER = "take_along"  # within the site
LISTED = ".built"  # what tools/build_site.py has put there; what is made here joins it
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
    wanted = parser.parse_args(line)
    site = wanted.site
    if not (site / LISTED).is_file() or not (site / "index.html").is_file():
        parser.error(f"{site} holds no built pages: run tools/build_site.py first")
    if not PLACE.search((site / "index.html").read_text(encoding="utf-8")):
        parser.error(f"{site / 'index.html'} has no place for links: build the pages anew")
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

    Returns the zip's path.

    Raises
    ------
    FileExistsError
        If a file that no build has put there is in the way.
    """
    listed = (site / LISTED).read_text(encoding="utf-8").splitlines()
    names = [name for name in printed() if (site / f"{name}.html").is_file()]
    pack = f"{FOLDER}/{NAME}.zip"
    ours = [*(f"{FOLDER}/{name}.pdf" for name in names), pack]
    for name in ours:
        if (site / name).exists() and name not in listed:
            raise FileExistsError(f"{site / name} is not of an earlier run: move it away.")
    (site / FOLDER).mkdir(exist_ok=True)
    (site / LISTED).write_text("\n".join(sorted({*listed, *ours})) + "\n", encoding="utf-8")
    print_pages(site, names)
    index = (site / "index.html").read_text(encoding="utf-8")
    with zipfile.ZipFile(site / pack, "w") as zipped:
        for name in pages(site):
            data = (site / name).read_bytes()
            if name == "index.html":
                data = with_links(index, names, "pdf").encode("utf-8")
            add(zipped, name, data)
        for name in names:
            add(zipped, f"pdf/{name}.pdf", (site / FOLDER / f"{name}.pdf").read_bytes())
    linked = with_links(index, names, FOLDER, site / pack)
    arguments.write_text(site / "index.html", linked)
    return site / pack


def pages(site: Path) -> list[str]:
    """Return all files that builds have put into a site, those of its slides too."""
    found = []
    for listed in (site / LISTED, *site.glob(f"*/{LISTED}")):
        folder = listed.parent.relative_to(site)
        for name in listed.read_text(encoding="utf-8").splitlines():
            found.append((folder / name).as_posix())
    hidden = [name for name in found if name.startswith(".") or "/." in name]
    ours = [name for name in found if name.startswith(f"{FOLDER}/")]
    return sorted({*found} - {*hidden, *ours})


def printed() -> list[str]:
    """Return the names of the pages that are printed, lessons first."""
    return [*(lesson.name for lesson in LESSONS), *BESIDE]


def print_pages(site: Path, names: list[str]) -> None:
    """Let Chromium print pages of a site into its folder of PDFs."""
    from tests import browser_tools

    with browser_tools.chromium() as browser:
        for name in names:
            page, _ = browser_tools.new_page(browser, width=1000)
            page.goto((site / f"{name}.html").resolve().as_uri())
            page.evaluate(READY, address.page(name))
            data = page.pdf(
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
            (site / FOLDER / f"{name}.pdf").write_bytes(without_date(data))
            print(f"printed {name}", flush=True)


def without_date(pdf: bytes) -> bytes:
    """Return a PDF without the moment at which it was printed; its length stays as it is."""

    def blank(found: re.Match) -> bytes:
        return b" " * len(found[0])

    return re.sub(rb"/(?:CreationDate|ModDate) ?\(D:[^)]*\)", blank, pdf)


def add(zipped: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Add a file in the zip's one folder, without the moment at which it was made."""
    entry = zipfile.ZipInfo(f"{NAME}/{name}", (1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    packed = zipfile.ZIP_STORED if name.endswith(".pdf") else zipfile.ZIP_DEFLATED
    zipped.writestr(entry, data, packed, 9)


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
