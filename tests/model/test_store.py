"""A network on disk comes back as it was, and a folder that cannot be used says why in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from mazenav.config import from_table
from mazenav.model import store
from mazenav.model.network import Network
from mazenav.model.store import CONFIG, WEIGHTS, load_network, save_network
from mazenav.planner.settings import SearchConfig
from mazenav.types import MazenavError
from tests.model.small import SMALL, bound, random_latents, random_maps, small_network

TABLES = {"search": SearchConfig(simulations=8, max_depth=5), "made": {"seconds": 1.5, "note": 'a "quoted" word'}}
GOALS = torch.tensor([[2, 3], [5, 1]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_network(tmp_path / "agent", small_network(3), TABLES)
    return tmp_path / "agent"


def outputs(network: Network) -> list[torch.Tensor]:
    """All that a network says of two tasks."""
    maps, latent, context = random_maps(1, 2, 7, 9), random_latents(2, 12, 7, 9), torch.arange(12) % 2
    with torch.no_grad():
        model = bound(network, maps, GOALS)
        return [
            *network.hypermodel(maps),
            model.first_layer.vectors,
            *model.around,
            *model.step(latent, context + 1, context),
            *model.predict(latent, context),
        ]


def test_a_round_trip_gives_the_same_outputs(folder: Path) -> None:
    loaded, _ = load_network(folder)
    assert isinstance(loaded, Network) and loaded.config == SMALL and not loaded.training
    for mine, stored in zip(outputs(small_network(3)), outputs(loaded), strict=True):
        assert torch.equal(mine, stored)
    different = [
        not torch.equal(one, other) for one, other in zip(outputs(small_network(4)), outputs(loaded), strict=True)
    ]
    assert sum(different) > 5, "another network says something else"


def test_a_network_of_another_shape_comes_back_by_its_own_config(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = Network(replace(SMALL, channels=4, reach=1, prediction_depth=1, mirror=(0, 1, 2, 3)))
    save_network(tmp_path, network, {})
    loaded, _ = load_network(tmp_path)
    assert isinstance(loaded, Network) and loaded.config == network.config
    assert all(torch.equal(one, other) for one, other in zip(outputs(network), outputs(loaded), strict=True))


def test_what_else_is_known_travels_along(folder: Path) -> None:
    _, settings = load_network(folder)
    assert settings["made"] == TABLES["made"]
    assert from_table(SearchConfig, settings["search"], "here") == TABLES["search"]
    assert sorted(path.name for path in folder.iterdir()) == [CONFIG, WEIGHTS]


def test_saving_again_replaces(folder: Path) -> None:
    save_network(folder, small_network(9), {})
    loaded, settings = load_network(folder)
    assert isinstance(loaded, Network) and set(settings) == {"format", "model"}
    assert all(torch.equal(one, other) for one, other in zip(outputs(small_network(9)), outputs(loaded), strict=True))
    assert sorted(path.name for path in folder.iterdir()) == [CONFIG, WEIGHTS]


@pytest.mark.parametrize("error", [SafetensorError("no space left on device"), OSError(28, "No space left on device")])
def test_a_full_disk_loses_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def half(tensors: dict[str, torch.Tensor], path: Path, metadata: dict[str, str]) -> None:
        path.write_bytes(b"half")
        raise error

    monkeypatch.setattr(store, "save_file", half)
    with pytest.raises(MazenavError, match=r"^cannot write .*weights\.safetensors: [Nn]o space left on device$"):
        save_network(folder, small_network(4), {})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    with pytest.raises(MazenavError, match=r"^cannot write .*weights\.safetensors: "):
        save_network(tmp_path / "file", small_network(), {})
    assert (tmp_path / "file").read_text() == "precious"


def _tensors(change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        stored = load_file(folder / WEIGHTS)
        change(stored)
        save_file(stored, folder / WEIGHTS)

    return spoil


def _config(old: str, new: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        text = (folder / CONFIG).read_text()
        assert text.count(old) == 1
        (folder / CONFIG).write_text(text.replace(old, new))

    return spoil


def _shorten(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])


NAME = "prediction.residual.bias"
SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut at the end": (lambda f: _shorten(f / WEIGHTS, -1), f"{{}}/{WEIGHTS} is not a whole safetensors file: "),
    "cut in the header": (lambda f: _shorten(f / WEIGHTS, 40), f"{{}}/{WEIGHTS} is not a whole safetensors file: "),
    "empty": (lambda f: _shorten(f / WEIGHTS, 0), f"{{}}/{WEIGHTS} is not a whole safetensors file: "),
    "a pickle": (
        lambda f: torch.save({"a": torch.zeros(3)}, f / WEIGHTS),
        f"{{}}/{WEIGHTS} is not a whole safetensors file: ",
    ),
    "no weights": (lambda f: (f / WEIGHTS).unlink(), f"cannot read {{}}/{WEIGHTS}: No such file or directory"),
    "no config": (
        lambda f: (f / CONFIG).unlink(),
        f"{{}} holds no trained agent (a folder with {CONFIG} and {WEIGHTS} is expected)",
    ),
    "a tensor missing": (_tensors(lambda t: t.pop(NAME)), f"{{}}/{WEIGHTS}: tensor {NAME} is missing"),
    "a tensor too many": (
        _tensors(lambda t: t.update(spare=torch.zeros(2))),
        f"{{}}/{WEIGHTS}: tensor spare is not one of this network",
    ),
    "another shape": (
        _tensors(lambda t: t.update({NAME: torch.zeros(5)})),
        f"{{}}/{WEIGHTS}: tensor {NAME} of shape (4,) is expected, found (5,)",
    ),
    "not a number": (
        _tensors(lambda t: t[NAME].fill_(torch.nan)),
        f"{{}}/{WEIGHTS}: tensor {NAME} holds values that are not finite",
    ),
    "infinite": (
        _tensors(lambda t: t[NAME].fill_(-torch.inf)),
        f"{{}}/{WEIGHTS}: tensor {NAME} holds values that are not finite",
    ),
    "a newer format": (_config("format = 1", "format = 2"), f"{{}}/{CONFIG}: format 1 is expected, found 2"),
    "no format": (_config("format = 1", ""), f"{{}}/{CONFIG}: format 1 is expected, found none"),
    "an unknown field": (
        _config("rank = 8", "rank = 8\nwings = 2"),
        f"{{}}/{CONFIG}, table [model]: no field is called 'wings' (there are blind, body_channels, channels, ",
    ),
    "a wrong type": (
        _config("rank = 8", 'rank = "8"'),
        f"{{}}/{CONFIG}, table [model], field rank: int is expected, found '8'",
    ),
    "no model": (_config("[model]", "[mode]"), f"{{}}/{CONFIG}, table [model]: a table is expected, found None"),
    "no TOML": (lambda f: (f / CONFIG).write_text("= ["), f"{{}}/{CONFIG} is not a TOML file: "),
    "no text": (lambda f: (f / CONFIG).write_bytes(b"\x80\xff"), f"{{}}/{CONFIG} is not a TOML file: "),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_folder_is_one_sentence(case: str, folder: Path) -> None:
    spoil, beginning = SPOILT[case]
    spoil(folder)
    with pytest.raises(MazenavError) as error:
        load_network(folder)
    assert str(error.value).startswith(beginning.format(folder))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["nothing", "file", "empty"])
def test_not_a_checkpoint_at_all(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MazenavError) as error:
        load_network(tmp_path / name)
    expected = f"{tmp_path / name} holds no trained agent (a folder with {CONFIG} and {WEIGHTS} is expected)"
    assert str(error.value) == expected
