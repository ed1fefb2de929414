from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from mazenav.model.neighbourhood import KINDS, neighbourhoods
from mazenav.model.representation import HEADING, POSITION, VELOCITY
from mazenav.model.transition import FirstLayer, Transition, position_features
from tests.model.small import random_latents, random_maps
from tests.model.turning import CODES, compass, mirrors, turn_grid, turn_position, turn_vector

ROWS, COLUMNS = 4, 9
MIRROR = (1, 0, 2, 3)


def transition(rank: int = 5, hidden: int = 16) -> Transition:
    torch.manual_seed(2)
    network = Transition(hidden=hidden, rank=rank, n_actions=4, mirror=MIRROR)
    nn.init.normal_(network.change.weight, std=0.3)
    return network


def random_rows(count: int, batch: int) -> tuple[Tensor, Tensor, Tensor]:
    """Latents, actions and context indices."""
    draw = torch.Generator().manual_seed(count)
    position = torch.rand(count, 2, generator=draw) * torch.tensor([ROWS, COLUMNS])
    latent = torch.cat([position, compass(count), torch.randn(count, 2, generator=draw)], dim=1)
    return latent, torch.arange(count) % 4, torch.randint(batch, (count,), generator=draw)


def random_layer(batch: int, rank: int = 5) -> FirstLayer:
    draw = torch.Generator().manual_seed(batch)
    kinds = torch.randint(KINDS, (batch, ROWS + 2, COLUMNS + 2, 8), generator=draw).to(torch.int16)
    return FirstLayer(kinds, torch.randn(KINDS, rank, generator=draw))


def test_position_features_interpolate() -> None:
    """They sum to one, lie at cells whose centres are less than one off, and give back any linear function."""
    draw = torch.Generator().manual_seed(0)
    position = torch.rand(500, 2, generator=draw) * torch.tensor([ROWS, COLUMNS])
    rows, columns, features = position_features(position)
    assert (features >= 0).all()
    torch.testing.assert_close(features.sum(dim=1), torch.ones(500))
    places = torch.stack([rows, columns], dim=2) - 0.5
    assert ((places - position[:, None]).abs() < 1 + 1e-5).all()
    torch.testing.assert_close((features[..., None] * places).sum(dim=1), position, rtol=1e-4, atol=1e-4)


def test_position_features_stay_inside_the_ring() -> None:
    corners = torch.tensor([[0.0, 0.0], [ROWS, COLUMNS], [0.0, COLUMNS], [ROWS, 0.0]])
    rows, columns, _ = position_features(corners)
    assert rows.min() >= 0 and rows.max() < ROWS + 2
    assert columns.min() >= 0 and columns.max() < COLUMNS + 2


def test_next_latent_is_continuous_in_the_position() -> None:
    network, layer = transition(), random_layer(1)
    line = torch.linspace(0.3, 3.7, 3401)
    latent = torch.cat([torch.stack([line, line * 2], dim=1), compass(1).expand(3401, 2), torch.zeros(3401, 2)], dim=1)
    with torch.no_grad():
        following = network(layer, latent, torch.full((3401,), 2), torch.zeros(3401, dtype=torch.int64))
    jumps = (following[1:] - following[:-1]).abs().amax(dim=1)
    assert jumps.max() < 0.05, "a thousandth of a cell on, the next latent is nearly the same"


def test_only_the_weight_vectors_matter_not_their_coefficients() -> None:
    """Coefficients in another basis, and the basis turned back: the same weight vectors, so the same next latents.

    Mixing coefficients between cells and applying the basis then equals mixing full weight vectors.
    """
    network, layer = transition(), random_layer(2)
    latent, action, context = random_rows(60, 2)
    mixing = torch.eye(5) + 0.2 * torch.randn(5, 5, generator=torch.Generator().manual_seed(0))
    bases = [part for name, part in network.named_children() if name.startswith("basis")]
    with torch.no_grad():
        expected = network(layer, latent, action, context)
        for basis in bases:
            basis.weight.copy_(basis.weight @ torch.linalg.inv(mixing).T)
        found = network(layer._replace(vectors=layer.vectors @ mixing), latent, action, context)
        unturned = network(layer, latent, action, context)
    assert bases and (unturned - expected).abs().max() > 0.01
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


def test_batch_with_contexts_equals_singles() -> None:
    network, layer = transition(), random_layer(3)
    latent, action, context = random_rows(40, 3)
    with torch.no_grad():
        together = network(layer, latent, action, context)
        for row in range(40):
            own = layer._replace(kinds=layer.kinds[context[row] : context[row] + 1])
            alone = network(own, latent[row : row + 1], action[row : row + 1], torch.zeros(1, dtype=torch.int64))
            torch.testing.assert_close(together[row : row + 1], alone, rtol=1e-4, atol=1e-5)


def test_the_map_decides() -> None:
    network, layer = transition(), random_layer(2)
    latent, action, _ = random_rows(20, 1)
    context = torch.zeros(20, dtype=torch.int64)
    assert (network(layer, latent, action, context) - network(layer, latent, action, context + 1)).abs().max() > 0.01


def test_heading_stays_a_unit_and_nothing_runs_away() -> None:
    network, layer = transition(), random_layer(3)
    nn.init.normal_(network.change.weight, std=30.0)
    latent, action, context = random_rows(40, 3)
    with torch.no_grad():
        for step in range(30):
            following = network(layer, latent, (action + step) % 4, context)
            torch.testing.assert_close(following[:, HEADING].norm(dim=1), torch.ones(40), rtol=1e-4, atol=1e-4)
            assert ((following - latent)[:, POSITION].abs() < 4.001).all()
            latent = following


def test_apply_change_by_hand() -> None:
    """Moved, turned by a quarter (cos - 1 = -1, sin = 1: from +column to -row) and faster."""
    latent = torch.tensor([[3.0, 4.0, 0.0, 1.0, 0.1, 0.2]])
    change = torch.tensor([[0.5, -0.25, -1.0, 1.0, 0.3, 0.4]])
    expected = torch.tensor([[3.5, 3.75, -1.0, 0.0, 0.4, 0.6]])
    torch.testing.assert_close(Transition.apply_change(latent, change), expected)


@pytest.mark.parametrize("code", CODES)
def test_in_a_turned_world_it_predicts_the_same_turned(code: int) -> None:
    """Map, latent and action turned by any of the eight symmetries: so is the next latent."""
    network, maps = transition(), random_maps(3, 2, ROWS, COLUMNS)
    vectors = random_layer(1).vectors
    latent, action = random_latents(4, 80, ROWS, COLUMNS), torch.arange(80) % 4
    context = torch.arange(80) % 2

    def turned(rows: Tensor) -> Tensor:
        parts = [turn_position(rows[:, POSITION], ROWS, COLUMNS, code)]
        return torch.cat([*parts, *(turn_vector(rows[:, part], code) for part in (HEADING, VELOCITY))], dim=1)

    swapped = torch.tensor(MIRROR)[action] if mirrors(code) else action
    with torch.no_grad():
        expected = turned(network(FirstLayer(neighbourhoods(maps), vectors), latent, action, context))
        layer = FirstLayer(neighbourhoods(turn_grid(maps, code)), vectors)
        found = network(layer, turned(latent), swapped, context)
        unturned = network(layer, turned(latent), torch.tensor(MIRROR)[swapped], context)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert (unturned - expected).abs().max() > 0.01, "the action matters"
