"""What data and model cards say, gathered from the store."""
