"""What files and names of strangers bring along neither runs nor leads out of its place."""

import ast
import json
import os
import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from flows.naming import name_of
from flows.recipe import parse_recipe
from flows.version_files import copy_out, safe
from pipeline.crawl.delta import safe_name
from pipeline.crawl.errors import BadSourceFile
from pipeline.crawl.parquet_rows import Row, rows_of
from pipeline.errors import BadRecipe, PipelineError
from pipeline.stage import Stage, Unit
from pipeline.storage.references import References
from pipeline.store import Store
from ray_jobs.checkpoint import MANIFEST, WEIGHTS, Checkpoints
from tests.support import made

ROOT = Path(__file__).parents[1]
NAMES = [
    *("../evil", "..", ".", "/etc/evil", "a/../../evil", "a\0b", "CON", "x" * 300, "\u202egpj", ""),
    *("..\\evil", "a b", "-rf", "~/evil", "$(touch evil)", "a\nb", "file:///etc/passwd", "%2e%2e/"),
]
BANNED = {"pickle", "cloudpickle", "dill", "marshal", "shelve", "joblib", "yaml"}
BANNED_CALLS = {"eval", "exec", "torch.load", "torch.package", "numpy.load", "np.load"}


class Canary:
    """What would make a file if anybody unpickled it."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mknod, (self.path,)


@pytest.fixture
def canary(tmp_path):
    path = tmp_path / "canary"
    pickle.loads(pickle.dumps(Canary(path)))  # it works
    path.unlink()
    yield path
    assert not path.exists()


def test_no_code_of_ours_loads_what_can_run():
    for package in ("schemas", "pipeline", "ray_jobs", "flows"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                where = f"{path}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = {alias.name.partition(".")[0] for alias in node.names}
                    names |= {(getattr(node, "module", None) or "").partition(".")[0]}
                    assert not names & BANNED, where
                if isinstance(node, ast.Call):
                    assert ast.unparse(node.func) not in BANNED_CALLS, where
                if isinstance(node, ast.keyword):
                    assert node.arg not in ("trust_remote_code", "allow_pickle"), where


@pytest.mark.parametrize("name", ["arrow.py_extension_type", "ray.data.arrow_tensor_v2"])
def test_what_the_metadata_of_parquet_brings_is_not_loaded(tmp_path, canary, monkeypatch, name):
    monkeypatch.setenv("RAY_DATA_AUTOLOAD_CLOUDPICKLE_TENSOR_METADATA", "1")
    import ray.data  # noqa: F401 (with its types known here, the reader still does not know them)

    evil = pickle.dumps(Canary(canary))
    marks = {b"ARROW:extension:name": name.encode(), b"ARROW:extension:metadata": evil}
    fields = [
        pa.field("text", pa.string()),
        pa.field("evil", pa.list_(pa.int64()), metadata=marks),
        pa.field("also", pa.string(), metadata=marks),
    ]
    pandas = {b"pandas": b'{"columns": [{"metadata": "' + evil.hex().encode() + b'"}]}'}
    table = pa.table([["a"], [[1]], ["b"]], schema=pa.schema(fields, metadata=pandas))
    pq.write_table(table, tmp_path / "a.parquet")
    rows = list(rows_of(tmp_path / "a.parquet", ("text",), most_bytes=100))
    assert rows == [Row(0, {"text": "a"}, 1)]
    with pytest.raises(BadSourceFile):
        list(rows_of(tmp_path / "a.parquet", ("evil",), most_bytes=100))


def test_a_checkpoint_that_is_a_pickle_is_not_loaded(tmp_path, canary):
    network = torch.nn.Linear(2, 2)
    checkpoints = Checkpoints(tmp_path / "run", "mine")
    checkpoints.save(network, [], step=1, tokens=1)
    folder = checkpoints.latest()
    evil = pickle.dumps(Canary(canary))
    (folder / "weights.pt").write_bytes(evil)
    (folder / "optimizers.pkl").write_bytes(evil)
    assert checkpoints.restore(network, []) == (1, 1)
    (folder / WEIGHTS).write_bytes(evil)  # another hash: it is passed over
    assert checkpoints.restore(network, []) == (0, 0)
    import hashlib

    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][WEIGHTS] = hashlib.sha256(evil).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(Exception, match=r"(?i)header"):  # safetensors' own error
        checkpoints.restore(network, [])


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_not_called_after_a_place(name):
    source = {"kind": "jsonl_files", "paths": ["a"]}
    with pytest.raises(BadRecipe, match="name"):
        parse_recipe({"name": name, "pages": {"source": source}}, "here")


@given(st.one_of(st.text(max_size=50), st.sampled_from(NAMES)))
def test_names_of_files_stay_in_their_folder(name):
    for made_of in (safe(name), safe_name(name)):
        place = os.path.normpath(os.path.join("/folder", f"{made_of}x"))  # noqa: PTH118
        assert os.path.dirname(place) == "/folder"  # noqa: PTH120
        assert "\0" not in made_of


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["{}", "corpus/{}@latest", "{}/web@latest", "corpus/web@{}"])
def test_a_reference_leads_nowhere_else(tmp_path, name, form):
    store = Store.at(tmp_path / "store")
    before = sorted(tmp_path.rglob("*"))
    text = form.format(name)
    with pytest.raises((PipelineError, OSError, ValueError)):
        References(store).resolve(text)
    if not name.isalnum():
        with pytest.raises(BadRecipe):
            name_of(text if "@" in text else f"{text}@")
    assert sorted(tmp_path.rglob("*")) == before


class Named(Stage):
    """A stage whose files have names that strangers chose."""

    def name(self):
        return "named"

    def reads(self):
        return {}

    def tables(self):
        return {}

    def units(self, inputs):
        return [Unit(shards=("one",))]

    def make(self, work):
        for number, name in enumerate(
            each for each in NAMES if "\0" not in each and len(each) < 99
        ):
            work.add_file(name or "none", b"%d" % number)


def test_an_export_stays_in_its_folder(tmp_path):
    store = Store.at(tmp_path / "deep" / "store")
    manifest = made(Named(), store)
    (tmp_path / "out").mkdir()
    folder = tmp_path / "out" / "folder"
    copy_out(store, manifest, folder, lambda name, size: None)
    assert {path.name for path in tmp_path.iterdir()} == {"deep", "out"}
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {"store"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"folder"}
    assert all(path.is_file() for path in folder.iterdir())
