"""The Q-network: its scale, its duel, its symmetry, and what its values may depend on."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from mazenav.config.modelfree import QModelConfig
from mazenav.model.qnetwork.network import QNetwork
from mazenav.model.rescaling import rescale, unscale
from mazenav.types import MazenavError
from tests.model.small import random_latents, random_maps

SMALL = QModelConfig(channels=8, rounds=4, plans=3, hidden=16, hidden_depth=2, side=9)


def small_q(seed: int = 0, reads_map: bool = True) -> QNetwork:
    torch.manual_seed(seed)
    network = QNetwork(replace(SMALL, reads_map=reads_map))
    torch.nn.init.normal_(network.controller.advantage.weight)
    return network


def values(network: QNetwork, maps: Tensor, goals: Tensor, latent: Tensor, context: Tensor) -> Tensor:
    with torch.no_grad():
        return network.bind(maps, goals).scaled(latent, context)


def test_the_scale_is_undone_by_its_inverse() -> None:
    decisions = torch.cat([torch.zeros(1), torch.logspace(-3, 4, 200)]).double()
    torch.testing.assert_close(unscale(rescale(decisions)), decisions, rtol=1e-9, atol=1e-9)
    assert (rescale(decisions).diff() > 0).all() and rescale(torch.zeros(1)) == 0
    assert unscale(torch.tensor([-5.0, 0.0])).tolist() == [0, 0], "no goal is nearer than here"


def test_near_and_far_ask_for_errors_of_like_size() -> None:
    steps = rescale(torch.tensor([1.0, 2.0, 100.0, 110.0]))
    assert 0.3 < (steps[1] - steps[0]) / (steps[3] - steps[2]) < 1


def test_the_mean_over_the_actions_is_the_value() -> None:
    """Dueling: the advantages have no mean, so value and first plan alone decide the mean over the actions."""
    network, maps, goals = small_q(), random_maps(0, 2, 9, 9), torch.tensor([[2, 3], [6, 6]])
    latent, context = random_latents(1, 50, 9, 9), torch.arange(50) % 2
    before = values(network, maps, goals, latent, context)
    with torch.no_grad():
        network.controller.advantage.weight *= 7
        network.controller.advantage.bias *= 7
    after = values(network, maps, goals, latent, context)
    torch.testing.assert_close(before.mean(dim=1), after.mean(dim=1))
    apart = [found - found.mean(dim=1, keepdim=True) for found in (before, after)]
    torch.testing.assert_close(apart[1], 7 * apart[0], rtol=1e-4, atol=1e-4)


def test_the_map_decides() -> None:
    maps, goals = random_maps(2, 2, 9, 9), torch.tensor([[4, 4], [4, 4]])
    latent = random_latents(3, 20, 9, 9)
    there, zeros = [], torch.zeros(20, dtype=torch.int64)
    for reads_map in (True, False):
        network = small_q(reads_map=reads_map)
        one, other = (values(network, maps[i : i + 1], goals[i : i + 1], latent, zeros) for i in range(2))
        there.append((one - other).abs().amax(dim=1))
    assert (there[0] > 0).float().mean() > 0.9, "given the map, values differ between maps"
    assert (there[1] == 0).all(), "not given it, they cannot"


def test_the_goal_decides_with_and_without_a_map() -> None:
    maps, latent = random_maps(2, 1, 9, 9).expand(2, -1, -1), random_latents(3, 20, 9, 9)
    for reads_map in (True, False):
        found = values(small_q(0, reads_map), maps, torch.tensor([[1, 1], [7, 7]]), latent.repeat(2, 1), halves(20))
        assert ((found[:20] - found[20:]).abs().amax(dim=1) > 0).float().mean() > 0.5


def halves(n: int) -> Tensor:
    return torch.arange(2).repeat_interleave(n)


def test_a_cell_sees_as_far_as_the_reader_has_rounds() -> None:
    """A change of the map farther off than that changes nothing: a cell for each round, and one to enter by."""
    network, maps = small_q(), random_maps(4, 1, 3, 40)
    changed = maps.clone()
    changed[0, 1, 39] = 1 - changed[0, 1, 39]
    goal = torch.tensor([[1, 0]])
    with torch.no_grad():
        gap = (network.bind(maps, goal).plans - network.bind(changed, goal).plans).abs().sum(dim=(0, 1, 2))[1:-1]
    reach = SMALL.rounds + 1
    assert (gap[: 39 - reach] == 0).all() and (gap[39 - reach :] > 0).all()


def test_what_is_said_of_a_task_does_not_depend_on_the_others() -> None:
    network, maps = small_q(), random_maps(5, 4, 9, 11)
    goals, latent = torch.tensor([[1, 1], [2, 3], [7, 8], [4, 0]]), random_latents(6, 40, 9, 11)
    context = torch.arange(40) % 4
    together = values(network, maps, goals, latent, context)
    for task in range(4):
        mine = values(network, maps[[task]], goals[[task]], latent[context == task], torch.zeros(10, dtype=torch.int64))
        torch.testing.assert_close(mine, together[context == task])


def test_in_a_mirror_left_and_right_change_places() -> None:
    """Plans that are the same in every cell look alike from any side, so only the body's own symmetry is left."""
    network, latent = small_q(), random_latents(8, 60, 9, 9)
    plans, goal, there = (
        torch.randn(1, 3, 1, 1).expand(1, 3, 11, 11),
        torch.tensor([[-5, -5]]),
        torch.tensor([[13, -5]]),
    )
    zeros = torch.zeros(60, dtype=torch.int64)
    mirrored = latent * torch.tensor([-1.0, 1, -1, 1, -1, 1]) + torch.tensor([9.0, 0, 0, 0, 0, 0])
    with torch.no_grad():
        one = network.controller(plans, goal, latent, zeros)
        other = network.controller(plans, there, mirrored, zeros)
    torch.testing.assert_close(one[:, [1, 0, 2, 3]], other)


def test_an_agent_of_one_layout_is_given_no_other_shape() -> None:
    small_q().check_shape(30, 40)
    small_q(reads_map=False).check_shape(9, 9)
    with pytest.raises(MazenavError, match=r"learnt one layout of 9 x 9 cells by heart cannot be given one of 9 x 10"):
        small_q(reads_map=False).check_shape(9, 10)


@pytest.mark.parametrize("reads_map", [True, False])
def test_gradients_reach_every_weight(reads_map: bool) -> None:
    network = small_q(reads_map=reads_map)
    model = network.bind(random_maps(9, 2, 9, 9), torch.tensor([[3, 3], [5, 5]]))
    model.decisions_to_go(random_latents(10, 64, 9, 9), torch.arange(64) % 2).square().mean().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name
