"""Training jobs, seen from outside."""
