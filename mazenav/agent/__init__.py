"""Agents: the learned navigator, and the baselines that it is held against."""
