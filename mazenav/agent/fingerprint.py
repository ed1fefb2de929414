"""What tells one trained agent from another, whatever they are called."""

from __future__ import annotations

import hashlib

from mazenav.agent.interface import Agent
from mazenav.agent.loading import LearnedAgent


def fingerprint(agent: Agent) -> dict[str, str]:
    """Its `weights` as 32 hexadecimal digits, and how it searches, if it does; nothing of one that learnt nothing."""
    if not isinstance(agent, LearnedAgent):
        return {}
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(agent.network.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(tensor.contiguous().numpy().tobytes())
    search = {"search": repr(agent.search)} if hasattr(agent, "search") else {}
    return {"weights": digest.hexdigest(), **search}
