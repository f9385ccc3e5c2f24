"""A little corpus with hostile and private pages, run as a flow at a server.

As a program, `little.py FOLDER API two|cut`, so that Prefect ends with it: two windows of it, or
one of which the way to the server is cut in the middle.
"""

import json
import os
import sys
from pathlib import Path

from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from flows.prefect_flows import corpus_flow, finished, watching
from flows.recipe import parse_recipe
from flows.session import Asked, Session
from schemas.runtime import Runtime
from tests.flows.shown.wire import Wire
from tests.support import Silent
from tests.tiny_corpus import prose

HOSTILE = {
    "url": "https://evil.example/<script>?a=`b`|c",
    "title": "[click](javascript:alert(1)) <img src=x onerror=alert(1)> **b** | c",
    "text": "This page is a short one, and it says in English what it has to say. "
    "<script>alert(1)</script> ```mermaid Write to ann.smith@web.de about it.",
}


def page(n, text=None):
    """One of many that are kept."""
    return {"url": f"https://pages.example/{n}", "title": f"Page {n}", "text": text or prose(n)}


PAGES = [*map(page, range(30)), HOSTILE]
FEW = [page(n, f"Only few words stand here, {n}.") for n in range(100, 120)]
LATER = [PAGES[0] | {"text": PAGES[0]["text"] + " And more."}, *PAGES[2:], *FEW]


class Little:
    """A recipe, its pages and its store in a folder; `run` runs its flow."""

    def __init__(self, folder: Path, api: str, name: str = "web_little"):
        self.folder, self.api, self.name = folder, api, name
        self.runtime = Runtime(store=str(folder / "store"), runner="process", workers=1)

    def recipe(self):
        content = {
            "name": self.name,
            "description": "A little <b>web</b>",
            "pages": {
                "source": {
                    "kind": "jsonl_files",
                    "paths": [f"{self.folder}/pages.jsonl"],
                    "columns": {"url": "url", "title": "title"},
                }
            },
            "signals": {"families": ["language", "words", "private_data"]},
            "verdicts": {"rules": ["empty_text", {"kind": "word_count", "fewest": 50}]},
            "corpus": {"split": {"group": "document"}},
        }
        return parse_recipe(content, "the little recipe")

    def run(self, pages, window, api=None, retries=5):
        """One flow run over these pages, and its versions past the gates."""
        lines = "\n".join(json.dumps(each) for each in pages)
        (self.folder / "pages.jsonl").write_text(lines, encoding="utf-8")
        asked = Asked(refresh=True, window=window, to="corpus", requested_by="ann")
        order = [self.recipe().model_dump(mode="json", exclude_defaults=True)]
        order += [asked.model_dump(mode="json"), self.runtime.model_dump(mode="json")]
        where = {PREFECT_API_URL: api or self.api, PREFECT_CLIENT_MAX_RETRIES: retries}
        with temporary_settings(where):
            corpus_flow(*order)
        Session(self.recipe(), asked, self.runtime).gate(finished[-1])
        return finished[-1]


class Cutter(Silent):
    """Cuts the way to the server when the verdicts are there."""

    def __init__(self, wire):
        self.wire = wire

    def finished(self, stage, manifest, *, reused):
        if stage == "verdicts":
            self.wire.cut()


def two_windows(little):
    little.run(PAGES, "2026-11-21T00:00:00Z")
    little.run(LATER, "2026-11-22T00:00:00Z")


def cut_off(little):
    wire = Wire(little.api)
    watching.append(Cutter(wire))
    try:
        little.run(PAGES, "2026-11-21T00:00:00Z", api=wire.address, retries=0)
    except Exception as error:  # noqa: BLE001  # however Prefect ends it
        sys.stdout.write(f"ended by {type(error).__name__}")
        sys.stdout.flush()
    os._exit(0)  # Prefect would wait for its server


if __name__ == "__main__":
    folder, api, kind = sys.argv[1:]
    {"two": two_windows, "cut": cut_off}[kind](
        Little(Path(folder), api, "web_little" if kind == "two" else "cut_off")
    )
