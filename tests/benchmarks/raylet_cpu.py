"""Processor seconds of the nodes of a simulated Ray cluster, and of this process."""

import contextlib
import resource

import psutil


def cpu_of_node(node):
    """Of a node's processes and all below them, also of those that have ended and were waited for.

    Args:
        node: of `ray.cluster_utils.Cluster`.
    """
    started = [each.process.pid for kind in node.all_processes.values() for each in kind]
    return sum(_cpu_of_tree(number) for number in started)


def cpu_of_this():
    """Of this process and of what it started that has ended, but for a cluster's processes."""
    used = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(each.ru_utime + each.ru_stime for each in used)


def _cpu_of_tree(number):
    spent = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(number)
        for each in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                spent += sum(each.cpu_times()[:4])  # its own, and that of children it waited for
    return spent
