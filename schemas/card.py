"""What a card says of a corpus or a model: counted in the store, and nothing that is not there.

None, or an empty tuple, means that the store does not know; a card then says so.
"""

from pydantic import Field, JsonValue

from schemas.jobs import Score
from schemas.record import Record

Settings = dict[str, JsonValue]


class VersionFacts(Record):
    """One version that the card stands on."""

    stage: str
    ref: str  # corpus@3f9c0a12b4de
    key: str
    digest: str
    rows: int | None = None  # of its main table
    size: int = 0  # bytes
    exactness: str = "exact"
    reproducible: bool = True
    settings: Settings = Field(default_factory=dict)  # without defaults, as they enter the key


class RuleFacts(Record):
    """A rule of the policy, and what it took."""

    rule: str
    about: str  # the first line of its documentation
    settings: Settings  # all of them
    dropped: int
    rate: float | None  # of the documents that were judged


class LanguageCount(Record):
    """One language."""

    language: str  # BCP 47; "" where nobody knows
    documents: int
    tokens: int  # that train, the ends of documents included
    text_bytes: int  # that those tokens spell
    model: Score | None = None
    bigram: Score | None = None


class DomainCount(Record):
    """A registered domain; "" for texts without an address."""

    domain: str
    documents: int
    text_bytes: int  # of the clean text, UTF-8


class SourceFacts(Record):
    """Where pages come from."""

    kind: str  # web, warc_files, ...
    about: str
    settings: Settings
    crawler: str = ""  # the name it gave to sites, where it visited any
    pages: int = 0
    first: str | None = None  # day of the first fetch
    last: str | None = None


class FileFacts(Record):
    """A file of a version, under the name that `penstock export` gives it."""

    name: str
    size: int | None  # None: the export puts it together
    sha256: str | None


class FieldFacts(Record):
    """A column of the corpus."""

    name: str
    kind: str  # Arrow's type


class RunFacts(Record):
    """The run that made the version. Who asked for it stays in the store: cards are public."""

    window: str
    started: str
    ended: str


class TrainingFacts(Record):
    """How a model was trained, and what it is worth."""

    settings: Settings  # of the job
    parameters: int | None
    config: Settings  # config.json
    steps: int | None  # the last that was logged
    tokens: int | None
    loss: float | None  # nats per token, the last that was logged
    model: Score | None = None
    bigram: Score | None = None


class CardFacts(Record):
    """Everything that any of the cards says."""

    name: str  # of the recipe
    subject: str  # the version that was asked about
    description: str = ""
    versions: tuple[VersionFacts, ...] = ()
    sources: tuple[SourceFacts, ...] = ()
    windows: tuple[str, ...] = ()
    pages: int | None = None
    replaced: int = 0  # records of pages that have a newer one
    gone: int = 0  # pages that a later window found gone
    extracted: int | None = None
    quarantined: dict[str, int] = Field(default_factory=dict)  # limit or error -> documents
    judged: int | None = None
    rules: tuple[RuleFacts, ...] = ()
    duplicates: dict[str, int] = Field(default_factory=dict)  # exact, near -> documents
    similarity: float | None = None  # threshold of near duplicates
    mixed_out: int | None = None  # documents that the mixture left out; None: there is none
    private_data: dict[str, int] | None = None  # kind -> spans redacted; None: not looked for
    licences: dict[str, int] | None = None  # None: pages hold no such column
    documents: int | None = None  # in the corpus
    train: int | None = None
    held_out: int | None = None
    scored: int | None = None  # validation documents without a near relative in training
    split: Settings = Field(default_factory=dict)
    domains: tuple[DomainCount, ...] = ()  # of the training documents, the largest first
    languages: tuple[LanguageCount, ...] = ()
    tokens: int | None = None
    validation_tokens: int | None = None
    text_bytes: int = 0
    vocabulary: int | None = None
    context: int | None = None
    files: tuple[FileFacts, ...] = ()  # of the corpus
    fields: tuple[FieldFacts, ...] = ()
    training: TrainingFacts | None = None
    packages: dict[str, str] = Field(default_factory=dict)
    run: RunFacts | None = None

    def version(self, stage: str) -> VersionFacts | None:
        """The version of a stage, or None where the card does not stand on one."""
        return next((each for each in self.versions if each.stage == stage), None)
