"""Which question of the page is answered by what: the addresses below /api."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flows.explore import clusters, difference, documents, signals, version, versions
from flows.explore.errors import BadQuestion
from flows.explore.subject import Looked

_DIGITS = 9  # of a row's number


class Words(dict[str, str]):
    """What stands behind the question mark of an address."""

    def text(self, name: str) -> str:
        """A word, "" where it is not given."""
        return self.get(name, "")

    def number(self, name: str, default: int) -> int:
        """A number from 0.

        Raises:
            BadQuestion: it is none.
        """
        given = self.get(name)
        if given is None:
            return default
        if not given.isascii() or not given.isdigit() or len(given) > _DIGITS:
            raise BadQuestion(name, given, known="a number from 0")
        return int(given)


def answer(looked: Looked, path: str, asked: Words) -> Any:
    """The answer to a question, as JSON has it.

    Raises:
        PipelineError: it cannot be answered; the sentence says why.
    """
    if path in _INDEXED:
        with looked.turn:
            return ANSWERS[path](looked, asked)
    return ANSWERS[path](looked, asked)


Answer = Callable[[Looked, Words], Any]


def _rows(looked: Looked, asked: Words) -> Any:
    return versions.rows(
        looked,
        kind=asked.text("kind") or "runs",
        recipe=asked.text("recipe"),
        words=asked.text("words"),
        start=asked.number("start", 0),
        count=asked.number("count", 100),
    )


def _shards(looked: Looked, asked: Words) -> Any:
    start, count = asked.number("start", 0), asked.number("count", 100)
    return version.shards(looked, asked.text("of"), start=start, count=count)


def _difference(looked: Looked, asked: Words) -> Any:
    return difference.asked(looked, asked.text("before"), asked.text("of"))


def _changes(looked: Looked, asked: Words) -> Any:
    return difference.documents(looked, asked.text("before"), asked.text("of"))


def _story(looked: Looked, asked: Words) -> Any:
    return documents.story(looked, asked.text("of"), asked.text("doc"), asked.text("shard"))


def _histogram(looked: Looked, asked: Words) -> Any:
    names = (asked.text(name) for name in ("of", "signal", "language"))
    return signals.histogram(looked, *names)


ANSWERS: Mapping[str, Answer] = {
    "/api/overview": lambda looked, _: versions.overview(looked),
    "/api/rows": _rows,
    "/api/graph": lambda looked, asked: versions.graph(looked, asked.text("of")),
    "/api/version": lambda looked, asked: version.version(looked, asked.text("of")),
    "/api/shards": _shards,
    "/api/others": lambda looked, asked: difference.others(looked, asked.text("of")),
    "/api/difference": _difference,
    "/api/changes": _changes,
    "/api/documents": lambda looked, asked: documents.found(
        looked, asked.text("of"), asked.text("words")
    ),
    "/api/story": _story,
    "/api/signals": lambda looked, asked: signals.signals(looked, asked.text("of")),
    "/api/histogram": _histogram,
    "/api/clusters": lambda looked, asked: clusters.clusters(looked, asked.text("of")),
    "/api/cluster": lambda looked, asked: clusters.members(
        looked, asked.text("of"), asked.text("cluster")
    ),
}
_INDEXED = frozenset({"/api/documents", "/api/story", "/api/clusters", "/api/cluster"})
