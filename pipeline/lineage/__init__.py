"""Lineage: what a version was made of, and what became of every document on the way."""
