"""What holds for every test: compiled kernels are those of today's code."""

from pipeline.run.numba_cache import use_numba_cache

use_numba_cache()
