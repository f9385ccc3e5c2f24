"""One file, one family of signals; the file's name is the name recipes use."""
