"""A large table is read piece by piece: what is held does not grow with it."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.storage.parquet import create_parquet, footer_sha256, open_parquet

MEGABYTE = 2**20


class Watched(io.FileIO):
    """A file that notes the largest piece that was read of it."""

    largest = 0

    def read(self, size=-1):
        found = super().read(size)
        self.largest = max(self.largest, len(found))
        return found


def test_what_is_read_at_once_stays_small(tmp_path):
    numbers = pa.table({"number": np.arange(9 * 10**6)})
    path = tmp_path / "numbers.parquet"
    pq.write_table(
        numbers, path, compression="none", use_dictionary=False, write_page_checksum=True
    )
    with Watched(path) as file:
        found = open_parquet(file, footer_sha256(file)).iter_batches(columns=["number"])
        assert pa.Table.from_batches(found).equals(numbers)
        assert file.largest <= 5 * MEGABYTE


def test_damage_to_a_large_table_is_found(tmp_path):
    path = tmp_path / "numbers.parquet"
    numbers = pa.table({"number": np.arange(9 * 10**6)})
    pq.write_table(
        numbers, path, compression="none", use_dictionary=False, write_page_checksum=True
    )
    with path.open("r+b") as file:
        file.seek(40 * MEGABYTE)
        file.write(b"\xff\xfe")
    with path.open("rb") as file, pytest.raises(OSError, match=r"CRC|checksum"):
        list(open_parquet(file, footer_sha256(file)).iter_batches(columns=["number"]))


def test_only_columns_whose_values_repeat_have_a_dictionary_and_hashes_are_not_compressed(tmp_path):
    rows = {
        "doc_id": (pa.binary(16), bytes(16)),
        "values": (pa.binary(), b"same"),
        "url": (pa.string(), "same"),
        "text": (pa.large_string(), "same"),
        "size": (pa.int32(), 1),
        "links": (pa.list_(pa.string()), ["same"]),
        "spans": (
            pa.list_(pa.struct([("kind", pa.string()), ("at", pa.list_(pa.int32()))])),
            [{"kind": "same", "at": [1]}],
        ),
    }
    columns = {name: pa.array([value] * 90, kind) for name, (kind, value) in rows.items()}
    columns |= {"title": list(map(str, range(90))), "row": pa.array(range(90)), "no": pa.nulls(90)}
    table = pa.table(columns)
    with create_parquet(tmp_path / "rows.parquet", table) as file:
        file.write_table(table)
    read = pq.ParquetFile(tmp_path / "rows.parquet", page_checksum_verification=True)
    assert read.read().equals(table)
    columns = [read.metadata.row_group(0).column(number) for number in range(11)]
    plain = {each.path_in_schema for each in columns if not each.has_dictionary_page}
    assert plain == {"doc_id", "values", "title", "row"}
    large = {each.path_in_schema for each in columns if each.compression == "UNCOMPRESSED"}
    assert large == {"doc_id", "values"}
    assert {each.compression for each in columns} == {"ZSTD", "UNCOMPRESSED"}


def test_a_table_without_rows_is_a_file_with_its_columns(tmp_path):
    none = pa.table({"doc_id": pa.array([], pa.binary(16)), "text": pa.array([], pa.string())})
    create_parquet(tmp_path / "rows.parquet", none).close()
    assert pq.read_table(tmp_path / "rows.parquet").equals(none)
