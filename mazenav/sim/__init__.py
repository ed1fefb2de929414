"""Batched physics of bodies in mazes."""
