"""What a run shows when it has ended: one artifact after another, each made only when asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property

from flows.results.figures import Figures
from flows.results.gather import gather
from flows.session import Session
from flows.shown.board import Shown
from flows.shown.card import card_markdown
from flows.shown.curve import curve_markdown
from flows.shown.difference import difference_markdown
from flows.shown.drops import drop_rows
from flows.shown.examples import examples_markdown
from flows.shown.places import places_markdown
from flows.shown.rates import Place, Rate, rates
from flows.shown.scores import score_rows
from flows.subject import lineage_of
from pipeline.lineage.ancestry import Ancestry, of_refs
from pipeline.lineage.drawing import to_mermaid
from pipeline.lineage.graph import lineage_graph
from pipeline.run.gates import GATED
from pipeline.run.runner import Runner
from pipeline.storage.references import LATEST, References


def key(recipe: str, what: str) -> str:
    """The key of an artifact: the same in every run of a recipe, so that it has a history."""
    return f"{recipe.replace('_', '-')}-{what}"


class Results:
    """One run's results; call the methods in any order."""

    def __init__(self, session: Session, runner: Runner) -> None:
        self._session, self._runner = session, runner
        self._store, self._recipe = session.store, session.recipe.name

    @cached_property
    def figures(self) -> Figures:
        """The figures of the page of results."""
        return gather(self._session, self._runner.stages, "")

    @cached_property
    def versions(self) -> Ancestry:
        """The run's versions, and what they stand on."""
        return of_refs(self._store, [stage.ref for stage in self._runner.stages.values()])

    @cached_property
    def before(self) -> Ancestry | None:
        """What belonged to the corpus that is `@latest`; None before there is one, and in tries."""
        latest = References(self._store).tag(GATED, self._recipe, LATEST).newest()
        manifest = self._store.find(latest[1].ref) if latest else None
        limited = self._session.asked.limited
        return lineage_of(self._store, manifest) if manifest and not limited else None

    @cached_property
    def rates(self) -> dict[Place, Rate]:
        """What each rule took."""
        return rates(self._store, self.versions)

    @cached_property
    def past_rates(self) -> dict[Place, Rate] | None:
        """What each rule took last time."""
        return rates(self._store, self.before) if self.before else None

    def of_corpus(self) -> Iterator[Shown]:
        """What left, why, and what is new."""
        if self.rates:
            rows = drop_rows(self.rates, self.past_rates)
            yield self._table("drops", rows, "Documents that left, by rule; last time beside it.")
            examples = examples_markdown(self._store, self.versions, self.rates)
            told = "Some of the documents that left; private data is redacted."
            yield self._markdown("examples", examples, told)
        if self.versions.get(GATED):
            told = "What is new since the version that was @latest."
            yield self._markdown("difference", self._difference(), told)

    def of_model(self) -> Iterator[Shown]:
        """How it was trained, and what it is worth."""
        training = self.figures.training
        if training and training.curve:
            told = f"The model's loss, {training.curve[-1].loss:.2f} at the end."
            yield self._markdown("curve", curve_markdown(training), told)
        rows = score_rows(self.figures)
        if rows:
            yield self._table("scores", rows, "The model beside a bigram model on the same text.")

    def of_both(self) -> Iterator[Shown]:
        """What there is now, what it was made of, and where it lies."""
        of = "model" if "model" in self._runner.stages else GATED  # a run may show both
        yield self._markdown("card", card_markdown(self.figures), f"The {of} in short.")
        drawn = to_mermaid(lineage_graph(self._store, self.versions))
        down = drawn.replace("flowchart LR", "flowchart TD", 1)  # Prefect's column is narrow
        told = f"What the {of} was made of."
        yield self._markdown("lineage", f"```mermaid\n{down}```\n", told)
        places = places_markdown(self._store, self._recipe, self._runner.stages)
        told = f"The versions that the {of} came to, their manifests, the results page."
        yield self._markdown("places", places, told)

    def _difference(self) -> str:
        before = self.before.get(GATED) if self.before else None
        now = self.versions.versions[GATED]
        if self.before is None or before is None or self.past_rates is None:
            return "There is no earlier version to compare with.\n"
        if before.ref == now.ref:
            return f"Nothing changed: `{now.ref}` is @latest.\n"
        gates = self._session.recipe.gates
        versions = (self.versions, self.before)
        both = (self.rates, self.past_rates)
        return difference_markdown(self._store, versions, both, gates.most_lost_share)

    def _markdown(self, what: str, text: str, told: str) -> Shown:
        return Shown(key(self._recipe, what), "markdown", text, told)

    def _table(self, what: str, rows: object, told: str) -> Shown:
        return Shown(key(self._recipe, what), "table", json.dumps(rows), told)
