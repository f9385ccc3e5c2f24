"""What C4's rules for lines would keep of a document."""

from typing import ClassVar

import numpy as np
import pyarrow as pa

from pipeline.signals.family import Family
from pipeline.signals.kernels.characters import kinds


class C4(Family):
    """The lines that C4 would keep, and the sentences in them; no text is changed.

    C4 keeps lines that end a sentence (a quote may follow; an ellipsis is no such end), have three
    words and more, none of over 1,000 characters, and name neither JavaScript nor a policy on
    cookies, privacy or use. `kept_lines` is their share, `sentences` the number of sentences in
    them, as scripts with spaces between words show them. `javascript_lines` and `policy_lines` are
    the numbers of lines that name these, `paragraphs` that of lines of at least 200 characters.

    Source:
        Raffel et al., 2019, arXiv:1910.10683, section 2.2; the policies, long words and paragraphs
        are those of TensorFlow Datasets' `c4_utils.py`, which made C4 and mC4.
    """

    columns: ClassVar[pa.Schema] = pa.schema(
        [
            ("kept_lines", pa.float64()),  # share of lines that are not blank
            ("sentences", pa.int64()),
            ("javascript_lines", pa.int64()),
            ("policy_lines", pa.int64()),
            ("paragraphs", pa.int64()),
        ]
    )
    examples: ClassVar = (
        ("", {"kept_lines": 0.0, "sentences": 0, "paragraphs": 0}),
        ('Mr. A. Smith was here. He said: "No!" And left', {"sentences": 0}),
        ('Mr. A. Smith was here. He said: "No!" And left.', {"sentences": 3, "kept_lines": 1.0}),
        ("It goes on...\nIt goes on, and on.\nIt ends.", {"sentences": 1, "kept_lines": 1 / 3}),
        ("Please turn JavaScript on.", {"javascript_lines": 1, "sentences": 0}),
        ("This site uses cookies, as sites do.", {"policy_lines": 1, "kept_lines": 0.0}),
        (100 * "No. ", {"paragraphs": 1, "policy_lines": 0}),
    )

    def measure(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Count whole columns at once."""
        from pipeline.signals.kernels.kept_lines import COUNTS, count_kept_lines
        from pipeline.signals.kernels.utf8 import utf8  # numba takes half a second to import

        counts = count_kept_lines(*utf8(batch["text"]), kinds())
        found = dict(zip(COUNTS, counts.T, strict=True))
        kept = np.divide(found["kept"], np.maximum(found["lines"], 1), dtype=np.float64)
        numbers = [found[name] for name in ("sentences", "javascript", "policy", "paragraphs")]
        arrays = [pa.array(column.copy()) for column in (kept, *numbers)]
        return pa.RecordBatch.from_arrays(arrays, schema=self.columns)
