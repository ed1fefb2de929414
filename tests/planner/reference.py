"""A second tree search, plain and recursive, one root at a time; it shares nothing with the package's."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tests.planner.worlds import TableModel


@dataclass
class Node:
    """A state of the world with the returns seen from it."""

    state: int
    prediction: float
    logits: list[float]
    returns: list[float] = field(default_factory=list)
    edges: dict[int, tuple[float, float, Node]] = field(default_factory=dict)
    best: bool = False

    @property
    def value(self) -> float:
        if self.best:
            return max([self.prediction, *(self.q(action) for action in self.edges)])
        return math.fsum(self.returns) / len(self.returns)

    def q(self, action: int) -> float:
        reward, discount, child = self.edges[action]
        return reward + discount * child.value

    def count(self, action: int) -> int:
        return len(self.edges[action][2].returns) if action in self.edges else 0

    def counts(self) -> list[int]:
        return [self.count(action) for action in range(len(self.logits))]


def softmax(logits: list[float]) -> list[float]:
    top = max(logits)
    odds = [math.exp(logit - top) for logit in logits]
    return [odd / math.fsum(odds) for odd in odds]


def first_best(scores: dict[int, float]) -> int:
    return max(sorted(scores), key=lambda action: scores[action])


@dataclass
class ReferenceSearch:
    """Gumbel MuZero (puct=False) or PUCT over one root of one world."""

    model: TableModel
    task: int
    simulations: int
    puct: bool
    gumbel: list[float]
    max_depth: int
    considered: int = 16
    value_scale: float = 0.1
    maxvisit_init: float = 50.0
    floor: float = -math.inf
    best: bool = False

    def run(self, state: int, root_logits: list[float] | None = None) -> Node:
        root = self.make(state)
        self.floor += root.prediction
        root.logits = root_logits or root.logits
        root.returns.append(root.prediction)
        plan = self.halving(min(self.considered, self.model.n_actions))
        for visits in plan[: self.simulations]:
            self.simulate(root, 0, visits)
        return root

    def make(self, state: int) -> Node:
        prediction = float(self.model.value[self.task, state])
        return Node(state, prediction, self.model.logits[self.task, state].tolist(), best=self.best)

    def simulate(self, node: Node, depth: int, visits: int) -> float:
        action = self.puct_choice(node) if self.puct else self.gumbel_choice(node, depth, visits)
        reward = float(self.model.reward[self.task, node.state, action])
        discount = float(self.model.discount[self.task, node.state, action])
        if action in node.edges and depth + 1 < self.max_depth:
            outcome = reward + discount * self.simulate(node.edges[action][2], depth + 1, visits)
        else:
            child = self.make(int(self.model.successor[self.task, node.state, action]))
            if action in node.edges:
                child.returns = node.edges[action][2].returns
            leaf = max(child.prediction, self.floor)
            child.prediction = leaf
            child.returns.append(leaf)
            node.edges[action] = (reward, discount, child)
            outcome = reward + discount * leaf
        node.returns.append(outcome)
        return outcome

    def halving(self, n_actions: int) -> list[int]:
        """The visit count that the next root action must have, simulation after simulation."""
        if n_actions == 1:
            return list(range(self.simulations))
        counts, alive, plan = [0] * n_actions, n_actions, []
        while len(plan) < self.simulations:
            for _ in range(max(1, int(self.simulations / (math.ceil(math.log2(n_actions)) * alive)))):
                plan += counts[:alive]
                counts = [count + (place < alive) for place, count in enumerate(counts)]
            alive = max(2, alive // 2)
        return plan

    def completed(self, node: Node) -> list[float]:
        """Q of tried actions, the mixed value for the others; rescaled and weighted."""
        priors, tried = softmax(node.logits), sorted(node.edges)
        total = sum(node.counts())
        mixed = node.prediction
        if tried:
            mean = sum(priors[a] * node.q(a) for a in tried) / sum(priors[a] for a in tried)
            mixed = (node.prediction + total * mean) / (1 + total)
        q_values = [node.q(a) if a in node.edges else mixed for a in range(len(priors))]
        spread = max(max(q_values) - min(q_values), 1e-8)
        weight = (self.maxvisit_init + max(node.counts())) * self.value_scale
        return [weight * (q_value - min(q_values)) / spread for q_value in q_values]

    def gumbel_choice(self, node: Node, depth: int, visits: int) -> int:
        completed = self.completed(node)
        if depth == 0:
            pairs = zip(self.gumbel, node.logits, completed, strict=True)
            scores = dict(enumerate(sum(parts) for parts in pairs))
            return first_best({a: score for a, score in scores.items() if node.count(a) == visits})
        policy = softmax([logit + q_value for logit, q_value in zip(node.logits, completed, strict=True)])
        return first_best({a: share - node.count(a) / (1 + sum(node.counts())) for a, share in enumerate(policy)})

    def puct_choice(self, node: Node) -> int:
        seen = [node.value, *(node.q(a) for a in node.edges)]
        spread = max(max(seen) - min(seen), 1e-8)
        visits = len(node.returns)
        factor = 1.25 + math.log((visits + 19652 + 1) / 19652)
        scores = {}
        for action, prior in enumerate(softmax(node.logits)):
            worth = (node.q(action) - min(seen)) / spread if action in node.edges else 0.0
            scores[action] = worth + factor * prior * math.sqrt(visits) / (1 + node.count(action))
        return first_best(scores)

    def decide(self, root: Node) -> int:
        if self.puct:
            return first_best(dict(enumerate(map(float, root.counts()))))
        return self.gumbel_choice(root, 0, max(root.counts()))

    def policy(self, root: Node) -> list[float]:
        if self.puct:
            return [count / sum(root.counts()) for count in root.counts()]
        return softmax([logit + q_value for logit, q_value in zip(root.logits, self.completed(root), strict=True)])


def paths(node: Node, path: tuple[int, ...] = ()) -> dict[tuple[int, ...], tuple[int, float]]:
    """Visits and value of every node, by the actions that lead to it."""
    found = {path: (len(node.returns), node.value)}
    for action, (_, _, child) in node.edges.items():
        found.update(paths(child, (*path, action)))
    return found
