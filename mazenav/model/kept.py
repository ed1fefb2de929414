"""Something that is made from parameters, and made anew after they were changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from torch import Tensor

T = TypeVar("T")


class Kept(Generic[T]):
    """What was made last, of some parameters as they were then and of other tensors.

    A change is noticed by a tensor's version (every change in place counts up) and by where its numbers lie.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        self._parameters = list(parameters)
        self._others: tuple[Tensor, ...] = ()
        self._state: tuple[int, ...] = ()
        self._made: T | None = None

    def get(self, make: Callable[[], T], *others: Tensor) -> T:
        """What was made, or what `make` gives now. The others are held on to, so that no other takes their place."""
        tensors = (*self._parameters, *others)
        state = tuple(number for tensor in tensors for number in (tensor.data_ptr(), tensor._version))
        if self._made is None or state != self._state:
            self._made, self._state, self._others = make(), state, others
        return self._made
