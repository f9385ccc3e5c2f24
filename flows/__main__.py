"""`python -m flows` is `penstock`."""

import sys

from flows.cli import main

sys.exit(main())
