"""What the stages of a run take on the nodes of a simulated Ray cluster, and in its driver."""

import contextlib
import resource
import time

import psutil


class Stages:
    """What the units of each stage take, in the driver and on the nodes."""

    def __init__(self, nodes):
        self.found, self._nodes = {}, nodes

    def __enter__(self):
        self._began = self._now()

    def __exit__(self, *_):
        self.wall, self.here, self.there = self._since(self._began)

    def around(self, execute):
        def timed(stage, orders, done):
            began = self._now()
            execute(stage, orders, done)
            wall, here, there = self._since(began)
            self.found[stage] = {
                "units": len(orders),
                "wall_seconds": wall,
                "driver_cpu_seconds": here,
                "node_cpu_seconds": there,
                "made_by_driver": len(orders) == 1 and orders[0].unit.open,
            }

        return timed

    def told(self):
        """CPU seconds of all by what they were for; see ray_nodes."""
        found = self.found.values()
        parallel = sum(each["node_cpu_seconds"] for each in found if each["units"] > 1)
        single = sum(
            each["node_cpu_seconds"] + each["made_by_driver"] * each["driver_cpu_seconds"]
            for each in found
            if each["units"] == 1
        )
        return {
            "wall_seconds": self.wall,
            "parallel": parallel,
            "single": single,
            "driver": self.here
            - sum(e["driver_cpu_seconds"] for e in found if e["made_by_driver"]),
            "units": sum(each["units"] for each in found),
            "node_cpu_seconds": self.there,
            "stages": self.found,
        }

    def _now(self):
        return time.monotonic(), cpu_of_this(), sum(map(cpu_of_node, self._nodes))

    def _since(self, began):
        return [round(now - then, 3) for now, then in zip(self._now(), began, strict=True)]


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
