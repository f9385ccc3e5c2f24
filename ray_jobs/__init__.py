"""Work for Ray and Torch: the training jobs, and the Torch code that they run."""
