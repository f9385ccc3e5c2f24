"""Flows: the DAG, read from top to bottom; Prefect and the command line carry it out."""
