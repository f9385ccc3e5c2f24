"""From pages to documents: decode, limit, extract, repair and normalise, one page at a time."""
