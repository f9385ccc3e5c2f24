"""How fast a crawl may ask one host, whoever of its threads is asking."""

import threading
import time


class Stopped(Exception):
    """The crawl was told to stop while a thread waited its turn."""


class Pace:
    """Hands out turns at one host, `interval` seconds apart, until `stop` is set."""

    def __init__(self, interval: float, stop: threading.Event) -> None:
        self._interval, self._stop = interval, stop
        self._lock = threading.Lock()
        self._next = 0.0  # on the monotonic clock

    def slow_to(self, interval: float) -> None:
        """Keep at least so many seconds between turns (a site's own wish)."""
        with self._lock:
            self._interval = max(self._interval, interval)

    def pause(self, seconds: float) -> None:
        """Let no turn begin for so long (the host is overloaded)."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)

    def wait(self) -> None:
        """Come back when it is this thread's turn.

        Raises:
            Stopped: the crawl ends.
        """
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now)
            self._next = turn + self._interval
        if self._stop.wait(turn - now) if turn > now else self._stop.is_set():
            raise Stopped


class Paces:
    """The pace of every host of a crawl."""

    def __init__(self, interval: float) -> None:
        self.stop = threading.Event()
        self._interval = interval
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}

    def of(self, host: str) -> Pace:
        """The pace of one host."""
        with self._lock:
            if host not in self._paces:
                self._paces[host] = Pace(self._interval, self.stop)
            return self._paces[host]
