"""Several processes of one run, as `torchrun` starts them: who does what, and how they put it together.

Every process holds the whole run: the same weights, agents, replay and random streams. What is divided is what networks
compute: each process takes its own rows of every batch, and the results are gathered, the gradients summed. Whatever is
decided is decided by all of them alike, so the run is that of one process on the same batches, and any of them could
write the checkpoint; the first one does. Outside `joined`, or alone, each function here does nothing or what one
process would do.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mazenav.types import MazenavError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Parameter


@dataclass(frozen=True)
class Crew:
    """The processes of a run, and which of them this one is."""

    rank: int = 0
    ranks: int = 1
    joined: bool = False


LETTING_GO = 0.2
"""Seconds that the threads of a process group are given to let go of its last message."""

_crew = Crew()  # as torch's own default process group, there is one in a process
_groups = itertools.count()


def leads() -> bool:
    """Whether this is the process that writes and prints, the only one or the first."""
    return _crew.rank == 0


def ranks() -> int:
    """How many processes share the run."""
    return _crew.ranks


def launched() -> bool:
    """Whether `torchrun`, or a launcher that sets the same variables, started this process as one of a run's."""
    return all(name in os.environ for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"))


def restarted() -> bool:
    """Whether `torchrun` started the run's processes again, after one of them had died."""
    return launched() and _restarts() > 0


def _restarts() -> int:
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))


@contextmanager
def joined(device: str = "cpu") -> Iterator[str]:
    """For the time of the block, share the work with the processes that were launched with this one, if any.

    Args:
        device: `cpu` or `cuda`.

    Yields:
        The device of this process: with `cuda`, a GPU of its own.

    Raises:
        MazenavError: if there are fewer GPUs here than processes, or they do not find each other.
    """
    global _crew
    if not launched() or _crew.joined:
        yield device
        return
    import torch
    from torch import distributed

    if device == "cuda":
        local = int(os.environ["LOCAL_RANK"])
        if local >= torch.cuda.device_count():
            raise MazenavError(
                f"each process needs a GPU of its own: torchrun started more than the {torch.cuda.device_count()} here"
            )
        device = f"cuda:{local}"
        torch.cuda.set_device(local)
    with _told():
        # Under a name of its own, since what an earlier group, or a killed one, left in the store would mislead it.
        store, rank, size = next(distributed.rendezvous("env://"))
        store = distributed.PrefixStore(f"mazenav/{_restarts()}/{next(_groups)}", store)
        backend = "gloo" if device == "cpu" else "cpu:gloo,cuda:nccl"
        distributed.init_process_group(backend, store=store, rank=rank, world_size=size)
    _crew = Crew(rank, size, joined=True)
    try:
        yield device
    finally:
        _crew = Crew()
        distributed.destroy_process_group()
        # Threads of gloo may outlive the group and still hold the last message. They need Python to let go of it, and
        # abort the process if that is gone by then (seen; so does pull request 179291 of pytorch tell).
        time.sleep(LETTING_GO)


@contextmanager
def _told() -> Iterator[None]:
    """Tell in one sentence that the other processes are gone."""
    try:
        yield
    except RuntimeError as error:
        reason = re.sub(r"\[\S*\.cc:\d+\] ", "", str(error).splitlines()[0]).split(". ")[0]
        raise MazenavError(
            f"lost the other processes of this run ({reason}); what was saved last can be resumed"
        ) from error


def agreed(action: Callable[[], None]) -> None:
    """Let the first process do something that only one may do, and the others wait; where it fails, all stop.

    Raises:
        MazenavError: what the action raised; of the others `SystemExit`, since it is told once.
    """
    error: MazenavError | None = None
    if leads():
        try:
            action()
        except MazenavError as raised:
            error = raised
    if any(gathered(np.array([error is not None]))):
        raise SystemExit(2) if error is None else error


def own_rows(n: int) -> slice:
    """Which of the n rows of a batch are this process's; maybe none, where there are fewer rows than processes."""
    return _rows_of(_crew.rank, n)


def _rows_of(rank: int, n: int) -> slice:
    return slice(n * rank // _crew.ranks, n * (rank + 1) // _crew.ranks)


def own_tasks(order: list[int]) -> list[int]:
    """Every so-manieth task, so that each process gets large and small ones alike."""
    return order[_crew.rank :: _crew.ranks]


def check_share(purpose: str, n: int) -> None:
    """Make sure that every process has a row to work on.

    Raises:
        MazenavError: if it has not.
    """
    if n < _crew.ranks:
        raise MazenavError(f"{_crew.ranks} processes cannot share {n} {purpose}: start fewer, or ask for more")


class OwnDraws(np.random.Generator):
    """Draws integers for the n rows of a batch, and gives those of this process's rows.

    It moves on with the generator that it is made from, which so stays the same in all processes. A shape must begin
    with the number of rows.
    """

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        super().__init__(rng.bit_generator)
        self._n = n

    def integers(self, *args: Any, **others: Any) -> Any:
        """As a generator's own; the shape is named."""
        mine, size = own_rows(self._n), others.pop("size")
        assert size[0] == mine.stop - mine.start, f"{size} does not begin with the rows of this process"
        draw: Any = super().integers
        return draw(*args, size=(self._n, *size[1:]), **others)[mine]


def gathered(array: np.ndarray, lengths: Sequence[int] | None = None) -> list[np.ndarray]:
    """The arrays of all processes, by rank; they may differ in length (`lengths`, if known), but in nothing else."""
    if _crew.ranks == 1:
        return [array]
    import torch
    from torch import distributed

    own = np.ascontiguousarray(array)
    if lengths is None:
        counts = [torch.zeros(1, dtype=torch.int64) for _ in range(_crew.ranks)]
        with _told():
            distributed.all_gather(counts, torch.tensor([len(own)]))
        lengths = [int(count) for count in counts]
    most = max(lengths)
    width = own.dtype.itemsize * int(np.prod(own.shape[1:]))
    padded = np.zeros(most * width, np.uint8)
    padded[: own.nbytes] = own.reshape(-1).view(np.uint8)
    parts = [torch.empty(most * width, dtype=torch.uint8) for _ in range(_crew.ranks)]
    if padded.size:
        with _told():
            distributed.all_gather(parts, torch.from_numpy(padded))
    return [
        part.numpy()[: length * width].view(own.dtype).reshape(length, *own.shape[1:])
        for part, length in zip(parts, lengths, strict=True)
    ]


def all_rows(array: np.ndarray, n: int) -> np.ndarray:
    """The n rows of all processes, one behind the other, from this one's as `own_rows` cut them."""
    if _crew.ranks == 1:
        return array
    shares = (_rows_of(rank, n) for rank in range(_crew.ranks))
    return np.concatenate(gathered(array, [share.stop - share.start for share in shares]))


def average(total: Tensor, count: Tensor) -> Tensor:
    """This process's share of a mean over the rows of all; the shares' sum is the mean.

    Args:
        total: `[]`, the sum over its own rows.
        count: `[]`, by how many of its own it is to be divided.
    """
    if _crew.ranks > 1:
        from torch import distributed

        count = count.detach().clone()
        with _told():
            distributed.all_reduce(count)
    return total / count.clamp(min=1)


def summed(values: Sequence[Tensor]) -> list[Tensor]:
    """Each of some scalars as the sum over all processes, detached."""
    if _crew.ranks == 1:
        return [value.detach() for value in values]
    import torch
    from torch import distributed

    together = torch.stack([value.detach() for value in values])
    with _told():
        distributed.all_reduce(together)
    return list(together.unbind())


def sum_gradients(parameters: Iterable[Parameter]) -> None:
    """Replace the gradient of each parameter by its sum over all processes, in one message.

    One that has none in any process is left without, as Adam tells no gradient from one of zero.
    """
    if _crew.ranks == 1:
        return
    import torch
    from torch import distributed

    tensors = list(parameters)
    has = torch.tensor([p.grad is not None for p in tensors]).to(tensors[0])
    gradients = [torch.zeros_like(p.detach()) if p.grad is None else p.grad for p in tensors]
    flat = torch.cat([has, *(gradient.flatten() for gradient in gradients)])
    with _told():
        distributed.all_reduce(flat)
    counts, first = flat[: len(tensors)].tolist(), len(tensors)
    for parameter, count in zip(tensors, counts, strict=True):
        part = flat[first : first + parameter.numel()]
        parameter.grad = part.view_as(parameter).clone() if count else None
        first += parameter.numel()


def check_alike(arrays: Mapping[str, np.ndarray], facts: str) -> None:
    """Make sure that the processes still hold the same run.

    Raises:
        MazenavError: if they do not, as when their machines round differently.
    """
    if _crew.ranks == 1:
        return
    digest = hashlib.blake2b(facts.encode(), digest_size=8)
    for name in sorted(arrays):
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    found = gathered(np.frombuffer(digest.digest(), np.int64))
    if len({int(part[0]) for part in found}) > 1:
        raise MazenavError("the processes of this run no longer hold the same: use machines and GPUs of one kind")
