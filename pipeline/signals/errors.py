"""Errors of signals."""

from pipeline.errors import BadRecipe


class BadBenchmark(BadRecipe):
    """A benchmark's file cannot be read as the recipe says."""

    def __init__(self, name: str, file: str | None, problem: str) -> None:
        super().__init__(
            f"The benchmark {name!r} cannot be read from {file}: {problem}.\n"
            f"It has to be JSON Lines (`.jsonl`, `.jsonl.gz`), with an item's texts in `columns`."
        )
