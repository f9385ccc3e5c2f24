"""What tests of the crawl share: a site to crawl, and a place for its pages."""

import hashlib
import secrets
import tarfile
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.crawl.diary import whole
from pipeline.crawl.earlier import COLUMNS, Earlier, nothing_earlier
from pipeline.crawl.source import Page, Visit
from pipeline.crawl.sources.web import Web
from pipeline.storage.journal import Journal
from pipeline.storage.local import LocalFiles
from pipeline.store import Store
from pipeline.warc_record import read_response
from schemas.page import PAGES
from tests.pipeline.crawl.members import SETTINGS, Archives
from tests.pipeline.crawl.site import Site

DATA = Path(__file__).resolve().parents[4] / "shared/data/web"
WINDOW = "2026-11-22T01:00:00Z"


@pytest.fixture
def site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def store(tmp_path):
    return Store.at(tmp_path / "store")


@pytest.fixture
def archives(tmp_path, store):
    """WARC files that are written anew for each window."""
    return Archives(tmp_path / "in", store, **SETTINGS)


def earlier_of(*urls):
    """Pages of an earlier window."""
    schema = PAGES.empty_table().select(COLUMNS).schema
    rows = [
        {"url": url, "doc_id": hashlib.md5(url.encode()).digest(), "window": "2026-11-19T01:00:00Z"}
        for url in urls
    ]
    return Earlier(pa.Table.from_pylist(rows, schema))


@pytest.fixture
def crawl(site, tmp_path):
    """Crawl `site` once, without a store: everything that was found."""

    def crawl(earlier=None, *, journal=None, progress=lambda done, of: None, **settings):
        journal = journal or Journal(LocalFiles(tmp_path), f"open/{secrets.token_hex(4)}")
        visit = Visit(WINDOW, earlier or nothing_earlier(), journal, progress)
        return [told(journal, found) for found in web(site, **settings).visit(visit)]

    return crawl


def told(journal, found):
    """A page with its body, as it will lie in its shard."""
    if not isinstance(found, Page):
        return found
    member = whole(journal, found).member
    response = read_response(BytesIO(member), 0, len(member), most_bytes=10**8)
    return found._replace(body=response.body)


def web(site, **settings):
    """The source of a test site: fast, and without waiting for what does not come."""
    quick = {
        "seeds": (f"{site.url}/",),
        "loopback": True,
        "requests_per_second": 5000,
        "backoff_seconds": 0.01,
        "retries": 1,
        "seconds": 5,
    }
    return Web(**{**quick, **settings})


@pytest.fixture(scope="session")
def site_pages():
    """Thirty real pages of a manual, UTF-8."""
    archive = DATA / "site.tar.xz"
    if not archive.exists():
        pytest.skip("shared/data/web/site.tar.xz is not here")
    pages = []
    with tarfile.open(archive) as packed:
        for member in packed:
            if member.isfile() and "apache2-doc" in member.name and ".html" in member.name:
                body = packed.extractfile(member).read()
                if b"UTF-8" in body[:200] and b"<base" not in body:
                    pages.append(body)
                if len(pages) == 30:
                    break
    return pages
