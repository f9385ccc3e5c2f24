"""The process that reads one columnar index of a stranger; started by `index_rows`.

Row groups that cannot hold what is asked for are passed over by their statistics, the others are
read in batches of so many rows; what is asked for goes out at once.
"""

import sys
from collections.abc import Iterator
from functools import reduce
from operator import and_
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pipeline.crawl.parquet_child import bound_time, bounded, pieces

BATCH_ROWS = 16_384
BUFFER_BYTES = 1 << 20  # read from the file at once, of each column
LONGEST = 8192  # bytes of an address or a file's name; longer ones are none
SCHEMA = pa.schema(
    [
        ("url", pa.string()),
        ("warc_filename", pa.string()),
        ("warc_record_offset", pa.int64()),
        ("warc_record_length", pa.int64()),
    ]
)
OK = 200  # HTTP


def main() -> None:
    """Read the index that is asked for."""
    bounded(_send)


def _send(order: dict[str, Any]) -> None:
    with pa.ipc.new_stream(sys.stdout.buffer, SCHEMA) as out:
        sys.stdout.buffer.flush()
        for rows in rows_in(order["path"], order["domains"], order["languages"]):
            for piece in pieces(rows):
                out.write_batch(piece)
            sys.stdout.buffer.flush()
            bound_time(order["seconds"])


def rows_in(path: str, domains: list[str], languages: list[str]) -> Iterator[pa.RecordBatch]:
    """The rows that are asked for, a batch for each that was looked through."""
    options = ds.ParquetFragmentScanOptions(
        use_buffered_stream=True,
        buffer_size=BUFFER_BYTES,
        pre_buffer=False,
        page_checksum_verification=True,
    )
    index = ds.dataset(path, format=ds.ParquetFileFormat(default_fragment_scan_options=options))
    wanted = _wanted(domains, languages)
    for fragment in index.get_fragments(filter=wanted):
        for group in fragment.split_by_row_group(wanted, schema=index.schema):
            scanner = group.scanner(
                schema=index.schema,
                columns=SCHEMA.names,
                filter=wanted,
                batch_size=BATCH_ROWS,
                batch_readahead=1,
                use_threads=False,
            )
            yield from map(_fitting, scanner.to_batches())


def _fitting(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows that name a place."""
    rows = batch.cast(SCHEMA).drop_null()
    rows.validate(full=True)  # texts may be no UTF-8
    url, name = (pc.less_equal(pc.binary_length(rows[each]), LONGEST) for each in SCHEMA.names[:2])
    return rows.filter(pc.and_(url, name))


def _wanted(domains: list[str], languages: list[str]) -> pc.Expression:
    """Which rows are asked for."""
    wanted = [ds.field("fetch_status") == OK]
    if domains:
        wanted.append(ds.field("url_host_registered_domain").isin(domains))
    if languages:  # the first of a page's: `eng` of `eng,deu`
        main_language = pc.utf8_slice_codeunits(ds.field("content_languages"), 0, 3)
        wanted.append(main_language.isin(languages))
    return reduce(and_, wanted)


if __name__ == "__main__":
    main()
