"""Which documents say the same: hashes of every text, and the one of each cluster that stays."""
