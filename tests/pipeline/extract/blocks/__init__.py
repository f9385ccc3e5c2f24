"""Extractors that go wrong, for tests."""
