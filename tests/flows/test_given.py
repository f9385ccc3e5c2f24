"""What is told of a training is of the corpus that it was given, whatever is pinned from before."""

from flows.recipe import read_recipe
from flows.results.gather import gather
from flows.results.words import effect
from flows.session import Asked, Session
from pipeline.lineage.ancestry import of_refs
from pipeline.store import Store
from tests.support import Silent
from tests.tiny_corpus import copied, two_windows


def test_a_training_shows_the_corpus_that_it_was_given(tmp_path):
    folder = copied(tmp_path)
    _, first, second = two_windows()
    given = second.ref("corpus")
    recipe = read_recipe(folder / "tiny.toml")
    asked = Asked(given=given, to="tokens,tokens.validation", requested_by="ann")
    session = Session(recipe, asked, recipe.runtime)
    runner = session.run_flow("model", Silent())
    refs = [stage.ref for stage in runner.stages.values()]
    pinned = Store.at(recipe.runtime.store).open(runner.ref("validation"))
    assert pinned.inputs["corpus"] == first.ref("corpus") != given
    versions = of_refs(session.store, refs).versions
    assert versions["corpus"].ref == given
    assert versions["pages"].ref == second.ref("pages")
    figures = gather(session, runner.stages, "")
    assert figures.stations.corpus == versions["corpus"].rows["corpus"]
    assert effect(figures).startswith(f"{figures.stations.pages} pages became ")
