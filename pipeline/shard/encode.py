"""Texts to token ids, and how much of the text each token stands for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipeline.shard.errors import NoEndToken, UnequalTokens
from pipeline.shard.token_arrays import Tokens
from pipeline.shard.tokenizer import FILE, read_encoder

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Library

    from pipeline.shard.word_table import Words
    from pipeline.shard.words import Model

CHECKED = 1_000  # characters of the first text of every batch, encoded a second time
# Bytes of texts in a process that the library takes about as long for as the loops take to compile,
# or, where their machine code is kept, to load.
LITTLE, LOADED = 2_000_000, 500_000

# What a tokenizer must encode as the library does before our own loops encode with it: all kinds of
# characters, of white space and of cuts, and pieces of every length.
PROBES = (
    "",
    "The year 2026 isn't 1999; WE'LL see, I'VE 'so' (they're), it'S\tfine.\r\n\r\n  Next\n\n\n",
    "  leading  and   trailing   \n \t \n x \u00a0y\u3000 z\u2028w\u0085 1 22 333 4444 5.1e-10",
    "don't DON'T don\u2019t 'tis rock'n'roll 'll 'LL' '' ' \u017f'\u017f it'\u017f O'd'M're",
    "<|end|><|endoftext|><s></s>[CLS] <unk> \ufeff\x00\x01\x7f\u200b\u200d",
    "naïve café Ångström ﬁne ŉ ß ẞ İı e\u0301\u0302 x\u0489 ५१ ²³ Ⅷ ½ ௧௨ 𝟘𝟙",
    "今天天气很好，我们去公园。日本語の文章です。カタカナ한국어 문장입니다 ไทยภาษา हिन्दी में বাংলা",
    "العربية مُشَكَّلَة עברית Ελληνικά Русский язык 🏳️‍🌈👩‍👩‍👧‍👦🇩🇪 \U0002000b \U000e0041 \U0010ffff",
    "def f(x):\n    return {'a': [x**2, *y]}  # ok\n\tif x != 0x1F:\r\n\t\tpass;;;;\n\n}\n",
    "a" * 300 + " " + "ab" * 150 + " " + "é" * 90 + "=" * 200 + " " * 130 + "\n" * 120 + "9" * 150,
)


def end_id(library: Library, end: str) -> int:
    """The id of the token that ends documents.

    Raises:
        NoEndToken: the tokenizer has none of that name.
    """
    found: int | None = library.token_to_id(end)
    if found is None:
        added = library.get_added_tokens_decoder().values()
        raise NoEndToken(end, specials=[token.content for token in added if token.special])
    return found


@lru_cache(maxsize=2)
def encoder_of(content: bytes, end: str) -> Encoder:
    """The encoder of a tokenizer.json; made once in a process, with the words that it has seen."""
    library = library_of(content)
    return Encoder(library, end_id(library, end))


def library_of(content: bytes) -> Library:
    """The `tokenizers` library's encoder of a tokenizer.json, without what it does afterwards.

    It would put tokens around a text, or count the space before a word to the token before it.
    """
    library = read_encoder(content, FILE)
    library.post_processor = None
    return library


class Encoder:
    """Encodes documents; what looks like a special token in a text is encoded as text.

    Most byte-level BPE is encoded by loops of our own, 30 and more times as fast as the
    `tokenizers` library, with the same ids: a tokenizer that does not encode `PROBES` as the
    library does is left to the library, and so is one that the loops do not know, and so are the
    first bytes of a process: the loops take ten seconds to compile once, and some tenths to load.
    """

    def __init__(self, library: Library, end: int) -> None:
        self._library, self.end, self._bytes = library, end, 0

    @cached_property
    def _compiled(self) -> tuple[Model, Words] | None:
        loops = _compiled(self._library, self.end)
        if loops:
            found = _by_loops(*loops, pa.array(PROBES, pa.large_string()))
            if not _equal(found, _by_library(self._library, PROBES, self.end)):
                return None
        return loops

    def _is_little(self) -> bool:
        """Whether there was too little so far to load or compile anything for it."""
        return self._bytes <= LOADED or (self._bytes <= LITTLE and not _loops_are_kept())

    @property
    def compiled(self) -> bool:
        """Whether our own loops encode, once there is much to encode."""
        return self._compiled is not None

    def encode(self, texts: pa.Array) -> Tokens:
        """The tokens of documents.

        Raises:
            UnequalTokens: the loops gave other tokens than the library for the first text.
        """
        self._bytes += texts.nbytes
        if self._is_little() or not (self._compiled and len(texts)):
            return _by_library(self._library, texts.to_pylist(), self.end)
        self._check(texts[0].as_py()[:CHECKED])
        return _by_loops(*self._compiled, texts.cast(pa.large_string()))

    def _check(self, text: str) -> None:
        assert self._compiled
        found = _by_loops(*self._compiled, pa.array([text], pa.large_string()))
        if not _equal(found, _by_library(self._library, [text], self.end)):
            raise UnequalTokens


_NOTHING = Tokens(*(np.empty(0, kind) for kind in (np.uint32, int, int, np.uint16)))


def joined(pieces: Iterable[Tokens]) -> Tokens:
    """The tokens of several batches as those of one; only a column at a time is held twice."""
    ids, begins, sizes, widths = ([column] for column in _NOTHING)
    before = 0
    for piece in pieces:
        ids.append(piece.ids)
        begins.append(piece.begins + before)
        sizes.append(piece.sizes)
        widths.append(piece.widths)
        before += len(piece.ids)
    return Tokens(_emptied(ids), _emptied(begins), _emptied(sizes), _emptied(widths))


def _emptied(pieces: list[NDArray[Any]]) -> NDArray[Any]:
    """All pieces as one; the list lets go of them."""
    found = np.concatenate(pieces)
    pieces.clear()
    return found


def _compiled(library: Library, end: int) -> tuple[Model, Words] | None:
    from pipeline.shard.byte_level import model_of  # numba takes half a second to import
    from pipeline.shard.word_table import no_words

    model = model_of(library.to_str(), end)
    return (model, no_words()) if model else None


@cache
def _loops_are_kept() -> bool:
    from pipeline.compiling import is_kept
    from pipeline.shard.words import encode_words

    return is_kept(encode_words)


def _by_loops(model: Model, words: Words, texts: pa.Array) -> Tokens:
    from pipeline.shard.words import encode_words

    _, places, content = texts.buffers()
    offsets = np.frombuffer(places, np.int64, len(texts) + 1, texts.offset * 8)
    data = np.frombuffer(content or b"", np.uint8)
    most = int(offsets[-1] - offsets[0]) + len(texts)
    ids, widths = np.empty(most, np.uint32), np.empty(most, np.uint16)
    bounds = np.empty(len(texts) + 1, np.int64)
    filled = encode_words(data, offsets, model, words, ids, widths, bounds)
    ids.resize(filled, refcheck=False)  # what is over is given back, and nothing moves
    widths.resize(filled, refcheck=False)
    return Tokens(ids, bounds[:-1], np.diff(bounds), widths)


def _by_library(library: Library, texts: Sequence[str], end: int) -> Tokens:
    encodings = library.encode_batch(texts, add_special_tokens=False)
    pieces = [
        _tokens(text, encoding.ids, encoding.offsets, end)
        for text, encoding in zip(texts, encodings, strict=True)
    ]
    return joined(pieces)


def _tokens(text: str, ids: list[int], offsets: list[tuple[int, int]], end: int) -> Tokens:
    content = np.frombuffer(text.encode(), np.uint8)
    firsts = np.flatnonzero((content & 0xC0) != 0x80)  # of characters, in bytes
    firsts = np.append(firsts, len(content))
    characters = np.fromiter((start for start, _ in offsets), np.int64, len(offsets))
    starts = np.append(firsts[characters], len(content))
    starts[0] = 0  # what a tokenizer leaves out before the first token belongs to it
    widths = np.diff(starts, append=len(content)).astype(np.uint32)
    return Tokens(
        np.array([*ids, end], np.uint32), np.zeros(1, int), np.array([len(starts)]), widths
    )


def _equal(left: Tokens, right: Tokens) -> bool:
    return all(np.array_equal(getattr(left, n), getattr(right, n)) for n in Tokens._fields)
