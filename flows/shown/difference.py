"""The difference of a corpus to the one that was `@latest` before."""

from __future__ import annotations

from collections import Counter

from flows.results.words import counted
from flows.shown.drift import LEAST_MOVE, SIGMAS, alarms
from flows.shown.markdown import addresses, paragraphs, table, words
from flows.shown.rates import Place, Rate
from pipeline.lineage.ancestry import Ancestry
from pipeline.lineage.compare import Comparison, Difference, compare
from pipeline.run.gates import GATED
from pipeline.store import Store
from schemas.artifact import Manifest

MOST_URLS = 15  # of each kind
MOST_DOCUMENTS = 10_000_000  # of both versions, to compare one by one at the end of a run
_KINDS = ("added", "changed", "gone")


def difference_markdown(
    store: Store,
    versions: tuple[Ancestry, Ancestry],
    rates: tuple[dict[Place, Rate], dict[Place, Rate]],
    most_lost_share: float,
) -> str:
    """Alarms first, then the documents added, changed and gone.

    Args:
        store: where both versions are.
        versions: what belongs to the corpus of now, and to the one before.
        rates: what each rule took, now and before.
        most_lost_share: the recipe's gate.
    """
    now, before = (each.versions[GATED] for each in versions)
    drifted = alarms(rates, (_languages(store, now), _languages(store, before)), most_lost_share)
    return paragraphs(
        f"`{before.ref}` before, `{now.ref}` now.",
        _alarms(drifted),
        _documents(store, versions),
    )


def _alarms(drifted: list[str]) -> str:
    if drifted:
        told = "".join(f"- {words(each)}\n" for each in drifted)
        return paragraphs(f"**Drift: {counted(len(drifted), 'alarm')}.**", told)
    return (
        f"No drift: no share of a rule or of a language moved by more than "
        f"{100 * LEAST_MOVE:g} points and {SIGMAS:g} standard deviations."
    )


def _languages(store: Store, corpus: Manifest) -> Counter[str]:
    column = store.read(corpus, GATED, ["language"])["language"].fill_null("")
    return Counter({each["values"]: each["counts"] for each in column.value_counts().to_pylist()})


def _documents(store: Store, versions: tuple[Ancestry, Ancestry]) -> str:
    now, before = (each.versions[GATED] for each in versions)
    if now.rows[GATED] + before.rows[GATED] > MOST_DOCUMENTS:
        return "`penstock diff` compares so many documents one by one."
    found = compare(store, before, now, lineage=(versions[1], versions[0]))
    counts = [(*(f"{found.count(kind):,}" for kind in _KINDS), f"{found.unchanged:,}")]
    heads = (*_KINDS, "unchanged")
    return paragraphs(table(heads, counts, heads), *(_urls(found, kind) for kind in _KINDS))


def _urls(found: Comparison, kind: str) -> str:
    these = [each for each in found.documents if each.change == kind]
    if not these:
        return ""
    more = len(these) - MOST_URLS
    rest = f"and {more:,} more" if more > 0 else ""
    return paragraphs(f"**{kind.capitalize()}**", addresses(map(_line, these[:MOST_URLS])), rest)


def _line(each: Difference) -> str:
    return f"{each.url} ({each.why})" if each.why else each.url
