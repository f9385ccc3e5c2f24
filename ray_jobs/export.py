"""A trained network as a folder that `transformers`, and what is built on it, can load."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save
from tokenizers import Tokenizer
from torch import Tensor, nn

from ray_jobs.checkpoint import write_synced
from ray_jobs.models.model import Model

WEIGHTS, CONFIG = "model.safetensors", "config.json"
GENERATION, TOKENIZER = "generation_config.json", "tokenizer.json"
SETTINGS = "penstock.json"  # our own settings of the model, to build the network again


def export(
    network: nn.Module, model: Model, *, context: int, tokenizer: Path, folder: Path
) -> None:
    """Write the weights under `transformers`' names, their configuration and the tokenizer.

    Args:
        network: the bare network, in no wrapper.
        model: the settings it was built from.
        context: the most tokens it was trained to look at.
        tokenizer: the tokenizer.json whose ids it knows.
        folder: where to write; files of these names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary, end = vocabulary_size(tokenizer), end_id(tokenizer)
    config = model.exported(vocabulary=vocabulary, context=context)
    ends = {"bos_token_id": None, "eos_token_id": end, "pad_token_id": end}
    settings = {"model": model.model_dump(mode="json"), "vocabulary": vocabulary}
    write_synced(folder / WEIGHTS, save(dict(_renamed(network)), metadata={"format": "pt"}))
    _write_json(folder / CONFIG, config | ends)
    _write_json(folder / GENERATION, ends)
    _write_json(folder / SETTINGS, settings | {"context": context})
    shutil.copyfile(tokenizer, folder / TOKENIZER)


def load_exported(folder: Path) -> tuple[nn.Module, int]:
    """The network of an exported folder, with its weights, and its context."""
    settings = json.loads((folder / SETTINGS).read_bytes())
    model: Model = Model.parse(settings["model"])
    network = model.build(vocabulary=settings["vocabulary"], context=settings["context"])
    stored = load_file(folder / WEIGHTS)
    wanted = {name: stored[_exported_name(name)] for name, _ in network.named_parameters()}
    network.load_state_dict(wanted, strict=False)
    return network.eval(), settings["context"]


def vocabulary_size(tokenizer: Path) -> int:
    """How many ids a tokenizer.json has, special tokens and all."""
    size: int = Tokenizer.from_file(str(tokenizer)).get_vocab_size()
    return size


def end_id(tokenizer: Path) -> int | None:
    """The id that ends a document: the tokenizer's first special token, or None without one."""
    added = json.loads(tokenizer.read_bytes()).get("added_tokens", [])
    special = [token["id"] for token in added if token["special"]]
    return special[0] if special else None


def _renamed(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    for name, weight in network.named_parameters():
        yield _exported_name(name), weight.detach().cpu().contiguous()


def _exported_name(name: str) -> str:
    """Ours are `transformers`' names, whose head alone stands outside of `model`."""
    return name if name.startswith("lm_head") else f"model.{name}"


def _write_json(path: Path, content: dict[str, Any]) -> None:
    write_synced(path, json.dumps(content, indent=2).encode() + b"\n")
