"""A student as the hub sees one: a browser's cookies and addresses, and a notebook's cells."""

import html
import json
import re
import time
import urllib.parse

import requests
import websocket
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import deserialize_binary_message

PATIENCE = 900  # seconds for one cell of a class that starts all at once


class Student:
    """One student's browser: logs in, follows links, runs notebooks."""

    def __init__(self, hub, name, password):
        self.hub, self.name, self.password = hub.rstrip("/"), name, password
        self.browser = requests.Session()
        self.server = f"{self.hub}/user/{name}/"

    # --- the hub -------------------------------------------------------------------------------

    def log_in(self):
        """Fill in the hub's form of name and password; raises PermissionError if it refuses."""
        form = self.browser.get(f"{self.hub}/hub/login", timeout=60)
        token = re.search(r'name="_xsrf"\s+value="([^"]+)"', form.text)
        data = {"username": self.name, "password": self.password}
        if token:
            data["_xsrf"] = html.unescape(token[1])
        done = self.browser.post(f"{self.hub}/hub/login", data=data, timeout=60)
        if "/hub/login" in done.url or done.status_code >= 400:
            raise PermissionError(f"{self.name} was not let in: {done.status_code}")

    def follow(self, link, seconds=PATIENCE):
        """Open a link to something on the own server, and wait where the hub says to wait."""
        until = time.monotonic() + seconds
        while True:
            page = self.browser.get(link, timeout=60)
            at = urllib.parse.urlsplit(page.url).path
            if page.status_code == 200 and at.startswith(f"/user/{self.name}/"):
                return page
            waits = "spawn-pending" in at or page.status_code in (424, 429, 503)
            if not waits or time.monotonic() > until:
                raise RuntimeError(f"{self.name} came to {page.url}: {page.status_code}")
            time.sleep(0.5)

    def pull(self, link):
        """Do what nbgitpuller's page does. Raises RuntimeError where it fails."""
        self.follow(link)
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query))
        asked = {key: asked[key] for key in ("repo", "targetpath", "branch")}
        with self.browser.get(
            f"{self.server}git-pull/api", params=asked | {"_xsrf": self._token()}, stream=True,
            timeout=PATIENCE,
        ) as events:  # fmt: skip
            events.raise_for_status()
            lines = [line for line in events.iter_lines(decode_unicode=True) if "data: " in line]
        last = json.loads(lines[-1].removeprefix("data: "))
        if last["phase"] != "finished":
            raise RuntimeError(f"{self.name} could not pull: {last}")

    # --- the own server ------------------------------------------------------------------------

    def ask(self, method, path, **options):
        """Ask the own server's API as JupyterLab does; raises for what it refuses."""
        headers = {"X-XSRFToken": self._token()}
        address = f"{self.server}api/{path}"
        done = self.browser.request(method, address, headers=headers, timeout=120, **options)
        done.raise_for_status()
        return done.json() if done.content else None

    def _token(self):
        place = f"/user/{self.name}"
        found = (one for one in self.browser.cookies if one.path.startswith(place))
        return next((one.value for one in found if one.name == "_xsrf"), "")

    def read(self, path):
        """Return a notebook of the own copy."""
        return self.ask("GET", f"contents/{path}", params={"content": 1})["content"]

    def open(self, path):
        """Start a notebook's kernel."""
        made = self.ask("POST", "sessions", json={
            "path": path, "name": path.split("/")[-1], "type": "notebook",
            "kernel": {"name": "python3"},
        })  # fmt: skip
        return Kernel(self, made["id"], made["kernel"]["id"])

    def run_lesson(self, path):
        """Run a lesson from the top, as "Run all" does, and leave it open; return how many cells.

        Raises RuntimeError with the cell that failed.
        """
        kernel = self.open(path)
        cells = [cell for cell in self.read(path)["cells"] if cell["cell_type"] == "code"]
        for place, cell in enumerate(cells, 1):
            _, error = kernel.run("".join(cell["source"]))
            if error and "raises-exception" not in cell["metadata"].get("tags", []):
                raise RuntimeError(f"cell {place} of {len(cells)}: {error}")
        kernel.socket.close()
        return len(cells)

    def shut_all_down(self):
        """End all kernels, as JupyterLab's "Shut Down All" does."""
        for session in self.ask("GET", "sessions"):
            self.ask("DELETE", f"sessions/{session['id']}")


class Kernel:
    """A running kernel, spoken to through hub and proxy."""

    def __init__(self, student, session, number):
        self.student, self.session, self.number = student, session, number
        self.words = Session(username=student.name)
        address = student.server.replace("http", "ws", 1) + f"api/kernels/{number}/channels"
        request = requests.Request("GET", student.server + "api/kernels")
        self.socket = websocket.create_connection(
            f"{address}?session_id={self.words.session}", origin=student.hub, timeout=PATIENCE,
            cookie=student.browser.prepare_request(request).headers.get("Cookie", ""),
        )  # fmt: skip

    def run(self, code, seconds=PATIENCE):
        """Run code and return (what it printed, its error or None).

        Raises ConnectionError if the kernel died, TimeoutError if it did not come to an end.
        """
        asked, texts, error = self.send(code), [], None
        until = time.monotonic() + seconds
        while True:
            message = self.receive(until)
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] in ("restarting", "dead"):
                raise ConnectionError("the kernel died")
            if message["parent_header"].get("msg_id") != asked:
                continue
            if kind == "stream":
                texts.append(content["text"])
            elif kind == "execute_result":
                texts.append(content["data"].get("text/plain", ""))
            elif kind == "error":
                error = f"{content['ename']}: {content['evalue']}"
            elif kind == "status" and content["execution_state"] == "idle":
                return "".join(texts), error

    def send(self, code):
        """Send code without waiting; return the number of the question."""
        message = self.words.msg("execute_request", {"code": code, "allow_stdin": False})
        self.socket.send(json.dumps(message | {"channel": "shell"}, default=json_default))
        return message["msg_id"]

    def receive(self, until):
        """Return the next message."""
        self.socket.settimeout(5)  # the server's pings would keep a longer wait alive for ever
        while time.monotonic() < until:
            try:
                text = self.socket.recv()
            except websocket.WebSocketTimeoutException:
                continue
            except websocket.WebSocketException as broken:
                raise ConnectionError(f"the kernel's line broke: {broken}") from None
            if not text:
                raise ConnectionError("the server has closed the kernel's line")
            # One with pictures comes in parts.
            return json.loads(text) if isinstance(text, str) else deserialize_binary_message(text)
        raise TimeoutError("the cell did not come to an end")

    def close(self):
        """End the kernel, as closing a notebook with "Shut down" does."""
        self.socket.close()
        self.student.ask("DELETE", f"sessions/{self.session}")
