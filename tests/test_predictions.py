"""Nothing that follows a *Predict* is seen before it has been run, and nothing before tells it."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.notebook_tools import lessons, name_of
from tools import predictions

each_lesson = pytest.mark.parametrize("path", lessons(), ids=name_of)
FOLDED = re.compile(r"<details><summary>[^<]+</summary>\n\n.+?\n\n</details>", re.DOTALL)
# Answers, by lesson, that a number before comes near without telling them.
KNOWN = {
    "03": ("0.762",),  # the state of another unit, which tanh has made of 1 as well
    "04": ("0.947", "0.95"),  # the first hit, which was worked out just before
    "06": ("0.09", "98.7", "98.5"),  # another softmax; how the training ends, not how it begins
    "08": ("0.380",),  # a tanh that the question before gives
}


def words_of(outputs):
    """Return what outputs say: their text, and pictures in words."""
    texts = (each.get("text", "") + each.get("data", {}).get("text/plain", "") for each in outputs)
    return " ".join(texts)


@each_lesson
def test_after_a_predict_nothing_is_seen_until_it_is_run_or_unfolded(path):
    waits = False
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert not (waits and cell.outputs), cell.source
            continue
        seen = FOLDED.sub("", cell.source).lstrip()
        new = seen.startswith(("##", predictions.PREDICT))
        assert new or not (waits and seen), seen
        for part in predictions.parts(seen):
            assert part.startswith(predictions.PREDICT) or not predictions.asks(part), part
        last = predictions.parts(seen)[-1]
        waits = predictions.asks(last) if new or last != seen else waits


def numbers(text):
    """Return the numbers of a text that may be answers, as written: decimals and percentages."""
    found = re.findall(r"(?<![\w.])(\d*\.\d{2,}(?!\d*e)|\d+(?:\.\d+)?(?=\s?(%)))", text)
    values = {number: float(number) / (100 if percent else 1) for number, percent in found}
    return {number: value for number, value in values.items() if value not in (0, 1)}


def told(cells, answers):
    """Yield each answer of a *Predict* that its section tells before it; the first, the picture.

    `cells` are as they are saved, `answers` the outputs that wait, by the cell's id. One that the
    question names itself is no secret.
    """
    seen, sections = re.findall(r"!\[(.*?)\]", cells[0].source), 0
    for place, cell in enumerate(cells):
        if cell.cell_type == "code":
            seen.append(words_of(cell.outputs))
            continue
        for part in predictions.parts(FOLDED.sub("", cell.source)):
            if part.startswith("## "):
                sections += 1
                seen = seen if sections == 1 else []
            if predictions.asks(part):
                given, before = numbers(part), numbers(" ".join(seen))
                for answer, value in numbers(answer_of(cells[place + 1 :], answers)).items():
                    near = [name for name in before if close(before[name], value)]
                    if near and not any(close(value, one) for one in given.values()):
                        yield answer, near, part
            seen.append(part)


def answer_of(cells, answers):
    texts = []
    for cell in cells:
        if cell.cell_type != "code":
            break
        texts.append(words_of(answers.get(cell.id, [])))
    return " ".join(texts)


def close(a, b):
    return abs(a - b) <= 0.006 * max(a, b)


@each_lesson
def test_no_answer_is_told_before_its_predict(path):
    saved = nbformat.read(path, as_version=4).cells
    found = list(told(saved, predictions.outputs(path)))
    assert not [each for each in found if each[0] not in KNOWN.get(path.name[:2], ())]


def small(share="0.9942"):
    """Return cells as they are written, that give an answer away, and what waits in them."""
    text = "Words.\n\n**Predict.** How many of 1,000?"
    cells = [new_markdown_cell("# 1. A"), new_markdown_cell(f"## B\n\nIt has {share}.\n\n{text}")]
    code = new_code_cell("right", id="right")
    code.outputs = [new_output("stream", text="98.9%\n")]
    return [*cells, code, new_markdown_cell("Nearly all.\n\n**Predict.** And now?")]


def test_words_are_folded_and_outputs_kept_and_both_come_back():
    cells, before = small(), small()
    predictions.fold(cells)
    predictions.fold(cells)
    assert cells[3].source == (
        "<details><summary>What happened, and why</summary>\n\nNearly all.\n\n</details>\n\n"
        "**Predict.** And now?"
    )
    kept = predictions.hide(cells)
    assert not cells[2].outputs and words_of(kept["right"]) == "98.9%\n"
    assert [each[0] for each in told(cells, kept)] == ["98.9"]
    predictions.restore(cells, kept)
    assert cells[2].outputs == before[2].outputs
    assert [predictions.unfolded(each.source) for each in cells] == [each.source for each in before]
    assert not list(told(small("0.5"), kept))
