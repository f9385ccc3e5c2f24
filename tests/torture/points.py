"""The points of a run's way at which it is ended: drawn, and in order."""

from typing import NamedTuple

from tests.torture.watched import made, trained

STAGES = (
    "pages",
    "documents",
    "signals.language",
    "signals.words",
    "signals.private_data",
    "verdicts",
    "signatures",
    "clusters",
    "corpus",
    "validation",
    "tokenizer",
    "tokens",
    "tokens.validation",
    "model",
    "scores",
)
STEPS = (1, 40, 90, 140)  # of the training, which a stop has to find under way
MOST_SECONDS = 8.0


class Point(NamedTuple):
    """So many versions are there, so many steps are trained, and then some seconds."""

    versions: int
    steps: int
    seconds: float

    def __str__(self):
        what = f"step {self.steps}" if self.steps else "begun"
        return f"{STAGES[self.versions]} {what} + {self.seconds:.1f} s"


def points(count, chance):
    """So many points, each with its own seconds; a long list takes some of them twice."""
    model = STAGES.index("model")
    whole = [(versions, 0) for versions in range(len(STAGES))] + [(model, step) for step in STEPS]
    drawn = sorted(chance.choices(whole, k=count))
    return [Point(*each, chance.uniform(0, MOST_SECONDS * (not each[1]))) for each in drawn]


def at(point, store):
    """Whether a run has come to a point."""
    there = len(made(store))
    beyond = there > point.versions
    return beyond or (there == point.versions and trained(store) >= point.steps)
