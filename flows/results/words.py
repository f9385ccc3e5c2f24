"""A run's figures in words, for the page and for the terminal alike."""

from __future__ import annotations

from flows.results.figures import Figures, Leak, Left, Training

RULES = {
    "near": "near duplicates",
    "exact": "exact duplicates",
    "repeated_url": "second records of a URL",
    "mixture": "left out by the mixture",
}
_TOLD = ("pages", "clusters", "mixture")  # stages whose reasons have a name for people
_KINDS = {
    "email": "e-mail addresses",
    "phone": "telephone numbers",
    "ipv4": "IPv4 addresses",
    "ipv6": "IPv6 addresses",
    "iban": "IBANs",
    "payment_card": "payment cards",
    "us_ssn": "US social security numbers",
    "secret": "keys and tokens",
}
_LANGUAGES = """
af:Afrikaans ar:Arabic az:Azerbaijani be:Belarusian bg:Bulgarian bn:Bengali bs:Bosnian
ca:Catalan cs:Czech cy:Welsh da:Danish de:German el:Greek en:English es:Spanish et:Estonian
eu:Basque fa:Persian fi:Finnish fr:French ga:Irish gl:Galician gu:Gujarati he:Hebrew hi:Hindi
hr:Croatian hu:Hungarian hy:Armenian id:Indonesian is:Icelandic it:Italian ja:Japanese
ka:Georgian kk:Kazakh km:Khmer kn:Kannada ko:Korean lo:Lao lt:Lithuanian lv:Latvian
mk:Macedonian ml:Malayalam mn:Mongolian mr:Marathi ms:Malay mt:Maltese my:Burmese ne:Nepali
nl:Dutch no:Norwegian pa:Punjabi pl:Polish pt:Portuguese ro:Romanian ru:Russian si:Sinhala
sk:Slovak sl:Slovenian sq:Albanian sr:Serbian sv:Swedish sw:Swahili ta:Tamil te:Telugu th:Thai
tl:Tagalog tr:Turkish uk:Ukrainian ur:Urdu uz:Uzbek vi:Vietnamese zh:Chinese
"""
_NAMES = dict(pair.split(":") for pair in _LANGUAGES.split())


def language_name(code: str) -> str:
    """English for a BCP 47 code, the code itself where it is a rare one."""
    return _NAMES.get(code, code) or "unknown"


def kind_name(kind: str, count: int) -> str:
    """What a kind of private data is called."""
    name = _KINDS.get(kind, kind)
    return name.removesuffix("es" if name.endswith("esses") else "s") if count == 1 else name


def rule_name(left: Left) -> str:
    """Why documents left."""
    return RULES.get(left.rule, left.rule) if left.stage in _TOLD else left.rule


def short(number: float) -> str:
    """A count of three digits: 978 k, 1.21 M."""
    for size, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            value = number / size
            return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}{unit}"
    return f"{number:,.0f}"


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 20 s`, `5 h 7 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest} s"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 page`, `2 pages`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def effect(figures: Figures) -> str:
    """One sentence: what came of it all."""
    stations, many = figures.stations, figures.many_languages()
    parts = []
    if stations.corpus is not None:
        within = f" in {counted(many, 'language')}" if many else ""
        documents = counted(stations.corpus, "clean, unique document")
        parts.append(f"{documents}{within}")
    if figures.tokens:
        parts.append(f"{short(figures.tokens)} tokens to train on")
    training = figures.training
    if training and training.model:
        fewer = training.fewer_bits() or 0
        less = f", {fewer:.0%} fewer than a bigram model" if fewer > 0 else ""
        bits = f"{training.model.bits_per_byte:.2f} bits per byte{less}"
        parts.append(f"a model that foretells text it has not seen in {bits}")
    elif training:
        parts.append("a model")
    pages = counted(stations.pages or 0, "page")
    return f"{pages} became {_joined(parts)}." if parts else _so_far(figures, pages)


def _so_far(figures: Figures, pages: str) -> str:
    """What a run did that was not to come to the corpus."""
    made = [stage.stage for stage in figures.stages if stage.made and stage.stage != "pages"]
    if made:
        return f"Made {_joined(made)} of {pages}."
    if figures.stages and not any(stage.made for stage in figures.stages):
        return f"{pages}; nothing was to make."
    return f"Crawled {pages}."


def _joined(parts: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def beaten(training: Training) -> str:
    """How the model compares with the bigram model, by how much."""
    if training.model is None or training.bigram is None:
        return ""
    fewer = training.fewer_bits() or 0.0
    ours, theirs = training.model, training.bigram
    if fewer <= 0:
        return (
            f"The model does not beat the bigram model: it needs {-fewer:.1%} more bits per byte. "
            f"Train it for more steps before its loss means anything."
        )
    return (
        f"The model needs {fewer:.0%} fewer bits than an interpolated Kneser-Ney bigram model on "
        f"the same ids and the same split: {ours.bits_per_byte:.2f} against "
        f"{theirs.bits_per_byte:.2f} bits per byte, and it chooses among {ours.perplexity:,.0f} "
        f"tokens where the bigram model chooses among {theirs.perplexity:,.0f}."
    )


def leak_sentence(leak: Leak) -> str:
    """What was done so that scores are not of memory."""
    out = leak.held_out - leak.scored
    left = (
        f"{counted(out, 'held-out document')} of {leak.held_out:,} "
        f"{'was' if out == 1 else 'were'} left out, being {leak.threshold:g} or more similar to a "
        f"training document"
        if out
        else f"none of {leak.held_out:,} held-out documents is {leak.threshold:g} or more similar "
        f"to a training document"
    )
    return (
        f"Scored on {counted(leak.scored, 'document')}: {left}. What remains: the nearest training "
        f"document is {leak.most_similar:.2f} similar at most, {leak.median_similar:.2f} in the "
        f"median."
    )
