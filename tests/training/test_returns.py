from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from mazenav.training.returns import lambda_targets, n_step_targets, seen_decisions


class Path(NamedTuple):
    """Inputs of `lambda_targets` in its order."""

    residual: Tensor
    field: Tensor
    actions: Tensor
    reached: Tensor
    valid: Tensor


def plain_targets(path: Path, trace: float, margin: float, discount: float) -> Tensor:
    """The docstring's equation by recursion forward in time, one segment and decision at a time."""
    n, steps = path.actions.shape
    targets = torch.zeros(n, steps)

    def target(segment: int, time: int) -> float:
        here, there = float(path.field[segment, time]), float(path.field[segment, time + 1])
        if path.reached[segment, time]:
            return 1 - here
        best = float(path.residual[segment, time + 1].min())
        ahead = best
        if time + 1 < steps and path.valid[segment, time + 1]:
            taken = float(path.residual[segment, time + 1, path.actions[segment, time + 1]])
            if taken <= best + margin:
                ahead = (1 - trace) * best + trace * target(segment, time + 1)
        return 1 + there - here + discount * ahead

    for segment in range(n):
        for time in range(steps):
            targets[segment, time] = target(segment, time)
    return targets


def random_path(seed: int, n: int = 6, steps: int = 7, actions: int = 4) -> Path:
    draw = torch.Generator().manual_seed(seed)
    length = torch.randint(1, steps + 1, (n, 1), generator=draw)
    time = torch.arange(steps)
    arrived = torch.rand(n, 1, generator=draw) < 0.5
    return Path(
        torch.randn(n, steps + 1, actions, generator=draw),
        torch.rand(n, steps + 1, generator=draw) * 20,
        torch.randint(actions, (n, steps), generator=draw),
        arrived & (time == length - 1),
        time < length,
    )


def greedy(path: Path) -> Path:
    return path._replace(actions=path.residual[:, :-1].argmin(dim=2))


def one_path(residual: list[list[float]], field: list[float], actions: list[int], reached_at: int | None) -> Path:
    steps = len(actions)
    reached = torch.tensor([[step == reached_at for step in range(steps)]])
    return Path(
        torch.tensor([residual]), torch.tensor([field]), torch.tensor([actions]), reached, torch.ones_like(reached)
    )


@pytest.mark.parametrize("trace", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("discount", [0.9, 1.0])
def test_equals_the_equation_written_out(trace: float, discount: float) -> None:
    for seed in range(10):
        path = random_path(seed)
        found = lambda_targets(*path, trace, 0.5, discount)
        expected = plain_targets(path, trace, 0.5, discount)
        torch.testing.assert_close(found[path.valid], expected[path.valid], rtol=1e-4, atol=1e-4)


def test_by_hand_to_the_goal() -> None:
    """Two greedy decisions, the second reaches the goal: F = 5, 3; target of the last 1 - 3, of the first
    1 + 3 - 5 + 0.5 (0.25 * 0.4 + 0.75 * (1 - 3)) = -1.7."""
    path = one_path([[0.5, 2.0], [0.4, 0.7], [9.0, 9.0]], [5.0, 3.0, 0.0], [0, 0], reached_at=1)
    torch.testing.assert_close(lambda_targets(*path, 0.75, 0.1, 0.5), torch.tensor([[-1.7, -2.0]]))


def test_by_hand_exploration_cuts_the_trace() -> None:
    """The second decision takes an action that is 0.3 worse: beyond a margin of 0.1 the first looks no farther."""
    path = one_path([[0.5, 2.0], [0.4, 0.7], [0.2, 9.0]], [5.0, 3.0, 4.0], [0, 1], reached_at=None)
    torch.testing.assert_close(lambda_targets(*path, 1.0, 0.1, 0.5), torch.tensor([[1 + 3 - 5 + 0.2, 1 + 4 - 3 + 0.1]]))
    torch.testing.assert_close(lambda_targets(*path, 1.0, 0.31, 0.5), torch.tensor([[1 + 3 - 5 + 0.5 * 2.1, 2.1]]))


def test_without_trace_it_is_the_one_step_target() -> None:
    path = random_path(3)
    best = path.residual[:, 1:].amin(dim=2)
    one_step = 1 - path.field[:, :-1] + torch.where(path.reached, torch.zeros(()), path.field[:, 1:] + 0.9 * best)
    torch.testing.assert_close(lambda_targets(*path, 0.0, 0.5, 0.9)[path.valid], one_step[path.valid])


def test_greedy_with_full_trace_is_monte_carlo_whatever_the_field() -> None:
    """Undiscounted: target plus field are the decisions left to the goal, for each valid decision before it."""
    for seed in range(5):
        path = greedy(random_path(seed))
        lengths = path.valid.sum(dim=1, keepdim=True)
        left = (lengths - torch.arange(path.actions.shape[1])).float()
        found = lambda_targets(*path, 1.0, 0.0, 1.0) + path.field[:, :-1]
        ended = path.reached.any(dim=1, keepdim=True) & path.valid
        assert ended.any()
        torch.testing.assert_close(found[ended], left[ended], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("trace", [0.0, 0.9])
def test_an_exact_field_leaves_nothing_to_learn(trace: float) -> None:
    """Where the field counts the decisions left exactly, a residual of nothing is its own target."""
    steps = 9
    field = torch.arange(steps, -1, -1).float().expand(4, -1)
    reached = (torch.arange(steps) == steps - 1).expand(4, -1)
    path = Path(torch.zeros(4, steps + 1, 3), field, torch.zeros(4, steps, dtype=torch.int64), reached, reached | True)
    assert (lambda_targets(*path, trace, 0.3, 0.95) == 0).all()


def test_what_comes_after_the_end_does_not_matter() -> None:
    path = random_path(8)
    after = ~path.valid
    untouched = torch.cat(
        [path.valid[:, :1], path.valid], dim=1
    )  # the state that the last valid decision led to counts
    other = path._replace(
        residual=torch.where(untouched[..., None], path.residual, torch.full((), 77.0)),
        field=torch.where(untouched, path.field, torch.full((), 55.0)),
        actions=torch.where(after, 1, path.actions),
        reached=path.reached | after,
    )
    first, second = (lambda_targets(*each, 0.9, 0.3, 0.95) for each in (path, other))
    assert after.any() and torch.equal(first[path.valid], second[path.valid])


def plain_n_step(ahead: Tensor, reached: Tensor, valid: Tensor, good: Tensor, n_step: int, discount: float) -> Tensor:
    """The equation of `n_step_targets`, one decision at a time."""
    n, steps = reached.shape
    targets = torch.zeros(n, steps)
    for segment in range(n):
        for time in range(steps):
            total, at = 0.0, time
            while at < min(time + n_step, steps) and valid[segment, at] and (at == time or good[segment, at]):
                total += discount ** (at - time)
                at += 1
                if reached[segment, at - 1]:
                    break
            else:
                total += discount ** (at - time) * float(ahead[segment, at])
            targets[segment, time] = total
    return targets


@pytest.mark.parametrize(("n_step", "discount"), [(1, 0.9), (3, 0.9), (5, 1.0), (20, 0.97)])
def test_n_step_targets_equal_the_equation(n_step: int, discount: float) -> None:
    for seed in range(5):
        path = random_path(seed, n=20)
        good = torch.rand(20, 7, generator=torch.Generator().manual_seed(seed)) < 0.7
        inputs = (path.field, path.reached, path.valid, good, n_step, discount)
        torch.testing.assert_close(n_step_targets(*inputs)[path.valid], plain_n_step(*inputs)[path.valid])


def test_n_step_targets_by_hand() -> None:
    """The goal is reached in the third of four decisions; 100 decisions are seen ahead from anywhere."""
    ahead = torch.full((1, 5), 100.0)
    reached = torch.tensor([[False, False, True, False]])
    valid = torch.tensor([[True, True, True, False]])
    good = torch.ones_like(valid)
    two = n_step_targets(ahead, reached, valid, good, 2, 0.5)[0, :3]
    assert two.tolist() == [1 + 0.5 + 0.25 * 100, 1 + 0.5, 1]
    never = n_step_targets(ahead, torch.zeros_like(reached), good, good, 3, 1.0)[0]
    assert never.tolist() == [103, 103, 102, 101], "a segment's end cuts the return short"
    timed_out = n_step_targets(ahead, torch.zeros_like(reached), valid, good, 4, 1.0)[0, :3]
    assert timed_out.tolist() == [103, 102, 101], "the episode was over, but not the way"
    third_was_not_greedy = torch.tensor([[True, True, False, True]])
    cut = n_step_targets(ahead, reached, valid, third_was_not_greedy, 4, 1.0)[0, :3]
    assert cut.tolist() == [102, 101, 1], "its own return counts, but not that of those before it"


def test_decisions_seen_until_the_goal() -> None:
    reached = torch.tensor([[False, False, True, False], [False, False, False, False]])
    valid = torch.tensor([[True, True, True, False], [True, True, True, True]])
    seen = seen_decisions(reached, valid, 0.5)
    assert seen[0].tolist() == [1.75, 1.5, 1.0, torch.inf] and seen[1].isinf().all()


@pytest.mark.parametrize("discount", [0.9, 1.0])
def test_no_return_is_shorter_than_what_was_seen_where_all_of_it_counts(discount: float) -> None:
    for seed in range(5):
        path = random_path(seed, n=20)
        good = torch.ones_like(path.valid)
        whole = n_step_targets(path.field, path.reached, path.valid, good, 20, discount)
        seen = seen_decisions(path.reached, path.valid, discount)
        assert seen.isfinite().any() and seen.isinf().any()
        torch.testing.assert_close(whole[seen.isfinite()], seen[seen.isfinite()])
