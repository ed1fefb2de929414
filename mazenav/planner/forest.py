"""The trees of a batch of roots, grown over any model: by one call of it a simulation, or natively where it can."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

from mazenav.model.interface import Compiled, Kernel, LatentModel, ModelStep, Prediction
from mazenav.planner.growth import grow, plant
from mazenav.planner.native import BLOCK, grow_trees, predict
from mazenav.planner.selection import Rule, select
from mazenav.planner.settings import SearchConfig
from mazenav.planner.tree import OUTCOME, Nodes, Tree, new_frontier, new_nodes, new_tree, tell
from mazenav.types import MazenavError


class Roots(NamedTuple):
    """Where B searches begin, and what evaluates them.

    Attributes:
        model: the model.
        kernel: its compiled form, if it is used.
        latent: `[B, L]`.
        contexts: int64 `[B]`.
    """

    model: LatentModel
    kernel: Kernel | None
    latent: Tensor
    contexts: Tensor


@cache
def _offers_kernel(kind: type) -> bool:
    """Whether models of a kind are `Compiled`: asking a protocol takes longer than many a simulation."""
    return issubclass(kind, Compiled)


class Forest(NamedTuple):
    """What is left of B grown trees of N places.

    Attributes:
        nodes: what is told of all nodes.
        roots: a tree of one place: the roots alone, with all that they hold.
        latents: float32 `[B, N, L]`, zeros where there is no node.
    """

    nodes: Nodes
    roots: Tree
    latents: np.ndarray


def find_roots(model: LatentModel, latent: Tensor, context: Tensor | None) -> Roots:
    """Check latents and contexts, and see whether the model's compiled form can be used.

    Raises:
        MazenavError: if they do not fit together.
    """
    if latent.ndim != 2:
        raise MazenavError(f"a planner needs latents [B, L], found shape {tuple(latent.shape)}")
    if context is None:
        context = torch.arange(latent.shape[0], device=latent.device)
    if context.shape != latent.shape[:1]:
        raise MazenavError(f"a planner needs one context for each of {latent.shape[0]} roots, found {len(context)}")
    kernel = None
    if latent.device.type == "cpu" and latent.dtype == torch.float32 and _offers_kernel(type(model)):
        kernel = cast(Compiled, model).kernel()
    if kernel is not None:
        if latent.shape[1] != kernel.latent:
            raise MazenavError(f"this model needs latents [B, {kernel.latent}], found {list(latent.shape)}")
        latent, context = latent.detach().contiguous(), context.to(torch.int64).contiguous()
        tasks = context.numpy()
        for number in (tasks.min(), tasks.max()) if len(tasks) else ():
            if not 0 <= number < kernel.contexts:
                raise MazenavError(f"this model is bound to {kernel.contexts} tasks, found context {number}")
    return Roots(model, kernel, latent, context)


def evaluate_roots(roots: Roots) -> np.ndarray:
    """What the model says of the roots, rows float64 `[B, 3 + A]` as `tree.OUTCOME` tells.

    Raises:
        MazenavError: if it is of another shape or not finite.
    """
    batch, n_actions = roots.latent.shape[0], roots.model.n_actions
    if roots.kernel is not None:
        said = predict(roots.kernel, roots.latent.numpy(), roots.contexts.numpy(), n_actions)
    else:
        prediction = roots.model.predict(roots.latent, roots.contexts)
        _check_prediction(prediction, batch, n_actions)
        said = np.zeros((batch, OUTCOME + n_actions))
        torch.from_numpy(said)[:, 2].copy_(prediction.value)
        torch.from_numpy(said)[:, OUTCOME:].copy_(prediction.logits)
    top = said[:, OUTCOME:].max(axis=1, initial=-np.inf)
    if not np.isfinite(said[:, 2]).all() or not np.isfinite(top).all():
        raise MazenavError("the model's prediction for the roots of the search is not finite")
    return said


def grow_forest(roots: Roots, said: np.ndarray, rule: Rule, config: SearchConfig) -> Forest:
    """Grow all trees by all simulations.

    Args:
        roots: where to begin.
        said: from `evaluate_roots`, with the noise of the search mixed in.
        rule: how actions are chosen.
        config: how many simulations, how deep, and how low a value may be.

    Raises:
        MazenavError: if the model says something that is not finite or of another shape.
    """
    floor = said[:, 2] - (math.inf if config.value_clip is None else config.value_clip)
    max_depth = config.simulations if config.max_depth is None else config.max_depth
    if roots.kernel is None:
        return _grow_by_calls(roots, said, rule, (config.simulations, max_depth), floor)
    return _grow_natively(roots.kernel, roots, said, rule, (config.simulations, max_depth), floor)


def _grow_natively(
    kernel: Kernel, roots: Roots, said: np.ndarray, rule: Rule, limits: tuple[int, int], floor: np.ndarray
) -> Forest:
    """Grow the trees in one call of a compiled function."""
    (batch, length), n_actions, places = roots.latent.shape, roots.model.n_actions, limits[0] + 1
    latents = np.empty((batch * places, length), np.float32)
    latents[::places] = roots.latent.numpy()
    nodes, told, block = new_nodes(batch, places), new_tree(batch, n_actions, 1), max(1, min(batch, BLOCK))
    tree, frontier = new_tree(block, n_actions, places), new_frontier(block)
    bad = grow_trees(kernel, rule, limits[1], floor, said, roots.contexts.numpy(), latents, tree, frontier, nodes, told)
    if bad >= 0:
        raise MazenavError(f"the model's answer for root {bad} is not finite in the search")
    return Forest(nodes, told, latents.reshape(batch, places, length))


def _grow_by_calls(roots: Roots, said: np.ndarray, rule: Rule, limits: tuple[int, int], floor: np.ndarray) -> Forest:
    """Grow the trees by one call of the model a simulation."""
    model, (batch, length), device = roots.model, roots.latent.shape, roots.latent.device
    simulations, places = limits[0], limits[0] + 1
    latents = roots.latent.new_zeros((batch * places, length))
    latents[::places] = roots.latent
    tree, frontier, outcomes = new_tree(batch, model.n_actions, places), new_frontier(batch), np.zeros_like(said)
    source, action, target = (torch.from_numpy(array) for array in frontier)
    answer = torch.from_numpy(outcomes)
    plant(tree, rule, 0, said)
    for simulation in range(simulations):
        select(tree, simulation, limits[1], frontier)
        step = model.step(latents.index_select(0, source.to(device)), action.to(device), roots.contexts)
        prediction = model.predict(step.latent, roots.contexts)
        if simulation == 0:
            _check_step(step, prediction, roots.latent, model.n_actions)
        latents.index_copy_(0, target.to(device), step.latent)
        for column, told in enumerate((step.reward, step.discount, prediction.value)):
            answer[:, column].copy_(told)
        answer[:, OUTCOME:].copy_(prediction.logits)
        bad = grow(tree, rule, frontier, outcomes, floor, 0)
        if bad >= 0:
            raise MazenavError(f"the model's answer for root {bad} is not finite in simulation {simulation}")
    nodes, tops = new_nodes(batch, places), new_tree(batch, model.n_actions, 1)
    tell(tree, 0, batch, nodes, tops)
    return Forest(nodes, tops, latents.float().cpu().numpy().reshape(batch, places, length))


def _check_prediction(prediction: Prediction, batch: int, n_actions: int) -> None:
    value, logits = tuple(prediction.value.shape), tuple(prediction.logits.shape)
    if value != (batch,) or logits != (batch, n_actions):
        raise MazenavError(
            f"a model must predict value [{batch}] and logits [{batch}, {n_actions}],"
            f" found {list(value)} and {list(logits)}"
        )


def _check_step(step: ModelStep, prediction: Prediction, latent: Tensor, n_actions: int) -> None:
    batch = latent.shape[0]
    _check_prediction(prediction, batch, n_actions)
    if step.latent.shape != latent.shape or step.reward.shape != (batch,) or step.discount.shape != (batch,):
        raise MazenavError(
            f"a model must step to latents {list(latent.shape)} with reward and discount [{batch}], found"
            f" {list(step.latent.shape)}, {list(step.reward.shape)}, {list(step.discount.shape)}"
        )
