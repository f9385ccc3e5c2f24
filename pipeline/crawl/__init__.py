"""Bytes from the world: web sites, WARC, Parquet and JSONL files become an index of pages."""
