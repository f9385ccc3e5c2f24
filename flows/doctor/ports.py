"""What listens on this machine that is ours, and what it gives to who has no password or token.

Each port is asked as a stranger would ask it; what a process was told when it started may differ.
Processes of other users are seen by root alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

from flows.doctor.asking import ANSWER_SECONDS, told
from flows.doctor.finding import Finding
from pipeline.loopback import is_loopback

SERVICES = re.compile(r"/(gcs_server|raylet)$")  # of Ray: the programs whose ports run code
RAY = re.compile(r"/(gcs_server|raylet)$|^ray::|^ray\.util\.client|/site-packages/ray/")
METRICS_SECONDS = 3.0  # a Ray has dozens of ports, and most of them are silent
NO_CLUSTER = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0"


@dataclass(frozen=True)
class Port:
    """A TCP port, and who listens there."""

    host: str
    number: int
    pid: int
    words: tuple[str, ...]  # of the process's command line

    @property
    def here_only(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def is_prefect(self) -> bool:
        """Whether it is a Prefect server's."""
        line = " ".join(self.words)
        return "prefect server start" in line or "prefect.server.api" in line

    @property
    def is_ray(self) -> bool:
        """Whether it is one of Ray's."""
        return any(RAY.search(word) for word in self.words)

    @property
    def asked_at(self) -> str:
        """The address at which this machine reaches it."""
        anywhere = self.here_only or self.host in ("::", "0.0.0.0")
        host = "127.0.0.1" if anywhere else self.host
        return f"[{host}]:{self.number}" if ":" in host else f"{host}:{self.number}"

    def tells(self, path: str, seconds: float = ANSWER_SECONDS) -> bool:
        """Whether a stranger gets an answer to a request."""
        return bool(told(f"http://{self.asked_at}{path}", seconds))

    def __str__(self) -> str:
        name = self.words[0].rpartition("/")[2] if self.words else ""
        return f"{name} {self.pid} at {self.host}:{self.number}"


def open_ports() -> Iterator[Finding]:
    """Servers and Rays of this machine that ask strangers for nothing."""
    there = ports()
    for port in there:
        if port.is_prefect and not port.here_only and port.tells("/api/admin/version"):
            said = f"Prefect's server ({port}) asks for no password: whoever reaches it starts runs"
            yield Finding("open port", f"{said}. Serve with --secure, or leave out --host.")
    rays = [port for port in there if port.is_ray]
    yield from _without_token(rays)
    telling = [
        port for port in rays if not port.here_only and port.tells("/metrics", METRICS_SECONDS)
    ]
    if telling:
        said = f"Ray's metrics tell everybody of its processes and tasks: {_several(telling)}"
        remedy = f"Start a Ray of one machine with {NO_CLUSTER}, or have a firewall close them"
        yield Finding("open port", f"{said}. {remedy}.")


def _without_token(rays: Sequence[Port]) -> Iterator[Finding]:
    from ray_jobs.ray_door import lets_in

    services = [port for port in rays if any(SERVICES.search(word) for word in port.words)]
    found = [port for port in services if lets_in(port.asked_at)]
    if found:
        here = all(port.here_only for port in found)
        who = "each user of this machine" if here else "whoever reaches this machine"
        said = f"Ray asks for no token, so {who} can run code in it: {_several(found)}"
        yield Finding("open port", f"{said}. Stop it, and start it with RAY_AUTH_MODE=token.")


def open_cluster(address: str, named_by: str) -> Iterator[Finding]:
    """A Ray elsewhere that somebody has named, and that asks for no token.

    Args:
        address: `local` and `auto`, which are this machine's, or host:port.
        named_by: the recipe or the variable that names it.
    """
    from ray_jobs.ray_door import lets_in

    if ":" in address and "://" not in address and lets_in(address):
        said = f"the Ray at {address}, which {named_by} names, lets everybody in and run code"
        yield Finding("open port", f"{said}. Start all of it with RAY_AUTH_MODE=token.")


def ports() -> list[Port]:
    """The TCP ports that Prefect and Ray listen on here, as far as this user may see them."""
    found = []
    for process in psutil.process_iter():
        try:
            words = tuple(process.cmdline())
            known = Port("", 0, process.pid, words)
            if not (known.is_prefect or known.is_ray):
                continue
            for each in process.net_connections("tcp"):
                if each.status == psutil.CONN_LISTEN:
                    host = each.laddr.ip.removeprefix("::ffff:")
                    found.append(Port(host, each.laddr.port, process.pid, words))
        except psutil.Error:
            continue  # it has ended, or is somebody else's
    return found


def _several(those: Sequence[Port]) -> str:
    more = f" and {len(those) - 5} more" if len(those) > 5 else ""
    return ", ".join(str(port) for port in those[:5]) + more
