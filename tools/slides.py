"""What a lesson's slides are: which cell begins one, what is on it, and what the teacher reads.

Every cell carries its place in the metadata, as Jupyter and nbconvert know it (``slideshow``,
``slide_type``). `slide_types` is the rule, and tools/format_notebooks.py writes it there.
"""

import html
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from helpers import address
from helpers.course import LESSONS, Lesson
from helpers.exercises import asked
from helpers.replay import script_json
from tools import guide, predictions, timetable

DECK = Path(__file__).resolve().parent.parent / "slides" / "deck.html"
UNSEEN = (address.FIRST, "**What you have done.**")  # what a class need not see
PROGRESS = "helpers.progress"


# --- which cell begins a slide -------------------------------------------------------------------


def is_lesson(book) -> bool:
    """Whether a notebook is a lesson, by its title: solutions have no slides."""
    return bool(book.cells) and bool(re.match(r"# \d+\. ", book.cells[0].source))


def slide_types(cells: list) -> list[str]:
    """Return the slide type of each cell of a lesson, by rule.

    A section's heading begins a slide beside the others, any other text one below it. Code and
    what it gives stand with the text before; after a question they wait for a key.
    """
    types, waits, after_picture = [], False, False
    for number, cell in enumerate(cells):
        if cell.source.startswith(UNSEEN) or PROGRESS in cell.source:
            types.append("skip")
        elif cell.cell_type != "code":
            types.append("slide" if number == 0 or cell.source.startswith("## ") else "subslide")
            waits = predictions.asks(predictions.parts(predictions.unfolded(cell.source))[-1])
            after_picture = False
        else:
            types.append("subslide" if after_picture else "fragment" if waits else "-")
            after_picture = _shows_picture(cell)
    return types


def _shows_picture(cell) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


# --- what is on it -------------------------------------------------------------------------------


@dataclass
class Slide:
    """A slide before it is laid out; deck.js cuts one that is too tall into several.

    kind : "title", "text", "predict", "turn" or "end"
    down : whether it stands below the one before, in the same section
    head : the section's title
    blocks : its parts as HTML, one below the other
    notes : what the teacher reads, as HTML
    texts : its words, a Block each, until `shorten` has put them among the blocks
    """

    kind: str
    down: bool
    head: str
    blocks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    texts: list = field(default_factory=list)


def slides(lesson: Lesson, book) -> list[Slide]:
    """Return the slides of a lesson that tools/build_site.py has run."""
    made = [title_slide(lesson)]
    questions, hidden, after_code = iter(guide.questions(lesson)), False, False
    types = [cell.metadata.get("slideshow", {}).get("slide_type", "-") for cell in book.cells]
    for cell, kind in zip(book.cells[1:], types[1:], strict=True):
        if kind == "skip":
            continue
        if cell.cell_type == "markdown":
            before, after = parted(blocks(cell.source), after_code)
            for block in before:
                made[-1].texts.append(block)
                block.explains = True
            for n, block in enumerate(after):
                here = made[-1].kind == "text" and not n and after_code
                if here and block.question and ABOVE.search(block.source):
                    made[-1].kind = "predict"  # what it asks about is here
                else:
                    begin(made, block, n == 0 and kind)
                if block.question:
                    made[-1].notes.append(_of_question(next(questions)))
                if block.level:
                    made[-1].blocks.append(block.html)
                elif block.html:
                    made[-1].texts.append(block)
        else:
            if kind == "subslide":
                made.append(Slide("text", True, made[-1].head))
            add_code(made[-1], lesson, cell, waits=kind == "fragment", hidden=not hidden)
            hidden = True  # the first cell imports: its picture is shown, its lines are not
        after_code = cell.cell_type == "code"
    for each in made:
        shorten(each)
        each.notes = each.notes or [""]
    made = [each for each in made if each.blocks]
    _with_minutes(lesson, made)
    straight = [each for each in made if not each.head.startswith(timetable.FURTHER)]
    straight[-1].kind = "end"  # the Further parts stand behind it
    return made


def parted(found: list, after_code: bool) -> tuple[list, list]:
    """Return the parts of a text that explain what stands before it, and those that lead on.

    What a cell gave is explained on its own slide: no slide speaks of a picture that is not there.
    """
    ends = (n for n, block in enumerate(found) if block.begins or block.name == "table")
    end = next(ends, len(found))
    if not after_code:
        end = 0
    elif end == len(found) and (end > 1 or found[-1].source.endswith(":")):
        end -= 1  # the last part leads to the cell that follows
    return found[:end], found[end:]


ABOVE = re.compile(r"\b(picture|replay|table|list) above\b|\bat the (picture|replay|table)\b")
WORDS = 40  # at the most on a slide; the teacher reads the rest


def shorten(slide: Slide) -> None:
    """Put a slide's texts on it, the question first, as far as they go; the rest into its notes."""
    room = WORDS
    kept = {}
    for block in sorted(slide.texts, key=lambda each: not each.asks):
        kept[id(block)], rest = block.shortened(room)
        room -= counted(kept[id(block)])
        if rest:
            slide.notes.append(rest)
    heads = [block for block in slide.blocks if _is_head(block)]
    others = [block for block in slide.blocks if not _is_head(block)]
    said = {False: [], True: []}
    pictures = [n for n, block in enumerate(others) if 'data-block="p' in block]  # and players
    for block in slide.texts:
        if shown := kept[id(block)]:
            more = " question" * block.question + " explains" * block.explains
            if slide.kind == "predict" and block.explains:
                more += f' fragment" data-fragment-index="{1 if pictures else 2}'
            said[block.explains].append(_block(block.name, shown, more))
    # Above a picture, which takes all the room below; else below what it explains.
    at = len(others)
    if pictures:
        at = pictures[0] if slide.kind == "predict" else 0
    slide.blocks = [*heads, *said[False], *others[:at], *said[True], *others[at:]]


def counted(shown: str) -> int:
    """Return how many words a part has on the screen; a table's are not read as a text is."""
    if "<table" in shown:
        return 0
    return len(re.sub(r"<math.*?</math>|<[^>]+>", " ", shown, flags=re.DOTALL).split())


def begin(made: list[Slide], block, kind) -> None:
    """Begin a new slide where a cell or a part of one asks for it."""
    if block.level == 2:
        made.append(Slide("text", False, block.text))
    elif made[-1].kind == "text" and not made[-1].texts and _only_head(made[-1].blocks):
        pass  # what follows a heading at once stands below it
    elif block.level == 3 or block.asks or block.aims:
        made.append(Slide("text", True, made[-1].head))
    elif kind in ("slide", "subslide"):
        made.append(Slide("text", kind == "subslide", made[-1].head))
    if block.question:
        made[-1].kind = "predict"
    elif block.level == 3 and block.text.startswith("Your turn"):
        made[-1].kind = "turn"


def _only_head(found: list[str]) -> bool:
    return len(found) == 1 and _is_head(found[0])


def _is_head(block: str) -> bool:
    return 'data-block="head"' in block


def title_slide(lesson: Lesson) -> Slide:
    """Return the first slide, with the guide's words on the whole lesson for the teacher."""
    head = (
        f'<div class="block" data-block="head"><p class="course">The Hammered Iron Sheet</p>'
        f'<h1><span class="number">{lesson.number}</span> {html.escape(lesson.title)}</h1>'
        f'<p class="happens">{html.escape(lesson.happens)}</p></div>'
    )
    notes = [rendered(f"**{name}.** {text}") for name, text in guide.about(lesson).items()]
    return Slide("title", False, timetable.OPENING, [head], notes)


def add_code(slide: Slide, lesson: Lesson, cell, waits: bool, hidden: bool = False) -> None:
    """Put a code cell on a slide: its lines, what it prints, and below them what it shows."""
    lines = "" if hidden else f'<div class="code">{highlighted(cell.source)}</div>'
    printed, shown, told = [], [], []
    for output in cell.outputs:
        text, seen, words = _output(output)
        printed += [text] if text and not hidden else []
        shown += [seen] if seen else []
        told += [f"<p>{words}</p>"] if words else []
    waiting = ' fragment" data-fragment-index="1' if waits else ""
    if shown and lines:  # a picture takes the room; whoever asks for its lines gets them
        slide.notes.append(f"<pre>{html.escape(cell.source)}</pre>")
        lines = ""
    inner = lines + "".join(printed)
    if inner:
        size = f'style="--code-size: {code_size(cell.source, *printed)}px"'
        slide.blocks.append(f'<div class="block{waiting}" data-block="cell" {size}>{inner}</div>')
    slide.blocks += [part.replace('class="block"', f'class="block{waiting}"', 1) for part in shown]
    slide.notes += told
    due = [name.rpartition(": ")[2] for name in asked(cell.source)]
    for row in guide.exercises(lesson) if due else []:
        if row.name.strip("`") in due:
            slide.kind = "predict" if slide.kind == "predict" else "turn"
            right, wrong = rendered(row.right), rendered(row.wrong)
            slide.notes.append(f"<p>Right:</p>{right}<p>Wrong answers that come:</p>{wrong}")


def code_size(*texts: str) -> int:
    """Return how large letters can be in pixels so that no line of a cell is wrapped: 20 to 26."""
    longest = max(len(line) for text in texts for line in html.unescape(text).splitlines())
    return max(20, min(26, int(1170 / (0.603 * longest))))


def _output(output) -> tuple[str, str, str]:
    """Return what an output prints, what is a block of its own, and what the teacher says of it."""
    data = output.get("data", {})
    text = output.get("text") or data.get("text/plain", "")
    said = data.get("text/html", "")
    if output.get("text", "").startswith("Your turn:") or re.search("course-(ask|python)", said):
        return "", "", ""  # on a slide no check runs
    if "sheet-replay" in said:
        player, rest = shortened(said)
        return "", _block("player", player), rest
    if "<figure" in said:
        words = re.search(r"<figcaption[^>]*>(.*?)</figcaption>", said, re.DOTALL)
        return "", _block("picture", said), words[1] if words else ""
    if said:
        return "", _block("table" if "<table" in said else "text", with_links(said)), ""
    text = text.rstrip()
    return f'<pre class="output">{html.escape(text)}</pre>' if text else "", "", ""


def shortened(player: str) -> tuple[str, str]:
    """Return a player whose first words are hardly longer than the others, and the rest of them.

    What is said of the replay as a whole stands at the end of the first step's words; below the
    picture all steps would keep room for it.
    """
    found = re.search(r"(?<=\.show\()\{.*\}(?=, \d+\);)", player)
    frames = json.loads(found[0])
    first, *others = frames["words"]
    kept, most = first, max(map(len, others), default=len(first)) + 20
    while len(kept) > most and ". " in kept:
        kept = kept.rpartition(". ")[0]
    if kept == first:
        return player, ""
    frames["words"][0] = f"{kept}."
    rest = html.escape(first[len(kept) + 2 :])
    return player[: found.start()] + script_json(frames) + player[found.end() :], rest


def _block(kind: str, inner: str, more: str = "") -> str:
    return f'<div class="block{more}" data-block="{kind}">{inner}</div>'


# --- what the teacher reads ----------------------------------------------------------------------


def _of_question(row: guide.Question) -> str:
    return f"<p><b>Ask.</b> {inline(row.ask)}</p><p>{inline(row.answers)}</p>"


def _with_minutes(lesson: Lesson, made: list[Slide]) -> None:
    """Say at the head of each section how long it takes."""
    sections = {each.title: each for each in timetable.sections(lesson)}
    for each in made:
        if section := sections.pop(each.head, None):
            whole, without = section.minutes(), section.minutes(with_exercises=False)
            less = f", {without} without the exercises" if without < whole else ""
            each.notes.insert(0, f"<p>About {whole} min{less}.</p>")


# --- Markdown, formulas and code as HTML ---------------------------------------------------------


@dataclass
class Block:
    """A paragraph, list, table or heading of a text; `level` is that of a heading, or 0."""

    name: str
    source: str
    html: str
    level: int = 0
    text: str = ""
    question: bool = False
    aims: bool = False
    explains: bool = False  # what was shown before it

    @property
    def begins(self) -> bool:
        """Whether a slide begins with it, whatever stood before."""
        return bool(self.level) or self.asks or self.aims

    @property
    def asks(self) -> bool:
        """Whether it asks for a prediction, or is a numbered question."""
        return self.question or bool(re.match(r"\*\*\d\.\*\* ", self.source))

    def shortened(self, room: int) -> tuple[str, str]:
        """Return as HTML what of it has room on a slide, in words, and what has not."""
        inner = self.html
        if not inner or counted(inner) <= room:
            return inner, ""
        pieces = self.pieces()
        asked = [n for n, piece in enumerate(pieces) if self.asks and piece.endswith("?")]
        order = [*asked[-1:], *(n for n in range(len(pieces)) if n not in asked[-1:])]
        kept = set()
        for n in order:
            if kept and counted(self.join([pieces[n]])) > room:
                break
            room -= counted(self.join([pieces[n]]))
            kept.add(n)
        if room < 0 and not self.asks:
            return "", inner
        shown = [piece for n, piece in enumerate(pieces) if n in kept]
        if self.question and shown and predictions.PREDICT not in shown[0]:
            shown[0] = f"{predictions.PREDICT} {shown[0]}"
        rest = [piece for n, piece in enumerate(pieces) if n not in kept]
        return self.join(shown) if shown else "", self.join(rest)

    def pieces(self) -> list[str]:
        """Return the sentences of a paragraph, or the items of a list."""
        if self.name == "list":
            return re.split(r"\n(?=[-*] |\d+\. )", self.source)
        pieces = []
        for sentence in re.split(r"(?<=[.!?:]) +(?=[^a-z])", self.source):
            # What bold or code letters, a formula or brackets hold together stays together.
            before = pieces[-1] if pieces else ""
            held = any(before.count(mark) % 2 for mark in ("**", "`", "$"))
            held = held or any(before.count(a) > before.count(z) for a, z in ("()", "[]"))
            if held or before.endswith((":**", ".**")) or before == predictions.PREDICT:
                pieces[-1] += f" {sentence}"
            else:
                pieces.append(sentence)
        return pieces

    def join(self, pieces: list[str]) -> str:
        """Return pieces as HTML."""
        return rendered(("\n" if self.name == "list" else " ").join(pieces))


def blocks(source: str) -> list[Block]:
    """Return the parts of a text."""
    parser, made = markdown(), []
    lines, part = source.splitlines(), []
    for token in parser.parse(source):
        part.append(token)
        if token.level or token.nesting == 1:
            continue
        inner = next((each.content for each in part if each.type == "inline"), "")
        shown = with_links(parser.renderer.render(part, parser.options, {}))
        level = int(part[0].tag[1]) if part[0].type == "heading_open" else 0
        kind = {"bullet_list_open": "list", "ordered_list_open": "list", "table_open": "table"}
        name = "head" if level else kind.get(part[0].type, "text")
        written = "\n".join(lines[slice(*part[0].map)]).strip() if part[0].map else ""
        unseen = "course-launch" in shown or inner.startswith("Stuck?")
        made.append(
            Block(
                name,
                written,
                "" if unseen else _block(name, shown) if level else shown,
                level,
                inner if level else "",
                name == "text" and predictions.asks(inner),
                inner.startswith("**When you are through"),
            )
        )
        part = []
    return made


def rendered(source: str) -> str:
    """Return Markdown as HTML."""
    return with_links(markdown().render(source))


def inline(source: str) -> str:
    """Return a line of Markdown as HTML."""
    return with_links(markdown().renderInline(source))


def markdown():
    """Return the parser that the pages have, too: with tables, and formulas as MathML."""
    from latex2mathml.converter import convert
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    def formula(text: str, how: dict) -> str:
        return convert(text, display="block" if how["display_mode"] else "inline")

    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    return parser.use(dollarmath_plugin, renderer=formula, double_inline=True)


def with_links(shown: str) -> str:
    """Return HTML whose links hold on a slide: to other decks, and elsewhere; no file is near."""
    decks = {f"{each.name}.ipynb": f"{each.name}.html" for each in LESSONS}
    decks |= {name: name for name in decks.values()}

    def led(found: re.Match) -> str:
        if re.match("https?:", found[1]):
            return f'<a href="{found[1]}" target="_blank" rel="noopener">{found[2]}</a>'
        deck = decks.get(found[1].partition("#")[0])
        return f'<a href="{deck}">{found[2]}</a>' if deck else found[2]

    return re.sub(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', led, shown, flags=re.DOTALL)


def highlighted(source: str) -> str:
    """Return Python with its colours, in a <pre>."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return highlight(source, PythonLexer(), HtmlFormatter(nowrap=False, cssclass="python"))


def colours() -> str:
    """Return the style sheet of `highlighted`: the pages' own colours."""
    from pygments.formatters import HtmlFormatter

    return HtmlFormatter(style="a11y-high-contrast-light").get_style_defs(".python")


# --- the deck ------------------------------------------------------------------------------------


def deck(lesson: Lesson, book) -> str:
    """Return the page with a lesson's slides: slides/deck.html with the slides in their place."""
    sections = []
    for each in slides(lesson, book):
        if not each.down or not sections:
            sections.append("")
        sections[-1] += slide_html(each)
    shown = "\n".join(f"<section>\n{section}</section>" for section in sections)
    title = html.escape(f"{lesson.number}. {lesson.title}: slides")
    page = DECK.read_text(encoding="utf-8").replace("<!-- title -->", title)
    return page.replace("<!-- slides -->", shown)


def slide_html(slide: Slide) -> str:
    """Return a slide as a section of reveal.js."""
    notes = "\n".join(note for note in slide.notes if note)
    inner = "\n".join(slide.blocks)
    return (
        f'<section data-kind="{slide.kind}" data-head="{html.escape(slide.head)}">{inner}'
        f'<aside class="notes">{notes}</aside></section>\n'
    )
