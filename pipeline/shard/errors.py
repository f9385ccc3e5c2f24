"""Errors of the way from the corpus to tokens."""

from collections.abc import Sequence

from pipeline.errors import BadRecipe, PipelineError


class EmptyValidation(PipelineError):
    """No document is left to measure scores on."""

    def __init__(self, *, held_out: int, leaking: int, threshold: float) -> None:
        found = (
            f"The split holds out {held_out} documents, and {leaking} of them have a training "
            f"document of similarity {threshold} or more beside them"
            if held_out
            else "The split holds out no document"
        )
        super().__init__(
            f"{found}: nothing is left to measure scores on.\nMake validation_share larger in the "
            f"recipe's [corpus.split], choose finer groups there, or give it more pages."
        )


class NothingToLearn(PipelineError):
    """The training split holds no text."""

    def __init__(self) -> None:
        super().__init__(
            "The tokenizer has no text to learn from: no document of the corpus is in the split "
            "`train`.\nMake validation_share smaller in the recipe's [corpus.split], or look with "
            "`penstock sample corpus` at what the rules left."
        )


class BadTokenizer(BadRecipe):
    """A tokenizer file cannot be read."""

    def __init__(self, path: str, *, problem: str) -> None:
        super().__init__(
            f"The tokenizer {path} cannot be used: {problem}.\n"
            f"Give `file` a tokenizer.json of the `tokenizers` library, or leave it out to train "
            f"one on the corpus."
        )


class NoEndToken(BadRecipe):
    """A tokenizer does not know the token that ends documents."""

    def __init__(self, end: str, *, specials: Sequence[str]) -> None:
        super().__init__(
            f"The tokenizer has no token {end!r} to end documents with; its special tokens are "
            f"{', '.join(specials) or 'none'}.\nName one of them as `end` in the recipe's [tokens]."
        )


class UnequalTokens(PipelineError):
    """Two ways of encoding one text give different tokens."""

    def __init__(self) -> None:
        super().__init__(
            "The compiled encoder and the tokenizers library give different tokens for the same "
            "text of the corpus, though they agree on all probes.\nThe shard is not committed. "
            "This is a fault of pipeline/shard/words.py, or the library has changed: go back to "
            "the versions in infra/constraints.txt, and report the tokenizer.json."
        )


class TooFewLanguages(PipelineError):
    """No language may have more than a share that one of so few must have."""

    def __init__(self, languages: int, *, most_share: float) -> None:
        super().__init__(
            f"The documents to mix are in {languages} language{'s' * (languages != 1)} (unknown "
            f"counts as one), so one of them has 1/{languages} or more, and most_share allows "
            f"{most_share:g}.\nMake most_share at least 1/{languages} in the recipe's [mixture], "
            f"or leave it out."
        )
