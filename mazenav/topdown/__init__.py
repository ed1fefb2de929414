"""Top-down maps: occupancy for machines, pictures and films for people, contexts, and maps wrong on purpose."""
