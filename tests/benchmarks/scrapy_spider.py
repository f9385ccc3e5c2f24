"""A crawl by Scrapy, for comparison: every page that links reach; prints what it took.

    PYTHON-WITH-SCRAPY tests/benchmarks/scrapy_spider.py START CONNECTIONS

Links are found by Scrapy's own extractor; nothing is stored.
"""

import json
import sys
import time

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.linkextractors import LinkExtractor

SETTINGS = {
    "ROBOTSTXT_OBEY": True,
    "DOWNLOAD_DELAY": 0,
    "LOG_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "COOKIES_ENABLED": False,
    "RETRY_TIMES": 1,
    "USER_AGENT": "Scrapy (+bench@example.org)",
}


class Everything(scrapy.Spider):
    """Follows all links on its host."""

    name = "everything"
    pages = 0
    allowed_domains = ("127.0.0.1",)
    links = LinkExtractor()

    def __init__(self, start):
        super().__init__()
        self.start_urls = [start]

    def parse(self, response):
        if isinstance(response, scrapy.http.HtmlResponse):
            type(self).pages += 1
            for link in self.links.extract_links(response):
                yield scrapy.Request(link.url)


def main():
    start, connections = sys.argv[1], int(sys.argv[2])
    process = CrawlerProcess(
        SETTINGS
        | {"CONCURRENT_REQUESTS": connections, "CONCURRENT_REQUESTS_PER_DOMAIN": connections}
    )
    process.crawl(Everything, start=start)
    wall, cpu = time.monotonic(), time.process_time()
    process.start()
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    told = {"pages": Everything.pages, "wall_seconds": wall, "cpu_seconds": cpu}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
