"""A run on two workers that never ends by itself: `ended_driver STORE pool|ray`."""

import sys
from argparse import Namespace

from flows.cli import _guarded
from flows.session import executor
from pipeline.run.choose import Wishes
from pipeline.run.runner import Runner
from pipeline.store import Store
from schemas.runtime import Runtime
from tests.pipeline.killing_toys import Endless
from tests.pipeline.toy import Source
from tests.support import Silent


def run(given):
    store = Store.at(given.store)
    runtime = Runtime(store=store.uri, runner=given.runner, workers=2)
    with executor(runtime) as units:
        make = Runner(store, runtime, Wishes(recipe="test"), units, Silent())
        make(Endless(), words=make(Source()))
    return 0


if __name__ == "__main__":
    sys.exit(_guarded(Namespace(run=run, store=sys.argv[1], runner=sys.argv[2])))
