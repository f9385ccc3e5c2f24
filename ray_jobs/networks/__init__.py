"""The Torch side of `ray_jobs.models`: one network per file, imported only where it is trained."""
