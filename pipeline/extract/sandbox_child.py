"""The process that pages are parsed in; started by `sandbox`, and killed by it.

It reads a setup, then batches of pages, and answers each page as soon as it is read. It ends when
the pipe does, and with its parent, however that ends.
"""

import ctypes
import logging
import os
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from pipeline.extract.frames import Message, packed, received
from pipeline.extract.request import Reading, Refusal, Request
from pipeline.garbage import seek_garbage_seldom

OUT_OF_MEMORY = 77  # exit code
PR_SET_PDEATHSIG = 1  # linux/prctl.h
MEBIBYTE = 1 << 20


def main() -> None:
    """Answer batches of pages until there are no more."""
    seek_garbage_seldom()
    # Not for who only starts this process, and with little search for garbage.
    from pipeline.extract.extractor import Extractor
    from pipeline.extract.reading import read

    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints is no answer
    message = received(sys.stdin.buffer)
    if message is None:
        return
    setup = message.fields
    _end_with(setup["parent"])
    logging.disable()
    extractor: Extractor = Extractor.parse(setup["extractor"])
    warm = Request("<html><p>warm</p></html>", "", is_html=setup["html"])  # loads what is compiled
    read(warm, extractor, mend=setup["mend"])
    _bound_memory(setup["megabytes"])
    _answer(answers, Message("ready"))
    try:
        while (batch := received(sys.stdin.buffer)) is not None:
            for text, page in zip(batch.texts, batch.fields, strict=True):
                _answer(answers, answer(read(Request(text, *page), extractor, mend=setup["mend"])))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def answer(reading: Reading | Refusal) -> Message:
    """A reading or refusal as a message."""
    if isinstance(reading, Refusal):
        return Message(reading)
    return Message(reading[1:], (reading.text,))


def _answer(answers: BinaryIO, message: Message) -> None:
    answers.write(packed(message))
    answers.flush()


def _end_with(parent: int) -> None:
    """Be killed when the parent dies, even by SIGKILL and in the middle of a page (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _bound_memory(megabytes: int) -> None:
    """The last line: the parent watches what is resident, and kills at half of this."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    most = pages * resource.getpagesize() + 2 * megabytes * MEBIBYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
