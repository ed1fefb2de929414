"""Imports point down only, files and functions stay short: the table of the design, read with `ast`."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FILE_LINES = 400
FUNCTION_LINES = 60

NOUNS = {"types", "rng", "config", "data", "files"}
GROUND = {*NOUNS, "layout"}
MAY_IMPORT: dict[str, set[str]] = {
    "types": set(),
    "rng": {"types"},
    "data": {"types"},
    "files": {"types"},
    "config": {"types", "rng", "data", "files"},
    "layout": NOUNS,
    "topdown": GROUND,
    "picture": {*GROUND, "topdown"},
    "sim": {*GROUND, "topdown"},
    "env": {*GROUND, "topdown", "sim"},
    "model": {*GROUND, "topdown"},
    "planner": {*GROUND, "topdown", "model.interface"},
    "replay": {*GROUND, "topdown", "sim"},
    "agent": {*GROUND, "topdown", "sim", "model", "planner"},
    "evaluation": {*GROUND, "topdown", "sim", "env", "agent", "replay"},
    "bench": {*GROUND, "topdown", "picture", "sim", "env", "model", "planner", "agent", "replay", "evaluation"},
    "training": {*GROUND, "topdown", "sim", "env", "agent", "replay", "model", "planner", "evaluation"},
    "__main__": {"cli"},
    "cli": {*GROUND, "topdown", "sim", "env", "agent", "replay", "evaluation", "training", "picture", "bench"},
}
"""Which packages or modules of mazenav each package of mazenav may import, besides itself."""

NO_TORCH = ("types", "rng", "data", "files", "config", "layout", "topdown", "picture", "sim", "env")
NO_ENVIRONMENT = ("types", "rng", "data", "files", "config", "layout", "sim", "model", "planner")
FORBIDDEN: dict[str, tuple[str, ...]] = {
    "torch": NO_TORCH,
    "gymnasium": NO_ENVIRONMENT,
    "pybullet": NO_ENVIRONMENT,
    "cv2": ("types", "rng", "data", "files", "config", "model", "planner"),
    "pickle": tuple(MAY_IMPORT),
}
"""Third-party modules, and the packages that must not reach them, be it through other modules of mazenav."""


def modules(root: Path) -> dict[str, Path]:
    """Every module of `root/mazenav` by its dotted name."""
    found = {}
    for path in sorted((root / "mazenav").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """Dotted names that a module imports, at its head or inside functions; `from a import b` is `a.b` if a module."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{base}.{alias.name}" for alias in node.names}
            found |= {module for module in inner if module in known} or {base}
    return found


def import_breaches(root: Path) -> Iterator[str]:
    """What breaks `MAY_IMPORT` or `FORBIDDEN`, directly or through other modules."""
    known = modules(root)
    direct = {name: imports(name, path, known) for name, path in known.items()}
    direct["mazenav"] = set()  # its public names are loaded when they are first used
    for name, targets in direct.items():
        parts = name.split(".")
        if len(parts) == 1:
            continue
        layer = parts[1]
        if layer not in MAY_IMPORT:
            yield f"{name}: the table does not know the package {layer}"
            continue
        allowed = {layer, *MAY_IMPORT[layer]}
        for target in sorted(targets):
            if target.split(".")[0] == "mazenav" and not _covered(target, allowed):
                yield f"{name} imports {target}"
        reached = {target.split(".")[0] for target in reachable(name, direct)}
        for module, layers in FORBIDDEN.items():
            if layer in layers and module in reached:
                yield f"{name} reaches {module}"


def _covered(target: str, allowed: set[str]) -> bool:
    """Whether `mazenav.a.b` is one of the allowed modules, or lies inside one; `mazenav` itself is for everybody."""
    inner = target.split(".")[1:]
    return not inner or any(".".join(inner[:depth]) in allowed for depth in range(1, len(inner) + 1))


def reachable(name: str, direct: dict[str, set[str]]) -> set[str]:
    """Everything that importing a module may import in the end."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for target in direct.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def size_breaches(root: Path) -> Iterator[str]:
    """Files and functions over their caps, in the package, the scripts and the tests."""
    for folder in ("mazenav", "scripts", "tests"):
        for path in sorted((root / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            lines = len(text.splitlines())
            where = path.relative_to(root)
            if lines > FILE_LINES:
                yield f"{where} has {lines} lines"
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    length = (node.end_lineno or node.lineno) - node.lineno + 1
                    if length > FUNCTION_LINES:
                        yield f"{where}: {node.name} has {length} lines"


def test_imports_point_down() -> None:
    assert list(import_breaches(ROOT)) == []


def test_files_and_functions_are_short() -> None:
    assert list(size_breaches(ROOT)) == []


def test_every_package_holds_code() -> None:
    packages = {name.split(".")[1] for name in modules(ROOT) if name.count(".") >= 1}
    assert packages <= set(MAY_IMPORT), "the table must name every package"
    assert {"layout", "topdown", "sim", "env", "model", "planner", "agent", "replay"} <= packages


BAD: dict[str, tuple[str, str, str]] = {
    "upwards": ("layout/grid.py", "from mazenav.agent import thing", "mazenav.layout.grid imports mazenav.agent.thing"),
    "relative": ("sim/x.py", "from ..env import single", "mazenav.sim.x imports mazenav.env.single"),
    "inside a function": ("model/x.py", "def f():\n    import mazenav.sim", "mazenav.model.x imports mazenav.sim"),
    "a network": ("planner/x.py", "from mazenav.model import net", "mazenav.planner.x imports mazenav.model.net"),
    "evaluation sees a model": (
        "evaluation/x.py",
        "import mazenav.model.net",
        "mazenav.evaluation.x imports mazenav.model.net",
    ),
    "training is above": (
        "evaluation/x.py",
        "import mazenav.training",
        "mazenav.evaluation.x imports mazenav.training",
    ),
    "torch": ("sim/x.py", "import torch.nn as nn", "mazenav.sim.x reaches torch"),
    "torch through another": ("env/x.py", "import mazenav.topdown.drawn", "mazenav.env.x reaches torch"),
    "cv2": ("planner/x.py", "from cv2 import resize", "mazenav.planner.x reaches cv2"),
    "pickle": ("replay/x.py", "import pickle", "mazenav.replay.x reaches pickle"),
    "an unknown package": ("helpers/x.py", "", "mazenav.helpers.x: the table does not know the package helpers"),
}


def _tree(root: Path, files: dict[str, str]) -> None:
    for relative, text in files.items():
        path = root / "mazenav" / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")


@pytest.mark.parametrize("case", BAD)
def test_the_checker_finds_a_bad_import(case: str, tmp_path: Path) -> None:
    path, text, breach = BAD[case]
    innocent = ("agent/thing.py", "env/single.py", "model/net.py", "model/interface.py", "sim/__init__.py")
    _tree(tmp_path, {**dict.fromkeys(innocent, ""), "topdown/drawn.py": "import torch", path: text})
    assert breach in list(import_breaches(tmp_path))


def test_the_checker_lets_good_imports_pass(tmp_path: Path) -> None:
    _tree(
        tmp_path,
        {
            "__init__.py": "",
            "types.py": "import numpy",
            "model/interface.py": "import torch",
            "planner/search.py": "from mazenav.model.interface import LatentModel\nfrom mazenav.model import interface",
            "agent/navigator.py": "from mazenav.planner.search import search\nfrom mazenav import types",
            "training/loop.py": "from mazenav.agent.navigator import Navigator\nimport mazenav.model.interface",
        },
    )
    assert list(import_breaches(tmp_path)) == []


def test_the_checker_finds_long_files_and_functions(tmp_path: Path) -> None:
    body = "\n".join("    x = 1" for _ in range(FUNCTION_LINES))
    _tree(tmp_path, {"types.py": "x = 1\n" * (FILE_LINES + 1), "rng.py": f"def f():\n{body}\n"})
    assert sorted(size_breaches(tmp_path)) == [
        f"mazenav/rng.py: f has {FUNCTION_LINES + 1} lines",
        f"mazenav/types.py has {FILE_LINES + 1} lines",
    ]
