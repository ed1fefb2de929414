"""How to plan: the settings of all planners and their ranges."""

from __future__ import annotations

from dataclasses import dataclass

from mazenav.types import MazenavError

ALGORITHMS = ("gumbel", "puct", "exhaustive")
BACKUPS = ("mean", "best")
LEAVES = ("predicted", "field")


@dataclass(frozen=True)
class SearchConfig:
    """How to plan. The defaults of both tree searches are mctx's, except that no noise is drawn.

    Values are minus decisions to go, often in the thousands. Both algorithms rescale the Q values of a node to [0, 1]
    by their minimum and maximum before weighing them, so one child that the model sends into a wall (-3000) would
    flatten the differences among the sensible ones (-40, -42). Two options, in decisions, keep that in hand, and one
    says what a node is worth; at their defaults the search equals mctx's:

    * `value_clip` K: a leaf's value enters the tree no lower than the root's predicted value minus K. A leaf that bad
      is never chosen, and how bad it is does not matter. It must exceed what a sensible detour costs.
    * `value_epsilon`: Q values are spread over at least this range, so differences far below one decision (rounding,
      or the model's error) are not blown up to full weight. 1.0 weighs them as decisions.
    * `backup`: "mean" averages all returns through a node, those of exploring moves too: forgiving of a single leaf
      valued too high, but more simulations can be worse by a fraction of a decision even where every leaf is exact.
      "best" takes the best return: exact where the model is, and quick to believe a leaf valued too high.

    Attributes:
        algorithm: "gumbel" (Gumbel MuZero), "puct" (MuZero) or "exhaustive" (all sequences of `depth` actions).
        simulations: leaves evaluated for every root; 0 is the greedy policy, whatever the algorithm.
        max_depth: the most edges from the root to a leaf of a tree search; None is no limit.
        depth: length of the action sequences of the exhaustive search.
        considered_actions: Gumbel: root actions that sequential halving starts with.
        gumbel_scale: Gumbel: noise at the root; 0 is deterministic, 1 explores.
        value_scale: Gumbel: weight of the Q values against the logits.
        maxvisit_init: Gumbel: added to the largest visit count in that weight.
        pb_c_init: PUCT: c_1 of the exploration factor.
        pb_c_base: PUCT: c_2 of the exploration factor.
        dirichlet_alpha: PUCT: concentration of the noise on the root's prior.
        dirichlet_fraction: PUCT: share of that noise in the prior; 0 is none.
        temperature: the action is drawn in proportion to action_weights ** (1 / temperature); 0 takes the planner's
            best. A little of it (0.1) breaks the cycles that a deterministic policy of a learned model can be caught
            in.
        value_clip: see above; None is off.
        value_epsilon: see above.
        backup: "mean" or "best", see above.
        leaves: "predicted" values them by the prediction network, "field" by the cell-level field alone (of models that
            have one): minus the decisions to go from the cell that the body is in.

    Raises:
        MazenavError: naming the first field that is out of its range.
    """

    algorithm: str = "gumbel"
    simulations: int = 50
    max_depth: int | None = None
    depth: int = 2
    considered_actions: int = 16
    gumbel_scale: float = 0.0
    value_scale: float = 0.1
    maxvisit_init: float = 50.0
    pb_c_init: float = 1.25
    pb_c_base: float = 19652.0
    dirichlet_alpha: float = 0.3
    dirichlet_fraction: float = 0.0
    temperature: float = 0.0
    value_clip: float | None = None
    value_epsilon: float = 1e-8
    backup: str = "mean"
    leaves: str = "predicted"

    def __post_init__(self) -> None:
        for name, choices in (("algorithm", ALGORITHMS), ("backup", BACKUPS), ("leaves", LEAVES)):
            if getattr(self, name) not in choices:
                raise MazenavError(f"search {name} must be one of {', '.join(choices)}, found {getattr(self, name)!r}")
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is None and name in ("max_depth", "value_clip"):
                continue
            kind, allowed = ("an integer", int) if name in _INTEGERS else ("a number", (int, float))
            if not isinstance(value, allowed) or isinstance(value, bool) or not low <= value <= high:
                raise MazenavError(f"search {name} must be {kind} from {low:g} to {high:g}, found {value!r}")


_INTEGERS = ("simulations", "max_depth", "depth", "considered_actions")
_SMALL, _LARGE = 1e-12, 1e12
_RANGES: dict[str, tuple[float, float]] = {
    "simulations": (0, 1_000_000),
    "max_depth": (1, 1_000_000),
    "depth": (1, 16),
    "considered_actions": (1, 1_000_000),
    "gumbel_scale": (0, _LARGE),
    "value_scale": (0, _LARGE),
    "maxvisit_init": (0, _LARGE),
    "pb_c_init": (0, _LARGE),
    "pb_c_base": (_SMALL, _LARGE),
    "dirichlet_alpha": (_SMALL, _LARGE),
    "dirichlet_fraction": (0, 1),
    "temperature": (0, _LARGE),
    "value_clip": (_SMALL, _LARGE),
    "value_epsilon": (_SMALL, _LARGE),
}
