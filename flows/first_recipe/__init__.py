"""The first recipe for somebody's own pages: which source, which columns, which words."""
