"""What a run shows of itself in Prefect's pages: artifacts, its name, and its workers' lines.

All of it is a view: where the server does not answer, the run goes on, and the store is the truth.
"""
