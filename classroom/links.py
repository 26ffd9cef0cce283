"""Print the links by which students pull the course from a hub and open a lesson.

python classroom/links.py https://hub.example.org
python classroom/links.py https://hub.example.org 1 4
python classroom/links.py https://hub.example.org --repository https://github.com/you/your-copy
python classroom/links.py http://127.0.0.1:8000 --repository /opt/hammered-iron-sheet
"""

import argparse
import sys
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers import address
from helpers.course import LESSONS
from tools.arguments import in_order, lesson, new_parser


def main():
    """Print a line for each lesson."""
    parser = new_parser(__doc__)
    parser.add_argument("hub", type=web_address, help="the hub's address, as students type it")
    parser.add_argument("lessons", nargs="*", type=lesson, metavar="N", help="such as 1 4 (all)")
    parser.add_argument(
        "--repository", type=copy_of_course, help="your own copy: its address, or its folder here"
    )
    parser.add_argument("--branch", default="main", help="the branch of it (main)")
    asked = parser.parse_args()
    for each in in_order(asked.lessons or list(LESSONS)):
        link = address.pull(asked.hub, each.name, asked.repository, asked.branch)
        print(f"{each.number}. {each.title}\n{link}\n")


def web_address(text):
    """Understand an address that begins with http:// or https://."""
    parts = urllib.parse.urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no address of a web page, such as https://hub.example.org"
        )
    return text.strip()


def copy_of_course(text):
    """Understand an address, or a folder of this machine that git can be asked for."""
    folder = Path(text).expanduser().resolve()
    return folder.as_uri() if (folder / ".git").exists() else web_address(text)


if __name__ == "__main__":
    main()
