"""Write a card of a corpus or a model: what it is, where it is from, what was left out of it.

Everything comes from the manifests and the store; what they do not know, the card says it does
not. `data` and `model` are README.md files in Hugging Face's form, `croissant` is the JSON-LD
metadata of a corpus, beside the files of `penstock export`, and `eu-ai-act` is a draft of the
public summary of training content, Art. 53(1)(d).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from flows.options import add_store

if TYPE_CHECKING:
    from pipeline.lineage.ancestry import Ancestry
    from schemas.artifact import Manifest
    from schemas.card import CardFacts

EXAMPLES = """\
  penstock card my.toml                                    of its model, or else of its corpus
  penstock card corpus/my@latest --to my_corpus/README.md
  penstock card my.toml --kind croissant --to croissant.json
  penstock card model/my@prod --kind eu-ai-act
"""
KINDS = ("data", "model", "croissant", "eu-ai-act")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("subject", metavar="RECIPE|VERSION", help="my.toml, or corpus/my@latest")
    parser.add_argument("--kind", choices=KINDS, help="by default what the version is")
    parser.add_argument(
        "--to", type=Path, metavar="FILE", dest="file", help="instead of the terminal"
    )  # `to` is the stage that a session is asked for
    parser.add_argument(
        "--small", action="store_true", help="eu-ai-act of a small provider: fewer domains"
    )
    add_store(parser)


def run(given: argparse.Namespace) -> int:
    """Write the card."""
    from flows.cards.facts import facts_of
    from flows.subject import versions_of

    store, versions = versions_of(given, given.subject)
    stage = given.subject.partition("@")[0].partition("/")[0]
    head, kind = _head(versions, stage, given.kind, store.uri)
    text = _card(kind, facts_of(store, versions, head), store.uri, small=given.small)
    if given.file is None:
        print(text, end="")
    else:
        _write(given.file, text)
        print(f"{given.file}: the {kind} card of {head.ref}")
    return 0


def _head(versions: Ancestry, stage: str, kind: str | None, where: str) -> tuple[Manifest, str]:
    """The version that the card is about, and its kind.

    Raises:
        MissingArtifact: there is nothing that such a card is about.
    """
    from pipeline.errors import MissingArtifact

    named = versions.get(stage)
    model, corpus = versions.get("model"), versions.get("corpus")
    if kind is None:
        kind = "data" if stage == "corpus" or model is None else "model"
    wanted = {"data": (corpus,), "croissant": (corpus,), "model": (model,)}
    for found in wanted.get(kind, (named, model, corpus)):
        if found is not None:
            return found, kind
    needed = "model" if kind == "model" else "corpus"
    raise MissingArtifact(f"A {needed} that a {kind} card is about", where=where)


def _card(kind: str, facts: CardFacts, where: str, *, small: bool) -> str:
    import json

    from pipeline.errors import MissingArtifact

    if kind == "data":
        from pipeline.lineage.card_data import data_card

        return data_card(facts)
    if kind == "croissant":
        from pipeline.lineage.croissant import croissant

        return json.dumps(croissant(facts), indent=1, ensure_ascii=False) + "\n"
    if kind == "eu-ai-act":
        from pipeline.lineage.training_summary import training_summary

        return training_summary(facts, small=small)
    from pipeline.lineage.card_model import model_card

    if facts.training is None:
        raise MissingArtifact("The model", where=where)
    return model_card(facts, facts.training)


def _write(path: Path, text: str) -> None:
    from pipeline.errors import StoreUnreachable

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        problem = (error.strerror or str(error)).lower()
        remedy = "Name a file in a folder that can be written."
        raise StoreUnreachable(str(path), problem=problem, remedy=remedy) from error
