"""Prints keys and digests of fixed values as JSON; every Python must print the same."""

import hashlib
import json
import math
import sys
from pathlib import Path
from typing import Any

from pipeline.versions.canonical import canonical_json, encode_row
from pipeline.versions.digest import (
    OrderedDigest,
    RowSum,
    combine_ordered,
    sum_digests,
)
from pipeline.versions.fingerprint import fingerprint
from pipeline.versions.key import KeyParts

CONFIG = {
    "languages": ("en", "zh", "日本語", "e\u0301", '\u007f\u0001"\\/'),
    "floats": [1.0, -0.0, 0.1, 1e16, 5e-324, 1.7976931348623157e308, 1 / 3, 6e-4],
    "ints": [0, -1, 2**63, -(10**30)],
    "nested": {"b": None, "a": True, "Z": {}, "": []},
}
ROWS = [
    (None, True, False, 0, 1, -1, 255, 256, -(2**70)),
    (1.0, -0.0, math.nan, math.inf, 1e-320, "", "é日\U0001f600", b"\x00\xff"),
    ([], (), ["a", ["b", None]], {"b": 1, "a": [2.5]}, "1", b"1"),
]


def golden() -> dict[str, Any]:
    """What golden.json holds."""
    rows = [encode_row(row) for row in ROWS]
    ordered = OrderedDigest()
    ordered.add_many(rows)
    shards = [RowSum.of([row]).hexdigest() for row in rows]
    code = fingerprint(
        ["golden_package:Rule"], {"golden_package": Path(__file__).parent / "golden_package"}
    )
    parts = KeyParts(
        format=1,
        stage="verdicts",
        config={**CONFIG, "nested": {"b": None, "Z": {}, "": []}},
        inputs={"signals.words": {"words": shards[0]}},
        assets={"lid.176.ftz": shards[1]},
        code=code.definitions,
        packages={"numpy": "2.4.0", "unicodedata": "14.0.0"},
        extra={"window": "2026-11-21"},
    )
    return {
        "json": canonical_json(CONFIG).decode(),
        "rows": [hashlib.sha256(row).hexdigest() for row in rows],
        "sum": RowSum.of(rows).hexdigest(),
        "sum of shards": sum_digests(shards),
        "ordered": ordered.hexdigest(),
        "combined": combine_ordered([("a", shards[0]), ("b", shards[1])]),
        "definitions": code.definitions,
        "packages": code.packages,
        "tables": code.tables,
        "key": parts.key(),
    }


if __name__ == "__main__":
    json.dump(golden(), sys.stdout, indent=2)
