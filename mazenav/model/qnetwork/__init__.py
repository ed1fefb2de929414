"""Model-free Q-networks: map-conditioned (MAH of arXiv 2412.12024), or of a single layout that they must learn."""
