"""What private data looks like: a pattern of what may be it, and a scan that knows, by kind."""
