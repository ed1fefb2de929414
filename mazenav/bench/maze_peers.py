"""The makers of mazes of other packages, by package and by our name of the kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

Maker = Callable[[int], Callable[[], object]]
"""From the side in cells, walls included, to a function that makes one maze; raises ImportError without the peer."""


def _mazelib(module: str, name: str, side: int, *more: float) -> Callable[[], object]:
    """An algorithm of mazelib, which counts the cells between the walls; `more` are its own arguments."""
    algorithm: Any = getattr(import_module(f"mazelib.generate.{module}"), name)
    nodes = side // 2
    generate: Callable[[], object] = algorithm(nodes, nodes, *more).generate
    return generate


def _maze_dataset(name: str, side: int) -> Callable[[], object]:
    """An algorithm of maze-dataset, which counts the cells between the walls."""
    import numpy as np
    from maze_dataset.generation import LatticeMazeGenerators

    return partial(getattr(LatticeMazeGenerators, name), np.array([side // 2, side // 2]))


def _labmaze(side: int) -> Callable[[], object]:
    """RandomMaze of labmaze with its own defaults."""
    import labmaze

    maze = labmaze.RandomMaze(height=side, width=side, random_seed=0)

    def make() -> object:
        maze.regenerate()
        return maze.entity_layer

    return make


PEERS: dict[str, dict[str, Maker]] = {
    "labmaze": {"lab": _labmaze},
    "mazelib": {
        "backtracker": partial(_mazelib, "BacktrackingGenerator", "BacktrackingGenerator"),
        "kruskal": partial(_mazelib, "Kruskal", "Kruskal"),
        "prim": partial(_mazelib, "Prims", "Prims"),
        "wilson": partial(_mazelib, "Wilsons", "Wilsons"),
        "aldous_broder": partial(_mazelib, "AldousBroder", "AldousBroder"),
        "eller": partial(_mazelib, "Ellers", "Ellers"),
        "hunt_and_kill": partial(_mazelib, "HuntAndKill", "HuntAndKill"),
        "sidewinder": partial(_mazelib, "Sidewinder", "Sidewinder"),
        "binary_tree": partial(_mazelib, "BinaryTree", "BinaryTree"),
        "division": partial(_mazelib, "Division", "Division"),
        "growing_tree": lambda side: _mazelib("GrowingTree", "GrowingTree", side, 0.5),
        "spiral": partial(_mazelib, "TrivialMaze", "TrivialMaze"),
    },
    "maze-dataset": {
        "backtracker": partial(_maze_dataset, "gen_dfs"),
        "kruskal": partial(_maze_dataset, "gen_kruskal"),
        "wilson": partial(_maze_dataset, "gen_wilson"),
        "division": partial(_maze_dataset, "gen_recursive_division"),
    },
}
"""peer -> kind -> maker.

Left out are `gen_prim` of maze-dataset, which warns that it is not Prim's algorithm, and mazelib's cellular automaton,
which makes mazes of scattered walls rather than caves.
"""
