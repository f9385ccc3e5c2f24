"""Where versions lie: files that are created once, references, and what keeps them in order."""
