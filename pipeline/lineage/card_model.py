"""The model card, in the form that Hugging Face shows: YAML, then what people read."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from pipeline.lineage.card_data import NO_LICENCES, known_languages, versions
from pipeline.lineage.markdown import code, front_matter, number, settings, table, words
from schemas.card import CardFacts, TrainingFacts
from schemas.jobs import Score

ARCHITECTURE = (
    "model_type",
    "num_hidden_layers",
    "hidden_size",
    "intermediate_size",
    "num_attention_heads",
    "num_key_value_heads",
    "vocab_size",
    "max_position_embeddings",
)


def model_card(facts: CardFacts, training: TrainingFacts) -> str:
    """The card as Markdown."""
    parts = [
        front_matter(_matter(facts, training)),
        f"# Model {words(facts.name)}",
        f"A language model trained from scratch by Penstock: {code(facts.subject)}.",
        "## Training data",
        *_data(facts),
        "## Training",
        *_training(training),
        "## Scores",
        *_scores(facts, training),
        "## Use and known limits",
        _limits(facts, training),
        "## Versions, and how to repeat it",
        *versions(facts),
        "Equal numbers are promised on the same hardware with the same number of workers; "
        "elsewhere the curve agrees within rounding. On what hardware this model was trained is "
        "not recorded.",
    ]
    return "\n\n".join(parts) + "\n"


def _matter(facts: CardFacts, training: TrainingFacts) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {
        "language": known_languages(facts),
        "license": "unknown",
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["penstock", facts.subject],
    }
    if training.model:
        score = training.model
        metrics: list[JsonValue] = [
            {"type": "perplexity", "value": score.perplexity},
            {"type": "bits_per_byte", "value": score.bits_per_byte},
        ]
        result: JsonValue = {
            "task": {"type": "text-generation"},
            "dataset": {"type": "validation", "name": _held_out(facts)},
            "metrics": metrics,
        }
        found["model-index"] = [{"name": facts.name, "results": [result]}]
    return found


def _held_out(facts: CardFacts) -> str:
    validation = facts.version("validation")
    return validation.ref if validation else "held-out documents"


def _data(facts: CardFacts) -> Iterator[str]:
    corpus, tokens = facts.version("corpus"), facts.version("tokens")
    if corpus is None or tokens is None:
        yield "The corpus that it was trained on is not in the store."
        return
    yield (
        f"{number(facts.train)} documents of {code(corpus.ref)}, packed as {code(tokens.ref)}: "
        f"{number(facts.tokens)} tokens. `penstock card {corpus.ref} --kind data` tells of them."
    )
    yield f"Base model: none. {'' if facts.licences else NO_LICENCES}".strip()


def _training(training: TrainingFacts) -> Iterator[str]:
    rows = [
        ("parameters", number(training.parameters)),
        ("steps", number(training.steps)),
        ("targets learnt from", number(training.tokens)),
        ("training loss at the last step that was logged, nats a token", number(training.loss)),
    ]
    yield table(("", ""), rows, right=1)
    shape = {name: training.config[name] for name in ARCHITECTURE if name in training.config}
    yield f"Architecture: {settings(shape) or 'not known'}."
    yield f"Settings of the job: {settings(training.settings)}."


def _scores(facts: CardFacts, training: TrainingFacts) -> Iterator[str]:
    if training.model is None:
        yield "It was not scored."
        return
    yield (
        f"On {number(facts.scored)} held-out documents, {code(_held_out(facts))}, beside a bigram "
        f"model (interpolated Kneser-Ney) of the same tokens: what a model has to beat before its "
        f"loss means anything. Lower is better."
    )
    rows = [_row("all", training.model, training.bigram)]
    rows += [
        _row(code(each.language) if each.language else "unknown", each.model, each.bigram)
        for each in facts.languages
        if each.model
    ]
    headings = ("language", "tokens", "loss", "perplexity", "bits per byte", "bigram's bits")
    yield table(headings, rows, right=5)
    if training.bigram and training.model.bits_per_byte >= training.bigram.bits_per_byte:
        yield "It does not beat the bigram model: it has learnt next to nothing of use."


def _row(name: str, score: Score | None, bigram: Score | None) -> tuple[str, ...]:
    if score is None:
        return (name, *["not known"] * 5)
    return (
        name,
        number(score.tokens),
        number(score.loss),
        number(score.perplexity),
        number(score.bits_per_byte),
        number(bigram.bits_per_byte if bigram else None),
    )


def _limits(facts: CardFacts, training: TrainingFacts) -> str:
    lines = [
        "It foretells text. It was not trained to follow instructions, to be truthful or to be "
        "safe, and no test of harm, bias or memorised text was made.",
        "What it was trained on is named above; nothing else was.",
    ]
    context = training.config.get("max_position_embeddings") or facts.context
    if context:
        lines.append(f"It has seen at most {context} tokens at once.")
    if len(known_languages(facts)) == 1:
        lines.append("It knows one language.")
    return "\n".join(f"- {line}" for line in lines)
