"""Where pages come from; one file is one source."""
