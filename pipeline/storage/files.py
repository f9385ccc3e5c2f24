"""The one interface to a store's place; local disk and object stores are behind it."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


CLOCK = "attempts/clock"  # files that are written to learn the time by the store's clock


class Entry(NamedTuple):
    """A file that is there."""

    path: str  # below the root
    size: int  # bytes
    modified: float  # seconds since 1970


class Files(Protocol):
    """Files below one root, named by paths with `/`. A file that is there is whole."""

    uri: str
    as_they_lie: bool  # a person finds them as they are read, below a folder of this machine

    def create(self, path: str, content: bytes) -> bool:
        """Make a file that is not there yet; False, and nothing changed, where it is."""

    def put(self, path: str, source: Path) -> None:
        """Make a file of a local one, under a name that nobody else uses."""

    def replace(self, path: str, content: bytes) -> None:
        """Write a file anew. For hints only (heartbeats): the last one wins."""

    def read(self, path: str) -> bytes:
        """The whole file.

        Raises:
            FileNotFoundError: it is not there.
        """

    def lying(self, path: str) -> bytes:
        """The whole file as it lies there, which may be damaged, and is sealed where it is kept so.

        Raises:
            FileNotFoundError: it is not there.
        """

    def open(self, path: str) -> BinaryIO:
        """The file, to read from any place in it.

        Raises:
            FileNotFoundError: it is not there.
        """

    def local(self, path: str, scratch: Path) -> Path:
        """The file on this machine's disk, to read only; fetched into `scratch` where it is far."""

    def durable(self, name: str) -> Path:
        """A local folder that outlives a crash: the same for the same name."""

    def size(self, path: str) -> int | None:
        """Its bytes, or None where it is not there."""

    def entries(self, folder: str) -> Iterator[Entry]:
        """Every file below `folder`, at any depth, in order of its path."""

    def delete(self, path: str) -> None:
        """Remove a file; nothing happens where it is not there."""

    def together(self, act: Callable[[T], R], things: Iterable[T]) -> list[R]:
        """What `act` gives of each, in order: all at once, where each waits for a network."""

    def scratch(self) -> Path:
        """A new local folder for one unit's work; the caller removes it."""

    def stale(self, before: float) -> Iterator[tuple[Path, int]]:
        """Local folders of units and jobs that nothing has touched since `before`; their bytes."""
