"""Which page each packed record of the earlier window was: one that is met again stays packed.

In a `.warc.gz` each record is a gzip member of its own. Nothing in a member says how long it is,
but one that is known is as long as it was: where the bytes ahead begin as a known member did, as
many as it had are hashed, and if they are byte for byte the same they say the same. Members are
remembered as lines are (`line_memory`), from window to window, never across a change of code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.crawl.earlier import Earlier
from pipeline.crawl.key_places import KEY, SECRET, Array
from pipeline.crawl.keyed_note import noted, undamaged
from pipeline.crawl.line_keys import LineKeys
from pipeline.crawl.source import Noted, Page, Unchanged, Visit
from pipeline.crawl.unpacking import PIECE_BYTES, Unpacked

NAME = "members"
BEGINNING = 128  # bytes, as in `member_chain`, which numba would be imported for here
LARGEST = 1 << 20  # bytes of a member that is remembered
WORD = 24  # bytes of a word for what is no page; longer ones are not remembered
TOGETHER = 1 << 20  # bytes that are hashed at once
MEMBERS = pa.schema(
    [
        ("member", pa.binary(KEY)),
        ("beginning", pa.binary(KEY)),
        ("size", pa.int32()),
        ("doc_id", pa.binary(KEY)),
        ("left_out", pa.binary(WORD)),  # the word; zeros where it is a page
    ]
)


class Met(NamedTuple):
    """Members that the earlier window had, one behind the other."""

    pages: Unchanged
    left_out: Counter[str]  # what those are that are no pages


class MemberMemory:
    """The members of the earlier window, and those of this one."""

    def __init__(self, visit: Visit) -> None:
        seed, columns = undamaged(visit.noted(NAME), MEMBERS)
        self._keys = LineKeys(seed)
        self._earlier = _Members(columns, visit.earlier)
        self._columns = [bytearray() for _ in MEMBERS]
        self._waiting, self._ends = bytearray(), list[int]()  # members that are not hashed yet

    def met(self, file: Unpacked) -> Met | None:
        """The known members that stand next in a file, which is then behind them; None if none."""
        packed, ends, members = self._earlier.ahead(file, self._keys.numbers)
        if not len(ends):
            return None
        keys = np.frombuffer(self._keys.of(packed[: ends[-1]], ends), np.uint8).reshape(-1, KEY)
        same = self._earlier.are(members, keys)
        count = len(same) if same.all() else int(np.argmin(same))
        if not count:
            return None
        file.pass_over(int(ends[count - 1]))
        self._note_waiting()
        for column, values in zip(self._columns, self._earlier.columns, strict=True):
            column += values[members[:count]].tobytes()
        return self._earlier.told(members[:count])

    def add(self, member: bytes, found: Page | str) -> None:
        """Remember what a member holds."""
        identity, word = bytes(KEY), b""
        if isinstance(found, Page):
            identity = found.doc_id
        else:
            word = found.encode()
        if not BEGINNING <= len(member) <= LARGEST or len(word) > WORD or b"\0" in word:
            return
        _, _, sizes, ids, words = self._columns
        sizes += np.int32(len(member)).tobytes()
        ids += identity
        words += word.ljust(WORD, b"\0")
        self._waiting += member
        self._ends.append(len(self._waiting))
        if len(self._waiting) >= TOGETHER:
            self._note_waiting()

    def noted(self) -> Iterator[Noted]:
        """All members, if there are any."""
        self._note_waiting()
        if self._columns[0]:
            yield Noted(NAME, noted(MEMBERS, self._keys.seed, self._columns))

    def _note_waiting(self) -> None:
        if not self._ends:
            return
        from pipeline.crawl.member_chain import beginnings

        data, ends = bytes(self._waiting), np.array(self._ends)
        begun = beginnings(np.frombuffer(data, np.uint8), ends, self._keys.numbers)
        self._columns[0] += self._keys.of(data, ends)
        self._columns[1] += begun.tobytes()
        self._waiting, self._ends = bytearray(), []


class _Members:
    """The members that the earlier window noted."""

    def __init__(self, columns: list[bytes], earlier: Earlier) -> None:
        kinds = zip(MEMBERS, columns, strict=True)
        self.columns: list[Array] = [
            np.frombuffer(values, np.uint8).reshape(-1, field.type.byte_width)
            for field, values in kinds
        ]
        self._hashes, beginnings, sizes, ids, words = self.columns
        self._beginnings = beginnings.view(np.uint64).reshape(-1, 2)
        self._sizes = sizes.view(np.int32).reshape(-1)
        self._are_pages: Array = np.all(words == 0, axis=1)
        self._words = words
        self._pages = earlier.documents.of(ids.tobytes())
        # A page that the newest window has not, or that another one has replaced, is read again.
        self._usable = ~self._are_pages | (self._pages >= 0)
        if len(self._sizes):
            from pipeline.crawl.key_table import table_of  # numba takes half a second to import

            self._table, _ = table_of(self._beginnings, SECRET)

    def ahead(self, file: Unpacked, numbers: Array) -> tuple[bytes, Array, Array]:
        """What is packed ahead, the ends of the members that it may begin with, and which."""
        none = np.empty(0, np.int64)
        if not len(self._sizes):
            return b"", none, none
        from pipeline.crawl.member_chain import chain

        packed, wanted = b"", PIECE_BYTES
        ends = members = none
        while wanted and not len(ends):
            before, packed = len(packed), file.ahead(wanted)
            if len(packed) == before:  # the file ends before that
                break
            data = np.frombuffer(packed, np.uint8)
            ends, members, wanted = chain(
                data, numbers, self._table, self._beginnings, SECRET, self._sizes
            )
        return packed, ends, members

    def are(self, members: Array, keys: Array) -> Array:
        """Which members, (n,), have these keys, (n, 16), and need not be read."""
        same: Array = np.all(self._hashes[members] == keys, axis=1)
        same &= self._usable[members]
        return same

    def told(self, members: Array) -> Met:
        """What these members are."""
        pages = self._are_pages[members]
        words = (row.tobytes().rstrip(b"\0").decode() for row in self._words[members[~pages]])
        return Met(Unchanged(self._pages[members[pages]]), Counter(words))
