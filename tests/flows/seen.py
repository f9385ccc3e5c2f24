"""What a person sees of a page: its words, its tags, and how well they stand out."""

from html.parser import HTMLParser
from typing import ClassVar


def words(html):
    """The page as a reader sees it: its text, on one line."""
    seen = []

    class Reader(HTMLParser):
        inside: ClassVar = []

        def handle_starttag(self, tag, attrs):
            if tag in ("style", "script"):
                self.inside.append(tag)

        def handle_endtag(self, tag):
            if tag in self.inside:
                self.inside.remove(tag)

        def handle_data(self, data):
            if not self.inside:
                seen.append(data)

    Reader().feed(html)
    return " ".join(" ".join(seen).split())


def tags(html):
    """Every tag of the page, and the names of all attributes."""
    found, attributes = set(), set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.add(tag)
            attributes.update(name for name, _ in attrs)

    Reader().feed(html)
    return found, attributes


# The least contrast of any text in sight, as WCAG 2 reckons it: 4.5 is enough.
CONTRAST = """() => {
  const light = (color) => {
    const line = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const [r, g, b] = color.match(/[\\d.]+/g).map((v) => line(v / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (at) => {
    for (; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!color.endsWith(", 0)")) return color;
    }
    return "rgb(255, 255, 255)";
  };
  let least = 21;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !at.checkVisibility()) continue;
    if (at.closest("svg, option, select:disabled, dialog, .skip")) continue;
    const ends = [light(getComputedStyle(at).color), light(behind(at))];
    const [one, other] = ends.sort((a, b) => b - a);
    least = Math.min(least, (one + .05) / (other + .05));
  }
  return least;
}"""
