"""A process that starts a sandbox, lets it hang, and says who is who; a test kills it."""

import sys

from pipeline.extract import child
from pipeline.extract.extractor import Extractor
from pipeline.extract.limits import Limits
from pipeline.extract.request import Request
from pipeline.extract.sandbox import Sandbox


class Told(child.Child):
    """Says its number."""

    def send(self, message):
        sys.stdout.write(f"{self.pid}\n")
        sys.stdout.flush()
        super().send(message)


if __name__ == "__main__":
    import pipeline.extract.sandbox as sandbox

    sandbox.Child = Told
    awkward = Extractor.parse("tests.pipeline.extract.blocks.awkward")
    with Sandbox(awkward, Limits(seconds=600), mend=True) as one:
        for _ in one.read([Request(text, "", is_html=True) for text in sys.argv[1:]]):
            pass
