"""Chooses the demonstration site's pages and packs them: manual.tar.xz from the full archive.

Run: python infra/demo_site/select_pages.py SITE_ARCHIVE   (needs lxml and pycld2; 20 s)

SITE_ARCHIVE holds the Apache HTTP Server manual under site_core/doc/apache2-doc/manual. The same
archive gives the same members, byte for byte. README.md says what is chosen and why.
"""

import argparse
import io
import re
import sys
import tarfile
from collections import Counter, deque
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pycld2
from lxml import html

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it also runs as a script
from infra.demo_site.links import charset, targets, unlink

MANUAL = "site_core/doc/apache2-doc/"
LANGUAGES = {folder: folder[:2] for folder in ("de", "en", "es", "fr", "ja", "ko", "tr", "zh-cn")}
MOST_PAGES = 80  # per language: about 460 in all, so that the demonstration takes minutes
START = "manual/index.html"
PRIVATE = "manual/private/index.html"
STYLES = ("manual.css", "manual-loose-100pc.css", "manual-print.css", "prettify.css")
# The two English pages that edit.py adds: real pages, left out of the site until then.
ADDED = ("manual/en/howto/reverse_proxy.html", "manual/en/misc/password_encryptions.html")
MODIFIED = 1_767_225_600  # 2026-01-01T00:00:00Z, on every file: the archive carries no real dates

NOT_TEXT = (
    "//head|//pre|//code|//script|//style|//comment()|//button"
    '|//*[@id="page-header" or @id="path" or @id="footer"]'
    '|//div[@class="toplang" or @class="bottomlang" or @class="up" or @class="top"]'
)
PRIVATE_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>Private</title></head>
<body><h1>Private</h1>
<p>robots.txt disallows this page. A crawler that obeys it never reads these words.</p>
<p><a href="../index.html">Back to the manual</a></p></body></html>
"""
COMMENT = (
    "<!-- Modified for Penstock: links to pages, pictures and scripts left out are removed. -->"
)


def prose(page: bytes) -> str:
    """The text that tells a page's language: headings and paragraphs outside tables.

    Lists of modules and of directives are names, the same in every language. Where the headings
    and paragraphs are under 100 characters, as on an index page, the lists have to tell.
    """
    tree = html.document_fromstring(page.decode(charset(page)))
    for part in tree.xpath(NOT_TEXT):
        part.drop_tree()
    paragraphs = tree.xpath("(//h1|//h2|//h3|//p)[not(ancestor::table or ancestor::dl)]")
    text = " ".join(" ".join(part.text_content().split()) for part in paragraphs)
    if len(text) >= 100:
        return text
    return " ".join(word for word in tree.text_content().split() if "_" not in word)


def in_language(page: bytes, folder: str) -> bool:
    """Whether a page says and shows that it is written in the language of its folder."""
    declared = re.search(rb'<html[^>]*\slang="([\w-]+)"', page)
    if declared is None or declared[1].decode() != folder:
        return False
    _, _, found = pycld2.detect(prose(page).encode(), isPlainText=True)
    return bool(found[0][1].startswith(LANGUAGES[folder]) and found[0][2] >= 50)


def own_pages(pages: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Per language folder the pages in its own language, by their path below the folder."""
    own: dict[str, dict[str, bytes]] = {folder: {} for folder in LANGUAGES}
    for path, page in pages.items():
        _, folder, *rest = path.split("/", 2)
        if folder not in LANGUAGES or not rest:
            continue
        copy = folder != "en" and page == pages.get(f"manual/en/{rest[0]}")
        if not copy and in_language(page, folder):
            own[folder][rest[0]] = page
    return own


def choose(own: dict[str, dict[str, bytes]]) -> dict[str, bytes]:
    """At most MOST_PAGES a language, first those that the most languages have.

    Pages in as many languages are taken in the order of their path's hash, so that no topic is
    preferred.
    """
    translations = Counter(name for names in own.values() for name in names)
    chosen: dict[str, bytes] = {}
    for folder, found in own.items():
        names = [name for name in found if f"manual/{folder}/{name}" not in ADDED]
        names.sort(key=lambda name: (-translations[name], sha256(name.encode()).digest()))
        chosen |= {f"manual/{folder}/{name}": found[name] for name in names[:MOST_PAGES]}
    return chosen


def without_media(text: str) -> str:
    """The page without pictures, favicon and one script: the archive of the manual lacks them."""
    text = re.sub(r'<script src="[^"]*">\s*</script>\s*', "", text)
    text = re.sub(r'<link href="[^"]*favicon.png"[^>]*>', "", text)
    return re.sub(r'<img\b(?:"[^"]*"|[^>"])*>', "", text)


def prepared(path: str, page: bytes, served: set[str]) -> bytes:
    """The page as the site serves it: same encoding, no link that leads nowhere."""
    encoding = charset(page)
    text = unlink(path, without_media(page.decode(encoding)), served.__contains__)
    return text.replace("<title>", f"{COMMENT}\n<title>", 1).encode(encoding)


def start_page(original: bytes) -> bytes:
    """The manual's own start page, with a row for each language served and the private page."""
    text = original.decode()
    rows = re.findall(r"<tr>.*?</tr>", text)
    kept = [row for row in rows if any(f'href="{folder}/' in row for folder in LANGUAGES)]
    kept.append('<tr><td><a href="private/index.html">private/</a></td></tr>')
    # The charset is this project's addition: the original declares none.
    head = text[: text.index("<table>")].replace("<head>", f'<head><meta charset="UTF-8">{COMMENT}')
    return (head + "<table>" + "\n".join(kept) + "\n</table></body></html>\n").encode()


def reached(pages: dict[str, bytes]) -> set[str]:
    """The pages that a crawl from the start page finds by links."""
    seen, queue = {START}, deque([START])
    while queue:
        path = queue.popleft()
        page = pages[path]
        for found in targets(path, page.decode(charset(page))):
            if found not in seen and found in pages:
                seen.add(found)
                queue.append(found)
    return seen


def site_files(archive: Path) -> dict[str, bytes]:
    """All members of manual.tar.xz by name, pages prepared.

    Raises:
        SystemExit: links do not reach a chosen page.
    """
    originals = dict(read_manual(archive))
    chosen = choose(own_pages(originals))
    served = {*chosen, START, PRIVATE}
    pages = {path: prepared(path, page, served) for path, page in chosen.items()}
    pages[START], pages[PRIVATE] = start_page(originals[START]), PRIVATE_PAGE.encode()
    if lost := served - reached(pages):
        sys.exit(f"No link leads to {', '.join(sorted(lost))}: choose other pages.")
    added = {f"added/{path}": prepared(path, originals[path], served | {*ADDED}) for path in ADDED}
    styles = {f"manual/style/css/{name}": originals[f"manual/style/css/{name}"] for name in STYLES}
    return pages | added | styles


def read_manual(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Every real file of the manual (links, the untranslated copies, are passed over)."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and member.name.startswith(MANUAL + "manual/"):
                content = tar.extractfile(member)
                assert content is not None  # isfile() has said so
                yield member.name.removeprefix(MANUAL), content.read()


def pack(files: dict[str, bytes], archive: Path) -> None:
    """Write a tar.xz in which only names and contents vary: sorted, fixed times and owners."""
    with tarfile.open(archive, "w:xz", preset=9, format=tarfile.USTAR_FORMAT) as tar:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(content), MODIFIED
            tar.addfile(member, io.BytesIO(content))


def main() -> None:
    """Pack, and print the figures that README.md gives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site_archive", type=Path)
    parser.add_argument("--to", type=Path, default=Path(__file__).with_name("manual.tar.xz"))
    options = parser.parse_args()
    files = site_files(options.site_archive)
    pack(files, options.to)
    for folder in LANGUAGES:
        pages = [page for path, page in files.items() if path.startswith(f"manual/{folder}/")]
        text = sum(len(visible(page).encode()) for page in pages)
        raw = sum(map(len, pages))
        figures = f"{len(pages)} | {raw / 1e6:.2f} | {text / 1e6:.2f}"
        print(f"| {folder} | {charset(pages[0])} | {figures} |")
    raw, packed = sum(map(len, files.values())), options.to.stat().st_size
    print(f"{len(files)} files of {raw:,} bytes, packed {packed:,} bytes")


def visible(page: bytes) -> str:
    """A page's whole text, menus included, spaces collapsed."""
    tree = html.document_fromstring(page.decode(charset(page)))
    for part in tree.xpath("//script|//style|//comment()"):
        part.drop_tree()
    return " ".join(tree.text_content().split())


if __name__ == "__main__":
    main()
