"""What private data looks like: a pattern for each kind, and a check that it is really one."""
