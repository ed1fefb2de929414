"""The value iteration network (Tamar et al. 2016), on cells, with the spatial agent's local controller behind it."""
