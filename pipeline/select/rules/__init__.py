"""One file, one rule; the file's name is the name recipes use."""
