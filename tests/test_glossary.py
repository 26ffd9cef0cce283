"""The glossary: one list of terms, its page, and the lessons that it is true of."""

import functools
import re

import nbformat
import pytest
from docutils import nodes

from helpers import glossary
from helpers.course import LESSONS
from helpers.glossary import TERMS, Term, first_occurrences, marked, spellings
from tests.notebook_tools import NOTEBOOKS
from tools import glossary as tool
from tools import term_marks

SIGNPOSTS = {
    "when you are through, you can", "predict", "next", "your turn", "check", "solutions", "stuck",
}  # fmt: skip
# Bold words that are no terms, each with its reason.
NO_TERMS = {
    "a statement, or a part of one": {
        "1 keeps all, 0 forgets all", "a memory of earlier blows", "serial input",
        "a sum does not carry the order", "one hammer", "the forget gate, and by nothing else",
        "the order of the gates differs from library to library",
        "the output gate makes h; it does not make c", "from the weights that are there",
        "knows the digit earlier than the reader says so", "one thing at a time", "counts ink",
        "0 forgets all", "1 keeps all", "an lstm does forget", "everything can be watched",
        "f at 1 keeps all, f at 0 forgets all", "another order",
        "so the network has never seen any digit that you meet in this lesson",
        "the product of the forget gates after it", "784 steps of one pixel",
        "an lstm as it starts forgets completely", "an lstm forgets",
        "keeping all is not remembering; something has to get in", "no cell remembers by its name",
        "none of the three can read", "parameters are not time",
    },
    "one word, stressed": {"one", "two", "all", "kept", "forgets", "call", "measured beforehand",
                           "here and now"},
    "the names of several terms together": {"(batch, time steps, features)", "pair (h, c)"},
    "the head of a table's row": {"written 3", "written 5", "written 8"},
    "a word of programming": {"deprecated"},
    "a paper's model, named once with its paper": {
        "mamba", "linear recurrent units", "xlstm", "mingru and minlstm",
    },
}  # fmt: skip


@functools.cache
def texts():
    """Return the running text of every lesson, emphasis and links' addresses taken away."""
    found = []
    for lesson in LESSONS:
        book = nbformat.read(NOTEBOOKS / f"{lesson.name}.ipynb", as_version=4)
        text = "\n\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
        text = re.sub(r"```.*?```|\$\$.*?\$\$|<!--.*?-->", "", text, flags=re.DOTALL)
        text = re.sub(r"`([^`]*)`", lambda code: code[1].replace("*", ""), text)
        found.append(re.sub(r"\]\([^)]*\)", "]", text))
    return found


def bold(text):
    words = re.findall(r"(?<!\*)\*\*([^*\n]+?)\*\*(?!\*)", text)
    return {re.sub(r"[ .,:]+$", "", word.strip().lower()) for word in words}


def has(text, term):
    plain = re.sub(r"\*+", "", text).lower()
    return any(
        re.search(rf"(?<![\w-]){re.escape(word.lower())}(?![\w-])", plain)
        for word in spellings(term)
    )


def test_each_term_stands_once():
    names = [term.name.lower() for term in TERMS]
    assert len(set(names)) == len(names)
    assert len({term.slug for term in TERMS}) == len(TERMS)
    words = [(word.lower(), term.name) for term in TERMS for word in marked(term)]
    assert len({word for word, _ in words}) == len(words), "a word would be explained in two ways"


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_a_term_is_explained_in_one_plain_sentence_and_has_a_chinese_name(term):
    assert re.fullmatch(r"[A-Z0-9].*\.", term.says)
    assert not re.search(r"[.!?] [A-Z]", term.says), "one sentence"
    assert not re.search(r"[*`$_]", term.says), "it is shown as it is"
    assert 15 <= len(term.says) <= 150
    latin = term.chinese in ("cuDNN", "Transformer")
    assert latin or re.search(r"[\u4e00-\u9fff]", term.chinese)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_a_term_comes_first_where_the_glossary_says(term):
    lessons = [n for n in range(len(LESSONS)) if n not in term.otherwise]
    words = {word.lower() for word in spellings(term)}
    first_bold = next((n for n in lessons if bold(texts()[n]) & words), None)
    first = next((n for n in lessons if has(texts()[n], term)), None)
    assert term.lesson in (first_bold, first), (first_bold, first)
    assert all(n < term.lesson for n in term.otherwise)


def test_every_bold_term_of_the_lessons_is_in_the_glossary():
    known = {word.lower() for term in TERMS for word in spellings(term)}
    known |= SIGNPOSTS.union(*NO_TERMS.values())
    told = [(n, word) for n, text in enumerate(texts()) for word in sorted(bold(text) - known)]
    assert not told, "put them into helpers/glossary.py, or into NO_TERMS with their reason"


def test_no_exception_is_left_over():
    seen = set().union(*map(bold, texts()))
    assert set().union(*NO_TERMS.values()) <= seen


def test_the_chinese_terms_of_the_gates_are_those_of_the_textbooks():
    due = {
        "recurrent network": "循环神经网络", "LSTM": "长短期记忆", "forget gate": "遗忘门",
        "input gate": "输入门", "output gate": "输出门", "hidden state": "隐藏状态",
        "cell state": "细胞状态", "GRU": "门控循环单元", "update gate": "更新门",
        "reset gate": "重置门", "time step": "时间步", "features": "特征", "units": "单元",
        "batch": "批", "vanishing gradient": "梯度消失", "exploding gradient": "梯度爆炸",
        "overfitting": "过拟合", "learning rate": "学习率", "cross-entropy": "交叉熵",
    }  # fmt: skip
    assert {term.name: term.chinese for term in TERMS if term.name in due} == due


def test_the_page_is_as_the_list_says(tmp_path):
    assert tool.main(["--check"]) == 0, "run: uv run python tools/glossary.py"
    page = tmp_path / "glossary.md"
    page.write_text(tool.page() + "x")
    assert tool.main(["--check"], page) == 1
    assert tool.main([], page) == 0
    assert page.read_text(encoding="utf-8") == tool.page()


# --- on the site ----------------------------------------------------------------------------------


def found(text, lesson):
    return [text[start:end] for _, start, end, _ in first_occurrences([text], lesson)]


def test_the_longest_term_is_found_each_once_and_none_of_a_later_lesson():
    text = "A forget gate is a gate; gates make the forget gate. Gateway, gate-like: no gate."
    assert found(text, 4) == ["forget gate", "gate"]
    assert found(text, 3) == []
    assert found("The GRU, and the Gated Recurrent Unit.", 8) == ["GRU"]


def test_a_word_that_means_something_else_is_left_alone():
    assert found("The kernel is dead, and so is the fast kernel.", 6) == []
    assert found("Then the kernel dies. A kernel for the features.", 6) == ["kernel", "features"]


def marked_words(*parts):
    """Return the words that are marked in a page of lesson 4 with these nodes."""
    from types import SimpleNamespace

    section = nodes.section("", *parts)
    app = SimpleNamespace(builder=SimpleNamespace(get_relative_uri=lambda start, end: "g.html"))
    term_marks.mark(app, section, "04_an_lstm_step_by_hand")
    return section, [mark.astext() for mark in section.findall(term_marks.TermMark)]


def test_code_links_headings_and_formulas_stay_as_they_are():
    left_alone = [
        nodes.title("", "The forget gate"),
        nodes.literal_block("", "forget gate"),
        nodes.paragraph("", "", nodes.literal("", "forget gate")),
        nodes.paragraph("", "", nodes.reference("", "", nodes.Text("forget gate"))),
        nodes.paragraph("", "", nodes.math("", "forget gate")),
    ]
    last = nodes.paragraph("", "The ", nodes.strong("", "forget gate"))
    last += nodes.Text(" keeps, as a gate does.")
    section, words = marked_words(*left_alone, last)
    assert words == ["forget gate", "gate"]
    assert section.astext().count("forget gate") == 6
    assert last.astext() == "The forget gate keeps, as a gate does."


def test_a_mark_leads_to_the_entry_and_says_its_sentence():
    section, _ = marked_words(nodes.paragraph("", "A forget gate."))
    [mark] = section.findall(term_marks.TermMark)
    [term] = [term for term in TERMS if term.name == "forget gate"]
    assert (mark["to"], mark["says"]) == ("g.html#forget-gate", term.says)


def test_a_spelling_that_is_never_marked_is_in_no_page():
    tied = Term("x", "A thing.", 0, "某", mark=())
    assert marked(tied) == () and spellings(tied) == ("x",)
    assert glossary.first_occurrences([], 8) == []
