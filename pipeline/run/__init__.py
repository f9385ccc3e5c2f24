"""Running the DAG: what is there, what is to be made, by whom, and the commit of versions."""
