"""What a stage is: a node of the DAG, from versions to one version."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from pipeline.errors import BadStage
from schemas.artifact import Exactness, Manifest
from schemas.record import Record

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.block import Block
    from pipeline.work import Work

EVERY_SHARD = "all"  # the name of the only shard of a stage that has just one


class Reads(Record):
    """What a stage reads of one input; a change elsewhere in that input does not reach it."""

    columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # table -> columns
    volatile: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # read, never in the key
    files: tuple[str, ...] = ()  # file names whose bytes enter the key
    carried: tuple[str, ...] = ()  # files whose content a column in `columns` vouches for

    def takes(self, name: str) -> bool:
        """Whether a file is meant: by its name, or by `*.ending`."""
        return any(
            name == each or (each.startswith("*.") and name.endswith(each[1:]))
            for each in (*self.files, *self.carried)
        )


class Unit(Record):
    """The shards that are made in one go, and the input shards that this takes."""

    shards: tuple[str, ...] = ()
    inputs: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # role -> shard names
    open: bool = False  # which shards come out shows only while they are made (a crawl)

    def __str__(self) -> str:
        return self.shards[0] if len(self.shards) == 1 else f"{len(self.shards) or 'all'} shards"


class Stage(Record):
    """A step whose output is kept, named and never changed.

    The fields are its configuration: they decide the version. Everything about where and how
    fast it runs is in `Runtime` and decides nothing.
    """

    exactness: ClassVar[Exactness] = Exactness.EXACT
    expensive: ClassVar[bool] = False  # when only code or packages changed: stop and ask
    layout_bound: ClassVar[bool] = False  # how rows lie in shards is part of what comes out
    pinned: ClassVar[bool] = False  # a refresh keeps the version that is there
    main: ClassVar[str | None] = None  # the table whose rows are the documents
    follows: ClassVar[str | None] = None  # the role whose documents this stage accounts for
    aligned: ClassVar[bool] = False  # the main table has the rows of `follows`, in that order
    light: ClassVar[tuple[str, ...]] = ()  # roles that may say something else of a few rows only
    live: ClassVar[str | None] = None  # main's column: null or false where a document has left

    @abstractmethod
    def name(self) -> str:
        """What the stage makes, in lower case: `verdicts`, `signals.words`."""

    @abstractmethod
    def reads(self) -> dict[str, Reads]:
        """Role -> what is read of that input."""

    @abstractmethod
    def tables(self) -> dict[str, pa.Schema]:
        """Table -> its columns. The table `ledger` is everybody's and is not listed."""

    @abstractmethod
    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """The units to make; any two can be made at once, on any machine."""

    @abstractmethod
    def make(self, work: Work) -> None:
        """Make the shards of one unit. Doing it again gives the same rows."""

    def blocks(self) -> tuple[Block, ...]:
        """The configured blocks; their code is part of the version."""
        return ()

    def code(self) -> tuple[str, ...]:
        """Definitions that run elsewhere (in a job), `module:Name`; part of the version too."""
        return ()

    def assets(self) -> dict[str, str]:
        """Files from outside that decide the outcome: name -> SHA-256."""
        return {}

    def carries(self, inputs: Mapping[str, Manifest]) -> tuple[str, ...]:
        """Roles whose shards are part of this version as they are (an earlier snapshot's)."""
        return ()

    def config(self) -> dict[str, Any]:
        """The configuration without its defaults, as it enters the key."""
        return self.model_dump(mode="python", exclude_defaults=True)

    def entries(self) -> tuple[str, ...]:
        """Where the code fingerprint starts: this class, its blocks, and what runs elsewhere."""
        classes = (type(self), *(type(block) for block in self.blocks()))
        return (*(f"{c.__module__}:{c.__qualname__}" for c in classes), *self.code())


def one_to_one(inputs: Mapping[str, Manifest], follows: str) -> list[Unit]:
    """One shard for every shard of `follows`, reading the shard of that name everywhere.

    Inputs that lack a shard of that name (a tokenizer, say) are read whole.
    """
    names = [shard.name for shard in inputs[follows].shards]
    return [
        Unit(shards=(name,), inputs={role: _same(name, inputs[role]) for role in inputs})
        for name in names
    ]


def all_at_once(inputs: Mapping[str, Manifest], shards: Sequence[str]) -> list[Unit]:
    """One unit that reads everything and makes all `shards`."""
    if not shards:
        msg = "a stage was asked to make no shard at all; its input has none"
        raise BadStage(msg)
    every = {role: tuple(s.name for s in manifest.shards) for role, manifest in inputs.items()}
    return [Unit(shards=tuple(shards), inputs=every)]


def _same(name: str, manifest: Manifest) -> tuple[str, ...]:
    names = tuple(shard.name for shard in manifest.shards)
    return (name,) if name in names else names
