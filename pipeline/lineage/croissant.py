"""Croissant metadata of a corpus: JSON-LD that dataset searches and loaders read.

Beside the files of `penstock export`. What the store does not know is left out: whether somebody
publishes the files, where, and under which licence.

Source: Croissant Format Specification 1.0, http://mlcommons.org/croissant/1.0
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from pipeline.lineage.markdown import seen
from schemas.card import CardFacts, FieldFacts

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
PARQUET = "application/x-parquet"
TYPES = {
    "string": "sc:Text",
    "large_string": "sc:Text",
    "int32": "cr:Int32",
    "int64": "cr:Int64",
    "float": "cr:Float32",
    "double": "cr:Float64",
    "bool": "sc:Boolean",
}
OTHER_TYPE = "sc:Text"  # a doc_id, 16 bytes; loaders see it as text
ABOUT = {
    "doc_id": "the document: a hash of source, address and content",
    "url": "its address, or the place in a file",
    "title": "its title; a page's own words",
    "language": "BCP 47, as detectors say; null where unknown",
    "text": "the text, private data redacted",
    "split": "train or validation",
    "split_group": "what is on one side of the split",
    "cluster_size": "documents that say nearly the same, this one included",
}
_CROISSANT = (
    "citeAs column dataBiases dataCollection equivalentProperty extract field fileProperty "
    "fileObject fileSet format includes isLiveDataset jsonPath key md5 parentField path "
    "personalSensitiveInformation recordSet references regex repeated replace samplingRate "
    "separator source subField transform"
)
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{name: f"cr:{name}" for name in _CROISSANT.split()},
}


def croissant(facts: CardFacts) -> dict[str, Any]:
    """The metadata as one JSON-LD object."""
    corpus = facts.version("corpus")
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": facts.name,
        "conformsTo": CONFORMS_TO,
        "description": _description(facts),
        "version": f"1.0.0+{corpus.key[:12]}" if corpus else None,
        "inLanguage": [each.language for each in facts.languages if each.language],
        "keywords": ["text", "language modelling", "penstock"],
        "isLiveDataset": False,
        "dateCreated": facts.run.ended if facts.run else None,
        "temporalCoverage": _period(facts),
        "personalSensitiveInformation": _private(facts),
        "dataCollection": _collection(facts),
        "distribution": [*_files(facts), _file_set(facts)],
        "recordSet": [_record_set(facts)],
    }
    return {name: value for name, value in found.items() if value not in (None, [], "")}


def _description(facts: CardFacts) -> str:
    documents = f"{facts.documents:,}" if facts.documents is not None else "An unknown number of"
    licences = "" if facts.licences else " Licences of the texts were not recorded."
    return (
        f"{documents} clean, unique documents with private data redacted; "
        f"version {facts.subject} of Penstock.{licences}"
    )


def _period(facts: CardFacts) -> str | None:
    days = [day for each in facts.sources for day in (each.first, each.last) if day]
    return f"{min(days)}/{max(days)}" if days else None


def _private(facts: CardFacts) -> str | None:
    if facts.private_data is None:
        return "Private data was not looked for."
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in facts.private_data.items())
    return f"Spans that were redacted: {kinds or 'none'}. Names are not looked for."


def _collection(facts: CardFacts) -> str | None:
    told = [seen(f"{each.kind}: {each.about}") for each in facts.sources]
    return " ".join(told) or None


def _files(facts: CardFacts) -> Iterator[dict[str, Any]]:
    """Those whose bytes are known already; an export puts the others together."""
    for each in facts.files:
        if each.sha256:
            yield {
                "@type": "cr:FileObject",
                "@id": each.name,
                "name": PurePosixPath(each.name).name,
                "contentUrl": each.name,
                "contentSize": f"{each.size} B",
                "encodingFormat": PARQUET,
                "sha256": each.sha256,
            }


def _file_set(facts: CardFacts) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": "shards",
        "name": "shards",
        "description": f"{len(facts.files)} Parquet files, one a shard.",
        "encodingFormat": PARQUET,
        "includes": "*.parquet",
    }


def _record_set(facts: CardFacts) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": "documents",
        "name": "documents",
        "description": "One record a document.",
        "key": {"@id": "documents/doc_id"},
        "field": [_field(each) for each in facts.fields],
    }


def _field(field: FieldFacts) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"documents/{field.name}",
        "name": field.name,
        "description": ABOUT.get(field.name, field.kind),
        "dataType": TYPES.get(field.kind, OTHER_TYPE),
        "source": {"fileSet": {"@id": "shards"}, "extract": {"column": field.name}},
    }
