"""A Prefect home whose database is migrated already.

Prefect migrates an empty SQLite database through its whole history, ten to thirty seconds each
time. One such database per machine and version of Prefect is made and copied into every new home.
What the first start of a server does is tested where a home is left empty (test_serve.py).
"""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from pipeline.cache_folder import cache_folder

MAKE = """
import asyncio
from prefect.server.database import provide_database_interface
from prefect.server.models.block_registration import run_block_auto_registration

async def make():
    database = provide_database_interface()
    await database.create_db()
    async with await database.session() as session:
        await run_block_auto_registration(session=session)

asyncio.run(make())
"""


def migrated(home):
    """Give a home that has no database yet a migrated one; returns the home."""
    home = Path(home)
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "prefect.db").exists():
        shutil.copyfile(_template(), home / "prefect.db")
    return home


def _template():
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    file = cache / f"prefect-{version('prefect')}.db"
    with (cache / "prefect.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            with tempfile.TemporaryDirectory(dir=cache) as made:
                _make(Path(made))
                Path(made, "prefect.db").rename(file)
    return file


def _make(home):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    done = subprocess.run(
        [sys.executable, "-c", MAKE],
        env=kept | {"PREFECT_HOME": str(home), "DO_NOT_TRACK": "1"},
        cwd=home,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(home / "prefect.db") as database:  # all of it in one file, to be copied
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    assert not (home / "prefect.db-wal").exists()
