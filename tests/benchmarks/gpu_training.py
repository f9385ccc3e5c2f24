"""How much of a GPU training uses: `python -m tests.benchmarks.gpu_training`.

A decoder of GPT-2's size (124 million weights, 1,024 tokens of context, 50,304 ids) learns from
made rows of one document each, then of eight, in steps of 64 and of 256 rows. Two runs of each, in
processes that compile their kernels apart, must end with the same bits. Model FLOPs are 6 a weight
and token, and 12 a layer, width and context for attention, counted whole though causal attention
does half of it (Chowdhery et al., 2022, arXiv:2204.02311, appendix B). A GPU whose peak is not
known here has no utilisation.
"""

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
import torch

from ray_jobs.environment import Environment
from ray_jobs.models.model import Model
from ray_jobs.token_loader import TokenRows
from ray_jobs.train_loop import TrainingRun
from schemas.jobs import PretrainJob, Resources

MODEL = {
    "kind": "decoder", "layers": 12, "width": 768, "hidden": 2048, "heads": 12, "key_heads": 12
}  # fmt: skip
CONTEXT, VOCABULARY, ROWS = 1024, 50_304, 512
WARM, STEPS = 2, 8
PEAKS = {"H100": 989e12, "H200": 989e12, "A100": 312e12}  # bfloat16, from the makers' data sheets


def made_rows(documents):
    """Rows of random ids, each cut at random into so many documents."""
    random = np.random.default_rng(0)
    ids = random.integers(0, VOCABULARY, (ROWS, CONTEXT + 1)).astype(np.uint32)
    starts = np.zeros(ids.shape, np.int32)
    for row in starts:
        row[random.choice(np.arange(1, CONTEXT), documents - 1, replace=False)] = 1
    used = np.full(ROWS, CONTEXT + 1, np.int32)
    return TokenRows(ids, np.cumsum(starts, axis=1, dtype=np.int32), used, VOCABULARY)


def timed_run(rows, rows_per_step, folder):
    """Seconds of the first step and of a later one, and what the weights are by then."""
    place = Environment(folder, Resources(gpu=True), device=torch.device("cuda"))
    place.prepare()
    torch.manual_seed(0)
    network = Model.parse(MODEL).build(vocabulary=VOCABULARY, context=CONTEXT)
    job = PretrainJob(model=MODEL, rows_per_step=rows_per_step, steps=10_000)
    run = TrainingRun(job, rows, place, network)
    seconds = []
    for _ in range(1 + WARM + STEPS):
        torch.cuda.synchronize()
        began = time.perf_counter()
        run.learn()
        run.step += 1
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    digest = hashlib.sha256()
    for weight in network.parameters():
        digest.update(weight.detach().cpu().numpy().tobytes())
    weights = sum(weight.numel() for weight in network.parameters())
    return seconds[0], statistics.median(seconds[1 + WARM :]), digest.hexdigest(), weights


def every_kind():
    """What this process measures of each kind of rows."""
    for documents, rows_per_step in product((1, 8), (64, 256)):
        torch.cuda.reset_peak_memory_stats()
        with tempfile.TemporaryDirectory() as folder:
            first, step, digest, weights = timed_run(
                made_rows(documents), rows_per_step, Path(folder)
            )
        yield {
            "documents_a_row": documents,
            "rows_a_step": rows_per_step,
            "first_step_seconds": round(first, 1),
            "step_milliseconds": round(step * 1000, 1),
            "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 1),
            "weights": weights,
            "digest": digest,
        }


def other_process():
    """The same, of a process that compiles everything anew."""
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.gpu_training", "--one"],
            env=os.environ | {"TORCHINDUCTOR_CACHE_DIR": cache},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return json.loads(done.stdout.splitlines()[-1])


def together(one, other):
    """What two runs of one kind say."""
    step = min(one["step_milliseconds"], other["step_milliseconds"])
    speed = one["rows_a_step"] * CONTEXT / step * 1000
    flops = 6 * one["weights"] + 12 * MODEL["layers"] * MODEL["width"] * CONTEXT
    peak = next((p for name, p in PEAKS.items() if name in torch.cuda.get_device_name()), None)
    more = {
        "gpu": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "tokens_per_second": round(speed),
        "mfu": round(flops * speed / peak, 3) if peak else None,
        "same_bits": one["digest"] == other["digest"],
    }
    return {name: one[name] for name in one if name != "digest"} | more


def main():
    if not torch.cuda.is_available():
        sys.exit("There is no GPU here to measure.")
    if "--one" in sys.argv:
        sys.stdout.write(json.dumps(list(every_kind())) + "\n")
        return
    for one, other in zip(other_process(), other_process(), strict=True):
        sys.stdout.write(json.dumps(together(one, other)) + "\n")


if __name__ == "__main__":
    main()
