"""Every pattern that we ship, and the texts that it would find hardest.

The patterns are read off the syntax trees of the packages: each call into `re`, `re2` or Arrow's
functions for regular expressions. What such a call is given is evaluated in its module, so a
pattern that is put together there is found, too. From a pattern's own parts come the texts: what it
matches, and nearly matches, over and over; its beginnings, each with its last character for ever.
"""

import ast
import importlib
import re
import warnings
from pathlib import Path
from typing import NamedTuple

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from re import _constants as codes
    from re import _parser as parser

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "pipeline", "ray_jobs", "flows")
CHARACTERS = 40_000
ENGINES = ("re", "re2", "pc")
ARROW = re.compile(r"\w+_regex(_filter)?")
MOST_MATCHES = 6  # of one pattern


class Shipped(NamedTuple):
    """A pattern, and where it stands."""

    where: str
    engine: str  # re, re2, pc
    calls: tuple[str, ...]  # how it is asked: search, fullmatch, sub, ...
    pattern: str | bytes
    flags: int

    def __str__(self):
        return f"{self.where} {self.pattern[:30]!r}"


def shipped():
    """Every pattern, and the places of those that could not be read."""
    found, unread = [], []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            _read(path, found, unread)
    return found, unread


def _read(path, found, unread):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _engine(node)]
    if not calls:
        return
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    module = importlib.import_module(name.removesuffix(".__init__"))
    for node in calls:
        engine, call = _engine(node)
        given = node.args[1 if engine == "pc" else 0]
        where = f"{path.relative_to(ROOT)}:{node.lineno}"
        try:
            pattern = _value(given, module)
            flags = [_value(each, module) for each in node.args[1:2]] if call == "compile" else []
        except NameError:
            unread.append(f"{path.relative_to(ROOT)}:{ast.unparse(given)}")
            continue
        ways = _ways(tree, node) if call == "compile" else (call,)
        found.append(Shipped(where, engine, ways, pattern, int(flags[0]) if flags else 0))


def _ways(tree, made):
    """How a module asks the pattern that it compiles in the call `made`; search where unknown."""
    names = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and node.value is made
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    ways = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in names
    }
    return tuple(sorted(ways)) or ("search",)


def _engine(node):
    """`re`, `re2` or `pc`, and the function, where a call is one with a pattern."""
    function = node.func
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return None
    engine, call = function.value.id, function.attr
    if engine not in ENGINES or not node.args or call in ("escape", "Options", "error"):
        return None
    return (engine, call) if engine != "pc" or ARROW.fullmatch(call) else None


def _value(node, module):
    expression = ast.fix_missing_locations(ast.Expression(node))
    return eval(compile(expression, "pattern", "eval"), vars(module))


def texts(pattern):
    """Texts of `CHARACTERS` that a pattern finds hard, each with its kind."""
    plain = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    made = {}
    for match in matches(plain):
        for piece in (match, match[:-1], match[1:], f"{match} ", f"{match}\n", f"{match[:-1]} "):
            if piece:
                made[_long(piece)] = None
        for end in _ends(match):
            made[_long(match[end - 1], match[:end])] = None
            made[_long(match[end - 1], match[:end], "\0")] = None
    found = list(made)
    return [each.encode("utf-8") for each in found] if isinstance(pattern, bytes) else found


def _ends(match):
    """Up to six places in a text, spread over it."""
    return sorted({1 + (len(match) - 1) * part // 5 for part in range(6)}) if match else ()


def _long(piece, before="", after=""):
    room = CHARACTERS - len(before) - len(after)
    return before + (piece * (room // len(piece) + 1))[:room] + after


def matches(pattern):
    """A few texts that a pattern, of Python or of RE2, matches."""
    python = re.sub(r"\\x\{([0-9a-f]+)\}", lambda m: _escaped(int(m[1], 16)), pattern)
    python = python.replace(r"\z", r"\Z").replace(r"\pZ", r"\s").replace(r"\pL", "a-z")
    python = re.sub(r"\\p\{\w+\}", "a", python)
    tree = parser.parse(python)
    made = dict.fromkeys(_made(tree, choice) for choice in range(MOST_MATCHES))
    return [each for each in made if each]


def _escaped(point):
    return f"\\U{point:08x}"


def _made(tree, choice):
    return "".join(_made_of(code, value, choice) for code, value in tree)


def _made_of(code, value, choice):
    if code is codes.LITERAL:
        return chr(value)
    if code is codes.NOT_LITERAL or code is codes.ANY:
        return "a" if value != ord("a") else "b"
    if code is codes.IN:
        return _member(value, choice)
    if code is codes.BRANCH:
        branches = value[1]
        return _made(branches[choice % len(branches)], choice)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = value
        return _made(inner, choice) * max(least, min(most, 2))
    if code is codes.SUBPATTERN:
        return _made(value[-1], choice)
    if code is codes.ATOMIC_GROUP:
        return _made(value, choice)
    return ""  # places and looks around


def _member(members, choice):
    """One of the characters of a class."""
    negated = members[0][0] is codes.NEGATE
    held = [each for each in members if each[0] is not codes.NEGATE]
    if negated:
        taken = {value for code, value in held if code is codes.LITERAL}
        return next(c for c in "ab1 .-x/" if ord(c) not in taken)
    code, value = held[choice % len(held)]
    if code is codes.LITERAL:
        return chr(value)
    if code is codes.RANGE:
        return chr(value[choice % 2])
    kind = {codes.CATEGORY_DIGIT: "1", codes.CATEGORY_SPACE: " ", codes.CATEGORY_WORD: "w"}
    return kind.get(value, "!")
