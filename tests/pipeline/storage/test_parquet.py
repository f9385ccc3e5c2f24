"""A large table is read piece by piece: what is held does not grow with it."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.storage.parquet import footer_sha256, open_parquet

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
