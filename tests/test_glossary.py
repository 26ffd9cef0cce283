"""The glossary: each term stands once, and a page of the site explains it where it comes first."""

import re

import pytest

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
