"""Importing the package is cheap, and its public names are all there."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import mazenav

HEAVY = ("torch", "pybullet", "gymnasium", "cv2", "numba", "scipy", "matplotlib", "tyro")


def _loaded_by(statement: str) -> set[str]:
    """Which heavy modules a fresh interpreter holds after a statement."""
    code = f"import sys\n{statement}\nprint(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert _loaded_by("import mazenav") == set()


def test_the_probe_sees_a_heavy_module() -> None:
    assert "numba" in _loaded_by("import mazenav, numba")


def test_layouts_simulator_and_environments_do_without_torch() -> None:
    modules = ("layout.generate", "layout.sets", "topdown.render", "sim.batch", "env")
    assert "torch" not in _loaded_by("\n".join(f"import mazenav.{module}" for module in modules))


def test_help_loads_nothing_heavy() -> None:
    statement = "import contextlib, io\nfrom mazenav.cli.main import main\n"
    statement += "with contextlib.redirect_stdout(io.StringIO()): main(['--help'])"
    assert _loaded_by(statement) <= {"tyro"}


@pytest.mark.parametrize("name", mazenav.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(mazenav, name) is not None
    assert name in dir(mazenav)


@pytest.mark.parametrize("name", sorted(set(mazenav.__all__) - {"__version__"}))
def test_a_public_name_is_the_one_of_its_module(name: str) -> None:
    home = importlib.import_module(f"mazenav.{mazenav._HOMES[name]}")
    assert getattr(mazenav, name) is getattr(home, name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = mazenav.nonsense


def test_gymnasium_makes_the_environment_once_env_is_imported() -> None:
    gymnasium = importlib.import_module("gymnasium")
    importlib.import_module("mazenav.env")
    assert "mazenav/PointNav-v0" in gymnasium.registry
