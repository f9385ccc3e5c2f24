"""Tests of duplicate search."""
