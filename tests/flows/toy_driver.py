"""`refresh_and_train` as a deployment runs it, with jobs that train nothing: RECIPE WINDOW.

The server is the one that PREFECT_API_URL names.
"""

import os
import sys

from flows.corpus import corpus
from flows.door.forms import RefreshAndTrainForm
from flows.door.served import RECIPES_VARIABLE
from flows.session import FLOWS
from tests.flows.toy_job import ToyJob


def toy_model(recipe, make):
    """The whole way, with jobs that train nothing."""
    text, signatures = corpus(recipe, make)
    validation = make(recipe.validation, corpus=text, signatures=signatures)
    tokenizer = make(recipe.tokenizer, corpus=text)
    tokens = make(recipe.train_tokens(), corpus=text, tokenizer=tokenizer)
    make(recipe.validation_tokens(), validation=validation, tokenizer=tokenizer)
    make(ToyJob(kind="model"), tokens=tokens)
    make(ToyJob(kind="scores"), tokens=tokens)


def main(recipe, *windows):
    """Run it for some windows, one after the other."""
    os.environ[RECIPES_VARIABLE] = recipe
    FLOWS["model"] = toy_model
    from flows.door.deployed import refresh_and_train  # imports Prefect, which reads its settings

    for window in windows:
        asked = {"requested_by": "ann", "reason": "to see what is told"}
        refresh_and_train(RefreshAndTrainForm(recipe="tiny", window=window, **asked))


if __name__ == "__main__":
    main(*sys.argv[1:])
