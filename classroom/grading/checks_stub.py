"""What stands for `helpers.checks` while a notebook is graded: the answers are judged elsewhere."""


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)
    # No answer is right yet, so nothing that hangs on a check runs.
    return lambda *answer: print("This is judged when the notebook has run.")
