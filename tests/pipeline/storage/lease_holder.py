"""Holds a lease of the store that is named until it is killed."""

import sys
import time
from pathlib import Path

from pipeline.storage.leases import Lease
from pipeline.storage.local import LocalFiles

with Lease(LocalFiles(Path(sys.argv[1])), "sky"):
    sys.stdout.write("held\n")
    sys.stdout.flush()
    time.sleep(600)
