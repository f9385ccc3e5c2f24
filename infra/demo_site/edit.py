"""Edits the served site as its authors might: three pages changed, two added, one removed.

Run: python infra/demo_site/edit.py FOLDER   (the folder that serve.py serves from)

The same folder always gives the same bytes and dates, so that two refreshes can be compared.
"""

import argparse
import os
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # so that it also runs as a script
from infra.demo_site.links import charset, site_pages, targets, unlink
from infra.demo_site.serve import ARCHIVE

EDITED = 1_769_904_000  # 2026-02-01T00:00:00Z: after the date that all pages are unpacked with

# page, what it says, what it will say
CHANGES = (
    (
        "manual/en/howto/auth.html",
        'This article covers the "standard" way of protecting parts\n'
        "    of your web site that most of you are going to use.",
        'This article covers the "standard" way of protecting parts\n'
        "    of your web site that most of you are going to use. It takes\n"
        "    about ten minutes to follow on a server that is already running.",
    ),
    (
        "manual/fr/dso.html",
        "Ce document d&eacute;crit l'utilisation des modules DSO ainsi que les dessous\n"
        "    de leur fonctionnement.",
        "Ce document d&eacute;crit l'utilisation des modules DSO, les dessous de leur\n"
        "    fonctionnement, et les pr&eacute;cautions &agrave; prendre avant d'en charger un.",
    ),
    (
        "manual/ko/howto/htaccess.html",
        "있는 파일을 특정 문서 디렉토리에 두면, 그 디렉토리와 모든\n"
        "    하위디렉토리에 지시어를 적용한다.",
        "있는 파일을 특정 문서 디렉토리에 두면, 그 디렉토리와 모든\n"
        "    하위디렉토리에 지시어를 적용한다. 서버를 다시 시작할 필요는 없다.",
    ),
)
# page, and the words of the sitemap that link to it; they stood there without a link until now
ADDITIONS = (
    ("manual/en/howto/reverse_proxy.html", "Reverse proxy setup guide"),
    ("manual/en/misc/password_encryptions.html", "Password Encryption Formats"),
)
LISTED_IN = "manual/en/sitemap.html"
REMOVED = "manual/tr/new_features_2_2.html"


def read(folder: Path, page: str) -> str:
    """The page's text, decoded as it declares."""
    content = (folder / page).read_bytes()
    return content.decode(charset(content))


def write(folder: Path, page: str, text: str) -> None:
    """Write the page in the encoding it declares, with the fixed date of the edit."""
    encoding = charset(text.encode("ascii", "replace"))
    (folder / page).write_bytes(text.encode(encoding))
    os.utime(folder / page, (EDITED, EDITED))


def change(folder: Path) -> list[str]:
    """Change one sentence on each of three pages."""
    for page, old, new in CHANGES:
        write(folder, page, read(folder, page).replace(old, new, 1))
    return [f"changed  {page}" for page, _, _ in CHANGES]


def add(folder: Path) -> list[str]:
    """Add two real pages of the manual that the site did not have, and link them."""
    with tarfile.open(ARCHIVE) as archive:
        for page, words in ADDITIONS:
            content = archive.extractfile(f"added/{page}")
            assert content is not None  # select_pages.py packs it as a file
            (folder / page).write_bytes(content.read())
            os.utime(folder / page, (EDITED, EDITED))
            href = page.removeprefix("manual/en/")
            listing = read(folder, LISTED_IN)
            link = f'<a href="{href}">{words}</a>'
            write(folder, LISTED_IN, listing.replace(f"<a>{words}</a>", link, 1))
    return [f"added    {page}, linked from {LISTED_IN}" for page, _ in ADDITIONS]


def remove(folder: Path) -> list[str]:
    """Remove one page, and every link to it."""
    (folder / REMOVED).unlink()
    did = [f"removed  {REMOVED}"]
    for page in site_pages(folder):
        text = read(folder, page)
        if REMOVED in targets(page, text):
            write(folder, page, unlink(page, text, lambda path: path != REMOVED))
            did.append(f"unlinked {REMOVED} on {page}")
    return did


def edit(folder: Path) -> list[str]:
    """Make all edits, and say what was done, one line each.

    Raises:
        SystemExit: a page is not as it was unpacked; nothing was changed then.
    """
    for page, old, _ in CHANGES:
        if not (folder / page).is_file() or read(folder, page).count(old) != 1:
            sys.exit(
                f"{folder / page} is not as it was unpacked, so this edit was made already, or the "
                f"folder is another.\nRemove {folder} and start serve.py again for the first state."
            )
    return change(folder) + add(folder) + remove(folder)


def main() -> None:
    """Edit, and print what was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print("\n".join(edit(parser.parse_args().folder)))


if __name__ == "__main__":
    main()
