"""The crash matrix: each way in which a run can be cut short, at each point, one command."""
