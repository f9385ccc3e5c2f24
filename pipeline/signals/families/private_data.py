"""Where a document holds private data."""

from typing import Any, ClassVar, Literal, get_args

import pyarrow as pa

from pipeline.signals.family import Family
from pipeline.signals.private.kinds import KINDS

KindName = Literal["email", "phone", "ipv4", "ipv6", "iban", "payment_card", "us_ssn", "secret"]
KIND_NAMES: tuple[KindName, ...] = get_args(KindName)
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
        ("from 8.8.4.4, not 192.168.0.1, version 2.4.1.9 or 1.2.3.4.5", {"ipv4": 1}),
        ("2a00:1450:4001:80b::200e, not ::1 or 2001:db8::1", {"ipv6": 1}),
        ("GB82 WEST 1234 5698 7654 32 BANK, not GB83WEST12345698765432", {"iban": 1}),
        ("4539 1488 0343 6467, not 4539148803436468 or 0.4539148803436467", {"payment_card": 1}),
        ("536-90-4399, not 666-12-3456 or 1536-90-4399", {"us_ssn": 1}),
        ("AKIAQYLPMN5HHHFPZAM2, not AKIAIOSFODNN7EXAMPLE", {"secret": 1}),
    )

    def measure(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Look through each text and title, kind by kind."""
        titles = batch["title"].fill_null("").to_pylist()
        rows = [
            self._row(text.as_buffer().to_pybytes())
            | {"title_spans": _named(self.spans(title.encode()))}
            for text, title in zip(batch["text"], titles, strict=True)
        ]
        return pa.RecordBatch.from_pylist(rows, schema=self.columns)

    def _row(self, text: bytes) -> dict[str, Any]:
        spans = self.spans(text)
        found = [kind for _, _, kind in spans]
        return {
            "spans": _named(spans),
            "share": sum(stop - start for start, stop, _ in spans) / max(len(text), 1),
            **{name: found.count(name) for name in KIND_NAMES},
        }

    def spans(self, text: bytes) -> list[tuple[int, int, str]]:
        """Start, stop and kind of what one text holds; of two that overlap the first stays."""
        found = [
            (start, -stop, order, name)
            for order, name in enumerate(self.kinds)
            for start, stop in KINDS[name].find(text)
        ]
        kept: list[tuple[int, int, str]] = []
        for start, end, _, name in sorted(found):
            if not kept or start >= kept[-1][1]:
                kept.append((start, -end, name))
        return kept


def _named(spans: list[tuple[int, int, str]]) -> list[dict[str, Any]]:
    return [dict(zip(SPAN.names, span, strict=True)) for span in spans]
