"""Layouts: made, read, measured, told apart."""
