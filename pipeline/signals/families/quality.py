"""How much a document resembles good text."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pyarrow as pa

from pipeline.signals.family import Family, Measure
from pipeline.signals.quality_model import WEIGHTS, Learnt, read_learnt

NOTHING = Learnt(np.zeros(2, np.float32), 0.0, np.zeros(1), np.full(1, 0.5))


class Quality(Family):
    """A score from 0 to 1, by the recipe's `quality_model`.

    `score` is the share of good texts among held-out examples with such a margin: of documents
    scored 0.8, four of five would be good, if good and bad were as frequent as among the examples.
    `margin` is what the score is read off; it tells apart what the score calls equal. A text
    without words has the score of the model's bias alone.
    """

    columns: ClassVar[pa.Schema] = pa.schema([("score", pa.float64()), ("margin", pa.float64())])
    learnt: ClassVar = {"quality_model": WEIGHTS}
    examples: ClassVar = (
        ("Nothing is learnt, and so nothing is good or bad.", {"score": 0.5, "margin": 0.0}),
        ("", {"score": 0.5, "margin": 0.0}),
    )

    def ready(self, files: Mapping[str, bytes]) -> Measure:
        """Read the model."""
        model = read_learnt(files["quality_model"])
        return lambda batch: self.scored(batch, model)

    def measure(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Score without a model: every text is as good as any other."""
        return self.scored(batch, NOTHING)

    def scored(self, batch: pa.RecordBatch, model: Learnt) -> pa.RecordBatch:
        """Score whole columns at once."""
        from pipeline.signals.kernels.characters import kinds, lower_case
        from pipeline.signals.kernels.hashed_words import margins
        from pipeline.signals.kernels.utf8 import utf8  # numba takes half a second to import

        texts = utf8(batch["text"])
        found = margins(*texts, kinds(), lower_case(), model.weights, model.bias)
        scores = np.interp(found, model.margins, model.scores)
        return pa.RecordBatch.from_arrays([pa.array(scores), pa.array(found)], schema=self.columns)
