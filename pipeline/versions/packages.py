"""What code uses that is not ours: installed packages, and tables that come with Python."""

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from email.parser import HeaderParser
from functools import cache
from importlib import metadata

# Methods of str that follow the tables of `unicodedata`, which change between Pythons.
# fmt: off
UNICODE_METHODS = frozenset((
    "capitalize", "casefold", "isalnum", "isalpha", "isdecimal", "isdigit", "islower",
    "isnumeric", "isprintable", "isspace", "isupper", "lower", "swapcase", "upper",
))

# Left the standard library in 3.12 and 3.13 (PEP 594, PEP 632); standard for us on every Python.
_ONCE_STANDARD = frozenset((
    "aifc", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk", "crypt", "distutils",
    "imghdr", "imp", "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes",
    "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib",
))
# fmt: on
# Where a distribution is not called like its module.
_ALSO_CALLED = {"re2": "google-re2", "grpc": "grpcio"}
_ABSENT = "absent"
_TABLES = {"unicodedata": unicodedata.unidata_version}


def is_standard(name: str) -> bool:
    """Whether a top-level import name belongs to Python itself."""
    return name in sys.stdlib_module_names or name in _ONCE_STANDARD


def package_versions(names: Iterable[str]) -> dict[str, str]:
    """The version of each distribution that provides one of the imported top-level `names`.

    A package that is imported but not installed (an optional one) has the version `absent`, so
    that installing it is a change like any other.
    """
    versions: dict[str, str] = {}
    for name in names:
        versions.update(_versions_of(name))
    return dict(sorted(versions.items()))


def table_versions(names: Iterable[str]) -> dict[str, str]:
    """The version of each table of the standard library, `{"unicodedata": "14.0.0"}`."""
    return {name: _TABLES[name] for name in sorted(names)}


@cache
def _versions_of(name: str) -> Mapping[str, str]:
    """By distribution name; asks a likely one first, for asking all takes a while."""
    try:
        likely = [metadata.distribution(_ALSO_CALLED.get(name, name))]
    except metadata.PackageNotFoundError:
        likely = []
    providers = [one for one in likely if _provides(one, name)] or [
        one for one in metadata.distributions() if _provides(one, name)
    ]
    return dict(map(_told, providers)) or {name: _ABSENT}


def _told(distribution: metadata.Distribution) -> tuple[str, str]:
    """Its name and version. Most of what it tells beside them is a README, slow to parse."""
    head, _, _ = (distribution.read_text("METADATA") or "").partition("\n\n")
    fields = HeaderParser().parsestr(head)
    name, version = fields["Name"], fields["Version"]
    if name is None or version is None:  # of another form
        name, version = distribution.metadata["Name"], distribution.version
    return _normal(name), version


def _provides(distribution: metadata.Distribution, name: str) -> bool:
    """Whether it installed the module; much faster than `metadata.packages_distributions`."""
    if name in (distribution.read_text("top_level.txt") or "").split():
        return True
    record = "\n" + (distribution.read_text("RECORD") or "")
    return f"\n{name}/" in record or f"\n{name}." in record


def _normal(name: str) -> str:
    """The name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
