"""What crosses a boundary: Arrow schemas of the tables, records of artifacts, orders for jobs."""
