"""A page as an array of text blocks: read once from its bytes, scored, and written out."""
