"""What dolma does with documents, step by step, for comparison: see step.py for how to run it.

STEP is signals, tokens or whole. It has no near-duplicates: what it removes are documents whose
whole text it has seen, by a Bloom filter. Languages are CLD2's, since its fastText model has to be
downloaded.
"""

import gzip
import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from tests.peers.step import Clock, main, rows

TAGGERS = ("gopher_v2", "c4_v2", "pii_regex_with_counts_fast_v2", "cld2_doc_v2")
SHUFFLED = 10_000  # documents that `dolma tokens` writes at once
GOPHER = {  # Rae et al., 2021, arXiv:2112.11446, appendix A: dolma annotates, a recipe decides
    "word_count": ("< 50", "> 100000"),
    "median_word_length": ("< 3", "> 10"),
    "symbol_to_word_ratio": ("> 0.1",),
    "fraction_of_words_with_alpha_character": ("< 0.8",),
    "required_word_count": ("< 2",),
    "fraction_of_lines_starting_with_bullet_point": ("> 0.9",),
    "fraction_of_lines_ending_with_ellipsis": ("> 0.3",),
    "fraction_of_duplicate_lines": ("> 0.3",),
    "fraction_of_characters_in_duplicate_lines": ("> 0.2",),
    **{
        f"fraction_of_characters_in_most_common_{n}grams": (f"> {most}",)
        for n, most in {2: 0.20, 3: 0.18, 4: 0.16}.items()
    },
    **{
        f"fraction_of_characters_in_duplicate_{n}grams": (f"> {most}",)
        for n, most in {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}.items()
    },
}
PRIVATE = ("EMAIL_ADDRESS", "PHONE_NUMBER", "IP_ADDRESS")


def signals(path, place):
    """Each tagger of every document, as `dolma tag` calls it; nothing is read or written."""
    from dolma.core.data_types import InputSpec
    from dolma.core.registry import TaggerRegistry

    documents = [InputSpec(id=row["id"], text=row["text"]) for row in rows(path)]
    each = {}
    for name in TAGGERS:
        tagger = TaggerRegistry.get(name)()
        tagger.tag(documents[0])
        clock = Clock()
        for document in documents:
            tagger.tag(document)
        each[name] = clock.told()["cpu_seconds"]
    return {"cpu_seconds": sum(each.values()), "each": each}


def tokens(path, place, tokenizer):
    """Encoding, and laying out on a memory map, as `dolma tokens` does; nothing is read."""
    from dolma.tokenizer.data_types import TokenizerOutput
    from dolma.tokenizer.memmap_writer import MemmapWriter
    from dolma.tokenizer.tokenizer import make_tokenizer

    documents, end = rows(path), end_of(tokenizer)
    encoder = make_tokenizer(readable(tokenizer, place), eos_token_id=end, pad_token_id=end)
    encoder.encode(documents[0]["text"])
    clock = Clock()
    with MemmapWriter(path=f"{place}/part-0", dtype=encoder.dtype) as out:
        for at in range(0, len(documents), SHUFFLED):
            pieces = [
                TokenizerOutput.from_tokens(row["id"], path, number, encoder.encode(row["text"]))
                for number, row in enumerate(documents[at : at + SHUFFLED])
            ]
            out.write_many(pieces, flush=True)
        written = len(out)
    return {**clock.told(), "tokens": written}


def whole(path, place, tokenizer):
    """JSONL to kept, unique, tokenized documents: four commands, one after the other.

    Documents lie packed before the clock starts, as its own do.
    """
    from dolma.cli.main import main as dolma

    source = Path(place, "documents/all.jsonl.gz")
    source.parent.mkdir()
    with gzip.open(source, "wt", compresslevel=1) as out:
        out.writelines(json.dumps({**row, "source": "books"}) + "\n" for row in rows(path))
    asked = commands(source, place, readable(tokenizer, place))
    clock = Clock()
    for number, (command, told) in enumerate(asked):
        config = Path(place, f"{number}.json")
        config.write_text(json.dumps(told))
        with redirect_stdout(StringIO()):
            dolma(["-c", str(config), command])
    written = sum(file.stat().st_size for file in Path(place, "tokens").glob("*.npy"))
    return {**clock.told(), "tokens": written // 2}


def commands(source, place, tokenizer):
    """The words and the configuration of each command."""
    end = end_of(tokenizer)
    yield (
        "tag",
        {
            "documents": [str(source)],
            "taggers": list(TAGGERS),
            "experiment": "all",
            "processes": 1,
            "debug": True,  # in this process: no other is started
        },
    )
    yield (
        "dedupe",
        {
            "documents": [str(source)],
            "dedupe": {
                "name": "twice",
                "documents": {"attribute_name": "duplicate", "key": "$.text"},
            },
            "bloom_filter": {
                "file": f"{place}/bloom.bin",
                "read_only": False,
                "estimated_doc_count": 1_000_000,
                "desired_false_positive_rate": 1e-6,
            },
            "processes": 1,
        },
    )
    yield (
        "mix",
        {
            "streams": [
                {
                    "name": "kept",
                    "documents": [str(source)],
                    "attributes": ["all", "twice"],
                    "output": {"path": f"{place}/kept"},
                    "filter": {"exclude": exclusions()},
                    "span_replacement": [
                        {
                            "span": f"$.attributes.all__{TAGGERS[2]}__{kind}",
                            "min_score": 0.5,
                            "replacement": f" |||{kind}||| ",
                        }
                        for kind in PRIVATE
                    ],
                }
            ],
            "processes": 1,
        },
    )
    yield (
        "tokens",
        {
            "documents": [f"{place}/kept/*.gz"],
            "destination": f"{place}/tokens",
            "tokenizer": {"name_or_path": tokenizer, "eos_token_id": end, "pad_token_id": end},
            "processes": 1,
            "debug": True,
        },
    )


def exclusions():
    """JSON paths of what goes."""
    signals = [
        f"$.attributes[?(@.all__gopher_v2__{name}[0][2] {bound})]"
        for name, bounds in GOPHER.items()
        for bound in bounds
    ]
    c4 = [f"$.attributes[?(@.all__c4_v2__has_{name})]" for name in ("lorem_ipsum", "curly_brace")]
    return [*signals, *c4, "$.attributes[?(@.duplicate)]"]


def readable(tokenizer, place):
    """The same tokenizer as the `tokenizers` that it is bound to reads it: each merge one text."""
    told = json.loads(Path(tokenizer).read_text())
    told["model"]["merges"] = [" ".join(pair) for pair in told["model"]["merges"]]
    out = Path(place, "tokenizer.json")
    out.write_text(json.dumps(told))
    return str(out)


def end_of(tokenizer):
    """The id that ends a document."""
    return json.loads(Path(tokenizer).read_text())["added_tokens"][0]["id"]


if __name__ == "__main__":
    main({"signals": signals, "tokens": tokens, "whole": whole})
