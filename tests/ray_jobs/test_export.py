"""What is exported, `transformers` loads, with the same logits."""

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from ray_jobs.export import export, load_exported
from ray_jobs.generate import Writer
from ray_jobs.models.model import Model
from tests.ray_jobs.tiny import END, MODEL, VOCABULARY, write_tokenizer

CONTEXT = 48


def exported(folder: Path, **settings: object) -> nn.Module:
    model = Model.parse(MODEL | settings)
    torch.manual_seed(3)
    network = model.build(vocabulary=VOCABULARY, context=CONTEXT)
    for weight in network.parameters():
        nn.init.normal_(weight, std=0.2)
    source = folder / "source.json"
    write_tokenizer(source)
    export(network, model, context=CONTEXT, tokenizer=source, end="<|end|>", folder=folder)
    return network


@pytest.mark.parametrize(
    "settings", [{}, {"tied": False, "key_heads": 4}, {"rope_base": 500.0, "norm_epsilon": 1e-3}]
)
def test_transformers_gives_the_same_logits(tmp_path, settings):
    from transformers import AutoModelForCausalLM

    ours = exported(tmp_path, **settings)
    theirs, report = AutoModelForCausalLM.from_pretrained(tmp_path, output_loading_info=True)
    assert not report["missing_keys"] and not report["unexpected_keys"]
    ids = torch.randint(VOCABULARY, (2, CONTEXT), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        difference = (theirs(ids).logits - ours(ids)).abs().max()
    assert difference <= 1e-5
    assert theirs.config.eos_token_id == theirs.generation_config.eos_token_id == END


def test_transformers_writes_the_same_text(tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    exported(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    ids = tokenizer("The server", return_tensors="pt").input_ids
    out = model.generate(ids, max_new_tokens=8, do_sample=False)[0]
    ours = Writer(tmp_path).go_on("The server", tokens=8, temperature=0, top_k=1, seed=0)
    assert ours == tokenizer.decode(out, skip_special_tokens=True)


def test_an_exported_folder_gives_the_network_back(tmp_path):
    network = exported(tmp_path)
    again, context, end = load_exported(tmp_path)
    ids = torch.randint(VOCABULARY, (1, 9))
    assert (context, end) == (CONTEXT, END)
    assert torch.equal(again(ids), network(ids))
    names = {"model.safetensors", "config.json", "generation_config.json", "tokenizer.json"}
    assert names | {"source.json"} == {path.name for path in tmp_path.iterdir()}
    assert json.loads((tmp_path / "config.json").read_text())["model_type"] == "llama"


def test_a_seed_writes_the_same_text_again_and_another_seed_another(tmp_path):
    exported(tmp_path)
    writer = Writer(tmp_path)

    def text(seed, **settings):
        settings = {"tokens": 30, "temperature": 1.0, "top_k": 50} | settings
        return writer.go_on("The", seed=seed, **settings)

    assert text(0) == text(0) != text(1)
    assert text(0, top_k=1) == text(5, temperature=0)
    assert text(0, tokens=3 * CONTEXT).startswith("The")
    assert isinstance(writer.go_on("", tokens=2, temperature=1.0, top_k=5, seed=0), str)
