"""What a person sees of a run in Prefect's pages, in a real browser."""

import pytest

from flows.results.figures import Point, Training
from flows.shown.curve import curve_markdown
from tests.flows.prefect_server import ask

SECONDS = 30_000  # milliseconds: pages load their parts one after another


@pytest.fixture
def page(browser, shown):
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(SECONDS)
    opened.alerts = []
    opened.on("dialog", lambda dialog: (opened.alerts.append(dialog.message), dialog.dismiss()))
    yield opened
    opened.close()


def goto(page, shown, path):
    page.goto(f"{shown.api.removesuffix('/api')}/v2/{path}", wait_until="domcontentloaded")


def test_the_run_lists_its_artifacts(page, shown):
    goto(page, shown, f"runs/flow-run/{shown.runs[1]['id']}?tab=Artifacts")
    for what in shown.artifacts(1):
        page.get_by_text(f"web-little-{what}", exact=False).first.wait_for()


def test_the_lineage_graph_is_drawn(page, shown):
    goto(page, shown, f"artifacts/artifact/{shown.artifacts(1)['lineage']['id']}")
    graph = page.locator("[data-testid=markdown-display] svg[id^=mermaid]")
    graph.wait_for()
    assert graph.locator(".node").count() == 9
    assert "29 documents" in graph.text_content()


def test_hostile_pages_are_words_on_the_page(page, shown):
    goto(page, shown, f"artifacts/artifact/{shown.artifacts(0)['examples']['id']}")
    seen = page.locator("[data-testid=markdown-display]")
    seen.get_by_text("<img src=x onerror=alert(1)>").first.wait_for()
    seen.get_by_text("[click](javascript:alert(1))").first.wait_for()
    assert seen.locator("a, img, script").count() == 0
    assert page.alerts == []


def test_the_loss_curve_is_a_picture_that_loads(page, shown):
    points = tuple(Point(step=10 * n, loss=5 - n / 4) for n in range(1, 12))
    text = curve_markdown(Training(curve=points, tokens=8000, tokens_per_second=900.0))
    body = {"type": "markdown", "key": "web-little-curve", "data": text}
    _, made = ask(shown.api, "artifacts/", body)
    goto(page, shown, f"artifacts/artifact/{made['id']}")
    picture = page.locator("[data-testid=markdown-display] img")
    picture.wait_for()
    page.wait_for_function("document.querySelector('[data-testid=markdown-display] img').complete")
    assert picture.evaluate("picture => picture.naturalWidth") == 640
