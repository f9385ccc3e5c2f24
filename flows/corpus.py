"""The flow `corpus`: from the web to clean, unique, redacted documents.

Each line is a node of the DAG, each argument an edge. `make` plans it, traces it, or runs it;
under Prefect each stage that has something to make is a task (see flows/prefect_flows.py).
"""

from __future__ import annotations

from typing import NamedTuple

from flows.recipe import Recipe
from pipeline.run.made import Made, Make


class CorpusMade(NamedTuple):
    """What later flows read."""

    corpus: Made
    signatures: Made


def corpus(recipe: Recipe, make: Make) -> CorpusMade:
    """From pages to the corpus; what the store has is not made again."""
    pages = make(recipe.pages)
    documents = make(recipe.documents, pages=pages)
    learnt = {"quality_model": make(recipe.quality_model)} if recipe.quality_model else {}
    signals = {
        family: make(stage, documents=documents, **{role: learnt[role] for role in stage.learns()})
        for family, stage in recipe.family_stages().items()
    }
    judged_by = {family: signals[family] for family in recipe.verdicts.signals_read()}
    verdicts = make(recipe.verdicts, documents=documents, **judged_by)
    signatures = make(
        recipe.signatures,
        documents=documents,
        private_data=signals["private_data"],
        verdicts=verdicts,
    )
    clusters = make(
        recipe.clusters,
        signatures=signatures,
        pages=pages,
        documents=documents,
        private_data=signals["private_data"],
    )
    mixture = (
        {
            "mixture": make(
                recipe.mixture,
                clusters=clusters,
                signatures=signatures,
                documents=documents,
                language=signals["language"],
            )
        }
        if recipe.mixture
        else {}
    )
    made = make(
        recipe.corpus_stage(),
        documents=documents,
        private_data=signals["private_data"],
        language=signals["language"],
        clusters=clusters,
        **mixture,
    )
    return CorpusMade(made, signatures)
