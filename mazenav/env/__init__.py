"""Gymnasium environments; importing this package registers them.

Gymnasium loads no plugins of its own accord, so either import `mazenav.env` first, or let `gymnasium.make` do it:
`gymnasium.make("mazenav.env:mazenav/PointNav-v0")`.
"""

from __future__ import annotations

import gymnasium

POINT_NAV = "mazenav/PointNav-v0"
LAB_NAV = "mazenav/LabNav-v0"
BULLET_NAV = "mazenav/BulletNav-v0"

if POINT_NAV not in gymnasium.registry:
    gymnasium.register(
        id=POINT_NAV,
        entry_point="mazenav.env.single:PointNav",
        vector_entry_point="mazenav.env.vector:PointNavVector",
    )
if LAB_NAV not in gymnasium.registry:
    gymnasium.register(
        id=LAB_NAV,
        entry_point="mazenav.env.first_person:LabNav",
        vector_entry_point="mazenav.env.first_person:LabNavVector",
    )
if BULLET_NAV not in gymnasium.registry:
    gymnasium.register(
        id=BULLET_NAV,
        entry_point="mazenav.env.bullet.single:BulletNav",
        vector_entry_point="mazenav.env.bullet.vector:BulletNavVector",
    )
