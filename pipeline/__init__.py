"""The data's way, in order: crawl, extract, signals, select, dedup, shard. Knows no scheduler."""
