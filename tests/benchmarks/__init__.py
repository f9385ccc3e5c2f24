"""What measures: each file is a program that prints JSON."""

from pipeline.run.numba_cache import use_numba_cache

use_numba_cache()  # what is measured is today's code, not what numba compiled of yesterday's
