"""Arrow does not load pandas for lists, and has it where somebody asks for a table of pandas'."""

import json
import subprocess
import sys

from pipeline.run.keys import CHECKOUT

LISTS = """
import json, sys
from pipeline.without_pandas import use_arrow_without_pandas
use_arrow_without_pandas()
import pyarrow as pa, pyarrow.compute as pc
table = pa.table({"a": pa.array([1, None, 3]), "b": ["x", "y", "z"]})
said = [pc.is_in(table["a"], pa.array([3])).to_pylist(), "pandas" in sys.modules]
try:
    frame = table.to_pandas()
    said += [list(frame["b"]), pa.Table.from_pandas(frame).num_rows]
    said += [pa.array(frame["a"]).null_count]
except ModuleNotFoundError as error:
    said += [error.name]
print(json.dumps(said))
"""


def test_lists_become_arrays_without_pandas_and_tables_become_frames_with_it():
    ran = subprocess.run(
        [sys.executable, "-c", LISTS], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    found, loaded, *frames = json.loads(ran.stdout)
    assert (found, loaded) == ([False, False, True], False)
    assert frames in ([["x", "y", "z"], 3, 1], ["pandas"])
