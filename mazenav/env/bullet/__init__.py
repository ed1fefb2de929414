"""`mazenav/BulletNav-v0`: the mazes of `PointNav` as rigid bodies in PyBullet, with cameras and a robot.

Lengths, times and headings are those of the rest of the package: one cell, one second of DeepMind Lab's engine, yaw
counter-clockwise from +x. Each robot says how many metres and seconds of Bullet's they stand for. PyBullet is an extra
(`mazenav[bullet]`; there are wheels up to Python 3.11) and imported when the first world is made.
"""
