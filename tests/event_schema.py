"""Checks lineage events by a JSON Schema of OpenLineage's, and our own facets by ours."""

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

HERE = Path(__file__).parent
EVENT = HERE / "data/openlineage/event.schema.json"
OWN = HERE.parent / "schemas/openlineage_facets.json"


@cache
def validator():
    own = json.loads(OWN.read_text())
    event = json.loads(EVENT.read_text())
    registry = Registry().with_resources([(own["$id"], Resource.from_contents(own))])
    return Draft202012Validator(event, registry=registry, format_checker=FormatChecker())


def check(event):
    validator().validate(event)
