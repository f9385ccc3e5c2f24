"""Prefect's server with our deployments on it, and the process that runs them.

The server is a process of its own, started here unless PREFECT_API_URL names one. It ends when this
process does, after the runs.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from flows.ending.kin import SERVER_MARK
from flows.errors import ServerTrouble
from pipeline.loopback import is_loopback

HOME_VARIABLE = "PREFECT_HOME"
API_VARIABLE = "PREFECT_API_URL"
AUTH_VARIABLE = "PREFECT_SERVER_API_AUTH_STRING"
ORIGINS_VARIABLE = "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS"
START_SECONDS = 180  # Postgres migrates at its first start
END_SECONDS = 20.0
HASTE_SECONDS = 3.0  # instead, where the whole end has taken too long already
ANSWER_SECONDS = 10.0  # of a server that is there
POLL_SECONDS = 0.2
LOOK_SECONDS = 1.0  # between two looks whether our server is there
LEASES = "prefect.server.concurrency.lease_storage.filesystem"


@dataclass(frozen=True)
class Place:
    """Where a server listens, and how it is guarded."""

    host: str = "127.0.0.1"
    port: int = 0  # 0: any that is free
    database: str = ""  # postgresql+asyncpg://…; SQLite in its home by default
    secure: bool = False

    def check(self) -> None:
        """Refuse what would let strangers in.

        Raises:
            ServerTrouble: others could reach a server without a password.
        """
        if not self.secure and not is_loopback(self.host):
            msg = (
                f"On {self.host} others can reach this server, and without a password anybody "
                f"there can start runs on this machine.\n"
                f"Add --secure, or leave --host at 127.0.0.1."
            )
            raise ServerTrouble(msg)


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    api: str
    ours: bool
    auth_file: Path | None = None
    end: Callable[[], None] = lambda: None  # in haste, where it is ours

    @property
    def page(self) -> str:
        """What a browser opens."""
        return self.api.removesuffix("/api")


@contextlib.contextmanager
def server(place: Place) -> Iterator[Running]:
    """The server that PREFECT_API_URL names, or one of our own that ends with this context.

    Sets what Prefect reads from the environment, so Prefect must not have been imported before.

    Raises:
        ServerTrouble: it does not start, or does not answer.
    """
    named = os.environ.get(API_VARIABLE)
    if named:
        _wait_for(named, None, None)
        yield Running(named.rstrip("/"), ours=False)
        return
    place.check()
    home = Path(os.environ.get(HOME_VARIABLE) or Path.home() / ".prefect")
    port = place.port or _free_port(place.host)
    api = f"http://{_in_address(place.host)}:{port}/api"
    auth_file = guard(home, api) if place.secure else None
    home.mkdir(parents=True, exist_ok=True)
    kept = _Kept(lambda: _start(place, port, api, home))
    try:
        _wait_for(api, kept.process, home / "server.log")
        os.environ[API_VARIABLE] = api
        kept.watch()
        yield Running(api, ours=True, auth_file=auth_file, end=partial(kept.end, HASTE_SECONDS))
    finally:
        kept.end()


class _Kept:
    """A server that is started again whenever it ends, until we end it.

    Runs go on while it is away: what they make is in the store, and they tell it when it is back.
    """

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._start = start
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="server", daemon=True)
        self.process = start()

    def watch(self) -> None:
        """From now on."""
        self._watcher.start()

    def end(self, seconds: float = END_SECONDS) -> None:
        """End it for good; after so many seconds by force."""
        self._over.set()
        if self._watcher.is_alive():
            self._watcher.join()
        _end(self.process, seconds)

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            code = self.process.poll()
            if code is None:
                continue
            _end(self.process, END_SECONDS)  # what it has started
            try:
                self.process = self._start()
            except ServerTrouble as error:
                print(f"Prefect's server ended ({code}), and cannot start again: {error}")
            else:
                print(f"Prefect's server ended ({code}) and was started again.", flush=True)


def guard(home: Path, api: str) -> Path | None:
    """Password, CSRF protection, and modes of files, for the server and for us.

    Returns:
        The file with the password, where it was not given.
    """
    os.umask(0o077)
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    for path in home.iterdir():
        if path.is_file():
            path.chmod(0o600)
    os.environ["PREFECT_SERVER_CSRF_PROTECTION_ENABLED"] = "true"
    file = None
    if not os.environ.get(AUTH_VARIABLE):
        file = home / "penstock-password"
        if not file.exists():
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as lines:
                lines.write(f"penstock:{secrets.token_urlsafe(24)}\n")
        os.environ[AUTH_VARIABLE] = file.read_text().strip()
    os.environ["PREFECT_API_AUTH_STRING"] = os.environ[AUTH_VARIABLE]
    return file


def schedules_fail() -> str:
    """Why the server would never start a scheduled run; empty where it does.

    Prefect 3.8 inserts scheduled runs in a way that SQLAlchemy 2.1 refuses; only its log says so.
    """
    found = version("sqlalchemy")
    if tuple(int(part) for part in found.split(".")[:2]) < (2, 1):
        return ""
    return (
        f"Schedules will not run: Prefect 3.8 cannot schedule with SQLAlchemy {found}. "
        f"Install 'sqlalchemy<2.1' and serve again."
    )


def _start(place: Place, port: int, api: str, home: Path) -> subprocess.Popen[bytes]:
    settings = {
        HOME_VARIABLE: str(home),
        "PREFECT_SERVER_API_HOST": place.host,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_UI_API_URL": api,
        # Unasked, the pages of every site may use the server from a browser on this machine.
        ORIGINS_VARIABLE: os.environ.get(ORIGINS_VARIABLE) or origins(api),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # In memory they would be gone when the server is started again, and Prefect then ends runs
        # that have lost theirs.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": LEASES,
        SERVER_MARK: str(os.getpid()),
    }
    if place.database:
        settings["PREFECT_API_DATABASE_CONNECTION_URL"] = place.database
    words = ("-m", "prefect", "server", "start", "--host", place.host, "--port", str(port))
    try:
        listen(place.host, port).close()
    except OSError as error:
        msg = f"{place.host}:{port} cannot be listened on: {error.strerror}.\nTake another --port."
        raise ServerTrouble(msg) from error
    with (home / "server.log").open("ab") as log:
        # In a session of its own: Ctrl-C in a terminal must reach the runs before the server.
        return subprocess.Popen(
            [sys.executable, *words],
            env=os.environ | settings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _wait_for(api: str, process: subprocess.Popen[bytes] | None, log: Path | None) -> None:
    until = time.monotonic() + (START_SECONDS if process else ANSWER_SECONDS)
    while time.monotonic() < until and (process is None or process.poll() is None):
        if answers(api):
            return
        time.sleep(POLL_SECONDS)
    if log is None:
        msg = f"No Prefect server answers at {api} ({API_VARIABLE}).\nStart it, or unset it."
        raise ServerTrouble(msg)
    last = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
    msg = f"Prefect's server did not start; {log} ends with:\n{last}"
    raise ServerTrouble(msg)


def answers(api: str) -> bool:
    """Whether a server is there."""
    with (
        contextlib.suppress(OSError, ValueError),
        urllib.request.urlopen(f"{api}/health", timeout=5),
    ):
        return True
    return False


def _end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """End the server and whatever it has started."""
    process.terminate()
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    finally:  # also at another Ctrl-C
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port(host: str) -> int:
    with listen(host, 0) as free:
        port: int = free.getsockname()[1]
        return port


def listen(host: str, port: int) -> socket.socket:
    """Listen on one of this machine's addresses; port 0 is any that is free.

    Raises:
        OSError: it is none of them, or the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def origins(api: str) -> str:
    """Whose pages may use a server: its own, by the names that a browser may know it by."""
    port = urlsplit(api).port
    page = api.removesuffix("/api")
    here = (f"http://{name}:{port}" for name in ("127.0.0.1", "localhost"))
    return ",".join(dict.fromkeys((page, *here)))


def _in_address(host: str) -> str:
    """A host as a browser writes it; one that means every interface is this machine's name."""
    if host in ("0.0.0.0", "::"):
        return socket.getfqdn()
    return f"[{host}]" if ":" in host else host
