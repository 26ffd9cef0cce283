"""From a measured class to a machine for a class of another size."""

import math

MINUTES = 2  # in which a class that presses "Run all" in the same moment is to be done
SYSTEM_GB = 2  # for the operating system and its file cache
RESERVE = 1.25


def machine(students, rows, cpu_rows=None):
    """Return the memory and cores for so many students, for the lesson that needs most.

    `rows` are lessons as try_class.py tells them. What grows with each student is the private
    memory; the rest (hub, proxy, and TensorFlow's pages, which all kernels share) comes once. The
    cores are for the lessons in `cpu_rows` (all).
    """
    most = heaviest(rows)
    megabytes = (most["once_mb"] + students * most["private_mb"]) * RESERVE
    seconds = max(row["cpu_s"] for row in cpu_rows or rows)
    return {
        "students": students,
        "memory_gb": math.ceil(megabytes / 1024) + SYSTEM_GB,
        "cores": math.ceil(students * seconds / (60 * MINUTES)),
    }


def heaviest(rows):
    """Return the lesson that takes most memory for a student."""
    return max(rows, key=lambda row: row["private_mb"])


def students_a_gb(rows):
    """Return how many students a GB holds in the lesson that takes most."""
    return round(1024 / heaviest(rows)["private_mb"], 1)
