"""What cameras see of a layout: textured walls and floor, and a beacon at the goal. Nothing collides with it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np

from mazenav.env.bullet.engine import Client, quiet
from mazenav.env.bullet.walls import WALL_HEIGHT
from mazenav.topdown.occupancy import world_grid
from mazenav.topdown.palette import FLOOR, GOAL, WALL, Colour
from mazenav.types import GOAL_RADIUS

SEEN = ("sky", "floor", "wall", "goal", "body")
"""What the numbers of a segmentation mean."""
SKY, GROUND, STONE, BEACON, BODY = range(len(SEEN))

TEXELS = 128
"""Side of a texture, which covers one cell."""
SIDES = ((1, 0, 0.98), (0, 1, 0.86), (-1, 0, 0.74), (0, -1, 0.90))
"""Where the faces of walls look (x, y), and how bright they are: headings can be told apart."""


class Scenery:
    """Visual bodies of one layout in one client, built when somebody first looks."""

    def __init__(self, client: Client, metres_per_cell: float) -> None:
        self._client = client
        self._scale = metres_per_cell
        self._seen: dict[int, int] = {}
        self._built: tuple[bytes, bytes] | None = None
        self._textures: dict[str, int] = {}

    def show(self, walls: np.ndarray, goal: np.ndarray) -> dict[int, int]:
        """Stand the scenery of walls bool `[R, C]` and a goal `[2]` up, if it does not stand yet.

        Returns:
            What each of Bullet's bodies is, as an index of `SEEN`.
        """
        wanted = (walls.tobytes(), goal.tobytes())
        if wanted != self._built:
            for body in self._seen:
                self._client.removeBody(body)
            self._seen = {}
            self._floor(walls.shape)
            solid = np.pad(world_grid(walls), 1, constant_values=1)
            for x, y, light in SIDES:
                self._add(_faces(solid, x, y), "stone", light, STONE)
            self._add(_tops(solid), "top", 1.0, STONE)
            self._beacon(float(goal[0]), float(goal[1]))
            self._built = wanted
        return self._seen

    def _add(self, quads: np.ndarray, texture: str, light: float, seen: int) -> None:
        """One body of quads float `[Q, 4, 5]`: x, y, z in cells, u, v; corners counter-clockwise as one sees them."""
        if not len(quads):
            return
        client = self._client
        with tempfile.TemporaryDirectory() as folder, quiet():
            path = Path(folder) / "quads.obj"  # renderers other than Bullet's own know meshes from files only
            path.write_text(_wavefront(quads, self._scale))
            shape = client.createVisualShape(
                client.GEOM_MESH, fileName=str(path), rgbaColor=(light, light, light, 1), specularColor=(0, 0, 0)
            )
            body = client.createMultiBody(0, -1, shape)
        client.changeVisualShape(body, -1, textureUniqueId=self._texture(texture))
        self._seen[body] = seen

    def _floor(self, shape: tuple[int, ...]) -> None:
        rows, columns = shape
        quad = np.array([[[0, 0, 0, 0, 0], [columns, 0, 0, 1, 0], [columns, rows, 0, 1, 1], [0, rows, 0, 0, 1]]], float)
        self._add(quad, f"floor {rows} {columns}", 1.0, GROUND)

    def _beacon(self, x: float, y: float) -> None:
        """A disc as wide as the goal's reach, and a ball over it."""
        client, scale = self._client, self._scale
        colour = [channel / 255 for channel in GOAL]
        pale = [0.35 + 0.65 * channel for channel in colour]
        disc = client.createVisualShape(
            client.GEOM_CYLINDER, radius=GOAL_RADIUS * scale, length=0.02 * scale, rgbaColor=(*pale, 1)
        )
        pole = client.createVisualShape(
            client.GEOM_CYLINDER, radius=0.025 * scale, length=0.5 * scale, rgbaColor=(0.95, 0.94, 0.92, 1)
        )
        ball = client.createVisualShape(client.GEOM_SPHERE, radius=0.13 * scale, rgbaColor=(*colour, 1))
        for shape, height in ((disc, 0.012), (pole, 0.26), (ball, 0.52)):
            body = client.createMultiBody(0, -1, shape, (x * scale, y * scale, height * scale))
            self._seen[body] = BEACON

    def _texture(self, name: str) -> int:
        if name not in self._textures:
            kind, *size = name.split()
            picture = {"stone": _stone, "top": _top}[kind]() if not size else _tiles(int(size[0]), int(size[1]))
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "texture.png"
                cv2.imwrite(str(path), picture[..., ::-1])
                self._textures[name] = self._client.loadTexture(str(path))
        return self._textures[name]


def _wavefront(quads: np.ndarray, scale: float) -> str:
    """Quads float `[Q, 4, 5]` as text of a Wavefront .obj file, two triangles each, so many times as large."""
    normals = np.cross(quads[:, 1, :3] - quads[:, 0, :3], quads[:, 3, :3] - quads[:, 0, :3])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    lines = [f"v {x:.6g} {y:.6g} {z:.6g}" for x, y, z in (quads[..., :3].reshape(-1, 3) * scale).tolist()]
    lines += [f"vt {u:.6g} {v:.6g}" for u, v in quads[..., 3:].reshape(-1, 2).tolist()]
    lines += [f"vn {x:.6g} {y:.6g} {z:.6g}" for x, y, z in normals.tolist()]
    for quad in range(len(quads)):
        corners = [f"{4 * quad + corner}/{4 * quad + corner}/{quad + 1}" for corner in (1, 2, 3, 4)]
        lines += [f"f {' '.join(corners[:3])}", f"f {corners[0]} {corners[2]} {corners[3]}"]
    return "\n".join(lines) + "\n"


def _faces(solid: np.ndarray, x: int, y: int) -> np.ndarray:
    """Faces of walls that look along (x, y), one quad a cell, `[Q, 4, 5]`; `solid` has a ring of wall."""
    inner = solid[1:-1, 1:-1] == 0
    behind = np.roll(solid, (x, y), (0, 1))[1:-1, 1:-1] != 0  # free here, wall where the face looks from
    cells = np.argwhere(inner & behind).astype(float)
    centre = cells + 0.5 - 0.5 * np.array([x, y])
    right = 0.5 * np.array([-y, x])  # as seen from the free cell
    quads = np.zeros((len(cells), 4, 5))
    for corner, (side, height, u, v) in enumerate(((-1, 0, 0, 0), (1, 0, 1, 0), (1, 1, 1, 1), (-1, 1, 0, 1))):
        quads[:, corner, :2] = centre + side * right
        quads[:, corner, 2] = height * WALL_HEIGHT
        quads[:, corner, 3:] = (u, v)
    return quads


def _tops(solid: np.ndarray) -> np.ndarray:
    """The upper sides of walls, one quad a cell, `[Q, 4, 5]`."""
    cells = np.argwhere(solid != 0).astype(float) - 1
    quads = np.zeros((len(cells), 4, 5))
    for corner, (x, y) in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
        quads[:, corner, :2] = cells + np.array([x, y])
        quads[:, corner, 2] = WALL_HEIGHT
        quads[:, corner, 3:] = (x, y)
    return quads


def _grain(height: int, width: int, strength: float, seed: int) -> np.ndarray:
    """Soft noise `[H, W, 1]` around 1."""
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.normal(size=(height, width)).astype(np.float32), (0, 0), 1.2)
    return 1 + strength * noise[..., None] / max(float(noise.std()), 1e-6)


def _shade(colour: Colour, light: np.ndarray) -> np.ndarray:
    return np.clip(np.asarray(colour, np.float32) * light, 0, 255).astype(np.uint8)


def _stone() -> np.ndarray:
    """Courses of bricks, darker towards the floor, a pale band on top: uint8 `[TEXELS, TEXELS, 3]`."""
    light = np.ones((TEXELS, TEXELS, 1), np.float32)
    courses, joint = 5, 2
    height = TEXELS / courses
    rng = np.random.default_rng(7)
    for course in range(courses):
        low, high = round(course * height), round((course + 1) * height)
        shift = 0 if course % 2 else TEXELS // 4
        for brick in range(2):
            columns = (np.arange(TEXELS // 2) + brick * TEXELS // 2 + shift) % TEXELS
            light[low:high, columns] *= 1 + rng.uniform(-0.07, 0.07)
            light[low:high, columns[:joint]] *= 0.72
        light[low : low + joint] *= 0.72
    light *= np.linspace(1.12, 0.8, TEXELS, dtype=np.float32)[:, None, None]
    picture = _shade(_lighter(WALL, 0.32), light * _grain(TEXELS, TEXELS, 0.02, 1))
    picture[: TEXELS // 14] = _lighter(WALL, 0.62)
    return picture


def _top() -> np.ndarray:
    return _shade(_lighter(WALL, 0.12), _grain(TEXELS, TEXELS, 0.015, 2))


def _tiles(rows: int, columns: int) -> np.ndarray:
    """A floor of one tile a cell, in two shades, with joints: uint8 `[H, W, 3]`."""
    size = max(8, min(48, 4096 // max(rows, columns)))
    row, column = np.indices((rows, columns))
    light = np.where((row + column) % 2, 0.93, 0.84).astype(np.float32)
    light = np.kron(light, np.ones((size, size), np.float32))[..., None]
    light[::size] *= 0.88
    light[:, ::size] *= 0.88
    return _shade(FLOOR, light * _grain(rows * size, columns * size, 0.012, 3))


def _lighter(colour: Colour, share: float) -> Colour:
    red, green, blue = (round(channel + (255 - channel) * share) for channel in colour)
    return red, green, blue
