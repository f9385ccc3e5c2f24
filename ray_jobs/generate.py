"""Text from an exported model: `python -m ray_jobs.generate ORDER.json`."""

from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from ray_jobs.environment import Environment
from ray_jobs.export import TOKENIZER, load_exported
from ray_jobs.job_process import run_job
from schemas.jobs import GenerateOrder, Passage


class Writer:
    """An exported model that goes on with texts."""

    def __init__(self, folder: Path) -> None:
        self.network, self.context, self.end = load_exported(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))

    def go_on(self, prompt: str, *, tokens: int, temperature: float, top_k: int, seed: int) -> str:
        """The prompt and what follows it, up to `tokens` more or the end of the document.

        An empty prompt starts where a document ends.
        """
        ids = self.tokenizer.encode(prompt, add_special_tokens=False).ids
        ids = ids or [self.end or 0]
        generator = torch.Generator().manual_seed(seed)
        for _ in range(tokens):
            chosen = next_id(
                self.network,
                torch.tensor([ids[-self.context :]]),
                temperature=temperature,
                top_k=top_k,
                generator=generator,
            )
            if chosen == self.end:
                break
            ids.append(chosen)
        text: str = self.tokenizer.decode(ids, skip_special_tokens=True)
        return text


@torch.inference_mode()
def next_id(
    network: nn.Module, ids: Tensor, *, temperature: float, top_k: int, generator: torch.Generator
) -> int:
    """The id after `ids`, (1, T): of the `top_k` likeliest, or at temperature 0 the first."""
    logits = network(ids)[0, -1].float()  # (vocabulary,)
    if temperature == 0:
        return int(logits.argmax())
    likeliest, which = logits.topk(min(top_k, len(logits)))
    shares = (likeliest / temperature).softmax(dim=0)
    return int(which[torch.multinomial(shares, 1, generator=generator)])


def generate(order: GenerateOrder) -> Passage:
    """Go on with the order's prompt."""
    Environment(Path(order.run)).prepare()
    text = Writer(Path(order.model)).go_on(
        order.prompt,
        tokens=order.tokens,
        temperature=order.temperature,
        top_k=order.top_k,
        seed=order.seed,
    )
    return Passage(text=text)


if __name__ == "__main__":
    run_job(GenerateOrder, generate)
