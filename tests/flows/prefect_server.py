"""A real Prefect server for tests: on a free port, with a home of its own, gone afterwards.

The fixture `prefect_api` (conftest.py) shares one among all tests of a session; a test that counts
what a server has, or kills it, starts its own with `with prefect_server() as api:`.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.flows.prefect_home import migrated

ROOT = Path(__file__).parents[2]
START_SECONDS = 120
END_SECONDS = 20
BUSY_TRIES = 30
ANSWER_SECONDS = 120  # of a server that shares its cores with much else
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
}


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def environment(home, **more):
    """This process's environment without its Prefect, with a Prefect home of one's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return kept | QUIET | {"PREFECT_HOME": str(home), "PYTHONPATH": str(ROOT)} | more


@contextlib.contextmanager
def prefect_server(home=None, **settings):
    """Start a server; gives its API's address, http://127.0.0.1:PORT/api, UI one level above.

    Args:
        home: its PREFECT_HOME; a temporary folder by default.
        settings: more environment variables, PREFECT_SERVER_…
    """
    with contextlib.ExitStack() as stack:
        home = migrated(home or stack.enter_context(tempfile.TemporaryDirectory(prefix="prefect-")))
        port = free_port()
        told = {"PREFECT_SERVER_API_PORT": str(port)} | settings
        words = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1"]
        log = home / "server.log"
        with log.open("wb") as lines:
            process = subprocess.Popen(
                [*words, "--port", str(port)],
                env=environment(home, **told),
                stdout=lines,
                stderr=lines,
            )
        api = f"http://127.0.0.1:{port}/api"
        try:
            wait_for(f"{api}/health", process, log)
            yield api
        finally:
            end(process)


def wait_for(url, process, log):
    """Wait until a server answers; fails with its log's end where it does not."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    raise AssertionError(f"{url} does not answer:\n{log.read_text()[-3000:]}")


def end(process, seconds=END_SECONDS):
    """End a process politely, then by force."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def ask(api, path, body=None, method=None, **headers):
    """One request to the API, `deployments/filter` for instance; status and what came back.

    A server whose SQLite is busy answers 503, and is asked again, as Prefect's client does.
    """
    for _ in range(BUSY_TRIES):
        status, answer = _ask(api, path, body, method, headers)
        if status != 503:
            break
        time.sleep(1)
    return status, answer


def _ask(api, path, body, method, headers):
    request = urllib.request.Request(
        f"{api}/{path}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json", **headers},
        method=method or ("GET" if body is None else "POST"),
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
            content = answer.read()
            return answer.status, json.loads(content) if content else None
    except urllib.error.HTTPError as error:
        content = error.read()
        try:
            return error.code, json.loads(content)
        except ValueError:
            return error.code, content.decode(errors="replace")


def wait_until(look, seconds=120, every=0.3):
    """What `look` gives once it gives something."""
    until = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > until:
            return found
        time.sleep(every)


def lets_in(api, origin):
    """Whether a browser would let a page of that site use the server."""
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    asked = urllib.request.Request(f"{api}/deployments/filter", method="OPTIONS", headers=asks)
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.headers["Access-Control-Allow-Origin"] in ("*", origin)
    except urllib.error.HTTPError:
        return False
