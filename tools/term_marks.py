"""A part of Sphinx that explains a term where it comes first on a page.

The word becomes a link to its entry in the glossary, and its sentence shows when it is pointed at
or has the focus (site/_static/terms.css and terms.js). Code, links, headings and formulas stay as
they are. site/conf.py takes it up.
"""

import html
import re

from docutils import nodes

from tools.glossary import TERMS, Term

LEFT_ALONE = (
    nodes.literal,
    nodes.literal_block,
    nodes.reference,
    nodes.title,
    nodes.rubric,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.comment,
    nodes.caption,
    nodes.system_message,
)

# Where a term's word means something else.
OTHER_MEANINGS = re.compile(
    r"\bthe kernel (?:is dead|dies|does)\b|\b(?:another|fast|GPU|restart the|has a) kernel\b"
    r"|\boutlives the kernel\b|\bon its head\b",
    re.IGNORECASE,
)


def first_occurrences(texts: list[str], lesson: int) -> list[tuple[int, int, int, Term]]:
    """Find where each term that a lesson may use comes first in its texts.

    Parameters
    ----------
    texts : the pieces of running text of one page, in order
    lesson : the number of its lesson: terms of later lessons are not found, as a word may mean
        something else before its term is there

    Returns
    -------
    list of (number of the text, start, end, Term), in order and without overlap
    """
    due = {word.lower(): term for term in TERMS if term.lesson <= lesson for word in term.marked}
    # The longest first: in "forget gate" the word "gate" is no occurrence of its own.
    words = "|".join(re.escape(word) for word in sorted(due, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
    found, seen = [], set()
    for number, text in enumerate(texts):
        elsewhere = [each.span() for each in OTHER_MEANINGS.finditer(text)]
        for each in pattern.finditer(text):
            term = due[each[0].lower()].name
            if term not in seen and not any(a <= each.start() < b for a, b in elsewhere):
                seen.add(term)
                found.append((number, *each.span(), due[each[0].lower()]))
    return found


class TermMark(nodes.inline):
    """A word that is explained where it stands."""


def mark(app, doctree, docname: str) -> None:
    """Put a mark around the first occurrence of each term on the page of a lesson."""
    number = docname.rpartition("/")[2][:2]
    if not number.isdigit():
        return
    texts = [text for text in doctree.findall(nodes.Text) if not _is_left_alone(text)]
    found = {}
    for which, start, end, term in first_occurrences([str(text) for text in texts], int(number)):
        found.setdefault(which, []).append((start, end, term))
    address = app.builder.get_relative_uri(docname, "glossary")
    for which, places in found.items():
        text, parts, done = str(texts[which]), [], 0
        for start, end, term in places:
            parts += [nodes.Text(text[done:start]), _marked(text[start:end], term, address)]
            done = end
        parts.append(nodes.Text(text[done:]))
        texts[which].parent.replace(texts[which], [part for part in parts if part.astext()])


def _is_left_alone(text: nodes.Text) -> bool:
    above = text.parent
    while above is not None:
        if isinstance(above, LEFT_ALONE):
            return True
        above = above.parent
    return False


def _marked(word: str, term: Term, address: str) -> TermMark:
    return TermMark("", word, says=term.says, slug=term.slug, to=f"{address}#{term.slug}")


def _begin(self, node) -> None:
    self.body.append(
        f'<dfn class="course-term"><a href="{html.escape(node["to"])}" '
        f'aria-describedby="says-{node["slug"]}">'
    )


def _end(self, node) -> None:
    says = html.escape(node["says"])
    self.body.append(f'</a><span role="tooltip" id="says-{node["slug"]}">{says}</span></dfn>')


def _leave(self, node) -> None:
    """Other formats keep the word alone."""


def setup(app):
    """Tell Sphinx."""
    app.add_node(TermMark, html=(_begin, _end), text=(_leave, _leave), latex=(_leave, _leave))
    app.connect("doctree-resolved", mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
