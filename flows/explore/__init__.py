"""The lineage explorer: one local page over a store, and the answers that it asks for."""
