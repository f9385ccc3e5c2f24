"""Pages a second on one core: our crawl, and Scrapy's, of one server on the other core.

    python -m tests.benchmarks.crawl [--runs 5] [--copies 4] [--connections 8]

The site is the demonstration's, 465 real pages, some copies of it side by side. Both obey
robots.txt, find every link and use the same number of connections, by turns. Ours is the whole
stage: records are packed and made durable, rows, digests and the version are written. Scrapy's
follows the links and stores nothing. Medians; CPU seconds too, since others may use the machine.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from infra.demo_site.serve import unpack
from tests.benchmarks.peers import python_of

ROOT = Path(__file__).parents[2]
OURS, SERVER = 0, 1  # cores


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--copies", type=int, default=4)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--once", help=argparse.SUPPRESS)  # a start address: one run of ours
    given = parser.parse_args()
    if given.once:
        say(once(given.once, given.connections))
        return
    scrapy = python_of("scrapy")
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as place:
        folder = Path(place) / "site"
        expected = made_site(folder, given.copies)
        compare(given, folder, scrapy, expected)


def compare(given, folder, scrapy, expected):
    command = [sys.executable, "-m", "tests.benchmarks.site_server", str(folder)]
    command += ["--core", str(SERVER)]
    taken = {"ours": [], "scrapy": []}
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        start = f"http://127.0.0.1:{int(server.stdout.readline())}/index.html"
        connections = str(given.connections)
        ours = [sys.executable, "-m", "tests.benchmarks.crawl", "--once", start]
        ours += ["--connections", connections]
        theirs = [scrapy, str(ROOT / "tests/benchmarks/scrapy_spider.py"), start, connections]
        for _ in range(given.runs):
            for name, words in (
                ("ours", [*ours, "--connections", connections]),
                ("scrapy", theirs),
            ):
                done = subprocess.run(
                    words, cwd=ROOT, capture_output=True, text=True, preexec_fn=on_our_core
                )
                assert done.returncode == 0, done.stderr[-3000:]
                told = json.loads(done.stdout.splitlines()[-1])
                # Scrapy leaves a page or two out: its extractor drops some kinds of link.
                least = expected if name == "ours" else 0.99 * expected
                assert least <= told["pages"] <= expected, (name, told, expected)
                taken[name].append(told)
                say({"crawler": name, **{key: round(value, 2) for key, value in told.items()}})
        server.stdin.close()
    rates = {
        name: {
            "pages_per_second": median(each["pages"] / each["wall_seconds"] for each in runs),
            "pages_per_cpu_second": median(each["pages"] / each["cpu_seconds"] for each in runs),
        }
        for name, runs in taken.items()
    }
    say({"pages": expected, "runs": given.runs, **rates})


def on_our_core():
    os.sched_setaffinity(0, {OURS})


def once(start, connections):
    """One crawl of ours on one core, from nothing to a version."""
    from pipeline.crawl.sources.web import Web
    from pipeline.crawl.stage import Pages
    from pipeline.run.keys import key_parts
    from pipeline.store import Store
    from schemas.runtime import Runtime
    from tests.support import made

    source = Web(
        seeds=(start,),
        loopback=True,
        contact="bench@example.org",
        requests_per_second=1e6,
        connections_per_host=connections,
        sitemaps=False,
    )
    stage = Pages(source=source)
    key_parts(stage, {}, {})  # reads the code once: the cost of a start, not of a page
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    place = tempfile.mkdtemp(dir=memory)
    try:
        store = Store.at(place)
        wall, cpu = time.monotonic(), time.process_time()
        manifest = made(stage, store, runtime=Runtime(store=store.uri, runner="process"))
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        return {"pages": manifest.rows["pages"], "wall_seconds": wall, "cpu_seconds": cpu}
    finally:
        shutil.rmtree(place)


def made_site(folder, copies):
    """The site, and how many of its pages links reach."""
    one = folder.parent / "one"
    unpack(one)
    shutil.rmtree(one / "manual/private", ignore_errors=True)
    for number in range(copies):
        shutil.copytree(one / "manual", folder / f"{number}/manual")
    starts = "".join(f'<a href="/{n}/manual/index.html">x</a>' for n in range(copies))
    (folder / "index.html").write_text(f"<p>{starts}</p>")
    (folder / "robots.txt").write_text("User-agent: *\nDisallow: /never/\nAllow: /\n")
    return reached(folder)


def reached(folder):
    """Every page that links lead to, by a walk over the files."""
    from urllib.parse import unquote, urldefrag, urljoin

    from lxml import html

    waiting, seen, pages = ["/index.html"], {"/index.html"}, 0
    while waiting:
        url = waiting.pop()
        path = folder / unquote(url).lstrip("/")
        path = path / "index.html" if path.is_dir() and url.endswith("/") else path
        if not path.is_file() or ".html" not in path.name:
            continue
        pages += 1
        for each in html.fromstring(path.read_bytes()).iter("a", "area"):
            link = urldefrag(urljoin(url, (each.get("href") or url).strip()))[0]
            if link.startswith("/") and link not in seen:
                seen.add(link)
                waiting.append(link)
    return pages


def median(values):
    return round(statistics.median(values), 1)


def say(told):
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
