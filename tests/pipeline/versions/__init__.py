"""Tests of the two ids of a version."""
