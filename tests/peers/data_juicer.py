"""What data-juicer does with documents, step by step: see step.py for how to run it.

STEP is signals, signatures or whole. Its filters that count what Gopher's rules count run fused, as
its `op_fusion` does, and its cleaners of private data. What has to be downloaded is left out:
language and perplexity (models), flagged words (a list); stop words are Gopher's eight, given as a
file. It has no step that writes tokens: `whole` ends at kept, unique text.
"""

import json
from pathlib import Path

from tests.peers.step import Clock, main, rows

BATCH = 1000  # documents, its own default
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
CLEANERS = ("clean_email_mapper", "clean_ip_mapper")
FILTERS = {
    "alphanumeric_filter": {"min_ratio": 0.25},
    "average_line_length_filter": {},
    "character_repetition_filter": {"rep_len": 10, "max_ratio": 0.5},
    "maximum_line_length_filter": {},
    "special_characters_filter": {"max_ratio": 0.25},
    "stopwords_filter": {"min_ratio": 0.05},
    "text_length_filter": {},
    "word_repetition_filter": {"rep_len": 10, "max_ratio": 0.5},
    "words_num_filter": {"min_num": 50, "max_num": 100_000},
}


def process(place):
    """The operators of a recipe, in order."""
    words = Path(place, "words")
    words.mkdir()
    (words / "stopwords.json").write_text(json.dumps({"en": STOP_WORDS}))
    told = {"stopwords_filter": {"stopwords_dir": str(words)}}
    cleaners = [{name: {}} for name in CLEANERS]
    return cleaners + [{name: own | told.get(name, {})} for name, own in FILTERS.items()]


def signals(path, place):
    """Each operator of every document, batch by batch; nothing is read, written or dropped."""
    from data_juicer.ops import load_ops
    from data_juicer.ops.op_fusion import fuse_operators
    from data_juicer.utils.constant import Fields

    operators = fuse_operators(load_ops(process(place)))
    texts = [row["text"] for row in rows(path)]

    def batch(texts):
        return {"text": list(texts), Fields.stats: [{} for _ in texts]}

    each = {}
    for operator in operators:
        measure = getattr(operator, "compute_stats_batched", operator.process_batched)
        measure(batch(texts[:20]))
        batches = [batch(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
        clock = Clock()
        for each_batch in batches:
            measure(each_batch)
        each[operator._name] = clock.told()["cpu_seconds"]
    return {"cpu_seconds": sum(each.values()), "each": each}


def signatures(path, place):
    """MinHash of word 5-grams, 256 values, as its document_minhash_deduplicator computes them."""
    from data_juicer.ops.deduplicator.document_minhash_deduplicator import (
        DocumentMinhashDeduplicator,
    )

    step = DocumentMinhashDeduplicator()
    documents = [{"text": row["text"]} for row in rows(path)]
    step.compute_hash({"text": documents[0]["text"]})
    clock = Clock()
    for document in documents:
        step.compute_hash(document)
    return clock.told()


def whole(path, place, tokenizer):
    """JSONL to kept, unique documents in JSONL, by its own executor."""
    from data_juicer.config import init_configs
    from data_juicer.core import DefaultExecutor

    recipe = {
        "project_name": "beside",
        "dataset_path": str(path),
        "export_path": f"{place}/out/kept.jsonl",
        "np": 1,
        "auto_op_parallelism": False,
        "use_cache": False,
        "op_fusion": True,
        "fusion_strategy": "greedy",  # to probe first costs more than it saves at such a size
        "process": [
            {"fix_unicode_mapper": {}},
            *process(place),
            {"document_minhash_deduplicator": {}},
        ],
    }
    config = Path(place, "recipe.json")
    config.write_text(json.dumps(recipe))
    clock = Clock()
    DefaultExecutor(init_configs(["--config", str(config)])).run()
    kept = Path(place, "out/kept.jsonl").read_text().count("\n")
    return {**clock.told(), "documents": kept}


if __name__ == "__main__":
    main({"signals": signals, "signatures": signatures, "whole": whole})
