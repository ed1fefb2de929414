from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from mazenav.model.kept import Kept
from tests.model.small import small_network


class Counted:
    """Makes what it was not asked for before: numbers from 1 on."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> int:
        self.made += 1
        return self.made


def test_what_is_made_stays_until_a_parameter_changes() -> None:
    layer, make = nn.Linear(3, 2), Counted()
    kept: Kept[int] = Kept(layer.parameters())
    assert [kept.get(make), kept.get(make)] == [1, 1]
    with torch.no_grad():
        layer.bias.add_(1)
    assert [kept.get(make), kept.get(make)] == [2, 2]
    layer.load_state_dict(nn.Linear(3, 2).state_dict())
    assert kept.get(make) == 3


def test_other_tensors_count_too() -> None:
    layer, make = nn.Linear(3, 2), Counted()
    kept: Kept[int] = Kept(layer.parameters())
    mine, equal = torch.ones(2), torch.ones(2)
    assert [kept.get(make, mine), kept.get(make, mine), kept.get(make, equal)] == [1, 1, 2]
    equal[0] = 5
    assert [kept.get(make, equal), kept.get(make)] == [3, 4]


def test_a_tensor_that_is_gone_is_not_taken_for_its_successor() -> None:
    """Whatever is made of a tensor may go; a new one may come to lie in the same place."""
    kept: Kept[float] = Kept([])
    for value in range(50):
        other = torch.full((1000,), float(value))
        assert kept.get(lambda other=other: float(other[0]), other) == value  # type: ignore[misc]


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.AdamW])
def test_a_learning_network_predicts_its_vectors_anew(optimizer: type[torch.optim.Optimizer]) -> None:
    network = small_network()
    learning = optimizer(network.parameters(), lr=0.1)  # type: ignore[call-arg]

    def without_gradients() -> Tensor:
        with torch.no_grad():
            return network.vectors()

    before = without_gradients()
    assert without_gradients() is before
    assert network.vectors().requires_grad and torch.equal(network.vectors(), before)
    network.vectors().square().sum().backward()
    learning.step()
    with torch.no_grad():
        assert not torch.equal(network.vectors(), before)
        assert torch.equal(network.vectors(), network.hypermodel.vectors())
        twin = copy.deepcopy(network)
        next(iter(twin.hypermodel.body_reader.parameters())).add_(1)
        assert torch.equal(twin.vectors(), twin.hypermodel.vectors())
        assert torch.equal(network.vectors(), network.hypermodel.vectors())
