"""Processes that tests start, and look for afterwards."""

import psutil

from tests.flows.prefect_server import wait_until


def words(process):
    """A process's command line; empty where it has ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def is_there(process):
    """Whether it has not ended; nobody may have asked for its exit code yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def assert_gone(family, seconds):
    """None of these processes is left after a while."""
    gone = wait_until(lambda: not any(map(is_there, family)), seconds)
    assert gone, f"left behind: {[each for each in family if is_there(each)]}"
