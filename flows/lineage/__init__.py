"""What a run tells of its lineage, and what is asked about it."""
