"""How signals lie over the documents, and where the rules cut: in passes, never all in memory."""
