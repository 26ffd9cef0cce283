"""Open a notebook in JupyterLab, run all its cells, and save what it looks like as PNG pieces.

    uv run python tools/screenshot.py notebooks/01_the_hammered_iron_sheet.ipynb /tmp/look

The notebook itself is not changed: a copy is run, without the network, on the bundled digits.
Exits with 1 if a cell raised an error, or the page asked for something elsewhere.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import browser_tools  # noqa: E402
from tools import arguments  # noqa: E402


def main() -> int:
    """Read the command line, take the pictures, and tell what was seen."""
    parser = arguments.new_parser(__doc__)
    parser.add_argument("notebook", type=arguments.notebook)
    parser.add_argument("folder", type=arguments.folder, help="where the pictures go")
    parser.add_argument("--width", type=arguments.whole(300, 8000), default=1400)
    parser.add_argument("--height", type=arguments.whole(300, 8000), default=1000)
    parser.add_argument("--dark", action="store_true", help="JupyterLab's dark theme")
    parser.add_argument("--no-run", action="store_true", help="show the saved outputs as they are")
    wanted = parser.parse_args()
    arguments.need_browser(parser)
    notebook, lessons = wanted.notebook.resolve(), ROOT / "notebooks"
    # A lesson needs the pictures beside it; a notebook from elsewhere comes alone.
    inside = notebook.is_relative_to(lessons)
    name = notebook.relative_to(lessons).as_posix() if inside else notebook.name
    source, faults = lessons if inside else notebook, []
    with (
        browser_tools.jupyter_server(source, dark=wanted.dark) as server,
        browser_tools.chromium() as browser,
    ):
        page, watch = browser_tools.new_page(browser, width=wanted.width, height=wanted.height)
        browser_tools.open_notebook(page, server, name)
        if not wanted.no_run:
            try:
                browser_tools.run_all(page)
            except Exception as error:  # a picture of what stands there helps to find out why
                faults.append(f"Run All did not end well: {str(error).splitlines()[0]}")
        for path in browser_tools.screenshots(page, wanted.folder, notebook.stem):
            print(path)
        for output in browser_tools.outputs(page):
            if output["output_type"] == "error":
                faults.append(f"cell {output['cell']}: {output['ename']}: {output['evalue']}")
            if output.get("name") == "stderr":
                faults.append(f"cell {output['cell']} on stderr: {''.join(output['text'])[:300]}")
        faults += watch.faults()
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
