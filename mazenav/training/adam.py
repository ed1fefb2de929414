"""What Adam remembers, as arrays for a checkpoint."""

from __future__ import annotations

import numpy as np
import torch


def moments(optimizer: torch.optim.Optimizer) -> dict[str, np.ndarray]:
    """The optimizer's running moments by `<index of the parameter>.<name>`."""
    arrays = {}
    for index, entry in optimizer.state_dict()["state"].items():
        for name, value in entry.items():
            arrays[f"{index}.{name}"] = torch.as_tensor(value).cpu().numpy()
    return arrays


def restore_moments(optimizer: torch.optim.Optimizer, arrays: dict[str, np.ndarray]) -> None:
    """Take over what `moments` gave."""
    entries: dict[int, dict[str, torch.Tensor]] = {}
    for key, array in arrays.items():
        index, name = key.split(".")
        entries.setdefault(int(index), {})[name] = torch.from_numpy(array.copy())
    optimizer.load_state_dict({**optimizer.state_dict(), "state": entries})
