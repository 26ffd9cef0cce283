"""What stands for `helpers.checks` while a notebook is graded: the answers are judged elsewhere."""


class Later:
    """What a check gives while a notebook is graded: not yet, so nothing that hangs on it runs."""

    def __bool__(self):
        return False


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(name)

    def check(*answer):
        print("This is judged when the notebook has run.")
        return Later()

    return check
