"""Planners: tree search through a latent model, and value iteration on the predicted cell-level network."""
