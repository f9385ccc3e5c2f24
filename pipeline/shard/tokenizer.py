"""The stage `tokenizer`: byte-level BPE, learnt from the training split."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow.compute as pc
from pydantic import Field

from pipeline.shard.errors import BadTokenizer, NothingToLearn
from pipeline.shard.split import TRAIN
from pipeline.stage import EVERY_SHARD, Reads, Stage, Unit, all_at_once
from schemas.column import DOC_ID

if TYPE_CHECKING:
    import pyarrow as pa
    from tokenizers import Tokenizer as Encoder

    from pipeline.work import Work
    from schemas.artifact import Manifest

FILE = "tokenizer.json"
END = "<|end|>"  # after every document
LONGEST_RUN = 1000  # characters without a space, or of white space, that are learnt from as one
LONGEST_PIECE = 1 << 16  # characters that the library is handed together, and up to a word's end

_WORD_END = re.compile(r"(?<=\S) (?=\S)|(?<=\S\n)(?=\S)")
_LONG_RUN = re.compile(  # looked for where runs begin alone, or all of a run would be tried
    rf"(?<!\S)\S{{{LONGEST_RUN + 1},}}|(?<!\s)\s{{{LONGEST_RUN + 1},}}"
)

# Where text may be cut, before pairs are counted: English contractions, words with the space
# before them, runs of digits, runs of other signs, line ends, white space. Marks go with their
# letters, or Indic words would fall apart. After GPT-4's pattern (tiktoken, cl100k_base).
_PATTERN = (
    r"(?i:'(?:s|t|re|ve|m|ll|d))| ?[\p{{L}}\p{{M}}]+|\p{{N}}{{1,{digits}}}"
    r"| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class Tokenizer(Stage):
    """A tokenizer.json of the `tokenizers` library: learnt, or given as a file.

    It is learnt from the training split only, and comes out the same for any order of documents
    and any number of threads: pairs are counted over all words, and ties go to the smaller ids.
    A refresh keeps the version that is there, or older tokens would mean nothing to newer models.
    """

    pinned: ClassVar[bool] = True

    vocabulary: int = Field(
        default=8_192, ge=257, le=2**20, description="tokens, specials included"
    )
    specials: tuple[str, ...] = Field(
        default=(END,), description="tokens that no text turns into; the first ones of all ids"
    )
    digits: int = Field(default=3, ge=1, le=100, description="digits that may stand in one token")
    most_documents: int = Field(
        default=200_000, ge=1, description="those with the smallest doc_id, which is a hash"
    )
    file: str | None = Field(default=None, description="a tokenizer.json to use instead")

    def name(self) -> str:
        """What the stage makes."""
        return "tokenizer"

    def reads(self) -> dict[str, Reads]:
        """The training texts; nothing, where a file is given."""
        return {} if self.file else {"corpus": Reads(columns={"corpus": ("text", "split")})}

    def tables(self) -> dict[str, pa.Schema]:
        """None: only a file."""
        return {}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One shard of all."""
        return all_at_once(inputs, (EVERY_SHARD,))

    def assets(self) -> dict[str, str]:
        """The given file by its content."""
        return {"file": hashlib.sha256(_content(self.file)).hexdigest()} if self.file else {}

    def config(self) -> dict[str, Any]:
        """Without the file's path: its content counts, wherever it lies."""
        return {name: value for name, value in super().config().items() if name != "file"}

    def make(self, work: Work) -> None:
        """Learn the tokenizer, or take the given one."""
        if self.file:
            work.add_file(FILE, read_encoder(_content(self.file), self.file).to_str().encode())
            return
        encoder = self.learn(_texts(work, self.most_documents))
        work.add_file(FILE, encoder.to_str().encode())

    def learn(self, texts: Iterable[str]) -> Encoder:
        """A tokenizer for texts like these.

        Raises:
            NothingToLearn: there is no text.

        Source:
            Sennrich et al., 2016, arXiv:1508.07909; on bytes: Radford et al., 2019.
        """
        from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

        pieces = filter(None, chain.from_iterable(map(_cut, texts)))
        first = next(pieces, None)
        if first is None:
            raise NothingToLearn
        encoder = Tokenizer(models.BPE())
        pattern = Regex(_PATTERN.format(digits=self.digits))
        encoder.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(pattern, "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        encoder.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=self.vocabulary,
            special_tokens=list(self.specials),
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        encoder.train_from_iterator(chain((first,), pieces), trainer)
        return encoder


def _cut(text: str) -> Iterator[str]:
    """A text in pieces that the library can take.

    It is cut wherever a run goes on for longer than any word: that teaches nothing, and the library
    takes a time that is quadratic in the length of a word, 10 minutes and more for one of five
    million letters. A long text is cut at spaces and lines as well, where words end in any case:
    the library holds 100 bytes and more for each byte of what it cuts.
    """
    start = 0
    for run in _LONG_RUN.finditer(text):
        for stop in range(run.start() + LONGEST_RUN, run.end(), LONGEST_RUN):
            yield from _pieces(text, start, stop)
            start = stop
    yield from _pieces(text, start, len(text))


def _pieces(text: str, start: int, stop: int) -> Iterator[str]:
    """A stretch of a text, cut where the pattern cuts, whatever stands there."""
    while stop - start > LONGEST_PIECE:
        place = _WORD_END.search(text, start + LONGEST_PIECE, stop)
        if place is None:
            break
        yield text[start : place.start()]
        start = place.start()
    yield text[start:stop]


def read_encoder(content: bytes, where: str) -> Encoder:
    """The tokenizer in a tokenizer.json, set to encode all of a text, and all of it as text.

    Raises:
        BadTokenizer: it is not one.
    """
    from tokenizers import Tokenizer

    try:
        encoder = Tokenizer.from_buffer(content)
    except BaseException as error:  # a panic of the library in Rust is no Exception
        if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
            raise
        raise BadTokenizer(where, problem=str(error)) from error
    encoder.no_truncation()
    encoder.no_padding()
    encoder.encode_special_tokens = True  # "<|end|>" in a page is nine characters, not an end
    return encoder


def _texts(work: Work, most: int) -> Iterator[str]:
    """The texts to learn from, a batch at a time; their order changes nothing."""
    sides = work.table("corpus", "corpus", (DOC_ID, "split"))
    training = sides[DOC_ID].filter(pc.equal(sides["split"], TRAIN)).combine_chunks()
    chosen = training.take(pc.sort_indices(training)[:most])
    for batch in work.batches("corpus", "corpus", (DOC_ID, "text")):
        yield from batch["text"].filter(pc.is_in(batch[DOC_ID], value_set=chosen)).to_pylist()


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise BadTokenizer(file, problem=error.strerror or str(error)) from error
