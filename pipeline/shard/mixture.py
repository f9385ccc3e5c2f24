"""The stage `mixture`: of the unique documents those that stay, by language and by source."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, model_validator

from pipeline.shard.mixing import Mixed, mix
from pipeline.shard.mixture_rows import UNKNOWN, departures, read_records, report, rows_of
from pipeline.shard.quotas import Dials, quotas
from pipeline.stage import Reads, Stage, Unit, all_at_once
from schemas.column import DOC_ID
from schemas.mixture import MIXTURE

if TYPE_CHECKING:
    from pipeline.work import Work
    from schemas.artifact import Manifest

FILE = "mixture.json"  # documents and characters of each language and source, before and after
RULE = "mixture"

Language = Annotated[str, Field(pattern=rf"^([a-z]{{2,3}}|{UNKNOWN})$")]  # as the family has it
Cap = Annotated[int, Field(ge=0, lt=2**62)]


class Mixture(Stage):
    """Cuts what there is too much of, so that small languages and sources keep their weight.

    Sources are cut first, each to its cap; then languages, see `quotas`. Nothing is repeated: a
    language that is asked for more than it has keeps all of it, and only larger ones are cut.

    Who stays is drawn by lot: every document has a rank, a hash of its id and `seed`, and of a
    group the lowest ranks stay, up to the first document that does not fit any more. So no group
    keeps more than it may, and it falls short by less than that document: one whose first
    document does not fit keeps none. A document that comes or goes moves only the ends of what
    groups keep, and the same unique documents give the same mixture in any order, in any layout
    of shards and after any refreshes.
    """

    main: ClassVar[str | None] = "mixture"
    follows: ClassVar[str | None] = "clusters"
    aligned: ClassVar[bool] = True
    live: ClassVar[str | None] = "keep"

    unit: Literal["characters", "documents"] = Field(
        default="characters", description="what caps and shares count"
    )
    temperature: float = Field(
        default=1,
        ge=0,
        le=1,
        description="a language with the share p is asked for p to this power: 1 leaves the "
        "proportions as they are, 0 asks the same of all",
    )
    keep_share: float = Field(
        default=1, gt=0, le=1, description="what all languages together keep of what there is"
    )
    most_share: float = Field(
        default=1, gt=0, le=1, description="the most that one language may be of all that is asked"
    )
    languages: dict[Language, Cap] = Field(
        default_factory=dict,
        description="the most of each of these languages (`en`; `unknown` where nobody knows)",
    )
    sources: dict[str, Cap] = Field(
        default_factory=dict,
        description="the most of each of these domains, files or beginnings of addresses",
    )
    most_of_source: Cap | None = Field(
        default=None, description="the most of every other registered domain or file"
    )
    seed: int = Field(default=0, ge=0, description="another one draws other documents")

    @model_validator(mode="after")
    def _temperature_has_room(self) -> Self:
        if self.temperature < 1 and self.keep_share == 1:
            msg = (
                f"temperature {self.temperature:g} moves nothing while all is kept: say with "
                f"keep_share, below 1, how much the languages together may keep."
            )
            raise ValueError(msg)
        return self

    def name(self) -> str:
        """What the stage makes."""
        return "mixture"

    def reads(self) -> dict[str, Reads]:
        """Who is there, in which language, from where, and how long."""
        return {
            "clusters": Reads(columns={"clusters": ("keep",)}),
            "signatures": Reads(columns={"signatures": ("letters",)}),
            "documents": Reads(columns={"documents": ("url",)}),
            "language": Reads(columns={"signals": ("language",)}),
        }

    def tables(self) -> dict[str, pa.Schema]:
        """One table, with the rows of `clusters`."""
        return {"mixture": MIXTURE}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """All shards at once: how much of a language stays depends on all others."""
        return all_at_once(inputs, [shard.name for shard in inputs["clusters"].shards])

    def make(self, work: Work) -> None:
        """Draw, and write who stays shard by shard."""
        records = read_records(work, self.sources)
        present = records.table.filter(pa.array(records.present()))
        letters = np.asarray(present["letters"].to_numpy(), np.int64)
        mixed = self.mixed(present, letters)
        rows, left = rows_of(records, mixed), deque(departures(records, mixed, self.unit))
        work.add_file(FILE, report(letters, mixed, self.sources), shard=work.unit.shards[0])
        start, ids = 0, records.table[DOC_ID]
        for done, (shard, count) in enumerate(records.counts.items()):
            work.write("mixture", rows.slice(start, count), shard=shard)
            start += count
            while left and left[0].place < start:
                each = left.popleft()
                work.drop(
                    ids[each.place].as_py(),
                    RULE,
                    value=each.rank,
                    threshold=each.bound,
                    detail=each.detail,
                    shard=shard,
                )
            work.progress(done + 1, len(records.counts))

    def mixed(self, present: pa.Table, letters: NDArray[np.int64]) -> Mixed:
        """Who stays of some documents.

        Args:
            present: doc_id, source, language; n rows.
            letters: characters of each, (n,).
        """
        sizes = letters if self.unit == "characters" else np.ones(len(letters), np.int64)
        dials = Dials(self.temperature, self.keep_share, self.most_share)
        return mix(
            present,
            sizes,
            self.seed,
            of_sources=lambda has: {name: self._most_of(name, n) for name, n in has.items()},
            of_languages=lambda has: quotas(has, self.languages, dials),
        )

    def _most_of(self, source: str, has: int) -> int:
        most = self.sources.get(source, self.most_of_source)
        return has if most is None else most
