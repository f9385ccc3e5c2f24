"""The flow `model`: from a corpus to a trained model and its scores."""

from __future__ import annotations

from flows.corpus import corpus
from flows.recipe import Recipe
from pipeline.run.made import Made, Make


def model(recipe: Recipe, make: Make) -> Made:
    """From the corpus to scores; the corpus that is there is taken as it is."""
    text, signatures = corpus(recipe, make)
    validation = make(recipe.validation, corpus=text, signatures=signatures)
    learnt_from = {"corpus": text} if recipe.tokenizer.reads() else {}
    tokenizer = make(recipe.tokenizer, **learnt_from)
    tokens = make(recipe.train_tokens(), corpus=text, tokenizer=tokenizer)
    held_out = make(recipe.validation_tokens(), validation=validation, tokenizer=tokenizer)
    trained = make(recipe.model, tokens=tokens, tokenizer=tokenizer)
    return make(recipe.evaluation(), model=trained, tokens=tokens, validation_tokens=held_out)
