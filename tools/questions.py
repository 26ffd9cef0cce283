"""The plain questions for pages without Python: ``helpers.checks`` written out as a script.

`tools/build_site.py` puts it beside ``judge.js``, which reads a typed answer as the checks do.
"""

import json
import math
from collections.abc import Set

from helpers import exercises
from helpers.checks import ANSWERS, numerals, spellings
from helpers.checks import plain_answers as answers


def asked(source: str) -> list[str]:
    """Return the plain questions that a cell asks, each once, in their order."""
    return [name for name in exercises.asked(source) if name in ANSWERS]


def questions_script(pages: dict[str, list[str]]) -> str:
    """Return the script that gives the pages their questions, answers and words.

    ``pages`` says which questions each page asks: {"01_the_hammered_iron_sheet": [...], ...}.
    """
    words = {
        "long": numerals.LONG,
        "signs": {chr(code): plain for code, plain in numerals._SIGNS.items()},
        "fillers": sorted(numerals._FILLERS),
        "numbers": numerals._WORDS,
        "many": numerals._MANY,
        "parts": numerals._PARTS,
        "any_batch": answers._ANY_BATCH,
    }
    data = {
        "words": words,
        "answers": {name: _entry(answer) for name, answer in ANSWERS.items()},
        "pages": pages,
    }
    # Nothing in a sentence can end the script, also where it stands within a page.
    text = json.dumps(data, allow_nan=False).replace("<", "\\u003c")
    return f"const QUESTIONS = {text};\n"


def _entry(answer) -> dict:
    """Return an answer as JSON can hold it, with what does not depend on the learner worked out."""
    return {
        "right": [_value(answer, right) for right in answer.right],
        "wrong": [[_value(answer, wrong), words] for wrong, words in answer.wrong.items()],
        "look": answer.look,
        "praise": answer.praise,
        "tolerance": answer.tolerance,
        "percent": answer.percent,
        "whole": all(map(answers._is_whole, answer.right)),
        "a_list": any(isinstance(right, (tuple, Set)) for right in answer.right),
        "kinds": list(dict.fromkeys(map(answers._kind, answer.right))),
        "known": spellings._synonyms(tuple(answer.same.items())),
        "words": sorted(answers._words_of(answer)),
        "places": spellings._places(answer.names) or None,
    }


def _value(answer, value):
    """Write a value that is due: a list or a set by name, a text as the form that is compared."""
    if isinstance(value, tuple):
        return {"list": [_value(answer, part) for part in value]}
    if isinstance(value, Set):
        return {"set": [_value(answer, part) for part in value]}
    if isinstance(value, str):
        return {"text": spellings.word(value, answer.same)}
    if value is None or isinstance(value, bool):
        return value
    number = float(value)
    return {"endless": math.copysign(1, number)} if math.isinf(number) else number
