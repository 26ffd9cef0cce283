"""The plain questions for pages without Python: ``helpers.checks`` written out as a script.

`tools/build_site.py` puts it beside ``typed_answers.js``, which reads a typed answer as the checks
do.
"""

import json
import math
from collections.abc import Set

from helpers import exercises
from helpers.checks import ANSWERS
from helpers.checks import plain_answers as plain


def asked(source: str) -> list[str]:
    """Return the plain questions that a cell asks, each once, in their order."""
    return [name for name in exercises.asked(source) if name in ANSWERS]


def questions_script(pages: dict[str, list[str]]) -> str:
    """Return the script that gives the pages their questions and answers.

    ``pages`` says which questions each page asks: {"01_the_hammered_iron_sheet": [...], ...}.
    """
    data = {
        "long": plain.LONG,
        "signs": plain.SIGNS,
        "any_batch": plain.ANY_BATCH,
        "answers": {name: _entry(answer) for name, answer in ANSWERS.items()},
        "pages": pages,
    }
    # Nothing in a sentence can end the script, also where it stands within a page.
    text = json.dumps(data, allow_nan=False).replace("<", "\\u003c")
    return f"const QUESTIONS = {text};\n"


def _entry(answer) -> dict:
    """Return an answer as JSON can hold it, with what does not depend on the learner worked out."""
    wrong = [(value, words) for value, words in answer.wrong.items() if value != math.inf]
    return {
        "right": [_value(answer, right) for right in answer.right],
        "wrong": [[_value(answer, value), words] for value, words in wrong],
        "look": answer.look,
        "praise": answer.praise,
        "tolerance": answer.tolerance,
        "percent": answer.percent,
        "kinds": plain.kinds(answer),
        "in_digits": plain.in_digits(answer),
        "known": plain.synonyms(tuple(answer.same.items())),
        "words": sorted(plain.words_of(answer)),
    }


def _value(answer, value):
    """Write a value that is due: a list or a set by name, a text as the form that is compared."""
    if isinstance(value, tuple):
        return {"list": [_value(answer, part) for part in value]}
    if isinstance(value, Set):
        return {"set": [_value(answer, part) for part in value]}
    return plain.word_of(value, answer.same) if isinstance(value, str) else value
