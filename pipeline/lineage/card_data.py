"""The data card of a corpus, in the form that Hugging Face shows: YAML, then what people read."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pydantic import JsonValue

from pipeline.lineage.markdown import (
    block,
    code,
    counted,
    front_matter,
    number,
    settings,
    size,
    table,
    words,
)
from schemas.card import CardFacts

SIZES = (  # Hugging Face's classes
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
    (100_000_000_000, "10B<n<100B"),
    (1_000_000_000_000, "100B<n<1T"),
)
MOST_DOMAINS = 20
NO_LICENCES = (
    "The pages hold no column of licences, so the licences of the texts were not recorded. "
    "They belong to whoever wrote them; being here grants no right to use them."
)


def data_card(facts: CardFacts) -> str:
    """The card as Markdown."""
    parts = [
        front_matter(_matter(facts)),
        f"# Corpus {words(facts.name)}",
        _summary(facts),
        *_section("Sources", _sources(facts)),
        *_section("Licences", licences(facts)),
        *_section("Languages", _languages(facts)),
        *_section("Domains", _domains(facts)),
        *_section("What was left out", _left_out(facts)),
        *_section("Private data", private_data(facts)),
        *_section("Fields, split and files", _content(facts)),
        *_section("Known limits", limits(facts)),
        *_section("Versions, and how to repeat it", versions(facts, without=("model", "scores"))),
    ]
    return "\n\n".join(parts) + "\n"


def _section(title: str, paragraphs: Iterator[str]) -> list[str]:
    return [f"## {title}", *paragraphs]


def _matter(facts: CardFacts) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {
        "pretty_name": facts.name,
        "language": known_languages(facts),
        "license": "unknown",
        "task_categories": ["text-generation"],
        "tags": ["penstock", facts.subject],
    }
    if facts.documents is not None:
        found["size_categories"] = [size_class(facts.documents)]
    if facts.files:
        found["configs"] = [{"config_name": "default", "data_files": "*.parquet"}]
    return found


def known_languages(facts: CardFacts) -> list[JsonValue]:
    """Languages that the corpus has documents of."""
    return [each.language for each in facts.languages if each.language and each.documents]


def size_class(documents: int) -> str:
    """Hugging Face's class of a number of documents."""
    return next((name for most, name in SIZES if documents < most), "n>1T")


def _summary(facts: CardFacts) -> str:
    told = (
        f"{number(facts.documents)} documents: clean, unique, and with private data redacted. "
        f"{number(facts.train)} train, {number(facts.held_out)} are held out. "
        f"Tokens to train on: {number(facts.tokens)}."
    )
    return f"{told}\n\nVersion {code(facts.subject)}, made by Penstock from its store alone."


def _sources(facts: CardFacts) -> Iterator[str]:
    for source in facts.sources:
        yield f"Read by {code(source.kind)}: {words(source.about)}"
        if source.settings:
            yield f"Settings: {settings(source.settings)}."
        if source.crawler:
            yield f"The crawler called itself {code(source.crawler)} and obeyed robots.txt."
        days = f"from {source.first} to {source.last}" if source.first else "on days not recorded"
        yield f"Pages were fetched {days}."
    if not facts.sources:
        yield "The sources are not known: the version's pages are not in the store."
    if facts.windows:
        yield f"Windows (snapshots): {', '.join(map(code, facts.windows))}."
    yield (
        f"Pages now: {number(facts.pages)}; replaced by newer records: {number(facts.replaced)}; "
        f"found gone by a later window: {number(facts.gone)}."
    )


def licences(facts: CardFacts) -> Iterator[str]:
    """Which licences the pages name."""
    if facts.licences is None:
        yield NO_LICENCES
        return
    yield "As the source says; nobody has checked it."
    rows = [(code(name) if name else "none given", number(n)) for name, n in facts.licences.items()]
    yield table(("licence", "pages"), rows, right=1)


def _languages(facts: CardFacts) -> Iterator[str]:
    if not facts.languages:
        yield "Not counted: there is no corpus in the store."
        return
    yield "As detectors say; short and mixed texts are often mistaken."
    rows = [
        (
            code(each.language) if each.language else "unknown",
            number(each.documents),
            number(each.tokens),
            size(each.text_bytes),
        )
        for each in facts.languages
    ]
    yield table(("language", "documents", "training tokens", "training text"), rows, right=3)


def _domains(facts: CardFacts) -> Iterator[str]:
    named = [each for each in facts.domains if each.domain]
    if not named:
        yield "The training texts have no addresses, so their domains are not known."
        return
    some = f"; the {MOST_DOMAINS} with the most text" if len(named) > MOST_DOMAINS else ""
    yield f"{counted(len(named), 'registered domain')} in the training split{some}:"
    rows = [
        (code(each.domain), number(each.documents), size(each.text_bytes))
        for each in named[:MOST_DOMAINS]
    ]
    yield table(("domain", "documents", "text"), rows, right=2)


def _left_out(facts: CardFacts) -> Iterator[str]:
    if facts.rules:
        yield (
            f"Rules, in order; of {number(facts.judged)} documents judged. "
            f"The first rule that drops a document counts."
        )
        rows = [
            (
                code(each.rule),
                settings(each.settings) or "none",
                number(each.dropped),
                "not known" if each.rate is None else f"{each.rate:.2%}",
            )
            for each in facts.rules
        ]
        yield table(("rule", "thresholds", "dropped", "rate"), rows, right=2)
        yield "\n".join(f"- {code(each.rule)}: {words(each.about)}" for each in facts.rules)
    elif facts.judged is not None:
        yield "The recipe has no rules: every text that could be read was kept."
    broken = sum(facts.quarantined.values())
    told = ", ".join(f"{code(why)} {number(n)}" for why, n in facts.quarantined.items())
    yield f"Could not be read: {number(broken)}{f' ({told})' if told else ''}."
    if facts.similarity is not None:
        exact, near = (facts.duplicates.get(kind, 0) for kind in ("exact", "near"))
        yield (
            f"Duplicates: {number(exact)} exact, {number(near)} near "
            f"(Jaccard similarity of {facts.similarity:g} or more)."
        )
    if facts.mixed_out is not None:
        yield f"Left out so that no language or source outweighs others: {number(facts.mixed_out)}."


def private_data(facts: CardFacts) -> Iterator[str]:
    """What was redacted."""
    if facts.private_data is None:
        yield "Private data was not looked for."
        return
    yield (
        "Spans found in the documents that stay, each replaced by the name of its kind. Names and "
        "postal addresses are not looked for, and no detector finds everything."
    )
    if facts.private_data:
        rows = [(code(kind), number(count)) for kind, count in facts.private_data.items()]
        yield table(("kind", "redacted"), rows, right=1)
    else:
        yield "None was found."


def _content(facts: CardFacts) -> Iterator[str]:
    if facts.fields:
        rows = [(code(each.name), code(each.kind)) for each in facts.fields]
        yield table(("field", "type"), rows)
    if facts.split:
        yield f"Split by a hash of the document's group: {settings(facts.split)}."
    if facts.scored is not None:
        yield (
            f"Validation documents that scores are measured on, after those that nearly stand in "
            f"the training split are taken out: {number(facts.scored)}. "
            f"Their tokens: {number(facts.validation_tokens)}."
        )
    if facts.context:
        yield (
            f"Packed into rows of {number(facts.context)} tokens, with a vocabulary of at most "
            f"{number(facts.vocabulary)}."
        )
    total = sum(each.size or 0 for each in facts.files)
    more = (
        "" if all(each.size for each in facts.files) else " and those that an export puts together"
    )
    yield (
        f"Files: {number(len(facts.files))}, {size(total)}{more}; column `split` tells "
        f"`train` from `validation`: a loader that knows only files shows both as one."
    )


def limits(facts: CardFacts) -> Iterator[str]:
    """What a reader should not take for granted."""
    lines = [
        "Licences, consent and copyright of the texts were not examined.",
        "No filter for illegal, toxic or false content beyond the rules above was applied.",
        "Languages, boilerplate and duplicates are told by estimates that err.",
    ]
    if any(not each.reproducible for each in facts.versions):
        stages = [each.stage for each in facts.versions if not each.reproducible]
        lines.append(
            f"Not reproducible byte for byte: {', '.join(map(code, stages))} (documents were given "
            f"up for time or memory on one machine)."
        )
    yield "\n".join(f"- {line}" for line in lines)


def versions(facts: CardFacts, *, without: Collection[str] = ()) -> Iterator[str]:
    """Each version but those of some stages, and the commands that make and check it again."""
    rows = [
        (
            code(each.stage),
            code(each.key[:12] + each.key[64:]),
            code(each.digest[:16]),
            number(each.rows, unknown="files"),
            size(each.size),
            each.exactness,
        )
        for each in facts.versions
        if each.stage not in without
    ]
    headings = ("stage", "asked (key)", "came out (digest)", "rows", "size", "exactness")
    yield table(headings, rows)
    if facts.run:
        yield f"Made by a run from {code(facts.run.started)} to {code(facts.run.ended)} (UTC)."
    if facts.packages:
        yield f"Packages: {', '.join(code(f'{k} {v}') for k, v in facts.packages.items())}."
    yield block([f"penstock verify {facts.subject}", f"penstock rerun {facts.subject}"])
