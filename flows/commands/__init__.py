"""The commands of `penstock`, one a file. A command's docstring is its help.

Each file has `EXAMPLES`, `arguments(parser)` and `run(given) -> int`, and imports what is heavy
inside `run`, so that `penstock --help` answers at once.
"""
