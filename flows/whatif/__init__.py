"""What another policy would drop: answered from the signals, without making a version."""
