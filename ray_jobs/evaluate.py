"""A model's figures on a benchmark, in a process of their own: `python -m ray_jobs.evaluate`."""

from pathlib import Path

import torch

from ray_jobs.bigram import Bigram
from ray_jobs.environment import Environment
from ray_jobs.evaluate_loop import bytes_of_ids, read_row_map, scores_of, surprise_of
from ray_jobs.export import TOKENIZER, vocabulary_size
from ray_jobs.generate import Writer
from ray_jobs.job_process import run_job
from ray_jobs.token_loader import TokenRows
from schemas.jobs import EvaluateOrder, Scores


def evaluate(order: EvaluateOrder) -> Scores:
    """Score the order's model, and a bigram model beside it if there are rows to count."""
    device = torch.device("cuda" if order.resources.gpu else "cpu")
    environment = Environment(Path(order.run), order.resources, device=device)
    environment.prepare()
    folder = Path(order.model)
    tokenizer = folder / TOKENIZER
    vocabulary = vocabulary_size(tokenizer)
    rows = TokenRows.read(order.rows, vocabulary=vocabulary)
    row_map, spelled = read_row_map(order.row_map, order.rows), bytes_of_ids(tokenizer)
    writer = Writer(folder)
    passages = tuple(
        writer.go_on(
            prompt,
            tokens=order.passage_tokens,
            temperature=order.temperature,
            top_k=order.top_k,
            seed=order.seed,
        )
        for prompt in order.prompts
    )
    network = environment.place(writer.network)
    model, by_language = scores_of(surprise_of(network, rows, environment), rows, row_map, spelled)
    scores = Scores(model=model, model_by_language=by_language, passages=passages)
    if not order.train_rows:
        return scores
    bigram = Bigram.of_rows(TokenRows.read(order.train_rows, vocabulary=vocabulary))
    counted, counted_by_language = scores_of(bigram.nats(rows), rows, row_map, spelled)
    return scores.model_copy(update={"bigram": counted, "bigram_by_language": counted_by_language})


if __name__ == "__main__":
    run_job(EvaluateOrder, evaluate)
