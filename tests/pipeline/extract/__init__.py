"""Tests of the stage `documents` and its parts."""
