"""A stage that ends its own worker, as a machine out of memory would."""

import os
import signal
import time
from pathlib import Path

from tests.pipeline.toy import Judge


class KillsItsWorkerOnce(Judge):
    """The first process that makes a shard of it is killed with signal 9."""

    mark: str

    def make(self, work):
        mark = Path(self.mark)
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        super().make(work)


class KillsItsNodeOnce(Judge):
    """The first process that makes a shard of it kills the Ray node that it is on."""

    mark: str

    def make(self, work):
        mark = Path(self.mark)
        if not mark.exists():
            mark.write_text(str(os.getppid()))
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(8)  # until the node's end is seen
        super().make(work)


class KillsItsWorkerAlways(Judge):
    """No process outlives it."""

    def make(self, work):
        os.kill(os.getpid(), signal.SIGKILL)


class KillsItsWorkerOver(Judge):
    """No process outlives one of its shards; its neighbours are under way then."""

    shard: str

    def make(self, work):
        if work.unit.shards[0] == self.shard:
            time.sleep(0.5)  # its neighbours have begun
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(1)  # and are not finished
        super().make(work)


class KillsAWorkerForEachShard(Judge):
    """The first process that makes any shard of it is killed with signal 9."""

    marks: str

    def make(self, work):
        mark = Path(self.marks) / work.unit.shards[0]
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        super().make(work)


class Endless(Judge):
    """Its second shard takes longer than anybody waits."""

    def make(self, work):
        if work.unit.shards[0] == "001":
            time.sleep(600)
        super().make(work)


class ForeignError(Exception):
    """An exception that pickles and does not unpickle, as some libraries have."""

    def __init__(self, *, code):
        super().__init__(f"code {code}")


class RaisesForeign(Judge):
    """Fails with an exception of somebody else's."""

    def make(self, work):
        raise ForeignError(code=7)
