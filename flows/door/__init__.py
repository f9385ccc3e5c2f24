"""What Prefect's page can start: forms, costs, approval, deployments, and the server."""
