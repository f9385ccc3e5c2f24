"""What we do with the same documents, step by step; prints seconds of one thread as JSON.

    python -m tests.benchmarks.our_steps STEP DOCUMENTS [TOKENIZER]

STEP is signals, repair, verdicts, signatures or tokens. Each is called as its stage calls it,
once before the clock starts: numba compiles at the first call of a machine, and never again.
"""

import json
import os
import sys
import time
from collections import deque
from functools import partial
from pathlib import Path

os.environ.update(TOKENIZERS_PARALLELISM="false", RAYON_NUM_THREADS="1", NUMBA_NUM_THREADS="1")

import numpy as np
import pyarrow as pa

pa.set_cpu_count(1)
ROWS = 256  # in a batch, about as many as come of a file at once
VERDICTS = 400_000


def main():
    step, documents, *more = sys.argv[1:]
    steps = {
        "signals": signals,
        "repair": repair,
        "verdicts": verdicts,
        "signatures": signatures,
        "tokens": tokens,
    }
    sys.stdout.write(json.dumps(steps[step](documents, *more)) + "\n")


def read(path):
    """The texts."""
    return [json.loads(line)["text"] for line in Path(path).read_text().splitlines()]


def batches(path):
    texts = read(path)
    return [documents_of(texts[at : at + ROWS]) for at in range(0, len(texts), ROWS)]


def documents_of(texts):
    """The columns of `documents` that any family reads."""
    from schemas.document import DOCUMENTS

    columns = {
        "doc_id": [number.to_bytes(16, "big") for number in range(len(texts))],
        "url": ["https://books.example/"] * len(texts),
        "text": texts,
    }
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns
        else pa.nulls(len(texts), field.type)
        for field in DOCUMENTS
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=DOCUMENTS)


def timed(work, pieces):
    work(pieces[0])
    began = time.process_time()
    for piece in pieces:
        work(piece)
    return time.process_time() - began


def signals(path):
    """All families of the default policy, and each."""
    from flows.recipe import SignalFamilies
    from pipeline.signals.stage import Signals

    pieces, each = batches(path), {}
    for family in SignalFamilies().families:
        measure = partial(Signals(family=family).signals, measure=family.measure)
        each[family.kind()] = timed(measure, pieces)
    return {"cpu_seconds": sum(each.values()), "each": each}


def repair(path):
    """Texts that want no repair, against ftfy with the same configuration; outputs are equal."""
    from pipeline.extract.form import formed
    from pipeline.extract.normalise import normalise
    from pipeline.extract.repair import repaired

    texts = [text for text in read(path) if not text.isascii() and not formed(text, mend=True)[1]]
    assert all(formed(text, mend=True)[0] == normalise(repaired(text)) for text in texts)
    fast = timed(lambda text: formed(text, mend=True), texts)
    slow = timed(lambda text: normalise(repaired(text)), texts)
    return {"cpu_seconds": fast, "ftfy_cpu_seconds": slow, "bytes": size(texts)}


def verdicts(path):
    """The rules of the demonstration's policy over many copies of real signals."""
    from flows.recipe import SignalFamilies, read_recipe
    from pipeline.select.policy import verdicts as judge
    from pipeline.signals.stage import Signals

    rules = read_recipe(Path(__file__).parents[2] / "flows/recipes/demo.toml").verdicts.rules
    columns = {}
    for family in SignalFamilies().families:
        stage = Signals(family=family)
        table = pa.Table.from_batches(
            [stage.signals(batch, family.measure) for batch in batches(path)]
        )
        copies = pa.concat_tables([table] * (VERDICTS // len(table) + 1)).slice(0, VERDICTS)
        columns |= {f"{family.kind()}.{name}": copies[name] for name in copies.column_names[2:]}
    read_by = {name: columns[name].combine_chunks() for rule in rules for name in rule.reads}
    doc_id = pa.array([number.to_bytes(16, "big") for number in range(VERDICTS)], pa.binary(16))
    there = pa.array([True] * VERDICTS)
    taken = timed(lambda _: judge(rules, read_by, doc_id, there), [None])
    return {"cpu_seconds": taken, "documents": VERDICTS}


def signatures(path):
    """20 bands of 7 values, shingles and exact hashes."""
    from pipeline.dedup.signatures import Signatures

    return {"cpu_seconds": timed(Signatures().sign, [b["text"] for b in batches(path)])}


def tokens(path, tokenizer):
    """Encoding and packing into rows, against tokenizers' encoding alone; ids and widths are equal.

    The encoder has met none of the words before; `again`, it has met them all. In a process of the
    stage the first bytes go to the library, until the loops are worth loading: not here.
    """
    from pipeline.shard import encode
    from pipeline.shard.encode import _by_library as by_library
    from pipeline.shard.encode import encoder_of, joined
    from pipeline.shard.pack import pack
    from pipeline.shard.rows import Documents, counts_of, map_of, rows_of
    from pipeline.shard.tokenizer import END, read_encoder

    content = Path(tokenizer).read_bytes()
    library = read_encoder(content, tokenizer)
    texts = read(path)
    doc_ids = pa.array([n.to_bytes(16, "big") for n in range(len(texts))], pa.binary(16))
    columns = doc_ids, pa.array(["en"] * len(texts)), pa.array(texts, pa.large_string())

    def ours(part):
        doc_id, language, text = (column.slice(*part) for column in columns)
        encoder = encoder_of(content, END)
        pieces = [text.slice(at, ROWS) for at in range(0, len(text), ROWS)]
        found = joined([encoder.encode(piece) for piece in pieces])
        documents = Documents(doc_id, language, found).by_id()
        pieces = pack(documents.tokens.sizes, length=1025)
        deque(rows_of(documents, pieces, length=1025, end=encoder.end), 0)
        deque(map_of(documents, pieces), 0)
        deque(counts_of(documents), 0)
        return int(documents.tokens.sizes.sum())

    def theirs(texts):
        library.encode_batch(texts, add_special_tokens=False)

    encode.LITTLE = encode.LOADED = 0
    encoder = encoder_of(content, END)
    assert encoder.compiled
    sample = texts[::25]
    for one, other in zip(
        encoder.encode(pa.array(sample)), by_library(library, sample, encoder.end), strict=True
    ):
        assert np.array_equal(one, other)
    ours((0, len(texts) // 4))  # the loops of packing are compiled
    encoder_of.cache_clear()
    encoder_of(content, END)
    began = time.process_time()
    count = ours((0, len(texts)))
    first = time.process_time() - began
    return {
        "cpu_seconds": first,
        "tokens": count,
        "again_cpu_seconds": timed(ours, [(0, len(texts))]),
        "tokenizers_cpu_seconds": timed(theirs, [texts[:1000]]) * size(texts) / size(texts[:1000]),
    }


def size(texts):
    return sum(len(text.encode()) for text in texts)


if __name__ == "__main__":
    main()
