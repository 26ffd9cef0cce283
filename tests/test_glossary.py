"""The glossary: each term stands once, and a page of the site explains it where it comes first."""

import re
from types import SimpleNamespace

from docutils import nodes

from helpers.course import LESSONS
from tools import term_marks
from tools.glossary import TERMS, Term, entry


def test_each_term_stands_once_with_one_plain_sentence():
    assert len({term.slug for term in TERMS}) == len(TERMS) > 50
    words = [word.lower() for term in TERMS for word in term.marked]
    assert len(set(words)) == len(words), "a word would be explained in two ways"
    for term in TERMS:
        assert re.fullmatch(r"[A-Z0-9](?:(?![.!?] [A-Z])[^*`$_])*\.", term.says), term.name
        assert term.lesson in range(len(LESSONS)) and all(n < term.lesson for n in term.otherwise)


def test_an_entry_says_what_others_call_it():
    term = Term("forget gate", "It keeps.", 4, "遗忘门", symbol="f_t", keras="`f`", papers="gate")
    assert entry(term) == (
        '## forget gate\n\n<span lang="zh-Hans">遗忘门</span> · $f_t$ · '
        "[lesson 4](../notebooks/04_an_lstm_step_by_hand.ipynb)\n\nIt keeps.\n\n"
        "Keras: `f`. In papers: gate.\n"
    )
    assert Term("pair (h, c)", "", 4, "").slug == "pair-h-c"
    assert Term("x", "", 0, "", also=("y",), mark=[]).marked == ()


def found(text, lesson):
    return [text[start:end] for _, start, end, _ in term_marks.first_occurrences([text], lesson)]


def test_the_longest_term_is_found_each_once_and_none_of_a_later_lesson():
    text = "A forget gate is a gate; gates make the forget gate. Gateway, gate-like: no gate."
    assert found(text, 4) == ["forget gate", "gate"]
    assert found(text, 3) == []
    assert found("Gradient clipping, then a gradient.", 3) == ["Gradient clipping", "gradient"]
    assert found("The GRU, and the Gated Recurrent Unit.", 8) == ["GRU"]


def test_a_word_that_means_something_else_is_left_alone():
    assert found("The kernel is dead, and so is the fast kernel.", 6) == []
    assert found("Then the kernel dies. A kernel for the features.", 6) == ["kernel", "features"]


def test_a_mark_says_its_sentence_and_code_links_headings_and_formulas_stay():
    left_alone = [
        nodes.title("", "The forget gate"),
        nodes.literal_block("", "forget gate"),
        nodes.paragraph("", "", nodes.reference("", "", nodes.Text("forget gate"))),
        nodes.paragraph("", "", nodes.math("", "forget gate")),
    ]
    last = nodes.paragraph("", "The ", nodes.strong("", "forget gate"))
    last += nodes.Text(" keeps, as a gate does.")
    section = nodes.section("", *left_alone, last)
    app = SimpleNamespace(builder=SimpleNamespace(get_relative_uri=lambda start, end: "g.html"))
    term_marks.mark(app, section, "04_an_lstm_step_by_hand")
    marks = list(section.findall(term_marks.TermMark))
    assert [mark.astext() for mark in marks] == ["forget gate", "gate"]
    assert marks == list(last.findall(term_marks.TermMark))
    assert last.astext() == "The forget gate keeps, as a gate does."
    [term] = [term for term in TERMS if term.name == "forget gate"]
    assert (marks[0]["to"], marks[0]["says"]) == ("g.html#forget-gate", term.says)
