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
SETTINGS = "penstock"  # in config.json: our own settings, to build the network again


def export(
    network: nn.Module, model: Model, *, context: int, tokenizer: Path, end: str, folder: Path
) -> None:
    """Write the weights under `transformers`' names, their configuration and the tokenizer.

    Args:
        network: the bare network, in no wrapper.
        model: the settings it was built from.
        context: the most tokens it was trained to look at.
        tokenizer: the tokenizer.json whose ids it knows.
        end: the token behind every document; there generation ends.
        folder: where to write; files of these names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = Tokenizer.from_file(str(tokenizer))
    vocabulary, end_id = known.get_vocab_size(), known.token_to_id(end)
    config = model.exported(vocabulary=vocabulary, context=context)
    ends = {"bos_token_id": None, "eos_token_id": end_id, "pad_token_id": end_id}
    settings: dict[str, Any] = {"model": model.model_dump(mode="json")}
    settings |= {"vocabulary": vocabulary, "context": context}
    write_synced(folder / WEIGHTS, save(dict(_renamed(network)), metadata={"format": "pt"}))
    _write_json(folder / CONFIG, config | ends | {SETTINGS: settings})
    _write_json(folder / GENERATION, ends)
    shutil.copyfile(tokenizer, folder / TOKENIZER)


def load_exported(folder: Path) -> tuple[nn.Module, int, int | None]:
    """The network of an exported folder, its context, and the id that ends a document."""
    settings = json.loads((folder / CONFIG).read_bytes())[SETTINGS]
    model: Model = Model.parse(settings["model"])
    network = model.build(vocabulary=settings["vocabulary"], context=settings["context"])
    stored = load_file(folder / WEIGHTS)
    wanted = {name: stored[_exported_name(name)] for name, _ in network.named_parameters()}
    network.load_state_dict(wanted, strict=False)
    end = json.loads((folder / GENERATION).read_bytes())["eos_token_id"]
    return network.eval(), settings["context"], end


def vocabulary_size(tokenizer: Path) -> int:
    """How many ids a tokenizer.json has, special tokens and all."""
    size: int = Tokenizer.from_file(str(tokenizer)).get_vocab_size()
    return size


def _renamed(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    for name, weight in network.named_parameters():
        yield _exported_name(name), weight.detach().cpu().contiguous()


def _exported_name(name: str) -> str:
    """Ours are `transformers`' names, whose head alone stands outside of `model`."""
    return name if name.startswith("lm_head") else f"model.{name}"


def _write_json(path: Path, content: dict[str, Any]) -> None:
    write_synced(path, json.dumps(content, indent=2).encode() + b"\n")
