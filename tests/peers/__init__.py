"""Programs that run in a peer's environment, which has none of our packages but numpy."""
