"""Sequences that are no images: words, a measured curve, and files of one's own."""

from helpers.sequences.course_data import BRACKETS_FILE, CO2_FILE, load_co2, load_words
from helpers.sequences.tables import Table, read_table
from helpers.sequences.texts import read_text
from helpers.sequences.windows import windows

__all__ = [
    "BRACKETS_FILE",
    "CO2_FILE",
    "Table",
    "load_co2",
    "load_words",
    "read_table",
    "read_text",
    "windows",
]
