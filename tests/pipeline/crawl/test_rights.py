"""What a site says about use is kept beside the page, and keeps it out where a source obeys it."""

import json

import pytest

from pipeline.crawl.rights import Rights, reservations
from pipeline.crawl.source import Gone, Page
from tests.pipeline.crawl.site import Reply


def reply(body="page", **headers):
    return Reply(body, headers=tuple((k.replace("_", "-"), v) for k, v in headers.items()))


def meta(name, content):
    return f'<meta name="{name}" content="{content}">'


TDMREP = json.dumps(
    [
        {"location": "/free/", "tdm-reservation": 0},
        {"location": "/*.pdf$", "tdm-reservation": 1},
        {"location": "/books/*", "tdm-reservation": 1, "tdm-policy": "https://a.example/policy"},
    ]
)


@pytest.mark.parametrize(
    ("page", "said", "reason"),
    [
        (reply(meta("robots", "noai, noimageai")), {"noai": True, "noimageai": True}, "noai"),
        (reply(meta("Robots", "NOAI")), {"noai": True}, "noai"),
        (reply(meta("penstock", "noai")), {"noai": True}, "noai"),
        (reply(meta("otherbot", "noai")), {}, ""),
        (reply(X_Robots_Tag="noai"), {"noai": True}, "noai"),
        (reply(X_Robots_Tag="otherbot: noai"), {}, ""),
        (reply(X_Robots_Tag="noimageai"), {"noimageai": True}, ""),
        (reply(tdm_reservation="1"), {"tdm_reservation": True}, "tdm-reservation: 1"),
        (reply(tdm_reservation="0"), {"tdm_reservation": False}, ""),
        (reply(tdm_reservation="x"), {}, ""),
        (reply(meta("tdm-reservation", "1")), {"tdm_reservation": True}, "tdm-reservation: 1"),
        (
            reply(meta("tdm-reservation", "0"), tdm_reservation="1"),
            {"tdm_reservation": False},
            "",
        ),
        (
            reply(tdm_reservation="1", tdm_policy="https://a.example/p"),
            {"tdm_reservation": True, "tdm_policy": "https://a.example/p"},
            "tdm-reservation: 1",
        ),
        (reply('<a rel="license" href="/terms">x</a>'), {"license": "/terms"}, ""),
        (reply('<link rel="license" href="/terms">'), {"license": "/terms"}, ""),
        (reply(Link='</terms>; rel="license"'), {"license": "/terms"}, ""),
        (reply(Link='</x>; rel="next", </terms>; rel=license'), {"license": "/terms"}, ""),
        (reply('<link rel="stylesheet" href="/terms">'), {}, ""),
    ],
)
def test_what_a_page_says_is_kept_and_obeyed(site, crawl, page, said, reason):
    site.pages["/"] = page
    if "license" in said:
        said = said | {"license": site.url + said["license"]}
    (kept,) = [each for each in crawl(obey=(), sitemaps=False) if isinstance(each, Page)]
    assert kept.rights == Rights(**said)
    assert kept.rights.reserved(("noai", "tdm", "content_signal")) == reason


@pytest.mark.parametrize(
    ("wish", "page"),
    [
        ("noai", reply(meta("robots", "noai") + '<a href="/on">x</a>')),
        ("tdm", reply('<a href="/on">x</a>', tdm_reservation="1")),
    ],
)
def test_a_reserved_page_is_left_out_unless_the_source_says_otherwise(site, crawl, wish, page):
    site.pages |= {"/": page, "/on": "its links lead on"}

    def kept(**settings):
        found = crawl(sitemaps=False, **settings)
        return sorted(each.url.removeprefix(site.url) for each in found if isinstance(each, Page))

    assert kept() == ["/on"]
    assert Gone(f"{site.url}/", "refused") in crawl(sitemaps=False)
    assert kept(obey=tuple({"noai", "tdm", "content_signal"} - {wish})) == ["/", "/on"]


def test_what_a_site_says_of_its_paths_is_kept_and_obeyed(site, crawl):
    paths = ("/free/a", "/books/b", "/x.pdf", "/plain")
    site.pages |= {
        "/": "".join(f'<a href="{path}">x</a>' for path in paths),
        **dict.fromkeys(paths, "page"),
        "/.well-known/tdmrep.json": Reply(TDMREP, content_type="application/json"),
        "/robots.txt": "User-agent: *\nContent-Usage: /plain train-ai=n\n",
    }
    pages = [each for each in crawl(obey=()) if isinstance(each, Page)]
    found = {each.url.removeprefix(site.url): each for each in pages}
    assert found["/free/a"].rights == Rights(tdm_reservation=False)
    assert found["/books/b"].rights == Rights(
        tdm_reservation=True, tdm_policy="https://a.example/policy"
    )
    assert found["/plain"].rights == Rights(content_signal="train-ai=n")
    kept = sorted(each.url.removeprefix(site.url) for each in crawl() if isinstance(each, Page))
    assert kept == ["/", "/free/a"]


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'[{"location": 3}]', b"[" * 99_999, b"\xff"])
def test_a_tdmrep_file_that_is_none_says_nothing(body):
    assert reservations(body) == ()
