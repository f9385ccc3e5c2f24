"""The forms in Prefect's page, in a real browser: in which order they ask, and what they refuse."""

import pytest

SECONDS = 60_000  # milliseconds: pages load their parts one after another
ASKED = {
    "train": "Recipe Corpus Model Steps Tokens Workers GPUs Seed Requested Reason Dry",
    "refresh": "Recipe Window Requested Reason Dry",
    "evaluate": "Recipe Model GPUs Requested Reason Dry",
    "refresh_and_train": "Recipe Window Model Steps Tokens Workers GPUs Seed Requested Reason Dry",
}


@pytest.fixture
def form(browser, served):
    """Open the form of a flow; gives the page."""
    opened = browser.new_page(viewport={"width": 1280, "height": 1400})
    opened.set_default_timeout(SECONDS)

    def open_form(flow):
        deployment = served.deployment(flow)["id"]
        address = f"{served.api.removesuffix('/api')}/v2/deployments/deployment/{deployment}/run"
        opened.goto(address, wait_until="domcontentloaded")
        opened.get_by_text("Dry run").first.wait_for()
        return opened

    yield open_form
    opened.close()


@pytest.mark.parametrize("flow", ASKED)
def test_a_form_asks_what_of_what_and_how_before_who_and_why(form, flow):
    lines = form(flow).locator("main").inner_text().splitlines()
    titles = [line.split()[0] for line in lines if line.split()]
    wanted = ASKED[flow].split()
    begun = titles[titles.index("order") :]
    assert [title for title in begun if title in wanted][: len(wanted)] == wanted


def test_a_value_that_cannot_be_is_refused_beside_its_field(form):
    page = form("train")
    page.get_by_label("Requested by").fill("ann")
    page.get_by_label("Reason").fill("to see that it is refused")
    page.get_by_label("Corpus").fill("latestt")
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("'latestt' does not match").first.wait_for()
    page.get_by_label("Corpus").fill("latest")
    page.get_by_label("Steps").fill("-4")
    page.get_by_role("button", name="Submit").click()
    refused = page.get_by_label("Steps").evaluate("field => field.validationMessage")
    assert "greater than or equal to 0" in refused
    assert page.url.endswith("/run")
