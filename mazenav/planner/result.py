"""What a planner hands back: an action, how good each action looked, and what the search held."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class SearchTrace(NamedTuple):
    """What a search held when it stopped, enough to draw it.

    Nodes are numbered per root from 0, the root itself; a node whose visit count is 0 was never made. `A` is the number
    of actions, `N` the number of node places, `P` the length of the longest principal variation.

    Attributes:
        visits: int64 `[B, A]`, simulations through each root action (for exhaustive search: sequences).
        q_values: float64 `[B, A]`, minus the decisions to go by each root action; NaN where it was never tried.
        principal_nodes: int64 `[B, P]`, the nodes along the principal variation, the root first; -1 after its end.
        node_parents: int64 `[B, N]`, -1 for the root and for places without a node.
        node_actions: int64 `[B, N]`, the action that led from the parent; -1 as above.
        node_visits: int64 `[B, N]`.
        node_values: float64 `[B, N]`, the value of the node after the search.
        node_latents: float32 `[B, N, L]`.
    """

    visits: np.ndarray
    q_values: np.ndarray
    principal_nodes: np.ndarray
    node_parents: np.ndarray
    node_actions: np.ndarray
    node_visits: np.ndarray
    node_values: np.ndarray
    node_latents: np.ndarray

    def principal_actions(self, root: int) -> np.ndarray:
        """The actions of the principal variation of one root, int64 `[<= P - 1]`."""
        return self.node_actions[root, self._principal(root)[1:]]

    def principal_latents(self, root: int) -> np.ndarray:
        """The latents along the principal variation of one root, float32 `[<= P, L]`, the root's first."""
        return self.node_latents[root, self._principal(root)]

    def _principal(self, root: int) -> np.ndarray:
        nodes = self.principal_nodes[root]
        return nodes[nodes >= 0]


class PlanResult(NamedTuple):
    """The answer of any planner for B roots.

    Attributes:
        action: int64 `[B]`, what to do.
        action_weights: float32 `[B, A]`, an improved policy; every row sums to 1.
        value: float32 `[B]`, minus the expected decisions to go, as the planner sees it.
        trace: what the search held; None from the greedy policy.
    """

    action: np.ndarray
    action_weights: np.ndarray
    value: np.ndarray
    trace: SearchTrace | None
