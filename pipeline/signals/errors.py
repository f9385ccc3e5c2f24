"""Errors of signals."""

from pipeline.errors import BadRecipe


class BadTextFile(BadRecipe):
    """A file of texts that a recipe names cannot be used."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(
            f"{file} cannot be used: {problem}.\n"
            f"It has to be JSON Lines (`.jsonl`, `.jsonl.gz`), with texts where the recipe says."
        )


class BadExamples(BadRecipe):
    """Quality cannot be learnt from these examples."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"Quality cannot be learnt from these examples: {problem}.\n"
            f"Give the recipe's [quality_model] more files, or others, in `good` and `bad`."
        )
