"""What a store says of the runs in it, from outside."""

import json

from pipeline.storage.verify import verify
from pipeline.store import Store

COMPARED = ("documents", "verdicts", "clusters", "corpus", "tokenizer", "tokens", "model", "scores")


def made(store):
    """The versions that are finished."""
    return {path.relative_to(store) for path in store.glob("versions/*/*.json")}


def trained(store):
    """The last step that a training job has written down."""
    steps = [0]
    for path in store.glob("attempts/jobs/model-*/metrics.jsonl"):
        lines = [line for line in path.read_text().splitlines() if line.endswith("}")]
        steps += [json.loads(line)["step"] for line in lines]
    return max(steps)


def checkpoint(store):
    """The step from which a training would go on."""
    found = store.glob("attempts/jobs/model-*/checkpoints/step-*/manifest.json")
    return max((int(path.parent.name[5:]) for path in found), default=0)


def whole_versions(place):
    """How many versions can be seen; each of them is read to its last byte."""
    if not (place / "store.json").exists():
        return 0
    report = verify(Store.at(place, create=False))
    assert not report.damages, f"half-visible: {[str(each) for each in report.damages]}"
    return report.versions


def digests(place, stages=COMPARED):
    """Stage -> the digests of its only version."""
    store = Store.at(place, create=False)
    found = {}
    for stage in stages:
        versions = list(store.manifests(stage))
        assert len(versions) == 1, f"{len(versions)} versions of {stage}"
        (manifest,) = versions
        digests = manifest.digests
        found[stage] = {name: digests[name] for name in digests if name != "file metrics.jsonl"}
    return found


def differing(reference, found):
    """The stages whose digests are others, or are not there."""
    return [stage for stage in reference if reference[stage] != found.get(stage)]


def say(told):
    """A line of what was seen."""
    print(json.dumps(told), flush=True)
