"""Two networks of the kernel's, joined by a cable: ours, and that of somebody who is not on it.

Nothing of them is on this machine's own network, and they are gone when the process is that made
them. They need root, or a kernel that lets users make namespaces; and iproute2 and util-linux.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.prefect_server import ROOT, end

OURS, THEIRS = "198.18.0.1", "198.18.0.2"  # for tests of networks, RFC 2544
LISTENS = "0A"  # as /proc/net/tcp writes it
AS_ROOT = () if os.getuid() == 0 else ("--user", "--preserve-credentials")


class Network:
    """A network namespace, held by a process that ends with this one."""

    def __init__(self, address, *words):
        self.address = address
        self._holder = subprocess.Popen(
            [*words, "--net", "sh", "-c", "echo there; exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self._holder.stdout.readline() != "there\n":
            problem = self._holder.communicate()[1].strip()
            pytest.skip(f"no network namespace can be made: {problem}")

    @property
    def pid(self):
        return str(self._holder.pid)

    def command(self, *words):
        """The command that runs a command in it."""
        return ["nsenter", "--target", self.pid, *AS_ROOT, "--net", *map(str, words)]

    def listening(self):
        """The TCP ports that are listened on, whoever does it and on whichever interface."""
        lines = [
            line.split()
            for name in ("tcp", "tcp6")
            for line in Path("/proc", self.pid, "net", name).read_text().splitlines()[1:]
        ]
        return {int(line[1].rpartition(":")[2], 16) for line in lines if line[3] == LISTENS}

    def start(self, stack, log, told, word, *words):
        """Start Python with a command in it, ended with the stack; says whether it told a word."""
        lines = stack.enter_context(log.open("wb"))
        process = subprocess.Popen(
            self.command(sys.executable, *words),
            cwd=ROOT,
            env=told,
            stdin=subprocess.PIPE,
            stdout=lines,
            stderr=lines,
        )
        stack.callback(end, process)

        def is_up():
            assert process.poll() is None, log.read_text()
            return word in log.read_text()

        return is_up

    def end(self):
        self._holder.communicate()


@contextlib.contextmanager
def two_networks():
    """Ours, and theirs; skips the test where there can be none."""
    for tool in ("ip", "unshare", "nsenter"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed (Debian: iproute2 and util-linux)")
    with contextlib.ExitStack() as stack:
        ours = Network(OURS, "unshare", *(("--user", "--map-root-user") if AS_ROOT else ()))
        stack.callback(ours.end)
        # In the same user namespace as ours, or nobody may lay a cable between them.
        theirs = Network(THEIRS, *(ours.command() if AS_ROOT else ()), "unshare")
        stack.callback(theirs.end)
        cable = ("link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns")
        _ip(ours, *cable, theirs.pid)
        for each in (ours, theirs):
            _ip(each, "link", "set", "lo", "up")
            _ip(each, "address", "add", f"{each.address}/24", "dev", "cable")
            _ip(each, "link", "set", "cable", "up")
        yield ours, theirs


def _ip(network, *words):
    done = subprocess.run(network.command("ip", *words), capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no cable can be laid between two networks: {done.stderr.strip()}")
