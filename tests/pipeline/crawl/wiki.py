"""Small dumps of a wiki, in MediaWiki's export format."""

import bz2
import hashlib
from xml.sax.saxutils import escape

HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="de">
  <siteinfo>
    <sitename>Wikipedia</sitename>
    <base>https://de.wikipedia.org/wiki/Wikipedia:Hauptseite</base>
    <namespaces>
      <namespace key="0" case="first-letter" />
      <namespace key="1" case="first-letter">Diskussion</namespace>
      <namespace key="6" case="first-letter">Datei</namespace>
      <namespace key="14" case="first-letter">Kategorie</namespace>
    </namespaces>
  </siteinfo>
"""
END = "</mediawiki>\n"


def page(title, text="Text.", *, ns=0, redirect=False, model="wikitext", sha1=None):
    digest = int.from_bytes(hashlib.sha1(text.encode()).digest(), "big")
    digits = ""
    while digest:
        digest, digit = divmod(digest, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    to = '    <redirect title="Anderes" />\n' if redirect else ""
    return f"""  <page>
    <title>{escape(title)}</title>
    <ns>{ns}</ns>
    <id>7</id>
{to}    <revision>
      <id>123</id>
      <timestamp>2026-10-31T12:00:00Z</timestamp>
      <contributor><username>Somebody</username><id>9</id></contributor>
      <model>{model}</model>
      <format>text/x-wiki</format>
      <text bytes="{len(text)}" sha1="{sha1 or digits.rjust(31, "0")}" xml:space="preserve">\
{escape(text)}</text>
    </revision>
  </page>
"""


def dump(*pages):
    return (HEAD + "".join(pages) + END).encode()


def multistream(*pages):
    """As `dump`, in a stream for the head, one for each page, and one for the end."""
    return b"".join(bz2.compress(part.encode()) for part in (HEAD, *pages, END))
