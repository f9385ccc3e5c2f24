"""The digests of a version from the receipts of its shards."""

from collections.abc import Iterable, Iterator

from pipeline.errors import BadStage
from pipeline.stage import Reads, Stage
from pipeline.versions.digest import combine_ordered, sum_digests
from schemas.artifact import Receipt
from schemas.column import DOC_ID, groups


def digests_of(shards: Iterable[tuple[str, Receipt]]) -> dict[str, str]:
    """Digests over some shards, by name: "table.group" for tables, "file NAME" for files."""
    found: dict[str, list[tuple[str, str]]] = {}
    ordered: set[str] = set()
    for name, receipt in shards:
        for table in receipt.tables:
            for group, digest in table.digests.items():
                found.setdefault(f"{table.name}.{group}", []).append((name, digest))
                if table.ordered:
                    ordered.add(f"{table.name}.{group}")
        for file in receipt.files:
            found.setdefault(f"file {file.name}", []).append((name, file.sha256))
            ordered.add(f"file {file.name}")
    return {group: _combined(found[group], in_order=group in ordered) for group in sorted(found)}


def _combined(digests: list[tuple[str, str]], *, in_order: bool) -> str:
    if in_order and len(digests) > 1:  # by position: names hold windows, which are no content
        return combine_ordered([(str(n), digest) for n, (_, digest) in enumerate(digests)])
    return digests[0][1] if in_order else sum_digests(digest for _, digest in digests)


def columns_of(stage: Stage) -> dict[str, str]:
    """ "table.column" -> its group, for every column that a version may depend on."""
    found = {}
    for table, schema in stage.tables().items():
        for group, columns in groups(schema).items():
            found.update({f"{table}.{column}": group for column in columns})
        if DOC_ID in schema.names:
            found[f"{table}.{DOC_ID}"] = DOC_ID
    return dict(sorted(found.items()))


def columns_read(reads: Reads) -> Iterator[str]:
    """ "table.column" for every column of one input that a stage's key depends on."""
    for table, names in reads.columns.items():
        for name in names or (DOC_ID,):
            yield f"{table}.{name}"


def groups_read(reads: Reads, columns: dict[str, str], *, by: str) -> tuple[str, ...]:
    """The names of the digests that a stage's key holds for one input."""
    wanted = {f"file {name}" for name in reads.files}
    for column in columns_read(reads):
        if column not in columns:
            msg = (
                f"{by} declares that it reads {column}, but no version can depend on that column: "
                f"it is not there, or volatile.\nDeclare it under `volatile`, or give it a group "
                f"in the schema."
            )
            raise BadStage(msg)
        wanted.add(f"{column.partition('.')[0]}.{columns[column]}")
    return tuple(sorted(wanted))
