"""The whole search in one native call, for models that offer a compiled form (`model.interface.Kernel`).

Roots are taken in blocks whose trees and latents stay in the cache; what a root finds does not depend on its block.
Numba's cache does not see a change in a file it only imports: after a change to `tree`, `selection` or `growth` remove
`__pycache__`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core.typing import Signature
from numba.extending import intrinsic

from mazenav.model.interface import Kernel
from mazenav.planner.growth import grow, plant
from mazenav.planner.selection import Rule, select
from mazenav.planner.tree import NONE, OUTCOME, VISITS, Frontier, Nodes, Tree, tell, width

BLOCK = 32
"""Roots whose trees grow together."""


@intrinsic
def _call(typingctx: Any, address: Any, weights: Any, tasks: Any, sizes: Any, rows: Any, latent: Any, action: Any,
          context: Any, following: Any, outcome: Any, scratch: Any) -> tuple[Signature, Any]:  # fmt: skip
    """Call the function at `address` (see `Kernel`) with the arrays' first elements."""
    signature = types.void(
        types.int64, weights, tasks, sizes, types.int64, latent, action, context, following, outcome, scratch
    )

    def lower(context: Any, builder: Any, signature: Signature, args: Any) -> Any:
        given = [
            context.make_array(kind)(context, builder, value).data if isinstance(kind, types.Array) else value
            for kind, value in zip(signature.args[1:], args[1:], strict=True)
        ]
        function = ir.FunctionType(ir.VoidType(), [value.type for value in given])
        builder.call(builder.inttoptr(args[0], function.as_pointer()), given)
        return context.get_dummy_value()

    return signature, lower


@njit(cache=True)
def predict(kernel: Kernel, latent: np.ndarray, contexts: np.ndarray, n_actions: int) -> np.ndarray:
    """What the model says of latents float32 `[M, L]`: rows float64 `[M, 3 + A]`, see `tree.OUTCOME`."""
    rows = latent.shape[0]
    outcomes = np.empty((rows, OUTCOME + n_actions))
    scratch = np.empty(BLOCK * kernel.scratch, np.float32)
    actions = np.full(BLOCK, NONE)
    following = np.empty((BLOCK, latent.shape[1]), np.float32)
    for first in range(0, rows, BLOCK):
        last = min(first + BLOCK, rows)
        _call(kernel.address, kernel.weights, kernel.tasks, kernel.sizes, last - first, latent[first:last], actions,
              contexts[first:last], following, outcomes[first:last], scratch)  # fmt: skip
    return outcomes


@njit(cache=True, nogil=True)
def grow_trees(
    kernel: Kernel, rule: Rule, max_depth: int, floor: np.ndarray, roots: np.ndarray, contexts: np.ndarray,
    latents: np.ndarray, tree: Tree, frontier: Frontier, nodes: Nodes, told: Tree,
) -> int:  # fmt: skip
    """Plant and grow the trees of B roots.

    Args:
        kernel: the model.
        rule: how an action is chosen.
        max_depth: the most edges from a root to a leaf.
        floor: float64 `[B]`, see `growth.grow`.
        roots: float64 `[B, 3 + A]`, the evaluated roots.
        contexts: int64 `[B]`.
        latents: float32 `[B * N, L]`, of the nodes; those of the roots are given, the others written.
        tree: room for a block of trees.
        frontier: room for a block of edges.
        nodes: written: what is told of the nodes.
        told: a tree of one place, written: the roots.

    Returns:
        -1, or the first root for which the model said something that is not finite.
    """
    batch, places, length, block = contexts.shape[0], tree.places, latents.shape[1], frontier.source.shape[0]
    near, scratch = np.empty((block, length), np.float32), np.empty(block * kernel.scratch, np.float32)
    far, outcomes = np.empty_like(near), np.empty((block, roots.shape[1]))
    for first in range(0, batch, block):
        rows = min(block, batch - first)
        edge = Frontier(frontier.source[:rows], frontier.action[:rows], frontier.target[:rows])
        memory = latents[first * places : (first + rows) * places]
        plant(tree, rule, first, roots[first : first + rows])
        for simulation in range(places - 1):
            select(tree, simulation, max_depth, edge)
            for row in range(rows):
                for index in range(length):
                    near[row, index] = memory[edge.source[row], index]
            _call(kernel.address, kernel.weights, kernel.tasks, kernel.sizes, rows, near, edge.action,
                  contexts[first : first + rows], far, outcomes, scratch)  # fmt: skip
            for row in range(rows):
                for index in range(length):
                    memory[edge.target[row], index] = far[row, index]
            bad = grow(tree, rule, edge, outcomes[:rows], floor, first)
            if bad >= 0:
                return bad
        tell(tree, first, rows, nodes, told)
        for node in range(rows * places):
            if tree.integers[node * width(tree.n_actions) + VISITS] == 0:
                memory[node] = 0.0
    return NONE
