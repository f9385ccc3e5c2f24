"""The scan of tags, slow and plain: what `pipeline.extract.tags` must equal."""

from pipeline.extract.tags import BLOCK, FOREIGN, KINDS, PLAIN, RAW, SCOPE, UNCOUNTED, Tags

KIND = {name: kind for kind, names in KINDS.items() for name in names.split()}
SPACE = "\t\n\f\r "


def slow_scan(html, *, deepest):
    """Tags, depth and attributes of a page."""
    count = depth = most = at = 0
    stack = []
    while len(stack) <= deepest:
        at = html.find("<", at)
        if at < 0:
            break
        rest = html[at + 1 :]
        if rest[:1] == "/" and _is_letter(rest[1:2]):
            name, at, _ = _tag(html, at + 2)
            _close(name, stack)
        elif rest.startswith("!--"):
            end = rest.find("-->", 1)
            at = len(html) if end < 0 else at + 1 + end + 3
        elif rest[:1] and rest[0] in "!?/":
            at = _after(html, ">", at)
        elif _is_letter(rest[:1]):
            name, at, attributes = _tag(html, at + 1)
            count, most = count + 1, max(most, attributes)
            at = _open(name, stack, html, at)
            depth = max(depth, len(stack))
        else:
            at += 1
    return Tags(count, depth, most)


def _open(name, stack, html, at):
    kind = KIND.get(name, PLAIN)
    foreign = any(KIND.get(each) == FOREIGN for each in stack)
    if kind == RAW and not foreign:
        return _raw_end(html, at, name)
    if kind != UNCOUNTED and not (foreign and kind == PLAIN and html[at - 2] == "/"):
        stack.append(name)
    return at


def _close(name, stack):
    kind = KIND.get(name, PLAIN)
    for level in reversed(range(len(stack))):
        if stack[level] == name:
            del stack[level:]
            return
        around = KIND.get(stack[level], PLAIN)
        if around in (SCOPE, FOREIGN) and kind not in (SCOPE, FOREIGN):
            return
        if around == BLOCK and kind == PLAIN:
            return


def _tag(html, start):
    """The name, the place after the tag, and its attributes."""
    at = start
    while at < len(html) and html[at] not in SPACE + "/>":
        at += 1
    name = "".join(c.lower() if c.isascii() else c for c in html[start:at])
    count = 0
    while at < len(html) and html[at] != ">":
        if html[at] in SPACE + "/":
            at += 1
            continue
        count += 1
        at += 1
        while at < len(html) and html[at] not in SPACE + "/>=":
            at += 1
        at = _skip(html, at)
        if html[at : at + 1] == "=":
            at = _skip(html, at + 1)
            if html[at : at + 1] in ("'", '"'):
                at = _after(html, html[at], at + 1)
            else:
                while at < len(html) and html[at] not in SPACE + ">":
                    at += 1
    return name, min(at + 1, len(html)), count


def _raw_end(html, at, name):
    while True:
        at = html.find("</", at)
        end = at + 2 + len(name)
        if at < 0 or end >= len(html):
            return len(html)
        if html[at + 2 : end].lower() == name and html[end] in SPACE + "/>":
            return at
        at += 1


def _skip(html, at):
    while at < len(html) and html[at] in SPACE:
        at += 1
    return at


def _after(html, what, at):
    found = html.find(what, at)
    return len(html) if found < 0 else found + 1


def _is_letter(character):
    return character.isascii() and character.isalpha()
