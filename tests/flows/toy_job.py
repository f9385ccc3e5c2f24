"""A model and its scores without a training run: the files, as jobs leave them."""

import json
from typing import ClassVar

from pipeline.stage import EVERY_SHARD, Reads, Stage, all_at_once
from ray_jobs.stages import METRICS, MODEL_FILES, SCORES
from schemas.artifact import Exactness
from schemas.jobs import Score, Scores

HOSTILE = "<script>alert(1)</script>\"' onload=x <img src=x> &amp; [bold]red[/] \x1b[31m\u202eevil"


class ToyJob(Stage):
    """Files as a job leaves them."""

    kind: str
    seed: int = 0
    exactness: ClassVar = Exactness.TOLERANCE

    def name(self):
        return self.kind

    def reads(self):
        return {"tokens": Reads()}

    def tables(self):
        return {}

    def units(self, inputs):
        return all_at_once(inputs, [EVERY_SHARD])

    def make(self, work):
        for name, content in FILES[self.kind].items():
            work.add_file(name, content)


def score(loss, tokens=100):
    bits = loss / 2
    return Score(tokens=tokens, bytes=300, loss=loss, perplexity=2.7**loss, bits_per_byte=bits)


SCORES_FOUND = Scores(
    model=score(3.0),
    model_by_language={"en": score(3.0)},
    bigram=score(4.0),
    bigram_by_language={"en": score(4.0)},
    passages=(f"The river {HOSTILE}",),
)
LINES = [{"step": n, "loss": 8 - n / 50, "tokens": n * 9, "tokens_per_second": 7} for n in (1, 200)]
FILES = {
    "model": {name: name.encode() for name in MODEL_FILES}
    | {METRICS: "".join(json.dumps(line) + "\n" for line in LINES).encode()},
    "scores": {SCORES: SCORES_FOUND.model_dump_json().encode()},
}
