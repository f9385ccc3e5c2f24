"""Keys, tokens and passwords by the name that they are given, whatever their form."""

import string

from pipeline.compiling import part
from pipeline.signals.private.contacts import local_start, user_start
from pipeline.signals.private.scanning import (
    DIGITS,
    LETTERS,
    NOTHING,
    SLASH,
    SPACE,
    Bytes,
    Found,
    bounded_end,
    ends_with,
    is_there,
    members,
    phrases,
    run_end,
)
from pipeline.signals.private.secrets import ALNUM, is_drawn, is_made_up

# How the name of a variable, a field or a header ends that holds a secret, in lower case.
_WORDS = """
    apikey api_key api-key accesskey access_key access-key authkey auth_key auth-key secretkey
    secret_key secret-key privatekey private_key secret token passwd password passphrase pwd
    credential credentials authorization
"""
NAMES = tuple(_WORDS.split())
LONGEST_NAME = 40  # bytes
FEWEST, MOST = 16, 256  # characters of a value
EACH_CHANGES = 6  # characters of a value for each change between kinds of characters, at most
FEWEST_PASSWORD = 6  # characters of a password in a URL

_NAMES = phrases(*NAMES)
_QUOTES = members("\"'`")
_BETWEEN = members("=>: \"'`]\\")
_OF_VALUE = members(ALNUM + "_+/=~-")
_ENDS = members(string.whitespace + "\"'`;,)}]&<\\")
_BEARER = phrases("Bearer ")[:-1]
_MOST_BETWEEN = 6


@part
def assigned_at(data: Bytes, at: int, done: int) -> Found:
    """A random value behind a name like `api_key`; `at` is the `=` or `:` between."""
    name = at
    while name > done and at - name < 3 and (data[name - 1] == SPACE or _QUOTES[data[name - 1]]):
        name -= 1
    least = name - LONGEST_NAME if name > LONGEST_NAME else 0
    if not ends_with(data, least, name, _NAMES, NOTHING):
        return 0, 0, 0
    start = bounded_end(data, at, at + _MOST_BETWEEN, _BETWEEN)
    start += len(_BEARER) if is_there(data, start, _BEARER) else 0
    stop = bounded_end(data, start, start + MOST, _OF_VALUE)
    if start < done or stop - start < FEWEST or data[start] == SLASH:
        return 0, 0, 0
    if stop < len(data) and not _ENDS[data[stop]]:
        return 0, 0, 0
    fewest = (stop - start + EACH_CHANGES - 1) // EACH_CHANGES
    return (start, stop, stop) if is_drawn(data, start, stop, 0, fewest) else (0, 0, 0)


@part
def password_at(data: Bytes, at: int, done: int) -> Found:
    """The password in `scheme://user:password@host`; `at` is the @."""
    start = local_start(data, at, done if done > at - MOST else at - MOST)
    if at - start < FEWEST_PASSWORD or not user_start(data, start):
        return 0, 0, 0
    digits = run_end(data, start, LETTERS) < at
    letters = run_end(data, start, DIGITS) < at
    real = digits and letters and not is_made_up(data, start, at)
    return (start, at, at) if real else (0, 0, 0)
