"""What is not as it should be: runs, slots, leases, the machine; found, and mended."""
