"""The glossary: each term stands once, and a page of the site explains it where it comes first."""

import re
from types import SimpleNamespace

import pytest
from docutils import nodes

from helpers.course import LESSONS
from tools import term_marks
from tools.glossary import TERMS


def test_each_term_stands_once_with_one_plain_sentence():
    words = [word.lower() for term in TERMS for word in term.marked]
    assert len(set(words)) == len(words), "a word would be explained in two ways"
    for term in TERMS:
        assert re.fullmatch(r"[A-Z0-9](?:(?![.!?] [A-Z])[^*`$_])*\.", term.says), term.name
        assert term.lesson in range(len(LESSONS)) and all(n < term.lesson for n in term.otherwise)


@pytest.mark.parametrize(
    ("text", "lesson", "found"),
    [
        ("A forget gate is a gate. A gateway, gate-like.", 4, ["forget gate", "gate"]),
        ("A forget gate is a gate.", 3, []),
        ("Gradient clipping, then a gradient.", 3, ["Gradient clipping", "gradient"]),
        ("The kernel is dead. A kernel for the features.", 6, ["kernel", "features"]),
    ],
)
def test_the_longest_term_is_found_each_once_and_none_of_a_later_lesson(text, lesson, found):
    places = term_marks.first_occurrences([text], lesson)
    assert [text[start:end] for _, start, end, _ in places] == found


def test_a_mark_says_its_sentence_and_code_links_headings_and_formulas_stay():
    left_alone = [
        nodes.title("", "The forget gate"),
        nodes.literal_block("", "forget gate"),
        nodes.paragraph("", "", nodes.reference("", "", nodes.Text("forget gate"))),
        nodes.paragraph("", "", nodes.math("", "forget gate")),
    ]
    last = nodes.paragraph("", "The ", nodes.strong("", "forget gate"))
    section = nodes.section("", *left_alone, last)
    app = SimpleNamespace(builder=SimpleNamespace(get_relative_uri=lambda start, end: "g.html"))
    term_marks.mark(app, section, "04_an_lstm_step_by_hand")
    [mark] = section.findall(term_marks.TermMark)
    assert [mark] == list(last.findall(term_marks.TermMark))
    [term] = [term for term in TERMS if term.name == "forget gate"]
    assert (mark["to"], mark["says"]) == ("g.html#forget-gate", term.says)
