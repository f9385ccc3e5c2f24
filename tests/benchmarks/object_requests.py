"""How many requests a run asks of an object store: `python -m tests.benchmarks.object_requests`.

The small site of tests/flows/small.py goes to packed tokens, through a proxy that counts.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from infra.demo_site.serve import DemoSite
from pipeline.storage.nearby import VARIABLE
from tests.fault_proxy import FaultProxy
from tests.flows.small import run, small_recipe, small_site
from tests.object_store import CREDENTIALS, new_bucket, s3_server


def main():
    with tempfile.TemporaryDirectory() as temporary, s3_server() as endpoint:
        folder, counted = Path(temporary), Counter()
        small_site(folder / "site")

        def count(request):
            kind = "LIST" if "list-type" in request.path else request.method
            counted[kind] += 1
            counted["of shards"] += "/shards/" in request.path and kind != "LIST"

        with DemoSite(folder / "site") as site, FaultProxy(endpoint, count) as proxy:
            os.environ |= {**CREDENTIALS, "AWS_ENDPOINT_URL": proxy.endpoint}
            os.environ[VARIABLE] = str(folder / "scratch")
            place = new_bucket(endpoint)
            for what in ("first run", "nothing to make"):
                counted.clear()
                began = time.monotonic()
                made = run(small_recipe(site.url), place)
                shards = sum(stage.shards for stage in made.stages.values())
                told = {"run": what, "stages": len(made.stages), "shards": shards}
                told |= {"seconds": round(time.monotonic() - began, 1)}
                every = sum(counted.values()) - counted["of shards"]
                told |= {"requests": every, **counted}
                sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
