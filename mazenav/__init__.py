"""Zero-shot navigation from a map: generate mazes, train model-based agents, evaluate their transfer.

The names below are loaded when they are first used, so that `import mazenav` is quick.
`import mazenav.env` registers the Gymnasium environments.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mazenav.agent.loading import load_agent
    from mazenav.evaluation.metrics import summarise
    from mazenav.evaluation.protocol import make_tasks, run_tasks
    from mazenav.layout.formats.reading import read_layout, read_layouts
    from mazenav.layout.formats.writing import write_layouts, write_text
    from mazenav.layout.generate import generate, generate_batch, make_again
    from mazenav.layout.sets import load_set, resolve_layouts
    from mazenav.topdown.context import make_context
    from mazenav.topdown.picture_file import save_picture
    from mazenav.topdown.render import draw_episode, draw_map
    from mazenav.types import Episode, Layout, LayoutError, MazenavError, Pose, TaskContext

__version__ = "0.1.0"

_HOMES = {
    "Episode": "types",
    "Layout": "types",
    "LayoutError": "types",
    "MazenavError": "types",
    "Pose": "types",
    "TaskContext": "types",
    "draw_episode": "topdown.render",
    "draw_map": "topdown.render",
    "generate": "layout.generate",
    "generate_batch": "layout.generate",
    "load_agent": "agent.loading",
    "load_set": "layout.sets",
    "make_again": "layout.generate",
    "make_context": "topdown.context",
    "make_tasks": "evaluation.protocol",
    "read_layout": "layout.formats.reading",
    "read_layouts": "layout.formats.reading",
    "resolve_layouts": "layout.sets",
    "run_tasks": "evaluation.protocol",
    "save_picture": "topdown.picture_file",
    "summarise": "evaluation.metrics",
    "write_layouts": "layout.formats.writing",
    "write_text": "layout.formats.writing",
}

__all__ = [
    "Episode",
    "Layout",
    "LayoutError",
    "MazenavError",
    "Pose",
    "TaskContext",
    "__version__",
    "draw_episode",
    "draw_map",
    "generate",
    "generate_batch",
    "load_agent",
    "load_set",
    "make_again",
    "make_context",
    "make_tasks",
    "read_layout",
    "read_layouts",
    "resolve_layouts",
    "run_tasks",
    "save_picture",
    "summarise",
    "write_layouts",
    "write_text",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'mazenav' has no attribute {name!r}")
    value = getattr(import_module(f"mazenav.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
