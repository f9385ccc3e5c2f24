"""A process over one Parquet file of a stranger, with a bounded memory and time: the parent's end.

What it sends comes as an Arrow stream. Why it ended early stands in its exit code, or is what it
said last.
"""

import json
import signal
import subprocess
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pyarrow as pa

from pipeline.crawl.errors import BadSourceFile, UnreadableFile
from pipeline.crawl.parquet_child import ENDS, FAILED, OUT_OF_MEMORY, UNREADABLE
from pipeline.module_process import start_module

MEGABYTES = 512  # that the process may take on top of its start
SECONDS = 10  # of processor time until the next rows are there


class ParquetProcess:
    """One reading of a file.

    Args:
        module: what runs, `pipeline.crawl.parquet_child`.
        order: what is asked of it.
        error: makes an error of what it said.
    """

    def __init__(
        self, module: str, order: dict[str, Any], error: Callable[[dict[str, Any]], BadSourceFile]
    ) -> None:
        self.reason: str | None = None  # why it ended early, a slug
        self.problem = ""  # a sentence
        self.ends: list[int] = []  # of the row groups: the row after the last one
        self._module, self._error = module, error
        self._order = {**order, "megabytes": MEGABYTES, "seconds": SECONDS}

    def batches(self) -> Generator[pa.RecordBatch, None, None]:
        """What it sends; see `reason` in the end.

        Raises:
            BadSourceFile: the file is not what it should be.
            UnreadableFile: this machine cannot read it.
        """
        process = self._started()
        broken: Exception | None = None
        try:
            yield from self._received(process)
        except (OSError, pa.ArrowException) as error:  # its exit code says how it ended
            broken = error
        except GeneratorExit:
            process.kill()
            raise
        finally:
            said = process.communicate()[1]
        if process.returncode:
            self._judge(process.returncode, said)
        elif broken:
            raise broken

    def _received(self, process: subprocess.Popen[bytes]) -> Iterator[pa.RecordBatch]:
        assert process.stdout is not None
        with pa.ipc.open_stream(process.stdout) as stream:
            self.ends = json.loads((stream.schema.metadata or {}).get(ENDS, b"[]"))
            yield from stream

    def _started(self) -> subprocess.Popen[bytes]:
        # Arrow's own allocators reserve more address space than the process may have.
        told = {"ARROW_DEFAULT_MEMORY_POOL": "system"}
        process = start_module(self._module, told, stderr=subprocess.PIPE)
        assert process.stdin is not None
        try:
            with process.stdin as pipe:
                pipe.write(json.dumps(self._order).encode())
        except BrokenPipeError:  # it has ended; its exit code says how
            pass
        process.stdin = None
        return process

    def _judge(self, code: int, said: bytes) -> None:
        if code == FAILED:
            told = json.loads(said.splitlines()[-1])
            if told["kind"] == UNREADABLE:
                raise UnreadableFile(self._order["path"], problem=told["problem"])
            raise self._error(told)
        if code == OUT_OF_MEMORY:
            self.reason, self.problem = "killed_by_memory", f"they take more than {MEGABYTES} MB"
        elif code == -signal.SIGXCPU:
            self.reason, self.problem = "killed_by_time", f"they take more than {SECONDS} s"
        else:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            self.reason, self.problem = "crashed", f"their reader ended with {how}"
