"""Trained agents by name or folder, whatever kind of network they hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mazenav.agent.corrector import Corrector
from mazenav.agent.dense_navigator import DenseNavigator
from mazenav.agent.navigator import Navigator
from mazenav.agent.value_agent import ValueAgent
from mazenav.config import from_table
from mazenav.config.policy import PolicyConfig
from mazenav.config.presets import OTHER_NAMES
from mazenav.data import data_folder
from mazenav.model.dense.network import DenseNetwork
from mazenav.model.qnetwork.network import QNetwork
from mazenav.model.store import load_network
from mazenav.model.vin.network import VinNetwork
from mazenav.planner.settings import SearchConfig
from mazenav.types import MazenavError

LearnedAgent = Navigator | DenseNavigator | ValueAgent
"""Agents that were trained."""


def load_agent(name: str | Path, simulations: int | None = None) -> LearnedAgent:
    """A trained agent by the name of a shipped one, such as `mmn`, or by its folder.

    Args:
        name: a shipped name or a folder.
        simulations: how many simulations it searches with; None leaves it at what it was shipped with.

    Raises:
        MazenavError: if there is none, or it cannot be read, or it has no model and is asked to search.
    """
    folder = Path(name)
    if not folder.is_dir():
        shipped = data_folder("models")
        folder = shipped / OTHER_NAMES.get(str(name), str(name))
        if folder.parent != shipped or not folder.is_dir():
            known = ", ".join(sorted(entry.name for entry in shipped.iterdir() if entry.is_dir()))
            raise MazenavError(
                f"no agent is called {name!r}: give a folder, oracle, classic, follower, random or one of"
                f" {known or 'none'}"
            )
    network, settings = load_network(folder)
    if isinstance(network, (QNetwork, VinNetwork)):
        if simulations:
            raise MazenavError(f"agent {folder.resolve().name} learnt values alone and has no model to search in")
        policy = from_table(PolicyConfig, settings.get("policy", {}), f"{folder}, table [policy]")
        return ValueAgent(network, folder.resolve().name, policy.temperature)
    search = from_table(SearchConfig, settings.get("search", {"simulations": 0}), f"{folder}, table [search]")
    if simulations is not None:
        search = replace(search, simulations=simulations)
    if isinstance(network, DenseNetwork):
        return DenseNavigator(network, folder.resolve().name, search)
    kind = Navigator if network.doubt is None else Corrector
    return kind(network, folder.resolve().name, search)
