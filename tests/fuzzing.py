"""What the fuzzers share: a target for every parser boundary, and how its inputs are made.

An input is made of good ones, which are cut, joined, repeated, and have bytes changed; so the same
seed makes the same inputs. A target says how many were refused in a declared way: 0 or 1.
"""

import bz2
import gzip
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from backports import zstd

from flows.recipe import read_recipe
from pipeline.crawl.earlier import nothing_earlier
from pipeline.crawl.errors import BadSourceFile
from pipeline.crawl.files import SourceFile
from pipeline.crawl.index_child import rows_in
from pipeline.crawl.line_memory import LineMemory
from pipeline.crawl.mediawiki import Dump, NoDump
from pipeline.crawl.parquet_child import _names
from pipeline.crawl.path_lists import paths_in
from pipeline.crawl.source import Visit
from pipeline.crawl.sources.jsonl_files import JsonlFiles
from pipeline.crawl.sources.wikipedia_dumps import WikipediaDumps
from pipeline.crawl.unpacking import PIECE_BYTES, Damage, Unpacked
from pipeline.crawl.warc_reader import WarcReader
from pipeline.errors import BadRecipe, PipelineError
from pipeline.extract.encoding import decode
from pipeline.extract.errors import Refused
from pipeline.extract.extractor import Extractor
from pipeline.extract.limits import Limits
from pipeline.extract.prepare import prepare
from pipeline.extract.reading import read
from pipeline.extract.request import Request
from pipeline.extract.wikitext import check
from pipeline.shard.tokenizer import read_encoder
from pipeline.signals.families.private_data import PrivateData
from pipeline.storage.references import References
from pipeline.store import Store
from pipeline.versions.canonical import canonical_json, encode_row
from pipeline.versions.errors import VersionError
from pipeline.warc_record import BadRecord, parse_response
from tests.pipeline.crawl import wiki
from tests.pipeline.crawl.bombs import OTHER, record, response, skippable

FLIPS = (0, 9, 10, 13, 32, 34, 38, 45, 46, 60, 62, 91, 92, 123, 127, 128, 192, 237, 255)
MOST_BYTES = 100_000
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-"))


@dataclass(frozen=True)
class Target:
    """A parser, the inputs it knows, and the errors that it declares."""

    seeds: tuple[bytes, ...]
    parse: Callable[[bytes], object]
    declared: tuple[type[Exception], ...]

    def warm(self):
        """Import and compile what the parser needs."""
        for seed in self.seeds:
            self.tried(seed)

    def made(self, chance):
        """One input."""
        raw = bytearray(chance.choice(self.seeds))
        for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
            at = chance.randrange(len(raw) + 1)
            stop = min(len(raw), at + chance.choice((1, 1, 2, 8, 64)))
            way = chance.randrange(6)
            if way == 0:
                del raw[at:stop]
            elif way == 1:
                raw[at:stop] = raw[at:stop] * chance.choice((2, 3, 100, 1000))
            elif way == 2:
                raw[at:at] = bytes(chance.choices(FLIPS, k=chance.choice((1, 2, 5))))
            elif way == 3:
                other = chance.choice(self.seeds)
                raw[at:stop] = other[chance.randrange(len(other) + 1) :]
            elif way == 4:
                raw[at:stop] = chance.randbytes(stop - at)
            else:
                del raw[at:]
        return bytes(raw[:MOST_BYTES])

    def tried(self, raw):
        """Parse one input; 1 where it was refused, as it may be."""
        try:
            self.parse(raw)
        except self.declared:
            return 1
        return 0


def _html(kind):
    extractor = Extractor.parse(kind)

    def parse(raw):
        request, _ = prepare(raw, "text/html", "http://example.org/", Limits())
        reading = read(request, extractor, mend=True)
        "".join(each for each in reading if isinstance(each, str)).encode()

    return parse


def _warc(raw):
    path = FOLDER / "a.warc.gz"
    path.write_bytes(raw)
    with WarcReader(path.open("rb"), most_bytes=MOST_BYTES) as reader:
        for each in reader.records():
            if each.block is not None:
                try:
                    parse_response(each.block, most_bytes=MOST_BYTES)
                except BadRecord:
                    continue


def _dump(raw):
    source = WikipediaDumps(paths=("a",))
    dump = Dump(io.BytesIO(raw), most_bytes=MOST_BYTES)
    for each in dump.pages():
        source._page(each, dump.site)


def _wikitext(raw):
    markup = raw.decode("utf-8", "replace")
    check(markup, 50)  # what a parser takes seconds for is the sandbox's to end
    request = Request(markup, "", is_html=False, hidden="File,Datei")
    reading = read(request, Extractor.parse("plain_text"), mend=True)
    "".join(each for each in reading if isinstance(each, str)).encode()


def _unpacked(raw):
    unpacked = Unpacked(io.BytesIO(raw))
    while piece := unpacked.piece():
        assert len(piece) <= PIECE_BYTES


def _jsonl(raw):
    path = FOLDER / "a.jsonl"
    path.write_bytes(raw)
    memory = LineMemory(Visit("", nothing_earlier(), None, lambda done, of: None))
    list(JsonlFiles(paths=(str(path),))._rows(SourceFile(path, "a.jsonl"), memory))


def _footer(raw):
    with pq.ParquetFile(io.BytesIO(raw), page_checksum_verification=True) as table:
        _names(table.schema_arrow, None)
        for group in range(table.num_row_groups):
            for batch in table.iter_batches(64, row_groups=[group], use_threads=False):
                batch.to_pylist()


def _index(raw):
    path = FOLDER / "index.parquet"
    path.write_bytes(raw)
    for domains, languages in (([], []), (["example.org"], ["eng"])):
        for batch in rows_in(str(path), domains, languages):
            batch.to_pylist()


def _listed():
    out = io.BytesIO()
    row = {"url": "http://example.org/", "url_host_registered_domain": "example.org"}
    row |= {"content_languages": "eng,deu", "fetch_status": 200, "warc_filename": "a.warc.gz"}
    row |= {"warc_record_offset": 1, "warc_record_length": 2}
    pq.write_table(pa.Table.from_pylist([row] * 60), out, row_group_size=30)
    return out.getvalue()


def _parquet():
    out = io.BytesIO()
    rows = {"text": ["one", "two", None] * 20, "n": list(range(60))}
    pq.write_table(pa.table(rows), out, write_page_checksum=True)
    return out.getvalue()


def _recipe(raw):
    path = FOLDER / "a.toml"
    path.write_bytes(raw)
    read_recipe(path)


def _reference(raw):
    References(Store.at(FOLDER / "store")).resolve(raw.decode("utf-8", "replace"))


def _canonical(raw):
    value = orjson.loads(raw)
    canonical_json(value)
    encode_row(value if isinstance(value, list) else [value])


def _private(raw):
    text = raw.decode("utf-8", "replace").encode()
    for start, stop, _ in PrivateData().spans(text):
        assert 0 <= start < stop <= len(text)
        text[start:stop].decode()


def _tokenizer():
    from tokenizers import Tokenizer, models

    return Tokenizer(models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")])).to_str().encode()


PAGE = (
    b'<!doctype html><html lang="de"><head><title>T</title><meta charset="utf-8"></head><body>'
    b"<!-- c --><nav><a href=/>x</a></nav><div><p>Gr\xc3\xb6\xc3\x9fe &amp; &#xD800; <b>b</b></p>"
    b"<table><tr><td>1</table><svg><path/></svg><script>a<b</script></div></body></html>"
)
WARC = record("http://example.org/", response(b"<p>x</p>", b"Content-Encoding: gzip"))
ZSTD = zstd.compress(WARC) * 2
PATHS = b"crawl-data/a/warc/a.warc.gz\ncrawl-data/a/wet/b.warc.wet.gz\n"
WIKITEXT = (
    b"'''A''' [[Datei:B.jpg|mini|C [[d]]]] {{e|f={{g}}}} <ref name=h>i</ref>\n== j ==\n{|\n|k\n|}\n"
    b"* l [http://m n] &ouml; <nowiki>''o''</nowiki> <!-- p --> __NOTOC__ {{{q|r}}} <br>\n"
)
RECIPE = (
    b'name = "a"\n[pages.source]\nkind = "jsonl_files"\npaths = ["a.jsonl"]\n'
    b'[verdicts]\nrules = ["empty_text", { kind = "word_count", fewest = 60 }]\n'
)
PRIVATE = (
    "ann.lee+news@uni-koeln.de +49 (0)30 901820 (202) 456-1111 8.8.8.108 2a02:2e0:3fe:1001:302:: "
    "DE89370400440532013000 FR14 2004 1010 0505 0001 3M02 606 4539 1488 0343 6467 536-90-4399 é "
    "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 3714-496353-98431 AKIAQYLPMN5HHHFPZAM2"
).encode()

TARGETS = {
    "canonical": Target(
        (b'{"a": [1, 2.5, null, true, "\xc3\xa9"], "b": {"c": -0.0}}', b"[[1], {}, 1e300]"),
        _canonical,
        (orjson.JSONDecodeError, VersionError),
    ),
    "encoding": Target(
        (
            PAGE,
            "größe 日本語".encode("utf-16"),
            b"<?xml encoding='big5'?>\xa4\xa4",
            b"charset=idna",
        ),
        lambda raw: decode(raw, f"text/html; charset={raw[:12].decode('latin-1')}"),
        (Refused,),
    ),
    "html": Target((PAGE,), _html("resiliparse"), (Refused,)),
    "html.trafilatura": Target((PAGE,), _html("trafilatura"), (Refused,)),
    "index": Target((_listed(),), _index, (OSError, pa.ArrowException)),
    "jsonl": Target((b'{"text": "a", "url": "b"}\n{"text": null}\n',), _jsonl, (BadSourceFile,)),
    "parquet": Target((_parquet(),), _footer, (OSError, UnicodeError, pa.ArrowException)),
    "private_data": Target((PRIVATE,), _private, ()),
    "recipe": Target((RECIPE,), _recipe, (BadRecipe,)),
    "reference": Target(
        (b"corpus/web@2026-11-21.1", b"model@abcdef", b"../../x@y"), _reference, (PipelineError,)
    ),
    "tokenizer": Target((_tokenizer(),), lambda raw: read_encoder(raw, "a"), (BadRecipe,)),
    "dump": Target(
        (wiki.dump(wiki.page("A", WIKITEXT.decode()), wiki.page("B", redirect=True)),),
        _dump,
        (Damage, NoDump),
    ),
    "paths": Target(
        (PATHS, gzip.compress(PATHS)),
        lambda raw: list(paths_in(io.BytesIO(raw), "a")),
        (BadSourceFile,),
    ),
    "unpacked": Target(
        (
            ZSTD,
            skippable(zstd.compress(b"\x37\xa4\x30\xec" + bytes(60))) + ZSTD,
            skippable(b"a", OTHER) + ZSTD,
            bz2.compress(WARC) * 2,
            gzip.compress(WARC) * 2,
        ),
        _unpacked,
        (Damage,),
    ),
    "warc": Target((WARC, WARC * 3, ZSTD), _warc, (Damage,)),
    "wikitext": Target((WIKITEXT,), _wikitext, (Refused,)),
}
