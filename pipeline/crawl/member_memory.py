"""Which page each packed record of the earlier window was: one that is met again stays packed.

In a `.warc.gz` each record is a gzip member of its own. Nothing in a member says how long it is,
but one that is known is as long as it was: where the bytes ahead begin as a known member did, as
many as it had are hashed, and if they are byte for byte the same they say the same. Members are
remembered as lines are (`line_memory`), from window to window, never across a change of code.
"""

from __future__ import annotations

import json
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
BEGINNING = 128  # bytes that a member is looked for by
LARGEST = 1 << 20  # bytes of a member that is remembered
TOGETHER = 1 << 20  # bytes that are hashed at once
MOST_WORDS, LONGEST_WORD = 250, 100  # for what is no page; and characters. Others are read again.
MOST_MISSES = 100  # members of a file that begin as known ones do and are others: then all are read
MEMBERS = pa.schema(
    [
        ("member", pa.binary(KEY)),
        ("beginning", pa.binary(KEY)),
        ("size", pa.int32()),
        ("doc_id", pa.binary(KEY)),
        ("left_out", pa.uint8()),  # the place of the word from 1; 0 where it is a page
    ]
)


class Met(NamedTuple):
    """Members that the earlier window had, one behind the other."""

    pages: Unchanged
    left_out: Counter[str]  # what those are that are no pages


class MemberMemory:
    """The members of the earlier window, and those of this one."""

    def __init__(self, visit: Visit) -> None:
        seed, columns, words = undamaged(visit.noted(NAME), MEMBERS, NAME)
        self._keys = LineKeys(seed)
        self._numbers = self._keys.numbers[: BEGINNING // 8 + 1]
        self._words: dict[str, int] = {}  # from 1, in the order of their numbers
        for word in json.loads(words or "[]"):
            self._words[word] = len(self._words) + 1
        self._earlier = _Members(columns, list(self._words), visit.earlier)
        self._columns = [bytearray() for _ in MEMBERS]
        # Members that are not hashed yet, and their last three columns.
        self._waiting, self._ends = bytearray(), list[int]()
        self._told = bytearray(), bytearray(), bytearray()

    def met(self, file: Unpacked) -> Met | None:
        """The known members that stand next in a file, which is then behind them; None if none."""
        if file.misses >= MOST_MISSES:
            return None
        packed, ends, members = self._earlier.ahead(file, self._numbers)
        if not len(ends):
            return None
        keys = np.frombuffer(self._keys.of(packed[: ends[-1]], ends), np.uint8).reshape(-1, KEY)
        same = self._earlier.are(members, keys)
        count = len(same) if same.all() else int(np.argmin(same))
        if not count:
            file.misses += 1
            return None
        file.pass_over(int(ends[count - 1]))
        for column, values in zip(self._columns, self._earlier.columns, strict=True):
            column += values[members[:count]].tobytes()
        return self._earlier.told(members[:count])

    def add(self, member: bytes, found: Page | str) -> None:
        """Remember what a member holds."""
        if not BEGINNING <= len(member) <= LARGEST:
            return
        identity, word = bytes(KEY), 0
        if isinstance(found, Page):
            identity = found.doc_id
        elif found in self._words or (len(self._words) < MOST_WORDS and len(found) <= LONGEST_WORD):
            word = self._words.setdefault(found, len(self._words) + 1)
        else:
            return
        sizes, ids, words = self._told
        sizes += np.int32(len(member)).tobytes()
        ids += identity
        words.append(word)
        self._waiting += member
        self._ends.append(len(self._waiting))
        if len(self._waiting) >= TOGETHER:
            self._note_waiting()

    def noted(self) -> Iterator[Noted]:
        """All members, if there are any."""
        self._note_waiting()
        if self._columns[0]:
            words = json.dumps(list(self._words)).encode()
            yield Noted(NAME, noted(MEMBERS, self._keys.seed, self._columns, words))

    def _note_waiting(self) -> None:
        if not self._ends:
            return
        from pipeline.crawl.member_chain import beginnings

        data, ends = bytes(self._waiting), np.array(self._ends)
        begun = beginnings(np.frombuffer(data, np.uint8), ends, self._numbers)
        hashed: list[bytes | bytearray] = [self._keys.of(data, ends), begun.tobytes()]
        for column, values in zip(self._columns, [*hashed, *self._told], strict=True):
            column += values
        self._waiting, self._ends = bytearray(), []
        self._told = bytearray(), bytearray(), bytearray()


class _Members:
    """The members that the earlier window noted, and that say what they said.

    A page that the newest window has not, or that another one has replaced, is read again.
    """

    def __init__(self, columns: list[bytes], words: list[str], earlier: Earlier) -> None:
        *_, ids, left_out = columns
        pages = earlier.documents.of(ids)
        stay = (pages >= 0) | (np.frombuffer(left_out, np.uint8) > 0)
        self.columns: list[Array] = [
            np.frombuffer(values, np.uint8).reshape(-1, field.type.byte_width)[stay]
            for field, values in zip(MEMBERS, columns, strict=True)
        ]
        self._words, self._pages = words, pages[stay]
        self._hashes, beginnings, sizes, _, numbers = self.columns
        self._beginnings = beginnings.view(np.uint64).reshape(-1, 2)
        self._sizes, self._left_out = sizes.view(np.int32).reshape(-1), numbers.reshape(-1)
        if len(self._sizes):
            from pipeline.crawl.key_table import table_of  # numba takes half a second to import

            self._table, _ = table_of(self._beginnings, SECRET)

    def ahead(self, file: Unpacked, numbers: Array) -> tuple[memoryview, Array, Array]:
        """What is packed ahead, the ends of the members that it may begin with, and which."""
        packed, wanted = memoryview(b""), PIECE_BYTES
        ends = members = np.empty(0, np.int64)
        if not len(self._sizes):
            return packed, ends, members
        from pipeline.crawl.member_chain import chain

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
        """Which members, (n,), have these keys, (n, 16)."""
        same: Array = np.all(self._hashes[members] == keys, axis=1)
        return same

    def told(self, members: Array) -> Met:
        """What these members are."""
        left_out = self._left_out[members]
        words = Counter(self._words[word - 1] for word in left_out[left_out > 0].tolist())
        return Met(Unchanged(self._pages[members[left_out == 0]]), words)
