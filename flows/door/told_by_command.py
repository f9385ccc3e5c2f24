"""The command line tells a Prefect server of a promoted corpus, as a deployed run does.

Only a server that PREFECT_API_URL names is told: without one, Prefect is not even imported. The
store is the truth, so a server that is away fails no promotion; it is said, with what to do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from flows.door.corpus_events import CorpusEvent, corpus_event
from flows.session import Session
from pipeline.run.gates import GATED
from pipeline.storage.references import LATEST, References
from pipeline.store import Store
from schemas.artifact import ArtifactRef

API_VARIABLE = "PREFECT_API_URL"
TRIES = 3
ANSWER_SECONDS = 5.0


def tell_promoted(store: Store, recipe: str, name: str, ref: ArtifactRef) -> None:
    """Tell the server that a moving name of a recipe's corpus points to a version now."""
    if _named() and ref.stage == GATED:
        _tell(corpus_event(store, recipe, ref, name=name))


@contextmanager
def telling_of_latest(session: Session) -> Iterator[None]:
    """Tell the server where `@latest` of a session's corpus went meanwhile, if it was moved."""
    store, recipe = session.store, session.recipe.name
    log = References(store).tag(GATED, recipe, LATEST)
    before = log.newest() if _named() else None
    yield
    after = log.newest() if _named() else None
    if after and after != before:
        tell_promoted(store, recipe, LATEST, after[1].ref)


def _named() -> str:
    return os.environ.get(API_VARIABLE, "").strip()


def _tell(told: CorpusEvent) -> None:
    problem = _problem_with(told)
    if not problem:
        return
    recipe, name = told.payload["recipe"], told.payload["name"]
    parts = urlsplit(_named())
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    print(
        f"The Prefect server at {place} was not told of it ({problem}), so nothing has started by "
        f"it. Once it answers, `penstock promote corpus/{recipe}@{told.version} "
        f"corpus/{recipe}@{name} --why ...` tells it.",
        file=sys.stderr,
    )


def _problem_with(told: CorpusEvent) -> str:
    """Send an event and wait for the answer; why it did not come, or "" where it did."""
    from flows import prefect_flows  # noqa: F401  # first: it sets what Prefect reads

    # isort: split
    import httpx
    from prefect.client.orchestration import get_client
    from prefect.events import Event
    from prefect.exceptions import PrefectException
    from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
    from prefect.types._datetime import now

    event = Event(
        occurred=now("UTC"), event=told.event, resource=told.resource, payload=told.payload
    )
    body = [event.model_dump(mode="json")]
    try:
        with (
            temporary_settings({PREFECT_CLIENT_MAX_RETRIES: TRIES - 1}),
            get_client(sync_client=True, httpx_settings={"timeout": ANSWER_SECONDS}) as client,
        ):
            client.request("POST", "/events", json=body)
    except (httpx.HTTPError, httpx.InvalidURL, PrefectException, OSError, ValueError) as error:
        return next(iter(str(error).splitlines()), "") or type(error).__name__
    return ""
