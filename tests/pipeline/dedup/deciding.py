"""Records as `clusters` is given them, from tables that hold all that is known of them."""

import numpy as np

from pipeline.dedup.bands import band_keys
from pipeline.dedup.records import Compared, Records


def clusters_of(stage, signing, table, signatures, tombstones, texts):
    """The rows of `clusters` for records whose signatures, of those that have one, are given.

    `signing` is the stage that signed them; `texts` reads the texts of some records.
    """
    live = table["text_sha256"].is_valid().to_numpy()
    signed = np.cumsum(live) - 1
    told = table.select(["doc_id", "url", "window"])

    def compare(wanted):
        assert len(wanted)
        return Compared(table.take(wanted), signatures[signed[wanted]])

    keys = np.ascontiguousarray(band_keys(signatures, signing.rows).T)
    records = Records(told, live, keys, {"0": len(table)})
    return stage.decide(records, tombstones, compare, texts)
