"""Settings for all tests, those of the notebooks included (nbval makes a test of every cell)."""

import importlib.util
import os
import sys
import tempfile

# One thread in each of two workers and their kernels, lest their threads wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import nbval.kernel
import pytest
from nbval.plugin import IPyNbFile

from tests import browser_tools
from tests.notebook_tools import CELL_TIMEOUT, NOT_OURS, kernel_environment, start_again
from tools import predictions

# PyTorch is in the environment of the deep tests alone, and test_backends.py asks for it there.
collect_ignore = [] if importlib.util.find_spec("torch") else ["tests/test_torch_modules.py"]

_scratch = tempfile.TemporaryDirectory(prefix="sheet-tests-", ignore_cleanup_errors=True)


def pytest_configure(config):
    """Let every test, and every kernel that one starts, see the same environment everywhere."""
    for name in NOT_OURS:
        os.environ.pop(name, None)
    sys.dont_write_bytecode = False
    os.environ.update(kernel_environment(_scratch.name))


_start = nbval.kernel.start_new_kernel
nbval.kernel.start_new_kernel = lambda *args, **kwargs: start_again(lambda: _start(*args, **kwargs))

_cells = IPyNbFile.collect


def _cells_with_their_outputs(self):
    """Compare a cell that waits for its *Predict* with what it gave, which lies aside."""
    kept = predictions.outputs(self.path)
    for item in _cells(self):
        predictions.restore([item.cell], kept)
        yield item


IPyNbFile.collect = _cells_with_their_outputs


@pytest.fixture(scope="module")
def browser():
    """Return a Chromium; skip without one."""
    if reason := browser_tools.why_no_browser():
        pytest.skip(reason)
    with browser_tools.chromium() as browser:
        yield browser


# What takes minutes, the longest first: two workers that begin with these end together. A file of
# few tests would otherwise come last, and one worker would wait for it.
LONG = (
    *("tests/test_site.py", "tests/test_solutions.py", "notebooks/", "tests/test_browser"),
    *("tests/test_keras_models.py", "tests/test_take_along.py", "tests/test_projector.py"),
    *("tests/test_slides.py", "tests/test_colab.py", "tests/test_reader.py"),
)


@pytest.hookimpl(tryfirst=True)  # before what carries the marker is chosen
def pytest_collection_modifyitems(config, items):
    """Wait for outputs; let workers begin with what is long."""
    for item in items:
        if item.nodeid.startswith("notebooks/solutions/"):
            item.add_marker("deep")
        if hasattr(item, "output_timeout"):  # nbval's 5 seconds for a cell's last words
            item.output_timeout = CELL_TIMEOUT
    if hasattr(config, "workerinput"):
        items.sort(key=_turn)  # stable: the order within a file stays


def _turn(item):
    return next((n for n, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Where nothing may be skipped (in CI), a skipped test has failed, for the reason it gives."""
    _fail_if_skipped((yield).get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    """Fail for a file that was skipped as a whole, too."""
    _fail_if_skipped((yield).get_result())


def _fail_if_skipped(report):
    if report.skipped and os.environ.get("SHEET_SKIP_NOTHING") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr[2]}"


def pytest_unconfigure(config):
    """Remove the run's own folder."""
    _scratch.cleanup()


def pytest_collectstart(collector):
    """Leave HTML out of nbval's comparison: players carry a new name each time they are made."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html",)
