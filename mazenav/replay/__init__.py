"""Experience: segments of trajectories, remembered and relabelled with hindsight goals."""
