"""Make a key that encrypts stores: a new key file, or a new first key in one that is there.

A store that is founded while PENSTOCK_ENCRYPTION_KEY_FILE names the file is encrypted, from its
first file on. The file is of mode 0600, and the key is shown nowhere. Whoever loses it loses every
store that it encrypted: keep a copy apart from them. A new first key is a rotation: the next run
takes it for all that is written from then on, and the older ones can go after that run.
"""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLES = """\
  penstock keygen ~/penstock.keys
  export PENSTOCK_ENCRYPTION_KEY_FILE=~/penstock.keys
  penstock keygen ~/penstock.keys --name 2027        rotate: it is put first, older ones stay
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("file", type=Path, help="where the keys lie; not in the store")
    parser.add_argument("--name", default="", help="the key's name, which is no secret [date]")


def run(given: argparse.Namespace) -> int:
    """Make the key, and say what to do with it."""
    from pipeline.storage.encryption.key_file import new_key
    from pipeline.storage.encryption.settings import FILE_VARIABLE

    name = new_key(given.file, given.name)
    print(f"The key {name} is the first in {given.file}. Keep a copy of that file elsewhere.")
    print(f"export {FILE_VARIABLE}={given.file.absolute()}")
    return 0
