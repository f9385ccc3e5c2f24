"""Small rows, jobs and tokenizers for the tests of training."""

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from ray_jobs.token_loader import TokenRows
from schemas.jobs import PretrainJob
from schemas.tokens import ROW_MAP, ROWS

VOCABULARY = 300  # 256 bytes, the end, and some merges
END = 0
MODEL = {"kind": "decoder", "width": 32, "layers": 2, "heads": 4, "key_heads": 2, "hidden": 48}
TEXTS = [
    ("en", "The server starts a thread for every request. " * 6),
    ("en", "A module may change the request before the server answers. " * 3),
    ("fr", "Le serveur lit son fichier de configuration à chaque démarrage. " * 5),
    ("ja", "サーバは設定ファイルを読みます。" * 6),
    (None, "ServerRoot /usr/local/apache2 " * 7),
]


def job(**settings: object) -> PretrainJob:
    """A job of moments."""
    return PretrainJob.model_validate({"model": MODEL, "rows_per_step": 4, "steps": 6} | settings)


def rows_table(rows: list[list[int]], starts: list[list[int]], used: list[int]) -> pa.Table:
    return pa.table([rows, starts, used], schema=ROWS)


def random_rows(count: int = 12, length: int = 17, seed: int = 0) -> TokenRows:
    """Rows of regular sequences, some of several documents, the last padded."""
    random = np.random.default_rng(seed)
    rows, starts = [], []
    for _ in range(count):
        first, step = random.integers(1, 50, 2)
        rows.append([int(x) for x in (first + step * np.arange(length)) % (VOCABULARY - 1) + 1])
        starts.append(sorted({0, *random.integers(1, length, random.integers(0, 3)).tolist()}))
    used = [length] * (count - 1) + [length - 5]
    return TokenRows.of_table(rows_table(rows, starts, used), vocabulary=VOCABULARY)


def write_tokenizer(path: Path) -> Tokenizer:
    """A byte-level BPE of the texts."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([text for _, text in TEXTS], trainer)
    tokenizer.save(str(path))
    return tokenizer


def write_rows(folder: Path, tokenizer: Tokenizer, length: int = 33) -> tuple[str, str]:
    """The texts as rows and row map: the paths of their two files."""
    ids: list[int] = []
    starts: list[int] = []
    for _, text in TEXTS:
        starts.append(len(ids))
        ids += [*tokenizer.encode(text).ids, END]
    used = len(ids)
    ids += [END] * (-used % length)
    cuts = sorted({*range(0, used, length), *starts, used})
    pieces = list(itertools.pairwise(cuts))
    first_of_row = range(0, len(ids), length)
    table = rows_table(
        [ids[i : i + length] for i in first_of_row],
        [[c - i for c in cuts if i <= c < min(i + length, used)] for i in first_of_row],
        [min(length, used - i) for i in first_of_row],
    )
    pq.write_table(table, folder / "rows.parquet", write_page_checksum=True)
    row_map = [_piece(ids, start, stop, starts, length, tokenizer) for start, stop in pieces]
    pq.write_table(
        pa.Table.from_pylist(row_map, schema=ROW_MAP),
        folder / "map.parquet",
        write_page_checksum=True,
    )
    return str(folder / "rows.parquet"), str(folder / "map.parquet")


def _piece(
    ids: list[int], start: int, stop: int, starts: list[int], length: int, tokenizer: Tokenizer
) -> dict[str, object]:
    document = max(i for i, s in enumerate(starts) if s <= start)
    told = [i for i in ids[start:stop] if i != END]
    return {
        "doc_id": document.to_bytes(16, "big"),
        "piece": start // length - starts[document] // length,
        "row": start // length,
        "start": start % length,
        "stop": start % length + stop - start,
        "text_bytes": sum(len(tokenizer.id_to_token(i)) for i in told),
        "language": TEXTS[document][0],
    }
