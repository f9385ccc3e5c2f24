"""Code with golden fingerprints: changing what it does changes golden.json."""

from .rule import Rule as Rule
