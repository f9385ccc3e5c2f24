"""How much of a benchmark a document gives away."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field

from pipeline.signals.benchmarks import Benchmark, Index, index_of
from pipeline.signals.family import Family, Measure
from pipeline.signals.text_files import sha256_of

ITEM = pa.struct([("benchmark", pa.string()), ("item", pa.int64()), ("share", pa.float64())])


class BenchmarkOverlap(Family):
    """The share of each benchmark item that a document holds.

    An item is the set of its runs of `words` words, in lower case and without punctuation; one
    that is shorter is a single run. The share of it in a document is the weight of the runs that
    the document has too. A run weighs more the fewer items of its benchmark share it, so that the
    form of a question, which all have, says little, and what is asked says much: a document with
    one common sentence of an item is not one that holds the item.

    `items` holds those with a share of `least` or more, the largest first; `benchmark`, `item`
    (counted from 0 in its file) and `share` are the first of them, null and 0 where there is none.
    The benchmarks' files are part of the version by their content.

    Sources:
        Runs of 13 words: Brown et al., 2020, arXiv:2005.14165, appendix C; weights: Sparck Jones,
        1972, doi:10.1108/eb026526.
    """

    benchmarks: tuple[Benchmark, ...] = ()
    words: int = Field(default=8, ge=1, le=50, description="in a run")
    fewest: int = Field(default=5, ge=1, description="words of an item that is looked for")
    widest: int = Field(default=100, ge=1, description="items of a benchmark that share a run")
    least: float = Field(default=0.2, gt=0, le=1, description="share that is written down")
    columns: ClassVar[pa.Schema] = pa.schema(
        [
            ("benchmark", pa.string()),
            ("item", pa.int64()),
            ("share", pa.float64()),
            ("items", pa.list_(ITEM)),
        ]
    )
    examples_of: ClassVar = {
        "benchmarks": [
            {
                "name": "trivia",
                "items": [
                    "Which of the four rivers of the old town flows from south to north?",
                    "Who painted the ceiling of the chapel?",
                ],
            }
        ]
    }
    examples: ClassVar = (
        ("The four rivers of the old town.", {"benchmark": None, "share": 0.0, "items": []}),
        (
            "Q: which of the four rivers of the old town flows from south to north? A: none",
            {"benchmark": "trivia", "item": 0, "share": 1.0},
        ),
        ("WHO PAINTED -- the ceiling of the chapel!", {"item": 1, "share": 1.0}),
        ("Who painted the ceiling of the hall?", {"share": 0.0}),
        ("We asked: Which of the four rivers of the old town is it?", {"item": 0, "share": 2 / 7}),
    )

    def assets(self) -> dict[str, str]:
        """The benchmarks' files by their content."""
        return {each.name: sha256_of(each.file) for each in self.benchmarks if each.file}

    def config(self) -> dict[str, Any]:
        """Without the files' paths: their content counts, wherever they lie."""
        config = super().config()
        for each in config.get("benchmarks", ()):
            each.pop("file", None)
        return config

    def ready(self, files: Mapping[str, bytes]) -> Measure:
        """Index the benchmarks once, as their files are now."""
        index = self._index()
        return lambda batch: self._found(batch, index)

    def measure(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Look all runs of words up."""
        return self._found(batch, self._index())

    def _index(self) -> Index:
        contents = tuple(self.assets().values())
        return index_of(
            self.benchmarks, contents, words=self.words, fewest=self.fewest, widest=self.widest
        )

    def _found(self, batch: pa.RecordBatch, index: Index) -> pa.RecordBatch:
        from pipeline.signals.kernels.characters import kinds, lower_case
        from pipeline.signals.kernels.overlap import find_runs
        from pipeline.signals.kernels.utf8 import utf8  # numba takes half a second to import

        texts = utf8(batch["text"])
        found = find_runs(*texts, kinds(), lower_case(), index.known, self.least)
        return self._rows(batch.num_rows, index, *found)

    def _rows(self, count: int, index: Index, row: Any, item: Any, share: Any) -> pa.RecordBatch:
        order = np.lexsort((item, -share, row))
        row, item, share = row[order], item[order], share[order]
        names = pa.array([each.name for each in self.benchmarks], pa.string())
        items = pa.StructArray.from_arrays(
            [names.take(pa.array(index.benchmark[item])), index.number[item], pa.array(share)],
            fields=list(ITEM),
        )
        counts = np.bincount(row, minlength=count)
        ends = np.concatenate([[0], np.cumsum(counts)])
        first = pa.array(ends[:-1], mask=counts == 0)
        columns = [
            *(items.field(name).take(first) for name in ("benchmark", "item")),
            items.field("share").take(first).fill_null(0.0),
            pa.ListArray.from_arrays(pa.array(ends, pa.int32()), items),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.columns)
