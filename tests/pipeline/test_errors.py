"""What becomes of an error on its way out of a worker."""

import importlib
import pickle
import pkgutil

import pytest

import pipeline
import ray_jobs
from pipeline.errors import DamagedFile, PipelineError

for package in (pipeline, ray_jobs):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)


def kinds(of):
    for each in of.__subclasses__():
        yield each
        yield from kinds(each)


def through_a_process(error):
    return pickle.loads(pickle.dumps(error))


@pytest.mark.parametrize("kind", sorted({*kinds(PipelineError)}, key=lambda each: each.__name__))
def test_every_error_leaves_a_worker_with_its_sentence(kind):
    error = kind.__new__(kind)
    error.args = ("The sentence.\nWhat to do.",)
    error.where = "shard 3"
    there = through_a_process(error)
    assert type(there) is kind
    assert (str(there), there.where) == ("The sentence.\nWhat to do.", "shard 3")


def test_an_error_is_not_made_a_second_time():
    error = DamagedFile("shards/1", stage="corpus", problem="half of it is missing")
    assert str(through_a_process(error)) == str(error)
