"""Compiled forms of models: native functions over packed parameters, which a search calls without Python."""
