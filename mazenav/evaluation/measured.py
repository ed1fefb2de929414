"""Measurements that take long, kept in a JSON file: what is there and was made alike is not measured again."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mazenav.config import read_toml
from mazenav.files import write_text_whole
from mazenav.types import MazenavError

Row = dict[str, Any]


class Measured:
    """Rows by name, each with what it was `made_of` and the commit it was measured at; written after every one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, Row] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.asked: list[str] = []

    def row(self, name: str, made_of: Mapping[str, Any], measure: Callable[[], Row]) -> Row:
        """The row of a name: as held if it was made of the same, else as measured now."""
        self.asked.append(name)
        wanted = json.loads(json.dumps(made_of))
        if self.rows.get(name, {}).get("made_of") != wanted:
            self.rows[name] = {**measure(), "made_of": wanted, "commit": commit()}
            self.write()
        return self.rows[name]

    def held(self, name: str) -> Row:
        """The row of a name as it was measured before, for want of the agent.

        Raises:
            MazenavError: if there is none.
        """
        if name not in self.rows:
            raise MazenavError(f"{name.partition(' | ')[0]} holds no trained agent, and {self.path} no row {name!r}")
        self.asked.append(name)
        return self.rows[name]

    def write(self) -> None:
        """Write all rows, one a line."""
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in self.rows.items())
        write_text_whole(self.path, f"{{\n{lines}\n}}\n")

    def commits(self) -> str:
        """The commits that the rows asked for were measured at."""
        return ", ".join(sorted({self.rows[name]["commit"] for name in self.asked}))

    def origin(self) -> str:
        """Where a page of the rows asked for comes from, in Markdown: this command, and the commits of the rows."""
        return f"Measured by `{shlex.join(['python', *sys.argv])}`\nat commit {self.commits()}"

    def how_trained(self, methods: Mapping[str, Sequence[str]]) -> str:
        """Markdown: how many seeds each way of training has, and how long each took; ways of the same agents together.

        Args:
            methods: name -> folders of agents, one a training seed, each perhaps with @N for N simulations.

        Raises:
            MazenavError: if a folder holds no agent, and none is remembered.
        """
        same: dict[tuple[str, ...], list[str]] = {}
        for method, specs in methods.items():
            same.setdefault(tuple(spec.partition("@")[0] for spec in specs), []).append(method)
        lines = []
        for folders, names in same.items():
            made = [self._made(folder) for folder in folders]
            seeds = "1 seed" if len(made) == 1 else f"{len(made)} seeds"
            minutes = [round(seconds / 60) for entry in made for seconds in entry["seconds"]]
            took = " to ".join(map(str, sorted({min(minutes), max(minutes)}))) + " minutes"
            each = " each" if len(made) > 1 else ""
            lines.append(f"- {', '.join(names)}: {seeds}, {made[0]['iterations']} iterations, {took}{each}")
        return "\n".join(lines)

    def _made(self, folder: str) -> Row:
        """How an agent was trained: its iterations, and its seconds from and to; remembered among the rows."""
        name = f"{folder} | made"
        if at_hand(folder) or name not in self.rows:
            made = read_toml(Path(folder, "config.toml"))["made"]
            row = {"iterations": made["iterations"], "seconds": [made["seconds"]] * 2}
            if self.rows.get(name) != row:
                self.rows[name] = row
                self.write()
        return self.rows[name]


def at_hand(folder: str | Path) -> bool:
    """Whether a folder holds a trained agent."""
    return Path(folder, "weights.safetensors").is_file()


def commit() -> str:
    """The commit that this package's files are at, marked where they were changed; empty outside of a repository."""
    package = Path(__file__).parents[1]

    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *arguments], cwd=package, capture_output=True, text=True, check=False)

    at = git("rev-parse", "--short", "HEAD").stdout.strip()
    return f"{at}-dirty" if at and git("diff", "--quiet", "HEAD", "--", ".").returncode else at
