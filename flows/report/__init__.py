"""What came of a corpus, as one page to read: every number from the store, examples redacted."""
