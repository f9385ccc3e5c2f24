"""What may be told of an error outside this machine: its sentence, without secrets."""

from __future__ import annotations

import os
import re

from flows.terminal.plain_text import plain
from pipeline.errors import PipelineError
from pipeline.versions.errors import VersionError

MOST = 2000  # characters
_USER = re.compile(r"(?<=://)[^/\s@]+@")  # of a URL
_NAMES = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|AUTH", re.IGNORECASE)
_FEWEST = 8  # characters of a value that is taken for a secret


def safe_words(error: BaseException) -> str:
    """The sentence of an error of ours; of another one only what it is: it may quote a page.

    Values of environment variables that are named like secrets give way, user names in URLs, and
    whatever `signals.private_data` knows.
    """
    if not isinstance(error, PipelineError | VersionError):
        return type(error).__name__
    from flows.private_text import redacted  # loads the detectors, where something has failed

    text = _USER.sub("", str(error))
    for name, value in os.environ.items():
        if _NAMES.search(name) and len(value) >= _FEWEST:
            text = text.replace(value, "<SECRET>")
    return plain(redacted(text.encode("utf-8", "replace").decode()), MOST)
