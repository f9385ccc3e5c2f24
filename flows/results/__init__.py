"""The end of a run as a page and as a few lines: every figure, gathered from the store."""
