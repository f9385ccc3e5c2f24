"""A draft of the public summary of training content that the EU AI Act asks for, Art. 53(1)(d).

Its chapters are those of the Commission's template (C(2025) 8311, 5 December 2025). What the store
knows is filled in; what only the provider can say is marked, and never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from pipeline.lineage.card_data import private_data
from pipeline.lineage.markdown import code, counted, number, settings, size, table, words
from schemas.card import CardFacts, DomainCount, SourceFacts

TO_SAY = "**To be said by the provider.**"
SMALL_SHARE, SMALL_MOST = 0.05, 1000  # of the domains, for small and medium providers
SHARE = 0.10
RANGES = (
    (1_000_000_000, "less than 1 billion tokens"),
    (10**13, "1 billion to 10 trillion tokens"),
)
CRAWLED = "web"


def training_summary(facts: CardFacts, *, small: bool = False) -> str:
    """The draft as Markdown.

    Args:
        facts: what the store knows.
        small: whether the provider is a small or medium enterprise, which lists fewer domains.
    """
    parts = [
        f"# Public summary of training content: {words(facts.name)}",
        "A draft for Article 53(1)(d) of Regulation (EU) 2024/1689, written from the store alone. "
        f"It covers {code(facts.subject)} and what that was made of. Where it says "
        f"{TO_SAY} the store does not know. It is no legal advice.",
        "## 1. General information",
        *_general(facts),
        "## 2. List of data sources",
        *_sources(facts, small),
        "## 3. Data processing",
        *_processing(facts),
    ]
    return "\n\n".join(parts) + "\n"


def _general(facts: CardFacts) -> Iterator[str]:
    model = facts.version("model")
    yield "### 1.1 Provider"
    yield f"Name, contact and authorised representative: {TO_SAY}"
    yield "### 1.2 Model"
    name = code(f"{facts.name} {model.ref}") if model else "no model is made yet"
    yield f"Versioned name: {name}."
    yield (
        "Model dependencies: none; it was trained from scratch." if model else "Dependencies: none."
    )
    yield f"Date of placement on the Union market: {TO_SAY}"
    yield "### 1.3 Modalities, size and characteristics"
    rows = [("text", "yes", tokens_range(facts), f"{number(facts.tokens)} tokens")]
    rows += [(kind, "no", "none", "none") for kind in ("image", "audio", "video", "other")]
    yield table(("modality", "in the training data", "range", "counted"), rows)
    yield (
        f"{number(facts.train)} training documents, {size(facts.text_bytes)} of text. "
        f"Tokens are those of the model's own tokenizer, each counted once; a training of several "
        f"epochs reads them more often."
    )
    yield f"Types of content: web pages and texts as listed below; their genres: {TO_SAY}"
    days = [each.last for each in facts.sources if each.last]
    yield f"Latest date of data acquisition: {max(days) if days else 'not recorded'}."
    yield (
        f"Windows (snapshots): {', '.join(map(code, facts.windows)) or 'not known'}. The model is "
        f"not trained on after this version; a refresh makes another version."
    )
    yield "Linguistic characteristics, as detectors say:"
    lines = [
        (
            code(each.language) if each.language else "unknown",
            number(each.documents),
            number(each.tokens),
        )
        for each in facts.languages
    ]
    yield table(("language", "documents", "training tokens"), lines, right=2)


def tokens_range(facts: CardFacts) -> str:
    """The template's range of a number of tokens."""
    if facts.tokens is None:
        return "not known"
    return next(
        (name for most, name in RANGES if facts.tokens < most), "more than 10 trillion tokens"
    )


def _sources(facts: CardFacts, small: bool) -> Iterator[str]:
    files = [each for each in facts.sources if each.kind != CRAWLED]
    crawled = [each for each in facts.sources if each.kind == CRAWLED]
    yield "### 2.1 Publicly available datasets"
    if files:
        yield (
            "Files that were given to Penstock. Whether they are a publicly available dataset, and "
            f"which: {TO_SAY}"
        )
        yield "\n".join(_file_source(each) for each in files)
    else:
        yield "None was read." if facts.sources else _unknown()
    yield "### 2.2 Private datasets obtained from third parties"
    yield (
        f"Whether any of the files above was licensed or bought: {TO_SAY}"
        if files
        else "None was read."
    )
    yield "### 2.3 Data crawled and scraped from online sources"
    if crawled:
        yield from _crawl(crawled)
    else:
        yield "Penstock crawled nothing for this version." if facts.sources else _unknown()
    yield from _domains(facts, small, crawled=bool(crawled))
    yield "### 2.4 User data"
    yield (
        f"Penstock collects none. Whether the given files hold any: {TO_SAY}" if files else "None."
    )
    yield "### 2.5 Synthetic data"
    yield (
        "Penstock made none. Texts that others wrote with models may be among the pages; they are "
        "not told apart."
    )
    yield "### 2.6 Other sources"
    yield "None known."


def _unknown() -> str:
    return "Not known: the version's pages are not in the store."


def _file_source(source: SourceFacts) -> str:
    return (
        f"- {code(source.kind)}: {words(source.about)} {number(source.pages)} pages; "
        f"{settings(source.settings)}."
    )


def _crawl(crawled: list[SourceFacts]) -> Iterator[str]:
    rows = [
        (
            code(each.crawler),
            f"{each.first} to {each.last}" if each.first else "not recorded",
            number(each.pages),
            settings({k: v for k, v in each.settings.items() if k in ("seeds", "hosts")}),
        )
        for each in crawled
    ]
    yield table(("crawler", "period", "pages", "sites it began at"), rows)
    yield (
        "Purpose: texts to train a language model on. Behaviour: obeys robots.txt, `noindex` and "
        "`nofollow`, and a stated rate per host; stays on the named hosts; enters no account and "
        f"pays for nothing. Types of content and of sites: {TO_SAY}"
    )


def _domains(facts: CardFacts, small: bool, *, crawled: bool) -> Iterator[str]:
    chosen = top_domains(facts, small=small)
    total = sum(1 for each in facts.domains if each.domain)
    if not chosen:
        yield "Domains: none; the texts have no addresses."
        return
    which = "5 % of the domains or 1,000, whichever is fewer" if small else "10 % of the domains"
    whose = "crawled" if crawled else "named by the files, which others fetched"
    yield (
        f"Domains {whose}: {counted(total, 'registered domain')} in the training data. The top "
        f"{which}, by bytes of training text (what was fetched around it is not counted):"
    )
    rows = [(code(each.domain), number(each.documents), size(each.text_bytes)) for each in chosen]
    yield table(("domain", "documents", "text"), rows, right=2)


def top_domains(facts: CardFacts, *, small: bool = False) -> tuple[DomainCount, ...]:
    """The domains that the template asks for, rounded up, the largest first."""
    named = [each for each in facts.domains if each.domain]
    if small:
        return tuple(named[: min(math.ceil(len(named) * SMALL_SHARE), SMALL_MOST)])
    return tuple(named[: math.ceil(len(named) * SHARE)])


def _processing(facts: CardFacts) -> Iterator[str]:
    crawled = any(each.kind == CRAWLED for each in facts.sources)
    yield "### 3.1 Reservation of rights (text and data mining)"
    if crawled:
        yield (
            "Before fetching, robots.txt was read and obeyed (RFC 9309; a server error means: do "
            "not crawl), and pages marked `noindex`, in HTML or in X-Robots-Tag, were left out. "
            "Other ways to reserve rights (terms of use, TDMRep, ai.txt) were not read. "
            f"Any further measures, and whether a code of practice was signed: {TO_SAY}"
        )
    else:
        yield f"Whoever fetched the files decided; Penstock does not know how: {TO_SAY}"
    yield "### 3.2 Illegal content"
    yield (
        "No filter that looks for illegal content is part of the recipe. The rules applied are: "
        f"{', '.join(code(each.rule) for each in facts.rules) or 'none'}. "
        f"Further measures: {TO_SAY}"
    )
    yield "### 3.3 Other processing"
    yield from private_data(facts)
    left = sum(each.dropped for each in facts.rules)
    doubled = sum(facts.duplicates.values())
    yield (
        f"Of {number(facts.judged)} texts {number(left)} were dropped by rules, "
        f"{number(doubled)} as duplicates; {number(facts.held_out)} were held out of training. "
        f"Every one is in the store's ledger, with its reason."
    )
