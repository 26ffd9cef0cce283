"""How Sphinx builds the course as pages. Run it through tools/build_site.py.

Sphinx with MyST-NB and the PyData theme brings navigation, search and notebooks, all of which work
from a folder on disk; the two things that it would fetch from elsewhere are replaced below.
"""

import tomllib
from pathlib import Path

from latex2mathml.converter import convert

_PROJECT = tomllib.loads(
    (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
)["project"]

project = "The Hammered Iron Sheet"
author = "The Hammered Iron Sheet contributors"
copyright = f"{author}. Text CC BY 4.0, code MIT"
version = release = _PROJECT["version"]
language = "en"

extensions = ["myst_nb", "tools.term_marks"]  # the second is found by tools/build_site.py
exclude_patterns = ["solutions/**/.ipynb_checkpoints"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

nb_execution_mode = "off"  # tools/build_site.py has run the lessons already
# A page has no kernel: of a replay's three faces it shows the player.
nb_mime_priority_overrides = [("html", "text/html", 0)]
nb_ipywidgets_js = {}  # the widgets' own scripts would come from elsewhere
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "pydata_sphinx_theme"
html_title = project
html_context = {
    "default_mode": "auto",
    "repository": _PROJECT["urls"]["Repository"].rstrip("/"),
}
templates_path = ["_templates"]
html_static_path = ["_static"]
html_css_files = ["course.css", "terms.css", "sheet.css", "ask.css"]
html_js_files = [
    (name, {"defer": "defer"})  # questions.js is written by tools/build_site.py
    for name in ("wide_pictures.js", "terms.js", "questions.js", "typed_answers.js", "ask.js")
]
html_favicon = "_static/favicon.svg"
html_show_sourcelink = False
html_copy_source = False
html_use_index = False
html_show_search_summary = False  # it would fetch the pages, which a browser refuses on a disk
html_sidebars = {"**": ["course-nav.html"]}
html_theme_options = {
    "navbar_align": "left",
    "navbar_center": [],
    "navbar_end": ["course-links", "theme-switcher"],
    "navbar_persistent": ["search-button"],
    "show_toc_level": 2,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "use_edit_page_button": False,
    "back_to_top_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_math_renderer = "mathml"


def _mathml(self, node, display):
    # Browsers render MathML themselves: no script, no fonts from elsewhere, and a voice reads it.
    shown = convert(node.astext(), display=display)
    if "<mi>&</mi>" in shown or "<mi>\\" in shown:
        raise ValueError(f"latex2mathml knows not all of this formula: {node.astext()}")
    self.body.append(shown)


def _inline(self, node):
    from docutils.nodes import SkipNode

    _mathml(self, node, "inline")
    raise SkipNode


def _block(self, node):
    from docutils.nodes import SkipNode

    self.body.append('<div class="math-block" tabindex="0">')
    _mathml(self, node, "block")
    self.body.append("</div>")
    raise SkipNode


def setup(app):
    """Tell Sphinx about the renderer."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
