"""Columns and their groups: what a version's digest is made of.

A table has one digest per column group. A stage's key holds the digests of the groups it reads,
so a change elsewhere in the table does not reach it. A column without a group is volatile: it is
carried along (fetch time, offsets) and no version ever depends on it.
"""

import pyarrow as pa

GROUP = b"group"
ORDERED = b"ordered"
DOC_ID = "doc_id"


def column(name: str, kind: pa.DataType, group: str | None, *, nullable: bool = True) -> pa.Field:
    """A column of `group`; `None` makes it volatile."""
    metadata = {GROUP: group.encode()} if group else None
    return pa.field(name, kind, nullable=nullable, metadata=metadata)


def doc_id() -> pa.Field:
    """The identity of a document, 16 bytes; it is part of every row of every group."""
    return pa.field(DOC_ID, pa.binary(16), nullable=False)


def ordered(schema: pa.Schema) -> pa.Schema:
    """The same columns, for a table whose row positions are part of its digest."""
    return schema.with_metadata({ORDERED: b"yes"})


def is_ordered(schema: pa.Schema) -> bool:
    """Whether the position of a row is part of the table's digest."""
    return ORDERED in (schema.metadata or {})


def group_of(field: pa.Field) -> str | None:
    """The group of a column, or None for a volatile column and for `doc_id`."""
    found = (field.metadata or {}).get(GROUP)
    return found.decode() if found else None


def groups(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    """Each group's columns, sorted by name."""
    found: dict[str, list[str]] = {}
    for field in schema:
        group = group_of(field)
        if group:
            found.setdefault(group, []).append(field.name)
    return {group: tuple(sorted(found[group])) for group in sorted(found)}
