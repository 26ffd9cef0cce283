"""Nothing that follows a *Predict* is seen before it has been run."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tests.notebook_tools import lessons, name_of
from tools import predictions

each_lesson = pytest.mark.parametrize("path", lessons(), ids=name_of)
FOLDED = re.compile(r"<details><summary>[^<]+</summary>\n\n.+?\n\n</details>", re.DOTALL)


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


def small():
    """Return cells as they are written, and what waits in them."""
    text = "## B\n\nWords.\n\n**Predict.** How many of 1,000?"
    cells = [new_markdown_cell("# 1. A"), new_markdown_cell(text)]
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
    predictions.restore(cells, kept)
    assert cells[2].outputs == before[2].outputs
    assert [predictions.unfolded(each.source) for each in cells] == [each.source for each in before]
