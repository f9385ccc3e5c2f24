"""Signals: the numbers a policy could want, measured once and kept as columns."""
