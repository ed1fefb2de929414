"""Layout files: one module a format, and `reading`, which tells them apart by their content."""
