"""Where a document holds private data."""

from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.signals.family import Family
from pipeline.signals.private.kinds import KIND_NAMES, KindName, may_hold

if TYPE_CHECKING:
    from pipeline.signals.private.scanning import Array

SPAN = pa.struct([("start", pa.int32()), ("stop", pa.int32()), ("kind", pa.string())])


class PrivateData(Family):
    """Spans of private data, each of a kind, and each checked to be really one.

    E-mail addresses; telephone numbers with their country code, or North American ones with the
    area code in brackets; routed IPv4 and IPv6 addresses; IBANs (checked modulo 97); payment cards
    (checked by Luhn's formula and issuer); United States social security numbers; keys and tokens
    of known forms. What the standards reserve for documentation is nobody's and is left alone:
    example.com, 192.0.2.0/24, 555-0100. Names and postal addresses are not looked for.

    `spans` holds byte offsets into the UTF-8 text, in order and never overlapping; `share` is the
    share of bytes in them. `title_spans` holds those of the title; what is counted is the text's.
    """

    reads = ("text", "title")

    kinds: tuple[KindName, ...] = KIND_NAMES
    columns: ClassVar[pa.Schema] = pa.schema(
        [
            ("spans", pa.list_(SPAN)),
            ("title_spans", pa.list_(SPAN)),
            ("share", pa.float64()),
            *((name, pa.int32()) for name in KIND_NAMES),  # how many of each
        ]
    )
    examples: ClassVar = (
        ("to ann@web.de.", {"spans": [{"start": 3, "stop": 13, "kind": "email"}], "email": 1}),
        (
            {"text": "Home", "title": "Ann, ann@web.de"},
            {"title_spans": [{"start": 5, "stop": 15, "kind": "email"}], "email": 0},
        ),
        ("write to ann@example.com or logo@2x.png", {"email": 0, "share": 0.0}),
        ("+49 30 901820 or (202) 456-1111", {"phone": 2}),
        ("(202) 555-0123, +1 2 and 1+123456789", {"phone": 0}),
        ("from 193.99.144.80, not 192.168.0.1, version 2.4.1.99 or 1.2.3.4.5", {"ipv4": 1}),
        ("2a00:1450:4001:80b::200e, not ::1 or 2001:db8::1", {"ipv6": 1}),
        ("GB82 WEST 1234 5698 7654 32 BANK, not GB83WEST12345698765432", {"iban": 1}),
        ("4539 1488 0343 6467, not 4539148803436468 or 0.4539148803436467", {"payment_card": 1}),
        ("536-90-4399, not 666-12-3456 or 1536-90-4399", {"us_ssn": 1}),
        ("AKIAQYLPMN5HHHFPZAM2, not AKIAIOSFODNN7EXAMPLE", {"secret": 1}),
    )

    def measure(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Look through all texts and all titles, each in one pass."""
        import numpy as np

        texts = batch["text"]
        found = self._found(texts)
        rows, kinds = found[:, 3], found[:, 2]
        lengths = np.maximum(pc.binary_length(texts).to_numpy(zero_copy_only=False), 1)
        within = np.bincount(rows, found[:, 1] - found[:, 0], len(texts))
        counts = np.bincount(rows * len(KIND_NAMES) + kinds, minlength=len(texts) * len(KIND_NAMES))
        titles = batch["title"].fill_null("")
        columns = [
            _lists(found, len(texts)),
            _lists(self._found(titles), len(titles)),
            pa.array(within / lengths),
            *counts.astype(np.int32).reshape(len(texts), len(KIND_NAMES)).T,
        ]
        return pa.RecordBatch.from_arrays([pa.array(each) for each in columns], schema=self.columns)

    def spans(self, text: bytes) -> list[tuple[int, int, KindName]]:
        """Start, stop and kind of what one text in UTF-8 holds; of two that overlap the first."""
        if not may_hold(text):
            return []
        found = self._found(pa.array([text], pa.large_binary()).view(pa.large_string()))
        return [(start, stop, KIND_NAMES[kind]) for start, stop, kind, _ in found.tolist()]

    def _found(self, texts: pa.Array) -> "Array":
        """What `finding.find` finds, (found, 4)."""
        from pipeline.signals.kernels.utf8 import utf8  # numba: half a second
        from pipeline.signals.private.finding import find, signs

        return find(*utf8(texts), signs(self.kinds))


def _lists(found: "Array", texts: int) -> pa.Array:
    """The spans of each text, as the type of `spans`."""
    import numpy as np

    ends = np.zeros(texts + 1, np.int32)
    np.cumsum(np.bincount(found[:, 3], minlength=texts), out=ends[1:])
    names = pa.array(KIND_NAMES).take(pa.array(found[:, 2]))
    places = (pa.array(found[:, column].astype(np.int32)) for column in range(2))
    spans = pa.StructArray.from_arrays([*places, names], fields=list(SPAN))
    return pa.ListArray.from_arrays(pa.array(ends), spans, type=pa.list_(SPAN))
