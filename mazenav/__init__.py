"""Zero-shot navigation from a map: generate mazes, train model-based agents, evaluate their transfer."""

__version__ = "0.1.0"
