"""The stage `quality_model`: what good text looks like, learnt from examples of good and bad."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from pipeline.signals.errors import BadExamples
from pipeline.signals.text_files import sha256_of, texts_of
from pipeline.stage import EVERY_SHARD, Reads, Stage, Unit

if TYPE_CHECKING:
    from pipeline.work import Work
    from schemas.artifact import Manifest

WEIGHTS, FIGURES = "quality.safetensors", "quality.json"
HELD_OUT = 5  # one text of so many is not learnt from, but tells how good the model is
FEWEST = 20  # texts of a side
KNOTS = 33  # of the curve from margins to scores


class Learnt(NamedTuple):
    """A model of quality.

    Attributes:
        weights: (buckets,), of hashed words and pairs of words.
        bias: what a text without words has.
        margins: (k,), ascending.
        scores: (k,), the share of good texts among those with such a margin.
    """

    weights: NDArray[np.float32]
    bias: float
    margins: NDArray[np.float64]
    scores: NDArray[np.float64]


class QualityModel(Stage):
    """A linear model over hashed words and pairs of words, for the family `quality`.

    It is learnt from two sets of texts: what you want more of, and what you want less of. One text
    of five is held out by its hash: accuracy and the curve from margins to scores come from those.
    Texts count once, whatever order and files they come in; the same ones give the same bits on
    every machine.
    """

    good: tuple[str, ...] = Field(min_length=1, description="`.jsonl`, `.jsonl.gz` of good texts")
    bad: tuple[str, ...] = Field(min_length=1, description="`.jsonl`, `.jsonl.gz` of bad texts")
    column: str = Field(default="text", description="of the files, that holds the text")
    bits: int = Field(default=18, ge=8, le=26, description="2^bits weights")
    rounds: int = Field(default=8, ge=1, le=1000, description="over all texts")
    rate: float = Field(default=1.0, gt=0, description="how far a text moves its words' weights")

    def name(self) -> str:
        """What the stage makes."""
        return "quality_model"

    def reads(self) -> dict[str, Reads]:
        """Nothing that a stage made."""
        return {}

    def tables(self) -> dict[str, pa.Schema]:
        """None: it makes files."""
        return {}

    def units(self, inputs: Mapping[str, Manifest]) -> Sequence[Unit]:
        """One shard of all."""
        return [Unit(shards=(EVERY_SHARD,))]

    def assets(self) -> dict[str, str]:
        """The files by their content."""
        return {
            f"{side} {number}": sha256_of(file)
            for side, files in (("good", self.good), ("bad", self.bad))
            for number, file in enumerate(files)
        }

    def config(self) -> dict[str, Any]:
        """Without the files' paths: their content counts, wherever they lie."""
        config = super().config()
        return {name: value for name, value in config.items() if name not in ("good", "bad")}

    def make(self, work: Work) -> None:
        """Learn."""
        from safetensors.numpy import save

        good, bad = (self._texts(files) for files in (self.good, self.bad))
        learnt, figures = self.learn(good, bad)
        tensors = {
            "weights": learnt.weights,
            "bias": np.array([learnt.bias]),
            "margins": learnt.margins,
            "scores": learnt.scores,
        }
        work.add_file(WEIGHTS, save(tensors))
        work.add_file(FIGURES, json.dumps(figures, indent=1).encode())

    def learn(self, good: Sequence[str], bad: Sequence[str]) -> tuple[Learnt, dict[str, float]]:
        """A model, and how good it is on texts that it has not seen.

        Raises:
            BadExamples: there are too few, or one text is on both sides.
        """
        texts, sides, ranks = _examples(good, bad)
        from pipeline.signals.kernels.characters import kinds, lower_case
        from pipeline.signals.kernels.hashed_words import learn, margins
        from pipeline.signals.kernels.utf8 import utf8

        column = (*utf8(pa.array(texts, pa.large_string())), kinds(), lower_case())
        held_out = ranks[:, 0] % HELD_OUT == 0
        rows = np.flatnonzero(~held_out)
        order = np.concatenate([rows[_shuffled(ranks[rows], each)] for each in range(self.rounds)])
        weights, bias = learn(*column, order, sides, 1 << self.bits, self.rate)
        weights = weights.astype(np.float32)
        found = margins(*column, weights, bias)
        knots, scores = _curve(found[held_out], sides[held_out] > 0)
        right = (found[held_out] > 0) == (sides[held_out] > 0)
        figures = {
            "good": int((sides > 0).sum()),
            "bad": int((sides < 0).sum()),
            "held_out": int(held_out.sum()),
            "accuracy": float(right.mean()),
            "area_under_curve": _area(found[held_out], sides[held_out] > 0),
        }
        return Learnt(weights, float(bias), knots, scores), figures

    def _texts(self, files: tuple[str, ...]) -> list[str]:
        return [text for file in files for text in texts_of(file, (self.column,))]


def read_learnt(content: bytes) -> Learnt:
    """The model in a `quality.safetensors`."""
    from safetensors.numpy import load

    tensors = load(content)
    return Learnt(
        tensors["weights"], float(tensors["bias"][0]), tensors["margins"], tensors["scores"]
    )


def _examples(
    good: Sequence[str], bad: Sequence[str]
) -> tuple[list[str], NDArray[np.float64], NDArray[np.uint64]]:
    """Different texts in the order of their hashes, their sides, and numbers from the hashes."""
    found: dict[bytes, tuple[str, float]] = {}
    for texts, side in ((good, 1.0), (bad, -1.0)):
        for text in texts:
            name = hashlib.sha256(text.encode()).digest()
            if found.setdefault(name, (text, side))[1] != side:
                raise BadExamples(f"the text {text[:60]!r} is among the good and the bad")
    sides = np.array([found[name][1] for name in sorted(found)])
    for which, count in (("good", (sides > 0).sum()), ("bad", (sides < 0).sum())):
        if count < FEWEST:
            raise BadExamples(f"there are {count} different {which} texts, of {FEWEST} at least")
    ranks = np.frombuffer(b"".join(sorted(found)), "<u8").reshape(-1, 4)
    return [found[name][0] for name in sorted(found)], sides, ranks


def _shuffled(ranks: NDArray[np.uint64], turn: int) -> NDArray[np.int64]:
    """Another order each time, by the texts' hashes alone."""
    factor = np.uint64((2 * turn + 1) * 0x9E3779B97F4A7C15 % 2**64)
    return np.argsort((ranks[:, 1] ^ np.uint64(turn)) * factor, kind="stable")


def _curve(
    margins: NDArray[np.float64], good: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Margins, and the share of good texts near them, which never falls.

    Source:
        Pool adjacent violators: Zadrozny and Elkan, 2002, doi:10.1145/775047.775151.
    """
    order = np.argsort(margins, kind="stable")
    blocks: list[list[float]] = []  # sum of good, texts, sum of margins
    for margin, is_good in zip(margins[order].tolist(), good[order].tolist(), strict=True):
        blocks.append([float(is_good), 1.0, margin])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    knots = np.array([block[2] / block[1] for block in blocks])
    scores = np.array([(block[0] + 0.5) / (block[1] + 1) for block in blocks])  # never quite 0 or 1
    chosen = np.unique(np.linspace(0, len(knots) - 1, KNOTS).astype(np.int64))
    return knots[chosen], np.maximum.accumulate(scores[chosen])


def _area(margins: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    """How often a good text is farther on the good side than a bad one; half for equal ones."""
    _, place, counts = np.unique(margins, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    many = int(good.sum())
    pairs = many * int((~good).sum())
    return float((ranks[good].sum() - many * (many + 1) / 2) / pairs) if pairs else 0.5
