"""Makers of layouts, one file a kind."""
