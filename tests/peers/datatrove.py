"""What datatrove does with documents, step by step, for comparison: see step.py for how to run it.

STEP is signals, signatures or whole. Settings are datatrove's own, as its FineWeb example has them:
exclusions are not written, languages are not told (its detector's model has to be downloaded).
"""

from pathlib import Path

from tests.peers.step import Clock, main, rows


def read(path):
    from datatrove.data import Document

    return [Document(text=row["text"], id=row["id"]) for row in rows(path)]


def filters():
    """Each alone and unchained, as signals are measured of every document."""
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
    )

    return [
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        C4QualityFilter(filter_no_terminal_punct=False),
        FineWebQualityFilter(),
    ]


def signals(path, place):
    """Private data and the four filters, each of every document."""
    from datatrove.pipeline.formatters import PIIFormatter

    private, steps = PIIFormatter(), filters()
    warm = read(path)[:20]
    for step in steps:
        list(step.run(iter(warm)))
    taken = 0.0
    for step in (private, *steps):
        documents = read(path)
        clock = Clock()
        for _ in step.run(iter(documents)):
            pass
        taken += clock.told()["cpu_seconds"]
    return {"cpu_seconds": taken}


def signatures(path, place):
    """Stage 1 of MinHash, 14 buckets of 8 values."""
    from datatrove.pipeline.dedup import MinhashDedupSignature

    step = MinhashDedupSignature(output_folder=place)
    step.get_shingles("warm up the tokenizer, which is loaded late")
    documents = read(path)
    clock = Clock()
    step.run(iter(documents))
    return clock.told()


def whole(path, place, tokenizer):
    """JSONL to kept, unique, tokenized documents: six executors one after the other."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.formatters import FTFYFormatter, PIIFormatter
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.tokens import DocumentTokenizer
    from datatrove.pipeline.writers import JsonlWriter

    clock = Clock()
    source = Path(path)
    kept = f"{place}/kept"
    chains = (
        [
            JsonlReader(str(source.parent), glob_pattern=source.name),
            FTFYFormatter(),
            *filters(),
            PIIFormatter(),
            JsonlWriter(kept),
        ],
        [JsonlReader(kept), MinhashDedupSignature(output_folder=f"{place}/signatures")],
        [MinhashDedupBuckets(f"{place}/signatures", f"{place}/buckets")],
        [MinhashDedupCluster(f"{place}/buckets", f"{place}/removed")],
        [
            JsonlReader(kept),
            MinhashDedupFilter(f"{place}/removed"),
            DocumentTokenizer(
                f"{place}/tokens", tokenizer_name_or_path=tokenizer, shuffle_documents=False
            ),
        ],
    )
    for number, chain in enumerate(chains):
        tasks = 14 if number == 2 else 1  # one for each bucket, one after the other
        LocalPipelineExecutor(
            chain,
            tasks=tasks,
            workers=1,
            logging_dir=f"{place}/logs/{number}",
            skip_completed=False,
        ).run()
    size = sum(each.stat().st_size for each in Path(f"{place}/tokens").glob("*.ds"))
    return {**clock.told(), "tokens": size // 2}


if __name__ == "__main__":
    main({"signals": signals, "signatures": signatures, "whole": whole})
