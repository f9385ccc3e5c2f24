"""The JSON Schema of recipes with every block in it: its own fields, by kind, and its words."""

from __future__ import annotations

from typing import Any

from flows.blocks import KINDS, blocks_of, first_line
from pipeline.block import Block

Schema = dict[str, Any]

_OWN = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$"  # a module of the user's own


def with_blocks(schema: Schema) -> Schema:
    """The recipe's schema, with each kind of block as a choice among those that have a file.

    Args:
        schema: of `flows.recipe.Recipe`, where a block is a reference to its base class.
    """
    definitions = dict(schema.get("$defs", {}))
    for kind, home in KINDS.items():
        definitions |= _choice(home, blocks_of(kind))
    _point_to_model(definitions)
    required = [name for name in schema.get("required", ()) if name != "name"]  # the file's name
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Penstock recipe",
        "required": required,
        "$defs": definitions,
    }


def _choice(home: type[Block], blocks: dict[str, type[Block]]) -> dict[str, Schema]:
    """Definitions: the kind of block as a choice, and each block."""
    found: dict[str, Schema] = {}
    choices: list[Schema] = []
    bare: list[Schema] = []
    for name, block in blocks.items():
        found |= _definitions(home, name, block)
        choices.append({"$ref": f"#/$defs/{home.__name__}.{name}"})
        if not any(field.is_required() for field in block.model_fields.values()):
            bare.append({"const": name, "description": first_line(block)})
    bare.append({"pattern": _OWN, "description": "a module of your own"})
    kind = {"type": "string", "pattern": _OWN}
    own = {
        "type": "object",
        "description": f"a {home.__name__.lower()} of your own, by its module",
        "properties": {"kind": kind},
        "required": ["kind"],
    }
    found[home.__name__] = {
        "description": home.documentation(),
        "oneOf": [*choices, own, {"type": "string", "anyOf": bare}],
    }
    return found


def _definitions(home: type[Block], name: str, block: type[Block]) -> dict[str, Schema]:
    """The schema of one block, and of the records in its fields, under names of their own."""
    prefix = f"{home.__name__}.{name}"
    own = block.model_json_schema(ref_template=f"#/$defs/{prefix}.{{model}}")
    nested = {f"{prefix}.{key}": value for key, value in own.pop("$defs", {}).items()}
    kind = {"const": name, "description": first_line(block)}
    own["properties"] = {"kind": kind, **own.get("properties", {})}
    own["required"] = ["kind", *own.get("required", ())]
    own["description"] = block.documentation()
    return {prefix: own, **nested}


def _point_to_model(definitions: dict[str, Schema]) -> None:
    """`model.model` is plain JSON in the stage, so that no job's settings are built here."""
    stage = definitions["Pretrain"]
    model = {"$ref": "#/$defs/Model", "default": stage["properties"]["model"]["default"]}
    properties = stage["properties"] | {"model": model}
    definitions["Pretrain"] = stage | {"properties": properties}
