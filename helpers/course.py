"""The list of lessons: lesson 0 shows it, README carries it, and tests hold it to the notebooks."""

import html
from typing import NamedTuple


class Lesson(NamedTuple):
    """One lesson: its place, its notebook's name without ``.ipynb``, and what the map says.

    `picture` says in few words what its first picture shows, which stands beside it in README.
    """

    number: int
    name: str
    title: str
    minutes: int
    happens: str
    picture: str


LESSONS = (
    Lesson(
        0, "00_start_here", "Start here", 10,
        "Is everything there? A first replay, and this map",
        "A digit, a dented sheet, a belief",
    ),
    Lesson(
        1, "01_the_hammered_iron_sheet", "The hammered iron sheet", 25,
        "A state takes one blow at a time and keeps its dents; where order survives, and where not",
        "A sheet with dents",
    ),
    Lesson(
        2, "02_three_ways_to_read_a_digit", "Three ways to read a digit", 40,
        "All pixels at once, through a window, or row by row; the unrolled network, and its shapes",
        "One digit, read in three ways",
    ),
    Lesson(
        3, "03_an_rnn_step_by_hand", "An RNN step by hand", 40,
        "You write the plain step, it equals Keras's, and you see why its memory fades",
        "The sums of one step",
    ),
    Lesson(
        4, "04_an_lstm_step_by_hand", "An LSTM step by hand", 40,
        "One gate at a time, then the whole step, equal to Keras's; and one at work, gate by gate",
        "A forget gate keeps half",
    ),
    Lesson(
        5, "05_two_lines_then_and_now", "Two lines, then and now", 35,
        "Two old lines of TensorFlow run today and give the numbers of today's LSTM",
        "One LSTM's weights, laid out twice",
    ),
    Lesson(
        6, "06_train_it_to_read_digits", "Train it to read digits", 40,
        "Training, an honest score, the mistakes as pictures, and when the network knows",
        "The belief after each row",
    ),
    Lesson(
        7, "07_inside_the_trained_network", "Inside the trained network", 35,
        "Every gate and state of a trained network replayed, pinned, silenced; and your own digit",
        "128 units, row by row",
    ),
    Lesson(
        8, "08_rnn_gru_or_lstm", "RNN, GRU or LSTM?", 35,
        "Four cells side by side: accuracy, parameters, time and memory; where they stand today",
        "The three cells",
    ),
    Lesson(
        9, "09_sequences_of_your_own", "Sequences of your own", 35,
        "Words, sentences, a measured curve, then your own table, text and model, all opened",
        "Three sequences",
    ),
)  # fmt: skip


def course_map() -> None:
    """Show the lessons as a table with links; where there is no HTML, as plain lines."""
    from IPython.display import display

    left = 'style="text-align:left"'
    heads = "".join(
        f'<th scope="col" {left}>{head}</th>' for head in ("#", "lesson", "what happens", "time")
    )
    rows = "".join(
        f'<tr><td>{n}</td><td {left}><a href="{name}.ipynb">{html.escape(title)}</a></td>'
        f"<td {left}>{html.escape(happens)}</td><td>{minutes}&nbsp;min</td></tr>"
        for n, name, title, minutes, happens, _ in LESSONS
    )
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    lines = "\n".join(f"{n}. {title} ({minutes} min)" for n, _, title, minutes, *_ in LESSONS)
    display({"text/html": table, "text/plain": lines}, raw=True)
