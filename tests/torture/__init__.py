"""Kill the whole demonstration at random points: `python -m tests.torture` (see __main__)."""
