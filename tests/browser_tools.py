"""A real JupyterLab in a real Chromium, for the browser tests and benchmarks.

    with jupyter_server(notebooks) as server, chromium() as browser:
        page, watch = new_page(browser)
        open_notebook(page, server, "01_the_hammered_iron_sheet.ipynb")
        run_all(page)

The server works on a copy of the notebooks and keeps its settings, kernels' files and history in
a temporary folder: the learner's own files and settings are neither read nor changed. The
browser reaches this machine only; what a page asks for elsewhere is refused and written down.
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.notebook_tools import kernel_environment

LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_PATHS = (
    "/snap/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)

CHROMIUM_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Only this machine has a name; everything else is refused before a packet leaves.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)

# JupyterLab as a learner finds it, less what would hide outputs from a test or ask the network.
SETTINGS = {
    # All cells' outputs are in the page, not just those in view.
    "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
    "docmanager-extension/plugin": {"autosave": False},
}


def find_chromium() -> str | None:
    """Path of a Chromium or Chrome on this machine; the environment's CHROMIUM goes first."""
    if chosen := os.environ.get("CHROMIUM"):
        if found := shutil.which(chosen):
            return found
        raise FileNotFoundError(f"CHROMIUM={chosen}: there is no such program")
    found = (shutil.which(name) for name in (*CHROMIUM_NAMES, *CHROMIUM_PATHS))
    return next((path for path in found if path), None)


def why_no_browser() -> str | None:
    """Say what is missing for a test in the browser, or None if nothing is."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "Playwright for Python is not installed (uv sync installs it)"
    if find_chromium() is None:
        return "no Chromium or Chrome found: install one, or give its path in CHROMIUM"
    return None


@dataclass
class Server:
    """A running JupyterLab: its address (ends in a slash), its token, and its folder."""

    url: str
    token: str
    root: Path

    def ask(self, path: str, method: str = "GET"):
        """Ask the server's REST interface and return the decoded answer."""
        request = urllib.request.Request(
            self.url + path, method=method, headers={"Authorization": f"token {self.token}"}
        )
        # A proxy of the environment must not come between us and our own server.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def close_kernels(self) -> None:
        """End every kernel, so that its memory is free for the next notebook."""
        for session in self.ask("api/sessions"):
            self.ask(f"api/sessions/{session['id']}", "DELETE")


@contextlib.contextmanager
def jupyter_server(notebooks: Path) -> Iterator[Server]:
    """Run JupyterLab on a copy of ``notebooks`` (a folder, or one notebook) until the block ends.

    Raises RuntimeError with the server's own last words if it does not come up.
    """
    with tempfile.TemporaryDirectory(prefix="sheet-lab-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        root = scratch / "notebooks"
        if notebooks.is_dir():
            left_out = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
            shutil.copytree(notebooks, root, ignore=left_out)
        else:
            root.mkdir()
            shutil.copy(notebooks, root)
        for plugin, values in SETTINGS.items():
            path = scratch / "LAB_SETTINGS" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values), encoding="utf-8")
        kinds = ("_CONFIG", "_DATA", "_RUNTIME", "LAB_SETTINGS", "LAB_WORKSPACES")
        folders = {f"JUPYTER{kind}_DIR": str(scratch / kind) for kind in kinds}
        token = secrets.token_hex(16)
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
            *(f"--ServerApp.root_dir={root}", f"--IdentityProvider.token={token}"),
            *("--expose-app-in-browser", "--LabApp.news_url=None"),
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]
        log = scratch / "server.log"
        with log.open("w") as lines:
            process = subprocess.Popen(
                command,
                cwd=root,
                env=kernel_environment(scratch) | folders,
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=subprocess.STDOUT,
            )
        server = Server("", token, root)
        try:
            _wait_for_server(process, server, scratch / "_RUNTIME", log)
            yield server
        finally:
            # The server's own way out ends the kernels too, on every system.
            with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
                server.ask("api/shutdown", "POST")
                process.wait(timeout=20)
            process.kill()
            process.wait()


def _wait_for_server(process, server, runtime, log) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        # The server chooses a free port itself (port 0) and writes it here: no race for a port.
        for path in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(json.JSONDecodeError, KeyError, OSError):
                server.url = json.loads(path.read_text(encoding="utf-8"))["url"]
                server.ask("api/status")
                return
        time.sleep(0.1)
    words = log.read_text(encoding="utf-8", errors="replace")[-3000:]
    raise RuntimeError(f"JupyterLab did not come up in two minutes. It said:\n{words}")


@contextlib.contextmanager
def chromium() -> Iterator:
    """Give Playwright's Browser, a headless Chromium, until the block ends."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    if path is None:
        raise FileNotFoundError(why_no_browser())
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=list(CHROMIUM_FLAGS),
            # Chromium refuses to start in its sandbox as root (containers, CI).
            chromium_sandbox=not is_root,
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What went wrong on a page, a plain line for each fault."""

    outside: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def ask(self, request) -> None:
        """Write down what a page asks for that is not on this machine."""
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in LOCAL_HOSTS:
            self.outside.append(request.url)

    def faults(self) -> list[str]:
        """Return all faults: requests to elsewhere, the console's errors, uncaught errors."""
        return [*(f"asked for something elsewhere: {url}" for url in self.outside), *self.said]


def new_page(browser, *, width: int = 1400, height: int = 1000, scheme: str = "light"):
    """Open a page with a profile of its own; returns (page, watch)."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        service_workers="block",
        locale="en-GB",
    )
    context.set_default_timeout(30_000)
    context.set_default_navigation_timeout(120_000)
    page = context.new_page()
    watch = Watch()

    def on_console(message):
        if message.type == "error":
            place = message.location.get("url", "")
            watch.said.append(f"error in the browser's console: {message.text} ({place})")

    context.on("request", watch.ask)
    page.on("websocket", watch.ask)
    page.on("console", on_console)
    page.on("pageerror", lambda error: watch.said.append(f"uncaught error on the page: {error}"))
    return page, watch


@contextlib.contextmanager
def watched_pages(browser, excused: tuple = ()) -> Iterator:
    """Give what opens pages: ``open_page(address, *scripts that run first, **options)``.

    At the end none may have asked the network for anything, or have said a fault; ``excused`` are
    words of those that may be.
    """
    made = []

    def open_page(address, *scripts, **options):
        page, watch = new_page(browser, **options)
        made.append((page, watch))
        for script in scripts:
            page.add_init_script(script)
        page.goto(address)
        return page

    yield open_page
    for page, watch in made:
        page.context.close()
        faults = watch.faults()
        assert not [fault for fault in faults if not any(words in fault for words in excused)]


def stop_clock(page) -> None:
    """Let the time of an open page stand still, so that its films wait for the test.

    ``page.clock.run_for(milliseconds)`` moves it on, exactly so far, however busy the computer is.
    """
    page.clock.install(time=0)
    page.clock.pause_at(1000)


def axe_finds(page, **rules) -> list[tuple[str, str]]:
    """Return what axe holds against a page: the rule, and where. ``rules`` switches some off."""
    from axe_playwright_python.sync_playwright import Axe

    asked = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    # What passes need not be told: of a lesson's page that is 4 MB, and takes as long as to look.
    options = {"runOnly": asked, "rules": rules, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]


REPLAY = "div.sheet-replay"


def step_through(replay):
    """Move a player's slider by keyboard; picture, or maps, and words follow. Return its steps."""
    slider = replay.get_by_role("slider")
    drawn = replay.locator("canvas").count() > 0  # from numbers: the maps stay, their mark moves
    image = replay.locator(".rnn-pad").first if drawn else replay.locator("img.sheet-step")
    mark = image.locator(".rnn-now")
    seen = lambda: mark.get_attribute("style") if drawn else image.get_attribute("src")  # noqa: E731
    steps = int(slider.get_attribute("max"))
    slider.press("Home")
    first, size = seen(), image.bounding_box()
    words = replay.locator("p.sheet-words").first.inner_text()
    assert drawn or image.get_attribute("alt") == words
    slider.press("End")
    assert replay.locator("output").inner_text() == f"{steps} / {steps}"
    if steps > 1:
        assert seen() != first
        assert replay.locator("p.sheet-words").first.inner_text() != words
    after = image.bounding_box()
    assert (after["width"], after["height"]) == (size["width"], size["height"])
    return steps


PANEL = "window.jupyterapp.shell.currentWidget"


def open_notebook(page, server: Server, name: str, *, timeout: float = 120) -> None:
    """Open the notebook ``name`` (relative to the server's folder) and wait for its kernel."""
    page.goto(f"{server.url}lab/tree/{quote(name)}?reset&token={server.token}")
    page.wait_for_function(
        f"window.jupyterapp && {PANEL} && {PANEL}.content && {PANEL}.content.widgets"
        f" && {PANEL}.content.widgets.length && {PANEL}.context.isReady",
        timeout=timeout * 1000,
    )
    finish(page, f"{PANEL}.sessionContext.ready", timeout, f"the kernel of {name}")
    page.wait_for_function(
        f"{PANEL}.sessionContext.session?.kernel?.status === 'idle'", timeout=timeout * 1000
    )
    # The file browser beside it takes a fifth of the width; a class's projector hides it too.
    page.evaluate(
        "window.jupyterapp.shell.leftCollapsed"
        " || window.jupyterapp.commands.execute('application:toggle-left-area')"
    )


def run_all(page, *, timeout: float = 600) -> bool:
    """Run all cells of the open notebook and wait until every output stands on the page.

    Returns False where a cell raised an error.
    """
    run = "window.jupyterapp.commands.execute('notebook:run-all-cells')"
    finish(page, run, timeout, "Run All Cells")
    settle(page, timeout=timeout)
    return not any(output["output_type"] == "error" for output in outputs(page))


def settle(page, *, timeout: float = 120) -> None:
    """Wait until the kernel is idle and every widget and picture has come up."""
    page.wait_for_function(
        f"""() => {PANEL}.sessionContext.session?.kernel?.status === 'idle'
        && ![...document.querySelectorAll('.jp-InputPrompt')].some(p => p.innerText.includes('*'))
        && ![...document.querySelectorAll('.jp-OutputArea-output')]
            .some(o => /^\\s*Loading widget/.test(o.innerText))
        && [...document.querySelectorAll('.jp-Notebook img')].every(image => image.complete)""",
        timeout=timeout * 1000,
        polling=100,  # ms; at every frame of the screen it would keep a core from the kernel
    )


def finish(page, promise: str, timeout: float, what: str) -> None:
    """Wait until a promise of JupyterLab's is kept; RuntimeError if it is not."""
    # page.evaluate() waits for a promise without any time-out of its own: so let it go, and look.
    page.evaluate(
        f"""() => {{
        window.sheetTask = 'running';
        Promise.resolve({promise}).then(
            () => {{ window.sheetTask = 'done'; }},
            error => {{ window.sheetTask = 'failed: ' + error; }});
        }}"""
    )
    page.wait_for_function("window.sheetTask !== 'running'", timeout=timeout * 1000, polling=100)
    state = page.evaluate("window.sheetTask")
    # Run All answers with a refusal of its own when a cell fails; the outputs tell which.
    if state != "done" and "Run All" not in what:
        raise RuntimeError(f"{what}: {state}")


def outputs(page) -> list[dict]:
    """Return the open notebook's outputs as saved in its model, with ``cell`` (its number)."""
    return page.evaluate(
        f"""() => {PANEL}.content.model.toJSON().cells.flatMap((cell, number) =>
            (cell.outputs || []).map(output => ({{cell: number, ...output}})))"""
    )
