"""`penstock serve` on a server of its own, whose parts can be killed and started again."""

import contextlib
import signal
import subprocess
import sys
import threading
import time

import psutil

from flows.ending.kin import SERVER_MARK, kin
from tests.flows.prefect_server import ROOT, ask, environment, wait_until
from tests.flows.served_tiny import ENDED, served_alone
from tests.torture.watched import say

WINDOW = "2026-11-22T00:00:00Z"
FLOW = "refresh_and_train"
BACK_SECONDS = 180  # for a server to be there again
RUN_SECONDS = 900


class Serving:
    """It is killed and started again on the same database. Use it as a context."""

    def __init__(self, recipe, folder):
        self.recipe, self.folder, self.store = recipe, folder, folder / "store"

    def __enter__(self):
        self._open = contextlib.ExitStack()
        self._start()
        return self

    def __exit__(self, *_):
        self._open.close()

    def _start(self):
        serving = served_alone(self.recipe, self.folder, self.store)
        self.served = self._open.enter_context(serving)

    def begun(self):
        """A new run, which has left its queue."""
        order = {"window": WINDOW, "reason": "to see what is left"}
        status, run = self.served.ask_for(FLOW, **order)
        assert status == 201, run
        assert wait_until(lambda: self.state(run["id"]) != "SCHEDULED", 120)
        return run["id"]

    def state(self, run):
        """What Prefect says; nothing while its server is away."""
        with contextlib.suppress(OSError):
            status, found = ask(self.served.api, f"flow_runs/{run}")
            return found["state"]["type"] if status == 200 else ""
        return ""

    def slots(self):
        """How many are held; None while the server is away."""
        with contextlib.suppress(OSError):
            return self.served.deployment(FLOW)["global_concurrency_limit"]["active_slots"]
        return None

    def finished(self, run):
        """Wait until a run is, well."""
        wait_until(lambda: self.state(run) in ENDED, RUN_SECONDS)
        assert self.state(run) == "COMPLETED", self.served.said.read_text()[-5000:]

    def end(self, kind, run, number):
        """End a run, or what it needs; says what was done."""
        if kind == "cancel":
            wanted = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
            ask(self.served.api, f"flow_runs/{run}/set_state", wanted)
            return "cancelled"
        if kind == "server":
            self._kill(self._servers())
            assert wait_until(lambda: self.slots() is not None, BACK_SECONDS), "no server"
            return "server killed"
        drivers = [psutil.Process(each.pid) for each in kin(run) if each.drives]
        if number % 2:
            self._kill(drivers)
            return f"flow killed ({len(drivers)})"
        self.served.process.send_signal(signal.SIGSTOP)  # so that it cannot say that the flow was
        self._kill(drivers)
        self.served.process.kill()
        self.served.process.wait()
        self._kill(self._servers())
        self._start()  # its reconciler sets right what is wrong
        return "flow, runner and server killed"

    @staticmethod
    def _kill(processes):
        for each in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()

    def doctored(self, run):
        """What `penstock doctor` finds after a run; mended once, it finds nothing."""
        code, said = self._doctor("--mend")
        say({"doctor": said, "exit_code": code})
        again = [*self._doctor("--mend")[1], *self._doctor()[1]]
        # Orphans of another's run on this machine are not ours to mend.
        found = [line for line in again if "found" not in line and "All is well" not in line]
        ours = [line for line in found if not line.startswith("orphans: ") or run in line]
        assert not ours, ours
        assert self.state(run) in ENDED

    def _doctor(self, *words):
        told = environment(self.folder / "home", PREFECT_API_URL=self.served.api)
        told["HOME"] = str(self.folder)  # with its own Ray token
        command = [sys.executable, "-m", "flows", "doctor", "--store", str(self.store), *words]
        done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout.splitlines()

    def _servers(self):
        found = []
        for each in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if each.environ().get(SERVER_MARK) == str(self.served.process.pid):
                    found.append(each)
        return [each for each in found if "server" in each.cmdline()]


def left_of(run):
    """The processes of a run."""
    return [str(each) for each in kin(run)]


class Watch:
    """Notes when a process of a run was last seen, whatever else goes on meanwhile."""

    def __init__(self, run):
        self._run, self._over = run, threading.Event()
        self._began = self._seen = time.monotonic()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self):
        while not self._over.wait(0.2):
            if left_of(self._run):
                self._seen = time.monotonic()

    def seconds(self, most):
        """From the beginning until nothing was left; fails where something still is."""
        gone = wait_until(lambda: not left_of(self._run), most, 0.1)
        self._over.set()
        assert gone, f"left behind: {left_of(self._run)}"
        return round(self._seen - self._began, 1)
