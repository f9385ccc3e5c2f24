"""Crawls all of the documentation site in shared/data/web/site.tar.xz, served on this machine.

    python -m tests.torture --kind site --folder /somewhere

A slow walker, which shares no code with the crawler (urllib, lxml, one page after another), says
which pages links reach. A crawl finds exactly those. Then one page in a hundred is changed: a
second window fetches the bodies of these alone, and has exactly these as new pages.
"""

import json
import subprocess
import sys
import tarfile
import time
from http.client import HTTPConnection
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from lxml import html

from pipeline.crawl.sources.web import Web
from pipeline.crawl.stage import Pages
from pipeline.store import Store
from schemas.runtime import Runtime
from tests.pipeline.crawl.conftest import DATA
from tests.support import made

FIRST, SECOND = "2026-11-21T01:00:00Z", "2026-11-22T01:00:00Z"
SAFE = "/%:=&?~#+!$,;'@()*[]|"


def main(given):
    """Crawl twice; the exit code."""
    archive = DATA / "site.tar.xz"
    if not archive.exists():
        print(f"{archive} is not here: nothing to crawl")
        return 2
    folder = given.folder / "site"
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    command = [sys.executable, "-m", "tests.benchmarks.site_server", str(folder / "site_core")]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        return crawl_twice(given, folder, server)
    finally:
        server.stdin.close()
        server.kill()
        server.wait()


def crawl_twice(given, folder, server):
    port = int(server.stdout.readline())
    start = f"http://127.0.0.1:{port}/index.html"
    reached, seconds = timed(lambda: walk(start))
    say(walked=len(reached), seconds=seconds)
    counts(server)
    store = Store.at(given.folder / "store")
    first, seconds = timed(lambda: crawled(store, start, FIRST))
    urls = set(store.read(first, "pages", ["url"])["url"].to_pylist())
    say(crawled=len(urls), seconds=seconds, missed=some(reached - urls), extra=some(urls - reached))
    assert urls == reached
    counts(server)
    changed = edited(folder / "site_core", urls)
    counts(server)
    second, seconds = timed(lambda: crawled(store, start, SECOND))
    sent = counts(server)
    rows = store.read(second, "pages", ["url", "window"]).to_pylist()
    new = sorted(row["url"] for row in rows if row["window"] == SECOND)
    say(changed=len(changed), new=len(new), seconds=seconds, **sent)
    assert new == changed
    assert sent["bodies"] == len(changed) < 0.03 * len(urls)
    assert sent["not_modified"] == len(urls) - len(changed)
    return 0


def edited(folder, urls):
    """Change every hundredth file; the addresses that show it (some files have several)."""
    files = {url: (folder / unquote(urlsplit(url).path).lstrip("/")).resolve() for url in urls}
    written = set(sorted(set(files.values()))[::100])
    for path in written:
        path.write_bytes(path.read_bytes() + b"<p>changed</p>")
    return sorted(url for url in urls if files[url] in written)


def crawled(store, start, window):
    source = Web(
        seeds=(start,),
        loopback=True,
        requests_per_second=100_000,
        connections_per_host=8,
        most_depth=10_000,
        backoff_seconds=0.1,
    )
    runtime = Runtime(store=store.uri, runner="process")
    return made(Pages(source=source), store, refresh=True, window=window, runtime=runtime)


def walk(start):
    """Every page of text that links lead to, one after another."""
    site = urlsplit(start).netloc
    connection = HTTPConnection(site)
    waiting, seen, pages = [start], {start}, set()
    while waiting:
        url = waiting.pop()
        connection.request("GET", url.removeprefix(f"http://{site}"))
        answer = connection.getresponse()
        body, kind = answer.read(), answer.getheader("Content-Type")
        if answer.status != 200 or kind.partition(";")[0] not in ("text/html", "text/plain"):
            continue
        pages.add(url)
        if kind == "text/html" and body.strip():
            for link in links(body, url):
                if urlsplit(link).netloc == site and link not in seen:
                    seen.add(link)
                    waiting.append(link)
    return pages


def links(body, url):
    tree = html.fromstring(body)
    base = next((each.get("href") for each in tree.iter("base") if each.get("href")), url)
    for each in tree.iter("a", "area"):
        href, relations = each.get("href"), (each.get("rel") or "").lower().split()
        if href is not None and "nofollow" not in relations:
            try:
                joined = urldefrag(urljoin(urljoin(url, base), href.strip()))[0]
            except ValueError:
                continue
            if joined.startswith("http"):
                yield quote(joined, safe=SAFE)


def counts(server):
    server.stdin.write("\n")
    server.stdin.flush()
    return json.loads(server.stdout.readline())


def timed(work):
    began = time.monotonic()
    result = work()
    return result, round(time.monotonic() - began, 1)


def some(urls):
    return [len(urls), *sorted(urls)[:5]]


def say(**told):
    print(json.dumps(told), flush=True)
