"""What a family of signals is."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, TypeAlias

import pyarrow as pa
from pydantic import BeforeValidator, SerializeAsAny

from pipeline.block import Block

Measure: TypeAlias = Callable[[pa.RecordBatch], pa.RecordBatch]


class Family(Block):
    """Measures documents and judges nothing: what the numbers mean is a rule's matter.

    `examples` are pairs of what a document holds (a bare string is its text) and the signals
    that it must give, by a family with the settings `examples_of`. They are the documentation and
    the test of the family.
    """

    home = "pipeline.signals.families"
    columns: ClassVar[pa.Schema]  # the signals
    reads: ClassVar[tuple[str, ...]] = ("text",)  # columns of `documents`
    examples: ClassVar[tuple[tuple[str | dict[str, Any], dict[str, Any]], ...]]
    examples_of: ClassVar[dict[str, Any]] = {}
    learnt: ClassVar[dict[str, str]] = {}  # stage -> its file that the signals stand on

    def assets(self) -> dict[str, str]:
        """Files from outside that decide the signals: name -> SHA-256."""
        return {}

    def config(self) -> dict[str, Any]:
        """The settings without their defaults, as they enter the key."""
        return self.model_dump(mode="python", exclude_defaults=True)

    def ready(self, files: Mapping[str, bytes]) -> Measure:
        """What measures batches, given the content of the files in `learnt`, by stage."""
        return self.measure

    @abstractmethod
    def measure(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The signals of each document.

        Args:
            batch: the columns in `reads`; no text in it is null.

        Returns:
            One row for every row of `batch`, in the same order, with the columns in `columns`.
            A row depends on its own document alone.
        """


AnyFamily = Annotated[SerializeAsAny[Family], BeforeValidator(Family.parse)]
