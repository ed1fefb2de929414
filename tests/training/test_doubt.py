"""What the doubt reader is taught: wrong maps, and nothing of the truth but what was lived."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mazenav.model.doubt import DoubtReader, believe, wrong_shares
from mazenav.replay.segment import Segments
from mazenav.sim.body import DMLAB
from mazenav.sim.borders import BorderLabels, border_labels
from mazenav.topdown.occupancy import world_to_cells
from mazenav.training.doubt import doubt_loss, doubtful, found_out, made_wrong
from tests.replay.driving import driven


@pytest.fixture(scope="module")
def segments() -> Segments:
    return driven(2, agents=96, rounds=2, sizes=(6, 10))


def labels_of(segments: Segments) -> tuple[BorderLabels, BorderLabels]:
    return border_labels(segments.pushes(), segments.maps.shape[1:], DMLAB)


def test_what_was_found_out_is_true(segments: Segments) -> None:
    labels = labels_of(segments)
    steps = segments.actions.shape[1]
    count = sum(len(family.crossed) for family in labels)
    free, wall = found_out(segments, labels, np.full(len(segments), steps), np.ones(count, np.bool_))
    assert free.sum() > 500 and wall.sum() > 200
    assert not segments.maps[free].any() and not (free & wall).any()
    assert segments.maps[wall].mean() >= 0.999


def test_less_is_found_out_on_a_part_of_the_way(segments: Segments) -> None:
    labels = labels_of(segments)
    count = sum(len(family.crossed) for family in labels)
    nobody = np.zeros(count, np.bool_)
    free, wall = found_out(segments, labels, np.zeros(len(segments), np.int64), nobody)
    assert not wall.any() and free.reshape(len(free), -1).sum(axis=1).max() == 1
    starts = world_to_cells(segments.states[:, 0, :2], segments.maps.shape[1])
    assert free[np.arange(len(free)), starts[:, 0], starts[:, 1]].all()


def test_wrong_maps_keep_start_and_goal_and_leave_the_padding(segments: Segments) -> None:
    given, outside = made_wrong(segments, np.random.default_rng(0))
    index = np.arange(len(given))
    starts = world_to_cells(segments.states[:, 0, :2], segments.maps.shape[1])
    assert set(np.unique(given)) == {0.0, 1.0}
    assert not given[index, starts[:, 0], starts[:, 1]].any()
    assert not given[index, segments.goals[:, 0], segments.goals[:, 1]].any()
    assert outside.any() and given[outside].all() and segments.maps[outside].all()
    changed = (given != segments.maps).reshape(len(given), -1).any(axis=1).mean()
    assert 0.5 < changed < 0.95


def test_beliefs_hold_nothing_of_the_right_map_that_was_not_lived(segments: Segments) -> None:
    """The right maps may change anywhere but where the agent was or pushed, and the labels stay."""
    belief, free, wall = doubtful(segments, np.random.default_rng(1))
    assert free.sum() > 100 and wall.sum() > 50
    known = belief.known.numpy().astype(np.bool_)
    assert not (free & (belief.known > 0)).any() and not (wall & (belief.known > 0)).any()
    unknown = ~known
    np.testing.assert_array_equal(belief.map.numpy()[unknown], belief.given.numpy()[unknown])
    assert segments.maps[wall.numpy()].mean() >= 0.999 and not segments.maps[free.numpy()].any()


def test_shares_count_what_was_found_out() -> None:
    given = torch.tensor([[[1.0, 1, 1, 0], [0, 0, 0, 0]]])
    found = torch.tensor([[[1.0, 0, 0, 1], [0, 0, 0, 0]]])
    known = torch.tensor([[[1.0, 1, 1, 1], [1, 1, 0, 0]]])
    missing, invented = wrong_shares(given, found, known)
    assert missing.item() == pytest.approx((1 + 0.5) / (2 + 10))
    assert invented.item() == pytest.approx((2 + 0.5) / (4 + 10))


def test_the_loss_weighs_walls_and_free_cells_alike() -> None:
    logits = torch.zeros(1, 3, 3)
    free = torch.tensor([[[True, True, True], [True, True, True], [False, False, False]]])
    wall = torch.tensor([[[False] * 3, [False] * 3, [True, False, False]]])
    assert doubt_loss(logits, free, wall).item() == pytest.approx(np.log(2))
    logits[0, 2, 0] = 3.0
    expected = (np.log(2) + np.log1p(np.exp(3.0))) / 2
    assert doubt_loss(logits, free, wall).item() == pytest.approx(expected)
    nothing = torch.zeros_like(free)
    assert doubt_loss(logits, nothing, nothing).item() == 0.0


def test_a_map_is_read_alike_whatever_it_is_padded_to() -> None:
    torch.manual_seed(0)
    reader = DoubtReader(8, (1, 2, 4))
    maps, known = ((torch.rand(2, 9, 8) < share).float() for share in (0.4, 0.3))
    alone = reader(believe(maps, maps, known))
    wide = torch.nn.functional.pad(maps, (0, 5, 3, 0), value=1.0)
    outside = torch.nn.functional.pad(torch.zeros_like(maps), (0, 5, 3, 0), value=1.0).bool()
    padded = reader(believe(wide, wide, torch.nn.functional.pad(known, (0, 5, 3, 0)), outside))
    torch.testing.assert_close(padded[:, 3:, :8], alone, rtol=1e-4, atol=1e-5)


def test_what_a_map_is_like_as_a_whole_speaks_for_every_cell() -> None:
    torch.manual_seed(0)
    reader = DoubtReader(8, (1,))
    maps = (torch.rand(1, 20, 20) < 0.4).float()
    changed = maps.clone()
    changed[0, 0, 0] = 1 - changed[0, 0, 0]
    known = torch.zeros_like(maps)
    difference = (reader(believe(changed, changed, known)) - reader(believe(maps, maps, known))).detach()
    assert difference[0, 10:, 10:].abs().min() > 0


def test_it_learns_which_cells_are_wrong(segments: Segments) -> None:
    """Where every map is a striped hall and only the given maps err, the stripes are soon read through the noise."""
    torch.manual_seed(1)
    rng = np.random.default_rng(2)
    reader = DoubtReader(12, (1, 2))
    optimizer = torch.optim.Adam(reader.parameters(), lr=1e-2)
    truth = np.zeros((32, 10, 10), np.float32)
    truth[:, :, ::2] = 1.0

    def batch() -> tuple[torch.Tensor, torch.Tensor]:
        wrong = rng.random(truth.shape) < 0.2
        given = torch.from_numpy(np.where(wrong, 1 - truth, truth))
        return reader(believe(given, given, torch.zeros_like(given))), given

    walls = torch.from_numpy(truth) > 0.5
    for _ in range(120):
        logits, _ = batch()
        loss = doubt_loss(logits, ~walls, walls)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    logits, given = batch()
    assert ((logits < 0) == walls).float().mean() > 0.97 > ((given > 0.5) == walls).float().mean()
