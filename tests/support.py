"""What tests share: running a stage through the real store, a process begun as in a terminal."""

import signal

from pipeline.run.choose import Wishes
from pipeline.run.executors import InProcess
from pipeline.run.made import Made
from pipeline.run.runner import Runner
from schemas.runtime import Runtime


class Silent:
    """A listener that says nothing."""

    def started(self, stage, units, reused):
        pass

    def advanced(self, stage, done, of):
        pass

    def finished(self, stage, manifest, *, reused):
        pass


def runner(store, *, listener=None, executor=None, runtime=None, **wishes):
    """A runner in this process, of the recipe `test` unless `recipe` says otherwise."""
    wishes = Wishes(**{"recipe": "test"} | wishes)
    runtime = runtime or Runtime(store=store.uri, runner="process")
    return Runner(store, runtime, wishes, executor or InProcess(), listener or Silent())


def made(stage, store, *, runtime=None, refresh=False, window=None, **inputs):
    """The manifest of `stage`, made through the real store of the manifests given by role."""
    wishes = {"refresh": refresh} | ({"window": window} if window else {})
    make = runner(store, runtime=runtime, **wishes)
    given = {role: Made(manifest.stage, manifest) for role, manifest in inputs.items()}
    return make(stage, **given).manifest


def heed_ctrl_c():
    """As in a terminal; a shell that starts us in the background would have it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
