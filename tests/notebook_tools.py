"""What the notebooks' tests, the browser tests and tools/format_notebooks.py share."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"

# Long enough for the slowest cell on two busy cores; a kernel that went idle must not hang a run.
CELL_TIMEOUT = 400

# What a shell may have set and no run of ours is to see. Without its compiled modules Python takes
# three times as long to import TensorFlow: some 15 seconds more for each kernel and each worker.
NOT_OURS = ("MNIST_NPZ", "PYTHONDONTWRITEBYTECODE")

# A cell that trains carries this tag: the test that runs every cell twice runs it once.
SLOW_TAG = "slow"


def lessons() -> list[Path]:
    """Return the lessons in order."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def notebooks() -> list[Path]:
    """Return the lessons and, after them, their solutions."""
    return lessons() + sorted((NOTEBOOKS / "solutions").glob("*.ipynb"))


def write_notebook(path: Path, sources) -> None:
    """Write a notebook of these cells of code."""
    import nbformat

    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def name_of(path: Path) -> str:
    """Name a notebook in messages: relative to the repository where it lies there."""
    path = Path(path)
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def kernel_environment(scratch: Path) -> dict[str, str]:
    """Environment in which the lessons run alike on every machine.

    Without the network, on the bundled digits, and without what the user keeps in IPython's or
    Keras's folders; ``scratch`` holds those of the run instead.
    """
    environment = {key: value for key, value in os.environ.items() if key not in NOT_OURS}
    return environment | {
        "SHEET_OFFLINE": "1",
        "SHEET_PROJECTOR": "off",  # outputs are compared, and pages built, in their usual size
        "SHEET_PROGRESS": "off",  # a run of ours is no learner's: nothing is written beside lessons
        "KERAS_HOME": str(Path(scratch) / "keras"),
        "IPYTHONDIR": str(Path(scratch) / "ipython"),
        # This environment's kernel goes before one of the same name in the user's folder.
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


DIED = "Kernel died before replying to kernel_info"


def start_again(start):
    """Return ``start()``, tried a second time if its kernel died before it said a word.

    Jupyter chooses a kernel's ports some time before the kernel takes them. On a busy machine,
    where two test workers and a browser open ports of their own, one may be gone by then.
    """
    try:
        return start()
    except RuntimeError as error:
        if DIED not in str(error):
            raise
        return start()


def execute(notebook, folder: Path, scratch: Path, **settings: str):
    """Run all cells of a notebook (an nbformat node, changed in place) as from ``folder``.

    ``settings`` go before those of `kernel_environment`, such as ``SHEET_PROJECTOR="on"``.

    Raises nbclient's CellExecutionError or CellTimeoutError, which name the cell.
    """
    environment = kernel_environment(scratch) | settings
    # The kernel is looked up by this process's environment, and started with its own.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = environment["JUPYTER_PREFER_ENV_PATH"]
    client = _client_class()(
        notebook,
        timeout=CELL_TIMEOUT,
        # A busy computer starts a kernel late and brings outputs late: nbclient would give up after
        # a minute, and after 4 seconds go on without the outputs, and without a word.
        startup_timeout=CELL_TIMEOUT,
        iopub_timeout=CELL_TIMEOUT,
        raise_on_iopub_timeout=True,
        kernel_name="python3",
        # Of each kernel that runs "over TCP without encryption" ipykernel warns on stderr.
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
    )
    # Nothing has run when a kernel dies at its start: the same client may begin anew.
    return start_again(lambda: client.execute(env=environment))


def _client_class():
    from nbclient import NotebookClient

    class PlainClient(NotebookClient):
        """A client without widgets, as nbval's is, so that both see the same outputs.

        What a slider's function prints or draws is then kept in the saved notebook, where it is
        worth more to a reader without a kernel than the slider that it lost.
        """

        in_widget = False

        def handle_comm_msg(self, outs, msg, cell_index):
            # An Output widget takes the outputs while its msg_id is set.
            state = msg["content"].get("data", {}).get("state", {})
            self.in_widget = bool(state.get("msg_id", self.in_widget))

        def clear_output(self, outs, msg, cell_index):
            # A widget clears its own outputs, not those of the cell.
            if not self.in_widget:
                super().clear_output(outs, msg, cell_index)

    return PlainClient
