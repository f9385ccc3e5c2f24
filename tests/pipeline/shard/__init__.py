"""Tests of the way from clusters to tokens."""
