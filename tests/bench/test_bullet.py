"""The rows of Bullet's environments, measured for a moment."""

from __future__ import annotations

import pytest

pytest.importorskip("pybullet", reason="there are no wheels of PyBullet for this Python")

from mazenav.bench import bullet


def test_every_row_has_a_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bullet, "SCALE", 100)
    monkeypatch.setattr(bullet, "MAZES", 2)
    rows = [measure() for measure in bullet.bullet_rows()]
    assert len(rows) == 4
    assert all(row.ours > 0 and not row.missing for row in rows)
    assert all(row.ratio(name) > 0 for row in rows for name in row.others)


def test_boxes_by_hand_are_the_walls_and_their_ring() -> None:
    client, walls = bullet.Client(), bullet.grids()[0]
    assert len(bullet.boxes_by_hand(client, walls)) == walls.sum() + 2 * sum(walls.shape) + 4
    client.close()
