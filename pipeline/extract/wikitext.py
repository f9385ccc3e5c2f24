"""The text of a page in wikitext, MediaWiki's markup.

What a template shows lies in other pages, and is left out; so are tables, pictures, references,
formulas and categories. Headings that nothing is left below go as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from pipeline.extract.errors import Reason, Refused

if TYPE_CHECKING:
    from mwparserfromhell.nodes import ExternalLink, Node, Tag, Wikilink
    from mwparserfromhell.wikicode import Wikicode

HIDDEN_TAGS = frozenset(
    (
        *("ref", "references", "table", "gallery", "math", "chem", "score", "timeline", "graph"),
        *("imagemap", "mapframe", "maplink", "templatestyles", "includeonly", "style", "script"),
    )
)
BLOCK_TAGS = frozenset(("p", "div", "blockquote", "center", "pre", "poem", "syntaxhighlight"))
HEADING = "\x01"  # before a heading and its level, on a line of its own; taken out of pages
LONGEST_LANGUAGE = 3  # letters of a language's code: [[de:Titel]] is a link to another wiki
SWITCHES = re2.compile(r"__\p{Lu}+(?:_\p{Lu}+)*__")  # __NOTOC__, in any language
PAIRS = (("[", "]"), ("{", "}"), ("<!--", "-->"))
OPENED = re2.compile(r"<[A-Za-z]")
ALONE = re2.compile(r"(?i)<(?:br|hr|wbr|li|p|nowiki)\b")  # tags that need no end


def check(markup: str, most: int) -> None:
    """Refuse wikitext in which much stays open: the parser looks for the end of each to the end.

    Raises:
        Refused: `too_deep`.
    """
    open_ = len(OPENED.findall(markup)) - len(ALONE.findall(markup))
    open_ -= markup.count("</") + markup.count("/>")
    for begin, end in PAIRS:
        open_ = max(open_, markup.count(begin) - markup.count(end))
    if open_ > most:
        problem = f"it has {open_:,} brackets or tags that do not end; {most:,} are allowed"
        raise Refused(Reason.TOO_DEEP, problem)


def text_of(markup: str, hidden: str) -> str:
    """What a reader of the page sees.

    Args:
        markup: the page.
        hidden: names of namespaces whose links show nothing, with commas: `File,Datei`.

    Raises:
        ValueError: the parser gives up.
    """
    import mwparserfromhell  # late, as all parsers are

    names = frozenset(name.strip().lower() for name in hidden.split(","))
    try:
        code = mwparserfromhell.parse(markup.replace(HEADING, ""))
    except mwparserfromhell.parser.ParserError as error:
        raise ValueError(str(error)) from error
    text = "".join(_shown(code, names))
    return "\n".join(_with_something_below(SWITCHES.sub("", text).split("\n")))


def _shown(code: Wikicode, hidden: frozenset[str]) -> list[str]:
    """The pieces of a page's text. The parser itself nests 40 deep at most."""
    shown: list[str] = []
    for node in code.nodes:
        shown += _piece(node, hidden)
    return shown


def _piece(node: Node, hidden: frozenset[str]) -> list[str]:
    from mwparserfromhell import nodes

    match node:
        case nodes.Text():
            return [node.value]
        case nodes.Wikilink():
            return _link(node, hidden)
        case nodes.Tag():
            return _tag(node, hidden)
        case nodes.ExternalLink():
            return _site(node, hidden)
        case nodes.HTMLEntity():
            return [node.normalize().replace(HEADING, "")]
        case nodes.Heading():
            title = " ".join("".join(_shown(node.title, hidden)).split())
            return [f"\n{HEADING}{node.level}{title}\n"]
    return []  # templates, their arguments, comments


def _site(link: ExternalLink, hidden: frozenset[str]) -> list[str]:
    if link.title is not None:
        return _shown(link.title, hidden)
    return [] if link.brackets else [str(link.url)]


def _link(link: Wikilink, hidden: frozenset[str]) -> list[str]:
    title = str(link.title).strip()
    space = title.partition(":")[0].strip() if ":" in title else ""
    elsewhere = link.text is None and space.islower() and len(space) <= LONGEST_LANGUAGE
    if space and (space.lower() in hidden or elsewhere):
        return []
    return [title.removeprefix(":")] if link.text is None else _shown(link.text, hidden)


def _tag(tag: Tag, hidden: frozenset[str]) -> list[str]:
    name = str(tag.tag).strip().lower()
    if name in HIDDEN_TAGS:
        return []
    if name == "br":
        return ["\n"]
    inside = _shown(tag.contents, hidden) if tag.contents is not None else []
    return ["\n", *inside, "\n"] if name in BLOCK_TAGS else inside


def _with_something_below(lines: list[str]) -> list[str]:
    """The lines, without headings that no text comes after before the next of their level."""
    kept: list[str] = []  # from the last line to the first
    level = 0  # of the heading that was met last, with nothing but blank lines since
    for line in reversed(lines):
        if not line.startswith(HEADING):
            kept.append(line)
            level = level if not line.strip() else 99
        elif int(line[1]) < level:
            kept.append(line[2:])
            level = int(line[1])
    return kept[::-1]
