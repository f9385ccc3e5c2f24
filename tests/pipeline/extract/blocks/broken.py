"""An extractor that works in one process and cannot even be loaded in another."""

import os

from pipeline.extract.extractor import Extracted, Extractor

WHERE = "TESTS_LOADED_IN"
if os.environ.setdefault(WHERE, str(os.getpid())) != str(os.getpid()):
    raise ImportError("not in this process")


class Broken(Extractor):
    """Gives the page back."""

    def extract(self, html: str, url: str) -> Extracted:
        return Extracted(html, None, None)
