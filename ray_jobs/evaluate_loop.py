"""How well a model foretells some rows, in all and by language.

Loss is in nats per target. Bits per byte divide by the text that the targets spell, so models
with different tokenizers compare. Whatever foretells (a network, a bigram model) is scored from
its surprise at every target, so all are scored alike.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from ray_jobs.environment import Environment
from ray_jobs.token_loader import NO_TARGET, TokenRows, pieces
from ray_jobs.train_loop import foretell
from schemas.jobs import Score

UNKNOWN = "unknown"  # the language of a text whose language nobody knows
Surprise = npt.NDArray[np.float32]  # (rows, context) nats; 0 where there is no target


@torch.inference_mode()
def surprise_of(network: nn.Module, rows: TokenRows, environment: Environment) -> Surprise:
    """What every target of these rows costs the network."""
    network.eval()
    parts, at_once = [], environment.rows_at_once(network, rows.context)
    cost = environment.compiled(nats_of)
    for part in pieces(np.arange(len(rows)), at_once):
        with environment.autocast():
            logits, wanted = foretell(network, rows.batch(part), environment.device)
        nats = cost(logits, wanted)
        parts.append(nats.view(len(part), -1).cpu().numpy())
        environment.log(int(part[-1]) + 1, {"rows": len(rows)})
    return np.concatenate(parts)


def nats_of(logits: Tensor, wanted: Tensor) -> Tensor:
    """What each target costs, (N,); 0 where there is none."""
    return functional.cross_entropy(
        logits.float(), wanted, ignore_index=NO_TARGET, reduction="none"
    )


def read_row_map(paths: Sequence[str], rows: Sequence[str]) -> pa.Table:
    """The map of what lies where in the rows (schemas.tokens.ROW_MAP).

    Args:
        paths: one map for each file of rows, whose rows it counts from 0.
        rows: those files; in the answer rows are counted through all of them.
    """
    columns = ["row", "start", "stop", "text_bytes", "language"]
    tables, before = [], 0
    for path, rows_path in zip(paths, rows, strict=True):
        table = pq.read_table(path, columns=columns, page_checksum_verification=True)
        tables.append(table.set_column(0, "row", pc.add(table["row"].cast(pa.int64()), before)))
        before += pq.read_metadata(rows_path).num_rows
    return pa.concat_tables(tables)


def scores_of(
    surprise: Surprise, rows: TokenRows, row_map: pa.Table, spelled: npt.NDArray[np.int64]
) -> tuple[Score, dict[str, Score]]:
    """The score over all targets, and for each language.

    Args:
        surprise: nats per target.
        rows: the rows that were scored.
        row_map: the pieces of documents in them; the first token of a piece is no target.
        spelled: (vocabulary,) UTF-8 bytes of each id, from `bytes_of_ids`.
    """
    row, start, stop, text_bytes = (
        row_map[name].to_numpy() for name in ("row", "start", "stop", "text_bytes")
    )
    upto = np.pad(np.cumsum(surprise, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
    nats = upto[row, stop - 1] - upto[row, start]  # target t + 1 stands at t
    targets = stop - start - 1
    told_bytes = text_bytes - spelled[rows.ids[row, start]]
    names = row_map["language"].fill_null(UNKNOWN).to_numpy(zero_copy_only=False)
    languages, place = np.unique(names.astype(str), return_inverse=True)
    sums = [np.bincount(place, column) for column in (nats, targets, told_bytes)]
    by_language = {
        str(name): score_of(*(float(column[i]) for column in sums))
        for i, name in enumerate(languages)
        if sums[1][i]
    }
    return score_of(*(float(column.sum()) for column in sums)), by_language


def score_of(nats: float, targets: float, told_bytes: float) -> Score:
    """The figures of so many nats over so many targets that spell so many bytes."""
    loss = nats / max(targets, 1)
    return Score(
        tokens=int(targets),
        bytes=int(told_bytes),
        loss=loss,
        perplexity=float(np.exp(loss)),
        bits_per_byte=nats / np.log(2) / max(told_bytes, 1),
    )


def bytes_of_ids(tokenizer: Path) -> npt.NDArray[np.int64]:
    """How many bytes of UTF-8 each id spells; special tokens spell none.

    A byte-level token has one character for every byte; other tokens are decoded, which is a
    close guess where a tokenizer writes one id differently after another.
    """
    description = json.loads(tokenizer.read_bytes())
    loaded = Tokenizer.from_file(str(tokenizer))
    special = {token["id"] for token in description.get("added_tokens", []) if token["special"]}
    byte_level = "ByteLevel" in json.dumps(description.get("decoder"))
    spelled = np.zeros(loaded.get_vocab_size(), np.int64)
    for token, number in loaded.get_vocab().items():
        if number not in special:
            spelled[number] = len(token if byte_level else loaded.decode([number]).encode())
    return spelled
