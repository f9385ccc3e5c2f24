"""The explorer in a real browser: every view, its keys and deep links, and hostile pages."""

import re
from urllib.parse import urlencode

import pytest

from flows.explore.server import Server
from tests.benchmarks.explorer import made
from tests.flows.explore.hostile import DATA, JAVASCRIPT, LONG, QUOTED, SCRIPT
from tests.flows.seen import CONTRAST
from tests.tiny_corpus import HOSTILE, SITE

OF = "run:tiny/2"
VIEWS = ("versions", "version", "documents", "signals", "clusters")


@pytest.fixture
def page(explored, browser):
    """A page that may say nothing on its console, and ask nobody else."""
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    said, asked = [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))

    tab.explorer = explored.url

    def to(view="", **words):
        tab.goto("about:blank")
        tab.goto(tab.explorer + (f"#/{view}?{urlencode(words)}" if view else ""))
        tab.wait_for_selector("main > *")
        tab.wait_for_selector("[aria-busy]", state="detached")

    tab.to = to
    tab.ours = lambda: tab.wait_for_selector("[aria-busy]", state="detached")
    yield tab
    assert not [text for text in said if "status of 4" not in text]
    assert all(url.startswith((tab.explorer, "data:,", "about:blank")) for url in asked)
    assert tab.evaluate("window.hit") is None
    tab.close()


def doc(explored, words):
    from flows.explore.documents import found

    with explored.looked.turn:
        return found(explored.looked, OF, words)["rows"][0]["doc"]


def version(explored, stage):
    return next(
        f"{one.stage}@{one.key}"
        for one in explored.looked.catalogue().versions
        if one.stage == stage
    )


def test_the_first_view_is_the_graph_of_the_newest_run(page):
    page.to()
    assert page.inner_text("h1") == "tiny, run 2"
    assert page.locator(".node").count() >= 10
    assert page.get_attribute(".node[aria-label^=verdicts]", "aria-label").endswith("2 dropped")
    assert page.locator("[role=option]").count() == 2
    page.select_option("select[aria-label=kind]", "corpus")
    page.wait_for_url(re.compile("kind=corpus"))
    page.locator("[role=option]", has_text="@latest").wait_for()


def test_the_graph_is_walked_with_keys_and_esc_leads_back(page):
    page.to()
    page.keyboard.press("g")
    focused = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(focused).startswith("pages")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused).startswith("documents")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('documents@')")
    page.keyboard.press("Escape")
    page.wait_for_selector("h1:text-is('tiny, run 2')")


def test_a_list_is_walked_with_j_k_and_enter(page):
    page.to()
    page.wait_for_selector(".row.active")  # the row of the run that is open
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:text-is('tiny, run 1')")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:text-is('tiny, run 2')")
    page.go_back()
    page.wait_for_selector("h1:text-is('tiny, run 1')")


def test_digits_lead_to_the_views_and_a_question_mark_to_the_keys(page):
    page.to()
    for number, view in enumerate(VIEWS, 1):
        page.keyboard.press(str(number))
        page.wait_for_selector(f"main.view-{view}")
        page.ours()
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="hidden")
    assert page.locator("main.view-clusters").count() == 1


def test_a_slash_searches_and_the_story_of_a_dropped_page_is_told(page):
    page.to()
    page.keyboard.press("/")
    page.keyboard.type(f"{SITE}20.html")
    page.keyboard.press("Enter")
    page.wait_for_selector(".story .ending")
    assert page.inner_text(".ending").startswith("left at verdicts; dropped by word_count")
    assert page.locator("li.lost h3").inner_text().startswith("verdicts")
    assert page.locator("tr", has_text="word_count").first.inner_text().split()[:2] == [
        "word_count",
        "drop",
    ]


def test_a_duplicate_leads_to_the_one_that_was_kept(page, explored):
    page.to("documents", of=OF, words="47", doc=doc(explored, f"{SITE}22.html"))
    page.click("text=story of the one that was kept")
    page.wait_for_selector(".ending.kept")


def test_a_version_and_its_difference_have_an_address_of_their_own(page, explored):
    of = version(explored, "corpus")
    page.to("version", of=of)
    assert page.inner_text("h1") == of[:19]
    page.select_option("select", index=1)
    page.wait_for_selector("text=1 added, 2 changed, 1 gone")
    assert "column group text came out different" in page.inner_text(".asked")
    page.reload()
    page.wait_for_selector("text=1 added, 2 changed, 1 gone")
    assert page.evaluate(CONTRAST) >= 4.5
    page.click("summary:has-text('Shards')")
    page.wait_for_selector(".shards tbody tr")


def test_a_histogram_shows_the_threshold(page):
    page.to("signals", of=OF, signal="words.words")
    assert "word_count below 30" in page.text_content(".threshold:has-text('word_count')")
    assert page.locator(".histogram .bar").count() > 3
    page.select_option("select[aria-label=language]", "en")
    page.wait_for_url(re.compile("language=en"))
    page.ours()
    assert "in English" in page.inner_text(".head")


def test_clusters_show_their_members(page):
    page.to("clusters", of=OF)
    assert page.locator(".members .kept").count() == 1
    assert page.locator(".members .left-out").count() >= 1


def test_of_a_long_list_only_what_is_in_sight_is_drawn(page, tmp_path):
    store = made(tmp_path / "store", 500)
    with Server(store) as server:
        server.start()
        page.explorer = server.url
        page.to("versions", kind="versions")
        page.wait_for_selector("[role=option]")
        assert page.get_attribute(".list", "data-total") == "500"
        page.keyboard.press("End")
        page.wait_for_selector("[aria-posinset='500']:has-text('@')")
        assert page.locator("[role=option]").count() < 40
        server.shutdown()


@pytest.mark.parametrize(("number", "title"), [(40, SCRIPT), (42, LONG[:400]), (25, HOSTILE)])
def test_a_hostile_title_is_text(page, explored, number, title):
    page.to("documents", of=OF, words=str(number), doc=doc(explored, f"{SITE}{number}.html"))
    shown = page.inner_text("h1")
    assert shown.startswith(title[:10])
    assert not set(shown) & set("\u202e\u2066\u200b\x1b\x07")
    assert page.locator("main script, main img, main iframe").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("url", [JAVASCRIPT, DATA, QUOTED, f"{SITE}{LONG}.html"])
def test_a_hostile_address_is_text_and_a_link_only_of_the_web(page, explored, url):
    page.to("documents", of=OF, words=url[:60], doc=doc(explored, url))
    assert page.inner_text(".where bdi").startswith(url[:40].split('"')[0])
    for link in page.locator("a").all():
        assert link.get_attribute("href").startswith(("#", "http://", "https://"))
    outside = page.locator("main a[target]").all()
    assert all("noreferrer" in link.get_attribute("rel") for link in outside)
    if not url.startswith("http"):
        assert page.locator(".where a").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_hostile_deep_link_is_text(page):
    page.to("documents", of=f"corpus@{SCRIPT}", words=SCRIPT, doc="x")
    page.wait_for_selector(".problem")
    page.to("version", of="<img src=x onerror='window.hit=9'>")
    assert "should be a run such as" in page.inner_text(".problem")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 800)])
def test_every_view_fits_and_can_be_read_in_both_schemes(page, explored, scheme, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    for view in VIEWS:
        page.to(view, of=version(explored, "corpus") if view == "version" else OF)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
        assert page.evaluate(CONTRAST) >= 4.5, view
