"""Tests of reading a page as blocks."""
